import type { QualityState } from '@tickerplant/records';
import type { CounterRegistry } from '@tickerplant/telemetry';
import type { RecordTable } from './record-table.ts';

/** What a session tells of the vendor's items. A row is the place of a symbol in the floor file's list. */
export interface VendorListener {
  /** The vendor has let us in: from here on all symbols are being requested. */
  onAccepted(): void;
  /** All values of a row are new. */
  onImage(row: number): void;
  /** These fields of a row have new values (bits, as `RecordTable` has them). Only after an image. */
  onUpdate(row: number, fields: number): void;
  /** The row's values are not to be relied on, until an image comes. */
  onStatus(row: number, state: QualityState): void;
}

/** What a session wants of its connection. */
export interface VendorLink {
  /** Sends bytes, which are the link's from now on. */
  send(bytes: Uint8Array): void;
  /** Gives the connection up. The session hears of its end by `disconnected`, not from within. */
  hangUp(why: string): void;
}

/** What every session needs. */
export interface SessionContext {
  /** Who logs on. */
  readonly user: string;
  readonly link: VendorLink;
  readonly registry: CounterRegistry;
  /** Takes a message that cannot be used; the bytes are borrowed. */
  readonly fault: (code: string, message: string, bytes: Uint8Array, start: number, end: number) => void;
}

export interface VendorSessionContext extends SessionContext {
  readonly symbols: readonly string[];
  /** Takes the values, row i those of `symbols[i]`. */
  readonly values: RecordTable;
  readonly listener: VendorListener;
}

/**
 * One vendor's protocol over a connection, without the connection: logs on, requests all symbols, keeps the values,
 * heartbeats. A machine that is used again for the next connection, with everything requested anew.
 */
export interface VendorSession {
  connected(nowNs: number): void;
  /** A piece of the stream, cut anywhere; borrowed. */
  received(bytes: Uint8Array, nowNs: number): void;
  disconnected(): void;
  /** Lets time pass: several times within the vendor's heartbeat limit. */
  tick(nowNs: number): void;
  /** Says goodbye. */
  logOut(): void;
}

/**
 * Everything the suite needs to know of an interactive vendor's protocol: one without positions, where each client has
 * a connection and an order of its own. What `FeedProtocol` is for feeds that number their messages.
 */
export interface InteractiveProtocol {
  /** As in floor files. */
  readonly name: string;
  /** Roles of the services that it publishes. */
  readonly roles: readonly string[];
  /** The IANA zone of its times of day, when the floor file names none. */
  readonly timeZone: string;
  /** The fields of its records, at most 31. */
  readonly fids: readonly number[];
  createSession(context: VendorSessionContext): VendorSession;
}
