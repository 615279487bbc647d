import t from 'tap';
import { PageCatalogue, type StyleName } from '../src/index.ts';
import { linesOf, readPage, sameValue } from './page-readers.ts';

// What the simulated pages show is what they say is true: read by readers that know the looks only.

const NOON = 43_200;

t.setTimeout(120_000);

t.test('a page shows what is true, except while a change has gone out half', (t) => {
  const catalogue = new PageCatalogue(80, 7);
  const torn = new Map<StyleName, number>();
  for (const index of catalogue.names.keys()) {
    const style = catalogue.styleOf(index);
    const page = catalogue.page(index, NOON);
    for (let step = 0; step < 400; step++) {
      const found = readPage(style, page.page);
      const records = page.records();
      if (found.length !== records.length) t.equal(found.length, records.length, `${page.name}: as many records`);
      records.forEach(({ shown, values }, i) => {
        if (!shown) torn.set(style, (torn.get(style) ?? 0) + 1);
        for (const [key, value] of shown ? Object.entries(values) : []) {
          if (sameValue(found[i]![key], value)) continue;
          t.fail(`${page.name} step ${step} record ${i} ${key}: true ${value}, shown ${found[i]![key]}`, {
            lines: linesOf(page.page),
          });
        }
      });
      page.step();
      page.setClock(NOON + 7 * step);
    }
  }
  t.same([...torn.keys()].sort(), ['BOND', 'FXSP', 'METL', 'TSYS'], 'the two-sided pages are torn now and then');
  t.end();
});

t.test('a torn update shows a quote that is neither the old nor the new one', (t) => {
  const page = new PageCatalogue(8, 3).page(0, NOON);
  let half = 0;
  for (let step = 0; step < 500; step++) {
    const before = page.records();
    page.step();
    const shown = readPage('FXSP', page.page);
    page.records().forEach((record, i) => {
      // One that was withdrawn until now comes back with both its sides changed.
      if (record.shown || before[i]!.values.ask === null) return;
      half++;
      t.equal(shown[i]!.bid, record.values.bid, 'the new bid');
      const ask = String(shown[i]!.ask);
      t.equal(ask.slice(-2), String(before[i]!.values.ask).slice(-2), 'and the last digits of the old ask');
    });
  }
  t.ok(half > 10);
  t.end();
});

t.test('the same seed makes the same page, another one another', (t) => {
  const run = (seed: number): string[] => {
    const catalogue = new PageCatalogue(8, seed);
    return catalogue.names.flatMap((_, index) => {
      const page = catalogue.page(index, NOON);
      for (let i = 0; i < 50; i++) page.step();
      return linesOf(page.page);
    });
  };
  t.same(run(1), run(1));
  t.notSame(run(1), run(2));
  t.end();
});

t.test('a changed layout is told by nothing but the page, and can be taken back', (t) => {
  const catalogue = new PageCatalogue(8, 5);
  const looks: Record<StyleName, (lines: readonly string[]) => string> = {
    FXSP: (lines) => lines[2]!.slice(33, 47),
    DEPO: (lines) => lines[5]!.slice(10, 28).replace(/\d/g, '9'),
    TSYS: (lines) => lines[2]!.slice(28, 62),
    SWAP: (lines) => lines[6]!.slice(4, 8),
    BOND: (lines) => lines[2]!.slice(32, 52),
    METL: (lines) => lines[1]!.trim(),
    NEWS: (lines) => lines[2]!.slice(0, 13),
    INDX: (lines) => (/[+-]/.test(lines.slice(4, 12).join('')) ? 'signs' : 'no signs'),
  };
  const expected: Record<StyleName, [usual: string, changed: string]> = {
    FXSP: ['LOC  BID/ASK  ', '  LOC  BID/ASK'],
    DEPO: ['', '9.9999-9.9999     '],
    TSYS: ['BID       ASK      CHG     BID YLD', 'PRICE     OFFER    CHG     YIELD  '],
    SWAP: ['2Y  ', '18M '],
    BOND: ['BID       OFFER     ', 'OFFER     BID       '],
    METL: ['USD PER TONNE', 'US CENTS PER LB'],
    NEWS: ['TIME   CODE  ', 'DATE/TIME    '],
    INDX: ['signs', 'no signs'],
  };
  for (const index of catalogue.names.keys()) {
    const style = catalogue.styleOf(index);
    const page = catalogue.page(index, NOON);
    const usual = linesOf(page.page);
    const truth = page.records();
    page.setLayout('changed');
    const changed = linesOf(page.page);
    if (style !== 'DEPO') t.equal(looks[style](usual), expected[style][0], style);
    t.equal(looks[style](changed), expected[style][1], style);
    t.same(page.records(), truth, 'the truth is the same');
    page.setLayout('usual');
    t.same(linesOf(page.page), usual);
  }
  t.end();
});

t.test('no row is longer than the page: nothing true is cut off', (t) => {
  const catalogue = new PageCatalogue(80, 11);
  for (const index of catalogue.names.keys()) {
    const page = catalogue.page(index, NOON);
    page.setLayout('changed');
    for (let i = 0; i < 100; i++) page.step();
    for (const line of linesOf(page.page)) t.equal(line.length, 80);
  }
  t.end();
});
