import type { GapNotice, Item, ItemState, SubscriptionListener, Update } from '@tickerplant/client';
import { Decimal } from '@tickerplant/core';
import { FIDS, InteractiveVendor, SimulatedMarket, type VendorValue } from '@tickerplant/feed-interactive';
import { testPorts } from '@tickerplant/testkit';
import { type SmallFloor, writeSmallFloor } from './floors.ts';
import { VendorSocket } from './vendor-socket.ts';

/** The market's time of an item's latest change: it rises with each. */
const VERSION_FID = FIDS.at(-1)!;
const VERSION_FIELD = FIDS.length;

/** A floor with a pair of handlers of an interactive feed, and a plant. */
export interface InteractiveFloor extends SmallFloor {
  readonly vendorPort: number;
}

export function writeInteractiveFloor(folder: string, symbols: readonly string[]): InteractiveFloor {
  const vendorPort = testPorts(1)[0]!;
  const feed = `
name: page
protocol: interactive
services: { records: PAGE }
timeZone: UTC
servers: ["127.0.0.1:${vendorPort}"]
symbols: [${symbols.join(', ')}]
channels: { records: { hash: [C1, C2] } }`;
  return { ...writeSmallFloor(folder, 2, { channels: 2, standby: true, feed }), vendorPort };
}

function vendorText(value: VendorValue): string {
  switch (value.kind) {
    case 0:
      return 'blank';
    case 1:
      return String(value.value);
    case 2:
      return new Decimal(value.mantissa, value.exponent).toString();
    case 3:
      return value.text;
  }
}

/** A market that remembers all that was ever true: by symbol, version → values as text. */
export class RecordedMarket extends SimulatedMarket {
  readonly history: ReadonlyMap<string, Map<number, string>>;

  constructor(symbols: readonly string[], seed: number) {
    super(symbols, seed);
    this.history = new Map(symbols.map((symbol) => [symbol, new Map()]));
    for (let row = 0; row < symbols.length; row++) this.#remember(row);
  }

  override step(): ReturnType<SimulatedMarket['step']> {
    const change = super.step();
    this.#remember(change.row);
    return change;
  }

  /** What is true now. */
  truth(symbol: string): string {
    return [...this.history.get(symbol)!.values()].at(-1)!;
  }

  #remember(row: number): void {
    const record = this.record(row);
    const values = FIDS.flatMap((fid, index) => {
      const value = record.get(index + 1);
      return value === undefined ? [] : [[fid, vendorText(value)]];
    });
    const version = record.get(VERSION_FIELD) as { readonly value: number };
    this.history.get(this.symbols[row]!)!.set(version.value, JSON.stringify(values));
  }
}

/** An item's values as `RecordedMarket` writes them. */
export function valuesText(item: Item): string {
  const values = FIDS.map((fid) => [fid, item.getByFid(fid)] as const).filter(([, value]) => value !== undefined);
  return JSON.stringify(values.map(([fid, value]) => [fid, value === null ? 'blank' : String(value)]));
}

/** The vendor on a socket. */
export class TestVendor extends VendorSocket<InteractiveVendor> {
  readonly market: RecordedMarket;

  constructor(symbols: readonly string[], port: number) {
    const market = new RecordedMarket(symbols, 7);
    super(new InteractiveVendor({ market, heartbeatLimitMs: 3_000 }), port);
    this.market = market;
  }

  setStale(symbol: string, reason: string | undefined): void {
    this.server.setStale(symbol, reason);
  }
}

/** Holds what a subscriber is shown against all that was ever true. */
export class TruthWatch implements SubscriptionListener {
  /** What should not have been. */
  readonly wrong: string[] = [];
  readonly gaps: GapNotice[] = [];
  marked = 0;
  updates = 0;
  removed = 0;
  /** Times that an item ceased to be LIVE, by reason. */
  readonly doubts: Map<string, number> = new Map<string, number>();
  readonly #history: RecordedMarket['history'];
  readonly #versions = new Map<Item, number>();

  constructor(market: RecordedMarket) {
    this.#history = market.history;
  }

  onImage: (item: Item) => void = (item) => {
    if (item.possibleDuplicate) this.marked++;
    this.#look(item, item.possibleDuplicate);
  };

  onUpdate: (update: Update) => void = ({ item, possibleDuplicate }) => {
    this.updates++;
    this.#look(item, possibleDuplicate);
  };

  onQuality: (item: Item, state: ItemState) => void = (item, state) => {
    if (state.name !== 'LIVE') this.doubts.set(state.reason, (this.doubts.get(state.reason) ?? 0) + 1);
    if (item.isLive && !this.#history.get(item.symbol)!.has(item.getByFid(VERSION_FID) as number)) {
      this.#fail(`${item.subject} became LIVE with values that never were: ${valuesText(item)}`);
    }
  };

  onRemove: () => void = () => {
    this.removed++;
  };

  onGap: (notice: GapNotice) => void = (notice) => {
    this.gaps.push(notice);
  };

  #look(item: Item, marked: boolean): void {
    const version = item.getByFid(VERSION_FID);
    const before = this.#versions.get(item);
    if (typeof version !== 'number') {
      if (item.isLive) this.#fail(`${item.subject} is LIVE without values`);
      return;
    }
    const expected = this.#history.get(item.symbol)!.get(version);
    if (expected !== valuesText(item)) this.#fail(`${item.subject} shows ${valuesText(item)}, true was ${expected}`);
    if (before !== undefined && version < before && !marked) {
      this.#fail(`${item.subject} went back from ${before} to ${version}, unmarked`);
    }
    this.#versions.set(item, version);
  }

  #fail(text: string): void {
    if (this.wrong.length < 20) this.wrong.push(text);
  }
}
