import type { Framing } from '@tickerplant/sequence';
import type { ChannelSet } from './channel-set.ts';
import type { TemplateSpec } from './channel-writer.ts';

/** What a feed's normaliser may use of the world around it. */
export interface NormaliserContext {
  /** The channels of each of the feed's services, by role (`records`, `depth`). */
  readonly services: Readonly<Record<string, ChannelSet>>;
  /** Trading day, days since 1970-01-01. */
  readonly day: number;
  /** What to add to the venue's local time of day to get GMT, nanoseconds. */
  readonly zoneOffsetNs: number;
  /**
   * Takes a message that cannot be used: too short, of an unknown type, contradicting what went before.
   *
   * @param position the vendor's number of the message.
   */
  fault(code: string, message: string, bytes: Uint8Array, start: number, length: number, position: number): void;
}

/** What a normaliser gives of its state, as plain values such as `v8.serialize` takes. All borrowed: serialise it before anything else is called. */
export interface NormaliserGiver {
  /** The next piece of what can be given before the rest, such as the trades of the day; undefined: there is none at the moment. */
  piece(): unknown;
  /**
   * All that the further output depends on besides the pieces. Asked for once, at the end.
   *
   * @throws TickerError when the pieces are of no use any more
   */
  rest(): unknown;
}

/**
 * Turns a vendor's messages into normalised ones. Its output depends on nothing but the messages and their
 * positions: no clock, no randomness, no regard for how packets were cut.
 */
export interface Normaliser {
  /** One vendor message, in the vendor's order, each exactly once. `bytes` is borrowed. */
  message(bytes: Uint8Array, start: number, length: number, position: number): void;
  /** The vendor's messages [from, to) are gone for good: what they may have touched is in doubt. */
  lost(from: number, to: number): void;
  /** The vendor began a new session: all state is void, the channels begin a new epoch. */
  reset(): void;
  /** Gives its state to another member, while work goes on. */
  give(): NormaliserGiver;
  /**
   * Takes over what another normaliser of the same feed has saved, in place of its own state: from here on both say
   * the same. The channels have been restored before.
   *
   * @param pieces that were given before, in their order.
   * @throws when the state is none of its own, or does not go with the pieces (all was forgotten in between); it is then of no use until it has been restored or reset.
   */
  restore(state: unknown, pieces: readonly unknown[]): void;
}

/** Everything the suite needs to know of a feed's protocol; each feed folder exports one. */
export interface FeedProtocol {
  /** As in floor files: `itch50`, `iex-tops`. */
  readonly name: string;
  /** The layout of its packets, for one receiver. */
  createFraming(): Framing;
  /** Roles of the services that it publishes, the first one is required in floor files. */
  readonly roles: readonly string[];
  /** The templates of every channel that carries the feed. */
  readonly templates: readonly TemplateSpec[];
  /** The IANA zone of its times of day, when the floor file names none. */
  readonly timeZone: string;
  /** Most messages that one request for missing ones may ask for. */
  readonly requestMessagesMax: number;
  /** Whether a request is answered with one packet, or with as many as it takes. */
  readonly singlePacketAnswers: boolean;
  /** Writes a request for missing messages; returns its length. `session` is the bytes that name the session. */
  encodeRequest(session: Uint8Array, from: number, count: number, out: Uint8Array): number;
  createNormaliser(context: NormaliserContext): Normaliser;
}
