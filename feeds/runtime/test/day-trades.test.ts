import assert from 'node:assert/strict';
import { NS_PER_DAY } from '@tickerplant/core';
import { BlockReader, BlockWriter, standardDictionary } from '@tickerplant/records';
import * as fc from 'fast-check';
import t from 'tap';
import { DayTrades, TradeFlag, tradeTemplates } from '../src/index.ts';

const DAY = 17_357;
const CONDITIONS = ['', 'P', 'X'];
const { correction } = tradeTemplates(-4);
const dictionary = standardDictionary();
const NAMES = correction.fids.map((fid) => dictionary.nameOf(fid));

type Values = Record<string, unknown>;

/** What a correction says of an instrument. */
function values(trades: DayTrades, instrument: number): Values {
  const writer = new BlockWriter(new Uint8Array(correction.bytesMax));
  trades.writeCorrection(writer, instrument, DAY);
  const reader = new BlockReader();
  reader.reset(writer.bytes, 0, writer.at);
  return Object.fromEntries(NAMES.map((name) => [name, reader.value()]));
}

interface Trade {
  readonly id: number;
  readonly instrument: number;
  readonly price: number;
  readonly shares: number;
  readonly time: number;
  readonly eligible: boolean;
  readonly condition: number;
  readonly printed: boolean;
  broken: boolean;
}

/** The truth: all trades of the day, and every value worked out from those that weren't broken. */
class SlowDay {
  readonly trades: Trade[] = [];
  readonly stated = new Map<number, number>();

  break(id: number): Trade | undefined {
    const trade = this.trades.find((candidate) => candidate.id === id && !candidate.broken);
    if (trade !== undefined) trade.broken = true;
    return trade;
  }

  values(instrument: number, venueStatesOpen: boolean): Values {
    const printed = this.trades.filter((trade) => trade.printed && trade.instrument === instrument);
    const good = printed.filter((trade) => !trade.broken);
    const broken = printed.filter((trade) => trade.broken);
    const eligible = good.filter((trade) => trade.eligible);
    const last = good.at(-1);
    const sum = (of: Trade[]): number => of.reduce((total, { shares }) => total + shares, 0);
    const price = (of: Trade[], choose: (...prices: number[]) => number): number | null =>
      of.length === 0 ? null : choose(...of.map((trade) => trade.price));
    const before = good.findLast((trade) => trade.price !== last?.price);
    const days = last === undefined ? 0 : Math.floor(last.time / NS_PER_DAY);
    return {
      TRDPRC_1: last?.price ?? null,
      TRDVOL_1: last?.shares ?? null,
      PRCTCK_1: last === undefined ? null : before === undefined ? 0 : before.price < last.price ? 1 : 2,
      SALTIM_NS: last === undefined ? null : last.time - days * NS_PER_DAY,
      TRADE_DATE: last === undefined ? null : DAY + days,
      TRADE_ID: last === undefined ? null : String(last.id),
      TRD_COND: last === undefined ? null : CONDITIONS[last.condition],
      ACVOL_1: sum(good),
      NUM_MOVES: good.length,
      OPEN_PRC: venueStatesOpen ? (this.stated.get(instrument) ?? null) : (eligible[0]?.price ?? null),
      HIGH_1: price(eligible, Math.max),
      LOW_1: price(eligible, Math.min),
      ELIG_PRC: eligible.at(-1)?.price ?? null,
      ELIG_VOL: eligible.at(-1)?.shares ?? null,
      BRKN_VOL: sum(broken),
      BRKN_NUM: broken.length,
    };
  }
}

type Step =
  | { kind: 'trade'; trade: Omit<Trade, 'id' | 'broken'> }
  | { kind: 'break'; which: number }
  | { kind: 'open'; instrument: number; price: number }
  | { kind: 'lost'; missed: readonly Omit<Trade, 'id' | 'broken'>[] };

const INSTRUMENTS = [0, 1, 2, 1500];
const instrument = fc.constantFrom(...INSTRUMENTS);
const price = fc.nat(9).map((units) => 10_000 + units);
const trade = fc.record({
  instrument,
  price,
  shares: fc.oneof(fc.nat(500), fc.constant(2 ** 40)),
  // Also before midnight GMT of the day and after the next one.
  time: fc.integer({ min: -2 * NS_PER_DAY, max: 3 * NS_PER_DAY }),
  eligible: fc.boolean(),
  condition: fc.nat(CONDITIONS.length - 1),
  printed: fc.nat(9).map((of10) => of10 > 0),
});
const steps = (withLoss: boolean): fc.Arbitrary<Step[]> =>
  fc.array(
    fc.oneof(
      { weight: 10, arbitrary: fc.record({ kind: fc.constant('trade' as const), trade }) },
      { weight: 4, arbitrary: fc.record({ kind: fc.constant('break' as const), which: fc.nat(60) }) },
      { weight: 1, arbitrary: fc.record({ kind: fc.constant('open' as const), instrument, price }) },
      {
        weight: withLoss ? 1 : 0,
        arbitrary: fc.record({ kind: fc.constant('lost' as const), missed: fc.array(trade, { maxLength: 5 }) }),
      },
    ),
    { maxLength: 60 },
  );

/** A day, told to `DayTrades` and written down in full. */
class Day {
  readonly fast: DayTrades;
  readonly truth = new SlowDay();
  readonly #venueStatesOpen: boolean;
  #lost = false;
  #id = 1;

  constructor(venueStatesOpen: boolean, tradesMax?: number) {
    this.fast = new DayTrades(tradesMax, CONDITIONS);
    this.#venueStatesOpen = venueStatesOpen;
  }

  step(step: Step): void {
    const { fast, truth } = this;
    switch (step.kind) {
      case 'trade': {
        const { id, instrument, price, shares, time, eligible, condition, printed } = this.#record(step.trade);
        const flags = (eligible ? TradeFlag.ELIGIBLE : 0) + condition * TradeFlag.CONDITIONS;
        if (printed) fast.trade(instrument, id, price, shares, time, flags, !this.#venueStatesOpen);
        else fast.unprinted(instrument, id);
        break;
      }
      case 'break': {
        const known = truth.trades.find(({ id }) => id === step.which);
        const found = truth.break(step.which);
        const instrument = fast.break(step.which, this.#venueStatesOpen);
        if (found === undefined) assert.equal(instrument, -1);
        else if (instrument >= 0) assert.equal(instrument, found.instrument);
        else if (fast.overflowed) fast.doubt(found.instrument);
        else assert.ok(this.#lost, `break of ${JSON.stringify(known)}`);
        break;
      }
      case 'open':
        if (!this.#venueStatesOpen) break;
        truth.stated.set(step.instrument, step.price);
        fast.setOpen(step.instrument, step.price);
        break;
      case 'lost':
        for (const missed of step.missed) this.#record(missed);
        this.#lost = true;
        fast.lost();
        break;
    }
  }

  /** @param exact false: a value may also be blank. */
  check(exact: boolean): void {
    for (const instrument of INSTRUMENTS) {
      const fast = values(this.fast, instrument);
      const truth = this.truth.values(instrument, this.#venueStatesOpen);
      for (const name of NAMES) {
        // Of a direction, 0 is the blank.
        const blank = fast[name] === null || (name === 'PRCTCK_1' && fast[name] === 0);
        if (exact || !blank) assert.deepEqual(fast[name], truth[name], `${name} of ${instrument}`);
      }
    }
  }

  #record(trade: Omit<Trade, 'id' | 'broken'>): Trade {
    const recorded = { ...trade, id: this.#id++, broken: false };
    this.truth.trades.push(recorded);
    return recorded;
  }
}

t.test('all is as if the broken trades had never been', async () => {
  fc.assert(
    fc.property(steps(false), fc.boolean(), (steps, venueStatesOpen) => {
      const day = new Day(venueStatesOpen);
      for (const step of steps) {
        day.step(step);
        day.check(true);
      }
    }),
    { numRuns: 300 },
  );
});

t.test('a log that is too small costs values, never makes them wrong', async () => {
  fc.assert(
    fc.property(steps(false), fc.boolean(), fc.nat(12), (steps, venueStatesOpen, tradesMax) => {
      const day = new Day(venueStatesOpen, tradesMax);
      for (const step of steps) {
        day.step(step);
        day.check(false);
      }
    }),
    { numRuns: 500 },
  );
});

t.test('after a loss, everything is right or blank', async () => {
  fc.assert(
    fc.property(steps(true), fc.boolean(), (steps, venueStatesOpen) => {
      const day = new Day(venueStatesOpen);
      for (const step of steps) {
        day.step(step);
        day.check(!day.fast.incomplete);
      }
    }),
    { numRuns: 500 },
  );
});

const ELIGIBLE = TradeFlag.ELIGIBLE;

t.test('after a loss, the last trade is blank until the next and the sums for the rest of the day', async (t) => {
  const trades = new DayTrades();
  trades.trade(0, 1, 100, 10, 5, ELIGIBLE, true);
  trades.lost();
  t.ok(trades.incomplete);
  t.match(values(trades, 0), { TRDPRC_1: null, ELIG_PRC: null, ACVOL_1: null, NUM_MOVES: null, HIGH_1: null });
  t.match(values(trades, 0), { OPEN_PRC: 100, BRKN_VOL: null, BRKN_NUM: null });
  trades.trade(0, 2, 110, 20, 6, ELIGIBLE, true);
  trades.trade(3000, 3, 50, 30, 7, ELIGIBLE, true);
  t.match(values(trades, 0), { TRDPRC_1: 110, PRCTCK_1: 0, ELIG_VOL: 20, ACVOL_1: null, HIGH_1: null, LOW_1: null });
  t.match(values(trades, 3000), { TRDPRC_1: 50, OPEN_PRC: null, ACVOL_1: null, NUM_MOVES: null, HIGH_1: null });
  trades.reset();
  t.match(values(trades, 0), { TRDPRC_1: null, OPEN_PRC: null, ACVOL_1: 0, NUM_MOVES: 0, HIGH_1: null, BRKN_NUM: 0 });
  t.notOk(trades.hasTraded(0));
});

t.test('the trade that set the open can be broken after a loss', async (t) => {
  const trades = new DayTrades();
  trades.trade(0, 1, 100, 10, 5, ELIGIBLE, true);
  trades.trade(0, 2, 101, 10, 5, ELIGIBLE, true);
  trades.lost();
  t.equal(trades.break(2, false), -1);
  t.equal(values(trades, 0).OPEN_PRC, 100);
  t.equal(trades.break(1, false), 0);
  t.equal(values(trades, 0).OPEN_PRC, null);
});

t.test('in doubt, open, high and low are blank for the rest of the day', async (t) => {
  const trades = new DayTrades(1);
  trades.trade(0, 1, 100, 10, 5, ELIGIBLE, true);
  t.notOk(trades.overflowed);
  trades.trade(0, 2, 101, 10, 5, ELIGIBLE, true);
  t.ok(trades.overflowed);
  t.equal(trades.break(2, false), -1);
  trades.doubt(0);
  trades.trade(0, 3, 90, 5, 6, ELIGIBLE, true);
  t.match(values(trades, 0), { TRDPRC_1: 90, ACVOL_1: null, OPEN_PRC: null, HIGH_1: null, LOW_1: null });
  t.match(values(trades, 0), { BRKN_VOL: null, BRKN_NUM: null, ELIG_PRC: 90 });
  trades.doubt(4000);
  t.equal(values(trades, 4000).ACVOL_1, null, 'also of an instrument that has not traded');
});

t.test('a volume beyond 2^53 is blank, not rounded', async (t) => {
  const trades = new DayTrades();
  trades.trade(0, 1, 100, Number.MAX_SAFE_INTEGER, 5, 0, true);
  t.equal(values(trades, 0).ACVOL_1, Number.MAX_SAFE_INTEGER);
  trades.trade(0, 2, 100, 1, 5, 0, true);
  trades.break(1, false);
  t.match(values(trades, 0), { ACVOL_1: null, NUM_MOVES: 1 });
});

t.test('without a table of conditions a correction leaves them blank', async (t) => {
  const trades = new DayTrades();
  trades.trade(0, 1, 100, 10, 5, ELIGIBLE, true);
  trades.trade(0, 2, 101, 10, 5, ELIGIBLE, true);
  t.equal(trades.break(2, false), 0);
  t.match(trades.broken, { id: 2, price: 101, shares: 10 });
  t.equal(values(trades, 0).TRD_COND, null);
});
