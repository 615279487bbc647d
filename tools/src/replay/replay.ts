import { type CapturedMessage, type CapturedPacket, openCapture, UdpExtractor } from '@tickerplant/capture';
import { readU48BE, systemClock, TickerError } from '@tickerplant/core';
import { MoldSender, writeNumbers } from '@tickerplant/moldudp64';
import { createPacketHeader } from '@tickerplant/sequence';
import type { FeedTool } from '../feeds.ts';
import type { RequestAnswers } from '../vendor/request-answers.ts';
import type { VendorLines } from '../vendor/vendor-lines.ts';
import { Pacer, type Speed } from './pacer.ts';

export interface ReplayOptions {
  readonly path: string;
  readonly tool: FeedTool;
  readonly lines: VendorLines;
  readonly answers: RequestAnswers | undefined;
  readonly speed: Speed;
  /** Only packets sent to this `group:port`; undefined: those of the first stream of the feed in the capture. */
  readonly only: string | undefined;
  /** How often the whole capture is sent; each time as a new session. */
  readonly times: number;
  /** How long to go on with heartbeats and answers when all is sent, ms. */
  readonly lingerMs: number;
  /** Stops the replay. */
  readonly signal: AbortSignal;
}

export interface ReplayResult {
  /** Packets of the feed sent (on each line, but for losses). */
  packets: number;
  messages: number;
  /** Records that were passed over: other streams, other protocols. */
  skipped: number;
  seconds: number;
}

const HEARTBEAT_MS = 200;
/** In files of bare ITCH messages: where the time of day stands. */
const ITCH_TIMESTAMP = 5;
const FILE_SESSION = 'REPLAY0001';

/**
 * Sends a capture as its vendor did: the same packets on each line, at the original pace or a multiple of it,
 * with a request server that answers for what has been sent.
 *
 * @throws TickerError of the capture package; `TOOLS_NOTHING_TO_REPLAY`
 */
export async function replay(options: ReplayOptions): Promise<ReplayResult> {
  const result: ReplayResult = { packets: 0, messages: 0, skipped: 0, seconds: 0 };
  const started = systemClock.monotonicNs();
  let last: Uint8Array | undefined;
  for (let pass = 0; pass < options.times && !options.signal.aborted; pass++) {
    last = (await new Pass(options, pass, result).run()) ?? last;
  }
  result.seconds = (systemClock.monotonicNs() - started) / 1e9;
  if (last === undefined) {
    const name = options.tool.protocol.name;
    throw new TickerError('CAPTURE_NO_PACKETS', `expected packets of the feed ${name}, found none`, {
      file: options.path,
    });
  }
  const until = systemClock.monotonicNs() + options.lingerMs * 1e6;
  while (!options.signal.aborted && systemClock.monotonicNs() < until) {
    options.lines.send(last, last.length);
    await new Promise((resolve) => setTimeout(resolve, HEARTBEAT_MS));
  }
  return result;
}

/** One time through the capture. */
class Pass {
  readonly #options: ReplayOptions;
  readonly #pass: number;
  readonly #result: ReplayResult;
  readonly #pacer: Pacer;
  readonly #framing;
  readonly #header = createPacketHeader();
  readonly #extractor = new UdpExtractor();
  #only: string | undefined;
  #next = 1;
  #lastPacket: Uint8Array | undefined;

  constructor(options: ReplayOptions, pass: number, result: ReplayResult) {
    this.#options = options;
    this.#pass = pass;
    this.#result = result;
    this.#only = options.only;
    this.#framing = options.tool.protocol.createFraming();
    const { lines, speed } = options;
    this.#pacer = new Pacer(
      speed,
      () => systemClock.monotonicNs(),
      () => lines.queued,
    );
  }

  /** @returns a heartbeat that says what came last; undefined if the capture holds nothing of the feed. */
  async run(): Promise<Uint8Array | undefined> {
    const capture = await openCapture(this.#options.path);
    if (capture.kind === 'packets') {
      for await (const packet of capture) {
        if (this.#options.signal.aborted) break;
        await this.#pacer.due(packet.timeNs);
        this.#packet(packet);
      }
    } else {
      const mold = this.#moldSender();
      for await (const message of capture) {
        if (this.#options.signal.aborted) break;
        const wait = this.#pacer.due(messageTime(message));
        if (wait !== undefined) {
          mold.flush(systemClock.monotonicNs());
          await wait;
        }
        mold.append(message.bytes, message.start, message.end);
        this.#result.messages++;
      }
      mold.flush(systemClock.monotonicNs());
      this.#next = mold.next;
    }
    return this.#lastPacket === undefined ? undefined : this.#heartbeat(this.#lastPacket);
  }

  #packet(packet: CapturedPacket): void {
    const datagram = this.#extractor.extract(packet);
    if (datagram === undefined) {
      this.#result.skipped++;
      return;
    }
    const payload = Buffer.from(datagram.payload());
    const header = this.#header;
    const stream = `${datagram.destinationAddress}:${datagram.destinationPort}`;
    if (
      (this.#only !== undefined && stream !== this.#only) ||
      this.#framing.parse(payload, payload.length, header) !== undefined
    ) {
      this.#result.skipped++;
      return;
    }
    this.#only ??= stream;
    this.#renameSession(payload);
    this.#result.messages += header.count;
    this.#next = header.seq + header.count;
    this.#send(payload, payload.length);
  }

  #send(bytes: Uint8Array, length: number): boolean {
    this.#result.packets++;
    this.#options.answers?.published(bytes, length);
    this.#lastPacket = Buffer.from(bytes.subarray(0, Math.min(length, 64)));
    return this.#options.lines.send(bytes, length);
  }

  #moldSender(): MoldSender {
    const session = `${FILE_SESSION.slice(0, 6)}${String(this.#pass + 1).padStart(4, '0')}`;
    return new MoldSender({ session, emit: (buffer, length) => this.#send(buffer, length) });
  }

  /** Later passes are new sessions: the last bytes of the name count on. */
  #renameSession(packet: Uint8Array): void {
    if (this.#pass === 0) return;
    const { sessionOffset, sessionLength } = this.#framing;
    if (this.#framing.littleEndianLengths) {
      // IEX-TP: the session id is the last four bytes, little-endian.
      const at = sessionOffset + sessionLength - 4;
      packet[at] = (packet[at]! + this.#pass) & 0xff;
    } else {
      const at = sessionOffset + sessionLength - 2;
      const text = (this.#pass % 1296).toString(36).toUpperCase().padStart(2, '0');
      packet[at] = text.charCodeAt(0);
      packet[at + 1] = text.charCodeAt(1);
    }
  }

  /** A packet without messages, made from the header of the last one. */
  #heartbeat(last: Uint8Array): Uint8Array {
    if (!this.#framing.littleEndianLengths) {
      const packet = Buffer.from(last.subarray(0, 20));
      writeNumbers(packet, 0, this.#next, 0);
      return packet;
    }
    const packet = Buffer.from(last.subarray(0, 40));
    const payload = packet.readUInt16LE(12);
    packet.writeUInt16LE(0, 12);
    packet.writeUInt16LE(0, 14);
    packet.writeBigInt64LE(packet.readBigInt64LE(16) + BigInt(payload), 16);
    packet.writeBigInt64LE(BigInt(this.#next), 24);
    return packet;
  }
}

/** The vendor's time of day of a bare ITCH message. */
function messageTime({ bytes, start, end }: CapturedMessage): bigint | undefined {
  return end - start < ITCH_TIMESTAMP + 6 ? undefined : BigInt(readU48BE(bytes, start + ITCH_TIMESTAMP));
}
