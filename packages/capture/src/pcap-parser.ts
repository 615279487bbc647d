import { TickerError } from '@tickerplant/core';
import { ByteWindow } from './byte-window.ts';
import { CapturedPacket, type CaptureInterface, capturedFcs } from './captured-packet.ts';
import { readU16, readU32 } from './integers.ts';
import {
  PCAP_FCS_PRESENT,
  PCAP_FILE_HEADER_BYTES,
  PCAP_MAGIC_MICRO,
  PCAP_MAGIC_MODIFIED,
  PCAP_MAGIC_NANO,
  PCAP_RECORD_HEADER_BYTES,
  PCAP_RECORD_HEADER_BYTES_MODIFIED,
} from './pcap-layout.ts';
import { DEFAULT_RECORD_BYTES_MAX, type ParserOptions, type RecordParser } from './record-parser.ts';

/** What writers that ignore their own snap length stay below all the same (pcap sheet, section 2.2). */
const SNAP_LENGTH_TOLERATED = 262_144;

/**
 * Reads pcap files: either byte order, microseconds or nanoseconds, and the "modified" kind with its longer
 * record headers (pcap sheet, section 2).
 *
 * Faults: `CAPTURE_BAD_MAGIC`, `CAPTURE_BAD_VERSION`, `CAPTURE_BAD_LENGTH`, `CAPTURE_RECORD_TOO_LONG`,
 * `CAPTURE_TRUNCATED`.
 */
export class PcapParser implements RecordParser<CapturedPacket> {
  readonly record: CapturedPacket = new CapturedPacket();
  readonly problems = 0;
  records = 0;
  fault: TickerError | undefined = undefined;
  /** Filled when the file header has been read. */
  readonly interfaces: CaptureInterface[] = [];

  private readonly window = new ByteWindow();
  private readonly name: string | undefined;
  private readonly recordBytesMax: number;
  private littleEndian = false;
  private nanosecondsPerUnit = 0;
  private recordHeaderBytes = 0;
  private linkType = 0;
  private fcsLength = 0;
  private capturedMax = 0;

  constructor(options: ParserOptions = {}) {
    this.name = options.name;
    this.recordBytesMax = options.recordBytesMax ?? DEFAULT_RECORD_BYTES_MAX;
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
    if (this.fault !== undefined) return false;
    if (this.recordHeaderBytes === 0 && !this.readFileHeader()) return false;
    const window = this.window;
    const header = this.recordHeaderBytes;
    if (!window.ensure(header)) return this.starved(header, 'a record header');
    const littleEndian = this.littleEndian;
    const captured = readU32(window.bytes, window.at + 8, littleEndian);
    if (captured > this.capturedMax) return this.tooLong(captured);
    if (!window.ensure(header + captured)) return this.starved(header + captured, 'a record');
    const { bytes, at } = window;
    const fraction = readU32(bytes, at + 4, littleEndian) * this.nanosecondsPerUnit;
    const carry = fraction < 1e9 ? 0 : Math.floor(fraction / 1e9); // a second and more in the fraction: accepted
    const original = readU32(bytes, at + 12, littleEndian);
    const record = this.record;
    record.number = ++this.records;
    record.offset = window.offset;
    record.bytes = bytes;
    record.start = at + header;
    record.end = at + header + captured;
    record.originalLength = original;
    record.linkType = this.linkType;
    record.fcsLength = capturedFcs(this.fcsLength, captured, original);
    record.interfaceId = header === PCAP_RECORD_HEADER_BYTES_MODIFIED ? readU32(bytes, at + 16, littleEndian) : 0;
    record.hasTime = true;
    record.seconds = readU32(bytes, at, littleEndian) + carry;
    record.nanoseconds = fraction - carry * 1e9;
    window.at = record.end;
    return true;
  }

  private readFileHeader(): boolean {
    const window = this.window;
    if (!window.ensure(PCAP_FILE_HEADER_BYTES)) return this.starved(PCAP_FILE_HEADER_BYTES, 'the file header');
    const { bytes, at } = window;
    const big = readU32(bytes, at, false);
    const little = readU32(bytes, at, true);
    this.littleEndian = isMagic(little);
    if (!this.littleEndian && !isMagic(big)) {
      return this.fail('CAPTURE_BAD_MAGIC', `expected a pcap magic number, got 0x${big.toString(16).padStart(8, '0')}`);
    }
    const magic = this.littleEndian ? little : big;
    const major = readU16(bytes, at + 4, this.littleEndian);
    if (major !== 2) {
      const minor = readU16(bytes, at + 6, this.littleEndian);
      return this.fail('CAPTURE_BAD_VERSION', `expected pcap version 2.x, got ${major}.${minor}`);
    }
    const snapLength = readU32(bytes, at + 16, this.littleEndian);
    const network = readU32(bytes, at + 20, this.littleEndian);
    this.nanosecondsPerUnit = magic === PCAP_MAGIC_NANO ? 1 : 1000;
    this.linkType = network & 0xffff;
    this.fcsLength = (network & PCAP_FCS_PRESENT) === 0 ? 0 : (network >>> 28) * 2;
    this.capturedMax = snapLength === 0 ? 0xffffffff : Math.max(snapLength, SNAP_LENGTH_TOLERATED);
    this.recordHeaderBytes =
      magic === PCAP_MAGIC_MODIFIED ? PCAP_RECORD_HEADER_BYTES_MODIFIED : PCAP_RECORD_HEADER_BYTES;
    const { linkType, fcsLength } = this;
    this.interfaces.push({ id: 0, linkType, snapLength, fcsLength, name: undefined });
    if (this.capturedMax > this.recordBytesMax) this.capturedMax = this.recordBytesMax;
    window.at += PCAP_FILE_HEADER_BYTES;
    return true;
  }

  private tooLong(captured: number): boolean {
    const snapLength = this.interfaces[0]!.snapLength;
    if (captured <= Math.max(snapLength, SNAP_LENGTH_TOLERATED) || snapLength === 0) {
      const most = `at most ${this.recordBytesMax} bytes (recordBytesMax)`;
      return this.fail('CAPTURE_RECORD_TOO_LONG', `expected a packet of ${most}, got one of ${captured}`);
    }
    const most = Math.max(snapLength, SNAP_LENGTH_TOLERATED);
    return this.fail(
      'CAPTURE_BAD_LENGTH',
      `expected a captured length of at most ${most} (snap length ${snapLength}), got ${captured}: the file is corrupt`,
    );
  }

  private starved(wanted: number, what: string): boolean {
    const { ended, available } = this.window;
    if (!ended || (available === 0 && this.recordHeaderBytes > 0)) return false;
    return this.fail('CAPTURE_TRUNCATED', `the file ends inside ${what}: expected ${wanted} bytes, got ${available}`);
  }

  private fail(code: string, message: string): false {
    const { offset } = this.window;
    this.fault = new TickerError(code, message, { file: this.name, record: this.records + 1, offset });
    return false;
  }
}

function isMagic(value: number): boolean {
  return value === PCAP_MAGIC_MICRO || value === PCAP_MAGIC_NANO || value === PCAP_MAGIC_MODIFIED;
}
