import { FileSink, type FileSinkOptions } from './file-sink.ts';
import { encodeEndOfSession, encodeMessage, MESSAGE_BYTES_MAX } from './message-encoder.ts';

/** Writes messages into a message file. Made by `createMessageFile`. */
export class MessageFileWriter {
  /** Messages taken. */
  messages = 0;
  /** Messages refused because the disk was too slow or the file failed. */
  refused = 0;
  readonly #sink: FileSink;

  constructor(sink: FileSink) {
    this.#sink = sink;
  }

  /** Bytes of the file so far (before packing), those that wait for the disk included. */
  get bytes(): number {
    return this.#sink.bytesWritten + this.#sink.at;
  }

  /**
   * Takes a message that lies at `bytes[start] … bytes[end - 1]` (copies it).
   *
   * @returns false if it could not be taken: too much waits for the disk (see `room`), or the file failed (see
   * `close`). It is counted in `refused`.
   * @throws TickerError `CAPTURE_BAD_LENGTH` unless it has 1 to 65,535 bytes.
   */
  write(bytes: Uint8Array, start: number, end: number): boolean {
    const sink = this.#sink;
    if (!sink.reserve(2 + end - start)) {
      this.refused++;
      return false;
    }
    sink.at = encodeMessage(sink.buffer, sink.at, bytes, start, end);
    this.messages++;
    return true;
  }

  /** Sends on to the disk what is held back to make larger writes. */
  flush(): void {
    this.#sink.flush();
  }

  /** Resolves when a refused message may be taken. @throws TickerError if the file cannot be written on */
  room(): Promise<void> {
    return this.#sink.room();
  }

  /** Marks the complete end of the session. Waits for the disk where it must. */
  async endSession(): Promise<void> {
    const sink = this.#sink;
    while (!sink.reserve(2)) await sink.room();
    sink.at = encodeEndOfSession(sink.buffer, sink.at);
  }

  /** Writes all out and closes the file. @throws TickerError if not all could be written */
  close(): Promise<void> {
    return this.#sink.close();
  }
}

/**
 * Makes a message file ("BinaryFILE", the form of Nasdaq's ITCH daily files).
 *
 * @param path of the file; `-` = standard output.
 * @throws TickerError as `createPacketFile` does.
 */
export async function createMessageFile(path: string, options: FileSinkOptions = {}): Promise<MessageFileWriter> {
  return new MessageFileWriter(await FileSink.open(path, options, 2 + MESSAGE_BYTES_MAX));
}
