import { TickerError } from '@tickerplant/core';
import type { OrderTable, SavedOrders, TouchedOrders } from './order-table.ts';

/** What has become of orders that were touched while a table was copied. */
export interface SavedRest {
  readonly live: SavedOrders;
  /** References of those that are no more. */
  readonly gone: Float64Array;
}

/**
 * Copies a table of orders piece by piece while it is worked on: the pieces are each of their own instant, and the rest says what has
 * become of all orders that were touched meanwhile. So nobody has to wait while millions of orders are copied.
 */
export class OrdersGiver {
  readonly #table: OrderTable;
  #touched: TouchedOrders | undefined;
  #next = 0;

  constructor(table: OrderTable) {
    this.#table = table;
  }

  /** The next up to 16,384 orders; undefined: all have been given, the rest is to be asked for. */
  piece(): SavedOrders | undefined {
    this.#touched ??= this.#table.watch();
    const piece = this.#table.part(this.#next);
    if (piece !== undefined) this.#next++;
    return piece;
  }

  /**
   * What makes the pieces the table as it is now. To be asked for once, when there are no more pieces.
   *
   * @throws TickerError `BOOK_STATE_VOID`: the table has been cleared since, or too many orders were touched.
   */
  rest(): SavedRest {
    const touched = this.#touched;
    this.#touched = undefined;
    if (touched === undefined || !this.#table.unwatch(touched)) {
      throw new TickerError(
        'BOOK_STATE_VOID',
        'expected orders that go together, these were given before a new beginning',
      );
    }
    const live: number[] = [];
    const gone: number[] = [];
    for (const reference of new Set(touched.references)) (this.#table.find(reference) ? live : gone).push(reference);
    return { live: this.#table.copy(live), gone: Float64Array.from(gone) };
  }
}
