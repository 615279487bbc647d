const NONE: Uint8Array = new Uint8Array(0);

/**
 * Lets a parser see its input as whole units however the chunks were cut. A unit that lies inside one chunk is
 * read in place; one that straddles chunks is put together in a carry buffer. The carry grows only as bytes
 * truly arrive, so that a hostile length costs nothing until the file backs it.
 *
 * Use: `feed` a chunk, then `ensure` and read `bytes[at…]` until `ensure` says false; then feed the next one.
 */
export class ByteWindow {
  /** Where to read now: the caller's chunk or the carry. Changes at every `ensure`, `skip` and `feed`. */
  bytes: Uint8Array = NONE;
  /** The next unread byte in `bytes`; the parser moves it on. */
  at = 0;
  /** The end of what `bytes` holds. */
  end = 0;
  /** Whether the input is over. */
  ended = false;

  #carry: Uint8Array = NONE;
  #inCarry = false;
  #pending: Uint8Array | undefined;
  #pendingAt = 0;
  #skipLeft = 0;
  /** Stream position of `bytes[0]`. */
  #base = 0;

  /** Position in the stream of the next unread byte. */
  get offset(): number {
    return this.#base + this.at;
  }

  /** Unread bytes at hand in the current view. Once `ensure` has said false, that is all there is. */
  get available(): number {
    return this.end - this.at;
  }

  /** Bytes of a running `skip` that have not come yet. */
  get skipLeft(): number {
    return this.#skipLeft;
  }

  /** Takes the next chunk; `ensure` must have said false before. The chunk is free again when it next does. */
  feed(chunk: Uint8Array): void {
    if (this.at === this.end) this.#view(chunk, 0, this.#base + this.at);
    else {
      this.#pending = chunk;
      this.#pendingAt = 0;
    }
    if (this.#skipLeft > 0) this.skip(0);
  }

  /** Whether `count` bytes in one piece lie at `bytes[at]` now. */
  ensure(count: number): boolean {
    return this.end - this.at >= count && this.#skipLeft === 0 ? true : this.#gather(count);
  }

  /** Moves on by `count` bytes, also past those that have not come yet. */
  skip(count: number): void {
    this.#skipLeft += count;
    while (this.#skipLeft > 0) {
      const step = Math.min(this.#skipLeft, this.end - this.at);
      this.at += step;
      this.#skipLeft -= step;
      if (this.#skipLeft === 0 || this.#pending === undefined) return;
      this.#viewPending();
    }
  }

  #gather(count: number): boolean {
    if (this.#skipLeft > 0) return false;
    while (this.end - this.at < count) {
      const pending = this.#pending;
      if (pending === undefined) {
        if (!this.#inCarry) this.#toCarry(this.end - this.at); // the chunk goes back to its owner
        return false;
      }
      if (this.at === this.end) {
        this.#viewPending();
        continue;
      }
      const held = this.end - this.at;
      const taken = Math.min(count - held, pending.length - this.#pendingAt);
      this.#toCarry(held + taken, count);
      this.#carry.set(pending.subarray(this.#pendingAt, this.#pendingAt + taken), held);
      this.end = held + taken;
      this.#pendingAt += taken;
      if (this.#pendingAt === pending.length) this.#pending = undefined;
    }
    return true;
  }

  #viewPending(): void {
    const pending = this.#pending!;
    this.#pending = undefined;
    this.#view(pending, this.#pendingAt, this.#base + this.at - this.#pendingAt);
  }

  #view(chunk: Uint8Array, at: number, base: number): void {
    this.bytes = chunk;
    this.at = at;
    this.end = chunk.length;
    this.#inCarry = false;
    this.#base = base;
  }

  /** Moves the unread bytes to the start of the carry, which gets room for `room` of them, better `wanted`. */
  #toCarry(room: number, wanted: number = room): void {
    const { at, end, bytes } = this;
    const held = end - at;
    if (this.#carry.length < room) {
      const grown = new Uint8Array(Math.max(room, Math.min(wanted, 2 * this.#carry.length), 256));
      grown.set(bytes.subarray(at, end));
      this.#carry = grown;
    } else if (bytes !== this.#carry) this.#carry.set(bytes.subarray(at, end));
    else if (at > 0) this.#carry.copyWithin(0, at, end);
    this.#base += at;
    this.bytes = this.#carry;
    this.at = 0;
    this.end = held;
    this.#inCarry = true;
  }
}
