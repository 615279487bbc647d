import { TickerError } from '@tickerplant/core';

// The protocol of vendors that are asked, over TCP. All numbers big-endian.
//
//     u16 length | u8 type | body …            length: of type and body, from 1
//     text: u8 length | UTF-8
//
// What IMAGE and UPDATE carry behind the request's number is each feed's own.

/** Version that a logon names. */
export const PROTOCOL_VERSION = 1;
export const LENGTH_BYTES = 2;

/** Types of frames, as ASCII letters. */
export const FrameType = {
  // From the client.
  /** u8 version, text user. */
  LOGON: 0x4c, // L
  /** u32 request, text name: an image, then updates, all under the request's number. */
  REQUEST: 0x52, // R
  /** u32 request: no more of it. */
  RELEASE: 0x43, // C

  // From the vendor.
  /** u32 heartbeat limit in ms: who is silent for longer is gone; then the vendor's other limits, u32 each. */
  ACCEPTED: 0x41, // A
  /** text reason; the connection ends. */
  REJECTED: 0x4a, // J
  /** u32 request, then all of it. */
  IMAGE: 0x49, // I
  /** u32 request, then what changed. */
  UPDATE: 0x55, // U
  /** u32 request, u8 status, text. */
  STATUS: 0x53, // S

  // From both.
  HEARTBEAT: 0x48, // H
  /** The connection ends. */
  LOGOUT: 0x4f, // O
} as const;

/** What a STATUS says of a request. All but STALE close it. */
export const RequestStatus = {
  /** There is no such thing. */
  NOT_FOUND: 1,
  /** The vendor has lost sight of it. An image follows when that is over. */
  STALE: 2,
  /** The vendor has closed the request; it may be made again. */
  CLOSED: 3,
  /** As many requests are open as the client may have. */
  LIMIT: 4,
  /** Requests came faster than agreed; it may be made again, later. */
  TOO_FAST: 5,
} as const;

/** In what one vendor's protocol differs from another's. */
export interface VendorDialect {
  /** Longest frame, without its length; at most 65,535. */
  readonly frameBytesMax: number;
  /** Longest text, in bytes of UTF-8; at most 255. */
  readonly textBytesMax: number;
  /** How many limits ACCEPTED has behind that of the heartbeats. */
  readonly limits: number;
  /** Codes of faults and errors. */
  readonly codes: { readonly badFrame: string; readonly unknownFrame: string; readonly textTooLong: string };
}

/** Writes frames: those that all vendors' protocols have as a whole, others from `begin` to `end`. */
export class VendorFrames {
  readonly dialect: VendorDialect;
  readonly #scratch: Buffer;
  #at = 0;

  constructor(dialect: VendorDialect) {
    this.dialect = dialect;
    this.#scratch = Buffer.alloc(LENGTH_BYTES + dialect.frameBytesMax);
  }

  begin(type: number): this {
    this.#at = LENGTH_BYTES;
    return this.u8(type);
  }

  /** The lowest byte of a number, which may be negative. */
  u8(value: number): this {
    this.#scratch[this.#at++] = value;
    return this;
  }

  u16(value: number): this {
    this.#at = this.#scratch.writeUInt16BE(value, this.#at);
    return this;
  }

  u32(value: number): this {
    this.#at = this.#scratch.writeUInt32BE(value, this.#at);
    return this;
  }

  /** @param value a safe whole number */
  i64(value: number): this {
    this.#at = this.#scratch.writeBigInt64BE(BigInt(value), this.#at);
    return this;
  }

  bytes(value: Uint8Array): this {
    this.#scratch.set(value, this.#at);
    this.#at += value.length;
    return this;
  }

  /** @throws TickerError of the dialect's code `textTooLong` */
  text(value: string): this {
    const { textBytesMax, codes } = this.dialect;
    const bytes = Buffer.from(value, 'utf8');
    if (bytes.length > textBytesMax) {
      throw new TickerError(codes.textTooLong, `expected a text of at most ${textBytesMax} bytes, got ${bytes.length}`);
    }
    return this.u8(bytes.length).bytes(bytes);
  }

  end(): Buffer {
    this.#scratch.writeUInt16BE(this.#at - LENGTH_BYTES, 0);
    return Buffer.from(this.#scratch.subarray(0, this.#at));
  }

  /** @throws TickerError as `text` */
  logon(user: string): Buffer {
    return this.begin(FrameType.LOGON).u8(PROTOCOL_VERSION).text(user).end();
  }

  /** @throws TickerError as `text` */
  request(request: number, name: string): Buffer {
    return this.begin(FrameType.REQUEST).u32(request).text(name).end();
  }

  release(request: number): Buffer {
    return this.begin(FrameType.RELEASE).u32(request).end();
  }

  /** @param limits as many as the dialect has */
  accepted(heartbeatLimitMs: number, ...limits: readonly number[]): Buffer {
    this.begin(FrameType.ACCEPTED).u32(heartbeatLimitMs);
    for (const limit of limits) this.u32(limit);
    return this.end();
  }

  /** @throws TickerError as `text` */
  rejected(reason: string): Buffer {
    return this.begin(FrameType.REJECTED).text(reason).end();
  }

  /** @throws TickerError as `text` */
  status(request: number, status: number, reason: string): Buffer {
    return this.begin(FrameType.STATUS).u32(request).u8(status).text(reason).end();
  }

  heartbeat(): Buffer {
    return this.begin(FrameType.HEARTBEAT).end();
  }

  logout(): Buffer {
    return this.begin(FrameType.LOGOUT).end();
  }
}
