// Sources that can't be: every problem with its place and what was expected. Both surfaces make the same plan.
import { readFileSync } from 'node:fs';
import { enumeration, quote } from '@tickerplant/page-values';
import { compile, compileYaml, defineShredder, ShredderError, type ShredderSource, table } from '@tickerplant/shredder';
import t from 'tap';
import { SOURCE, TABLE } from './support.ts';

const label = enumeration({ values: ['ELM', 'OAK'] });

const YAML = `shredder: trees
page: TREES
size: 12x40
version: 1
anchors:
  name: {text: TREES, row: 0, column: 0}
tables:
  trees:
    header: {row: 1..2, lines: ["TREE   BID/ASK        HIGH"], follow: 2}
    rows: +1..+7
    until: "----"
    ruler: "nnnnn  qqqqqqqqqqqqq  hhhhhh"
    columns:
      name: {letter: n, type: {enum: [ELM, OAK, ASH, FIR, YEW]}}
      quote: {letter: q, type: {quote: {order: bid-offer, decimals: 2, sides: full}}, marks: {"-": not-quoted}}
      high: {letter: h, type: {price: {decimals: 2}}}
    key: name
    keys: [ELM, OAK, ASH, FIR, YEW]
    status: quote
    guards:
      - {that: quote.bid < quote.ask, name: sides}
      - {that: quote.ask - quote.bid <= 1, name: spread, else: hold}
      - quote.ask <= high
    moves: [{of: quote.bid, within: 10%}]
    fields: {name: name, bid: quote.bid, ask: quote.ask, high: high}
    dictionary: {bid: BID, ask: ASK, high: HIGH_1}
ignore: [{rows: 9}]
settle: {quietMs: 10, atMostMs: 100}
`;

/** A plan without what can't be compared. */
function plain(plan: object): unknown {
  return JSON.parse(
    JSON.stringify(plan, (_, value) =>
      value instanceof Map || value instanceof Set ? [...value] : typeof value === 'bigint' ? `${value}n` : value,
    ),
  );
}

t.test('YAML and TypeScript make the same plan', async (t) => {
  t.strictSame(plain(compileYaml(YAML, 'trees.yaml')), plain(compile(defineShredder(SOURCE))));
});

t.test('problems name line, column and key, and say what was expected', async (t) => {
  const problems = (text: string): string[] => {
    try {
      compileYaml(text, 'x.yaml');
    } catch (error) {
      if (error instanceof ShredderError) return error.message.split('\n');
      throw error;
    }
    return [];
  };
  const edited = (from: string, to: string): string[] => {
    if (!YAML.includes(from)) throw new Error(`nothing to edit: ${from}`);
    return problems(YAML.replace(from, to));
  };
  const cases: readonly (readonly [string, string, RegExp])[] = [
    ['status: quote', 'statsu: quote', /^x\.yaml:19:5 tables\.trees\.statsu: unknown key: did you mean status\?$/],
    [
      'quote.bid < quote.ask',
      'quote.bud < quote.ask',
      /:21:16 .*guards\[0\]\.that: expected a part of quote, got "bud": did you mean bid\?/,
    ],
    ['key: name', 'key: nme', /:17:10 tables\.trees\.key: expected a column, got "nme": did you mean name\?/],
    ['letter: q', 'letter: z', /quote\.letter: expected a letter of the ruler, got "z"/],
    ['type: {price: {decimals: 2}}', 'type: {prize: {decimals: 2}}', /high\.type: .*prize/],
    ['bid: BID,', 'bid: BDI,', /dictionary\.bid: expected a field of the dictionary, got "BDI": did you mean BID\?/],
    ['bid: BID,', 'bid: DSPLY_NAME,', /expected a field for decimal values, got DSPLY_NAME/],
    ['row: 0, column: 0', 'row: 99, column: 0', /anchors\.name\.row: expected numbers from 0 to 11, got 99/],
    ['rows: +1..+7', 'rows: 9..4', /tables\.trees\.rows: expected rows such as/],
    ['nnnnn  qqqq', 'nnnnn nqqqq', /ruler: expected each letter in one piece/],
    ['page: TREES\n', '', /page: missing: expected the name of the page/],
    ['quote.ask <= high', 'quote.ask <= high +', /guards\[2\]: expected a number, a column\.part or a bracket/],
    ['quote.ask <= high', 'quote.ask', /expected a comparison/],
    ['within: 10%', 'within: a lot', /moves\[0\]\.within: expected a number such as/],
    ['of: quote.bid, within', 'of: quote.bud, within', /moves\[0\]\.of: expected a part of quote, got "bud"/],
    ['within: 10%', 'apart: 1, within: 10%', /moves\[0\]\.apart: expected either within or apart/],
    ['within: 10%', 'confirm: seldom', /moves\[0\]\.confirm: expected a number of images, or never/],
    [
      'moves: [',
      'sums: [{of: [high], total: ELM, plus: [OAK, ASHH]}]\n    moves: [',
      /sums\[0\]: expected a key or a symbol, got "ASHH": did you mean ASH\?/,
    ],
  ];
  for (const [from, to, expected] of cases) t.match(edited(from, to).join('\n'), expected, `${from} → ${to}`);
  t.match(problems('a: [').join('\n'), /not valid YAML/);
  t.match(problems('').join('\n'), /expected a block of keys/);
});

t.test('a table in TypeScript knows its own columns and fields', async (t) => {
  const columns = {
    name: { letter: 'n', type: label },
    quote: { letter: 'q', type: quote({ order: 'bid-offer' }) },
  } as const;
  const rest = { rows: '1..4', ruler: 'nnn  qqqqq', key: 'name', columns };
  const trees = table({ ...rest, fields: { name: 'name', bid: 'quote.bid' }, dictionary: { bid: 'BID' } });
  t.equal(compile({ ...SOURCE, tables: { trees } }).tables[0]!.fields.length, 2);
  // @ts-expect-error: there is no such column.
  const noColumn = table({ ...rest, fields: { bid: 'qoute.bid' } });
  t.throws(() => compile({ ...SOURCE, tables: { noColumn } }));
  // @ts-expect-error: there is no such field.
  const noField = table({ ...rest, fields: { bid: 'quote.bid' }, dictionary: { ask: 'ASK' } });
  t.throws(() => compile({ ...SOURCE, tables: { noField } }));
});

t.test('TypeScript sources have their problems by key', async (t) => {
  const source: ShredderSource = { ...SOURCE, tables: { trees: { ...TABLE, status: 'quot' } } };
  t.throws(() => compile(source), {
    code: 'SHRED_INVALID',
    message: /trees tables\.trees\.status: expected a column, got "quot"/,
  });
  t.throws(() => compile({ ...SOURCE, tables: {} }), /expected at least one table/);
});

t.test('no regular expression runs on the text of pages', async (t) => {
  // Rows, cells, shapes and guards are read by hand-written scanners; a pattern in their files would be a way to hang.
  for (const file of [
    'rows',
    'row-reader',
    'table-reader',
    'page-reader',
    'geometry',
    'cells',
    'shape',
    'fields',
    'expression',
    'custom',
  ]) {
    const text = readFileSync(new URL(`../../src/${file}.ts`, import.meta.url), 'utf8');
    const code = text.split('\n').filter((line) => !line.trim().startsWith('//') && !line.trim().startsWith('*'));
    t.notMatch(code.join('\n'), /new RegExp|\.match\(\/|\.test\(|\.replace\(\//, file);
  }
});
