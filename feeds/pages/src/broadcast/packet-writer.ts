import { assert } from '@tickerplant/core';
import { CONTENT_BYTES_MAX, type PageFormat } from '../payload.ts';
import { BROADCAST_VERSION, PACKET_HEAD_BYTES, PACKET_MAGIC, PARTS_MAX, RecordType } from './messages.ts';

/** Type, length of the name, sequence. */
const RECORD_HEAD_BYTES = 6;
const BASE_BODY_BYTES = 9;
const DELTA_BODY_BYTES = 5;

/** Packs records into datagrams. What is pending goes out with `flush`, or when the next record doesn't fit. */
export class PacketWriter {
  readonly #bytes: Buffer;
  readonly #emit: (packet: Uint8Array, length: number) => void;
  #session: number;
  #packet = 0;
  #at: number = PACKET_HEAD_BYTES;

  /**
   * @param packetBytes longest datagram, 1,024 to 65,507
   * @param emit takes `packet[0, length)`, borrowed
   */
  constructor(session: number, packetBytes: number, emit: (packet: Uint8Array, length: number) => void) {
    assert(packetBytes >= 1024, `expected packets of at least 1024 bytes, got ${packetBytes}`);
    this.#bytes = Buffer.alloc(packetBytes);
    this.#emit = emit;
    this.#session = session;
  }

  get session(): number {
    return this.#session;
  }

  /** Begins a new session. */
  restart(session: number): void {
    this.flush();
    this.#session = session;
    this.#packet = 0;
  }

  base(name: string, sequence: number, format: PageFormat, rows: number, columns: number, content: Uint8Array): void {
    this.#parts(name, BASE_BODY_BYTES, content, (part, parts) => {
      this.#head(RecordType.BASE, name, sequence);
      this.#u8(format);
      this.#u16(rows);
      this.#u16(columns);
      this.#u8(part);
      this.#u8(parts);
    });
  }

  delta(name: string, sequence: number, format: PageFormat, content: Uint8Array): void {
    this.#parts(name, DELTA_BODY_BYTES, content, (part, parts) => {
      this.#head(RecordType.DELTA, name, sequence);
      this.#u8(format);
      this.#u8(part);
      this.#u8(parts);
    });
  }

  present(name: string, sequence: number): void {
    this.#bare(RecordType.PRESENT, name, sequence);
  }

  gone(name: string, sequence: number): void {
    this.#bare(RecordType.GONE, name, sequence);
  }

  /** @param pages how many there are */
  round(pages: number): void {
    this.#bare(RecordType.ROUND, '', pages);
  }

  /** Sends what is pending. */
  flush(): void {
    if (this.#at > PACKET_HEAD_BYTES) this.#send();
  }

  /** Sends a packet without records. */
  heartbeat(): void {
    this.flush();
    this.#send();
  }

  #bare(type: number, name: string, sequence: number): void {
    this.#room(RECORD_HEAD_BYTES + name.length);
    this.#head(type, name, sequence);
  }

  /** Writes a content in as many records as it takes; they all say how many. */
  #parts(name: string, bodyBytes: number, content: Uint8Array, head: (part: number, parts: number) => void): void {
    assert(content.length <= CONTENT_BYTES_MAX, `expected at most ${CONTENT_BYTES_MAX} bytes, got ${content.length}`);
    const overhead = RECORD_HEAD_BYTES + name.length + bodyBytes;
    const most = this.#bytes.length - PACKET_HEAD_BYTES - overhead;
    const parts = Math.max(1, Math.ceil(content.length / most));
    assert(parts <= PARTS_MAX, `expected at most ${PARTS_MAX} parts, got ${parts}`);
    for (let part = 0; part < parts; part++) {
      const from = part * most;
      const length = Math.min(most, content.length - from);
      this.#room(overhead + length);
      head(part, parts);
      this.#u16(length);
      this.#bytes.set(content.subarray(from, from + length), this.#at);
      this.#at += length;
    }
  }

  #room(bytes: number): void {
    if (this.#at + bytes > this.#bytes.length) this.flush();
  }

  #head(type: number, name: string, sequence: number): void {
    this.#u8(type);
    this.#u8(name.length);
    this.#at += this.#bytes.write(name, this.#at, 'latin1');
    this.#at = this.#bytes.writeUInt32BE(sequence, this.#at);
  }

  #u8(value: number): void {
    this.#bytes[this.#at++] = value;
  }

  #u16(value: number): void {
    this.#at = this.#bytes.writeUInt16BE(value, this.#at);
  }

  #send(): void {
    const bytes = this.#bytes;
    bytes.writeUInt16BE(PACKET_MAGIC, 0);
    bytes[2] = BROADCAST_VERSION;
    bytes[3] = 0;
    bytes.writeUInt32BE(this.#session, 4);
    bytes.writeUInt32BE(this.#packet, 8);
    this.#packet = (this.#packet + 1) >>> 0;
    const length = this.#at;
    this.#at = PACKET_HEAD_BYTES;
    this.#emit(bytes, length);
  }
}
