import type { PacketFault, PacketHeader } from '@tickerplant/sequence';
import { type CounterSet, type Counters, counterSet } from '@tickerplant/telemetry';
import { IexTpFraming, type IexTpOptions } from './framing.ts';
import { GapFillRequest } from './gap-fill-request.ts';
import { readI64, readU16, readU32, writeI64, writeU16 } from './int64.ts';
import {
  HEADER_CHANNEL,
  HEADER_FIRST_SEQUENCE,
  HEADER_LENGTH,
  HEADER_MESSAGE_COUNT,
  HEADER_PAYLOAD_LENGTH,
  HEADER_PROTOCOL,
  HEADER_SESSION,
  HEADER_STREAM_OFFSET,
} from './segment.ts';
import { StreamStore } from './stream-store.ts';

/** Names of a gap fill server's counters. */
export type GapFillCounter =
  | 'requests'
  | 'malformed'
  | 'foreign'
  | 'overBudget'
  | 'tests'
  | 'messagesSent'
  | 'segmentsSent'
  | 'messagesMissing';

/** What a gap fill server counts. */
export const GAP_FILL_COUNTERS: CounterSet<Record<GapFillCounter, string>> = counterSet('iex_gap_fill', {
  requests: 'Datagrams received as requests.',
  malformed: 'Requests ignored because they break the layout, the order of ranges or the limit of messages.',
  foreign: 'Requests ignored because they are for another protocol, channel or session.',
  overBudget: 'Requests ignored because the client, or all clients together, had asked for too much.',
  tests: 'Test requests answered with a heartbeat.',
  messagesSent: 'Messages sent in answers.',
  segmentsSent: 'Segments sent in answers, heartbeats included.',
  messagesMissing: 'Messages asked for that are no longer, or not yet, held.',
});

/** Limits of a gap fill server. */
export interface GapFillServerOptions extends IexTpOptions {
  /** Where messages are kept; default a new store of default size. */
  readonly store?: StreamStore;
  /** Size of an answer's segments, header included; a longer message goes alone. Default 1400. */
  readonly segmentBytesMax?: number;
  /** Messages that one client may have per second, on average. Default 50,000. */
  readonly clientMessagesPerSecond?: number;
  /** Messages that all clients together may have per second, on average. Default 200,000. */
  readonly totalMessagesPerSecond?: number;
  /** Clients remembered; the one silent for longest goes first. Default 1000. */
  readonly clientsMax?: number;
}

/**
 * Sends `length` bytes to the client that asked.
 *
 * @returns true when the bytes may be overwritten; false when they are still in use: the server then goes on with
 * other memory.
 */
export type GapFillEmit<Client> = (bytes: Uint8Array, length: number, client: Client) => boolean;

const NS_PER_SECOND = 1e9;
const SEGMENT_BYTES_DEFAULT = 1400;
const CLIENT_RATE_DEFAULT = 50_000;
const TOTAL_RATE_DEFAULT = 200_000;
const CLIENTS_DEFAULT = 1000;

/** Tokens for messages: fill up at a rate, hold one second's worth. */
class Budget {
  private readonly perSecond: number;
  private tokens: number;
  private filledNs: number;

  constructor(perSecond: number, nowNs: number) {
    this.perSecond = perSecond;
    this.tokens = perSecond;
    this.filledNs = nowNs;
  }

  /** Whether `count` can be had now; takes nothing. */
  has(count: number, nowNs: number): boolean {
    const elapsedNs = Math.max(0, nowNs - this.filledNs);
    this.tokens = Math.min(this.perSecond, this.tokens + (elapsedNs * this.perSecond) / NS_PER_SECOND);
    this.filledNs = Math.max(this.filledNs, nowNs);
    return this.tokens >= count;
  }

  take(count: number): void {
    this.tokens -= count;
  }
}

/**
 * The vendor's side of gap filling over UDP, without the socket: hears the segments that the vendor publishes,
 * answers requests with ordinary segments (specification, 2.5). What it must not answer it ignores and counts.
 * Answers carry the send time of the newest published segment, so that they depend on input alone.
 */
export class GapFillServer<Client> {
  readonly counters: Counters<Record<GapFillCounter, string>>;
  private readonly store: StreamStore;
  private readonly framing: IexTpFraming;
  private readonly emit: GapFillEmit<Client>;
  private readonly segmentBytesMax: number;
  private readonly clientRate: number;
  private readonly clientsMax: number;
  private readonly totalRate: number;
  private total: Budget | undefined;
  /** In the order of the latest request. */
  private readonly clients = new Map<string, Budget>();
  private readonly request = new GapFillRequest();
  private readonly parsed: PacketHeader = {
    seq: 0,
    count: 0,
    kind: 'data',
    blocksStart: 0,
    blocksEnd: 0,
    restart: false,
  };
  /** Header of the newest published segment, then room for one answer. */
  private out: Uint8Array = new Uint8Array(HEADER_LENGTH + 0xffff);
  private started = false;

  /**
   * @param emit sends an answer.
   * @param counters where to count: of a registry, or new ones.
   */
  constructor(
    options: GapFillServerOptions,
    emit: GapFillEmit<Client>,
    counters: Counters<Record<GapFillCounter, string>> = GAP_FILL_COUNTERS.create(),
  ) {
    this.counters = counters;
    this.store = options.store ?? new StreamStore();
    this.framing = new IexTpFraming(options);
    this.emit = emit;
    this.segmentBytesMax = options.segmentBytesMax ?? SEGMENT_BYTES_DEFAULT;
    this.clientRate = options.clientMessagesPerSecond ?? CLIENT_RATE_DEFAULT;
    this.totalRate = options.totalMessagesPerSecond ?? TOTAL_RATE_DEFAULT;
    this.clientsMax = options.clientsMax ?? CLIENTS_DEFAULT;
  }

  /**
   * Takes a segment that the vendor publishes, in order. A new session, or a restart, forgets what was held.
   *
   * @returns the fault when it is not a good segment; it is not taken then.
   */
  published(bytes: Uint8Array, length: number): PacketFault | undefined {
    const { parsed, store, out } = this;
    const fault = this.framing.parse(bytes, length, parsed);
    if (fault !== undefined) return fault;
    const offset = readI64(bytes, HEADER_STREAM_OFFSET);
    if (!this.started || parsed.restart || !sameStream(bytes, out)) store.reset(parsed.seq, offset);
    for (let i = 0; i < HEADER_LENGTH; i++) out[i] = bytes[i]!;
    this.started = true;
    store.append(bytes, parsed.blocksStart, parsed.seq, parsed.count, offset);
    return undefined;
  }

  /**
   * Answers a request at once, through `emit`.
   *
   * @param client who asked: handed to `emit`.
   * @param clientKey who asked, for the budget: say, the address without the port.
   * @returns the fault when it was ignored as malformed, for the quarantine.
   */
  ask(client: Client, clientKey: string, bytes: Uint8Array, length: number, nowNs: number): PacketFault | undefined {
    const { request, counters, out } = this;
    counters.requests++;
    const fault = request.parse(bytes, length);
    if (fault !== undefined) {
      counters.malformed++;
      return fault;
    }
    if (!this.started || !sameStream(bytes, out)) {
      counters.foreign++;
      return undefined;
    }
    // A request costs at least one, so that tests don't come for nothing.
    if (!this.afford(clientKey, Math.max(1, request.messages), nowNs)) {
      counters.overBudget++;
      return undefined;
    }
    if (request.ranges === 0) {
      counters.tests++;
      this.send(client, this.store.nextSeq, 0, HEADER_LENGTH, this.store.nextOffset);
    }
    for (let i = 0; i < request.ranges; i++) this.answer(client, request.first[i]!, request.last[i]!);
    return undefined;
  }

  private answer(client: Client, first: number, last: number): void {
    const { store, counters } = this;
    const end = Math.min(last + 1, store.nextSeq);
    let seq = Math.max(first, store.firstSeq);
    counters.messagesMissing += last + 1 - first - Math.max(0, end - seq);
    while (seq < end) {
      const offset = store.offsetOf(seq);
      const length = store.read(seq, end - seq, this.out, HEADER_LENGTH, this.segmentBytesMax);
      this.send(client, seq, store.readCount, length, offset);
      seq += store.readCount;
    }
  }

  private send(client: Client, seq: number, count: number, length: number, offset: number): void {
    const { out, counters } = this;
    writeU16(out, HEADER_PAYLOAD_LENGTH, length - HEADER_LENGTH);
    writeU16(out, HEADER_MESSAGE_COUNT, count);
    writeI64(out, HEADER_STREAM_OFFSET, offset);
    writeI64(out, HEADER_FIRST_SEQUENCE, seq);
    counters.segmentsSent++;
    counters.messagesSent += count;
    if (!this.emit(out, length, client)) this.out = new Uint8Array(out);
  }

  private afford(key: string, messages: number, nowNs: number): boolean {
    this.total ??= new Budget(this.totalRate, nowNs);
    const budget = this.clients.get(key) ?? new Budget(this.clientRate, nowNs);
    this.clients.delete(key);
    this.clients.set(key, budget);
    if (this.clients.size > this.clientsMax) this.clients.delete(this.clients.keys().next().value!);
    if (!budget.has(messages, nowNs) || !this.total.has(messages, nowNs)) return false;
    budget.take(messages);
    this.total.take(messages);
    return true;
  }
}

/** Whether two headers (of segments or requests) name the same protocol, channel and session. */
function sameStream(a: Uint8Array, b: Uint8Array): boolean {
  return (
    readU16(a, HEADER_PROTOCOL) === readU16(b, HEADER_PROTOCOL) &&
    readU32(a, HEADER_CHANNEL) === readU32(b, HEADER_CHANNEL) &&
    readU32(a, HEADER_SESSION) === readU32(b, HEADER_SESSION)
  );
}
