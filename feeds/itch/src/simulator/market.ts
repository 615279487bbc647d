import type { Random } from '@tickerplant/core';
import type { NetOrderImbalance } from '../encoder.ts';
import type { CrossType, ImbalanceDirection } from '../messages.ts';
import type { SimulatedInstrument } from './instruments.ts';
import { BUY_SIDE, MatchingEngine, SELL_SIDE, WINDOW_TICKS } from './matching-engine.ts';
import type { MessageWriter } from './message-writer.ts';

/** Market participants that sign some of their orders; invented. */
export const PARTICIPANTS: readonly string[] = ['AQMM', 'BRKT', 'CLVD', 'DNST', 'ELMQ', 'FRXT', 'GLDN', 'HVMK'];
const SIGNED_SHARE = 0.04;
/** Executions at a price other than the displayed one. */
const OTHER_PRICE_SHARE = 0.03;
/** Prices in messages are in 1/10,000 dollar, ticks are cents. */
const PRICE_PER_CENT = 100;
/** Trades that can still be broken. */
const TRADES_KEPT = 256;

/**
 * What the exchange does: every change of a book is made in the matching engine and told in a message, here and
 * nowhere else. Instruments are numbered from 0 (the locate less 1), prices are ticks in the instrument's window.
 */
export class Market {
  readonly engine: MatchingEngine;
  readonly instruments: readonly SimulatedInstrument[];
  /** Cents of tick 0, by instrument. */
  private readonly lowCents: Int32Array;
  private readonly writer: MessageWriter;
  private readonly random: Random;
  private lastReference = 0;
  private lastMatch = 0;
  private readonly tradeMatches = new Float64Array(TRADES_KEPT);
  private readonly tradeInstruments = new Int32Array(TRADES_KEPT);
  private trades = 0;
  private readonly imbalance: NetOrderImbalance = {
    pairedShares: 0,
    imbalanceShares: 0,
    imbalanceDirection: 'N',
    stock: '',
    farPrice: 0,
    nearPrice: 0,
    currentReferencePrice: 0,
    crossType: 'O',
    priceVariationIndicator: '',
  };

  constructor(instruments: readonly SimulatedInstrument[], writer: MessageWriter, random: Random) {
    this.instruments = instruments;
    this.engine = new MatchingEngine(instruments.length);
    this.lowCents = Int32Array.from(instruments, ({ startCents }) => Math.max(1, startCents - WINDOW_TICKS / 2));
    this.writer = writer;
    this.random = random;
  }

  /** Where an instrument's start price lies in its window. */
  startTick(instrument: number): number {
    return this.instruments[instrument]!.startCents - this.lowCents[instrument]!;
  }

  /** A tick as it stands in messages. */
  price(instrument: number, tick: number): number {
    return (this.lowCents[instrument]! + tick) * PRICE_PER_CENT;
  }

  /** A new order that rests. */
  rest(instrument: number, side: number, tick: number, shares: number): void {
    const reference = this.nextReference();
    this.engine.add(instrument, side, tick, shares, reference);
    const signed = this.random.next() < SIGNED_SHARE;
    const mpid = signed ? PARTICIPANTS[this.random.below(PARTICIPANTS.length)]! : '';
    const letter = side === BUY_SIDE ? 'B' : 'S';
    this.writer.add(this.instruments[instrument]!, reference, letter, shares, this.price(instrument, tick), mpid);
  }

  delete(instrument: number, slot: number): void {
    this.writer.delete(this.instruments[instrument]!, this.engine.reference[slot]!);
    this.engine.remove(slot);
  }

  /** @param shares fewer than the order has. */
  cancel(instrument: number, slot: number, shares: number): void {
    this.writer.cancel(this.instruments[instrument]!, this.engine.reference[slot]!, shares);
    this.engine.reduce(slot, shares);
  }

  /** Gives an order another price or size; it loses its place in time. */
  replace(instrument: number, slot: number, tick: number, shares: number): void {
    const engine = this.engine;
    const reference = this.nextReference();
    const old = engine.reference[slot]!;
    const side = engine.side[slot]!;
    engine.remove(slot);
    engine.add(instrument, side, tick, shares, reference);
    this.writer.replace(this.instruments[instrument]!, old, reference, shares, this.price(instrument, tick));
  }

  /**
   * An order that takes what rests on the other side, best price first, oldest first.
   *
   * @param limit the worst tick it takes.
   * @returns the shares left over.
   */
  sweep(instrument: number, side: number, shares: number, limit: number): number {
    const engine = this.engine;
    const of = this.instruments[instrument]!;
    this.nextReference();
    let left = shares;
    while (left > 0) {
      const tick = side === BUY_SIDE ? engine.bestAsk[instrument]! : engine.bestBid[instrument]!;
      if (tick < 0 || tick >= WINDOW_TICKS || (side === BUY_SIDE ? tick > limit : tick < limit)) break;
      const slot = engine.headAt(instrument, tick);
      const taken = Math.min(left, engine.shares[slot]!);
      const reference = engine.reference[slot]!;
      const match = this.nextMatch();
      if (this.random.next() < OTHER_PRICE_SHARE) {
        const price = this.price(instrument, side === BUY_SIDE ? tick + 1 : tick - 1);
        this.writer.executeWithPrice(of, reference, taken, match, true, price);
      } else this.writer.execute(of, reference, taken, match);
      this.keepTrade(instrument, match);
      engine.reduce(slot, taken);
      left -= taken;
    }
    return left;
  }

  /** A trade of orders that nobody saw, somewhere from bid to offer, at half ticks too. */
  hiddenTrade(instrument: number, shares: number): void {
    const engine = this.engine;
    if (!engine.isTwoSided(instrument)) return;
    const bid = engine.bestBid[instrument]!;
    const halves = this.random.below((engine.bestAsk[instrument]! - bid) * 2 + 1);
    const price = this.price(instrument, bid) + (halves * PRICE_PER_CENT) / 2;
    const match = this.nextMatch();
    this.writer.trade(this.instruments[instrument]!, shares, price, match);
    this.keepTrade(instrument, match);
  }

  /** Breaks one of the latest trades that has not been broken yet. */
  breakTrade(): void {
    if (this.trades === 0) return;
    const at = this.random.below(Math.min(this.trades, TRADES_KEPT));
    const match = this.tradeMatches[at]!;
    if (match === 0) return;
    this.tradeMatches[at] = 0;
    this.writer.brokenTrade(this.instruments[this.tradeInstruments[at]!]!, match);
  }

  /**
   * A cross. Displayed orders better than its price take part in full, those at it in part, with executions that
   * are not printed; the cross prints them in one, with what orders for the cross only add.
   */
  cross(instrument: number, type: CrossType): void {
    const engine = this.engine;
    const of = this.instruments[instrument]!;
    if (!engine.isTwoSided(instrument)) {
      this.writer.cross(of, 0, 0, this.nextMatch(), type);
      return;
    }
    const bid = engine.bestBid[instrument]!;
    const ask = engine.bestAsk[instrument]!;
    const dice = this.random.next();
    const past = this.random.below(3);
    // Above the offers it takes offers, below the bids it takes bids, in between nothing that is displayed.
    const tick = dice < 0.3 ? Math.max(0, bid - past) : dice < 0.6 ? Math.min(WINDOW_TICKS - 1, ask + past) : bid + 1;
    let shares = 100 * this.random.below(2 + Math.round(400 * of.activity));
    if (tick <= bid) shares += this.crossSide(instrument, BUY_SIDE, tick);
    else if (tick >= ask) shares += this.crossSide(instrument, SELL_SIDE, tick);
    const price = shares === 0 ? 0 : this.price(instrument, tick);
    this.writer.cross(of, shares, price, this.nextMatch(), type);
  }

  /** What is known of a coming cross. */
  announceCross(instrument: number, type: CrossType): void {
    const imbalance = this.imbalance;
    const engine = this.engine;
    const of = this.instruments[instrument]!;
    imbalance.stock = of.stock;
    imbalance.crossType = type;
    if (!engine.isTwoSided(instrument)) {
      imbalance.pairedShares = 0;
      imbalance.imbalanceShares = 0;
      imbalance.imbalanceDirection = 'O';
      imbalance.farPrice = 0;
      imbalance.nearPrice = 0;
      imbalance.currentReferencePrice = 0;
      imbalance.priceVariationIndicator = '';
    } else {
      const bid = engine.bestBid[instrument]!;
      const width = engine.bestAsk[instrument]! - bid + 1;
      const reference = this.price(instrument, bid + this.random.below(width));
      const near = this.price(instrument, bid + this.random.below(width));
      const imbalanceShares = 100 * this.random.below(2 + Math.round(300 * of.activity));
      const direction: ImbalanceDirection = imbalanceShares === 0 ? 'N' : this.random.next() < 0.5 ? 'B' : 'S';
      imbalance.pairedShares = 100 * this.random.below(2 + Math.round(1000 * of.activity));
      imbalance.imbalanceShares = imbalanceShares;
      imbalance.imbalanceDirection = direction;
      imbalance.farPrice = near + (direction === 'B' ? 1 : -1) * PRICE_PER_CENT * this.random.below(2);
      imbalance.nearPrice = near;
      imbalance.currentReferencePrice = reference;
      imbalance.priceVariationIndicator = priceVariation(near, reference);
    }
    this.writer.imbalance(of, imbalance);
  }

  /** Executes one side's orders at the price of a cross or better; returns the shares. */
  private crossSide(instrument: number, side: number, tick: number): number {
    const engine = this.engine;
    const of = this.instruments[instrument]!;
    const price = this.price(instrument, tick);
    let shares = 0;
    for (;;) {
      const best = side === BUY_SIDE ? engine.bestBid[instrument]! : engine.bestAsk[instrument]!;
      if (best < 0 || best >= WINDOW_TICKS || (side === BUY_SIDE ? best < tick : best > tick)) break;
      // At the price itself those served so far may have been the last.
      if (best === tick && this.random.next() < 0.4) break;
      const slot = engine.headAt(instrument, best);
      const taken = engine.shares[slot]!;
      this.writer.executeWithPrice(of, engine.reference[slot]!, taken, this.nextMatch(), false, price);
      engine.reduce(slot, taken);
      shares += taken;
    }
    return shares;
  }

  private keepTrade(instrument: number, match: number): void {
    const at = this.trades++ % TRADES_KEPT;
    this.tradeMatches[at] = match;
    this.tradeInstruments[at] = instrument;
  }

  /** Orders that are never displayed use up references too. */
  private nextReference(): number {
    this.lastReference += 1 + this.random.below(4);
    return this.lastReference;
  }

  private nextMatch(): number {
    this.lastMatch += 1 + this.random.below(2);
    return this.lastMatch;
  }
}

/** How far `price` is from `reference`, in the code of the imbalance message (specification, 4.6). */
function priceVariation(price: number, reference: number): string {
  const percent = Math.floor((Math.abs(price - reference) * 100) / reference);
  if (percent < 1) return 'L';
  if (percent < 10) return String(percent);
  return percent < 20 ? 'A' : percent < 30 ? 'B' : 'C';
}
