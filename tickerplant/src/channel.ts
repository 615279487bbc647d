import { type ErrorContext, TickerError } from '@tickerplant/core';
import { parseSession } from '@tickerplant/floor';
import {
  END_OF_SESSION_COUNT,
  encodeSession,
  HEADER_BYTES,
  HEARTBEAT_COUNT,
  MOLD_FRAMING,
  writeHeader,
} from '@tickerplant/moldudp64';
import { OutputGate, readTail, type SavedRun, writeTail } from '@tickerplant/pair';
import {
  blockEndBE,
  type LostReason,
  MessageRing,
  Reach,
  type SequencedListener,
  SequencedReceiver,
  type SessionDecision,
} from '@tickerplant/sequence';
import type { CounterRegistry } from '@tickerplant/telemetry';
import { CurrentValues, type GivenRows, type SavedValues } from './cache.ts';
import { CACHE_COUNTERS, CHANNEL_COUNTERS, type ChannelCounters } from './counters.ts';
import { SentTimes } from './sent-times.ts';

/** Lines of a channel's receiver, as indices for `packet`. */
export const ChannelLine = { FEED: 0, REPAIR: 1 } as const;

/** What a channel wants done. */
export interface ChannelOutput {
  /**
   * Sends `bytes[0, length)` to the channel's group on the trading network.
   *
   * @returns whether the bytes may be overwritten; if not, the channel leaves them alone.
   */
  send(bytes: Uint8Array, length: number): boolean;
  /** Asks those who may have it for `count` messages from `from` on. The session's bytes are borrowed. */
  request(session: Uint8Array, from: number, count: number, attempt: number): void;
  /** A session begins, with message `next`; the one before is no longer served. */
  session(session: string, previous: string | undefined, next: number): void;
  /** Messages [from, to) will never come. */
  lost(from: number, to: number, reason: LostReason): void;
}

/** How a channel behaves. */
export interface ChannelOptions {
  readonly name: string;
  /** 1 to 1295: sessions of other channels are refused. */
  readonly id: number;
  /** Memory for repair, in bytes; at least 65536. */
  readonly ringBytes: number;
  /** Most bytes in a packet on the trading network. */
  readonly packetBytes: number;
  /** A heartbeat is due when nothing was sent for so long. */
  readonly heartbeatNs: number;
  readonly gapWaitNs: number;
  readonly requestTimeoutNs: number;
  readonly lostAfterNs: number;
  /** Whether other plants compare digests. */
  readonly digests: boolean;
  /** Live-live: each plant publishes on a group of its own, whoever is primary. */
  readonly liveLive: boolean;
  /** How many can be asked for messages. */
  readonly answerers: () => readonly string[];
  readonly registry: CounterRegistry;
  /** Keeps bad packets and messages; the bytes are borrowed. */
  readonly quarantine: (code: string, message: string, bytes: Uint8Array, context: ErrorContext) => void;
}

/** A hole in the sequence. */
export interface Loss {
  readonly session: string;
  /** [from, to) */
  readonly from: number;
  readonly to: number;
  readonly reason: LostReason;
}

/** A channel as plain values: what one plant gives another. */
export interface SavedPlantChannel {
  readonly id: number;
  /** Empty: nothing has been heard of it. */
  readonly session: string;
  readonly next: number;
  /** Of everything before the tail; null: not known. */
  readonly digest: number | null;
  readonly values: SavedValues;
  /** Of values some of which were given before: what of these is void, and how many pieces there were. */
  readonly rest?: { readonly gone: Int32Array; readonly pieces: number } | undefined;
  /** The latest messages, so that the new plant too can repeat them. */
  readonly tail: readonly SavedRun[];
  /** Only of values from a journal that have not been brought up to date: when they were written, ms since 1970. */
  readonly asOfMs?: number | undefined;
}

/** A piece of a channel's values, given before the rest. */
export interface SavedPiece {
  readonly id: number;
  readonly session: string;
  readonly values: SavedValues;
}

/** How far a channel's values have been given to another plant. */
export class Giving {
  readonly pieces: GivenRows[] = [];
  session: string | undefined;
}

/** Of values in one piece: some 1,000 items, a millisecond or two. */
const PIECE_BYTES = 131_072;
const NOTHING_GONE = new Int32Array(0);
/** Holes remembered for `status`; the counters count all. */
const LOSSES_KEPT = 64;

/**
 * One channel of a plant: what comes from the feed network in order goes out to the trading network under the
 * same session and numbers, into the memory for repair and into the current values.
 *
 * A machine without sockets and clock. On the common path, a packet that is just what comes next leaves as it
 * came, before anything else is done with it.
 */
export class PlantChannel implements SequencedListener {
  readonly name: string;
  readonly id: number;
  readonly values: CurrentValues;
  readonly ring: MessageRing;
  readonly receiver: SequencedReceiver;
  /** Shut while another plant publishes; live-live: while this one has not what the others have. */
  readonly gate: OutputGate;
  readonly liveLive: boolean;
  readonly counters: ChannelCounters;
  /** When packets left, for latency samples. */
  readonly sent: SentTimes = new SentTimes();
  private readonly output: ChannelOutput;
  private readonly packetBytes: number;
  private readonly heartbeatNs: number;
  private current: string | undefined;
  private sessionBytes: Uint8Array | undefined;
  /** After a takeover of state: the session goes on, it does not begin. */
  private resuming = false;
  /** When values from a journal were written, until they are up to date. */
  private writtenMs: number | undefined;
  /** How far the feed has come, by its handler's word. */
  private readonly reach: Reach = new Reach();
  private ended = false;
  private readonly lossList: Loss[] = [];
  // The packet being received.
  private arrived: Uint8Array | undefined;
  private arrivedLength = 0;
  private nowNs = 0;
  private lastSentNs: number = Number.NEGATIVE_INFINITY;
  private frame: Buffer | undefined;
  private readonly control: Uint8Array = new Uint8Array(HEADER_BYTES);

  constructor(options: ChannelOptions, output: ChannelOutput) {
    const { name, id, registry, quarantine } = options;
    const labels = { channel: name };
    this.name = name;
    this.id = id;
    this.liveLive = options.liveLive;
    this.output = output;
    this.packetBytes = options.packetBytes;
    this.heartbeatNs = options.heartbeatNs;
    this.counters = registry.create(CHANNEL_COUNTERS, labels);
    this.values = new CurrentValues(registry.create(CACHE_COUNTERS, labels), (code, what, bytes, start, end, context) =>
      quarantine(code, what, bytes.subarray(start, end), { channel: name, ...context }),
    );
    this.ring = new MessageRing(options.ringBytes, 1, options.digests);
    this.gate = new OutputGate({
      packetBytes: options.packetBytes,
      send: (packet, length) => output.send(packet, length),
    });
    this.receiver = new SequencedReceiver(MOLD_FRAMING, this, {
      lines: ['feed', 'repair'],
      repairLine: ChannelLine.REPAIR,
      // What went before the plant was there is asked for; the handlers may still have it.
      start: 1,
      sessionPolicy: (current, incoming, ended) => this.judgeSession(current, incoming, ended),
      gapWaitNs: options.gapWaitNs,
      requestTimeoutNs: options.requestTimeoutNs,
      lostAfterNs: options.lostAfterNs,
      answerers: options.answerers,
      // As much as others keep for repair: a stream that goes on at full speed must not overflow it meanwhile.
      reorderBytesMax: options.ringBytes,
      // The time decides when to give up.
      requestAttemptsMax: 2 + Math.ceil(options.lostAfterNs / options.requestTimeoutNs),
      quarantine: (code, what, bytes, context) => quarantine(code, what, bytes, { channel: name, ...context }),
      registry,
      labels,
    });
  }

  /** The current session; undefined before the first packet. */
  get session(): string | undefined {
    return this.current;
  }

  /** The number that goes out next; 0 before the first packet. */
  get next(): number {
    return this.resuming ? this.values.next : this.receiver.expected;
  }

  /** Whether the session is over. */
  get over(): boolean {
    return this.ended;
  }

  /** When the feed network was last heard, monotonic ns; -1: never. */
  get heardNs(): number {
    return this.receiver.lines[ChannelLine.FEED]!.lastHeardNs;
  }

  /**
   * When the values were written to the journal that they come from, ms since 1970; undefined: they come from the feed, or
   * everything has come that came since.
   */
  get asOfMs(): number | undefined {
    return this.writtenMs;
  }

  /** The newest holes of the sequence, oldest first. */
  get losses(): readonly Loss[] {
    return this.lossList;
  }

  /** The next piece of the values, to be given before the rest; undefined: there are no more. */
  savePiece(giving: Giving): SavedPiece | undefined {
    const { id, current: session, values } = this;
    if (session === undefined || (giving.session !== undefined && giving.session !== session)) return undefined;
    const rows = values.saveRows(giving.pieces, PIECE_BYTES);
    if (rows === undefined) return undefined;
    giving.session = session;
    giving.pieces.push({ endRow: rows.endRow, next: values.next });
    return { id, session, values: rows.values };
  }

  /**
   * The channel's state.
   *
   * @param giving what of it has been given before.
   * @throws TickerError `PLANT_BAD_STATE`: a new session has begun since.
   */
  save(giving: Giving = new Giving()): SavedPlantChannel {
    const { ring, name, id, current: session = '', writtenMs: asOfMs } = this;
    const { digest, tail } = readTail(ring);
    const channel = { id, session, next: ring.nextSeq, digest, tail, asOfMs };
    if (giving.pieces.length === 0) return { ...channel, values: this.values.save() };
    if (giving.session !== session) {
      throw new TickerError(
        'PLANT_BAD_STATE',
        `expected channel ${name} in session ${giving.session}, it is in ${session}`,
      );
    }
    const { values, gone } = this.values.saveRest(giving.pieces);
    return { ...channel, values, rest: { gone, pieces: giving.pieces.length } };
  }

  /** Goes on where another plant's channel was: what has come since then is asked for. */
  restore(saved: SavedPlantChannel, pieces: readonly SavedPiece[] = []): void {
    const { session, next, digest, values, rest, tail, asOfMs } = saved;
    if (pieces.length !== (rest?.pieces ?? 0) || pieces.some((piece) => piece.session !== session)) {
      const expected = `expected ${rest?.pieces ?? 0} pieces of session ${session}`;
      throw new TickerError('PLANT_BAD_STATE', `${expected}, got ${pieces.length} of ${pieces[0]?.session}`);
    }
    this.gate.shut();
    const previous = this.current;
    if (session === '') return;
    this.current = session;
    this.sessionBytes = encodeSession(session);
    this.ended = false;
    this.resuming = true;
    this.writtenMs = asOfMs;
    this.reach.doubt(0);
    this.values.clear();
    for (const piece of pieces) this.values.add(piece.values);
    this.values.addRest({ values, gone: rest?.gone ?? NOTHING_GONE });
    writeTail(this.ring, next, digest, tail);
    this.sent.clear();
    this.lossList.length = 0;
    this.receiver.rejoin(next, session);
    this.output.session(session, previous, next);
  }

  /** The handler that publishes the channel says how far it has come, and that all is well there. */
  told(session: string, next: number): void {
    this.reach.told(session, next);
  }

  /** Whether values may be old, as far as is known. */
  get doubtful(): boolean {
    return this.reach.doubtful;
  }

  /** The feed is in trouble: values may be old until all has come that its handler speaks of from now on. */
  doubt(): void {
    this.reach.doubt(1);
  }

  /** Its handler was silent: values may be old until all has come that it speaks of when it is heard again. */
  unheard(): void {
    this.reach.silence();
  }

  /** Whether all has come that its handler speaks of, since `doubt` or `unheard`. */
  reached(): boolean {
    return !this.resuming && this.reach.reached(this.receiver);
  }

  /** Whether values from a journal are up to date now: once true, they are what the feed says. */
  caughtUp(): boolean {
    if (this.resuming || !this.reach.hasAll(this.receiver)) return false;
    this.writtenMs = undefined;
    return true;
  }

  /**
   * Takes a packet.
   *
   * @param line `ChannelLine`
   * @param bytes one packet, from byte 0; not changed by anyone afterwards (the kernel may still refer to it).
   * @param by of an answer: who has given it, by the name that `answerers` has for it.
   */
  packet(line: number, bytes: Uint8Array, length: number, nowNs: number, by?: string): void {
    this.arrived = bytes;
    this.arrivedLength = length;
    this.nowNs = nowNs;
    this.receiver.packet(line, bytes, length, nowNs, by);
    this.arrived = undefined;
  }

  /** Lets time pass: requests, gives up what is lost, heartbeats. */
  tick(nowNs: number): void {
    this.nowNs = nowNs;
    this.receiver.tick(nowNs);
    if (this.sessionBytes === undefined || nowNs - this.lastSentNs < this.heartbeatNs) return;
    this.sendControl(this.sessionBytes);
  }

  onRun(bytes: Uint8Array, start: number, end: number, seq: number, count: number): void {
    this.counters.messages += count;
    if (!this.gate.live) {
      // Another plant publishes it, or it has to wait its turn behind what is being sent again.
    } else if (
      bytes === this.arrived &&
      start === HEADER_BYTES &&
      end === this.arrivedLength &&
      end <= this.packetBytes
    ) {
      this.output.send(bytes, end);
      this.counters.forwarded++;
      this.counters.bytes += end;
    } else {
      this.sendFramed(bytes, start, end, seq, count);
    }
    this.lastSentNs = this.nowNs;
    this.sent.note(seq, this.nowNs);
    this.ring.append(bytes, start, end, seq, count);
    this.values.consume(bytes, start, end, seq, count);
  }

  onLost(from: number, to: number, reason: LostReason): void {
    this.counters.lost += to - from;
    this.counters.losses++;
    this.values.lose(from, to);
    this.lossList.push({ session: this.current ?? '', from, to, reason });
    if (this.lossList.length > LOSSES_KEPT) this.lossList.shift();
    this.output.lost(from, to, reason);
  }

  onSession(session: string, previous: string | undefined, next: number): void {
    const goesOn = this.resuming && session === this.current;
    const before = previous ?? this.current;
    this.resuming = false;
    if (goesOn) return;
    this.current = session;
    this.writtenMs = undefined;
    // Whoever begins anew may begin with the morning.
    this.reach.doubt(0);
    if (this.gate.replaying) this.gate.goLive();
    this.sessionBytes = encodeSession(session);
    this.ended = false;
    this.values.clear();
    this.values.next = next;
    this.ring.clear(next);
    this.sent.clear();
    this.output.session(session, before, next);
  }

  onEnd(_next: number): void {
    this.ended = true;
    this.sendControl(this.sessionBytes!);
  }

  onRequest(session: Uint8Array, from: number, count: number, attempt: number): void {
    this.output.request(session, from, count, attempt);
  }

  /** Only sessions of this channel, and never back to an earlier day or epoch. */
  private judgeSession(current: string | undefined, incoming: string, _ended: boolean): SessionDecision {
    const parts = parseSession(incoming);
    // Names of one channel sort by day and epoch. After a takeover of state the receiver knows of none yet.
    const known = current ?? (this.resuming ? this.current : undefined);
    const newer = known === undefined || incoming > known || (current === undefined && incoming === known);
    if (parts?.channelId === this.id && newer) return 'switch';
    this.counters.foreignSession++;
    return 'ignore';
  }

  /** Sends blocks in packets of our own, cut where they are too much for one. */
  private sendFramed(bytes: Uint8Array, start: number, end: number, seq: number, count: number): void {
    const { packetBytes } = this;
    if (HEADER_BYTES + end - start <= packetBytes) {
      this.sendFrame(bytes, start, end, seq, count);
      return;
    }
    let from = start;
    for (let sent = 0; sent < count; ) {
      // A block too long for the packet size goes alone: in fragments rather than not at all.
      let to = blockEndBE(bytes, from);
      let taken = 1;
      for (; sent + taken < count; taken++) {
        const after = blockEndBE(bytes, to);
        if (HEADER_BYTES + after - from > packetBytes) break;
        to = after;
      }
      this.sendFrame(bytes, from, to, seq + sent, taken);
      from = to;
      sent += taken;
    }
  }

  private sendFrame(bytes: Uint8Array, start: number, end: number, seq: number, count: number): void {
    const length = HEADER_BYTES + end - start;
    const frame = this.frame !== undefined && this.frame.length >= length ? this.frame : Buffer.allocUnsafeSlow(length);
    writeHeader(frame, 0, this.sessionBytes!, seq, count);
    frame.set(bytes.subarray(start, end), HEADER_BYTES);
    this.frame = this.output.send(frame, length) ? frame : undefined;
    this.counters.reframed++;
    this.counters.bytes += length;
  }

  private sendControl(session: Uint8Array): void {
    this.lastSentNs = this.nowNs;
    if (!this.gate.live) return;
    if (this.ended) this.counters.ends++;
    else this.counters.heartbeats++;
    writeHeader(this.control, 0, session, this.next, this.ended ? END_OF_SESSION_COUNT : HEARTBEAT_COUNT);
    // Of its own, for the kernel may refer to it for longer.
    this.output.send(this.control.slice(), HEADER_BYTES);
  }
}
