import { type Level, PriceLevels } from './price-levels.ts';
import { Side } from './side.ts';

/** The price levels of one symbol. */
export class Book {
  /** The caller's number for it, e.g. the stock locate. */
  readonly index: number;
  readonly bids: PriceLevels = new PriceLevels(Side.BID);
  readonly asks: PriceLevels = new PriceLevels(Side.ASK);

  constructor(index: number) {
    this.index = index;
  }

  side(side: Side): PriceLevels {
    return side === Side.BID ? this.bids : this.asks;
  }

  /** The best price of a side; 0 when the side is empty (then {@link bestShares} is 0 too). */
  bestPrice(side: Side): number {
    return this.side(side).bestPrice;
  }

  bestShares(side: Side): number {
    return this.side(side).bestShares;
  }

  bestOrders(side: Side): number {
    return this.side(side).bestOrders;
  }

  /** Fills `out` with level `index` of a side, 0 being the best; false, and zeros, when there is none. */
  level(side: Side, index: number, out: Level): boolean {
    return this.side(side).read(index, out);
  }

  /** Whether the best bid is above the best ask, or equal to it: normal before the open and during halts only. */
  get crossed(): boolean {
    return this.bids.length > 0 && this.asks.length > 0 && this.bids.bestPrice >= this.asks.bestPrice;
  }
}
