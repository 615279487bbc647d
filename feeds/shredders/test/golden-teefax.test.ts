// A weather station's page in 702 editions of six years: its values, and which editions were too old when they were sent.
import { Shredder, shredPage } from '@tickerplant/shredder';
import { loadShredder } from '@tickerplant/shredders';
import { sharedDir } from '@tickerplant/testkit';
import t from 'tap';
import { blankPage, editions, putSubpage, readLines } from './teefax.ts';

const pages = sharedDir('pages');
const DAY_MS = 86_400_000;
const MS_NS = 1_000_000;
const NUMBERS = ['temperatureC', 'humidityPct', 'windMph', 'rainMm', 'pressureHpa', 'cloudBaseM'];
const TEXTS = ['pageTime', 'windDir', 'pressureTrend', 'forecastTime', 'forecast'];

interface Expected {
  readonly n: number;
  readonly subpage: string;
  readonly stale: boolean;
  readonly [field: string]: unknown;
}

t.test('the weather station', { skip: pages === undefined && 'no ../shared/pages' }, (t) => {
  const expected = readLines<Expected>(pages!, 'teefax', 'p531-weather-station.expected.jsonl');
  const page = blankPage();
  let shredder: Shredder | undefined;
  let startMs = 0;
  let index = 0;
  let live = 0;
  const wrong: string[] = [];
  for (const edition of editions(pages!, 'teefax', 'p531-weather-station.deltas.jsonl')) {
    const want = expected[index++]!;
    const atMs = Date.parse(edition.ts);
    if (shredder === undefined) {
      startMs = atMs;
      shredder = new Shredder(loadShredder('teefax-weather'), { utcMs: startMs });
    }
    shredder.today = Math.floor(atMs / DAY_MS);
    putSubpage(page, edition, want.subpage);
    shredder.runWhole(page, (atMs - startMs) * MS_NS);
    const [item] = [...shredder.items()];
    if ((item?.quality === 'LIVE') === want.stale)
      wrong.push(`${want.n}: ${item?.quality} ${JSON.stringify(item?.reasons)}`);
    if (item?.quality !== 'LIVE') continue;
    live++;
    const texts = TEXTS.map((name) => item.fields.get(name)?.text ?? null);
    const numbers = NUMBERS.map((name) => {
      const text = item.fields.get(name)?.text;
      return typeof text === 'string' ? Number(text) : null;
    });
    const got = JSON.stringify([...texts, ...numbers]);
    // Directions and trends are names, as flags have them.
    const named = {
      ...want,
      windDir: String(want.windDir).toLowerCase(),
      pressureTrend: String(want.pressureTrend).replaceAll(' ', '-'),
    };
    const should = JSON.stringify([...TEXTS, ...NUMBERS].map((name) => (named as Expected)[name]));
    if (got !== should) wrong.push(`${want.n}: ${got} is not ${should}`);
  }
  t.strictSame(wrong, [], 'all values, and nothing of the editions that were too old');
  t.equal(index, 702, 'editions');
  t.equal(live, 693, 'of which LIVE');
  t.end();
});

t.test('the weather map', { skip: pages === undefined && 'no ../shared/pages' }, (t) => {
  const expected = readLines<{ subpage: string; title: string; temps: Record<string, number> }>(
    pages!,
    'teefax',
    'p401-weather-map.expected.jsonl',
  );
  const plan = loadShredder('teefax-map');
  const page = blankPage();
  const wrong: string[] = [];
  let index = 0;
  let temperatures = 0;
  for (const edition of editions(pages!, 'teefax', 'p401-weather-map.deltas.jsonl')) {
    for (const subpage of ['40101', '40102']) {
      const want = expected[index++]!;
      putSubpage(page, edition, subpage);
      const { items } = shredPage(plan, page);
      const fields = items[0]?.quality === 'LIVE' ? items[0].fields : {};
      const temps: Record<string, number> = {};
      for (const [name, value] of Object.entries(fields))
        if (name !== 'title') temps[name.slice(1).replace('_', ',')] = Number(value);
      const inOrder = (of: Record<string, number>): string => JSON.stringify(Object.entries(of).sort());
      if (fields.title !== want.title || inOrder(temps) !== inOrder(want.temps)) {
        wrong.push(`${edition.ts} ${subpage}: ${JSON.stringify(fields)} ${items[0]?.reason}`);
      }
      temperatures += Object.keys(temps).length;
    }
  }
  t.strictSame(wrong, [], 'every temperature of every edition');
  t.equal(temperatures, 652 * 11, 'temperatures');
  t.end();
});
