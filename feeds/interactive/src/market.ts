import { type Random, seededRandom } from '@tickerplant/core';
import type { VendorPair, VendorValue } from './encoder.ts';
import { ValueKind } from './messages.ts';

/** A symbol's present values at the vendor, by field number. */
export type VendorRecord = ReadonlyMap<number, VendorValue>;

/** Field numbers, as `VENDOR_FIELDS` has them. */
const NAME = 1;
const BID = 2;
const BID_SIZE = 3;
const ASK = 4;
const ASK_SIZE = 5;
const LAST = 6;
const LAST_SIZE = 7;
const VOLUME = 8;
const HIGH = 9;
const LOW = 10;
const OPEN = 11;
const CLOSE = 12;
const TIME = 13;

const DAY_NS = 86_400_000_000_000;
/** Between two changes of the market. */
const STEP_NS = 1_000;
/** Of all changes, one in so many is a trade. */
const TRADE_IN = 3;

interface Instrument {
  readonly fields: Map<number, VendorValue>;
  /** In hundredths. */
  mid: number;
  high: number;
  low: number;
  volume: number;
}

const price = (mantissa: number): VendorValue => ({ kind: ValueKind.DECIMAL, mantissa, exponent: -2 });
const whole = (value: number): VendorValue => ({ kind: ValueKind.WHOLE, value });

/** A market that walks at random, from a seed: prices move, trades happen, `TIME` rises with every change. */
export class SimulatedMarket {
  readonly symbols: readonly string[];
  /** Changes made. */
  changes = 0;
  readonly #instruments: readonly Instrument[];
  readonly #rows: ReadonlyMap<string, number>;
  readonly #random: Random;

  constructor(symbols: readonly string[], seed: number) {
    this.symbols = symbols;
    this.#random = seededRandom(seed);
    this.#rows = new Map(symbols.map((symbol, row) => [symbol, row]));
    this.#instruments = symbols.map((symbol) => {
      const mid = 1_000 + this.#random.below(20_000);
      const fields = new Map<number, VendorValue>([
        [NAME, { kind: ValueKind.TEXT, text: `${symbol} simulated` }],
        [BID, price(mid - 1)],
        [BID_SIZE, whole(100)],
        [ASK, price(mid + 1)],
        [ASK_SIZE, whole(100)],
        [OPEN, { kind: ValueKind.BLANK }],
        [CLOSE, price(mid)],
        [TIME, whole(0)],
      ]);
      return { fields, mid, high: Number.NEGATIVE_INFINITY, low: Number.POSITIVE_INFINITY, volume: 0 };
    });
  }

  /** The place of a symbol; -1: there is no such symbol. */
  rowOf(symbol: string): number {
    return this.#rows.get(symbol) ?? -1;
  }

  record(row: number): VendorRecord {
    return this.#instruments[row]!.fields;
  }

  /** One change of one symbol. @returns its row, and the fields that changed */
  step(): { readonly row: number; readonly changed: readonly VendorPair[] } {
    const random = this.#random;
    const row = random.below(this.#instruments.length);
    const instrument = this.#instruments[row]!;
    this.changes++;
    const changed: VendorPair[] = random.below(TRADE_IN) === 0 ? this.#trade(instrument) : this.#quote(instrument);
    changed.push([TIME, whole((this.changes * STEP_NS) % DAY_NS)]);
    for (const [id, value] of changed) instrument.fields.set(id, value);
    return { row, changed };
  }

  #quote(instrument: Instrument): VendorPair[] {
    const random = this.#random;
    instrument.mid = Math.max(10, instrument.mid + random.below(5) - 2);
    const spread = 1 + random.below(3);
    return [
      [BID, price(instrument.mid - spread)],
      [BID_SIZE, whole(100 * (1 + random.below(20)))],
      [ASK, price(instrument.mid + spread)],
      [ASK_SIZE, whole(100 * (1 + random.below(20)))],
    ];
  }

  #trade(instrument: Instrument): VendorPair[] {
    const size = 1 + this.#random.below(500);
    const { mid, fields } = instrument;
    const changed: VendorPair[] = [
      [LAST, price(mid)],
      [LAST_SIZE, whole(size)],
      [VOLUME, whole(instrument.volume + size)],
    ];
    if (instrument.volume === 0) changed.push([OPEN, price(mid)]);
    instrument.volume += size;
    if (mid > instrument.high || !fields.has(HIGH)) changed.push([HIGH, price(mid)]);
    if (mid < instrument.low || !fields.has(LOW)) changed.push([LOW, price(mid)]);
    instrument.high = Math.max(instrument.high, mid);
    instrument.low = Math.min(instrument.low, mid);
    return changed;
  }
}
