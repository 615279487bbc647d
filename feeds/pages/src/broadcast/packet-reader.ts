import { ByteReader } from '@tickerplant/feed-runtime';
import { isPageFormat, isPageName, PAGE_NAME_MAX, type PageFormat } from '../payload.ts';
import { BROADCAST_VERSION, PACKET_MAGIC, PARTS_MAX, RecordType } from './messages.ts';

const NOTHING = new Uint8Array(0);

/** Reads a datagram record by record, in place: `open` it, then `next` until it says that there is no more. */
export class PacketReader {
  session = 0;
  packet = 0;
  // The record that `next` went to; what its type has not is 0, '' or nothing.
  type = 0;
  name = '';
  sequence = 0;
  format: PageFormat = 1;
  rows = 0;
  columns = 0;
  part = 0;
  parts = 1;
  /** In the datagram's bytes. */
  content: Uint8Array = NOTHING;
  readonly #reader = new ByteReader();

  /** What was wrong, or undefined: nothing can be read behind it. */
  get fault(): string | undefined {
    return this.#reader.fault;
  }

  /** Reads the head. @returns whether the datagram is one of the broadcast's */
  open(bytes: Uint8Array): boolean {
    const reader = this.#reader;
    reader.reset(bytes, 0, bytes.length);
    const magic = reader.u16();
    const version = reader.u8();
    reader.u8();
    this.session = reader.u32();
    this.packet = reader.u32();
    if (magic !== PACKET_MAGIC || version !== BROADCAST_VERSION) {
      reader.fault ??= `expected magic ${PACKET_MAGIC} and version ${BROADCAST_VERSION}, found ${magic} and ${version}`;
    }
    return reader.fault === undefined;
  }

  /** Goes to the next record. @returns false: there is none, or `fault` says why it cannot be read */
  next(): boolean {
    const reader = this.#reader;
    if (reader.fault !== undefined || reader.left === 0) return false;
    this.type = reader.u8();
    this.name = reader.text(PAGE_NAME_MAX);
    this.sequence = reader.u32();
    this.content = NOTHING;
    this.part = 0;
    this.parts = 1;
    switch (this.type) {
      case RecordType.BASE:
      case RecordType.DELTA:
        this.#body();
        break;
      case RecordType.PRESENT:
      case RecordType.GONE:
      case RecordType.ROUND:
        break;
      default:
        reader.fault ??= `expected a type of record, found ${this.type}`;
    }
    if (this.type !== RecordType.ROUND && !isPageName(this.name)) {
      reader.fault ??= `expected the name of a page, found '${this.name}'`;
    }
    return reader.fault === undefined;
  }

  #body(): void {
    const reader = this.#reader;
    const format = reader.u8();
    if (this.type === RecordType.BASE) {
      this.rows = reader.u16();
      this.columns = reader.u16();
    }
    this.part = reader.u8();
    this.parts = reader.u8();
    this.content = reader.slice(reader.u16());
    if (!isPageFormat(format)) reader.fault ??= `expected a format of 1 or 2, found ${format}`;
    else this.format = format;
    if (this.parts < 1 || this.parts > PARTS_MAX || this.part >= this.parts) {
      reader.fault ??= `expected a part of at most ${PARTS_MAX}, found ${this.part} of ${this.parts}`;
    }
  }
}
