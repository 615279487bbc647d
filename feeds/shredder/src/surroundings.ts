/** What the reader of a page knows for all rows of all of its tables. */
export interface Surroundings {
  readonly isColoured: boolean;
  /** Business date in days since 1970. */
  readonly today: number | undefined;
  /** Whether the cells of a row from `first` to `end` - 1 are as when they were last read. */
  isSame(row: number, first: number, end: number): boolean;
  /** Whether text outside of a table's columns belongs to another rule. */
  isKnown(table: number, row: number, column: number): boolean;
}
