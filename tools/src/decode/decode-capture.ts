import { createHash, type Hash } from 'node:crypto';
import {
  type CapturedMessage,
  type CapturedPacket,
  type CaptureEnd,
  openCapture,
  STOP,
  type UdpDatagram,
  UdpExtractor,
} from '@tickerplant/capture';
import { toHex } from '@tickerplant/core';
import { createPacketHeader } from '@tickerplant/sequence';
import type { FeedTool } from '../feeds.ts';
import { StreamFacts, type StreamReport } from './stream-facts.ts';

/** One message with where it stood; refilled, borrowed. */
export interface DecodedMessage {
  /** Number of the message in the file, from 1. */
  n: number;
  /** Number of the record, from 1; 0 in files of bare messages. */
  pkt: number;
  timeNs: bigint | undefined;
  destination: string;
  seq: number;
  packet: Uint8Array;
  /** Where its two bytes of length stand; the message follows. */
  bytes: Uint8Array;
  start: number;
  length: number;
}

/** Facts of a whole file. */
export interface DecodeCounts {
  readonly file: string;
  readonly feed: string;
  readonly format: string;
  readonly packets: number;
  readonly messages: number;
  readonly packetsWithoutMessages: number;
  /** By the protocol's own type code. */
  readonly messagesByType: Readonly<Record<string, number>>;
  /** Over all messages with their two bytes of length, in the file's order. */
  readonly messagesSha256: string;
  readonly firstTime: string | null;
  readonly lastTime: string | null;
  readonly streams: Readonly<Record<string, StreamReport>>;
  /** Records that hold no packet of the feed, by reason. */
  readonly undecoded: Readonly<Record<string, number>>;
  /** Messages that could not be read, by reason. */
  readonly faults: number;
  /** Why the file ended before its end, if it did. */
  readonly cut: string | null;
}

/** Decodes a capture: tells of every message, and counts. */
export class CaptureDecoder {
  readonly #tool: FeedTool;
  readonly #onMessage: ((message: DecodedMessage) => void) | undefined;
  readonly #onRecord: (() => unknown) | undefined;
  readonly #hash: Hash = createHash('sha256');
  readonly #streams = new Map<string, StreamFacts>();
  readonly #types = new Map<number, number>();
  readonly #undecoded = new Map<string, number>();
  readonly #message: DecodedMessage = {
    n: 0,
    pkt: 0,
    timeNs: undefined,
    destination: '',
    seq: 0,
    packet: new Uint8Array(0),
    bytes: new Uint8Array(0),
    start: 0,
    length: 0,
  };
  #packets = 0;
  #empty = 0;
  #faults = 0;
  #first: bigint | undefined;
  #last: bigint | undefined;

  /**
   * @param onMessage each message, borrowed.
   * @param onRecord called before each record: a promise is waited for, `STOP` ends the reading.
   */
  constructor(tool: FeedTool, onMessage?: (message: DecodedMessage) => void, onRecord?: () => unknown) {
    this.#tool = tool;
    this.#onMessage = onMessage;
    this.#onRecord = onRecord;
  }

  /** @throws TickerError of the capture package: file missing, unreadable, of no known format. */
  async run(path: string): Promise<DecodeCounts> {
    const capture = await openCapture(path);
    if (capture.kind === 'messages') {
      const stream = this.#stream('file');
      return this.#report(path, capture.format, await this.#read(capture, (record) => this.#bare(record, stream)));
    }
    const extractor = new UdpExtractor();
    const framing = this.#tool.protocol.createFraming();
    const header = createPacketHeader();
    const end = await this.#read(capture, (packet) => {
      this.#packets++;
      this.#clock(packet.timeNs);
      const datagram = extractor.extract(packet);
      if (datagram === undefined) return this.#skip(extractor.datagram.outcome);
      const payload = datagram.payload();
      const fault = framing.parse(payload, payload.length, header);
      if (fault !== undefined) return this.#skip(fault.code);
      this.#packet(packet, datagram, payload, header, framing.littleEndianLengths, () =>
        this.#tool.streamOf(framing.formatSession(payload, framing.sessionOffset), payload),
      );
    });
    return this.#report(path, capture.format, end);
  }

  /** Reads to the end; one promise a record only where somebody wants to be asked. */
  async #read<R>(
    capture: { read(take: (record: R) => unknown): Promise<CaptureEnd>; summary(): CaptureEnd } & AsyncIterable<R>,
    take: (record: R) => void,
  ): Promise<CaptureEnd> {
    const onRecord = this.#onRecord;
    if (onRecord === undefined) return capture.read(take);
    for await (const record of capture) {
      const answer = onRecord();
      if (answer === STOP) break;
      await answer;
      take(record);
    }
    return capture.summary();
  }

  #packet(
    packet: CapturedPacket,
    datagram: UdpDatagram,
    payload: Uint8Array,
    header: { seq: number; count: number; blocksStart: number; blocksEnd: number },
    littleEndian: boolean,
    streamName: () => string,
  ): void {
    const destination = `${datagram.destinationAddress}:${datagram.destinationPort}`;
    const stream = this.#stream(`${datagram.sourceAddress}>${destination}/${streamName()}`);
    stream.add(packet.number, header.seq, header.count);
    if (header.count === 0) this.#empty++;
    const message = this.#message;
    message.pkt = packet.number;
    message.timeNs = packet.timeNs;
    message.destination = destination;
    message.packet = payload;
    message.bytes = payload;
    message.seq = header.seq;
    let at = header.blocksStart;
    while (at < header.blocksEnd) {
      message.start = at;
      message.length = littleEndian ? payload[at]! | (payload[at + 1]! << 8) : (payload[at]! << 8) | payload[at + 1]!;
      at += 2 + message.length;
      this.#take(message);
      message.seq++;
    }
  }

  #bare(record: CapturedMessage, stream: StreamFacts): void {
    stream.add(record.number, record.number, 1);
    const message = this.#message;
    message.seq = record.number;
    // The record's two bytes of length stand right before it.
    message.bytes = record.bytes;
    message.start = record.start - 2;
    message.length = record.length;
    this.#take(message);
  }

  #take(message: DecodedMessage): void {
    message.n++;
    const { bytes, start, length } = message;
    this.#hash.update(bytes.subarray(start, start + 2 + length));
    const type = length > 0 ? bytes[start + 2]! : -1;
    this.#types.set(type, (this.#types.get(type) ?? 0) + 1);
    this.#onMessage?.(message);
  }

  #skip(reason: string): void {
    this.#undecoded.set(reason, (this.#undecoded.get(reason) ?? 0) + 1);
  }

  #clock(time: bigint | undefined): void {
    this.#first ??= time;
    this.#last = time ?? this.#last;
  }

  #stream(name: string): StreamFacts {
    let stream = this.#streams.get(name);
    if (stream === undefined) {
      stream = new StreamFacts();
      this.#streams.set(name, stream);
    }
    return stream;
  }

  /** Counts a message that `describe` found fault with. */
  fault(): void {
    this.#faults++;
  }

  #report(file: string, format: string, end: CaptureEnd): DecodeCounts {
    return {
      file,
      feed: this.#tool.protocol.name,
      format,
      packets: this.#packets,
      messages: this.#message.n,
      packetsWithoutMessages: this.#empty,
      messagesByType: Object.fromEntries(
        [...this.#types].map(([code, count]) => [code < 0 ? 'empty' : String.fromCharCode(code), count]),
      ),
      messagesSha256: this.#hash.digest('hex'),
      firstTime: this.#first === undefined ? null : formatSeconds(this.#first),
      lastTime: this.#last === undefined ? null : formatSeconds(this.#last),
      streams: Object.fromEntries([...this.#streams].map(([name, facts]) => [name, facts.report()])),
      undecoded: Object.fromEntries(this.#undecoded),
      faults: this.#faults,
      cut: end.fault?.message ?? null,
    };
  }
}

/** The full JSON form of a message, one line of `ticker decode --json`. */
export function messageLine(tool: FeedTool, message: DecodedMessage): { line: object; faulty: boolean } {
  const { n, pkt, timeNs, destination, seq, bytes, start, length } = message;
  const description = tool.describe(bytes, start + 2, length);
  const line = {
    n,
    ...(pkt === 0 ? {} : { pkt, t: timeNs === undefined ? null : formatSeconds(timeNs), dst: destination, seq }),
    type: description?.type ?? null,
    ...(pkt === 0 || tool.describeHeader === undefined ? {} : { hdr: tool.describeHeader(message.packet) }),
    fields: description?.fields ?? {},
    ...(description?.fault === undefined ? {} : { fault: description.fault }),
    raw: toHex(bytes, start, start + 2 + length),
  };
  return { line, faulty: description === undefined || description.fault !== undefined };
}

/** `1499697155.911586000` */
function formatSeconds(ns: bigint): string {
  return `${ns / 1_000_000_000n}.${String(ns % 1_000_000_000n).padStart(9, '0')}`;
}
