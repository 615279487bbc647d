import { BookFault, OrderBooks, Side } from '@tickerplant/book';
import { type Random, seededRandom } from '@tickerplant/core';
import { measure, type Rates, type Repetition } from '../measure.ts';
import { serveRole } from '../role.ts';

/** What to do. */
export interface BookOptions extends Repetition {
  readonly books: number;
  /** Live orders, before and after. */
  readonly orders: number;
  /** Operations of a run. */
  readonly operations: number;
  /** Share of operations that concern one of the newest thousand orders; the others concern any. */
  readonly young: number;
}

/** What was measured; rates in operations. */
export interface BookResult {
  readonly rates: Rates;
  readonly orders: number;
  readonly faults: number;
}

/** Keeps order books. */
export interface BookKeeperRole {
  run(options: BookOptions): Promise<BookResult>;
  /** The same operations on a `Map` of objects, without price levels. */
  baseline(options: BookOptions): Promise<Rates>;
}

const ADD = 0;
const DELETE = 1;
const CANCEL = 2;
const REPLACE = 3;
/** Shares of 100: adds and deletes balance, so that as many orders stay. */
const MIX = [44, 44, 4, 8] as const;
const SHARES = 1000;
const YOUNG = 1000;
/** Width of an operation in the list: what, reference, book, side, price, new reference. */
const WIDTH = 6;
/** Orders rest within so many ticks of the middle, most of them close to it. */
const TICKS = 200;

/** A list of operations, all of them possible, made in advance so that making them isn't measured. */
class Operations {
  readonly cells: Float64Array;
  readonly #random: Random;
  readonly #live: number[] = [];
  readonly #books: number;
  readonly #young: number;
  #next = 1;

  constructor({ books, orders, operations, young }: BookOptions, seed: number) {
    this.#random = seededRandom(seed);
    this.#books = books;
    this.#young = young;
    this.cells = new Float64Array((orders + operations) * WIDTH);
    for (let i = 0; i < orders; i++) this.#add(i * WIDTH);
    for (let i = orders; i < orders + operations; i++) this.#draw(i * WIDTH);
  }

  #draw(at: number): void {
    let point = this.#random.below(100);
    const kind = MIX.findIndex((share) => {
      point -= share;
      return point < 0;
    });
    if (kind === ADD || this.#live.length === 0) {
      this.#add(at);
      return;
    }
    const index = this.#pick();
    const reference = this.#live[index]!;
    this.cells[at] = kind;
    this.cells[at + 1] = reference;
    if (kind === CANCEL) return;
    const last = this.#live.pop()!;
    if (index < this.#live.length) this.#live[index] = last;
    if (kind === REPLACE) {
      this.cells[at + 4] = this.#price(this.#random.below(2));
      this.cells[at + 5] = this.#next;
      this.#live.push(this.#next++);
    }
  }

  #add(at: number): void {
    const side = this.#random.below(2);
    this.cells[at] = ADD;
    this.cells[at + 1] = this.#next;
    this.cells[at + 2] = this.#random.below(this.#books);
    this.cells[at + 3] = side;
    this.cells[at + 4] = this.#price(side);
    this.#live.push(this.#next++);
  }

  #pick(): number {
    const { length } = this.#live;
    const young = this.#random.next() < this.#young;
    return young ? length - 1 - this.#random.below(Math.min(YOUNG, length)) : this.#random.below(length);
  }

  #price(side: number): number {
    const away = Math.floor(TICKS * this.#random.next() ** 3);
    return side === Side.BID ? 1_000_000 - 100 * away : 1_000_100 + 100 * away;
  }
}

function apply(books: OrderBooks, cells: Float64Array, from: number, to: number): number {
  let faults = 0;
  for (let at = from * WIDTH; at < to * WIDTH; at += WIDTH) {
    const reference = cells[at + 1]!;
    let fault: number;
    switch (cells[at]) {
      case ADD:
        fault = books.add(reference, cells[at + 2]!, cells[at + 3] as Side, SHARES, cells[at + 4]!).fault;
        break;
      case DELETE:
        fault = books.delete(reference).fault;
        break;
      case CANCEL:
        fault = books.cancel(reference, 1).fault;
        break;
      default:
        fault = books.replace(reference, cells[at + 5]!, SHARES, cells[at + 4]!).fault;
    }
    if (fault !== BookFault.NONE) faults++;
  }
  return faults;
}

interface PlainOrder {
  book: number;
  side: number;
  price: number;
  shares: number;
}

function applyPlainly(orders: Map<number, PlainOrder>, cells: Float64Array, from: number, to: number): void {
  for (let at = from * WIDTH; at < to * WIDTH; at += WIDTH) {
    const reference = cells[at + 1]!;
    switch (cells[at]) {
      case ADD:
        orders.set(reference, { book: cells[at + 2]!, side: cells[at + 3]!, price: cells[at + 4]!, shares: SHARES });
        break;
      case DELETE:
        orders.delete(reference);
        break;
      case CANCEL:
        orders.get(reference)!.shares--;
        break;
      default: {
        const order = orders.get(reference)!;
        orders.delete(reference);
        orders.set(cells[at + 5]!, { ...order, price: cells[at + 4]!, shares: SHARES });
      }
    }
  }
}

const commands: BookKeeperRole = {
  async run(options) {
    const { orders, operations } = options;
    const { cells } = new Operations(options, 1);
    let faults = 0;
    let books = new OrderBooks();
    const rates = await measure(
      options,
      () => {
        books = new OrderBooks();
        faults += apply(books, cells, 0, orders);
      },
      () => {
        faults += apply(books, cells, orders, orders + operations);
        return operations;
      },
    );
    return { rates, orders: books.orders, faults };
  },

  baseline(options) {
    const { orders, operations } = options;
    const { cells } = new Operations(options, 1);
    return measure(
      options,
      () => {
        const live = new Map<number, PlainOrder>();
        applyPlainly(live, cells, 0, orders);
        return live;
      },
      (live) => {
        applyPlainly(live, cells, orders, orders + operations);
        return operations;
      },
    );
  },
};

serveRole(commands);
