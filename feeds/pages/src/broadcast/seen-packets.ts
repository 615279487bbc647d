/** Packets that are remembered: two lines may be so far apart. */
const WINDOW = 8192;

/** Tells packets that have come already, on another line, from new ones. */
export class SeenPackets {
  readonly #seen = new Uint8Array(WINDOW);
  #highest = -1;
  /** Packets that have not come, among those that are too old to come. */
  lost = 0;

  /** Begins a new count. */
  clear(): void {
    this.#seen.fill(0);
    this.#highest = -1;
  }

  /** @returns whether the packet is new; one older than the window is not */
  take(packet: number): boolean {
    if (packet > this.#highest) {
      // Many were lost, or this is the first: there is nothing to remember.
      const first = this.#highest < 0;
      const steps = Math.min(packet - this.#highest, WINDOW);
      for (let i = 1; i <= steps; i++) {
        const slot = (packet - steps + i) % WINDOW;
        if (!first && this.#seen[slot] === 0 && packet - steps + i >= WINDOW) this.lost++;
        this.#seen[slot] = 0;
      }
      if (first) this.#seen.fill(1);
      this.#highest = packet;
      this.#seen[packet % WINDOW] = 1;
      return true;
    }
    if (packet <= this.#highest - WINDOW || this.#seen[packet % WINDOW] === 1) return false;
    this.#seen[packet % WINDOW] = 1;
    return true;
  }
}
