import { LENGTH_BYTES } from './vendor-frames.ts';

/** First size of the buffer for frames that are split; it grows with the frames. */
const SPLIT_BYTES = 4096;

/**
 * Cuts the stream into frames, wherever its pieces begin and end. A frame that lies whole in a piece is passed on in
 * place; one that is split is put together in a buffer.
 */
export class FrameParser {
  readonly #onFrame: (bytes: Uint8Array, start: number, end: number) => void;
  readonly #frameBytesMax: number;
  #split: Uint8Array = new Uint8Array(SPLIT_BYTES);
  /** Bytes of the split frame that have come, its length included. */
  #have = 0;
  #stopped = false;

  /**
   * @param onFrame takes type and body of each frame, `bytes[start, end)`, borrowed.
   * @param frameBytesMax longest frame, without its length; left out: any whose length can be written.
   */
  constructor(onFrame: (bytes: Uint8Array, start: number, end: number) => void, frameBytesMax = 65_535) {
    this.#onFrame = onFrame;
    this.#frameBytesMax = frameBytesMax;
  }

  /**
   * Takes the next piece of the stream.
   *
   * @returns what is wrong with a frame's length: from there on the stream has no meaning, and nothing more is taken.
   */
  push(piece: Uint8Array): string | undefined {
    let at = 0;
    while (!this.#stopped && at < piece.length) {
      if (this.#have === 0 && piece.length - at >= LENGTH_BYTES) {
        const length = (piece[at]! << 8) | piece[at + 1]!;
        const fault = this.#check(length);
        if (fault !== undefined) return fault;
        const end = at + LENGTH_BYTES + length;
        if (end <= piece.length) {
          this.#onFrame(piece, at + LENGTH_BYTES, end);
          at = end;
          continue;
        }
      }
      if (this.#have < LENGTH_BYTES) {
        this.#split[this.#have++] = piece[at++]!;
        continue;
      }
      const length = (this.#split[0]! << 8) | this.#split[1]!;
      const fault = this.#check(length);
      if (fault !== undefined) return fault;
      this.#makeRoom(LENGTH_BYTES + length);
      const taken = Math.min(LENGTH_BYTES + length - this.#have, piece.length - at);
      this.#split.set(piece.subarray(at, at + taken), this.#have);
      this.#have += taken;
      at += taken;
      if (this.#have < LENGTH_BYTES + length) return undefined;
      this.#have = 0;
      this.#onFrame(this.#split, LENGTH_BYTES, LENGTH_BYTES + length);
    }
    return undefined;
  }

  /** Takes nothing more, the rest of the present piece included. */
  stop(): void {
    this.#stopped = true;
  }

  #makeRoom(bytes: number): void {
    if (bytes <= this.#split.length) return;
    const wider = new Uint8Array(Math.min(LENGTH_BYTES + this.#frameBytesMax, Math.max(bytes, 2 * this.#split.length)));
    wider.set(this.#split.subarray(0, this.#have));
    this.#split = wider;
  }

  #check(length: number): string | undefined {
    if (length >= 1 && length <= this.#frameBytesMax) return undefined;
    this.stop();
    return `expected a frame of 1 to ${this.#frameBytesMax} bytes, got a length of ${length}`;
  }
}
