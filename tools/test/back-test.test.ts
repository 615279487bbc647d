// Shredders over captured pages: nothing is LIVE that was never true, whatever the captures lack; what is told; what differs.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { compileYaml, type Plan } from '@tickerplant/shredder';
import fc from 'fast-check';
import t, { type Test } from 'tap';
import { LineOutput } from '../src/output.ts';
import {
  BackTest,
  type BackTestListener,
  type BackTestOptions,
  type TestedPage,
} from '../src/shred/back-test/back-test.ts';
import { diffOverCaptures } from '../src/shred/back-test/diff.ts';
import type { Element } from '../src/shred/back-test/element.ts';
import { runOverCaptures } from '../src/shred/back-test/run.ts';
import { BackTestSummary } from '../src/shred/back-test/summary.ts';
import { TimeOrder } from '../src/shred/back-test/time-order.ts';
import { PageHistory } from '../src/shred/history/page-history.ts';
import { CapturedFloor, METALS, SPOT, START_SECONDS, type TrueElement, textOf } from './captured-floor.ts';

const EXAMPLES = new URL('../../../examples/shredders/', import.meta.url);
const sourceOf = (name: string): string => readFileSync(new URL(`${name}.yaml`, EXAMPLES), 'utf8');
const SPOT_TEXT = sourceOf('majors-spot');
const SPOT_PLAN = compileYaml(SPOT_TEXT, 'majors-spot.yaml');
const METALS_PLAN = compileYaml(sourceOf('warehouse-metals'), 'warehouse-metals.yaml');

const elementOf = (name: string): TrueElement | undefined =>
  name.startsWith('FXSP') ? SPOT : name.startsWith('METL') ? METALS : undefined;
const nameOf = ({ subject }: TestedPage): string => subject.slice('SCREEN.'.length);

/** Keeps the elements, and throws when one is LIVE that was never true. */
class Checker implements BackTestListener {
  readonly summary = new BackTestSummary();
  readonly elements = new Map<string, Element>();
  readonly events: string[] = [];
  live = 0;
  readonly #floor: CapturedFloor;
  readonly #lastNs = new Map<string, number>();

  constructor(floor: CapturedFloor) {
    this.#floor = floor;
  }

  onPage(page: TestedPage, atNs: number): void {
    this.summary.page(page, atNs);
    this.events.push(`page ${page.subject}`);
  }

  onKnown(page: TestedPage, isKnown: boolean, atNs: number): void {
    this.summary.known(page, isKnown, atNs);
    this.events.push(`${isKnown ? 'known' : 'unknown'} ${page.subject}`);
    if (!isKnown && [...this.elements.values()].some(({ quality }) => quality === 'LIVE')) {
      const isOther = ([key, { quality }]: [string, Element]) =>
        quality === 'LIVE' && key.startsWith(`${page.subject} `);
      if ([...this.elements].some(isOther)) throw new Error(`${page.subject} isn't known, and something of it is LIVE`);
    }
  }

  onUpdate(page: TestedPage): void {
    this.summary.update(page);
  }

  onElement(page: TestedPage, version: number, element: Element, changed: readonly string[], atNs: number): void {
    const { subject, quality, fields, reason } = element;
    if (atNs < (this.#lastNs.get(page.subject) ?? 0)) throw new Error('of one page in the order of time');
    this.#lastNs.set(page.subject, atNs);
    this.summary.element(page, element, atNs);
    this.elements.set(`${page.subject} ${subject}${version === 0 ? '' : ' 2'}`, element);
    if (quality !== 'LIVE') {
      if (Object.keys(fields).length > 0) throw new Error(`${subject} is ${quality} and shows values`);
      if (reason === '') throw new Error(`${subject} is ${quality} for no reason`);
      return;
    }
    this.live++;
    if (changed.some((name) => fields[name] === undefined && name in fields))
      throw new Error('a field without a value');
    if (this.#floor.wasTrue(nameOf(page), subject, fields)) return;
    throw new Error(`${subject} is LIVE at ${atNs} with ${textOf(fields)}, which was never true`);
  }

  onHeld(...[page, , subject, reasons, atNs]: Parameters<BackTestListener['onHeld']>): void {
    this.summary.held(page, subject, reasons, atNs);
  }

  onAlert(...[page, , alert, atNs]: Parameters<BackTestListener['onAlert']>): void {
    this.summary.alert(page, alert, atNs);
  }

  onMoment(): void {}

  onGap(): void {
    this.events.push('gap');
  }

  /** What is LIVE of a page, by element. */
  liveOf(name: string): Map<string, string> {
    const names = Object.keys(elementOf(name)!({})[1]);
    return new Map(
      [...this.elements]
        .filter(([key, { quality }]) => quality === 'LIVE' && key.startsWith(`SCREEN.${name} `))
        .map(([, { subject, fields }]) => [
          subject,
          textOf(Object.fromEntries(names.map((one) => [one, fields[one]]))),
        ]),
    );
  }
}

function run(floor: CapturedFloor, plans: readonly Plan[], options: Partial<BackTestOptions> = {}) {
  const checker = new Checker(floor);
  const test = new BackTest({ plans, utcMs: START_SECONDS * 1000, ...options }, checker);
  const history = new PageHistory(test);
  for (const { line, atNs, bytes } of floor.inOrder()) history.packet(line, bytes, bytes.length, atNs);
  history.finish();
  checker.summary.end(test);
  const json = checker.summary.json(String) as Record<string, Record<string, unknown>[]>;
  return { checker, test, history, json };
}

const sorted = (map: Map<string, string>): [string, string][] => [...map].sort(([a], [b]) => (a < b ? -1 : 1));

function lively(seed: number, name: string, rounds: number, loss: CapturedFloor['loss']): CapturedFloor {
  const floor = new CapturedFloor(seed, elementOf);
  floor.add(name);
  floor.pass(1_000);
  floor.loss = loss;
  for (let round = 0; round < rounds; round++) {
    for (let i = 0; i < 5; i++) {
      floor.change(name, (page) => page.step());
      floor.pass(30);
    }
    floor.complete(name);
    floor.pass(round % 4 === 3 ? 3_000 : 250);
    if (round % 8 === 7) floor.image(name);
  }
  floor.loss = { feed: 0, trading: 0, both: 0 };
  return floor;
}

for (const [name, plan] of [
  ['FXSP0001', SPOT_PLAN],
  ['METL0001', METALS_PLAN],
] as const) {
  t.test(`${plan.name}: what is LIVE is true at every moment, and in the end all is`, (t) => {
    for (const seed of [1, 2, 3]) {
      const floor = lively(seed, name, 16, { feed: 0, trading: 0, both: 0 });
      floor.pass(5_000);
      const { checker, json } = run(floor, [plan]);
      t.same(sorted(checker.liveOf(name)), sorted(floor.truth(name)), `seed ${seed}`);
      t.ok(checker.live > 30);
      t.match(json.pages, [{ page: `SCREEN.${name}`, updates: Number }]);
      t.ok(
        json.elements!.every(({ live }) => (live as number) > 0.7),
        'nearly all the time',
      );
    }
    t.end();
  });

  t.test(`${plan.name}, property: captures that lack packets make nothing LIVE that was never true`, (t) => {
    let gaps = 0;
    let live = 0;
    fc.assert(
      fc.property(fc.nat(1_000_000), fc.constantFrom(0, 0.3), fc.constantFrom(0.02, 0.1), (seed, feed, both) => {
        const floor = lively(seed, name, 16, { feed, trading: feed, both });
        floor.pass(3_000);
        floor.image(name);
        floor.pass(5_000);
        const { checker } = run(floor, [plan]);
        gaps += checker.events.filter((event) => event === 'gap').length;
        live += checker.live;
        const [got, want] = [sorted(checker.liveOf(name)), sorted(floor.truth(name))];
        if (JSON.stringify(got) !== JSON.stringify(want))
          throw new Error(`after an image all is LIVE: ${got} for ${want}`);
      }),
      { numRuns: 30, seed: 11 },
    );
    t.ok(gaps > 20, 'there were gaps');
    t.ok(live > 500, 'and values');
    t.end();
  });
}

t.test('half a change in the captures, the other half lost: never LIVE', (t) => {
  // Each half on its own would stand for long enough to be read.
  let halves = 0;
  for (let seed = 1; seed <= 20; seed++) {
    const floor = new CapturedFloor(seed, elementOf);
    floor.add('FXSP0001');
    floor.pass(1_000);
    const { simulated } = floor.pages.get('FXSP0001')!;
    for (let i = 0; i < 200 && !simulated.isHalf; i++) {
      floor.change('FXSP0001', (page) => page.step());
      floor.pass(300);
    }
    if (!simulated.isHalf) continue;
    halves++;
    // The change was sent before the second half; only that one is lost.
    floor.nowNs -= 270_000_000;
    floor.loss = { feed: 0, trading: 0, both: 1 };
    floor.complete('FXSP0001');
    floor.loss = { feed: 0, trading: 0, both: 0 };
    floor.pass(5_000);
    const { checker } = run(floor, [SPOT_PLAN]);
    t.equal(checker.liveOf('FXSP0001').size, 0, 'and nothing is LIVE any more');
  }
  t.ok(halves > 5);
  t.end();
});

t.test('another layout: SUSPECT, a drift with time and reason, and back again', (t) => {
  const floor = new CapturedFloor(5, elementOf);
  floor.add('METL0001');
  floor.pass(2_000);
  const driftNs = floor.nowNs;
  floor.change('METL0001', (page) => page.setLayout('changed'));
  floor.pass(4_000);
  floor.change('METL0001', (page) => page.setLayout('usual'));
  floor.pass(6_000);
  const { checker, json } = run(floor, [METALS_PLAN]);
  t.same(sorted(checker.liveOf('METL0001')), sorted(floor.truth('METL0001')), 'as it was');
  const { drifts, tables, held } = json;
  t.equal(drifts!.length, 1);
  t.match(drifts![0], { page: 'SCREEN.METL0001', kind: 'drift', reason: /^ANCHOR_MISSING/ });
  const at = Number(drifts![0]!.at);
  t.ok(at > driftNs && at < driftNs + 600_000_000, `when it was seen: ${at}`);
  t.ok(Number(drifts![0]!.until) > driftNs + 4_000_000_000, 'and when it was over');
  const { live } = tables![0] as { live: number };
  t.ok(live > 0.5 && live < 0.75, `LIVE for 8 of 12 seconds: ${live}`);
  t.match(held, [{ code: 'ANCHOR_MISSING', count: Number, subject: /^METL\./ }]);
  t.end();
});

t.test('which pages: of the size, from when they first match; or those that were asked for', (t) => {
  const floor = new CapturedFloor(6, elementOf);
  for (const name of ['FXSP0001', 'METL0001', 'DEPO0001']) floor.add(name);
  floor.pass(3_000);
  const all = run(floor, [SPOT_PLAN]);
  t.same(
    all.test.tested.map(({ subject }) => subject),
    ['SCREEN.FXSP0001'],
  );
  t.same(all.test.passedOver, [
    ['SCREEN.METL0001', '25x80'],
    ['SCREEN.DEPO0001', '25x80'],
  ]);
  const one = run(floor, [SPOT_PLAN], { pages: ['SCREEN.METL0001'] });
  t.same(
    one.test.tested.map(({ subject }) => subject),
    ['SCREEN.METL0001'],
  );
  t.equal(one.checker.live, 0, 'which it does not read');
  t.match(one.json.drifts, [{ reason: /ANCHOR_MISSING/ }]);
  const taller = compileYaml(SPOT_TEXT.replace('size: 25x80', 'size: 26x80'), 'taller.yaml');
  t.same(run(floor, [taller], { pages: ['SCREEN.FXSP0001'] }).test.tested, [], 'of another size');
  const both = run(floor, [SPOT_PLAN, taller]);
  t.ok(both.checker.live > 0);
  t.notOk(
    [...both.checker.elements.keys()].some((key) => key.endsWith(' 2')),
    'a version for another size makes nothing of it',
  );
  t.same(both.json.drifts, []);
  t.end();
});

t.test('what its service says of a page goes for its elements; a new epoch', (t) => {
  const floor = new CapturedFloor(7, elementOf);
  floor.add('FXSP0001');
  floor.pass(1_000);
  floor.suspect('FXSP0001');
  floor.pass(2_000);
  const closed = run(floor, [SPOT_PLAN]);
  t.ok(
    [...closed.checker.elements.values()].every(
      ({ quality, reason }) => quality === 'STALE' && reason === 'vendor-says: closed',
    ),
  );
  floor.begin();
  floor.pass(1_000);
  floor.live('FXSP0001');
  floor.pass(3_000);
  const open = run(floor, [SPOT_PLAN]);
  t.same(sorted(open.checker.liveOf('FXSP0001')), sorted(floor.truth('FXSP0001')));
  t.same(open.checker.events, [
    'page SCREEN.FXSP0001',
    'known SCREEN.FXSP0001',
    'unknown SCREEN.FXSP0001',
    'known SCREEN.FXSP0001',
  ]);
  t.end();
});

t.test('what comes nearly in the order of time is put into it', (t) => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(50), fc.nat(10))), (steps) => {
      const out: number[] = [];
      const order = new TimeOrder<number>((value) => out.push(value));
      let settled = 0;
      const all: number[] = [];
      for (const [ahead, step] of steps) {
        order.add(settled + 1 + ahead, settled + 1 + ahead);
        all.push(settled + 1 + ahead);
        settled += step;
        order.release(settled);
        t.ok(out.every((value) => value <= settled));
      }
      order.release(Number.POSITIVE_INFINITY);
      t.same(
        out,
        all.sort((a, b) => a - b),
      );
    }),
  );
  t.end();
});

/** Keeps what is printed. */
class Kept extends LineOutput {
  readonly lines: string[] = [];

  override line(text: string): void {
    this.lines.push(text);
  }
}

async function captured(t: Test): Promise<{ folder: string; capture: string[]; floor: CapturedFloor }> {
  const folder = t.testdir({ 'one.yaml': SPOT_TEXT });
  const floor = lively(9, 'FXSP0001', 16, { feed: 0.1, trading: 0, both: 0 });
  floor.add('DEPO0001');
  floor.pass(3_000);
  const packets = floor.inOrder();
  const [line] = packets.map((packet) => packet.line);
  const capture = [join(folder, 'feed.pcapng.gz'), join(folder, 'trading.pcap')];
  await floor.write(
    capture[0]!,
    packets.filter((packet) => packet.line === line),
  );
  await floor.write(
    capture[1]!,
    packets.filter((packet) => packet.line !== line),
  );
  return { folder, capture, floor };
}

t.test('shred run --capture: a line for each change, in the order of time, then the summary', async (t) => {
  const { folder, capture, floor } = await captured(t);
  const options = { capture, store: join(folder, 'none.sqlite') };
  const output = new Kept();
  await runOverCaptures(join(folder, 'one.yaml'), { ...options, json: true }, output);
  const lines = output.lines.map((line) => JSON.parse(line));
  const summary = lines.pop();
  const elements = lines.filter(({ kind }) => kind === 'element');
  t.ok(elements.length > 30);
  t.ok(elements.every(({ at }, index) => index === 0 || elements[index - 1].at <= at));
  t.match(elements[0], {
    at: /^2026-01-05T10:00:00\.\d{9}Z$/,
    page: 'SCREEN.FXSP0001',
    table: 'spot',
    quality: 'LIVE',
  });
  const last = new Map(elements.map((one) => [one.subject, one]));
  t.same(
    sorted(new Map([...last].map(([subject, { fields }]) => [subject, textOf({ bid: fields.bid, ask: fields.ask })]))),
    sorted(floor.truth('FXSP0001')),
  );
  t.match(summary, {
    kind: 'summary',
    shredder: 'majors-spot',
    pages: [{ page: 'SCREEN.FXSP0001', updates: Number }],
    tables: [{ table: 'spot', elements: 10 }, {}],
    capture: { channels: [{ lost: 0, lines: [{}, {}] }], passedOver: [{ page: 'SCREEN.DEPO0001', size: '25x80' }] },
  });
  const people = new Kept();
  await runOverCaptures(join(folder, 'one.yaml'), options, people);
  const shown = people.lines.filter((line) => line.startsWith('2026-01-05 10:00'));
  t.equal(shown.length, lines.length);
  t.match(shown[0], /LIVE {6}SCREEN\.FXSP0001 {2}FXSP\.\w+ {2}.*bid \d/);
  const brief = new Kept();
  await runOverCaptures(join(folder, 'one.yaml'), { ...options, summary: true }, brief);
  t.same(brief.lines, people.lines.slice(shown.length), 'the summary alone');
  t.match(brief.lines.join('\n'), /table +LIVE +\d+\.\d\d % {2}SCREEN\.FXSP0001 {2}spot {2}10 elements/);
  await t.rejects(runOverCaptures('base-metals', options, new Kept()), {
    code: 'SHRED_NO_PAGE',
    message: /expected a page that base-metals reads, of 25x80 .*SCREEN\.FXSP0001 \(25x80\)/,
  });
  await t.rejects(runOverCaptures(join(folder, 'one.yaml'), { ...options, page: ['SCREEN.X'] }, new Kept()), {
    code: 'SHRED_NO_PAGE',
    message: /expected SCREEN\.X/,
  });
});

t.test('shred diff --capture: when two versions differ, and in what', async (t) => {
  const { folder, capture } = await captured(t);
  const one = join(folder, 'one.yaml');
  const two = join(folder, 'two.yaml');
  const options = { capture, store: join(folder, 'none.sqlite'), json: true } as const;
  const differ = async (text: string) => {
    writeFileSync(two, text);
    const output = new Kept();
    const differs = await diffOverCaptures(one, two, options, output);
    const lines = output.lines.map((line) => JSON.parse(line));
    return { differs, summary: lines.pop(), lines };
  };
  t.match(await differ(SPOT_TEXT), { differs: false, lines: [], summary: { times: 0, differing: 0, elements: 12 } });

  // A field less: it differs from beginning to end, for each element that has it.
  const less = await differ(SPOT_TEXT.replace(/^ +loc: loc\n/m, '').replace(/loc: \w+, |, loc: \w+/, ''));
  t.equal(less.differs, true);
  t.ok(less.lines.every(({ what, field }) => what === 'field' && field === 'loc'));
  t.ok(less.lines.some(({ open, second }) => open && second === undefined));

  // A guard that no quote passes: SUSPECT, for as long as it is quoted.
  const stricter = await differ(
    SPOT_TEXT.replace(
      '{that: quote.bid < quote.ask, name: bid below ask',
      '{that: quote.bid > quote.ask, name: bid below ask',
    ),
  );
  t.ok(stricter.lines.length > 0);
  t.ok(stricter.lines.every(({ what, first }) => what === 'quality' || first !== undefined));
  const [{ from, to, first, second }] = stricter.lines;
  t.match({ first, second }, { first: 'LIVE', second: /^SUSPECT/ });
  t.ok(from < to);

  const people = new Kept();
  t.equal(await diffOverCaptures(one, two, { capture, store: options.store }, people), true);
  t.match(people.lines[0], /^~ 2026-01-05 10:00:00\.\d{3} {2}.* SCREEN\.FXSP0001 {2}FXSP\.\w+ {2}LIVE → SUSPECT/);
  writeFileSync(two, SPOT_TEXT.replace(/quietMs: \d+/, 'quietMs: 20'));
  const quicker = new Kept();
  await diffOverCaptures(one, two, { capture, store: options.store }, quicker);
  t.match(
    quicker.lines.join('\n'),
    /0\.080 s +SCREEN\.FXSP0001 {2}FXSP\.\w+ {2}.*bid [\d.]+ → [\d.]+ {2}ask [\d.]+ → [\d.]+/,
  );
  t.match(people.lines.at(-1), /→ .*two\.yaml: \d+ of 12 elements differ, \d+ times, for /);
});
