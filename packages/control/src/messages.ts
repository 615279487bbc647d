// What a client and a plant say to each other over TCP.

/** Version of the protocol; both sides must have the same. */
export const CONTROL_VERSION = 2;

/** First of all: who wants to talk. */
export interface Hello {
  readonly kind: 'hello';
  readonly version: number;
  /** For logs and `status`. */
  readonly client: string;
}

/** Asks for items, and for their images if wanted. Answered by `subscribed`, `images` and `end`. */
export interface Subscribe {
  readonly kind: 'subscribe';
  /** The client's number for the subscription, unique within the connection. */
  readonly id: number;
  /** Subjects, or patterns with `*` and `>`. */
  readonly patterns: readonly string[];
  readonly images: boolean;
  /** Names of the fields wanted; left out: all. */
  readonly fields?: readonly string[] | undefined;
}

export interface Unsubscribe {
  readonly kind: 'unsubscribe';
  readonly id: number;
}

/**
 * Asks for images anew, after a loss: of the items numbered or named, or, if both lists are empty, of everything
 * that the subscription has on the channel. Answered by `images` and `end`.
 */
export interface Resync {
  readonly kind: 'resync';
  /** The subscription. */
  readonly id: number;
  /** Channel id. */
  readonly channel: number;
  readonly items: readonly number[];
  readonly subjects: readonly string[];
}

/** Asks for the plant's state. Answered by `status-reply`. */
export interface StatusRequest {
  readonly kind: 'status';
}

/** Asks for the plant's quarantine. Answered by `quarantine-reply`. */
export interface QuarantineRequest {
  readonly kind: 'quarantine';
}

/** Asks a handler of pages where an element's field comes from. Answered by `why-reply`. */
export interface WhyRequest {
  readonly kind: 'why';
  readonly subject: string;
  readonly field: string;
}

/** Asks a member of a pair for its state: another one wants to join. Answered by `state` messages. */
export interface StateRequest {
  readonly kind: 'state-request';
  /** Shows that the asker has the floor's key: `proofOf(key, 'state', welcome)`. */
  readonly proof: Uint8Array;
}

/** What a member of a pair may be told to do. */
export const DUTIES = ['hand-over', 'drain', 'join', 'restart'] as const;
/** Hand over; hand over and stay out of it, for work on it; take part again; hand over and end, to be started anew. */
export type Duty = (typeof DUTIES)[number];

/** Planned work on a member of a pair. Answered by `done`. */
export interface DutyRequest {
  readonly kind: 'duty';
  readonly duty: Duty;
  /** `proofOf(key, duty, welcome)` */
  readonly proof: Uint8Array;
}

/** Answered by `pong` with the same token. */
export interface Ping {
  readonly kind: 'ping';
  readonly token: number;
}

/** What clients say. */
export type Request =
  | Hello
  | Subscribe
  | Unsubscribe
  | Resync
  | StatusRequest
  | QuarantineRequest
  | WhyRequest
  | StateRequest
  | DutyRequest
  | Ping;

/** The answer to `hello`. */
export interface Welcome {
  readonly kind: 'welcome';
  readonly version: number;
  /** The plant's name. */
  readonly plant: string;
  /** The floor's name. */
  readonly floor: string;
  /** Changes with every start of the plant. */
  readonly boot: bigint;
  /** Of this connection: what proofs are made of, so that none serves twice. */
  readonly nonce?: bigint | undefined;
}

/** Images of one channel, as many as fit. */
export interface Images {
  readonly kind: 'images';
  /** The subscription. */
  readonly id: number;
  /** Channel id. */
  readonly channel: number;
  /** The channel's session. */
  readonly session: string;
  /** The images hold everything before this number, and nothing from it on. */
  readonly asOf: number;
  /** Whether these are the last of this channel at present. */
  readonly last: boolean;
  /** Entries as `ImageWriter` makes them; received ones are borrowed. */
  readonly blob: Uint8Array;
}

/** The subscription stands. */
export interface Subscribed {
  readonly kind: 'subscribed';
  readonly id: number;
  /** Items that match now. */
  readonly matched: number;
}

/** All images that were asked for have been sent. */
export interface End {
  readonly kind: 'end';
  readonly id: number;
  /** Items whose images were sent. */
  readonly matched: number;
}

/** A request, or the connection, was refused. */
export interface ErrorReply {
  readonly kind: 'error';
  /** The subscription that it is about; undefined: the connection, which ends. */
  readonly id?: number | undefined;
  /** Stable code. */
  readonly code: string;
  readonly message: string;
}

export interface StatusReply {
  readonly kind: 'status-reply';
  readonly json: string;
}

export interface QuarantineReply {
  readonly kind: 'quarantine-reply';
  readonly json: string;
}

export interface WhyReply {
  readonly kind: 'why-reply';
  readonly json: string;
}

/** A part of a member's state. */
export interface StatePart {
  readonly kind: 'state';
  /** Its place, from 0. */
  readonly index: number;
  /** A piece by itself, of what stays as it is (`StateGiver.settled`). The others make up the rest, put together. */
  readonly settled: boolean;
  readonly last: boolean;
  readonly blob: Uint8Array;
  /** `proofOfPart(key, welcome, part)` */
  readonly proof: Uint8Array;
}

/** A duty is done. */
export interface DutyReply {
  readonly kind: 'done';
  /** In words: who goes on. */
  readonly text: string;
}

export interface Pong {
  readonly kind: 'pong';
  readonly token: number;
}

/** What plants say. */
export type Reply =
  | Welcome
  | Images
  | Subscribed
  | End
  | ErrorReply
  | StatusReply
  | QuarantineReply
  | WhyReply
  | StatePart
  | DutyReply
  | Pong;

/** Input that cannot be taken. */
export interface ControlFault {
  readonly kind: 'fault';
  /** Stable code. */
  readonly code: string;
  /** What was expected and what came. */
  readonly message: string;
}
