import { BookFault } from './fault.ts';
import type { Level } from './price-levels.ts';
import { Side } from './side.ts';

interface Order {
  readonly book: number;
  readonly side: Side;
  readonly price: number;
  shares: number;
}

/**
 * What {@link OrderBooks} does, done in the most obvious way: a map of orders, and levels added up afresh each
 * time they are asked for. Slow; for tests and for computing expected values.
 */
export class SlowBook {
  readonly #orders = new Map<number, Order>();

  get orders(): number {
    return this.#orders.size;
  }

  add(reference: number, book: number, side: Side, shares: number, price: number): BookFault {
    if (shares === 0) return BookFault.NO_SHARES;
    if (this.#orders.has(reference)) return BookFault.DUPLICATE_ORDER;
    this.#orders.set(reference, { book, side, price, shares });
    return BookFault.NONE;
  }

  /** An execution or a partial cancel. */
  take(reference: number, shares: number): BookFault {
    const order = this.#orders.get(reference);
    if (order === undefined) return BookFault.UNKNOWN_ORDER;
    const overdrawn = shares > order.shares;
    order.shares -= Math.min(shares, order.shares);
    if (order.shares === 0) this.#orders.delete(reference);
    return overdrawn ? BookFault.OVERDRAWN : BookFault.NONE;
  }

  delete(reference: number): BookFault {
    return this.#orders.delete(reference) ? BookFault.NONE : BookFault.UNKNOWN_ORDER;
  }

  replace(reference: number, newReference: number, shares: number, price: number): BookFault {
    const old = this.#orders.get(reference);
    if (old === undefined) return BookFault.UNKNOWN_ORDER;
    this.#orders.delete(reference);
    return this.add(newReference, old.book, old.side, shares, price);
  }

  /** Removes a book's orders; returns how many. */
  clear(book: number): number {
    const gone = [...this.#orders].filter(([, order]) => order.book === book);
    for (const [reference] of gone) this.#orders.delete(reference);
    return gone.length;
  }

  clearAll(): void {
    this.#orders.clear();
  }

  /** The levels of one side of a book, best first. */
  levels(book: number, side: Side): Level[] {
    const byPrice = new Map<number, Level>();
    for (const order of this.#orders.values()) {
      if (order.book !== book || order.side !== side) continue;
      const level = byPrice.get(order.price) ?? { price: order.price, shares: 0, orders: 0 };
      level.shares += order.shares;
      level.orders++;
      byPrice.set(order.price, level);
    }
    return [...byPrice.values()].sort((a, b) => (side === Side.BID ? b.price - a.price : a.price - b.price));
  }
}
