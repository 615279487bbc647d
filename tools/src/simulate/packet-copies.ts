const PIECE_BYTES = 65_536;

/**
 * Copies of packets, for as long as somebody holds them. They lie one behind the other in larger pieces: an `ArrayBuffer` for
 * each would cost more than all that is done with the packet.
 */
export class PacketCopies {
  #piece = new ArrayBuffer(PIECE_BYTES);
  #used = 0;

  /** A copy of `bytes[0, length)`. */
  of(bytes: Uint8Array, length: number): Uint8Array {
    if (this.#used + length > this.#piece.byteLength) {
      this.#piece = new ArrayBuffer(Math.max(PIECE_BYTES, length));
      this.#used = 0;
    }
    const copy = new Uint8Array(this.#piece, this.#used, length);
    this.#used += length;
    // Most are short: a loop is faster than what it takes to make the view that `set` would need.
    for (let at = 0; at < length; at++) copy[at] = bytes[at]!;
    return copy;
  }
}
