import type { ChangedCells } from './changed-cells.ts';

/** What the reader of a page knows for all rows of all of its tables. */
export interface Surroundings {
  readonly isColoured: boolean;
  /** Business date in days since 1970. */
  readonly today: number | undefined;
  /** Which cells are as when they were last read. */
  readonly changes: ChangedCells;
  /** Whether text outside of a table's columns belongs to another rule. */
  isKnown(table: number, row: number, column: number): boolean;
}
