/**
 * Runs of cells, each by its row, its first column and the one behind its last: what changed of a page. A list that is
 * filled and emptied again without allocating; `add` can be handed to `ChangeTracker.end`.
 */
export class CellRuns {
  /** How many runs there are. */
  count = 0;
  /** How many cells lie in them. */
  cells = 0;
  #words = new Int32Array(96);

  /** Adds a run. Bound to the list. */
  readonly add = (row: number, first: number, end: number): void => {
    const at = this.count * 3;
    if (at === this.#words.length) {
      const wider = new Int32Array(at * 2);
      wider.set(this.#words);
      this.#words = wider;
    }
    this.#words[at] = row;
    this.#words[at + 1] = first;
    this.#words[at + 2] = end;
    this.count++;
    this.cells += end - first;
  };

  clear(): void {
    this.count = 0;
    this.cells = 0;
  }

  /** @param index 0 to `count` - 1. */
  row(index: number): number {
    return this.#words[index * 3]!;
  }

  first(index: number): number {
    return this.#words[index * 3 + 1]!;
  }

  end(index: number): number {
    return this.#words[index * 3 + 2]!;
  }

  /** A copy that lasts. */
  copy(): CellRuns {
    const copy = new CellRuns();
    for (let i = 0; i < this.count; i++) copy.add(this.row(i), this.first(i), this.end(i));
    return copy;
  }
}
