import { Page } from '@tickerplant/pages';
import { readClock } from './clock.ts';
import type { CustomReading } from './custom.ts';
import type { FieldValue } from './fields.ts';
import { type Fingerprint, fingerprintReasons } from './fingerprint.ts';
import { Item, type ItemState, type ItemView, sameReasons, saysTheSame } from './items.ts';
import {
  carried,
  hasBecome,
  isNear,
  isSameMoves,
  keptMemory,
  moveReason,
  type Remembered,
  recalledItems,
  remember,
  type ShredderMemory,
} from './moves.ts';
import { PageReader, type ReadListener } from './page-reader.ts';
import type { Field, Plan, Table } from './plan.ts';
import { type Reason, reason, reasonText } from './reasons.ts';
import type { RowReading } from './row-reader.ts';
import { Settling } from './settling.ts';
import type { ItemReading, TableReading } from './table-reader.ts';

/** A change of cells: a row and its columns from `first` to `end` - 1. */
export type CellChange = readonly [row: number, first: number, end: number];

/** New values of an item: only what changed. */
export interface RecordChange {
  readonly subject: string;
  readonly table: string;
  readonly fields: ReadonlyMap<string, FieldValue>;
  /** Fields that the page no longer shows: to be blanked. */
  readonly removed: readonly string[];
}

/** Another state of an item, or other reasons for it. */
export interface StateChange {
  readonly subject: string;
  readonly state: ItemState;
  readonly quality: 'LIVE' | 'SUSPECT';
  readonly reasons: readonly Reason[];
}

/** Something for a person to look at. */
export interface Alert {
  /** `drift`: items are held back; `notice`: something new that puts none in doubt; `returned`: a drift is over. */
  readonly kind: 'drift' | 'item' | 'notice' | 'returned' | 'fault';
  /** The page's name, a table of it, or an item. */
  readonly about: string;
  readonly reasons: readonly Reason[];
  /** A copy of the page, for the first alert of a drift. */
  readonly evidence: Page | undefined;
}

/** What a run leads to, in the order in which it is to be done. */
export interface Effects {
  readonly records: readonly RecordChange[];
  readonly states: readonly StateChange[];
  readonly alerts: readonly Alert[];
  /** When to call again though nothing changes; undefined: not before something does. */
  readonly wakeAtNs: number | undefined;
}

export interface ShredderOptions {
  /** Business date in days since 1970-01-01, for dates without a year. */
  readonly today?: number;
  /** UTC in milliseconds since 1970 at 0 ns, for pages that show their own time; without it their age isn't judged. */
  readonly utcMs?: number;
  /** Text that never changed on approved pages. */
  readonly fingerprint?: Fingerprint;
  /** What was believed of the page's rows before this shredder ran: `memory` of another one. */
  readonly memory?: ShredderMemory | undefined;
}

export type MatchState = 'match' | 'soft-drift' | 'hard-drift' | 'none';

const HOUR_NS = 3_600_000_000_000;
const TOGETHER_MIN = 3;
/** Bound on items of open tables: headlines come and go. */
const ITEMS_MAX = 10_000;
const ALERTS_MAX = 100;
const BLANK_SHARE = 0.2;
const NOTHING: readonly never[] = [];

/** What is remembered of a table (or of a custom region). */
class TableState {
  readonly items = new Map<string, Item>();
  isQuarantined = false;
  reasons: readonly Reason[] = [];
  hasMatched = false;
  settled = 0;
  settledAtNs = 0;
  readonly driftsNs: number[] = [];
  isFlapping = false;
  /** Most of its items moved too far at once. */
  movedTogether = false;
  /** Whether items of it have been read: a key that comes after that is new. */
  wasRead = false;
  /** What was believed of items before this shredder ran. */
  recalled: ReadonlyMap<string, Remembered> = new Map();
  /** Whether moves of some item may wait to be confirmed: no item need be looked at where none does. */
  mayWait = true;
  noticed = '';
}

/**
 * Turns the images of one page into records, and says of each item whether it can be believed. A machine: takes the page,
 * what changed and the time; returns effects. One per page.
 *
 * On a page that reads as it should every item is LIVE (or shows no value because the page says so). What cannot be proven
 * goes SUSPECT with its last good values, in the smallest part of the page that is surely safe.
 */
export class Shredder {
  #plan: Plan;
  #reader: PageReader;
  #settling: Settling;
  #tables: TableState[];
  #due: Uint8Array;
  #today: number | undefined;
  #fingerprint: Fingerprint | undefined;
  readonly #utcMs: number | undefined;
  #records: RecordChange[] = [];
  #states: StateChange[] = [];
  #alerts: Alert[] = [];
  #wakeAtNs = Number.POSITIVE_INFINITY;
  #hasEvidence = false;
  #shownBefore = 0;
  #pageNotices = '';
  #unreadSeen = 0;
  /** What the static text says against the page. */
  #staticReasons: readonly Reason[] = [];
  readonly #dropped = new Map<string, Item>();
  readonly #bears = (row: number): boolean => this.#reader.bearsGeometry(row);
  readonly #listener: ReadListener = {
    onTable: (index, reading) => {
      this.#touched.add(index);
      this.#onTable(this.#page!, index, reading, this.#nowNs);
    },
    onItem: (index, item) => {
      const table = this.#tables[index]!;
      if (!table.isQuarantined) this.#judge(table, this.#plan.tables[index]!, item, this.#nowNs);
    },
    onCustom: (index, reading) => this.#onCustom(this.#page!, index, reading, this.#nowNs),
  };
  /** Of the reading under way: the page, the time, and the tables that were judged anew. */
  #page: Page | undefined;
  #nowNs = 0;
  readonly #touched = new Set<number>();
  /** Counts by reason code, for telemetry. */
  readonly counts: Map<string, number> = new Map<string, number>();

  constructor(plan: Plan, options: ShredderOptions = {}) {
    this.#plan = plan;
    this.#today = options.today;
    this.#fingerprint = options.fingerprint;
    this.#utcMs = options.utcMs;
    this.#reader = new PageReader(plan);
    this.#settling = new Settling(plan);
    this.#due = new Uint8Array(plan.rows);
    this.#tables = [...plan.tables, ...plan.customs].map(() => new TableState());
    plan.tables.forEach(({ name, moves }, index) => {
      const table = this.#tables[index]!;
      table.recalled = recalledItems(moves, options.memory?.tables[name]);
      table.wasRead = table.recalled.size > 0;
    });
  }

  /** What it believes of rows that nothing proves but what they said before; undefined where there are none. */
  get memory(): ShredderMemory | undefined {
    const tables: Record<string, ShredderMemory['tables'][string]> = {};
    this.#plan.tables.forEach((plan, index) => {
      if (!isProvenByMemory(plan)) return;
      const known = [...this.#tables[index]!.items].filter(([, { isKnown }]) => isKnown);
      if (known.length > 0)
        tables[plan.name] = keptMemory(
          plan.moves,
          known.map(([symbol, { moves }]) => [symbol, moves]),
        );
    });
    return Object.keys(tables).length === 0 ? undefined : { tables };
  }

  get plan(): Plan {
    return this.#plan;
  }

  /** For those who explain and measure. */
  get reader(): PageReader {
    return this.#reader;
  }

  /** Sets the business date. */
  set today(day: number | undefined) {
    this.#today = day;
  }

  /** How well the page last fitted. */
  get match(): MatchState {
    const { geometry } = this.#reader;
    if (geometry === undefined) return 'none';
    if (this.#isAnyQuarantined()) return 'hard-drift';
    const isNoticed = this.#pageNotices !== '' || this.#tables.some((table) => table.noticed !== '');
    return isNoticed ? 'soft-drift' : 'match';
  }

  /** Why the page doesn't fit, or what is new on it. */
  matchReasons(page: Page): Reason[] {
    const { geometry } = this.#reader;
    const reasons: Reason[] = [...(geometry?.pageReasons ?? [])];
    for (const table of this.#tables) if (table.isQuarantined) reasons.push(...table.reasons);
    for (const { table } of this.#reader.tables) reasons.push(...this.#newIn(table.index));
    if (this.match !== 'hard-drift') reasons.push(...this.#reader.unreadText(page));
    return distinct(reasons);
  }

  /** All items, by table and in the order in which they were first seen. */
  *items(): Generator<ItemView> {
    for (const table of this.#tables) yield* table.items.values();
    yield* this.#dropped.values();
  }

  /**
   * Takes changes of the page and the time; also to be called, without changes, when a wake-up comes due.
   *
   * @param page of the plan's size; borrowed.
   * @param nowNs monotonic.
   */
  run(page: Page, changes: readonly CellChange[], nowNs: number): Effects {
    for (const [row] of changes) if (row >= 0 && row < this.#plan.rows) this.#settling.changed(row, nowNs);
    return this.#step(page, nowNs, false);
  }

  /** Takes the whole page as it stands, as settled: for pages that come as one piece. */
  runWhole(page: Page, nowNs: number): Effects {
    this.#due.fill(1);
    for (let row = 0; row < this.#plan.rows; row++) this.#settling.changed(row, nowNs);
    return this.#step(page, nowNs, true);
  }

  /** A person has looked: drifts and held moves are over as soon as the page reads as it should. */
  approve(page: Page, nowNs: number): Effects {
    for (const table of this.#tables) {
      table.driftsNs.length = 0;
      table.isFlapping = false;
      table.movedTogether = false;
      table.settled = this.#plan.release;
      for (const item of table.items.values()) {
        if (item.pending !== undefined) item.moves = item.pending.values;
        item.isKnown ||= item.pending !== undefined;
        item.pending = undefined;
        item.movesFrom = undefined;
      }
    }
    this.#hasEvidence = false;
    return this.runWhole(page, nowNs);
  }

  /** Goes over to another version: items keep their states by name; what the new one doesn't have goes SUSPECT. */
  replace(plan: Plan, fingerprint: Fingerprint | undefined, page: Page, nowNs: number): Effects {
    this.#fingerprint = fingerprint;
    this.#staticReasons = [];
    const before = new Map<string, Item>();
    for (const table of this.#tables) for (const item of table.items.values()) before.set(item.subject, item);
    const tables = new Map(this.#plan.tables.map((table) => [table.name, table]));
    for (const item of before.values()) {
      // What was remembered is of the old version's moves.
      const old = tables.get(item.table)?.moves ?? NOTHING;
      const now = plan.tables.find(({ name }) => name === item.table)?.moves ?? NOTHING;
      item.moves = carried(old, item.moves, now);
      item.movesFrom = undefined;
      item.pending = undefined;
    }
    this.#plan = plan;
    this.#reader = new PageReader(plan);
    this.#settling = new Settling(plan);
    this.#due = new Uint8Array(plan.rows);
    this.#tables = [...plan.tables, ...plan.customs].map(() => new TableState());
    const effects = this.#collect(page, nowNs, true, before);
    return effects;
  }

  #step(page: Page, nowNs: number, whole: boolean): Effects {
    return this.#collect(page, nowNs, whole, undefined);
  }

  #collect(page: Page, nowNs: number, whole: boolean, before: ReadonlyMap<string, Item> | undefined): Effects {
    // What was handed out is others'.
    if (this.#records.length > 0) this.#records = [];
    if (this.#states.length > 0) this.#states = [];
    if (this.#alerts.length > 0) this.#alerts = [];
    this.#wakeAtNs = Number.POSITIVE_INFINITY;
    try {
      if (page.rows !== this.#plan.rows || page.columns !== this.#plan.columns) {
        const want = `${this.#plan.rows}x${this.#plan.columns}`;
        throw new Error(`expected a page of ${want}, got ${page.rows}x${page.columns}`);
      }
      if (before !== undefined) this.#adopt(before);
      if (whole) this.#due.fill(1);
      const due = this.#settling.take(nowNs, this.#due, this.#bears);
      if (whole || due > 0) this.#read(page, nowNs);
      if (whole) this.#judgeOthers(nowNs);
      this.#revisit(page, nowNs);
      if (before !== undefined) this.#drop(before);
    } catch (error) {
      this.#fail(page, error);
    }
    const settles = this.#settling.nextNs();
    const wake = Math.min(settles ?? Number.POSITIVE_INFINITY, this.#wakeAtNs);
    return {
      records: this.#records.length === 0 ? NOTHING : this.#records,
      states: this.#states.length === 0 ? NOTHING : this.#states,
      alerts: this.#alerts.length === 0 ? NOTHING : this.#alerts,
      wakeAtNs: Number.isFinite(wake) ? wake : undefined,
    };
  }

  #read(page: Page, nowNs: number): void {
    this.#page = page;
    this.#nowNs = nowNs;
    this.#touched.clear();
    const statics = this.#fingerprint === undefined ? [] : fingerprintReasons(this.#fingerprint, page).hard;
    const isOther = !sameReasons(statics, this.#staticReasons);
    this.#staticReasons = statics;
    this.#reader.read(page, this.#due, this.#today, this.#listener, !this.#settling.isWaiting);
    if (isOther) {
      for (const { table, result } of this.#reader.tables) {
        if (!this.#touched.has(table.index)) this.#onTable(page, table.index, result, nowNs);
      }
    }
    this.#page = undefined;
    if (this.#touched.size > 0) this.#noticeTables(page);
    this.#noticeUnread(page);
    if (!this.#isAnyQuarantined()) {
      this.#hasEvidence = false;
      if (this.#touched.size > 0) this.#shownBefore = shownCells(page);
    }
  }

  /** Judges the items of tables that weren't judged: somebody may have said that what is there is right. */
  #judgeOthers(nowNs: number): void {
    for (const { table: plan, result } of this.#reader.tables) {
      const table = this.#tables[plan.index]!;
      if (this.#touched.has(plan.index) || table.isQuarantined) continue;
      for (const item of result.items.values()) this.#judge(table, plan, item, nowNs);
    }
  }

  #isAnyQuarantined(): boolean {
    for (let index = 0; index < this.#tables.length; index++) if (this.#tables[index]!.isQuarantined) return true;
    return false;
  }

  #onTable(page: Page, index: number, reading: TableReading, nowNs: number): void {
    const table = this.#tables[index]!;
    const plan = this.#plan.tables[index]!;
    let { reasons } = reading;
    if (reasons.length === 0) reasons = this.#staticReasons;
    if (reasons.length > 0 && shownCells(page) < BLANK_SHARE * this.#shownBefore) {
      reasons = [reason('BLANK_PAGE', { shown: shownCells(page), before: this.#shownBefore }), ...reasons];
    }
    this.#weigh(page, table, plan.name, reasons, nowNs);
    for (const item of reading.items.values()) this.#judge(table, plan, item, nowNs);
    for (const item of table.items.values()) {
      if (reading.items.has(symbolIn(item.subject, this.#plan.service))) continue;
      const isOpen = plan.expected.length === 0;
      if (isOpen && !table.isQuarantined) table.items.delete(symbolIn(item.subject, this.#plan.service));
      this.#put(
        item,
        'stale',
        table.isQuarantined ? table.reasons : [reason('LABEL_MISSING', { table: plan.name, want: item.subject })],
      );
    }
    if (!table.isQuarantined && reading.items.size > 0) table.wasRead = true;
  }

  #onCustom(page: Page, index: number, reading: CustomReading, nowNs: number): void {
    const table = this.#tables[this.#plan.tables.length + index]!;
    const { name } = this.#plan.customs[index]!;
    this.#weigh(page, table, name, reading.reasons, nowNs);
    const seen = new Set<string>();
    for (const { key, fields } of reading.items) {
      const symbol = key.replaceAll(' ', '_');
      seen.add(symbol);
      const item = this.#itemOf(table, symbol, name);
      const names = Object.keys(fields).map((field) => ({ name: field }));
      const values = Object.values(fields).map(
        (text): FieldValue => ({ text, value: text === null ? null : { kind: 'text', value: text } }),
      );
      if (table.isQuarantined) this.#put(item, 'stale', table.reasons);
      else this.#publish(item, names, values, 'live', NOTHING);
    }
    for (const [symbol, item] of table.items) {
      if (seen.has(symbol)) continue;
      this.#put(
        item,
        'stale',
        table.isQuarantined ? table.reasons : [reason('LABEL_MISSING', { table: name, want: item.subject })],
      );
    }
  }

  /** Puts a table into quarantine, or counts towards the end of it. */
  #weigh(page: Page, table: TableState, name: string, reasons: readonly Reason[], nowNs: number): void {
    const about = `${this.#plan.page} ${name}`;
    if (reasons.length > 0) {
      if (!table.isQuarantined) {
        table.driftsNs.push(nowNs);
        while (table.driftsNs[0]! < nowNs - HOUR_NS) table.driftsNs.shift();
        if (table.driftsNs.length > this.#plan.flaps) table.isFlapping = true;
        table.driftsNs.length = Math.min(table.driftsNs.length, this.#plan.flaps + 1);
      }
      const isNews = !table.isQuarantined || !saysTheSame(table.reasons, reasons);
      table.isQuarantined = true;
      table.settled = 0;
      table.reasons = reasons;
      if (isNews) this.#alert({ kind: 'drift', about, reasons, evidence: this.#evidence(page) });
      return;
    }
    if (!table.isQuarantined) {
      table.hasMatched = true;
      return;
    }
    this.#count(table, about, nowNs);
  }

  /** One more settled image in match. */
  #count(table: TableState, about: string, nowNs: number): void {
    if (table.settled === 0 || nowNs - table.settledAtNs >= this.#plan.quietNs) {
      table.settled++;
      table.settledAtNs = nowNs;
    }
    if (table.isFlapping) {
      table.reasons = [reason('FLAPPING', { table: about, drifts: table.driftsNs.length, hours: 1 })];
      return;
    }
    const needed = table.hasMatched ? this.#plan.release : 1;
    if (table.settled >= needed) {
      table.isQuarantined = false;
      table.hasMatched = true;
      table.reasons = [];
      this.#alert({ kind: 'returned', about, reasons: [], evidence: undefined });
    } else {
      table.reasons = [reason('RETURNING', { table: about, settled: table.settled, of: needed })];
      this.#wake(nowNs + Math.max(1, this.#plan.quietNs));
    }
  }

  /** Time alone: an image that has stood for a settle time more counts once more. */
  #revisit(page: Page, nowNs: number): void {
    const { tables, customs } = this.#plan;
    for (let index = 0; index < tables.length; index++) {
      const table = this.#tables[index]!;
      const plan = tables[index]!;
      const isReturning = table.isQuarantined && table.settled > 0 && !table.isFlapping;
      const waits = !table.isQuarantined && table.mayWait && mayHold(plan);
      if (isReturning || waits || plan.clock !== undefined) {
        this.#revisitTable(page, index, isReturning, nowNs);
      }
    }
    for (let index = tables.length; index < tables.length + customs.length; index++) {
      const table = this.#tables[index]!;
      if (!table.isQuarantined || table.settled === 0 || table.isFlapping) continue;
      if (nowNs - table.settledAtNs >= this.#plan.quietNs) this.#due.fill(1);
      else this.#wake(table.settledAtNs + this.#plan.quietNs);
    }
  }

  #revisitTable(page: Page, index: number, isReturning: boolean, nowNs: number): void {
    const table = this.#tables[index]!;
    const plan = this.#plan.tables[index]!;
    const { result } = this.#reader.tables[index]!;
    if (isReturning) {
      if (nowNs - table.settledAtNs >= this.#plan.quietNs) this.#onTable(page, index, result, nowNs);
      else this.#wake(table.settledAtNs + this.#plan.quietNs);
    }
    if (plan.clock !== undefined && !table.isQuarantined) {
      for (const item of result.items.values()) this.#judge(table, plan, item, nowNs);
    }
    if (table.isQuarantined || !mayHold(plan) || !table.mayWait) return;
    for (const item of result.items.values()) {
      const pending = table.items.get(item.symbol)?.pending;
      if (pending !== undefined && nowNs > pending.atNs) this.#judge(table, plan, item, nowNs);
    }
    this.#weighMoves(table, plan);
  }

  /** Makes of a reading what an item is. */
  #judge(table: TableState, plan: Table, read: ItemReading, nowNs: number): void {
    const item = this.#itemOf(table, read.symbol, plan.name);
    if (table.isQuarantined) {
      this.#put(item, 'stale', table.reasons);
      return;
    }
    if (read.state === 'bad' || read.state === 'held') {
      item.pending = undefined;
      this.#put(item, read.state === 'held' ? 'held' : 'stale', read.reasons);
      return;
    }
    const reading = read.reading!;
    item.row = reading.row;
    if (plan.clock !== undefined && this.#utcMs !== undefined) {
      const { reason: tooOld, untilNs } = readClock(plan.clock, reading.cells, { nowNs, utcMs: this.#utcMs });
      if (tooOld !== undefined) {
        this.#put(item, 'stale', [tooOld]);
        return;
      }
      if (untilNs !== undefined) this.#wake(untilNs);
    }
    if (
      item.movesFrom === undefined ||
      item.pending !== undefined ||
      !isSameMoves(plan.moves, reading, item.movesFrom)
    ) {
      const moves = remember(plan.moves, reading);
      const tooFar = this.#tooFar(table, item, plan, moves, reading, nowNs);
      if (tooFar.length > 0) {
        this.#put(item, 'held', tooFar);
        return;
      }
      item.moves = moves.map((value, index) => value ?? item.moves[index]);
      item.movesFrom = reading;
      item.isKnown = true;
    }
    const hasValue = reading.noValue === undefined;
    const names = hasValue ? plan.fields : plan.statusFields;
    this.#publish(item, names, reading.values, hasValue ? 'live' : 'no-value', read.reasons);
  }

  /** Which values are too far from the last good ones and not confirmed yet. */
  #tooFar(
    table: TableState,
    item: Item,
    plan: Table,
    values: Remembered,
    reading: RowReading,
    nowNs: number,
  ): readonly Reason[] {
    let reasons: Reason[] | undefined;
    let needed = 1;
    const { panels } = plan;
    const readings = { values, earlier: item.moves, reading, panels };
    for (let index = 0; index < plan.moves.length; index++) {
      const move = plan.moves[index]!;
      const value = values[index];
      const last = item.moves[index];
      if (value === undefined || last === undefined) continue;
      if (isNear(move, index, readings) || hasBecome(move, index, readings)) continue;
      needed = Math.max(needed, move.confirm);
      reasons ??= [];
      reasons.push(moveReason(move, item.subject, value, last));
    }
    const isMove = reasons !== undefined;
    if (!item.isKnown && table.wasRead && plan.newKeys > 1) {
      needed = Math.max(needed, plan.newKeys);
      reasons ??= [];
      reasons.push(reason('KEY_NEW', { item: item.subject }));
    }
    if (reasons === undefined) {
      item.pending = undefined;
      return NOTHING;
    }
    const { pending } = item;
    const isConfirmed =
      pending !== undefined &&
      plan.moves.every((move, index) => isNear(move, index, { values, earlier: pending.values, reading, panels }));
    const isLater = pending === undefined || nowNs - pending.atNs >= this.#plan.quietNs;
    const confirmed = isConfirmed ? pending.confirmed + (isLater ? 1 : 0) : 1;
    const together = isMove && table.movedTogether;
    if (confirmed >= needed && !together) {
      item.pending = undefined;
      return NOTHING;
    }
    table.mayWait = true;
    item.pending = { values, confirmed, atNs: isConfirmed && !isLater ? pending.atNs : nowNs, isMove };
    if (!together && Number.isFinite(needed)) this.#wake(item.pending.atNs + Math.max(1, this.#plan.quietNs));
    return together ? [reason('MOVED_TOGETHER', { table: plan.name }), ...reasons] : reasons;
  }

  /** Values that all jump at once are more likely another unit than another market. */
  #weighMoves(table: TableState, plan: Table): void {
    let moved = 0;
    let known = 0;
    let waiting = 0;
    for (const item of table.items.values()) {
      if (item.moves.length > 0) known++;
      if (item.pending !== undefined) waiting++;
      if (item.pending?.isMove === true) moved++;
    }
    const together = moved >= TOGETHER_MIN && moved * 2 > known;
    if (together && !table.movedTogether) {
      this.#alert({
        kind: 'drift',
        about: `${this.#plan.page} ${plan.name}`,
        reasons: [reason('MOVED_TOGETHER', { table: plan.name, moved, of: known })],
        evidence: undefined,
      });
    }
    table.movedTogether = together;
    table.mayWait = waiting > 0;
  }

  #publish(
    item: Item,
    names: readonly Pick<Field, 'name'>[],
    values: readonly (FieldValue | undefined)[],
    state: 'live' | 'no-value',
    reasons: readonly Reason[],
  ): void {
    const changes = item.take(names, values);
    if (changes !== undefined) {
      const { changed, removed } = changes;
      this.#records.push({ subject: item.subject, table: item.table, fields: changed, removed });
    }
    this.#put(item, state, reasons);
  }

  #put(item: Item, state: ItemState, reasons: readonly Reason[]): void {
    if (item.isTold && item.state === state && saysTheSame(item.reasons, reasons)) {
      item.reasons = reasons;
      return;
    }
    const wasLive = item.isTold && item.quality === 'LIVE';
    item.isTold = true;
    item.state = state;
    item.reasons = reasons;
    this.#states.push({ subject: item.subject, state, quality: item.quality, reasons });
    for (const { code } of reasons) this.counts.set(code, (this.counts.get(code) ?? 0) + 1);
    const isOwn = reasons.length > 0 && !this.#tables.some((table) => table.reasons === reasons);
    if (wasLive && isOwn && item.quality !== 'LIVE') {
      this.#alert({ kind: 'item', about: item.subject, reasons, evidence: undefined });
    }
  }

  #itemOf(table: TableState, symbol: string, name: string): Item {
    let item = table.items.get(symbol);
    if (item === undefined) {
      if (table.items.size >= ITEMS_MAX) throw new Error(`expected at most ${ITEMS_MAX} items in ${name}`);
      item = new Item(`${this.#plan.service}.${symbol}`, name);
      const before = table.recalled.get(symbol);
      if (before !== undefined) {
        item.moves = before;
        item.isKnown = true;
      }
      table.items.set(symbol, item);
    }
    return item;
  }

  /** Tells once what is new in tables. */
  #noticeTables(page: Page): void {
    for (let index = 0; index < this.#plan.tables.length; index++) {
      const table = this.#tables[index]!;
      const { reasons } = this.#reader.tables[index]!.result;
      const notices = this.#newIn(index);
      const noticed = notices.map(noticeKey).join('\n');
      if (noticed === table.noticed) continue;
      table.noticed = noticed;
      if (noticed === '' || reasons.length > 0 || this.#staticReasons.length > 0) continue;
      const about = `${this.#plan.page} ${this.#plan.tables[index]!.name}`;
      this.#alert({ kind: 'notice', about, reasons: notices, evidence: new PageCopy(page) });
    }
  }

  /** What a table notices, but for what another one reads in that place: several may have rows of different kinds among each other. */
  #newIn(index: number): readonly Reason[] {
    const { notices } = this.#reader.tables[index]!.result;
    if (notices.length === 0 || this.#plan.tables.length === 1) return notices;
    return notices.filter(
      ({ facts: { row, col } }) =>
        !this.#reader.tables.some(
          ({ table, result }) => table.index !== index && typeof row === 'number' && reads(result, row, Number(col)),
        ),
    );
  }

  #noticeUnread(page: Page): void {
    if (this.#fingerprint === undefined && this.#reader.unreadChanges === this.#unreadSeen) return;
    this.#unreadSeen = this.#reader.unreadChanges;
    const reasons = [...this.#reader.unreadText(page)];
    if (this.#fingerprint !== undefined) reasons.push(...fingerprintReasons(this.#fingerprint, page).soft);
    const notices = reasons.map(noticeKey).join('\n');
    if (notices === this.#pageNotices) return;
    this.#pageNotices = notices;
    if (notices !== '') this.#alert({ kind: 'notice', about: this.#plan.page, reasons, evidence: undefined });
  }

  #evidence(page: Page): Page | undefined {
    if (this.#hasEvidence) return undefined;
    this.#hasEvidence = true;
    return new PageCopy(page);
  }

  #alert(alert: Alert): void {
    if (this.#alerts.length < ALERTS_MAX) this.#alerts.push(alert);
  }

  #wake(atNs: number): void {
    this.#wakeAtNs = Math.min(this.#wakeAtNs, atNs);
  }

  /** The shredder itself failed: nothing of the page is believed, and all of it is read anew next time. */
  #fail(page: Page, error: unknown): void {
    const why = [reason('FAULT', { got: error instanceof Error ? error.message : String(error) })];
    this.#alert({ kind: 'fault', about: this.#plan.page, reasons: why, evidence: this.#evidence(page) });
    this.#reader = new PageReader(this.#plan);
    this.#due.fill(1);
    for (const table of this.#tables) {
      table.isQuarantined = true;
      table.hasMatched = true;
      table.settled = 0;
      table.reasons = why;
      for (const item of table.items.values()) this.#put(item, 'stale', why);
    }
  }

  #adopt(before: ReadonlyMap<string, Item>): void {
    const { service } = this.#plan;
    this.#plan.tables.forEach((plan, index) => {
      for (const symbol of plan.expected) {
        const item = before.get(`${service}.${symbol}`);
        if (item !== undefined) this.#tables[index]!.items.set(symbol, item);
      }
    });
  }

  #drop(before: ReadonlyMap<string, Item>): void {
    const now = new Set([...this.items()].map((item) => item.subject));
    for (const [subject, item] of before) {
      if (now.has(subject)) continue;
      this.#dropped.set(subject, item);
      this.#put(item, 'stale', [reason('DROPPED', { version: this.#plan.version })]);
    }
  }
}

/** A page that nobody else writes to. */
class PageCopy extends Page {
  constructor(page: Page) {
    super(page.rows, page.columns);
    this.copyFrom(page);
  }
}

/** Whether something that a table believes stands there. */
function reads({ items }: TableReading, row: number, column: number): boolean {
  for (const { state, reading } of items.values()) {
    if (reading === undefined || state === 'bad') continue;
    if (reading.cells.some((cell) => cell.row === row && cell.first <= column && column < cell.end)) return true;
  }
  return false;
}

/** What makes a notice another one: text that nobody reads may change as it likes, it is told of once for its row. */
function noticeKey(one: Reason): string {
  return one.code === 'UNREAD_TEXT' ? `${one.code} ${one.facts.row}` : reasonText(one);
}

function symbolIn(subject: string, service: string): string {
  return subject.slice(service.length + 1);
}

function shownCells({ text }: Page): number {
  let shown = 0;
  for (let at = 0; at < text.length; at++) if ((text[at]! & 0x1f_ffff) !== 0x20) shown++;
  return shown;
}

/** Whether what rows said before is what proves them: other moves are a help, which a shredder that starts anew can do without. */
function isProvenByMemory({ moves, newKeys }: Table): boolean {
  return newKeys > 1 || moves.some(({ confirm }) => confirm === Number.POSITIVE_INFINITY);
}

/** Whether the table's values may have to wait to be confirmed. */
function mayHold(plan: Table): boolean {
  return plan.moves.length > 0 || plan.newKeys > 1;
}

function distinct(reasons: readonly Reason[]): Reason[] {
  const seen = new Map<string, Reason>();
  for (const one of reasons) seen.set(reasonText(one), one);
  return [...seen.values()];
}
