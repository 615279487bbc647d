import type { ControlFault } from './messages.ts';
import { LENGTH_BYTES } from './wire.ts';

/** Memory kept between frames for those that come in pieces. */
const KEPT_BYTES = 64 * 1024;

/**
 * Cuts a stream of bytes into frames, wherever the pieces begin and end. A frame that lies whole in a piece is
 * passed on in place; only one that is split is put together in a buffer, which grows with what has arrived, never
 * with what a length claims.
 */
export class FrameParser {
  readonly #onFrame: (bytes: Uint8Array, start: number, end: number) => void;
  readonly #frameBytesMax: number;
  #split: Uint8Array = new Uint8Array(KEPT_BYTES);
  /** Bytes of the split frame that have arrived, its length included. */
  #have = 0;
  #fault: ControlFault | undefined;
  #stopped = false;

  /**
   * @param frameBytesMax longest content of a frame.
   * @param onFrame takes the content of each frame, `bytes[start, end)`, borrowed.
   */
  constructor(frameBytesMax: number, onFrame: (bytes: Uint8Array, start: number, end: number) => void) {
    this.#frameBytesMax = frameBytesMax;
    this.#onFrame = onFrame;
  }

  /**
   * Takes the next piece of the stream.
   *
   * @returns a fault when a frame's length is 0 or too large (`CONTROL_BAD_LENGTH`): the stream has no meaning from
   * there on, and every later call returns the same.
   */
  push(piece: Uint8Array): ControlFault | undefined {
    let at = this.#have > 0 ? this.#continue(piece) : 0;
    while (!this.#stopped && piece.length - at >= LENGTH_BYTES) {
      const length = this.#lengthAt(piece, at);
      if (this.#stopped) break;
      const end = at + LENGTH_BYTES + length;
      if (end > piece.length) break;
      this.#onFrame(piece, at + LENGTH_BYTES, end);
      at = end;
    }
    if (!this.#stopped && at < piece.length) this.#keep(piece, at, piece.length);
    return this.#fault;
  }

  /** Ignores everything from here on, the rest of the present piece included. */
  stop(): void {
    this.#stopped = true;
    this.#split = new Uint8Array(0);
    this.#have = 0;
  }

  /** Goes on with the split frame; answers how much of the piece it took. */
  #continue(piece: Uint8Array): number {
    let at = 0;
    if (this.#have < LENGTH_BYTES) {
      at = Math.min(LENGTH_BYTES - this.#have, piece.length);
      this.#keep(piece, 0, at);
      if (this.#have < LENGTH_BYTES) return at;
    }
    const length = this.#lengthAt(this.#split, 0);
    if (this.#stopped) return at;
    const end = at + Math.min(LENGTH_BYTES + length - this.#have, piece.length - at);
    this.#keep(piece, at, end);
    if (this.#have < LENGTH_BYTES + length) return end;
    const frame = this.#split;
    this.#have = 0;
    if (frame.length > KEPT_BYTES) this.#split = new Uint8Array(KEPT_BYTES);
    this.#onFrame(frame, LENGTH_BYTES, LENGTH_BYTES + length);
    return end;
  }

  #keep(piece: Uint8Array, start: number, end: number): void {
    const need = this.#have + end - start;
    if (need > this.#split.length) {
      const larger = new Uint8Array(
        Math.max(need, Math.min(2 * this.#split.length, LENGTH_BYTES + this.#frameBytesMax)),
      );
      larger.set(this.#split.subarray(0, this.#have));
      this.#split = larger;
    }
    this.#split.set(piece.subarray(start, end), this.#have);
    this.#have = need;
  }

  #lengthAt(bytes: Uint8Array, at: number): number {
    const length = ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0;
    if (length === 0 || length > this.#frameBytesMax) {
      const message = `expected a frame of 1 to ${this.#frameBytesMax} bytes, got a length of ${length}`;
      this.#fault = { kind: 'fault', code: 'CONTROL_BAD_LENGTH', message };
      this.stop();
    }
    return length;
  }
}
