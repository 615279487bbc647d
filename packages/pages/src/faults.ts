/** Told of each fault: its kind, and the offset in bytes from the first byte the decoder ever took. */
export type FaultListener<Kind extends string> = (kind: Kind, offset: number) => void;

/** Counts what a decoder met and could not use, by kind. A fault never stops a decoder. */
export class Faults<Kind extends string> {
  readonly counts: Readonly<Record<Kind, number>>;
  readonly #counts: Record<Kind, number>;
  readonly #listener: FaultListener<Kind> | undefined;

  constructor(kinds: readonly Kind[], listener?: FaultListener<Kind>) {
    this.#counts = Object.fromEntries(kinds.map((kind) => [kind, 0])) as Record<Kind, number>;
    this.counts = this.#counts;
    this.#listener = listener;
  }

  /** Of all kinds together. */
  get total(): number {
    let total = 0;
    for (const kind in this.#counts) total += this.#counts[kind];
    return total;
  }

  /** Counts one, and tells of it. */
  add(kind: Kind, offset: number): void {
    this.#counts[kind]++;
    this.#listener?.(kind, offset);
  }
}
