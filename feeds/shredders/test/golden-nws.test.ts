// Weather bulletins: every expected record, and nothing of layouts that only look alike.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pageFromText, type ShreddedItem, shredPage } from '@tickerplant/shredder';
import { loadShredder } from '@tickerplant/shredders';
import { sharedDir } from '@tickerplant/testkit';
import t from 'tap';

const pages = sharedDir('pages');
const skip = pages === undefined && 'no ../shared/pages';
const json = (file: string): unknown => JSON.parse(readFileSync(join(pages!, 'nws', file), 'utf8'));

/** What is LIVE of a bulletin: without the control bytes that frame it on its way, lines ended by one line feed. */
function live(shredder: string, file: string): ShreddedItem[] {
  const plan = loadShredder(shredder);
  const bytes = readFileSync(join(pages!, 'nws', file), 'latin1');
  const text = [...bytes].filter((letter) => letter === '\n' || letter >= ' ').join('');
  const { items } = shredPage(plan, pageFromText(text, plan.rows, plan.columns));
  return items.filter(({ quality }) => quality === 'LIVE');
}

interface Climate {
  readonly station: string;
  readonly date: string;
  readonly records: readonly Readonly<Record<string, string | number>>[];
  readonly arithmeticGuardFailures?: readonly string[];
}

const LAYOUTS = ['nws-cli', 'nws-cli-estimated'];
/** The bulletins of the layout with the wider flag; all others are of the usual one, or of none. */
const WIDER = new Set(['CLI-CLIRDU.txt']);

t.test('climate reports', { skip }, (t) => {
  let records = 0;
  let held = 0;
  for (const [file, { station, date, ...expected }] of Object.entries(
    json('cli.expected.json') as Record<string, Climate>,
  )) {
    const [own, other] = WIDER.has(file) ? [...LAYOUTS].reverse() : LAYOUTS;
    const found = live(own!, file);
    t.strictSame(
      live(other!, file).filter(({ subject }) => !/REPORT|precip/.test(subject)),
      [],
      `${file}: not of the other layout`,
    );
    if (expected.records.length === 0) {
      t.strictSame(found, [], `${file}: another layout gives nothing`);
      continue;
    }
    const title = found.find(({ subject }) => subject.endsWith('.REPORT'))?.fields.title;
    t.equal(title, `...THE ${station} CLIMATE SUMMARY FOR ${date}...`);
    const got = found
      .filter(({ subject }) => !subject.endsWith('.REPORT'))
      .map(({ subject, fields }) => {
        const { observed, observedMark, flag, lastYear, lastYearMark, record, recordMark, ...others } = fields;
        return {
          item: subject.split('.')[1]!.replaceAll('_', ' '),
          observed: observedMark ?? observed,
          ...(typeof flag === 'string' ? { flag: flag[0]!.toUpperCase() } : {}),
          ...others,
          ...(record === undefined ? {} : { record: recordMark ?? record }),
          lastYear: lastYearMark ?? lastYear,
        };
      });
    // A row of which the departure isn't what was observed less the normal can't be believed, whichever of the three is wrong.
    const contradicted = new Set((expected.arithmeticGuardFailures ?? []).map((text) => text.split(':')[0]));
    const want = expected.records.filter(({ item }) => !contradicted.has(String(item)));
    held += expected.records.length - want.length;
    const plain = (rows: readonly object[]): string[] =>
      rows.map((row) => JSON.stringify(Object.entries(row).sort(([a], [b]) => (a < b ? -1 : 1)))).sort();
    t.strictSame(plain(got), plain(want.map(({ line: _, raw: __, ...fields }) => fields)), file);
    records += got.length;
  }
  t.equal(records, 44);
  t.equal(held, 1, 'contradicts itself');
  t.end();
});

t.test('a forecast grid', { skip }, (t) => {
  const expected = json('mos.expected.json') as Record<
    string,
    { station: string; rows: Record<string, (number | null)[]> }
  >;
  for (const [file, { station, rows }] of Object.entries(expected)) {
    const found = live('nws-mos-nbs', file);
    const report = found.find(({ subject }) => subject.endsWith('.REPORT'));
    t.strictSame(report?.fields, { station, date: '2021-04-07', time: '12:00' });
    const got = Object.fromEntries(
      found
        .filter((item) => item !== report)
        .map(({ subject, fields }) => [
          subject.split('.')[1]!,
          rows.FHR!.map((hour) => {
            const value = fields[`h${String(hour).padStart(2, '0')}`];
            return value === undefined ? null : Number(value);
          }),
        ]),
    );
    t.strictSame(got, rows, file);
  }
  for (const file of readdirSync(join(pages!, 'nws')).filter(
    (name) => name.startsWith('MOS-') && !(name in expected),
  )) {
    t.strictSame(live('nws-mos-nbs', file), [], `${file}: another version gives nothing`);
  }
  t.end();
});

t.test('a table of stations', { skip }, (t) => {
  const expected = json('rtp.expected.json') as Record<string, { records: Record<string, unknown>[] }>;
  for (const [file, { records }] of Object.entries(expected)) {
    const got = live('nws-rtp-dtx', file).map(({ fields: { at8pm, at8pmMark, ...fields } }) => ({
      ...fields,
      at8pm: at8pmMark ?? at8pm,
    }));
    t.same(
      got,
      records.map(({ line: _, raw: __, ...fields }) => fields),
      file,
    );
    t.equal(got.length, 22);
  }
  t.strictSame(live('nws-rtp-dtx', 'SHEF-RTPBOU.txt'), [], 'of another office nothing');
  t.end();
});

t.test('no bulletin of another kind is taken for one of these', { skip }, (t) => {
  const files = readdirSync(join(pages!, 'nws')).filter((name) => /^(CF6|DSM|LSR|METAR)-/.test(name));
  t.ok(files.length >= 12);
  for (const file of files) {
    for (const shredder of [...LAYOUTS, 'nws-mos-nbs', 'nws-rtp-dtx']) {
      t.strictSame(live(shredder, file), [], `${file} as ${shredder}`);
    }
  }
  t.end();
});
