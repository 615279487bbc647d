/** Faults of one kind: how many, and where the first was, in bytes. */
interface FaultLine {
  count: number;
  readonly firstAt: number;
}

/** Collects what a decoder found wrong, by kind. */
export class FaultReport {
  readonly #kinds = new Map<string, FaultLine>();

  readonly add = (kind: string, offset: number): void => {
    const known = this.#kinds.get(kind);
    if (known === undefined) this.#kinds.set(kind, { count: 1, firstAt: offset });
    else known.count++;
  };

  /** By kind, for JSON. */
  toJSON(): Readonly<Record<string, FaultLine>> {
    return Object.fromEntries(this.#kinds);
  }

  /** For a person; undefined where there were none. */
  get text(): string | undefined {
    if (this.#kinds.size === 0) return undefined;
    return [...this.#kinds]
      .map(([kind, { count, firstAt }]) => `${count} ${kind} (first at byte ${firstAt})`)
      .join(', ');
  }
}
