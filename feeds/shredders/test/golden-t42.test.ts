// A week of packets: what is drawn of each transmission is shredded, mosaics and colours as they are.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { drawTeletext, TeletextDecoder } from '@tickerplant/pages';
import { shredPage } from '@tickerplant/shredder';
import { loadShredder } from '@tickerplant/shredders';
import { sharedDir } from '@tickerplant/testkit';
import t from 'tap';
import { readLines } from './teefax.ts';

const pages = sharedDir('pages');
const DAY_MS = 86_400_000;

interface Transmission {
  readonly ts: string;
  readonly page: string;
  readonly subpage: string;
}
interface Expected {
  readonly ts: string;
  readonly subpage: string;
  readonly title?: string;
  readonly temps?: Readonly<Record<string, number>>;
  readonly temperatureC?: number;
  readonly pressureHpa?: number;
  readonly pageTime?: string;
}

t.test('each transmission', { skip: pages === undefined && 'no ../shared/pages' }, (t) => {
  const list = <T>(name: string): T[] => readLines<T>(pages!, 'teefax', name);
  const transmissions = list<Transmission>('teefax-week.index.jsonl');
  const maps = list<Expected>('p401-weather-map.expected.jsonl');
  const station = list<Expected>('p531-weather-station.expected.jsonl');
  const at = (of: readonly Expected[], ts: string, subpage: string): Expected | undefined =>
    of.findLast((one) => one.ts <= ts && one.subpage === subpage);
  const map = loadShredder('teefax-map');
  const weather = loadShredder('teefax-weather');
  const wrong: string[] = [];
  const counts = { map: 0, weather: 0 };
  let next = 0;
  const decoder = new TeletextDecoder({
    onPage: (subpage) => {
      const { page, subpage: number, ts } = transmissions[next++]!;
      drawTeletext(subpage);
      const name = `${page}${number}`;
      if (page === '401') {
        const fields = shredPage(map, subpage.page).items[0]?.fields ?? {};
        const want = at(maps, ts, name)!;
        const temps = Object.entries(want.temps!).map(([place, value]) => [
          `t${place.replace(',', '_')}`,
          String(value),
        ]);
        if (fields.title !== want.title || temps.some(([place, value]) => fields[place!] !== value)) {
          wrong.push(`${ts} ${name}: ${JSON.stringify(fields)}`);
        }
        counts.map++;
      } else if (number === '01') {
        const today = Math.floor(Date.parse(ts) / DAY_MS);
        const fields = shredPage(weather, subpage.page, { today }).items[0]?.fields ?? {};
        const want = at(station, ts, name)!;
        const isSame =
          fields.pageTime === want.pageTime &&
          Number(fields.temperatureC) === want.temperatureC &&
          Number(fields.pressureHpa) === want.pressureHpa;
        if (!isSame) wrong.push(`${ts} ${name}: ${JSON.stringify(fields)}`);
        counts.weather++;
      }
    },
  });
  decoder.feed(readFileSync(join(pages!, 'teefax', 'teefax-week.t42')));
  decoder.end();
  t.strictSame(wrong.slice(0, 3), [], 'all values');
  t.strictSame(counts, { map: 326, weather: 7 }, 'transmissions');
  t.end();
});
