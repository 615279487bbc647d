import { type Clock, systemClock, type TickerError } from '@tickerplant/core';
import { type MulticastSender, openSender } from '@tickerplant/multicast';
import { PUBLISHER_COUNTERS, type PublisherCounters } from './counters.ts';
import { checkRange, HEARTBEAT_NS_DEFAULT, MoldSender, type MoldSenderOptions } from './sender.ts';

/** How to publish a session on a group. */
export interface PublisherOptions extends Omit<MoldSenderOptions, 'emit'> {
  /** IPv4 multicast address. */
  readonly group: string;
  readonly port: number;
  /** Name or IPv4 address of the interface to send by. */
  readonly interface: string;
  /** Routers a packet may cross; 0 stays on this host. @default 0 */
  readonly ttl?: number;
  /** Whether receivers on this host get the packets too. @default true */
  readonly loopback?: boolean;
  /** Kernel buffer to ask for, in bytes; left out: the system's default. */
  readonly sendBufferBytes?: number;
  /** Most packets to let wait for the kernel; further ones are not sent, and have to be asked for. @default 1024 */
  readonly queuePacketsMax?: number;
  /** Packets that the system refused. */
  readonly onError: (error: TickerError) => void;
  readonly onWarning?: (warning: TickerError) => void;
  readonly clock?: Clock;
}

/**
 * A `MoldSender` on a socket. Messages appended in one turn of the event loop leave together at its end (or
 * sooner, when a packet is full): batches form by themselves, and no message waits for a timer.
 */
export class Publisher {
  readonly counters: Readonly<PublisherCounters>;
  /** The machine. Do not call its `flush`, `tick` and `end`: they are called here. */
  readonly sender: MoldSender;
  private readonly counts: PublisherCounters;
  private readonly socket: MulticastSender;
  private readonly clock: Clock;
  private readonly queueMax: number;
  private readonly timer: NodeJS.Timeout;
  private readonly flushNow: () => void;
  private scheduled = false;
  private closed = false;

  /** Use `openPublisher`. */
  constructor(options: PublisherOptions, socket: MulticastSender, counts: PublisherCounters) {
    const { clock = systemClock, queuePacketsMax = 1024, heartbeatNs = HEARTBEAT_NS_DEFAULT } = options;
    checkRange('queuePacketsMax', queuePacketsMax, 1, Number.MAX_SAFE_INTEGER);
    this.counts = counts;
    this.counters = counts;
    this.socket = socket;
    this.clock = clock;
    this.queueMax = queuePacketsMax;
    this.sender = new MoldSender({ ...options, emit: (buffer, length) => this.emit(buffer, length) });
    this.flushNow = () => {
      this.scheduled = false;
      if (!this.closed) this.sender.flush(this.clock.monotonicNs());
    };
    // Four looks an interval: a heartbeat is at most a quarter late.
    const lookMs = Math.max(1, Math.floor(heartbeatNs / 4e6));
    this.timer = setInterval(() => this.sender.tick(this.clock.monotonicNs()), lookMs);
    this.timer.unref();
    this.sender.tick(this.clock.monotonicNs());
  }

  /** The number of the next message. */
  get next(): number {
    return this.sender.next;
  }

  /** As `MoldSender.append`; leaves by the end of this turn of the event loop. */
  append(bytes: Uint8Array, start: number, end: number): number {
    const seq = this.sender.append(bytes, start, end);
    if (!this.scheduled) this.schedule();
    return seq;
  }

  /** As `MoldSender.reserve`: write the data into `sender.buffer` at the offset given. */
  reserve(max: number): number {
    return this.sender.reserve(max);
  }

  /** As `MoldSender.commit`; leaves by the end of this turn of the event loop. */
  commit(length: number): number {
    const seq = this.sender.commit(length);
    if (!this.scheduled) this.schedule();
    return seq;
  }

  /** As `MoldSender.appendRun`; leaves by the end of this turn of the event loop. */
  appendRun(bytes: Uint8Array, start: number, end: number, seq: number, count: number): void {
    this.sender.appendRun(bytes, start, end, seq, count);
    if (!this.scheduled) this.schedule();
  }

  /** Sends what is pending now. */
  flush(): void {
    this.sender.flush(this.clock.monotonicNs());
  }

  /**
   * Sends `packet[0, length)`, which has left before, to the group again: for repair, or after a takeover.
   *
   * @returns whether the bytes may be overwritten.
   */
  resend(packet: Uint8Array, length: number): boolean {
    this.counts.resent++;
    return this.emit(packet, length);
  }

  /** Ends the session. Until `close`, end-of-session packets go out at the pace of heartbeats. */
  end(): void {
    this.sender.end(this.clock.monotonicNs());
  }

  /** Sends what is pending, then closes. */
  async close(): Promise<void> {
    if (this.closed) return this.socket.close();
    this.flush();
    this.closed = true;
    clearInterval(this.timer);
    return this.socket.close();
  }

  private schedule(): void {
    this.scheduled = true;
    setImmediate(this.flushNow);
  }

  private emit(packet: Uint8Array, length: number): boolean {
    if (this.socket.queued() >= this.queueMax) {
      this.counts.overflow++;
      return true;
    }
    return this.socket.send(packet, 0, length);
  }
}

/**
 * Opens a socket and publishes on it; a heartbeat leaves at once.
 *
 * @throws TickerError those of `openSender`, `MOLD_BAD_SESSION`, `MOLD_BAD_OPTION`
 */
export async function openPublisher(options: PublisherOptions): Promise<Publisher> {
  const counts = options.registry?.create(PUBLISHER_COUNTERS, options.labels) ?? PUBLISHER_COUNTERS.create();
  const onError = (error: TickerError): void => {
    counts.sendErrors++;
    options.onError(error);
  };
  const socket = await openSender({ ...options, onError });
  try {
    return new Publisher(options, socket, counts);
  } catch (error) {
    await socket.close();
    throw error;
  }
}
