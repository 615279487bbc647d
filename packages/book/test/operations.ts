import fc from 'fast-check';
import { type BookChange, type BookFault, type OrderBooks, Side, type SlowBook } from '../src/index.ts';

export const BOOKS = 3;
export const SIDES: readonly Side[] = [Side.BID, Side.ASK];

export type Operation =
  | { kind: 'add'; reference: number; book: number; side: Side; shares: number; price: number }
  | { kind: 'execute' | 'cancel'; reference: number; shares: number }
  | { kind: 'delete'; reference: number }
  | { kind: 'replace'; reference: number; newReference: number; shares: number; price: number };

// Few references, shares and prices, so that operations meet the same orders and levels, and go wrong, often.
const reference = fc.integer({ min: 0, max: 25 });
const shares = fc.integer({ min: 0, max: 6 });
const price = fc.integer({ min: -3, max: 40 });
const book = fc.integer({ min: 0, max: BOOKS - 1 });
const side = fc.constantFrom(...SIDES);
const kind = <K extends string>(...kinds: K[]): fc.Arbitrary<K> => fc.constantFrom(...kinds);

export const anyOperation: fc.Arbitrary<Operation> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ kind: kind('add'), reference, book, side, shares, price }) },
  { weight: 4, arbitrary: fc.record({ kind: kind('execute', 'cancel'), reference, shares }) },
  { weight: 2, arbitrary: fc.record({ kind: kind('delete'), reference }) },
  {
    weight: 3,
    arbitrary: fc.record({ kind: kind('replace'), reference, newReference: reference, shares, price }),
  },
);

export function applyFast(books: OrderBooks, op: Operation): BookChange {
  switch (op.kind) {
    case 'add':
      return books.add(op.reference, op.book, op.side, op.shares, op.price);
    case 'execute':
      return books.execute(op.reference, op.shares);
    case 'cancel':
      return books.cancel(op.reference, op.shares);
    case 'delete':
      return books.delete(op.reference);
    case 'replace':
      return books.replace(op.reference, op.newReference, op.shares, op.price);
  }
}

export function applySlow(books: SlowBook, op: Operation): BookFault {
  switch (op.kind) {
    case 'add':
      return books.add(op.reference, op.book, op.side, op.shares, op.price);
    case 'execute':
    case 'cancel':
      return books.take(op.reference, op.shares);
    case 'delete':
      return books.delete(op.reference);
    case 'replace':
      return books.replace(op.reference, op.newReference, op.shares, op.price);
  }
}
