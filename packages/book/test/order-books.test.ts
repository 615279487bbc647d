import { TickerError } from '@tickerplant/core';
import fc from 'fast-check';
import t from 'tap';
import { BookFault, type Level, OrderBooks, Side, SlowBook } from '../src/index.ts';
import { anyOperation, applyFast, applySlow, BOOKS, SIDES } from './operations.ts';

function fastLevels(books: OrderBooks, book: number, side: Side): Level[] {
  const levels = books.book(book).side(side);
  return Array.from({ length: levels.length }, (_, index) => {
    const level: Level = { price: 0, shares: 0, orders: 0 };
    levels.read(index, level);
    return level;
  });
}

const BOOK_SIDES = Array.from({ length: BOOKS }, (_, book) => SIDES.map((side) => ({ book, side }))).flat();

t.test('any operations: faults, orders and levels are those of the slow book', async (t) => {
  const step = fc.oneof(
    { weight: 30, arbitrary: anyOperation },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('clear' as const), book: fc.nat({ max: BOOKS - 1 }) }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('clearAll' as const) }) },
  );
  let faults = 0;
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200, size: 'max' }), (steps) => {
      const fast = new OrderBooks();
      const slow = new SlowBook();
      for (const op of steps) {
        let same = true;
        if (op.kind === 'clear') same = fast.clear(op.book) === slow.clear(op.book);
        else if (op.kind === 'clearAll') {
          fast.clearAll();
          slow.clearAll();
        } else {
          const { fault } = applyFast(fast, op);
          if (fault !== BookFault.NONE) faults++;
          same = fault === applySlow(slow, op);
        }
        if (!same || fast.orders !== slow.orders) return false;
      }
      return BOOK_SIDES.every(
        ({ book, side }) => JSON.stringify(fastLevels(fast, book, side)) === JSON.stringify(slow.levels(book, side)),
      );
    }),
    { numRuns: 300 },
  );
  t.ok(faults > 1000, `${faults} faults were among them`);
});

t.test('any operations: the change says which levels are as they were', async (t) => {
  fc.assert(
    fc.property(fc.array(anyOperation, { maxLength: 120, size: 'max' }), (operations) => {
      const fast = new OrderBooks();
      const slow = new SlowBook();
      for (const op of operations) {
        const before = BOOK_SIDES.map(({ book, side }) => slow.levels(book, side));
        const change = applyFast(fast, op);
        applySlow(slow, op);
        BOOK_SIDES.forEach(({ book, side }, i) => {
          const old = before[i]!;
          const now = slow.levels(book, side);
          const same = (n: number): boolean => JSON.stringify(old[n]) === JSON.stringify(now[n]);
          const first = Array.from({ length: Math.max(old.length, now.length) }, (_, n) => n).find((n) => !same(n));
          if (change.level < 0 || change.book !== book || change.side !== side) {
            if (first !== undefined) throw new Error(`level ${first} changed unsaid`);
            return;
          }
          // A replacement may put back exactly what it took, and taking 0 shares changes nothing.
          const idle = op.kind === 'replace' || ('shares' in op && op.shares === 0);
          if (first === undefined ? !idle : first < change.level || (first > change.level && !idle)) {
            throw new Error(`said ${change.level}, first changed ${first}`);
          }
          const prices = (levels: Level[]): string => levels.map((level) => level.price).join();
          if (prices(old) !== prices(now) && !change.levelsChanged) throw new Error('a level came or went unsaid');
          if (change.levelsChanged && prices(old) === prices(now) && op.kind !== 'replace')
            throw new Error('no level came or went');
        });
      }
    }),
    { numRuns: 300 },
  );
  t.pass('levels better than the one named never changed');
});

t.test('an add tells book, side, price and shares', async (t) => {
  const books = new OrderBooks();
  t.match(books.add(7, 42, Side.ASK, 300, 1_000_100), {
    fault: BookFault.NONE,
    book: 42,
    side: Side.ASK,
    level: 0,
    levelsChanged: true,
    price: 1_000_100,
    shares: 300,
    remaining: 300,
  });
  t.match(books.add(8, 42, Side.ASK, 100, 1_000_200), { level: 1, levelsChanged: true });
  t.match(books.add(9, 42, Side.ASK, 100, 1_000_100), { level: 0, levelsChanged: false });
});

t.test('an execution tells the display price, and what remains', async (t) => {
  const books = new OrderBooks();
  books.add(7, 3, Side.BID, 300, 990_000);
  t.match(books.execute(7, 100), { book: 3, side: Side.BID, level: 0, price: 990_000, shares: 100, remaining: 200 });
  t.match(books.execute(7, 200), { level: 0, levelsChanged: true, shares: 200, remaining: 0 });
  t.match(books.execute(7, 1), { fault: BookFault.UNKNOWN_ORDER, level: -1 });
});

t.test('an overdrawn order goes to 0 and the shares really taken are told', async (t) => {
  const books = new OrderBooks();
  books.add(7, 3, Side.BID, 300, 990_000);
  t.match(books.cancel(7, 301), { fault: BookFault.OVERDRAWN, level: 0, shares: 300, remaining: 0 });
  t.equal(books.orders, 0);
  t.equal(books.book(3).bids.length, 0);
});

t.test('a second order with a live reference is left out', async (t) => {
  const books = new OrderBooks();
  books.add(7, 3, Side.BID, 300, 990_000);
  t.match(books.add(7, 4, Side.ASK, 10, 5), { fault: BookFault.DUPLICATE_ORDER, level: -1 });
  t.equal(books.book(3).bestShares(Side.BID), 300);
  t.equal(books.book(4).asks.length, 0);
});

t.test('a replacement keeps book and side and names the better of the two levels', async (t) => {
  const books = new OrderBooks();
  books.add(1, 3, Side.BID, 300, 990_000);
  books.add(2, 3, Side.BID, 100, 980_000);
  t.match(books.replace(2, 5, 50, 995_000), { book: 3, side: Side.BID, level: 0, price: 995_000, remaining: 50 });
  t.match(books.replace(5, 6, 50, 970_000), { level: 0, levelsChanged: true });
  t.match(books.replace(6, 7, 60, 970_000), { level: 1 });
  t.match(books.replace(7, 7, 70, 970_000), { fault: BookFault.NONE, remaining: 70 }, 'under its own reference');
});

t.test('a replacement with a taken reference still takes the old order out', async (t) => {
  const books = new OrderBooks();
  books.add(1, 3, Side.BID, 300, 990_000);
  books.add(2, 3, Side.BID, 100, 980_000);
  t.match(books.replace(1, 2, 50, 995_000), { fault: BookFault.DUPLICATE_ORDER, level: 0, levelsChanged: true });
  t.equal(books.book(3).bestPrice(Side.BID), 980_000);
  t.equal(books.orders, 1);
});

t.test('a full table refuses, and takes again when there is room', async (t) => {
  const books = new OrderBooks({ ordersMax: 2 });
  books.add(1, 0, Side.BID, 1, 10);
  books.add(2, 0, Side.BID, 1, 11);
  t.match(books.add(3, 0, Side.BID, 1, 12), { fault: BookFault.TABLE_FULL, level: -1 });
  t.equal(books.book(0).bestPrice(Side.BID), 11);
  t.equal(books.replace(2, 3, 1, 12).fault, BookFault.NONE, 'a replacement needs no more room');
  books.delete(1);
  t.equal(books.add(4, 0, Side.BID, 1, 12).fault, BookFault.NONE);
});

t.test('peek looks without touching', async (t) => {
  const books = new OrderBooks();
  books.add(1, 3, Side.ASK, 300, 990_000);
  t.match(books.peek(1), { fault: BookFault.NONE, book: 3, side: Side.ASK, price: 990_000, remaining: 300, level: -1 });
  t.equal(books.peek(2).fault, BookFault.UNKNOWN_ORDER);
});

t.test('an empty side reads as zeros; crossed means best bid at or above best ask', async (t) => {
  const books = new OrderBooks();
  const book = books.book(9);
  const level: Level = { price: 1, shares: 1, orders: 1 };
  t.equal(book.level(Side.BID, 0, level), false);
  t.same(level, { price: 0, shares: 0, orders: 0 });
  t.same([book.bestPrice(Side.BID), book.bestShares(Side.BID), book.bestOrders(Side.BID)], [0, 0, 0]);
  t.equal(book.crossed, false);
  books.add(1, 9, Side.BID, 5, 100);
  t.equal(book.crossed, false);
  books.add(2, 9, Side.ASK, 5, 101);
  t.equal(book.crossed, false);
  books.add(3, 9, Side.BID, 5, 101);
  t.equal(book.crossed, true);
  t.same([book.bestPrice(Side.BID), book.bestShares(Side.BID), book.bestOrders(Side.BID)], [101, 5, 1]);
  t.equal(book.index, 9);
});

t.test('a book number out of range is the caller’s mistake', async (t) => {
  const books = new OrderBooks({ booksMax: 10 });
  t.throws(() => books.book(10), { name: 'TickerError', code: 'BOOK_BAD_INDEX' });
  t.throws(() => books.add(1, -1, Side.BID, 1, 1), TickerError);
  t.throws(() => new OrderBooks({ booksMax: 0 }), { code: 'BOOK_BAD_OPTION' });
  t.throws(() => new OrderBooks({ ordersMax: 0.5 }), { code: 'BOOK_BAD_OPTION' });
});
