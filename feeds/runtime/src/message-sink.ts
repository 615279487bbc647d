import { MESSAGE_BYTES_MAX } from '@tickerplant/records';

/** Where a channel's messages go: built in place, so that nothing is copied. */
export interface MessageSink {
  /** The buffer that `reserve` gave room in; may change with every `reserve`. */
  readonly buffer: Uint8Array;
  /** Makes room for a message of up to `length` bytes; returns where it begins in `buffer`. */
  reserve(length: number): number;
  /** Ends the message after `length` bytes; returns its number. */
  commit(length: number): number;
}

/**
 * A sink that counts and forgets: for measuring a normaliser, and for tools that need no output.
 * `onMessage` sees each message's bytes, borrowed.
 */
export class CountingSink implements MessageSink {
  readonly buffer: Uint8Array = new Uint8Array(MESSAGE_BYTES_MAX);
  readonly #onMessage: ((bytes: Uint8Array, length: number, seq: number) => void) | undefined;
  messages = 0;
  bytes = 0;

  constructor(onMessage?: (bytes: Uint8Array, length: number, seq: number) => void) {
    this.#onMessage = onMessage;
  }

  reserve(_length: number): number {
    return 0;
  }

  commit(length: number): number {
    this.bytes += length;
    this.messages++;
    this.#onMessage?.(this.buffer, length, this.messages);
    return this.messages;
  }
}
