const WIDTH = 8;

/** Tab stops of a row. */
export class TerminalTabs {
  readonly #stops: Uint8Array;

  constructor(columns: number) {
    this.#stops = new Uint8Array(columns);
    this.reset();
  }

  /** Every eighth column. */
  reset(): void {
    for (let column = 0; column < this.#stops.length; column++) this.#stops[column] = column % WIDTH === 0 ? 1 : 0;
  }

  set(column: number): void {
    this.#stops[column] = 1;
  }

  clear(column: number): void {
    this.#stops[column] = 0;
  }

  clearAll(): void {
    this.#stops.fill(0);
  }

  /** The next stop, or the last column. */
  after(column: number): number {
    const next = this.#stops.indexOf(1, column + 1);
    return next < 0 ? this.#stops.length - 1 : next;
  }

  /** The stop before, or the first column. */
  before(column: number): number {
    return column === 0 ? 0 : Math.max(0, this.#stops.lastIndexOf(1, column - 1));
  }
}
