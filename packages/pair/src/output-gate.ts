import { COUNT_MAX, HEADER_BYTES, writeHeader } from '@tickerplant/moldudp64';
import type { MessageRing } from '@tickerplant/sequence';

/** Numbers [from, to) that were sent again. */
export interface Rebroadcast {
  readonly from: number;
  readonly to: number;
}

export interface OutputGateOptions {
  /** Most bytes in a packet. */
  readonly packetBytes: number;
  /** Sends `packet[0, length)`; returns whether the bytes may be overwritten. */
  readonly send: (packet: Buffer, length: number) => boolean;
}

/**
 * What stands between a channel and its group. A standby's gate is shut: its messages go into the memory for
 * repair and nowhere else. When the member becomes primary the gate opens by way of that memory: first, at a pace that
 * receivers can follow, everything from the number on that the old primary's last heartbeat named; then, without a gap
 * between, what is new.
 */
export class OutputGate {
  /** Whether what is new may leave. Read for every packet. */
  live = false;
  private readonly packetBytes: number;
  private readonly emit: OutputGateOptions['send'];
  private buffer: Buffer;
  private store: MessageRing | undefined;
  private session: Uint8Array | undefined;
  private at = 0;
  private from = 0;

  constructor(options: OutputGateOptions) {
    this.packetBytes = options.packetBytes;
    this.emit = options.send;
    this.buffer = Buffer.allocUnsafeSlow(options.packetBytes);
  }

  /** Whether there is something to send again: call `step`. */
  get replaying(): boolean {
    return this.store !== undefined;
  }

  /** What has been sent again since the last `open`. */
  get rebroadcast(): Rebroadcast {
    return { from: this.from, to: this.at };
  }

  /**
   * Opens the gate, beginning with message `from` of the store (or the oldest that it has).
   *
   * @param session the session's ten bytes.
   */
  open(session: Uint8Array, store: MessageRing, from: number): void {
    this.session = session;
    this.store = store;
    this.at = Math.min(Math.max(from, store.firstSeq), store.nextSeq);
    this.from = this.at;
    this.live = false;
    if (this.at >= store.nextSeq) this.goLive();
  }

  /** Opens the gate for what is new only. */
  goLive(): void {
    this.store = undefined;
    this.live = true;
  }

  /**
   * Shuts the gate.
   *
   * @returns the number before which everything has left; undefined: everything that there was.
   */
  shut(): number | undefined {
    const sentBefore = this.store === undefined ? undefined : this.at;
    this.store = undefined;
    this.live = false;
    return sentBefore;
  }

  /**
   * Sends again up to so many bytes (at least one packet).
   *
   * @returns the bytes sent.
   */
  step(bytesMax: number): number {
    const { store, session } = this;
    if (store === undefined) return 0;
    let sent = 0;
    do {
      const { count, end } = store.read(this.at, COUNT_MAX, this.buffer, HEADER_BYTES, this.packetBytes);
      if (count === 0) {
        // A hole: those numbers were lost to this member too, or had to make room. Or a message that fits in no packet.
        const stored = store.after(this.at);
        const next = stored === this.at ? store.after(this.at + 1) : stored;
        if (next >= store.nextSeq) {
          this.at = store.nextSeq;
          this.goLive();
          return sent;
        }
        this.at = next;
        continue;
      }
      writeHeader(this.buffer, 0, session!, this.at, count);
      if (!this.emit(this.buffer, end)) this.buffer = Buffer.allocUnsafeSlow(this.packetBytes);
      this.at += count;
      sent += end;
      if (this.at >= store.nextSeq) {
        this.goLive();
        return sent;
      }
    } while (sent < bytesMax);
    return sent;
  }
}
