import { TickerError } from '@tickerplant/core';
import { ByteWindow } from './byte-window.ts';
import { CapturedMessage } from './captured-message.ts';
import type { ParserOptions, RecordParser } from './record-parser.ts';

/**
 * Reads message files ("BinaryFILE", the form of Nasdaq's ITCH daily files): each record is a 2-byte
 * big-endian length and a message; a record of length 0 marks the complete end of the session (ITCH sheet,
 * section 9). A file that just stops between two records is no fault, but `endOfSession` stays false.
 *
 * Faults: `CAPTURE_TRUNCATED`; `CAPTURE_DATA_AFTER_END` when anything follows the end record.
 */
export class MessageFileParser implements RecordParser<CapturedMessage> {
  readonly record: CapturedMessage = new CapturedMessage();
  readonly problems = 0;
  records = 0;
  fault: TickerError | undefined = undefined;
  /** Whether the end record has been read. */
  endOfSession = false;

  private readonly window = new ByteWindow();
  private readonly name: string | undefined;

  constructor(options: ParserOptions = {}) {
    this.name = options.name;
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
    if (this.endOfSession) return this.afterEnd();
    const window = this.window;
    if (!window.ensure(2)) return this.starved(2, 'a length field');
    const length = (window.bytes[window.at]! << 8) | window.bytes[window.at + 1]!;
    if (length === 0) {
      window.at += 2;
      this.endOfSession = true;
      return this.afterEnd();
    }
    if (!window.ensure(2 + length)) return this.starved(2 + length, 'a record');
    const record = this.record;
    record.number = ++this.records;
    record.offset = window.offset;
    record.bytes = window.bytes;
    record.start = window.at + 2;
    record.end = window.at + 2 + length;
    window.at = record.end;
    return true;
  }

  private afterEnd(): boolean {
    if (!this.window.ensure(1)) return false;
    return this.fail('CAPTURE_DATA_AFTER_END', 'expected nothing after the end-of-session record, got more bytes');
  }

  private starved(wanted: number, what: string): boolean {
    const { ended, available } = this.window;
    if (!ended || available === 0) return false;
    return this.fail('CAPTURE_TRUNCATED', `the file ends inside ${what}: expected ${wanted} bytes, got ${available}`);
  }

  private fail(code: string, message: string): false {
    const { offset } = this.window;
    this.fault = new TickerError(code, message, { file: this.name, record: this.records + 1, offset });
    return false;
  }
}
