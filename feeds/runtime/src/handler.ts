import { errorMessage, formatDay } from '@tickerplant/core';
import { Reason } from '@tickerplant/records';
import type { SequencedListener } from '@tickerplant/sequence';
import { type CounterRegistry, type Counters, counterSet, type Quarantine } from '@tickerplant/telemetry';
import type { ChannelSet } from './channel-set.ts';
import type { ChannelWriter } from './channel-writer.ts';
import type { MessageSink } from './message-sink.ts';
import type { FeedProtocol, Normaliser } from './protocol.ts';

const HANDLER_COUNTERS = counterSet('handler', {
  vendorMessages: 'Vendor messages taken, each once, in order.',
  vendorLost: 'Vendor messages that never came and could not be had again.',
  vendorSessions: "Vendor sessions begun after the first: each is a new epoch of the feed's channels.",
  faults: 'Vendor messages that could not be used; the quarantine keeps the newest.',
  exceptions: 'Vendor messages on which the normaliser failed: our own mistake, please report it.',
});

/** A handler as plain values: what one member of a pair gives another. */
export interface SavedHandler {
  readonly epoch: number;
  readonly session: string;
  readonly position: number;
  readonly normaliser: unknown;
}

/** See `NormaliserGiver`. */
export interface HandlerGiver {
  piece(): unknown;
  rest(): SavedHandler;
}

/** The number of a vendor session's first message. */
const FIRST = 1;
const NO_BYTES = new Uint8Array(0);

/** One channel that a handler publishes. */
export interface HandlerChannel {
  readonly writer: ChannelWriter;
  /**
   * Begins a new session under the epoch, numbered from 1. Returns where its messages go, and the session before
   * with its next number (empty and 0 if there was none, as far as known).
   */
  open(epoch: number): { readonly sink: MessageSink; readonly session: string; readonly next: number };
}

export interface HandlerOptions {
  readonly protocol: FeedProtocol;
  /** Byte order of the vendor's block lengths. */
  readonly littleEndianLengths: boolean;
  readonly services: Readonly<Record<string, ChannelSet>>;
  readonly channels: readonly HandlerChannel[];
  /** Days since 1970-01-01. */
  readonly day: number;
  readonly zoneOffsetNs: number;
  readonly quarantine: Quarantine;
  readonly registry: CounterRegistry;
  /** Wall clock for the quarantine's entries; says nothing to the normaliser. */
  readonly wallNs: () => bigint;
  /** What operators want to read about: sessions, losses. */
  readonly onEvent: (event: string, facts: Record<string, unknown>) => void;
}

/**
 * A feed handler without its sockets: takes the vendor's messages from a `SequencedReceiver` in the vendor's
 * order, has them normalised, and knows when the channels must begin a new epoch.
 */
export class Handler implements Omit<SequencedListener, 'onRequest'> {
  readonly #options: HandlerOptions;
  readonly #counters: Counters<typeof HANDLER_COUNTERS.descriptions>;
  private readonly normaliser: Normaliser;
  private readonly littleEndian: boolean;
  #epoch = 0;
  #session = '';
  #position = 0;

  constructor(options: HandlerOptions) {
    this.#options = options;
    this.#counters = options.registry.create(HANDLER_COUNTERS);
    this.littleEndian = options.littleEndianLengths;
    this.normaliser = options.protocol.createNormaliser({
      services: options.services,
      day: options.day,
      zoneOffsetNs: options.zoneOffsetNs,
      fault: (code, message, bytes, start, length, position) => {
        this.#counters.faults++;
        const kept = bytes.subarray(start, start + length);
        options.quarantine.put(options.wallNs(), code, message, kept, { position });
      },
    });
  }

  get epoch(): number {
    return this.#epoch;
  }

  /** The vendor's session; empty before the first. */
  get session(): string {
    return this.#session;
  }

  /** The number of the vendor's next message. */
  get position(): number {
    return this.#position;
  }

  /**
   * Begins with nothing known: forgets all that there was, and opens an epoch on every channel.
   *
   * @param epoch above every one that the channels had before on this day.
   */
  begin(epoch: number): void {
    if (this.#epoch > 0) this.normaliser.reset();
    this.#epoch = epoch;
    this.#session = '';
    this.#position = 0;
    this.#open();
  }

  /** Gives what further output depends on besides the channels, while work goes on. */
  give(): HandlerGiver {
    const giver = this.normaliser.give();
    return {
      piece: () => giver.piece(),
      rest: () => ({
        epoch: this.#epoch,
        session: this.#session,
        position: this.#position,
        normaliser: giver.rest(),
      }),
    };
  }

  /** Goes on where another handler was, whose channels have been restored. */
  restore({ epoch, session, position, normaliser }: SavedHandler, pieces: readonly unknown[]): void {
    this.normaliser.restore(normaliser, pieces);
    this.#epoch = epoch;
    this.#session = session;
    this.#position = position;
  }

  onRun(bytes: Uint8Array, start: number, end: number, seq: number, count: number): void {
    this.#counters.vendorMessages += count;
    this.#position = seq + count;
    const { normaliser, littleEndian } = this;
    let position = seq;
    let at = start;
    while (at < end) {
      const length = littleEndian ? bytes[at]! | (bytes[at + 1]! << 8) : (bytes[at]! << 8) | bytes[at + 1]!;
      const message = at + 2;
      at = message + length;
      try {
        normaliser.message(bytes, message, length, position);
      } catch (error) {
        this.#failed(error, bytes, message, length, position);
        // Not taken up, or only in part: as good as lost.
        this.#lost(position, position + 1);
        this.#suspectAll(position);
      }
      position++;
    }
  }

  onLost(from: number, to: number, reason: string): void {
    this.#counters.vendorLost += to - from;
    this.#position = to;
    this.#options.onEvent('vendor messages lost', { from, to: to - 1, reason });
    this.#lost(from, to);
  }

  /**
   * A session of the vendor begins.
   *
   * @param epoch with a `previous` one, a new epoch begins on every channel: this, above every one that they had before on this day.
   */
  onSession(session: string, previous: string | undefined, next: number, epoch: number = this.#epoch + 1): void {
    this.#options.onEvent('vendor session', { session, previous, next });
    this.#session = session;
    this.#position = next;
    if (previous !== undefined) {
      this.#counters.vendorSessions++;
      this.normaliser.reset();
      this.#epoch = epoch;
      this.#open();
    }
    if (next <= FIRST) return;
    // What a day's beginning said (directories, orders, trades) is as unknown as if it had been lost.
    this.#options.onEvent('vendor session joined late', { session, next });
    this.#lost(FIRST, next);
  }

  onEnd(next: number): void {
    this.#options.onEvent('vendor session ended', { next });
  }

  #open(): void {
    const day = formatDay(this.#options.day);
    for (const channel of this.#options.channels) {
      const { sink, session, next } = channel.open(this.#epoch);
      channel.writer.attach(sink);
      channel.writer.begin(day, this.#epoch, session, next);
    }
  }

  #lost(from: number, to: number): void {
    try {
      this.normaliser.lost(from, to);
    } catch (error) {
      this.#failed(error, NO_BYTES, 0, 0, from);
      this.#suspectAll(from);
    }
  }

  /** The normaliser must not throw. */
  #failed(error: unknown, bytes: Uint8Array, start: number, length: number, position: number): void {
    this.#counters.exceptions++;
    const kept = bytes.subarray(start, start + length);
    this.#options.quarantine.put(this.#options.wallNs(), 'FEED_NORMALISER_FAILED', errorMessage(error), kept, {
      position,
    });
    this.#options.onEvent('normaliser failed', { position, error: errorMessage(error) });
  }

  /** After a failure the normaliser's state is anyone's guess: nothing stays LIVE. */
  #suspectAll(position: number): void {
    for (const { writer } of this.#options.channels) {
      writer.suspectAll(Reason.VENDOR_FAULT, `the handler failed on vendor message ${position}`);
    }
  }
}
