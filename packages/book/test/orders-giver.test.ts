import { deserialize, serialize } from 'node:v8';
import fc from 'fast-check';
import t from 'tap';
import { BookFault, OrderBooks, type SavedOrders, Side } from '../src/index.ts';
import { anyOperation, applyFast, BOOKS, SIDES } from './operations.ts';

/** Levels and orders of all books. */
function contents(books: OrderBooks, references: Iterable<number>): unknown {
  const orders = [...references].map((reference) => {
    const { fault, book, side, price, remaining } = books.peek(reference);
    return fault === BookFault.NONE ? [reference, book, side, price, remaining] : fault;
  });
  const levels = Array.from({ length: BOOKS }, (_, book) =>
    SIDES.map((side) => {
      const all = side === Side.BID ? books.book(book).bids : books.book(book).asks;
      return Array.from({ length: all.length }, (_, at) => [all.priceAt(at), all.sharesAt(at), all.ordersAt(at)]);
    }),
  );
  return { orders, levels, count: books.orders };
}

t.test('given piece by piece while work goes on: the same in the end', async () => {
  fc.assert(
    fc.property(
      fc.array(anyOperation, { maxLength: 60 }),
      fc.array(anyOperation, { maxLength: 30 }),
      fc.array(anyOperation, { maxLength: 30 }),
      (before, between, after) => {
        const books = new OrderBooks({ booksMax: BOOKS });
        for (const operation of before) applyFast(books, operation);
        const giver = books.give();
        const pieces: SavedOrders[] = [];
        for (const operation of [...between, undefined]) {
          const piece = giver.piece();
          if (piece !== undefined) pieces.push(deserialize(serialize(piece)) as SavedOrders);
          if (operation !== undefined) applyFast(books, operation);
        }
        while (giver.piece() !== undefined) throw new Error('there is only one piece');
        const rest = deserialize(serialize(giver.rest()));
        const copy = new OrderBooks({ booksMax: BOOKS });
        copy.add(7, 0, Side.BID, 1, 1);
        copy.restore(pieces, rest);
        for (const operation of [undefined, ...after]) {
          if (operation !== undefined) for (const one of [books, copy]) applyFast(one, operation);
          const references = Array.from({ length: 26 }, (_, reference) => reference);
          const [ours, theirs] = [contents(books, references), contents(copy, references)];
          if (JSON.stringify(ours) !== JSON.stringify(theirs)) {
            throw new Error(`${JSON.stringify(theirs)}, expected ${JSON.stringify(ours)}`);
          }
        }
      },
    ),
    { numRuns: 500 },
  );
});

t.test('many orders are given in many pieces; what is added, changed and removed meanwhile is right', async (t) => {
  const books = new OrderBooks();
  const count = 50_000;
  for (let i = 0; i < count; i++) books.add(i, i % 3, (i & 1) as Side, 10, 100 + (i % 50));
  // Slots that are free again, in the middle.
  for (let i = 1_000; i < 20_000; i += 7) books.delete(i);
  const giver = books.give();
  const pieces: SavedOrders[] = [];
  let next = count;
  for (let step = 0; ; step++) {
    const piece = giver.piece();
    if (piece === undefined) break;
    t.ok(piece.references.length <= 16_384);
    pieces.push(piece);
    for (let i = 0; i < 3_000; i++) {
      books.add(next++, 1, Side.BID, 5, 90);
      books.cancel((step * 3_001 + i * 11) % count, 4);
      books.delete((step * 977 + i * 13) % count);
    }
    if (step > 100) throw new Error('it never ends');
  }
  t.ok(pieces.length >= 4);
  const copy = new OrderBooks();
  copy.restore(pieces, giver.rest());
  const references = Array.from({ length: next }, (_, reference) => reference);
  t.same(contents(copy, references), contents(books, references));
});

t.test('orders that were given before all was forgotten are of no use', async (t) => {
  const books = new OrderBooks();
  books.add(1, 0, Side.BID, 1, 1);
  const giver = books.give();
  giver.piece();
  books.clearAll();
  books.add(2, 0, Side.BID, 1, 1);
  t.throws(() => giver.rest(), { code: 'BOOK_STATE_VOID' });
  t.throws(() => books.give().rest(), { code: 'BOOK_STATE_VOID' }, 'nothing has been given');
});

t.test('whoever begins to copy and never ends costs no more than a bound', async (t) => {
  const books = new OrderBooks();
  const givers = Array.from({ length: 5 }, () => {
    const giver = books.give();
    giver.piece();
    return giver;
  });
  t.throws(() => givers[0]!.rest(), { code: 'BOOK_STATE_VOID' }, 'four at a time');
  t.same([...givers[1]!.rest().live.references], []);
  const slow = givers[2]!;
  for (let i = 0; i < 1 << 20; i++) {
    books.add(5, 0, Side.ASK, 1, 1);
    books.delete(5);
  }
  t.throws(() => slow.rest(), { code: 'BOOK_STATE_VOID' });
});
