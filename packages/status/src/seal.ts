import { createHmac, createSecretKey, type KeyObject, timingSafeEqual } from 'node:crypto';
import { TickerError } from '@tickerplant/core';

// A packet of a status group:
//
//      0                   1                   2                   3
//     +-------------------+-------------------+-------------------+-------------------+
//   0 |       'T'         |       'S'         |    version (1)    |   reserved (0)    |
//     +-------------------+-------------------+-------------------+-------------------+
//   4 |   the first 16 bytes of HMAC-SHA256(key, bytes 0–3, group, body)              |
//     |                                                                               |
//  20 |   body: one MessagePack array (see wire.ts)                                   |
//     +-------------------------------------------------------------------------------+
//
// `group` is the text GROUP:PORT with a byte for its length in front, so that a packet of one group cannot be
// passed off as one of another.

const MAGIC_T = 0x54;
const MAGIC_S = 0x53;
/** Version of the envelope and of every message in it. */
const STATUS_VERSION = 1;
const MAC_OFFSET = 4;
const MAC_LENGTH = 16;
/** Where the body begins. */
export const BODY_OFFSET: number = MAC_OFFSET + MAC_LENGTH;

/** Shortest key accepted, in bytes. */
const KEY_BYTES_MIN = 16;

/** What is wrong with a packet, before its body is looked at. */
export type SealFault = 'malformed' | 'version' | 'forged';

/** Puts packets under the shared key of one group, and tells which are. */
export class Seal {
  readonly #key: KeyObject;
  readonly #group: Buffer;

  /**
   * @param key at least 16 bytes.
   * @param group `239.255.10.1:30000`
   * @throws TickerError `STATUS_BAD_KEY`
   */
  constructor(key: Uint8Array, group: string) {
    if (key.length < KEY_BYTES_MIN) {
      throw new TickerError('STATUS_BAD_KEY', `expected a key of at least ${KEY_BYTES_MIN} bytes, got ${key.length}`);
    }
    this.#key = createSecretKey(key);
    this.#group = Buffer.concat([Buffer.from([Buffer.byteLength(group)]), Buffer.from(group)]);
  }

  /** A packet around a body. */
  close(body: Uint8Array): Buffer {
    const packet = Buffer.allocUnsafe(BODY_OFFSET + body.length);
    packet[0] = MAGIC_T;
    packet[1] = MAGIC_S;
    packet[2] = STATUS_VERSION;
    packet[3] = 0;
    packet.set(body, BODY_OFFSET);
    packet.set(this.#mac(packet, packet.length), MAC_OFFSET);
    return packet;
  }

  /** Whether a packet is whole, of this version and under the key: its body may be believed. */
  check(packet: Uint8Array, length: number): SealFault | undefined {
    if (length <= BODY_OFFSET || packet[0] !== MAGIC_T || packet[1] !== MAGIC_S) return 'malformed';
    if (packet[2] !== STATUS_VERSION || packet[3] !== 0) return 'version';
    const mac = this.#mac(packet, length);
    return timingSafeEqual(mac, packet.subarray(MAC_OFFSET, BODY_OFFSET)) ? undefined : 'forged';
  }

  #mac(packet: Uint8Array, length: number): Buffer {
    return createHmac('sha256', this.#key)
      .update(packet.subarray(0, MAC_OFFSET))
      .update(this.#group)
      .update(packet.subarray(BODY_OFFSET, length))
      .digest()
      .subarray(0, MAC_LENGTH);
  }
}
