// What rows say is held against what they said before.
import { compile, type Plan, Shredder, type ShredderMemory, type TableSource } from '@tickerplant/shredder';
import t from 'tap';
import { pageOf, SOURCE } from './support.ts';

const QUIET_NS = 10_000_000;

/** Shares with a price, the change since yesterday and a state; each may be blank. */
const SHARES: TableSource = {
  rows: '1..6',
  ruler: 'nnnnn  pppppp  cccccc  sssss',
  columns: {
    name: { letter: 'n', type: { text: { length: '1..5' } } },
    price: { letter: 'p', align: 'right', type: { price: { decimals: 2 } } },
    change: { letter: 'c', align: 'right', optional: true, isolated: true, type: { change: { decimals: 2 } } },
    state: { letter: 's', optional: true, type: { text: { length: '1..5' } } },
  },
  key: 'name',
  fields: { price: 'price', change: 'change', state: 'state' },
};

function planOf(table: Partial<TableSource>): Plan {
  return compile({ ...SOURCE, tables: { shares: { ...SHARES, ...table } } });
}

const LAST_CLOSE = planOf({
  moves: [{ name: 'last close', of: 'price - or(change, 0)', or: 'price', apart: 0, confirm: 'never' }],
});

const DAY = ['ELM     10.20   +0.20', 'OAK     20.00', 'ASH     30.10   -0.40'];

/** Reads pages one after the other, each at once and once more when it has stood, and says what is LIVE or why not. */
class Reader {
  readonly shredder: Shredder;
  #nowNs = 0;
  #page = pageOf([]);

  constructor(plan: Plan, memory?: ShredderMemory) {
    this.shredder = new Shredder(plan, { memory });
  }

  read(lines: readonly string[]): string[] {
    this.#page = pageOf(['TREES', ...lines]);
    this.#nowNs += QUIET_NS;
    this.shredder.runWhole(this.#page, this.#nowNs);
    return this.shown();
  }

  /** The page stands for as many settle times. */
  stand(times: number): string[] {
    for (let time = 0; time < times; time++) {
      this.#nowNs += QUIET_NS;
      this.shredder.run(this.#page, [], this.#nowNs);
    }
    return this.shown();
  }

  approve(): string[] {
    this.shredder.approve(this.#page, this.#nowNs);
    return this.shown();
  }

  shown(): string[] {
    return [...this.shredder.items()].map(({ subject, quality, fields, reasons }) => {
      const value = [...fields.values()].map(({ text }) => text ?? '').join(' ');
      const why = reasons.map(({ code, facts }) => [code, ...Object.values(facts)].join(' ')).join('; ');
      return `${subject.slice('TREES.'.length)} ${quality === 'LIVE' ? value : why}`.trim();
    });
  }
}

t.test('the close that price and change imply stays what it was', async (t) => {
  const reader = new Reader(LAST_CLOSE);
  t.strictSame(reader.read(DAY), ['ELM 10.20 0.20', 'OAK 20.00', 'ASH 30.10 -0.40']);
  t.strictSame(
    reader.read(['ELM     10.35   +0.35', 'OAK     19.00   -1.00', 'ASH     30.50']),
    ['ELM 10.35 0.35', 'OAK 19.00 -1.00', 'ASH 30.50'],
    'however far the price goes; no change is a change of nothing',
  );
  const slipped = ['ELM     19.00   -1.00', 'OAK     30.50', 'ASH     30.50   +0.40'];
  const held = [
    'ELM MOVE_LIMIT last close TREES.ELM 20 10',
    'OAK MOVE_LIMIT last close TREES.OAK 30.5 20',
    'ASH MOVE_LIMIT last close TREES.ASH 30.1 30.5',
  ];
  t.match(reader.read(slipped), held);
  t.ok(
    reader.stand(20).every((line) => line.includes('MOVE_LIMIT')),
    'however long it stands there',
  );
  t.strictSame(reader.read(DAY).slice(0, 2), ['ELM 10.20 0.20', 'OAK 20.00'], 'until it is right again');
});

t.test('on a new day the last price is the last close', async (t) => {
  const reader = new Reader(LAST_CLOSE);
  reader.read(DAY);
  t.strictSame(reader.read(['ELM     10.10   -0.10', 'OAK     21.00   +1.00', 'ASH     30.10']), [
    'ELM 10.10 -0.10',
    'OAK 21.00 1.00',
    'ASH 30.10',
  ]);
  t.match(reader.read(['ELM     10.10   +0.10', 'OAK     21.00   +1.00', 'ASH     30.10'])[0], /^ELM MOVE_LIMIT/);
});

t.test('a person can say that it is right', async (t) => {
  const reader = new Reader(LAST_CLOSE);
  reader.read(DAY);
  reader.read(['ELM      5.10', 'OAK     20.00', 'ASH     30.10   -0.40']);
  t.strictSame(reader.approve()[0], 'ELM 5.10');
  t.strictSame(
    reader.read(['ELM      5.20   +0.10', 'OAK     20.00', 'ASH     30.10   -0.40'])[0],
    'ELM 5.20 0.10',
    'and it is remembered',
  );
});

t.test('a change that is refused is not no change', async (t) => {
  const reader = new Reader(LAST_CLOSE);
  reader.read(DAY);
  t.strictSame(
    reader.read(['ELM     11.00   +?.20', 'OAK     20.00', 'ASH     30.10   -0.40'])[0]!.slice(0, 9),
    'ELM 11.00',
  );
});

t.test('readings may be off by what they say; only where they say so', async (t) => {
  const moves = [{ of: 'price', apart: '0.5 * given(state)', when: '1 - has(change)' }];
  const reader = new Reader(planOf({ moves }));
  reader.read(['ELM     10.00          about', 'OAK     20.00', 'ASH     30.00   +1.00']);
  t.match(
    reader.read(['ELM     10.40', 'OAK     20.10', 'ASH     35.00   +1.00']),
    ['ELM 10.40', /^OAK MOVE_LIMIT/, 'ASH 35.00 1.00'],
    'of two readings the larger counts; a move with a condition is none where it does not hold',
  );
  t.match(reader.read(['ELM     10.90', 'OAK     20.00', 'ASH     35.00']), [
    /^ELM MOVE_LIMIT/,
    'OAK 20.00',
    'ASH 35.00',
  ]);
});

t.test('texts that change must be seen twice', async (t) => {
  const reader = new Reader(planOf({ moves: [{ of: 'state' }] }));
  const before = ['ELM     10.20   +0.20  open', 'OAK     20.00          open', 'ASH     30.10   -0.40'];
  reader.read(before);
  const after = ['ELM     10.20   +0.20  open', 'OAK     20.00          shut', 'ASH     30.10   -0.40  open'];
  t.match(reader.read(after), ['ELM 10.20 0.20 open', /^OAK MOVE_LIMIT.*shut open/, /^ASH MOVE_LIMIT/]);
  t.match(reader.stand(1), ['ELM 10.20 0.20 open', 'OAK 20.00 shut', 'ASH 30.10 -0.40 open']);
  t.match(reader.read(before)[2], /^ASH MOVE_LIMIT/, 'a text that is gone has changed');
});

t.test('a key that was not there at first must be seen twice', async (t) => {
  const reader = new Reader(planOf({ newKeys: 2 }));
  t.strictSame(reader.read(DAY).length, 3, 'at first none of them was');
  const more = [...DAY, 'FIR     40.00'];
  t.strictSame(reader.read(more).at(-1), 'FIR KEY_NEW TREES.FIR');
  t.strictSame(reader.stand(1).at(-1), 'FIR 40.00');
  t.strictSame(reader.read([...DAY, 'YEW     50.00']).at(-1), 'YEW KEY_NEW TREES.YEW');
  t.strictSame(reader.approve().at(-1), 'YEW 50.00', 'or a person has seen it');
  const all = ['BAY      1.00', 'BOX      2.00', 'FIG      3.00', 'LIME     4.00'];
  t.match(
    reader.read(all),
    all.map(() => /KEY_NEW/),
  );
  t.strictSame(reader.stand(1), ['BAY 1.00', 'BOX 2.00', 'FIG 3.00', 'LIME 4.00'], 'all of them new is no jump of all');
});

t.test('limits by what a panel sets', async (t) => {
  const plan = planOf({
    ruler: 'nnnnn  pppppp  cccccc',
    columns: { name: SHARES.columns.name!, price: SHARES.columns.price!, change: SHARES.columns.change! },
    panels: [{ shift: 0, set: { ccy: 'JPY' } }],
    key: ['name', 'ccy'],
    fields: { price: 'price' },
    moves: [{ of: 'price', within: { default: '10%', JPY: '60%' } }],
  });
  const reader = new Reader(plan);
  reader.read(['ELM      1.00']);
  t.match(reader.read(['ELM      1.50'])[0], /1\.50$/);
  t.match(reader.read(['ELM      3.00'])[0], /MOVE_LIMIT/);
});

t.test('another version remembers by name what its own moves ask for', async (t) => {
  const table = { keys: ['ELM', 'OAK', 'ASH'] };
  const price = { name: 'price', of: 'price', within: '10%' };
  const close = { name: 'last close', of: 'price - or(change, 0)', or: 'price', apart: 0, confirm: 'never' } as const;
  const reader = new Reader(planOf({ ...table, moves: [price, close] }));
  reader.read(DAY);
  const next = planOf({ ...table, moves: [close, price] });
  reader.shredder.replace({ ...next, version: 2 }, undefined, pageOf(['TREES', ...DAY]), QUIET_NS);
  t.strictSame(reader.shown(), ['ELM 10.20 0.20', 'OAK 20.00', 'ASH 30.10 -0.40'], 'a close is no price');
  t.match(reader.read(['ELM     10.90   +0.10', ...DAY.slice(1)])[0], /^ELM MOVE_LIMIT last close/);
});

t.test('what it remembers can be kept while it does not run', async (t) => {
  const moves = [
    { name: 'last close', of: 'price - or(change, 0)', or: 'price', apart: 0, confirm: 'never' } as const,
    { of: 'state' },
  ];
  const plan = planOf({ moves, newKeys: 2 });
  const before = new Reader(plan);
  t.equal(before.shredder.memory, undefined, 'nothing at first');
  before.read(['ELM     10.20   +0.20  open', 'OAK     20.00', 'ASH     30.10   -0.40']);
  const memory = JSON.parse(JSON.stringify(before.shredder.memory)) as ShredderMemory;
  t.strictSame(new Reader(plan, memory).shredder.memory, undefined, 'what was recalled is not on a page yet');
  const after = new Reader(plan, memory);
  t.strictSame(after.shown(), [], 'and nothing is said of it');
  t.match(after.read(['ELM     10.20   -0.20  open', 'OAK     20.00', 'ASH     30.20   -0.30', 'FIR     40.00']), [
    /^ELM MOVE_LIMIT last close/,
    'OAK 20.00',
    'ASH 30.20 -0.30',
    /^FIR KEY_NEW/,
  ]);
  const other = new Reader(planOf({ moves: [{ of: 'price', within: '1%' }] }), memory);
  t.equal(other.read(['ELM     50.00'])[0], 'ELM 50.00', 'of other moves it says nothing');
  const rest = new Reader(planOf({ moves: [{ of: 'price', within: '1%' }] }), { tables: {} });
  t.equal(rest.read(['ELM     50.00'])[0], 'ELM 50.00');
});
