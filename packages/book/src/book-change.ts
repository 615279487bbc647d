import { BookFault } from './fault.ts';
import { Side } from './side.ts';

/**
 * What one operation did. Borrowed: there is one of it per {@link OrderBooks}, refilled by each operation.
 *
 * Everything but `fault` is unspecified when nothing changed ({@link level} is then -1).
 */
export class BookChange {
  fault: BookFault = BookFault.NONE;
  /** The number of the book. */
  book = 0;
  side: Side = Side.BID;
  /**
   * The best level that is not as it was before, counted from 0: all better ones are untouched. The best has
   * changed when it is 0, the first ten levels when it is below 10. -1 when no level has changed.
   */
  level = -1;
  /** Whether a level was made or removed, so that those behind {@link level} have moved. */
  levelsChanged = false;
  /** The order's price: for an execution, what ITCH calls the display price. */
  price = 0;
  /** The shares put in, or those taken out. */
  shares = 0;
  /** What is left of the order; 0 when it is gone. */
  remaining = 0;

  /** For an operation that changed nothing. */
  refuse(fault: BookFault): this {
    this.fault = fault;
    this.level = -1;
    this.levelsChanged = false;
    this.shares = 0;
    this.remaining = 0;
    return this;
  }
}
