// Real orders with a real book to compare: LOBSTER's 672 events of AAPL (50 levels deep) as ITCH messages, through
// encoder, bytes, decoder and book. The recorded first ten levels must come out after every event.
//
// LOBSTER's events name Nasdaq order references but begin in the middle of the day, with a full book. How its
// orders are made up, from the first recorded book (which is the one after the first event) and the file itself:
//
//  1. A reference that is reduced but never added in the file belongs to an order that rested before. LOBSTER
//     gives its price and side with each event. It is seeded with exactly as many shares as the file takes from it:
//     no fewer can it have had, and if it had more, the rest stays at its level, where
//  2. one made-up order for each level holds what the recorded level has beyond those and beyond the shares that the
//     first event itself adds. A remainder below 0 would prove the mapping wrong.
//
// Orders of kind 1 deeper than the 50 recorded levels are seeded all the same; no one compares them.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type BookChange, BookFault, OrderBooks, Side } from '@tickerplant/book';
import { sharedDir } from '@tickerplant/testkit';
import t from 'tap';
import {
  ADD_ORDER,
  encodeAddOrder,
  encodeOrderCancel,
  encodeOrderDelete,
  encodeOrderExecuted,
  encodeTrade,
  ItchMessage,
  MESSAGE_LENGTH_MAX,
  ORDER_CANCEL,
  ORDER_DELETE,
  ORDER_EXECUTED,
} from '../src/index.ts';

const LOCATE = 14;
const STOCK = 'AAPL';
const DEPTH_RECORDED = 50;
const DEPTH_COMPARED = 10;
/** References of made-up orders: above all real ones. */
const MADE_UP = 1_000_000_000;

/** LOBSTER's event types. */
const Event = { ADD: 1, CANCEL: 2, DELETE: 3, EXECUTE: 4, EXECUTE_HIDDEN: 5 } as const;

interface LobsterEvent {
  readonly timeNs: number;
  readonly type: number;
  readonly reference: number;
  readonly shares: number;
  readonly price: number;
  readonly side: Side;
}

type Levels = { price: number; shares: number }[];

const rows = (folder: string, file: string): string[][] =>
  readFileSync(join(folder, file), 'utf8')
    .trim()
    .split('\n')
    .map((line) => line.split(','));

function readEvents(folder: string): LobsterEvent[] {
  return rows(folder, 'message_50.csv').map(([time, type, reference, shares, price, direction]) => {
    const [seconds, fraction] = time!.split('.');
    return {
      timeNs: Number(seconds) * 1_000_000_000 + Number(fraction!.padEnd(9, '0')),
      type: Number(type),
      reference: Number(reference),
      shares: Number(shares),
      price: Number(price),
      side: direction === '1' ? Side.BID : Side.ASK,
    };
  });
}

/** The levels of each row: asks and bids, alternating, 50 times. */
function readBooks(folder: string): { bids: Levels; asks: Levels }[] {
  return rows(folder, 'orderbook_50.csv').map((row) => {
    const level = (at: number) => ({ price: Number(row[at]), shares: Number(row[at + 1]) });
    const levels = (first: number): Levels => Array.from({ length: DEPTH_RECORDED }, (_, i) => level(first + 4 * i));
    return { asks: levels(0), bids: levels(2) };
  });
}

/** What goes from bytes to books, as a handler would. */
class Replay {
  readonly books = new OrderBooks();
  faults = 0;
  private readonly bytes = new Uint8Array(MESSAGE_LENGTH_MAX);
  private readonly view = new ItchMessage();

  event(event: LobsterEvent): void {
    const change = this.apply(this.encode(event));
    if (change !== undefined && change.fault !== BookFault.NONE) this.faults++;
  }

  /** Writes a message into the buffer; returns its length. */
  private encode({ timeNs, type, reference, shares, price, side }: LobsterEvent): number {
    const bytes = this.bytes;
    switch (type) {
      case Event.ADD: {
        const letter = side === Side.BID ? 'B' : 'S';
        return encodeAddOrder(bytes, 0, LOCATE, 0, timeNs, reference, letter, shares, STOCK, price);
      }
      case Event.CANCEL:
        return encodeOrderCancel(bytes, 0, LOCATE, 0, timeNs, reference, shares);
      case Event.DELETE:
        return encodeOrderDelete(bytes, 0, LOCATE, 0, timeNs, reference);
      case Event.EXECUTE:
        return encodeOrderExecuted(bytes, 0, LOCATE, 0, timeNs, reference, shares, 1);
      case Event.EXECUTE_HIDDEN:
        return encodeTrade(bytes, 0, LOCATE, 0, timeNs, 0, 'B', shares, STOCK, price, 1);
      default:
        throw new Error(`LOBSTER event type ${type} is not expected in this file`);
    }
  }

  /** Reads the message in the buffer; undefined when it does not concern the book. */
  private apply(length: number): BookChange | undefined {
    const { view, books } = this;
    if (view.wrap(this.bytes, 0, length) !== undefined) throw new Error('the message is not one');
    switch (this.bytes[0]) {
      case ADD_ORDER: {
        const side = view.isBuy ? Side.BID : Side.ASK;
        return books.add(view.orderReference, view.stockLocate, side, view.shares, view.price);
      }
      case ORDER_CANCEL:
        return books.cancel(view.orderReference, view.canceledShares);
      case ORDER_DELETE:
        return books.delete(view.orderReference);
      case ORDER_EXECUTED:
        return books.execute(view.orderReference, view.executedShares);
      default:
        return undefined;
    }
  }
}

/** The book before the first event, as events that add its orders. */
function seedOf(events: readonly LobsterEvent[], first: { bids: Levels; asks: Levels }): LobsterEvent[] {
  const added = new Set(events.filter(({ type }) => type === Event.ADD).map(({ reference }) => reference));
  const rested = new Map<number, LobsterEvent>();
  for (const event of events) {
    if (event.type === Event.ADD || event.type === Event.EXECUTE_HIDDEN || added.has(event.reference)) continue;
    const shares = (rested.get(event.reference)?.shares ?? 0) + event.shares;
    rested.set(event.reference, { ...event, type: Event.ADD, timeNs: events[0]!.timeNs, shares });
  }
  const seed = [...rested.values()];
  const known = [events[0]!, ...seed];
  for (const [side, levels] of [[Side.BID, first.bids] as const, [Side.ASK, first.asks] as const]) {
    for (const { price, shares } of levels) {
      const there = known.filter((order) => order.side === side && order.price === price);
      const rest = shares - there.reduce((sum, order) => sum + order.shares, 0);
      if (rest < 0) throw new Error(`${-rest} shares more than the recorded ${shares} at ${price}`);
      if (rest === 0) continue;
      const reference = MADE_UP + seed.length;
      seed.push({ timeNs: events[0]!.timeNs, type: Event.ADD, reference, shares: rest, price, side });
    }
  }
  return seed;
}

const captures = sharedDir('captures');

t.test(
  'LOBSTER events as ITCH messages give the recorded first ten levels after each of 672 events',
  { skip: captures === undefined ? 'needs shared captures' : false },
  async (t) => {
    const folder = join(captures!, 'lobster-aapl-2012-06-21');
    const events = readEvents(folder);
    const recorded = readBooks(folder);
    t.equal(events.length, 672);
    t.equal(events[0]!.type, Event.ADD, 'so the first recorded book has its order and the seed has not');
    const replay = new Replay();
    for (const order of seedOf(events, recorded[0]!)) replay.event(order);
    const book = replay.books.book(LOCATE);
    let differences = 0;
    events.forEach((event, row) => {
      replay.event(event);
      for (let level = 0; level < DEPTH_COMPARED; level++) {
        for (const [side, expected] of [
          [book.bids, recorded[row]!.bids] as const,
          [book.asks, recorded[row]!.asks] as const,
        ]) {
          const { price, shares } = expected[level]!;
          if (side.priceAt(level) === price && side.sharesAt(level) === shares) continue;
          if (differences++ < 5) {
            t.fail(
              `row ${row + 1}, level ${level + 1}: ${shares} at ${price}, got ${side.sharesAt(level)} at ${side.priceAt(level)}`,
            );
          }
        }
      }
    });
    t.equal(differences, 0);
    t.equal(replay.faults, 0);
  },
);
