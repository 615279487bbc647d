import { readFileSync } from 'node:fs';
import { ChannelSet, ChannelWriter } from '@tickerplant/feed-runtime';
import { CellRuns, ChangeTracker } from '@tickerplant/pages';
import { LIVE, Quality, type QualityState, standardDictionary } from '@tickerplant/records';
import { compileYaml, reasonText, Shredder, type ShredderMemory } from '@tickerplant/shredder';
import { CounterRegistry } from '@tickerplant/telemetry';
import t from 'tap';
import { ElementItems } from '../src/elements/element-items.ts';
import { Shredding } from '../src/elements/shredding.ts';
import { PageCatalogue, type SimulatedPage, type StyleName, type TrueValue } from '../src/index.ts';

// The shredders of examples/pages.yaml on the simulated service's pages, as a handler runs them: what is LIVE is true.

t.setTimeout(120_000);

const MS = 1_000_000;
const SECOND = 1_000 * MS;
const dictionary = standardDictionary();
const EXAMPLES = new URL('../../../../examples/shredders/', import.meta.url);

interface Case {
  readonly style: StyleName;
  readonly shredder: string;
  /** The element's name, and its fields as far as they are published, by their names in the dictionary. */
  element(
    values: Readonly<Record<string, TrueValue>>,
  ): readonly [name: string, fields: Readonly<Record<string, TrueValue>>];
  /** What a changed layout does to it. */
  readonly changed: 'all SUSPECT' | 'read all the same' | 'without changes';
}

const underscored = (name: TrueValue | undefined): string => String(name).replaceAll(' ', '_');
const CASES: readonly Case[] = [
  {
    style: 'FXSP',
    shredder: 'majors-spot.yaml',
    element: ({ ccy, bid, ask }) => [String(ccy), { BID: bid!, ASK: ask! }],
    changed: 'read all the same',
  },
  {
    style: 'DEPO',
    shredder: 'offshore-deposits.yaml',
    element: ({ tenor, ccy, bid, offer }) => [`${ccy}.${tenor}`, { BID: bid!, ASK: offer! }],
    changed: 'all SUSPECT',
  },
  {
    style: 'TSYS',
    shredder: 'benchmarks.yaml',
    element: ({ issue, bill, bid, ask }) => [
      issue === undefined ? `BILL${bill}` : String(issue),
      { BID: bid!, ASK: ask! },
    ],
    changed: 'all SUSPECT',
  },
  {
    style: 'METL',
    shredder: 'warehouse-metals.yaml',
    element: ({ metal, cashBid, cashAsk }) => [String(metal), { BID: cashBid!, ASK: cashAsk! }],
    changed: 'all SUSPECT',
  },
  {
    style: 'INDX',
    shredder: 'world-indices.yaml',
    element: ({ index, last }) => [underscored(index), { TRDPRC_1: last ?? null }],
    changed: 'without changes',
  },
];

const same = (text: string): string => text;

/** A page, its elements, and what was ever true of them. */
class Desk {
  readonly page: SimulatedPage;
  readonly items: ElementItems;
  readonly states = new Map<number, QualityState>();
  readonly shredding: Shredding;
  readonly drifts: string[] = [];
  readonly notices: string[] = [];
  updates = 0;
  nowNs = 0;
  readonly #case: Case;
  readonly #tracker = new ChangeTracker();
  readonly #changes = new CellRuns();
  /** By element: every truth so far, as text. */
  readonly #truths = new Map<string, Set<string>>();

  constructor(one: Case, seed: number, recall?: (page: string) => ShredderMemory | undefined, edit = same) {
    this.#case = one;
    const catalogue = new PageCatalogue(8, seed);
    const name = `${one.style}0001`;
    this.page = catalogue.page(catalogue.indexOf(name), 36_000);
    this.items = new ElementItems(new ChannelSet('RATES', [new ChannelWriter('C', [])], () => 0));
    const told = (row: number, state: QualityState): void => void this.states.set(row, state);
    this.shredding = new Shredding({
      shredders: [
        {
          plan: compileYaml(edit(readFileSync(new URL(one.shredder, EXAMPLES), 'utf8')), one.shredder),
          pages: [name],
          item: '{symbol}',
        },
      ],
      items: this.items,
      listener: {
        onOffered: (row) => told(row, { quality: Quality.RECOVERING, reason: 'waiting-for-image', detail: '' }),
        onImage: told,
        onUpdate: () => void this.updates++,
        onStatus: told,
        onWithdrawn: (row) => void this.states.delete(row),
      },
      pageOf: () => this.page.page,
      recall,
      today: 20_458,
      utcMs: 20_458 * 86_400_000 + 36_000_000,
      alert: (_page, { kind, about, reasons }, { version }) => {
        if (kind === 'drift' || kind === 'returned') this.drifts.push(`${kind} ${about} ${version}`);
        else if (kind === 'notice') this.notices.push(`${about}: ${reasons.map(reasonText).join('; ')}`);
      },
      registry: new CounterRegistry(),
    });
    this.change(() => {});
    this.appear();
  }

  /** The page comes, all of it. */
  appear(): void {
    this.#changes.clear();
    for (let row = 0; row < this.page.page.rows; row++) this.#changes.add(row, 0, this.page.page.columns);
    this.shredding.changed(this.page.name, this.page.page, this.#changes, this.nowNs);
    this.shredding.judged(this.page.name, LIVE);
  }

  /** Changes the page, and says where. */
  change(how: (page: SimulatedPage) => void): void {
    this.#tracker.begin(this.page.page);
    how(this.page);
    for (const { values } of this.page.records()) {
      const [name, fields] = this.#case.element(values);
      if (!this.#truths.has(name)) this.#truths.set(name, new Set());
      this.#truths.get(name)!.add(textOf(fields));
    }
    this.#changes.clear();
    this.#tracker.end(this.#changes.add);
    if (this.#changes.count > 0) this.shredding.changed(this.page.name, this.page.page, this.#changes, this.nowNs);
  }

  /** Lets time pass. */
  pass(ms: number): void {
    for (let i = 0; i < ms; i += 5) {
      this.nowNs += 5 * MS;
      this.shredding.tick(this.nowNs);
    }
  }

  /** What is LIVE, by element. @throws Error when something of it was never true */
  live(): Map<string, string> {
    const live = new Map<string, string>();
    for (const [row, state] of this.states) {
      if (state !== LIVE) continue;
      const name = this.items.symbol(row);
      const text = this.shown(row);
      if (!this.#truths.get(name)?.has(text)) throw new Error(`${name} is LIVE with ${text}, which was never true`);
      live.set(name, text);
    }
    return live;
  }

  /** What is true now, by element. */
  truth(): Map<string, string> {
    return new Map(
      this.page.records().map(({ values }) => {
        const [name, fields] = this.#case.element(values);
        return [name, textOf(fields)];
      }),
    );
  }

  private shown(row: number): string {
    const values = this.items.valuesOf(row);
    const names = Object.keys(this.#case.element({})[1]);
    return textOf(
      Object.fromEntries(
        names.map((name) => {
          const value = values.get(dictionary.fid(name)) ?? null;
          return [
            name,
            value === null ? null : value.kind === 'decimal' ? value.value.toShortString() : String(value.value),
          ];
        }),
      ),
    );
  }
}

/** Without zeros at the end of decimals: 1.50 is 1.5. */
function textOf(fields: Readonly<Record<string, TrueValue>>): string {
  const short = (value: TrueValue): string =>
    value === null ? '-' : String(value).includes('.') ? String(value).replace(/\.?0+$/, '') : String(value);
  return Object.entries(fields)
    .map(([name, value]) => `${name}=${short(value)}`)
    .join(' ');
}

const sorted = (map: Map<string, string>): [string, string][] => [...map].sort(([a], [b]) => (a < b ? -1 : 1));

for (const one of CASES) {
  t.test(`${one.shredder}: what is LIVE is true, at every moment; when the page rests, all is`, async (t) => {
    for (const seed of [1, 2, 3]) {
      const desk = new Desk(one, seed);
      desk.pass(1_000);
      t.same(sorted(desk.live()), sorted(desk.truth()));
      for (let round = 0; round < 40; round++) {
        for (let i = 0; i < 5; i++) {
          desk.change((page) => page.step());
          desk.live();
          desk.pass(30);
          desk.live();
        }
        // Every change that went out half is completed before the page rests.
        while (desk.page.records().some(({ shown }) => !shown)) desk.change((page) => page.step());
        desk.pass(3_000);
        t.same(sorted(desk.live()), sorted(desk.truth()), `seed ${seed}, round ${round}`);
      }
    }
  });

  t.test(`${one.shredder}: another layout, and back`, async (t) => {
    const desk = new Desk(one, 5);
    desk.pass(1_000);
    t.same(sorted(desk.live()), sorted(desk.truth()));
    desk.change((page) => page.setLayout('changed'));
    for (let i = 0; i < 50; i++) {
      desk.pass(20);
      const live = desk.live();
      if (i > 30 && one.changed === 'all SUSPECT') t.equal(live.size, 0);
      desk.change((page) => page.step());
    }
    while (desk.page.records().some(({ shown }) => !shown)) desk.change((page) => page.step());
    desk.pass(3_000);
    if (one.changed === 'all SUSPECT') {
      t.equal(desk.live().size, 0);
      t.ok(desk.drifts.length > 0);
    } else {
      t.same(sorted(desk.live()), sorted(desk.truth()), one.changed);
    }
    desk.change((page) => page.setLayout('usual'));
    desk.pass(3_000);
    while (desk.page.records().some(({ shown }) => !shown)) desk.change((page) => page.step());
    desk.pass(10_000);
    t.same(sorted(desk.live()), sorted(desk.truth()), 'as it was');
  });
}

for (const one of CASES) {
  t.test(`${one.shredder}: hours of ordinary changes are no drift, and nothing to be noticed`, async (t) => {
    for (const seed of [1, 2, 3]) {
      const desk = new Desk(one, seed);
      desk.pass(1_000);
      let live = 0;
      for (let i = 0; i < 4_000; i++) {
        desk.change((page) => page.step());
        // The other half of a change comes soon.
        for (desk.pass(30); desk.page.records().some(({ shown }) => !shown); desk.pass(30)) {
          desk.change((page) => page.step());
        }
        desk.change((page) => page.setClock(36_000 + desk.nowNs / SECOND));
        desk.pass(500);
        live += desk.live().size / desk.truth().size;
      }
      t.same(desk.drifts, [], `seed ${seed}`);
      t.same(desk.notices, [], `seed ${seed}: notices`);
      t.match(desk.shredding.status(), [{ match: 'match' }], `seed ${seed}`);
      t.ok(live > 0.9 * 4_000, `seed ${seed}: LIVE for ${((100 * live) / 4_000).toFixed(1)} % of the time`);
    }
  });
}

for (const one of CASES) {
  t.test(`${one.shredder}: a market of a hundred thousand changes stays one that its page has room for`, async (t) => {
    const plan = compileYaml(readFileSync(new URL(one.shredder, EXAMPLES), 'utf8'), one.shredder);
    const catalogue = new PageCatalogue(8, 4);
    const page = catalogue.page(catalogue.indexOf(`${one.style}0001`), 36_000);
    const shredder = new Shredder(plan, { today: 20_458, utcMs: 20_458 * 86_400_000 + 36_000_000 });
    // A value that jumps waits to be confirmed: what jumps is for its shredder to say.
    const isOdd = ({ code }: { code: string }): boolean => code !== 'MOVE_LIMIT';
    const odd = new Set<string>();
    for (let second = 0; second < 5_000; second++) {
      for (let i = 0; i < 20 || page.isHalf; i++) page.step();
      page.setClock(36_000 + second);
      const { alerts } = shredder.runWhole(page.page, second * SECOND);
      for (const { about, reasons } of alerts) {
        if (reasons.some(isOdd)) odd.add(`${about}: ${reasons.map(reasonText).join('; ')}`);
      }
    }
    t.same([...odd], []);
    t.equal(shredder.match, 'match');
  });
}

t.test('why: from an element back to the cells that it was read from', async (t) => {
  const desk = new Desk(CASES[0]!, 1);
  desk.pass(1_000);
  const why = desk.shredding.why('GBP', 'ASK') as {
    readonly from: { row: number; columns: [number, number]; raw: string }[];
  };
  const [ask] = desk
    .truth()
    .get('GBP')!
    .match(/(?<=ASK=).*/)!;
  t.match(why, {
    field: 'ask',
    dictionary: 'ASK',
    quality: 'LIVE',
    page: 'FXSP0001',
    shredder: 'majors-spot',
    version: 1,
  });
  t.match(String((why as unknown as { value: string }).value), new RegExp(`^${ask}0*$`));
  const [{ row, columns, raw }] = why.from as [{ row: number; columns: [number, number]; raw: string }];
  t.equal(desk.page.page.rowText(row).slice(columns[0], columns[1] + 1), raw, 'it stands there');
  t.throws(() => desk.shredding.why('ZZZ', 'ASK'), { code: 'PAGES_NO_ELEMENT' });
  t.throws(() => desk.shredding.why('GBP', 'TRDPRC_1'), { code: 'SHRED_NO_FIELD', message: /bid \(BID\)/ });
});

t.test('of a page that is not LIVE nothing is; what is made of it goes with it', async (t) => {
  const desk = new Desk(CASES[0]!, 1);
  desk.pass(1_000);
  const stale: QualityState = { quality: Quality.STALE, reason: 'vendor-says', detail: 'source lost' };
  desk.shredding.judged('FXSP0001', stale);
  t.ok([...desk.states.values()].every((state) => state === stale));
  desk.change((page) => page.step());
  desk.pass(1_000);
  t.equal(desk.live().size, 0);
  desk.shredding.judged('FXSP0001', LIVE);
  t.same(desk.live().size, desk.truth().size);
  desk.shredding.gone('FXSP0001');
  t.equal(desk.states.size, 0);
  desk.appear();
  desk.pass(1_000);
  t.equal(desk.live().size, desk.truth().size, 'when the page comes again, so do they');
});

t.test(
  'another version: values stay LIVE, fields that it has no more are taken away, and come back with the one before',
  async (t) => {
    const desk = new Desk(CASES[0]!, 1);
    desk.pass(1_000);
    const before = sorted(desk.live());
    const text = readFileSync(new URL('majors-spot.yaml', EXAMPLES), 'utf8').replace('version: 1', 'version: 2');
    // Only the bid, under another name, and in place of the ask.
    const other = text.replaceAll('dictionary: {bid: BID, ask: ASK', 'dictionary: {bid: ASK');
    const plan = compileYaml(other, 'majors-spot@2');
    const shown = (name: string): string[] =>
      ['BID', 'ASK', 'HIGH_1'].map((field) => {
        const value = desk.items.valuesOf(desk.items.rowOf(name)!).get(dictionary.fid(field)) ?? null;
        return value === null ? '-' : String(value.kind === 'decimal' ? value.value : value.value);
      });
    const [bid, , high] = shown('GBP');
    desk.updates = 0;
    desk.shredding.change(
      { kind: 'version', name: 'majors-spot', current: { plan, fingerprint: undefined }, shadow: undefined },
      desk.nowNs,
    );
    t.same(shown('GBP'), ['-', bid, high]);
    t.equal(desk.updates, before.length, 'each is told of once');
    t.ok([...desk.states.values()].every((state) => state === LIVE));
    t.match(desk.shredding.status(), [{ page: 'FXSP0001', shredder: 'majors-spot', version: 2 }]);
    t.match(desk.shredding.why('GBP', 'ASK'), { field: 'bid', version: 2 });
    desk.shredding.change({ kind: 'version', name: 'majors-spot', current: undefined, shadow: undefined }, desk.nowNs);
    t.same(sorted(desk.live()), before, 'without an approved version the one that it began with holds');
    desk.shredding.change(
      { kind: 'version', name: 'another', current: { plan, fingerprint: undefined }, shadow: undefined },
      desk.nowNs,
    );
    t.same(sorted(desk.live()), before, 'another one is nothing to it');
    desk.change((page) => page.step());
    desk.pass(3_000);
    desk.live();
  },
);

t.test('a handler that starts while a page says something else holds it against what was believed', async (t) => {
  const [, one] = CASES as [Case, Case];
  const usual = new Desk(one, 9);
  usual.pass(1_000);
  t.equal(usual.shredding.memories().size, 0, 'where limits are a help and no proof, nothing is kept');
  const edit = (text: string): string => text.replaceAll('apart: 0.375', 'apart: 0.375, confirm: never');
  const before = new Desk(one, 9, undefined, edit);
  before.pass(1_000);
  const memories = before.shredding.memories();
  t.same([...memories.keys()], ['DEPO0001']);
  const moved = new Map(
    [...memories].map(([page, memory]) => [
      page,
      JSON.parse(JSON.stringify(memory).replaceAll(/\["=(\d)/g, '["=9$1')) as typeof memory,
    ]),
  );
  const after = new Desk(one, 9, (page) => moved.get(page), edit);
  after.pass(1_000);
  t.equal(after.live().size, 0, 'all rates are far from what they were');
  t.ok([...after.states.values()].every(({ detail }) => detail.includes('MOVE_LIMIT')));
  const again = new Desk(one, 9, (page) => memories.get(page), edit);
  t.same(again.shredding.memories(), memories, 'until the page comes it is what was believed before');
  again.pass(1_000);
  t.equal(again.live().size, before.live().size);
});

t.test('what waits for a person is believed when one has looked', async (t) => {
  const [, one] = CASES as [Case, Case];
  const desk = new Desk(one, 9);
  desk.pass(1_000);
  // No rate may move by itself.
  const text = readFileSync(new URL(one.shredder, EXAMPLES), 'utf8')
    .replace('version: 1', 'version: 2')
    .replaceAll('apart: 0.375', 'apart: 0, confirm: never');
  const plan = compileYaml(text, 'offshore-deposits@2');
  desk.shredding.change(
    { kind: 'version', name: plan.name, current: { plan, fingerprint: undefined }, shadow: undefined },
    desk.nowNs,
  );
  const move = (): void => {
    for (let step = 0; step < 6; step++) {
      desk.change((page) => page.step());
      desk.pass(3_000);
    }
  };
  move();
  const all = desk.truth().size;
  const held = all - desk.live().size;
  t.ok(held > 0, `${held} of ${all} are held`);
  const accept = (name: string, page?: string): void =>
    desk.shredding.accept({ kind: 'accepted', name, page, by: 'bob' }, desk.nowNs);
  accept('another');
  accept(plan.name, 'DEPO0002');
  desk.pass(3_000);
  t.equal(desk.live().size, all - held, 'others, and other pages, are nothing to them');
  accept(plan.name, 'DEPO0001');
  t.equal(desk.live().size, all);
  move();
  t.ok(desk.live().size < all, 'and what it says next is held against that');
});

t.test('a version for another layout, approved after the page has changed', async (t) => {
  const [, one] = CASES as [Case, Case];
  const desk = new Desk(one, 5);
  desk.pass(1_000);
  desk.change((page) => page.setLayout('changed'));
  desk.pass(2_000);
  t.equal(desk.live().size, 0);
  const text = readFileSync(new URL(one.shredder, EXAMPLES), 'utf8').replace('version: 1', 'version: 2');
  const current = { plan: compileYaml(text, 'again'), fingerprint: undefined };
  desk.shredding.change({ kind: 'version', name: 'offshore-deposits', current, shadow: undefined }, desk.nowNs);
  desk.pass(2_000);
  t.equal(desk.live().size, 0, 'a version that reads it no better changes nothing');
  desk.change((page) => page.setLayout('usual'));
  while (desk.page.records().some(({ shown }) => !shown)) desk.change((page) => page.step());
  desk.pass(10_000);
  t.same(sorted(desk.live()), sorted(desk.truth()));
});

t.test('a version in shadow is compared and publishes nothing', async (t) => {
  const desk = new Desk(CASES[0]!, 1);
  desk.pass(1_000);
  const text = readFileSync(new URL('majors-spot.yaml', EXAMPLES), 'utf8');
  const load = (from: string, to: string) => ({
    plan: compileYaml(text.replace('version: 1', 'version: 2').replace(from, to), 'majors-spot@2'),
    fingerprint: undefined,
  });
  const shadow = (): unknown => desk.shredding.status()[0]!.shadow;
  const before = sorted(desk.live());
  desk.updates = 0;
  desk.shredding.change({ kind: 'version', name: 'majors-spot', current: undefined, shadow: load('', '') }, desk.nowNs);
  t.equal(desk.updates, 0);
  t.match(shadow(), { version: 2, match: 'match', same: before.length, different: 0, differences: [] });
  desk.change((page) => page.step());
  desk.pass(3_000);
  t.match(shadow(), { different: 0 }, 'it follows');
  desk.shredding.change(
    { kind: 'version', name: 'majors-spot', current: undefined, shadow: load('low: low', 'low: high') },
    desk.nowNs,
  );
  const report = shadow() as { readonly different: number; readonly differences: string[] };
  t.ok(report.different > 0);
  t.match(report.differences[0], /low .*, in shadow /);
  t.same(sorted(desk.live()), sorted(desk.truth()), 'what is published is the current one');
  desk.shredding.change({ kind: 'version', name: 'majors-spot', current: undefined, shadow: undefined }, desk.nowNs);
  t.equal(shadow(), undefined);
});
