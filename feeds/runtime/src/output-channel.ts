import { MoldSender, type RequestServer } from '@tickerplant/moldudp64';
import { OutputGate, readTail, type SavedRun, writeTail } from '@tickerplant/pair';
import { MessageRing, type MessageStore, type ReadResult } from '@tickerplant/sequence';
import type { CounterRegistry } from '@tickerplant/telemetry';
import type { ChannelWriter, SavedWriter } from './channel-writer.ts';
import type { HandlerChannel } from './handler.ts';
import type { MessageSink } from './message-sink.ts';

export interface OutputChannelOptions {
  /** 1 to 1295. */
  readonly id: number;
  readonly name: string;
  readonly writer: ChannelWriter;
  /** Sends `packet[0, length)` to the channel's group; returns whether the bytes may be overwritten. */
  readonly send: (packet: Buffer, length: number) => boolean;
  readonly requestServer: RequestServer;
  readonly sessionOf: (epoch: number) => string;
  readonly packetBytes: number;
  readonly heartbeatNs: number;
  readonly ringBytes: number;
  /** Whether other members compare digests. */
  readonly digests: boolean;
  readonly registry: CounterRegistry;
}

/** A channel as plain values: what one member of a pair gives another. */
export interface SavedChannel {
  readonly id: number;
  readonly session: string;
  readonly next: number;
  /** Of everything before the tail; null: not known. */
  readonly digest: number | null;
  readonly writer: SavedWriter;
  /** The latest messages, so that the new member too can repeat them. */
  readonly tail: readonly SavedRun[];
}

/** Of the messages kept, those that may be given to others. */
class Proven implements MessageStore {
  /** The number after the last of them. */
  end: number = Number.POSITIVE_INFINITY;
  readonly #ring: MessageRing;

  constructor(ring: MessageRing) {
    this.#ring = ring;
  }

  get firstSeq(): number {
    return this.#ring.firstSeq;
  }

  get nextSeq(): number {
    return Math.min(this.end, this.#ring.nextSeq);
  }

  read(seq: number, countMax: number, out: Uint8Array, at: number, end: number): ReadResult {
    return this.#ring.read(seq, Math.max(0, Math.min(countMax, this.end - seq)), out, at, end);
  }
}

/** A channel on its way out: numbers and packs its messages, keeps the latest for repair, sends them if it is to. */
export class OutputChannel implements HandlerChannel {
  readonly id: number;
  readonly name: string;
  readonly writer: ChannelWriter;
  readonly ring: MessageRing;
  readonly gate: OutputGate;
  readonly #proven: Proven;
  readonly #options: OutputChannelOptions;
  #session = '';
  /** The newest session that others told of, where it is newer than ours. */
  #before: { readonly session: string; readonly next: number } | undefined;
  #mold: MoldSender | undefined;

  constructor(options: OutputChannelOptions) {
    this.id = options.id;
    this.name = options.name;
    this.writer = options.writer;
    this.#options = options;
    this.ring = new MessageRing(options.ringBytes, 1, options.digests);
    this.#proven = new Proven(this.ring);
    this.gate = new OutputGate({ packetBytes: options.packetBytes, send: options.send });
  }

  get session(): string {
    return this.#session;
  }

  /** The number that the next message will have. */
  get next(): number {
    return this.#mold?.next ?? 0;
  }

  /** Everything before this number has been packed, and has left if it was to. */
  get packed(): number {
    return this.#mold === undefined ? 0 : this.ring.nextSeq;
  }

  /** Takes note of a session of the channel that others tell of: the next one of ours names it, if it is the newest. */
  remember(session: string, next: number): void {
    if (session > this.#session) this.#before = { session, next };
  }

  /** What comes before this number is what has been published, or will be: whoever asks for it gets it. */
  prove(end: number): void {
    this.#proven.end = Math.max(this.#proven.end, end);
  }

  /** Only what comes before this number is known to be what was published: others get no more. */
  unprove(end: number): void {
    this.#proven.end = end;
  }

  open(epoch: number): { readonly sink: MessageSink; readonly session: string; readonly next: number } {
    const before = this.#before ?? { session: this.#session, next: this.next };
    this.#before = undefined;
    this.#begin(this.#options.sessionOf(epoch), 1);
    this.ring.clear();
    this.prove(Number.POSITIVE_INFINITY);
    return { sink: this.#mold!, ...before };
  }

  /** Sends what is pending. */
  flush(nowNs: number): void {
    this.#mold?.flush(nowNs);
  }

  /** A heartbeat, when one is due. */
  tick(nowNs: number): void {
    this.#mold?.tick(nowNs);
  }

  /** The channel's state. What is pending must have been flushed. */
  save(): SavedChannel {
    const { digest, tail } = readTail(this.ring);
    const writer = this.writer.save();
    return { id: this.id, session: this.#session, next: this.ring.nextSeq, digest, writer, tail };
  }

  /** Goes on where another member's channel was. Shut, until the gate is opened. */
  restore({ session, next, digest, writer, tail }: SavedChannel): void {
    this.gate.shut();
    this.#begin(session, next);
    writeTail(this.ring, next, digest, tail);
    this.unprove(next);
    this.writer.restore(writer);
    this.writer.attach(this.#mold!);
  }

  #begin(session: string, next: number): void {
    const { requestServer, packetBytes, heartbeatNs, registry, name, send } = this.#options;
    if (this.#mold !== undefined) {
      this.#mold.flush(0);
      requestServer.closeChannel(this.#session);
    }
    this.#session = session;
    const { ring, gate } = this;
    requestServer.openChannel(session, this.#proven);
    this.#mold = new MoldSender({
      session,
      next,
      packetBytesMax: packetBytes,
      heartbeatNs,
      emit: (buffer, length) => (gate.live ? send(buffer, length) : true),
      onData: (bytes, start, end, seq, count) => ring.append(bytes, start, end, seq, count),
      registry,
      labels: { channel: name, session },
    });
  }
}
