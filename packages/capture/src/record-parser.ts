import type { TickerError } from '@tickerplant/core';

/**
 * What all file parsers are: a machine that takes the file in chunks of any size and gives its records one by
 * one. Bad input never throws: what can be stepped over is a *problem*, what ends the reading a *fault*.
 *
 * ```
 * parser.feed(chunk); while (parser.next()) use(parser.record);     // for every chunk
 * parser.end();       while (parser.next()) use(parser.record);     // then look at parser.fault
 * ```
 */
export interface RecordParser<Record> {
  /** Refilled by `next`; borrowed. */
  readonly record: Record;
  /** Records given so far. */
  readonly records: number;
  /** Bytes of the file used up so far. */
  readonly offset: number;
  /** Why no more records can come: the file is corrupt, or ends before its time. */
  readonly fault: TickerError | undefined;
  /** Damaged pieces stepped over so far. */
  readonly problems: number;
  /** Takes a chunk (never empty-handed: `next` must have said false before); it is free when `next` next does. */
  feed(chunk: Uint8Array): void;
  /** Says that the input is over; call `next` once more until it says false. */
  end(): void;
  /** Fills `record`; false when there is no whole record yet, or none any more. */
  next(): boolean;
}

/** What every parser can be told. */
export interface ParserOptions {
  /** What to call the input in errors. */
  readonly name?: string;
  /**
   * The longest record (pcapng: block) to hold, in bytes; a longer one is a fault. Bounds memory against
   * hostile lengths. Default 16 MiB.
   */
  readonly recordBytesMax?: number;
  /** Told of each damaged piece that is stepped over. */
  readonly onProblem?: (problem: TickerError) => void;
}

export const DEFAULT_RECORD_BYTES_MAX: number = 16 * 1024 * 1024;
