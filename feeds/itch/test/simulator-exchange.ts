import { type BookChange, BookFault, OrderBooks, Side } from '@tickerplant/book';
import { ItchMessage } from '../src/index.ts';

/** An order as a consumer of the feed knows it. */
interface RestingOrder {
  readonly locate: number;
  readonly side: Side;
  readonly price: number;
}

/**
 * Follows a feed as a strict consumer would and writes down everything that an exchange with price-time priority
 * would not have sent. Nothing here is taken from the simulator.
 */
export class StrictConsumer {
  /** What was wrong, in words, with the number of the message. */
  readonly complaints: string[] = [];
  /** How many there were of each type. */
  readonly counts: Map<string, number> = new Map();
  readonly events: string[] = [];
  readonly books: OrderBooks = new OrderBooks();
  messages = 0;
  private readonly view = new ItchMessage();
  private readonly orders = new Map<number, RestingOrder>();
  /** References in the order of their time, by locate, side and price. */
  private readonly queues = new Map<string, number[]>();
  private readonly stocks = new Map<number, string>();
  private readonly states = new Map<number, string>();
  private readonly haltedHere = new Set<number>();
  private readonly prints = new Set<number>();
  private readonly matches = new Set<number>();
  private lastNs = 0;
  /** Shares of executions not printed, by locate, that a cross must still print. */
  private readonly owed = new Map<number, number>();

  message(bytes: Uint8Array, start: number, length: number): void {
    this.messages++;
    const { view } = this;
    const fault = view.wrap(bytes, start, length);
    if (fault !== undefined) {
      this.complain(fault.message);
      return;
    }
    const type = String.fromCharCode(bytes[start]!);
    this.counts.set(type, (this.counts.get(type) ?? 0) + 1);
    if (view.timestampNs < this.lastNs) this.complain('time runs backwards');
    this.lastNs = view.timestampNs;
    if (type === 'S') this.events.push(view.text(11, 1));
    else if (type !== 'V' && type !== 'K') this.instrumentMessage(type);
    else if (view.stockLocate !== 0) this.complain('locate is not 0');
  }

  private instrumentMessage(type: string): void {
    const { view } = this;
    const locate = view.stockLocate;
    if (type === 'R') {
      if (this.stocks.has(locate)) this.complain('a locate is given twice');
      this.stocks.set(locate, view.stock);
      return;
    }
    const stock = this.stocks.get(locate);
    if (stock === undefined) this.complain(`locate ${locate} has no directory`);
    if (view.stockOffset !== 0 && view.stock !== stock) this.complain(`${view.stock} has the locate of ${stock}`);
    switch (type) {
      case 'H':
        this.states.set(locate, view.text(19, 1));
        return;
      case 'h':
        if (view.text(20, 1) === 'H') this.haltedHere.add(locate);
        else this.haltedHere.delete(locate);
        return;
      case 'A':
      case 'F':
        this.mayQuote(locate);
        this.enter(view.orderReference, { locate, side: view.isBuy ? Side.BID : Side.ASK, price: view.price });
        return;
      case 'E':
        this.mayTrade(locate);
        this.takeOldest(view.executedShares);
        this.match(view.executionMatchNumber, true);
        return;
      case 'C':
        this.executeWithPrice(locate);
        return;
      case 'X':
        this.check(this.books.cancel(view.orderReference, view.canceledShares), false);
        return;
      case 'D':
        this.check(this.books.delete(view.orderReference), true);
        return;
      case 'U': {
        this.mayQuote(locate);
        const old = this.orders.get(view.orderReference);
        this.check(this.books.delete(view.orderReference), true);
        if (old !== undefined) this.enter(view.newOrderReference, { ...old, price: view.price });
        return;
      }
      case 'P':
        this.mayTrade(locate);
        this.match(view.u64(36), true);
        return;
      case 'Q': {
        const shares = view.u64(11);
        if (shares < (this.owed.get(locate) ?? 0)) this.complain('a cross prints less than was executed for it');
        this.owed.delete(locate);
        this.match(view.u64(31), false);
        return;
      }
      case 'B':
        if (!this.prints.delete(view.u64(11))) this.complain('a trade is broken that is not there');
        return;
    }
  }

  /** A cross takes whole queues and prints later; all else takes the oldest order and trades. */
  private executeWithPrice(locate: number): void {
    const { view } = this;
    if (!view.isPrintable) this.owed.set(locate, (this.owed.get(locate) ?? 0) + view.executedShares);
    else this.mayTrade(locate);
    this.takeOldest(view.executedShares);
    this.match(view.executionMatchNumber, view.isPrintable);
  }

  private enter(reference: number, order: RestingOrder): void {
    const { view } = this;
    this.check(this.books.add(reference, order.locate, order.side, view.shares, order.price), false);
    if (this.books.book(order.locate).crossed) this.complain('the book is locked or crossed');
    this.orders.set(reference, order);
    this.queue(order).push(reference);
  }

  /** An execution, which must be of the best price's oldest order. */
  private takeOldest(shares: number): void {
    const reference = this.view.orderReference;
    const order = this.orders.get(reference);
    if (shares === 0) this.complain('an execution of no shares');
    if (order !== undefined && this.queue(order)[0] !== reference) this.complain('a younger order is executed first');
    const change = this.books.execute(reference, shares);
    if (change.level !== 0) this.complain('a worse price is executed first');
    this.check(change, false);
  }

  private check(change: BookChange, gone: boolean): void {
    if (change.fault !== BookFault.NONE) this.complain(`book fault ${change.fault}`);
    const reference = this.view.orderReference;
    const order = this.orders.get(reference);
    if (order === undefined || (change.remaining > 0 && !gone)) return;
    this.orders.delete(reference);
    const queue = this.queue(order);
    queue.splice(queue.indexOf(reference), 1);
  }

  private queue({ locate, side, price }: RestingOrder): number[] {
    const key = `${locate} ${side} ${price}`;
    let queue = this.queues.get(key);
    if (queue === undefined) {
      queue = [];
      this.queues.set(key, queue);
    }
    return queue;
  }

  private match(match: number, printed: boolean): void {
    if (this.matches.has(match)) this.complain('a match number comes twice');
    this.matches.add(match);
    if (printed) this.prints.add(match);
  }

  private mayQuote(locate: number): void {
    const state = this.states.get(locate);
    if ((state !== 'T' && state !== 'Q') || this.haltedHere.has(locate)) this.complain(`an order in state ${state}`);
  }

  private mayTrade(locate: number): void {
    const state = this.states.get(locate);
    if (state !== 'T' || this.haltedHere.has(locate)) this.complain(`a trade in state ${state}`);
  }

  private complain(what: string): void {
    if (this.complaints.length < 20) this.complaints.push(`message ${this.messages}: ${what}`);
  }
}
