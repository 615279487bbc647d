import { TickerError } from '@tickerplant/core';
import { Book } from './book.ts';
import { BookChange } from './book-change.ts';
import { BookFault } from './fault.ts';
import { OrderTable, type SavedOrders } from './order-table.ts';
import { OrdersGiver, type SavedRest } from './orders-giver.ts';
import type { PriceLevels } from './price-levels.ts';
import { Side } from './side.ts';

export interface OrderBooksOptions {
  /** Bound on live orders in all books together. @default 16777216 */
  readonly ordersMax?: number;
  /** Bound on book numbers, exclusive. @default 65536 (every ITCH stock locate) */
  readonly booksMax?: number;
}

const BOOKS_MAX_DEFAULT = 65_536;
/** A book's number and side share a 32-bit word. */
const BOOKS_MAX_LIMIT = 0x7fff_ffff;
const NONE: ReadonlySet<number> = new Set();

/**
 * The books of a whole order-by-order feed: one table of live orders, and the price levels of each book.
 *
 * The modifying messages of such feeds name only an order reference; the operations take the same, look up
 * book, side and price, and refill one {@link BookChange}. Bad input gives a fault, never an exception: see
 * {@link BookFault}. No operation allocates, save for the first order of a book and when an array grows.
 *
 * Order references are whole numbers from 0 to 2^53 - 1, unique over all books while live; shares are below
 * 2^32; prices are safe integers in the feed's own unit.
 */
export class OrderBooks {
  private readonly table: OrderTable;
  private readonly change: BookChange = new BookChange();
  private readonly booksMax: number;
  private readonly books: (Book | undefined)[] = [];
  /** Indexed by book * 2 + side: what every operation needs, one step away. */
  private readonly levels: PriceLevels[] = [];

  /** @throws TickerError `BOOK_BAD_OPTION` */
  constructor(options: OrderBooksOptions = {}) {
    this.booksMax = options.booksMax ?? BOOKS_MAX_DEFAULT;
    if (!Number.isInteger(this.booksMax) || this.booksMax < 1 || this.booksMax > BOOKS_MAX_LIMIT) {
      throw new TickerError('BOOK_BAD_OPTION', `expected booksMax from 1 to ${BOOKS_MAX_LIMIT}, got ${this.booksMax}`);
    }
    this.table = new OrderTable(options.ordersMax);
  }

  /** The number of live orders in all books. */
  get orders(): number {
    return this.table.size;
  }

  /**
   * The book with this number; made, empty, when it is asked for the first time.
   *
   * @throws TickerError `BOOK_BAD_INDEX` for a number outside 0 to `booksMax` - 1: the caller's mistake.
   */
  book(index: number): Book {
    return this.books[index] ?? this.open(index);
  }

  /** ITCH `A` and `F`. Faults: `NO_SHARES`, `DUPLICATE_ORDER`, `TABLE_FULL`. */
  add(reference: number, book: number, side: Side, shares: number, price: number): BookChange {
    const change = this.change;
    if (shares === 0) return change.refuse(BookFault.NO_SHARES);
    if (this.books[book] === undefined) this.open(book);
    const bookSide = book * 2 + side;
    const fault = this.table.insert(reference, bookSide, price, shares);
    if (fault !== BookFault.NONE) return change.refuse(fault);
    const levels = this.levels[bookSide]!;
    change.level = levels.add(price, shares, 1);
    change.levelsChanged = levels.levelsChanged;
    change.fault = BookFault.NONE;
    change.book = book;
    change.side = side;
    change.price = price;
    change.shares = shares;
    change.remaining = shares;
    return change;
  }

  /** ITCH `E` and `C`: the level shrinks at the order's own price. Faults: `UNKNOWN_ORDER`, `OVERDRAWN`. */
  execute(reference: number, shares: number): BookChange {
    return this.take(reference, shares);
  }

  /** ITCH `X`: takes `shares` away, not down to. Faults: `UNKNOWN_ORDER`, `OVERDRAWN`. */
  cancel(reference: number, shares: number): BookChange {
    return this.take(reference, shares);
  }

  /** ITCH `D`. Fault: `UNKNOWN_ORDER`. */
  delete(reference: number): BookChange {
    if (!this.table.find(reference)) return this.change.refuse(BookFault.UNKNOWN_ORDER);
    return this.drop();
  }

  /**
   * ITCH `U`: the old order goes entirely, the new one inherits its book and side. `level` is the better one of
   * the two levels touched; `price` and `shares` are the new order's.
   *
   * Faults: `UNKNOWN_ORDER` (nothing happens); `NO_SHARES`, `DUPLICATE_ORDER` and `TABLE_FULL` (the old order goes,
   * as the message says, and the new one is left out).
   */
  replace(reference: number, newReference: number, shares: number, price: number): BookChange {
    const table = this.table;
    const change = this.change;
    if (!table.find(reference)) return change.refuse(BookFault.UNKNOWN_ORDER);
    const bookSide = table.bookSide;
    this.drop();
    const fault = shares === 0 ? BookFault.NO_SHARES : table.insert(newReference, bookSide, price, shares);
    if (fault !== BookFault.NONE) {
      change.fault = fault;
      return change;
    }
    const levels = this.levels[bookSide]!;
    const level = levels.add(price, shares, 1);
    if (level < change.level) change.level = level;
    if (levels.levelsChanged) change.levelsChanged = true;
    change.price = price;
    change.shares = shares;
    change.remaining = shares;
    return change;
  }

  /** Looks an order up: fills `book`, `side`, `price` and `remaining`, changes nothing. Fault: `UNKNOWN_ORDER`. */
  peek(reference: number): BookChange {
    const change = this.change.refuse(BookFault.NONE);
    if (!this.table.find(reference)) return change.refuse(BookFault.UNKNOWN_ORDER);
    const bookSide = this.table.bookSide;
    change.book = bookSide >>> 1;
    change.side = (bookSide & 1) as Side;
    change.price = this.table.price;
    change.remaining = this.table.shares;
    return change;
  }

  /**
   * Removes all orders of one book, for a resynchronisation. Looks at the whole order table (milliseconds for
   * a million orders): to empty everything use {@link clearAll}.
   *
   * @returns how many orders were removed.
   */
  clear(book: number): number {
    const { bids, asks } = this.book(book);
    const removed =
      (bids.length > 0 ? this.table.removeAll(book * 2 + Side.BID) : 0) +
      (asks.length > 0 ? this.table.removeAll(book * 2 + Side.ASK) : 0);
    bids.clear();
    asks.clear();
    return removed;
  }

  /** Removes all orders of all books, e.g. at the start of a day; the books themselves stay. */
  clearAll(): void {
    this.table.clear();
    for (const book of this.books) {
      book?.bids.clear();
      book?.asks.clear();
    }
  }

  /** Gives all live orders, which is all that the books are made of, while work goes on. */
  give(): OrdersGiver {
    return new OrdersGiver(this.table);
  }

  /**
   * Makes the books those that were given; what they held before goes.
   *
   * @throws TickerError `BOOK_BAD_STATE` when an order is there twice or there are too many; the books are then of no use.
   */
  restore(pieces: readonly SavedOrders[], { live, gone }: SavedRest): void {
    this.clearAll();
    const touched = new Set([...live.references, ...gone]);
    for (const piece of pieces) this.addAll(piece, touched);
    this.addAll(live, NONE);
  }

  private addAll({ references, prices, shares, bookSides }: SavedOrders, except: ReadonlySet<number>): void {
    for (let i = 0; i < references.length; i++) {
      const reference = references[i]!;
      if (except.has(reference)) continue;
      const bookSide = bookSides[i]!;
      const { fault } = this.add(reference, bookSide >>> 1, (bookSide & 1) as Side, shares[i]!, prices[i]!);
      if (fault === BookFault.NONE) continue;
      throw new TickerError('BOOK_BAD_STATE', `expected an order of its own, got one that cannot be added (${fault})`, {
        reference,
      });
    }
  }

  private take(reference: number, shares: number): BookChange {
    const table = this.table;
    const change = this.change;
    if (!table.find(reference)) return change.refuse(BookFault.UNKNOWN_ORDER);
    const held = table.shares;
    if (shares >= held) {
      this.drop();
      if (shares > held) change.fault = BookFault.OVERDRAWN;
      return change;
    }
    const bookSide = table.bookSide;
    const price = table.price;
    table.shares = held - shares;
    change.level = this.levels[bookSide]!.reduce(price, shares, 0);
    change.levelsChanged = false;
    change.fault = BookFault.NONE;
    change.book = bookSide >>> 1;
    change.side = (bookSide & 1) as Side;
    change.price = price;
    change.shares = shares;
    change.remaining = held - shares;
    return change;
  }

  /** Takes out the order at the table's cursor. */
  private drop(): BookChange {
    const table = this.table;
    const change = this.change;
    const bookSide = table.bookSide;
    const price = table.price;
    const shares = table.shares;
    table.remove();
    const levels = this.levels[bookSide]!;
    change.level = levels.reduce(price, shares, 1);
    change.levelsChanged = levels.levelsChanged;
    change.fault = BookFault.NONE;
    change.book = bookSide >>> 1;
    change.side = (bookSide & 1) as Side;
    change.price = price;
    change.shares = shares;
    change.remaining = 0;
    return change;
  }

  private open(index: number): Book {
    if (!Number.isInteger(index) || index < 0 || index >= this.booksMax) {
      throw new TickerError('BOOK_BAD_INDEX', `expected a book number from 0 to ${this.booksMax - 1}, got ${index}`);
    }
    // Filled without holes, so that the arrays stay of the fast kind.
    while (this.books.length <= index) {
      this.books.push(undefined);
      this.levels.push(BLANK.bids, BLANK.asks);
    }
    const book = new Book(index);
    this.books[index] = book;
    this.levels[index * 2 + Side.BID] = book.bids;
    this.levels[index * 2 + Side.ASK] = book.asks;
    return book;
  }
}

/** Stands in `levels` for books that nobody has asked for; never changed, for no order can be in them. */
const BLANK = new Book(-1);
