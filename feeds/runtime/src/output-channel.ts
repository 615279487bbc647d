import { MoldSender, type RequestServer } from '@tickerplant/moldudp64';
import type { MulticastSender } from '@tickerplant/multicast';
import { MessageRing } from '@tickerplant/sequence';
import type { CounterRegistry } from '@tickerplant/telemetry';
import type { ChannelWriter } from './channel-writer.ts';
import type { HandlerChannel } from './handler.ts';
import type { MessageSink } from './message-sink.ts';

export interface OutputChannelOptions {
  /** 1 to 1295. */
  readonly id: number;
  readonly name: string;
  readonly writer: ChannelWriter;
  readonly sender: MulticastSender;
  readonly requestServer: RequestServer;
  readonly sessionOf: (epoch: number) => string;
  readonly packetBytes: number;
  readonly heartbeatNs: number;
  readonly ringBytes: number;
  readonly registry: CounterRegistry;
  /** The session that others remember of this day, and its next number; before the first of ours. */
  readonly before: { readonly session: string; readonly next: number };
}

/** A channel on its way out: numbers and packs its messages, keeps the latest for repair. */
export class OutputChannel implements HandlerChannel {
  readonly id: number;
  readonly name: string;
  readonly writer: ChannelWriter;
  readonly #options: OutputChannelOptions;
  readonly #ring: MessageRing;
  #session: string;
  #next: number;
  #mold: MoldSender | undefined;

  constructor(options: OutputChannelOptions) {
    this.id = options.id;
    this.name = options.name;
    this.writer = options.writer;
    this.#options = options;
    this.#ring = new MessageRing(options.ringBytes);
    this.#session = options.before.session;
    this.#next = options.before.next;
  }

  get session(): string {
    return this.#session;
  }

  /** The number that the next message will have. */
  get next(): number {
    return this.#mold?.next ?? this.#next;
  }

  open(epoch: number): { readonly sink: MessageSink; readonly session: string; readonly next: number } {
    const { sender, requestServer, packetBytes, heartbeatNs, registry, name } = this.#options;
    const before = { session: this.#session, next: this.next };
    if (this.#mold !== undefined) {
      this.#mold.flush(0);
      requestServer.closeChannel(this.#session);
    }
    this.#session = this.#options.sessionOf(epoch);
    const ring = this.#ring;
    ring.clear();
    requestServer.openChannel(this.#session, ring);
    this.#mold = new MoldSender({
      session: this.#session,
      packetBytesMax: packetBytes,
      heartbeatNs,
      emit: (buffer, length) => sender.send(buffer, 0, length),
      onData: (bytes, start, end, seq, count) => ring.append(bytes, start, end, seq, count),
      registry,
      labels: { channel: name, epoch: String(epoch) },
    });
    return { sink: this.#mold, ...before };
  }

  /** Sends what is pending. */
  flush(nowNs: number): void {
    this.#mold?.flush(nowNs);
  }

  /** A heartbeat, when one is due. */
  tick(nowNs: number): void {
    this.#mold?.tick(nowNs);
  }
}
