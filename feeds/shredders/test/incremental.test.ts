// Of all shipped shredders: what is read a change at a time is what is read of the whole page, whatever came before, and whenever
// rows were read.
import { type Page, Trust } from '@tickerplant/pages';
import { PageReader, type Plan, pageFromText, Shredder } from '@tickerplant/shredder';
import { type Fixture, fixturesOf, loadShredder, shredderNames } from '@tickerplant/shredders';
import fc from 'fast-check';
import t from 'tap';

t.setTimeout(600_000);

const RUNS = 4;
const ZERO = 0x30;
/** Characters that damage, cut, move or forge what stands there. */
const LETTERS = [0x20, 0x20, 0x2d, 0x2e, 0x2f, 0x35, 0x3f, 0x41, 0x4f, 0xfffd];

/** A change of a row; numbers are taken by their remainders, so that each is one of every page. */
interface Edit {
  readonly kind: 'figure' | 'letter' | 'blank' | 'other' | 'shift' | 'damage' | 'colour' | 'restore' | 'restoreAll';
  readonly row: number;
  readonly column: number;
  readonly what: number;
}

interface Step {
  readonly edits: readonly Edit[];
  /** Whether each row that has changed is read now, or waits; what waits is read another time. */
  readonly isDue: readonly boolean[];
}

const edit: fc.Arbitrary<Edit> = fc.record({
  kind: fc.oneof(
    { weight: 6, arbitrary: fc.constant('figure' as const) },
    { weight: 4, arbitrary: fc.constant('restore' as const) },
    { weight: 5, arbitrary: fc.constantFrom('letter', 'blank', 'other', 'shift', 'damage', 'colour', 'restoreAll') },
  ),
  row: fc.nat(999),
  column: fc.nat(999),
  what: fc.nat(999),
});
const step: fc.Arbitrary<Step> = fc.record({
  edits: fc.array(edit, { minLength: 1, maxLength: 4 }),
  isDue: fc.array(fc.boolean(), { minLength: 7, maxLength: 7 }),
});

/** Makes a change; returns the rows that it touches. */
function apply(page: Page, base: Page, { kind, row: number, column: place, what }: Edit): readonly number[] {
  const { rows, columns, text, style } = page;
  const used = Array.from({ length: rows }, (_, row) => row).filter((row) => isUsed(base, row));
  const row = used[number % used.length]!;
  const column = place % columns;
  const start = row * columns;
  const put = (at: number, word: number, ink = style[start + at]!): void => page.put(row, at, word, ink, 0);
  const fill = (from: readonly number[] | Uint32Array, inks: Uint32Array): void => {
    for (let at = 0; at < columns; at++) put(at, from[at] ?? 0x20, inks[start + at]!);
  };
  switch (kind) {
    case 'figure': {
      const figures = Array.from({ length: columns }, (_, at) => at).filter((at) => isFigure(text[start + at]!));
      if (figures.length > 0) put(figures[place % figures.length]!, ZERO + (what % 10));
      break;
    }
    case 'letter':
      put(column, LETTERS[what % LETTERS.length]!);
      break;
    case 'blank':
      for (let at = column; at < Math.min(columns, column + 1 + (what % 8)); at++) put(at, 0x20);
      break;
    case 'other': {
      const other = used[what % used.length]! * columns;
      fill(text.slice(other, other + columns), style);
      break;
    }
    case 'shift': {
      const before = text.slice(start, start + columns);
      const by = what % 2 === 0 ? 1 : -1;
      fill(
        Array.from(before, (_, at) => before[at - by] ?? 0x20),
        style,
      );
      break;
    }
    case 'damage':
      page.mark(row, column, Trust.DAMAGED);
      break;
    case 'colour':
      put(column, text[start + column]!, what % 8);
      break;
    case 'restore':
      fill(base.text.slice(start, start + columns), base.style);
      break;
    case 'restoreAll':
      page.copyFrom(base);
      return used;
  }
  return [row];
}

function isFigure(word: number): boolean {
  return word >= ZERO && word <= ZERO + 9;
}

function isUsed({ text, columns }: Page, row: number): boolean {
  return text.slice(row * columns, (row + 1) * columns).some((word) => word !== 0x20);
}

function pageOf({ rows, columns }: Plan, { text, attributes }: Fixture): Page {
  return pageFromText(text, rows, columns, attributes);
}

const NOBODY = { onTable() {}, onItem() {}, onCustom() {} };

/** Everything that a reader made of its page, as text. */
function reading(reader: PageReader, page: Page): string {
  const plain = (_: string, value: unknown): unknown =>
    value instanceof Map ? [...value] : typeof value === 'bigint' ? `${value}` : value;
  const { cover } = reader;
  return JSON.stringify([reader.tables.map(({ result }) => result), [...reader.unreadText(page)], [...cover]], plain);
}

function readAfresh(plan: Plan, page: Page, today: number | undefined): string {
  const reader = new PageReader(plan);
  reader.read(page, new Uint8Array(plan.rows).fill(1), today, NOBODY);
  return reading(reader, page);
}

t.test(
  'reading what changed equals reading everything, also where rows were read before they stood still',
  async (t) => {
    for (const name of shredderNames()) {
      const plan = loadShredder(name);
      for (const fixture of fixturesOf(name)) {
        const { today } = fixture;
        const base = pageOf(plan, fixture);
        fc.assert(
          fc.property(fc.array(step, { maxLength: 10 }), (steps) => {
            const page = pageOf(plan, fixture);
            const reader = new PageReader(plan);
            const dirty = new Uint8Array(plan.rows).fill(1);
            reader.read(page, dirty, today, NOBODY);
            const waiting = new Set<number>();
            for (const { edits, isDue } of steps) {
              for (const one of edits) for (const row of apply(page, base, one)) waiting.add(row);
              // Rows that anchors and headers stand in hold all others up.
              const isHeld = [...waiting].some((row) => reader.bearsGeometry(row) && !isDue[row % isDue.length]!);
              for (const row of isHeld ? [] : [...waiting]) {
                if (!isDue[row % isDue.length]!) continue;
                dirty[row] = 1;
                waiting.delete(row);
              }
              reader.read(page, dirty, today, NOBODY, waiting.size === 0);
              if (waiting.size === 0 && reading(reader, page) !== readAfresh(plan, page, today)) return false;
            }
            for (const row of waiting) dirty[row] = 1;
            reader.read(page, dirty, today, NOBODY, true);
            return reading(reader, page) === readAfresh(plan, page, today);
          }),
          { numRuns: RUNS },
        );
      }
      t.pass(name);
    }
  },
);

/** Lets a shredder do what it does when nothing changes any more. */
function settle(shredder: Shredder, page: Page, fromNs: number): void {
  let nowNs = fromNs;
  for (let times = 0; times < 100; times++) {
    const { wakeAtNs } = shredder.run(page, [], nowNs);
    if (wakeAtNs === undefined) return;
    nowNs = Math.max(wakeAtNs, nowNs + 1);
  }
}

function live(shredder: Shredder): string {
  const items = [...shredder.items()].filter(({ quality }) => quality === 'LIVE');
  const shown = items.map(({ subject, fields }) => [subject, [...fields].map(([name, { text }]) => [name, text])]);
  return JSON.stringify(shown.sort());
}

t.test('what is LIVE once a page stands still is what is LIVE on that page alone', async (t) => {
  for (const name of shredderNames()) {
    const loaded = loadShredder(name);
    // Limits on moves, flaps and the page's own clock look back on purpose; everything else must not.
    const tables = loaded.tables.map((table) => ({ ...table, moves: [], clock: undefined }));
    const plan: Plan = { ...loaded, flaps: 1000, tables };
    for (const fixture of fixturesOf(name)) {
      const options = fixture.today === undefined ? {} : { today: fixture.today };
      const base = pageOf(plan, fixture);
      const timed = fc.tuple(step, fc.constantFrom(0, plan.quietNs / 2, plan.quietNs + 1, 3 * plan.atMostNs));
      fc.assert(
        fc.property(fc.array(timed, { maxLength: 10 }), (steps) => {
          const page = pageOf(plan, fixture);
          const shredder = new Shredder(plan, options);
          shredder.runWhole(page, 0);
          let nowNs = 0;
          for (const [{ edits }, waitNs] of steps) {
            const rows = edits.flatMap((one) => apply(page, base, one));
            shredder.run(
              page,
              rows.map((row) => [row, 0, plan.columns] as const),
              nowNs,
            );
            nowNs += waitNs;
            shredder.run(page, [], nowNs);
          }
          settle(shredder, page, nowNs + 1e9);
          const once = new Shredder(plan, options);
          once.runWhole(page, 0);
          settle(once, page, 1e9);
          return live(shredder) === live(once);
        }),
        { numRuns: RUNS },
      );
    }
    t.pass(name);
  }
});
