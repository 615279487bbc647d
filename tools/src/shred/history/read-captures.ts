import { type CapturedPacket, openPacketCapture, type PacketCapture, UdpExtractor } from '@tickerplant/capture';
import { TickerError } from '@tickerplant/core';
import { PageHistory, type PageHistoryListener } from './page-history.ts';

/** When captures begin: their times are counted from there. */
export interface CaptureStart {
  /** UTC in whole seconds since 1970. */
  readonly seconds: number;
}

/** What a reading of captures tells, and asks. */
export interface CaptureReading {
  /** Called once, before anything else. @returns who is told of the pages */
  start(start: CaptureStart): PageHistoryListener;
  /** Called after each packet: a promise is waited for; `stop` ends the reading. */
  ready?(history: PageHistory, nowNs: number): Promise<void> | 'stop' | undefined;
}

/** What came of reading captures. */
export interface CaptureResult {
  readonly history: PageHistory;
  /** Files that could not be read to their end: `day.pcap: …`. */
  readonly cut: readonly string[];
  /** Packets that carry no time: they are passed over. */
  readonly untimed: number;
}

/** One of the files, with the packet that comes next in it. */
interface Source {
  readonly path: string;
  readonly capture: PacketCapture;
  readonly packets: AsyncIterator<CapturedPacket>;
  /** Borrowed. */
  next: CapturedPacket | undefined;
}

/**
 * Reads captures of one or both networks, one after the other or of the same time: what they hold is taken in the order of its
 * times.
 *
 * @throws TickerError of the capture package; `SHRED_NO_PACKETS` where no file holds a packet with a time.
 */
export async function readCaptures(paths: readonly string[], reading: CaptureReading): Promise<CaptureResult> {
  const sources: Source[] = [];
  let untimed = 0;
  const advance = async (source: Source): Promise<void> => {
    do {
      const { done, value } = await source.packets.next();
      source.next = done === true ? undefined : value;
      if (source.next?.hasTime === false) untimed++;
    } while (source.next?.hasTime === false);
  };
  try {
    for (const path of paths) {
      const capture = await openPacketCapture(path);
      const source: Source = { path, capture, packets: capture[Symbol.asyncIterator](), next: undefined };
      sources.push(source);
      await advance(source);
    }
    const first = earliest(sources)?.next;
    if (first === undefined) {
      throw new TickerError('SHRED_NO_PACKETS', `expected packets with times in ${paths.join(', ')}, got none`);
    }
    const { seconds } = first;
    const history = new PageHistory(reading.start({ seconds }));
    const extractor = new UdpExtractor();
    let nowNs = 0;
    for (let source = earliest(sources); source?.next !== undefined; source = earliest(sources)) {
      const packet = source.next;
      // The hosts' clocks are set now and then: time does not go back.
      nowNs = Math.max(nowNs, (packet.seconds - seconds) * 1e9 + packet.nanoseconds);
      const datagram = extractor.extract(packet);
      if (datagram !== undefined) {
        const payload = datagram.payload();
        history.packet(`${datagram.destinationAddress}:${datagram.destinationPort}`, payload, payload.length, nowNs);
        const answer = reading.ready?.(history, nowNs);
        if (answer === 'stop') break;
        if (answer !== undefined) await answer;
      }
      await advance(source);
    }
    history.finish();
    const cut = sources.flatMap(({ path, capture }) => {
      const { fault } = capture.summary();
      return fault === undefined ? [] : [`${path}: ${fault.message}`];
    });
    return { history, cut, untimed };
  } finally {
    for (const { packets } of sources) await packets.return?.();
  }
}

/** The source whose next packet is the earliest; of equally early ones the first. */
function earliest(sources: readonly Source[]): Source | undefined {
  let found: Source | undefined;
  for (const source of sources) {
    if (source.next !== undefined && (found?.next === undefined || isBefore(source.next, found.next))) found = source;
  }
  return found;
}

function isBefore(a: CapturedPacket, b: CapturedPacket): boolean {
  return a.seconds < b.seconds || (a.seconds === b.seconds && a.nanoseconds < b.nanoseconds);
}
