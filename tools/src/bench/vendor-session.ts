import { openPacketCapture, UdpExtractor } from '@tickerplant/capture';
import { parseDay, TickerError } from '@tickerplant/core';
import { IEX_TOPS, IexSimulator } from '@tickerplant/feed-iex';
import { createPacketHeader } from '@tickerplant/sequence';

const FIRST_BYTES = 1 << 20;

/** A vendor's messages in memory, as they stand in its packets: runs of blocks, one a packet. */
export class VendorSession {
  /** All blocks, one after the other. */
  bytes: Buffer = Buffer.alloc(FIRST_BYTES);
  /** Where each run begins; it ends where the next one begins, the last one at `end`. */
  readonly starts: number[] = [];
  readonly counts: number[] = [];
  end = 0;
  messages = 0;

  /** Adds the blocks `bytes[start, end)`. */
  add(bytes: Uint8Array, start: number, end: number, count: number): void {
    const length = end - start;
    if (this.end + length > this.bytes.length) {
      const grown = Buffer.alloc(Math.max(2 * this.bytes.length, this.end + length));
      grown.set(this.bytes.subarray(0, this.end));
      this.bytes = grown;
    }
    this.bytes.set(bytes.subarray(start, end), this.end);
    this.starts.push(this.end);
    this.counts.push(count);
    this.end += length;
    this.messages += count;
  }
}

/** The trading day of the recorded session, and of the simulated one. */
export const IEX_DAY: number = parseDay('2017-07-10');

/** Reads a recorded IEX session. @throws TickerError `CAPTURE_…` */
export async function recordedIexSession(path: string): Promise<VendorSession> {
  const session = new VendorSession();
  const extractor = new UdpExtractor();
  const framing = IEX_TOPS.createFraming();
  const header = createPacketHeader();
  const capture = await openPacketCapture(path);
  await capture.read((packet) => {
    const payload = extractor.extract(packet)?.payload();
    if (payload === undefined || framing.parse(payload, payload.length, header) !== undefined) return;
    if (header.count > 0) session.add(payload, header.blocksStart, header.blocksEnd, header.count);
  });
  if (session.messages === 0) throw new TickerError('BENCH_NO_MESSAGES', 'expected IEX messages', { file: path });
  return session;
}

/** A simulated IEX day of about `messages` messages. */
export function simulatedIexSession(messages: number): VendorSession {
  const session = new VendorSession();
  const framing = IEX_TOPS.createFraming();
  const header = createPacketHeader();
  const seconds = 10;
  const eventsPerSecond = messages / 1.5 / seconds;
  const regularNs = 0.8 * seconds * 1e9;
  const simulator = new IexSimulator(
    { seed: 1, symbols: 100, day: IEX_DAY, eventsPerSecond, regularNs, preMarketNs: 1e9, postMarketNs: 1e9 },
    (line, bytes, length) => {
      if (line !== 0 || framing.parse(bytes, length, header) !== undefined || header.count === 0) return;
      session.add(bytes, header.blocksStart, header.blocksEnd, header.count);
    },
  );
  simulator.advance(simulator.endNs);
  return session;
}
