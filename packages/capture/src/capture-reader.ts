import { TickerError } from '@tickerplant/core';
import type { CapturedMessage } from './captured-message.ts';
import type { CapturedPacket, CaptureInterface } from './captured-packet.ts';
import type { PeekableChunks } from './chunk-source.ts';
import type { MessageFileParser } from './message-file-parser.ts';
import type { PcapParser } from './pcap-parser.ts';
import type { PcapngParser } from './pcapng-parser.ts';
import type { RecordParser } from './record-parser.ts';

/** Returned by a record callback to end the reading there. Any other result means: go on. */
export const STOP: unique symbol = Symbol('stop');

/** How a capture ended. */
export interface CaptureEnd {
  /** Records given. */
  readonly records: number;
  /** Bytes of the (unpacked) file used up. */
  readonly bytes: number;
  /** Why the reading ended before its time: the file is cut short or corrupt. Undefined if it is whole. */
  readonly fault: TickerError | undefined;
  /** Damaged pieces that were stepped over. */
  readonly problems: number;
  /** Whether the callback ended the reading. */
  readonly stopped: boolean;
  /** Message files: whether the end-of-session record was there. */
  readonly endOfSession: boolean;
}

/** Gives one record after the other; the record is borrowed: good until the callback returns. */
export type RecordCallback<Record> = (record: Record) => unknown;

/** A parser and where its bytes come from: reads a capture once. */
abstract class CaptureReader<Record> {
  /** What the input is called: its path. */
  readonly name: string;
  /** Whether it is packed with gzip. */
  readonly isCompressed: boolean;
  readonly #parser: RecordParser<Record>;
  readonly #source: PeekableChunks;
  readonly #sourceFault: () => TickerError | undefined;
  #isTaken = false;
  #isStopped = false;

  constructor(parser: RecordParser<Record>, input: CaptureInput) {
    this.#parser = parser;
    this.name = input.name;
    this.isCompressed = input.isCompressed;
    this.#source = input.source;
    this.#sourceFault = input.fault;
  }

  /**
   * Reads the whole capture. There is one promise per chunk, none per record.
   *
   * @param callback gets each record, borrowed; returns `STOP` to end early.
   * @throws TickerError `CAPTURE_READ_FAILED` and the like if the file cannot be read on; whatever the callback
   * throws. Bad content does not throw: see `CaptureEnd.fault`.
   */
  async read(callback: RecordCallback<Record>): Promise<CaptureEnd> {
    this.#take();
    const parser = this.#parser;
    try {
      for await (const chunk of this.#source.read()) {
        parser.feed(chunk);
        if (this.#drain(callback)) return this.summary();
        if (parser.fault !== undefined) break;
      }
      parser.end();
      this.#drain(callback);
      return this.summary();
    } finally {
      await this.close();
    }
  }

  /**
   * The records one by one, for those that wait between them (replay at the original pace). The record is
   * borrowed: good until the next one is asked for. Costs a promise per record; `read` is faster. When it is
   * over, `summary()` says how it ended.
   */
  async *[Symbol.asyncIterator](): AsyncGenerator<Record, void, void> {
    this.#take();
    const parser = this.#parser;
    this.#isStopped = true; // if the caller breaks off
    try {
      for await (const chunk of this.#source.read()) {
        parser.feed(chunk);
        while (parser.next()) yield parser.record;
        if (parser.fault !== undefined) break;
      }
      parser.end();
      while (parser.next()) yield parser.record;
      this.#isStopped = false;
    } finally {
      await this.close();
    }
  }

  /** How the reading stands, or ended. */
  summary(): CaptureEnd {
    const parser = this.#parser;
    return {
      records: parser.records,
      bytes: parser.offset,
      // If the packing broke off, that is why the last record did.
      fault: this.#sourceFault() ?? parser.fault,
      problems: parser.problems,
      stopped: this.#isStopped,
      endOfSession: this.isEndOfSession(),
    };
  }

  /** Closes the file; needed only if the capture is not read. */
  async close(): Promise<void> {
    await this.#source.close();
  }

  protected isEndOfSession(): boolean {
    return false;
  }

  #drain(callback: RecordCallback<Record>): boolean {
    const parser = this.#parser;
    while (parser.next()) {
      if (callback(parser.record) === STOP) {
        this.#isStopped = true;
        return true;
      }
    }
    return false;
  }

  #take(): void {
    if (this.#isTaken) {
      throw new TickerError('CAPTURE_ALREADY_READ', 'a capture can be read once; open it again', { file: this.name });
    }
    this.#isTaken = true;
  }
}

/** What a reader reads from. */
export interface CaptureInput {
  readonly name: string;
  readonly isCompressed: boolean;
  readonly source: PeekableChunks;
  readonly fault: () => TickerError | undefined;
}

/** A file of packets, opened. Made by `openCapture`. */
export class PacketCapture extends CaptureReader<CapturedPacket> {
  readonly kind = 'packets';
  readonly format: 'pcap' | 'pcapng';
  readonly #parser: PcapParser | PcapngParser;

  constructor(format: 'pcap' | 'pcapng', parser: PcapParser | PcapngParser, input: CaptureInput) {
    super(parser, input);
    this.format = format;
    this.#parser = parser;
  }

  /** The interfaces met so far (pcapng: of the current section). */
  get interfaces(): readonly CaptureInterface[] {
    return this.#parser.interfaces;
  }
}

/** A file of bare messages, opened. Made by `openCapture`. */
export class MessageCapture extends CaptureReader<CapturedMessage> {
  readonly kind = 'messages';
  readonly format = 'binaryfile';
  readonly #parser: MessageFileParser;

  constructor(parser: MessageFileParser, input: CaptureInput) {
    super(parser, input);
    this.#parser = parser;
  }

  protected override isEndOfSession(): boolean {
    return this.#parser.endOfSession;
  }
}
