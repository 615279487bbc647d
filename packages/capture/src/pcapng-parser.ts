import { TickerError } from '@tickerplant/core';
import { ByteWindow } from './byte-window.ts';
import { CapturedPacket, type CaptureInterface, capturedFcs } from './captured-packet.ts';
import { readU16, readU32 } from './integers.ts';
import {
  BLOCK_ENHANCED_PACKET,
  BLOCK_INTERFACE,
  BLOCK_MIN_BYTES,
  BLOCK_PACKET_OBSOLETE,
  BLOCK_SECTION_HEADER,
  BLOCK_SIMPLE_PACKET,
  BYTE_ORDER_MAGIC,
  INTERFACE_LINK_TYPE,
  INTERFACE_OPTIONS,
  INTERFACE_SNAP_LENGTH,
  OPTION_END,
  OPTION_IF_FCSLEN,
  OPTION_IF_NAME,
  OPTION_IF_TSOFFSET,
  OPTION_IF_TSRESOL,
  OPTION_PACKET_FLAGS,
  PACKET_CAPTURED,
  PACKET_DATA,
  PACKET_INTERFACE,
  PACKET_ORIGINAL,
  PACKET_TIME_HIGH,
  PACKET_TIME_LOW,
  SECTION_MAGIC,
  SECTION_MAJOR,
  SECTION_MINOR,
  SECTION_OPTIONS,
  SIMPLE_DATA,
  SIMPLE_ORIGINAL,
} from './pcapng-layout.ts';
import { DEFAULT_RECORD_BYTES_MAX, type ParserOptions, type RecordParser } from './record-parser.ts';
import { TimeResolution } from './time-resolution.ts';

/** Bounds what a hostile file can make us remember; real files have a handful. */
const INTERFACES_MAX = 65_536;
/** Fewest bytes of each block that is looked into (pcap sheet, section 3): its fixed fields and both lengths. */
const SECTION_MIN_BYTES = SECTION_OPTIONS + 4;
const INTERFACE_MIN_BYTES = INTERFACE_OPTIONS + 4;
const PACKET_MIN_BYTES = PACKET_DATA + 4;
const SIMPLE_MIN_BYTES = SIMPLE_DATA + 4;

/**
 * Reads pcapng files (pcap sheet, section 3): several sections, each in its own byte order; several
 * interfaces, each with its own link type and time unit; enhanced, simple and obsolete packet blocks. All other
 * blocks are skipped by their length, without being held in memory.
 *
 * Faults, where the run of blocks is broken: `CAPTURE_BAD_MAGIC`, `CAPTURE_BAD_VERSION`, `CAPTURE_BAD_LENGTH`,
 * `CAPTURE_RECORD_TOO_LONG`, `CAPTURE_TOO_MANY_INTERFACES`, `CAPTURE_TRUNCATED`. Problems, where one block or
 * option makes no sense within sound block lengths: `CAPTURE_BAD_BLOCK`, `CAPTURE_BAD_OPTION`,
 * `CAPTURE_UNKNOWN_INTERFACE`.
 */
export class PcapngParser implements RecordParser<CapturedPacket> {
  readonly record: CapturedPacket = new CapturedPacket();
  problems = 0;
  records = 0;
  fault: TickerError | undefined = undefined;
  /** The interfaces of the current section met so far, by number. */
  interfaces: CaptureInterface[] = [];
  /** Sections begun so far. */
  sections = 0;

  private readonly window = new ByteWindow();
  private readonly name: string | undefined;
  private readonly blockBytesMax: number;
  private readonly onProblem: ((problem: TickerError) => void) | undefined;
  private resolutions: TimeResolution[] = [];
  private littleEndian = true;
  /** Total length of the block being skipped; its closing copy is still to be checked. 0 = none. */
  private skipped = 0;

  constructor(options: ParserOptions = {}) {
    this.name = options.name;
    this.blockBytesMax = options.recordBytesMax ?? DEFAULT_RECORD_BYTES_MAX;
    this.onProblem = options.onProblem;
  }

  get offset(): number {
    return this.window.offset;
  }

  feed(chunk: Uint8Array): void {
    if (this.fault === undefined) this.window.feed(chunk);
  }

  end(): void {
    this.window.ended = true;
  }

  next(): boolean {
    const window = this.window;
    while (this.fault === undefined) {
      if (this.skipped > 0) {
        if (!this.finishSkip()) return false;
        continue;
      }
      if (!window.ensure(BLOCK_MIN_BYTES)) return this.starved(BLOCK_MIN_BYTES, 'a block header');
      const type = readU32(window.bytes, window.at, this.littleEndian);
      if (type === BLOCK_SECTION_HEADER) {
        if (!this.readByteOrder()) return false;
      } else if (this.sections === 0) {
        return this.fail('CAPTURE_BAD_MAGIC', `expected a pcapng section header, got block type ${hex(type)}`);
      }
      const length = readU32(window.bytes, window.at + 4, this.littleEndian);
      if (length < BLOCK_MIN_BYTES) {
        return this.fail('CAPTURE_BAD_LENGTH', `expected a block of at least 12 bytes, got length ${length}`);
      }
      if (!isRead(type) && length % 4 === 0) {
        this.skipped = length;
        window.skip(length - 4);
        continue;
      }
      const padded = this.gatherBlock(length);
      if (padded === 0) return false;
      const isPacket = this.readBlock(type, length);
      if (this.fault !== undefined) return false;
      window.at += padded;
      if (isPacket) return true;
    }
    return false;
  }

  /** Leaves `littleEndian` as the section header at hand says. */
  private readByteOrder(): boolean {
    const { bytes, at } = this.window;
    if (readU32(bytes, at + SECTION_MAGIC, true) === BYTE_ORDER_MAGIC) this.littleEndian = true;
    else if (readU32(bytes, at + SECTION_MAGIC, false) === BYTE_ORDER_MAGIC) this.littleEndian = false;
    else {
      const got = hex(readU32(bytes, at + SECTION_MAGIC, false));
      return this.fail('CAPTURE_BAD_MAGIC', `expected the byte-order magic 0x1a2b3c4d in either order, got ${got}`);
    }
    return true;
  }

  /**
   * Brings the whole block into the window and checks its closing length. Gives the bytes it takes up, or 0.
   * A length that is no multiple of 4 is rounded up if the closing copy is found there (section 3.1).
   */
  private gatherBlock(length: number): number {
    const window = this.window;
    const rounded = Math.ceil(length / 4) * 4;
    if (rounded > this.blockBytesMax) {
      const most = `at most ${this.blockBytesMax} bytes (recordBytesMax)`;
      this.fail('CAPTURE_RECORD_TOO_LONG', `expected a block of ${most}, got one of ${length}`);
      return 0;
    }
    const isWhole = window.ensure(rounded);
    if (!isWhole && !(window.ended && window.available >= length)) {
      this.starved(length, 'a block');
      return 0;
    }
    const { bytes, at } = window;
    if (isWhole && readU32(bytes, at + rounded - 4, this.littleEndian) === length) return rounded;
    const closing = readU32(bytes, at + length - 4, this.littleEndian);
    if (closing === length) return length;
    this.badClosing(length, closing);
    return 0;
  }

  private finishSkip(): boolean {
    const window = this.window;
    if (!window.ensure(4)) {
      if (!window.ended) return false;
      const missing = window.skipLeft + 4 - window.available;
      return this.fail(
        'CAPTURE_TRUNCATED',
        `the file ends inside a block: ${missing} of ${this.skipped} bytes are missing`,
      );
    }
    const closing = readU32(window.bytes, window.at, this.littleEndian);
    if (closing !== this.skipped) return this.badClosing(this.skipped, closing);
    window.at += 4;
    this.skipped = 0;
    return true;
  }

  /** Whether the block gave a packet. */
  private readBlock(type: number, length: number): boolean {
    const bodyEnd = this.window.at + length - 4;
    switch (type) {
      case BLOCK_SECTION_HEADER:
        return this.readSection(length);
      case BLOCK_INTERFACE:
        return this.readInterface(length, bodyEnd);
      case BLOCK_ENHANCED_PACKET:
      case BLOCK_PACKET_OBSOLETE:
        return this.readPacket(type, length, bodyEnd);
      case BLOCK_SIMPLE_PACKET:
        return this.readSimplePacket(length, bodyEnd);
      default:
        return false; // a block we do not know, of an odd length
    }
  }

  private readSection(length: number): false {
    const { bytes, at } = this.window;
    if (length < SECTION_MIN_BYTES) {
      return this.fail('CAPTURE_BAD_LENGTH', `expected a section header of at least 28 bytes, got ${length}`);
    }
    const major = readU16(bytes, at + SECTION_MAJOR, this.littleEndian);
    if (major !== 1) {
      const minor = readU16(bytes, at + SECTION_MINOR, this.littleEndian);
      return this.fail('CAPTURE_BAD_VERSION', `expected pcapng version 1.x, got ${major}.${minor}`);
    }
    this.sections++;
    this.interfaces = [];
    this.resolutions = [];
    return false;
  }

  private readInterface(length: number, bodyEnd: number): false {
    const { bytes, at } = this.window;
    const id = this.interfaces.length;
    if (length < INTERFACE_MIN_BYTES) {
      // Its number must stay taken, or all later interfaces would be mixed up.
      return this.fail('CAPTURE_BAD_LENGTH', `expected an interface block of at least 20 bytes, got ${length}`);
    }
    if (id >= INTERFACES_MAX) {
      return this.fail('CAPTURE_TOO_MANY_INTERFACES', `expected at most ${INTERFACES_MAX} interfaces in a section`);
    }
    let fcsLength = 0;
    let name: string | undefined;
    let tsresol = 6;
    let tsoffset = 0;
    let option = at + INTERFACE_OPTIONS;
    while (option + 4 <= bodyEnd) {
      const code = readU16(bytes, option, this.littleEndian);
      const size = readU16(bytes, option + 2, this.littleEndian);
      const value = option + 4;
      if (code === OPTION_END) break;
      if (value + size > bodyEnd) {
        this.problem('CAPTURE_BAD_OPTION', `option ${code} of ${size} bytes reaches beyond its interface block`);
        break;
      }
      if (code === OPTION_IF_TSRESOL && size >= 1) tsresol = bytes[value]!;
      else if (code === OPTION_IF_TSOFFSET && size >= 8) tsoffset = this.readOffset(value);
      else if (code === OPTION_IF_FCSLEN && size >= 1) fcsLength = bytes[value]!;
      else if (code === OPTION_IF_NAME) name = textOf(bytes, value, value + size);
      option = value + Math.ceil(size / 4) * 4;
    }
    const linkType = readU16(bytes, at + INTERFACE_LINK_TYPE, this.littleEndian);
    const snapLength = readU32(bytes, at + INTERFACE_SNAP_LENGTH, this.littleEndian);
    this.interfaces.push({ id, linkType, snapLength, fcsLength, name });
    this.resolutions.push(new TimeResolution(tsresol, tsoffset));
    return false;
  }

  private readOffset(at: number): number {
    const { bytes } = this.window;
    const high = readU32(bytes, this.littleEndian ? at + 4 : at, this.littleEndian) | 0;
    const low = readU32(bytes, this.littleEndian ? at : at + 4, this.littleEndian);
    const offset = high * 0x1_0000_0000 + low;
    if (Number.isSafeInteger(offset)) return offset;
    this.problem('CAPTURE_BAD_OPTION', `expected a time offset below 2^53 s, got ${offset}; taken as 0`);
    return 0;
  }

  private readPacket(type: number, length: number, bodyEnd: number): boolean {
    const { bytes, at } = this.window;
    const littleEndian = this.littleEndian;
    if (length < PACKET_MIN_BYTES) {
      return this.problem('CAPTURE_BAD_BLOCK', `expected a packet block of at least 32 bytes, got ${length}`);
    }
    const interfaceId =
      type === BLOCK_ENHANCED_PACKET
        ? readU32(bytes, at + PACKET_INTERFACE, littleEndian)
        : readU16(bytes, at + PACKET_INTERFACE, littleEndian);
    const captured = readU32(bytes, at + PACKET_CAPTURED, littleEndian);
    const start = at + PACKET_DATA;
    if (start + captured > bodyEnd) return this.beyondBlock(captured, bodyEnd - start);
    const resolution = this.resolutions[interfaceId];
    if (resolution === undefined) return this.unknownInterface(interfaceId);
    resolution.convert(
      readU32(bytes, at + PACKET_TIME_HIGH, littleEndian),
      readU32(bytes, at + PACKET_TIME_LOW, littleEndian),
    );
    const options = start + captured + ((4 - (captured & 3)) & 3);
    const fcsFlag = options + 4 <= bodyEnd ? this.readFcsFlag(options, bodyEnd) : 0;
    const original = readU32(bytes, at + PACKET_ORIGINAL, littleEndian);
    this.fill(interfaceId, start, captured, original, fcsFlag);
    this.record.hasTime = true;
    this.record.seconds = resolution.seconds;
    this.record.nanoseconds = resolution.nanoseconds;
    return true;
  }

  private readSimplePacket(length: number, bodyEnd: number): boolean {
    const { bytes, at } = this.window;
    if (length < SIMPLE_MIN_BYTES) {
      return this.problem('CAPTURE_BAD_BLOCK', `expected a simple packet block of at least 16 bytes, got ${length}`);
    }
    const first = this.interfaces[0];
    if (first === undefined) return this.unknownInterface(0);
    const original = readU32(bytes, at + SIMPLE_ORIGINAL, this.littleEndian);
    const captured = first.snapLength === 0 ? original : Math.min(original, first.snapLength);
    const start = at + SIMPLE_DATA;
    if (start + captured > bodyEnd) return this.beyondBlock(captured, bodyEnd - start);
    this.fill(0, start, captured, original, 0);
    this.record.hasTime = false;
    this.record.seconds = 0;
    this.record.nanoseconds = 0;
    return true;
  }

  private fill(interfaceId: number, start: number, captured: number, original: number, fcsFlag: number): void {
    const source = this.interfaces[interfaceId]!;
    const record = this.record;
    record.number = ++this.records;
    record.offset = this.window.offset;
    record.bytes = this.window.bytes;
    record.start = start;
    record.end = start + captured;
    record.originalLength = original;
    record.linkType = source.linkType;
    record.interfaceId = interfaceId;
    record.fcsLength = capturedFcs(fcsFlag > 0 ? fcsFlag : source.fcsLength, captured, original);
  }

  /** FCS length from bits 5 to 8 of the packet's flags, 0 if it says nothing (section 3.5). */
  private readFcsFlag(option: number, bodyEnd: number): number {
    const { bytes } = this.window;
    while (option + 4 <= bodyEnd) {
      const code = readU16(bytes, option, this.littleEndian);
      const size = readU16(bytes, option + 2, this.littleEndian);
      if (code === OPTION_END || option + 4 + size > bodyEnd) return 0;
      if (code === OPTION_PACKET_FLAGS && size === 4) return (readU32(bytes, option + 4, this.littleEndian) >>> 5) & 15;
      option += 4 + Math.ceil(size / 4) * 4;
    }
    return 0;
  }

  private beyondBlock(captured: number, room: number): false {
    return this.problem(
      'CAPTURE_BAD_BLOCK',
      `expected a captured length of at most ${room}, which the block holds, got ${captured}`,
    );
  }

  private unknownInterface(id: number): false {
    const known = this.interfaces.length;
    return this.problem(
      'CAPTURE_UNKNOWN_INTERFACE',
      `expected one of the ${known} interfaces so far, got number ${id}`,
    );
  }

  private starved(wanted: number, what: string): false {
    const { ended, available } = this.window;
    if (!ended || (available === 0 && this.sections > 0)) return false;
    return this.fail('CAPTURE_TRUNCATED', `the file ends inside ${what}: expected ${wanted} bytes, got ${available}`);
  }

  private badClosing(length: number, closing: number): false {
    return this.fail(
      'CAPTURE_BAD_LENGTH',
      `expected the closing length of a block to be ${length} as at its start, got ${closing}: the file is corrupt`,
    );
  }

  private fail(code: string, message: string): false {
    this.fault = new TickerError(code, message, this.where());
    return false;
  }

  private problem(code: string, message: string): false {
    this.problems++;
    this.onProblem?.(new TickerError(code, message, this.where()));
    return false;
  }

  private where(): { file: string | undefined; record: number; offset: number } {
    return { file: this.name, record: this.records + 1, offset: this.window.offset };
  }
}

function isRead(type: number): boolean {
  return (
    type === BLOCK_ENHANCED_PACKET ||
    type === BLOCK_INTERFACE ||
    type === BLOCK_SIMPLE_PACKET ||
    type === BLOCK_PACKET_OBSOLETE ||
    type === BLOCK_SECTION_HEADER
  );
}

const utf8 = new TextDecoder();

/** Some writers count a closing zero byte in. */
function textOf(bytes: Uint8Array, start: number, end: number): string {
  while (end > start && bytes[end - 1] === 0) end--;
  return utf8.decode(bytes.subarray(start, end));
}

function hex(value: number): string {
  return `0x${value.toString(16).padStart(8, '0')}`;
}
