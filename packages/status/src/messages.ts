import type { QualityName } from '@tickerplant/records';

// What is said on a status group: everything that is not sequenced.

/** Where a process listens: IPv4 address and port. */
export interface Address {
  readonly address: string;
  readonly port: number;
}

/** Who speaks. */
export const ROLES = ['handler', 'plant'] as const;
export type Role = (typeof ROLES)[number];

/** What a member of a pair is doing. */
export const STATES = ['primary', 'standby', 'joining'] as const;
export type MemberState = (typeof STATES)[number];

/** How far a channel has come. */
export interface ChannelProgress {
  /** 1 to 1295. */
  readonly id: number;
  /** The MoldUDP64 session, 10 characters. */
  readonly session: string;
  /** The number that the next message will have. */
  readonly next: number;
  /** Digest of what was sent before `next`, where the sender keeps one. */
  readonly digest?: string | undefined;
  /** What it has sent up to there may be old: it works through what it has missed, or waits for word itself. */
  readonly unsure?: boolean;
}

/** How far a handler has come with the numbers of its vendor. */
export interface VendorProgress {
  /** The vendor's number of the message that it takes next. */
  readonly next: number;
  /** The messages [from, to) that it has given up last: it does not use them any more, should they come. */
  readonly lost?: { readonly from: number; readonly to: number } | undefined;
  /** Of a primary: ranks of the members without whose word it takes nothing for lost. @default none */
  readonly awaits?: readonly number[];
}

/**
 * "I am here." Many channels are spread over several packets, each of which arrives as a heartbeat of its own
 * with some of the channels.
 */
export interface Heartbeat {
  readonly kind: 'heartbeat';
  readonly role: Role;
  readonly name: string;
  /** The feed, of a handler. */
  readonly feed?: string | undefined;
  /** Counts the promotions in the pair; the higher one wins. */
  readonly term: number;
  /** Place in the order of succession; the lower one goes first. */
  readonly rank: number;
  readonly state: MemberState;
  /** Of a standby: it could take over at once. Of a primary: it does its work. Left out: so it is. */
  readonly fit?: boolean | undefined;
  /** Of one that has just handed over: the rank of the member that shall go on. */
  readonly successor?: number | undefined;
  /** Of a handler that publishes or could go on at once in the session that it names: where it stands with the vendor. */
  readonly vendor?: VendorProgress | undefined;
  /** TCP: subscriptions, snapshots, status. */
  readonly control?: Address | undefined;
  /** UDP: repair requests. */
  readonly repair?: Address | undefined;
  readonly channels: readonly ChannelProgress[];
}

/** A multicast group that carries a channel. */
export interface DirectoryGroup {
  readonly group: string;
  readonly port: number;
  /** For a source-specific membership; empty: any source. */
  readonly sources?: readonly string[] | undefined;
}

/** Where to find a channel on the network of this status group. */
export interface DirectoryChannel {
  /** 1 to 1295. */
  readonly id: number;
  readonly name: string;
  /** Names of the services with items on the channel. */
  readonly services: readonly string[];
  /** Session at the time of writing; empty when none has been heard yet. */
  readonly session: string;
  /**
   * At least one. Where there are several, each plant publishes on one of them, the plant of rank r on the r-th, and what
   * comes on any of them will do.
   */
  readonly groups: readonly DirectoryGroup[];
}

/** All channels of the floor. Received whole, once for each version. */
export interface Directory {
  readonly kind: 'directory';
  readonly floor: string;
  readonly channels: readonly DirectoryChannel[];
  /** What the floor file promises: how soon silence shows on every client; undefined when the plant doesn't say. */
  readonly silentAfterMs?: number | undefined;
}

/** What an opinion about quality is about. */
export const SCOPES = ['line', 'channel', 'feed', 'item'] as const;
export type QualityScope = (typeof SCOPES)[number];

/** The quality of one thing. */
export interface QualityEntry {
  readonly scope: QualityScope;
  /** `iex/A`, a channel's name, a feed's name, an item's subject. */
  readonly subject: string;
  readonly quality: QualityName;
  /** Stable code; empty when LIVE. */
  readonly reason: string;
  /** The particulars, for a person; sent cut at 200 characters. */
  readonly detail: string;
  /** Wall-clock nanoseconds since 1970. */
  readonly sinceNs: bigint;
}

/** Changes of quality, or all of it again. */
export interface QualityReport {
  readonly kind: 'quality';
  readonly entries: readonly QualityEntry[];
}

/** "Number n left at t", so that measuring adds nothing to the data. */
export interface LatencySamples {
  readonly kind: 'latency';
  /** Channel id. */
  readonly channel: number;
  /** Message number and wall-clock nanoseconds since 1970. */
  readonly samples: readonly (readonly [seq: number, wallNs: bigint])[];
}

/**
 * Subjects that a plant's subscribers want: handlers which fetch items one by one fetch these. Said on the feed network, again
 * and again while it is so; wildcards want what there is, and ask for nothing.
 */
export interface InterestMessage {
  readonly kind: 'interest';
  /** How long this holds. */
  readonly validMs: number;
  readonly subjects: readonly string[];
}

export type StatusMessage = Heartbeat | Directory | QualityReport | LatencySamples | InterestMessage;

/** Where a message came from; authenticated. */
export interface StatusOrigin {
  /** The sender's name on the status group. */
  readonly sender: string;
  /** Changes with every start of the sender. */
  readonly boot: bigint;
  /** Counts the sender's packets. */
  readonly counter: number;
  /** The sender's wall clock when it sent, nanoseconds since 1970. */
  readonly sentWallNs: bigint;
  /** The sender's monotonic clock when it sent; comparable only within one boot. */
  readonly sentMonotonicNs: number;
}
