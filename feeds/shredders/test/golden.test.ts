// The example pages: their records exactly, nothing wrong from their changed versions, and their updates step by step.
import { ChangeTracker, textWord } from '@tickerplant/pages';
import { type CellChange, type Effects, Shredder, shredPage } from '@tickerplant/shredder';
import { loadShredder } from '@tickerplant/shredders';
import t from 'tap';
import { examples, type Update } from './examples.ts';

const all = examples();
const skip = all === undefined ? 'the example pages are not beside the repository' : false;
const sorted = (list: readonly object[]): string[] =>
  list.map((one) => JSON.stringify(Object.entries(one).sort())).sort();

t.test('records', { skip }, async (t) => {
  for (const example of all!) {
    const result = shredPage(loadShredder(example.name), example.page());
    t.equal(result.match, 'match', `${example.name} matches`);
    t.ok(
      result.items.every((item) => item.quality === 'LIVE'),
      `${example.name}: no item is held back`,
    );
    t.strictSame(sorted(result.items.map((item) => item.fields)), sorted(example.records), example.name);
  }
});

t.test('changed versions', { skip }, async (t) => {
  for (const example of all!) {
    const plan = loadShredder(example.name);
    const result = shredPage(plan, example.changed());
    const live = result.items.filter((item) => item.quality === 'LIVE');
    for (const item of result.items)
      if (item.quality !== 'LIVE') t.not(item.reason, '', `${item.subject} has a reason`);
    switch (example.name) {
      case 'fx-spot-composite':
        t.strictSame(
          sorted(live.map((item) => item.fields)),
          sorted(example.records),
          'the header is followed: the same records',
        );
        break;
      case 'swap-fixings':
        t.strictSame(
          sorted(live.map((item) => item.fields)),
          sorted(example.records),
          'known by label: the same records',
        );
        t.ok(
          result.reasons.some((why) => why.includes('18M')),
          'the new term is reported',
        );
        t.equal(result.match, 'soft-drift');
        break;
      case 'index-page':
        t.equal(live.length, 9, 'the levels are LIVE');
        for (const { fields } of live) {
          if (fields.index === 'CAC 40' || fields.index === 'SENSEX') continue;
          t.notOk('net' in fields || 'pct' in fields, `${String(fields.index)} shows no change`);
          const { net: _, pct: __, ...rest } = example.records.find((record) => record.index === fields.index)!;
          t.strictSame(fields, rest, 'and the rest as it was');
        }
        break;
      default:
        t.strictSame(live, [], `${example.name}: nothing is LIVE`);
        t.equal(result.match, 'hard-drift');
    }
  }
});

/** A page with its shredder, at rest between updates. */
class Desk {
  readonly shredder: Shredder;
  readonly #page;
  #nowNs = 0;

  constructor(name: string, page: ReturnType<NonNullable<typeof all>[number]['page']>) {
    this.shredder = new Shredder(loadShredder(name));
    this.#page = page;
    this.shredder.runWhole(page, 0);
  }

  /** Applies an update and waits until the page stands still. */
  apply({ set, scroll }: Update): Effects[] {
    const changes: CellChange[] = [];
    const tracker = new ChangeTracker();
    tracker.begin(this.#page);
    if (scroll !== undefined) this.#page.scrollDown(scroll.fromRow, scroll.toRow + 1, scroll.down);
    for (const [row, column, text] of set) {
      for (const [at, letter] of [...text].entries()) {
        this.#page.put(row, column + at, textWord(letter.codePointAt(0)!), 0, 0);
      }
    }
    tracker.end((row, first, end) => changes.push([row, first, end]));
    const effects = [this.shredder.run(this.#page, changes, this.#nowNs)];
    for (let wake = effects[0]!.wakeAtNs; wake !== undefined && effects.length < 20; wake = effects.at(-1)!.wakeAtNs) {
      this.#nowNs = wake;
      effects.push(this.shredder.run(this.#page, [], wake));
    }
    this.#nowNs += 1e9;
    return effects;
  }

  item(subject: string) {
    return [...this.shredder.items()].find((item) => item.subject === subject)!;
  }
}

t.test('updates of the spot page, torn ones among them', { skip }, async (t) => {
  const example = all!.find((one) => one.name === 'fx-spot-composite')!;
  const desk = new Desk(example.name, example.page());
  t.equal(example.updates.length, 8);
  for (const update of example.updates) {
    const effects = desk.apply(update);
    const published = effects.flatMap((one) => one.records);
    for (const expected of update.expect ?? []) {
      const subject = `SPOTFX.${String(expected.ccy)}`;
      const item = desk.item(subject);
      const name = `${update.seq}: ${subject}`;
      if (expected.status === undefined) {
        t.equal(item.state, 'live', `${name} is live`);
        t.equal(item.fields.get('bid')?.text, expected.bid, `${name} bid`);
        t.equal(item.fields.get('ask')?.text, expected.ask, `${name} ask`);
      } else if (expected.status === 'not-quoted') {
        t.equal(item.state, 'no-value', name);
        t.equal(item.fields.get('status')?.text, 'not-quoted');
        t.notOk(item.fields.has('bid'), `${name}: no bid`);
      } else {
        t.equal(item.quality, 'SUSPECT', `${name} is ${String(expected.status)}`);
        t.equal(item.state, expected.status === 'held' ? 'held' : 'stale', name);
        t.strictSame(published, [], `${name}: nothing is published`);
      }
    }
    t.ok(
      published.every((one) => update.expect!.some((expected) => one.subject === `SPOTFX.${String(expected.ccy)}`)),
      `${update.seq}: only what changed is published`,
    );
  }
});

t.test('updates of the news page', { skip }, async (t) => {
  const example = all!.find((one) => one.name === 'news-headlines')!;
  const desk = new Desk(example.name, example.page());
  for (const update of example.updates) {
    const published = desk.apply(update).flatMap((one) => one.records);
    for (const expected of [...(update.expectNew ?? []), ...(update.expectChanged ?? [])]) {
      const item = desk.item(`NEWSTOP.${String(expected.code)}`);
      t.equal(item.quality, 'LIVE');
      for (const [field, value] of Object.entries(expected))
        t.equal(item.fields.get(field)?.text, value, `${update.seq} ${field}`);
    }
    t.equal(published.length, 1, `${update.seq}: one record is published, though others moved`);
    if (update.expectChanged !== undefined)
      t.strictSame([...published[0]!.fields.keys()], ['headline'], 'and only what changed');
  }
});
