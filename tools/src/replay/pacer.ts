/** How fast to go: a factor of the original pace, or as fast as it can be sent. */
export type Speed = number | 'max';

/** Timers are good to about a millisecond: nearer than this the event loop is let run instead. */
const TIMER_NS = 1_500_000;
/** At full speed the event loop gets its turn after so many packets: requests have to be answered too. */
const PACKETS_PER_TURN = 32;
/** Packets waiting for the kernel beyond which a sender at full speed waits. */
const QUEUED_MAX = 64;

/** Holds each packet back until it is due. */
export class Pacer {
  readonly #speed: Speed;
  readonly #now: () => number;
  readonly #queued: () => number;
  #startNs = 0;
  #firstNs: bigint | undefined;
  #sinceTurn = 0;

  /** @param now monotonic nanoseconds. @param queued packets that wait for the kernel. */
  constructor(speed: Speed, now: () => number, queued: () => number) {
    this.#speed = speed;
    this.#now = now;
    this.#queued = queued;
  }

  /** Resolves when a packet of the time `timeNs` (any clock, nanoseconds) is due; undefined: at once. */
  due(timeNs: bigint | undefined): Promise<void> | undefined {
    if (this.#speed === 'max') {
      if (++this.#sinceTurn < PACKETS_PER_TURN && this.#queued() < QUEUED_MAX) return undefined;
      this.#sinceTurn = 0;
      return this.#turns();
    }
    if (timeNs === undefined) return undefined;
    if (this.#firstNs === undefined) {
      this.#firstNs = timeNs;
      this.#startNs = this.#now();
    }
    const dueNs = this.#startNs + Number(timeNs - this.#firstNs) / this.#speed;
    if (dueNs <= this.#now()) {
      if (++this.#sinceTurn < PACKETS_PER_TURN) return undefined;
      this.#sinceTurn = 0;
      return new Promise((resolve) => setImmediate(resolve));
    }
    return this.#until(dueNs);
  }

  async #turns(): Promise<void> {
    do await new Promise((resolve) => setImmediate(resolve));
    while (this.#queued() > QUEUED_MAX);
  }

  async #until(dueNs: number): Promise<void> {
    this.#sinceTurn = 0;
    for (let leftNs = dueNs - this.#now(); leftNs > 0; leftNs = dueNs - this.#now()) {
      if (leftNs > TIMER_NS) await new Promise((resolve) => setTimeout(resolve, (leftNs - TIMER_NS / 2) / 1e6));
      else await new Promise((resolve) => setImmediate(resolve));
    }
  }
}
