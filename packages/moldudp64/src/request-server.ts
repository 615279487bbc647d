import type { ErrorContext } from '@tickerplant/core';
import type { MessageStore } from '@tickerplant/sequence';
import type { CounterRegistry } from '@tickerplant/telemetry';
import { REQUEST_COUNTERS, type RequestCounters } from './counters.ts';
import {
  encodeSession,
  formatSession,
  HEADER_BYTES,
  HEARTBEAT_COUNT,
  PACKET_BYTES_DEFAULT,
  PACKET_BYTES_MAX,
  SESSION_OFFSET,
  writeHeader,
} from './layout.ts';
import { type MoldRequest, parseRequest } from './request.ts';
import { checkRange } from './sender.ts';
import { type Budget, TokenBucket } from './token-bucket.ts';

/** How a `RequestServer` behaves. */
export interface RequestServerOptions {
  /** Most bytes in an answer, from 64 to 65507. @default 1472 */
  readonly packetBytesMax?: number;
  /** What one client may have. @default 8 MiB/s, 1 MiB at once */
  readonly clientBudget?: Budget;
  /** What all clients together may have. @default 32 MiB/s, 4 MiB at once */
  readonly totalBudget?: Budget;
  /** Clients to keep budgets and counts for; the one silent longest makes room. @default 1024 */
  readonly clientsMax?: number;
  /** When so many different clients ask for the same, it goes to the group instead. @default 3 */
  readonly rebroadcastClients?: number;
  /** Within so much time; and after it has gone to the group nobody gets it again for as long. @default 5 ms */
  readonly rebroadcastWindowNs?: number;
  /**
   * Whether to say so when a message asked for is older than what is kept: with a heartbeat to the one who asked, whose
   * number is the oldest that is. The protocol's own servers are silent then; ours would let a plant wait in vain.
   * @default false
   */
  readonly refuses?: boolean;
  /**
   * Sends `packet[0, length)` to a client.
   *
   * @returns whether the bytes may be overwritten; if not, the server takes a fresh buffer.
   */
  readonly answer: (packet: Buffer, length: number, port: number, address: string) => boolean;
  /** Sends `packet[0, length)` to the session's group; as `answer`. Left out: everybody is answered apart. */
  readonly rebroadcast?: (session: string, packet: Buffer, length: number) => boolean;
  /** Keeps bad packets. */
  readonly quarantine?: (code: string, message: string, bytes: Uint8Array, context: ErrorContext) => void;
  readonly registry?: CounterRegistry;
  readonly labels?: Readonly<Record<string, string>>;
}

/** What one client asked for and got. */
export interface ClientReport {
  /** `address:port` */
  readonly client: string;
  readonly requests: number;
  readonly answered: number;
  readonly bytes: number;
  /** Requests dropped because the budget, its own or that of all, was used up. */
  readonly overBudget: number;
}

const MIB = 1024 * 1024;

type Defaulted =
  | 'packetBytesMax'
  | 'clientBudget'
  | 'totalBudget'
  | 'clientsMax'
  | 'rebroadcastClients'
  | 'rebroadcastWindowNs';

export const REQUEST_SERVER_DEFAULTS: Readonly<Required<Pick<RequestServerOptions, Defaulted>>> = {
  packetBytesMax: PACKET_BYTES_DEFAULT,
  clientBudget: { bytesPerSecond: 8 * MIB, burstBytes: 1 * MIB },
  totalBudget: { bytesPerSecond: 32 * MIB, burstBytes: 4 * MIB },
  clientsMax: 1024,
  rebroadcastClients: 3,
  rebroadcastWindowNs: 5_000_000,
};

/** What a request costs that is not answered: enough that a flood of them uses a budget up. */
const REFUSAL_BYTES = HEADER_BYTES;
/** First numbers for which askers are counted, per session. */
const ASKS_MAX = 256;

class Client {
  readonly bucket: TokenBucket;
  requests = 0;
  answered = 0;
  bytes = 0;
  overBudget = 0;

  constructor(budget: Budget, nowNs: number) {
    this.bucket = new TokenBucket(budget, nowNs);
  }
}

/** Who asked for messages from one number on. */
interface Ask {
  /** When the first one asked, or when it went to the group. */
  sinceNs: number;
  readonly clients: Set<string>;
  rebroadcast: boolean;
}

interface Channel {
  readonly session: string;
  readonly sessionBytes: Uint8Array;
  readonly store: MessageStore;
  readonly asks: Map<number, Ask>;
}

/**
 * Answers MoldUDP64 requests: with one downstream packet, to the one who asked, with as many whole messages of
 * those asked for as it has and fit. What cannot be answered is dropped in silence, as the protocol has it, and
 * counted. A machine, bounded in work and memory: budgets for each client and for all, a bounded table of
 * clients, and one re-broadcast in place of many answers.
 */
export class RequestServer {
  readonly counters: Readonly<RequestCounters>;
  private readonly counts: RequestCounters;
  private readonly bytesMax: number;
  private readonly clientBudget: Budget;
  private readonly totalBudget: Budget;
  private readonly clientsMax: number;
  private readonly rebroadcastClients: number;
  private readonly rebroadcastWindowNs: number;
  private readonly options: RequestServerOptions;
  private readonly channels = new Map<string, Channel>();
  /** By `address:port`, in the order in which they last asked. */
  private readonly clients = new Map<string, Client>();
  private readonly request: MoldRequest = { seq: 0, count: 0 };
  private total: TokenBucket | undefined;
  private buffer: Buffer;

  /** @throws TickerError `MOLD_BAD_OPTION` */
  constructor(options: RequestServerOptions) {
    const filled = { ...REQUEST_SERVER_DEFAULTS, ...options };
    checkRange('packetBytesMax', filled.packetBytesMax, 64, PACKET_BYTES_MAX);
    checkRange('clientsMax', filled.clientsMax, 1, 2 ** 20);
    checkRange('rebroadcastClients', filled.rebroadcastClients, 1, Number.MAX_SAFE_INTEGER);
    checkRange('rebroadcastWindowNs', filled.rebroadcastWindowNs, 0, Number.MAX_SAFE_INTEGER);
    for (const name of ['clientBudget', 'totalBudget'] as const) {
      checkRange(`${name}.bytesPerSecond`, filled[name].bytesPerSecond, 1, Number.MAX_SAFE_INTEGER);
      checkRange(`${name}.burstBytes`, filled[name].burstBytes, 1, Number.MAX_SAFE_INTEGER);
    }
    this.options = options;
    this.bytesMax = filled.packetBytesMax;
    this.clientBudget = filled.clientBudget;
    this.totalBudget = filled.totalBudget;
    this.clientsMax = filled.clientsMax;
    this.rebroadcastClients = filled.rebroadcastClients;
    this.rebroadcastWindowNs = filled.rebroadcastWindowNs;
    this.counts = options.registry?.create(REQUEST_COUNTERS, options.labels) ?? REQUEST_COUNTERS.create();
    this.counters = this.counts;
    this.buffer = Buffer.allocUnsafeSlow(this.bytesMax);
  }

  /** Begins to answer for a session. @throws TickerError `MOLD_BAD_SESSION` */
  openChannel(session: string, store: MessageStore): void {
    const sessionBytes = encodeSession(session);
    const name = formatSession(sessionBytes, 0);
    this.channels.set(name, { session: name, sessionBytes, store, asks: new Map() });
  }

  /** Stops answering for a session. */
  closeChannel(session: string): void {
    this.channels.delete(formatSession(encodeSession(session), 0));
  }

  /** What each client asked for and got, the one silent longest first. */
  clientReports(): ClientReport[] {
    return Array.from(this.clients, ([client, { requests, answered, bytes, overBudget }]) => {
      return { client, requests, answered, bytes, overBudget };
    });
  }

  /**
   * Takes a packet from `address:port`, `bytes[0, length)`. Never throws, whatever the bytes.
   *
   * @param nowNs monotonic.
   */
  packet(bytes: Uint8Array, length: number, port: number, address: string, nowNs: number): void {
    const { counts, request } = this;
    counts.requests++;
    const name = `${address}:${port}`;
    const client = this.client(name, nowNs);
    client.requests++;
    this.total ??= new TokenBucket(this.totalBudget, nowNs);
    if (!client.bucket.allows(nowNs)) {
      counts.overClientBudget++;
      client.overBudget++;
      return;
    }
    const fault = parseRequest(bytes, length, request);
    if (fault !== undefined) {
      counts.malformed++;
      client.bucket.take(REFUSAL_BYTES);
      this.options.quarantine?.(fault.code, fault.message, bytes.subarray(0, length), {
        client: name,
        ...fault.context,
      });
      return;
    }
    const channel = this.channels.get(formatSession(bytes, SESSION_OFFSET));
    if (channel === undefined) {
      counts.unknownSession++;
      client.bucket.take(REFUSAL_BYTES);
      return;
    }
    if (!this.total.allows(nowNs)) {
      counts.overTotalBudget++;
      client.overBudget++;
      return;
    }
    const ask = this.note(channel, request.seq, name, nowNs);
    if (ask.rebroadcast) {
      counts.covered++;
      client.bucket.take(REFUSAL_BYTES);
      return;
    }
    const { buffer } = this;
    const { count, end } = channel.store.read(request.seq, request.count, buffer, HEADER_BYTES, this.bytesMax);
    if (count === 0) {
      client.bucket.take(REFUSAL_BYTES);
      if (request.seq >= channel.store.nextSeq) {
        counts.notYet++;
      } else if (request.seq >= channel.store.firstSeq) {
        counts.missing++;
      } else {
        counts.tooOld++;
        if (this.options.refuses === true) this.refuse(channel, port, address);
      }
      return;
    }
    writeHeader(buffer, 0, channel.sessionBytes, request.seq, count);
    this.total.take(end);
    let free: boolean;
    if (this.options.rebroadcast !== undefined && ask.clients.size >= this.rebroadcastClients) {
      ask.rebroadcast = true;
      ask.sinceNs = nowNs;
      counts.rebroadcasts++;
      free = this.options.rebroadcast(channel.session, buffer, end);
    } else {
      client.bucket.take(end);
      client.answered++;
      client.bytes += end;
      counts.answered++;
      counts.messages += count;
      counts.bytes += end;
      free = this.options.answer(buffer, end, port, address);
    }
    if (!free) this.buffer = Buffer.allocUnsafeSlow(this.bytesMax);
  }

  private refuse({ sessionBytes, store }: Channel, port: number, address: string): void {
    writeHeader(this.buffer, 0, sessionBytes, store.firstSeq, HEARTBEAT_COUNT);
    if (!this.options.answer(this.buffer, HEADER_BYTES, port, address)) {
      this.buffer = Buffer.allocUnsafeSlow(this.bytesMax);
    }
  }

  private client(name: string, nowNs: number): Client {
    let client = this.clients.get(name);
    if (client === undefined) {
      if (this.clients.size >= this.clientsMax) {
        this.clients.delete(this.clients.keys().next().value!);
        this.counts.clientsEvicted++;
      }
      client = new Client(this.clientBudget, nowNs);
    } else {
      this.clients.delete(name); // To the end of the order.
    }
    this.clients.set(name, client);
    return client;
  }

  /** Counts who asks for messages from `seq` on, within the window. */
  private note(channel: Channel, seq: number, client: string, nowNs: number): Ask {
    const { asks } = channel;
    let ask = asks.get(seq);
    if (ask === undefined || nowNs - ask.sinceNs > this.rebroadcastWindowNs) {
      asks.delete(seq);
      if (asks.size >= ASKS_MAX) asks.delete(asks.keys().next().value!);
      ask = { sinceNs: nowNs, clients: new Set(), rebroadcast: false };
      asks.set(seq, ask);
    }
    if (ask.clients.size < this.rebroadcastClients) ask.clients.add(client);
    return ask;
  }
}
