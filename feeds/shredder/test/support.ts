// A small shredder and its page, both made up, for tests of the engine.
import {
  type ColumnSource,
  compile,
  type Plan,
  pageFromText,
  type ShredderSource,
  type TableSource,
} from '@tickerplant/shredder';

export type Page = ReturnType<typeof pageFromText>;

const COLUMNS: Readonly<Record<string, ColumnSource>> = {
  name: { letter: 'n', type: { enum: ['ELM', 'OAK', 'ASH', 'FIR', 'YEW'] } },
  quote: {
    letter: 'q',
    type: { quote: { order: 'bid-offer', decimals: 2, sides: 'full' } },
    marks: { '-': 'not-quoted' },
  },
  high: { letter: 'h', type: { price: { decimals: 2 } } },
};

export const TABLE: TableSource = {
  header: { row: '1..2', lines: ['TREE   BID/ASK        HIGH'], follow: 2 },
  rows: '+1..+7',
  until: '----',
  ruler: 'nnnnn  qqqqqqqqqqqqq  hhhhhh',
  columns: COLUMNS,
  key: 'name',
  keys: ['ELM', 'OAK', 'ASH', 'FIR', 'YEW'],
  status: 'quote',
  guards: [
    { that: 'quote.bid < quote.ask', name: 'sides' },
    { that: 'quote.ask - quote.bid <= 1', name: 'spread', else: 'hold' },
    'quote.ask <= high',
  ],
  moves: [{ of: 'quote.bid', within: '10%' }],
  fields: { name: 'name', bid: 'quote.bid', ask: 'quote.ask', high: 'high' },
  dictionary: { bid: 'BID', ask: 'ASK', high: 'HIGH_1' },
};

export const SOURCE: ShredderSource = {
  shredder: 'trees',
  page: 'TREES',
  size: '12x40',
  version: 1,
  anchors: { name: { text: 'TREES', row: 0, column: 0 } },
  tables: { trees: TABLE },
  ignore: [{ rows: 9 }],
  settle: { quietMs: 10, atMostMs: 100 },
};

export const PLAN: Plan = compile(SOURCE);

export const ROWS: readonly string[] = [
  'TREES',
  'TREE   BID/ASK        HIGH',
  '',
  'ELM    10.10/10.20    10.50',
  'OAK    20.10/20.20    20.50',
  'ASH    30.10/30.20    30.50',
  'FIR    40.10/40.20    40.50',
  'YEW    -',
  '----------------------------------------',
];

export function pageOf(rows: readonly string[] = ROWS): Page {
  return pageFromText(rows.join('\n'), 12, 40);
}

/** A page with some rows replaced. */
export function withRows(changes: Readonly<Record<number, string>>): string[] {
  return ROWS.map((row, at) => changes[at] ?? row);
}
