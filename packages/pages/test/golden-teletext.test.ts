// A week of two pages as a packet stream, against the rows that the editions had.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { encodeTeletext, encodeTeletextFiller, TeletextDecoder, TeletextPage } from '@tickerplant/pages';
import { sharedDir } from '@tickerplant/testkit';
import t from 'tap';

interface Edition {
  readonly ts: string;
  readonly rows: Readonly<Record<string, string>>;
  readonly removed?: readonly string[];
}

interface Transmission {
  readonly packet: number;
  readonly ts: string;
  readonly page: string;
  readonly subpage: string;
  readonly rows: readonly number[];
}

const pages = sharedDir('pages');
const skip = pages === undefined ? 'no ../shared/pages' : false;

function read(name: string): Buffer {
  return readFileSync(join(pages!, 'teefax', name));
}

function lines<T>(name: string): T[] {
  return read(name)
    .toString()
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as T);
}

/** The pages as they were at a time: rows by `40101/7`. */
function editionAt(editions: readonly Edition[], ts: string): Map<string, string> {
  const rows = new Map<string, string>();
  for (const edition of editions) {
    if (edition.ts > ts) break;
    for (const [key, row] of Object.entries(edition.rows)) rows.set(key, row);
    for (const key of edition.removed ?? []) rows.delete(key);
  }
  return rows;
}

t.test('every row after every transmission', { skip }, (t) => {
  const stream = read('teefax-week.t42');
  const editions = {
    '401': lines<Edition>('p401-weather-map.deltas.jsonl'),
    '531': lines<Edition>('p531-weather-station.deltas.jsonl'),
  };
  const transmissions = lines<Transmission>('teefax-week.index.jsonl');
  let next = 0;
  let wrong = 0;
  const decoder = new TeletextDecoder({
    onPage: (subpage) => {
      const transmission = transmissions[next++]!;
      const { page, ts } = transmission;
      if (subpage.name !== `${page}/00${transmission.subpage}`) wrong++;
      const rows = editionAt(editions[page as '401' | '531'], ts);
      for (let row = 1; row < 25; row++) {
        const sent = subpage.rowCodes(row) ?? ' '.repeat(40);
        const expected = (rows.get(`${page}${transmission.subpage}/${row}`) ?? '').padEnd(40);
        if (sent !== expected && wrong++ < 3) t.equal(sent, expected, `${subpage.name} row ${row} at ${ts}`);
      }
    },
  });
  for (let at = 0; at < stream.length; at += 1000) decoder.feed(stream.subarray(at, at + 1000));
  decoder.end();
  t.equal(next, 340, 'transmissions');
  t.equal(wrong, 0, 'rows that differ');
  t.equal(decoder.faults.total, 0);
  t.equal(decoder.pages.size, 4);
  for (const final of JSON.parse(read('teefax-week.final-pages.json').toString()) as {
    page: string;
    subpage: string;
    rows: Record<string, string>;
  }[]) {
    const subpage = [...decoder.pages.values()].find(({ name }) => name === `${final.page}/${final.subpage}`)!;
    for (let row = 0; row < 25; row++) {
      const expected = final.rows[row] ?? ' '.repeat(40);
      t.equal(subpage.rowCodes(row), expected, `${subpage.name} row ${row} in the end`);
    }
  }
  t.end();
});

t.test('the same packets come out of the encoder', { skip }, (t) => {
  const stream = read('teefax-week.t42');
  const states = new Map<string, TeletextPage>();
  const packets: Uint8Array[] = [];
  const decoder = new TeletextDecoder({
    onPage: (subpage) => {
      const before = subpage.flags.erase ? undefined : states.get(subpage.name);
      packets.push(encodeTeletext(subpage, before), encodeTeletextFiller(4, true));
      const copy = new TeletextPage(subpage.number, subpage.subcode);
      copy.codes.set(subpage.codes);
      states.set(subpage.name, copy);
    },
  });
  decoder.feed(stream);
  decoder.end();
  const again = new TeletextDecoder();
  again.feed(Buffer.concat(packets));
  again.end();
  t.equal(again.faults.total, 0);
  t.equal(again.pages.size, decoder.pages.size);
  for (const [key, subpage] of decoder.pages) t.same(again.pages.get(key)!.codes, subpage.codes, subpage.name);
  t.ok(Buffer.concat(packets).length <= stream.length, 'no more than was sent');
  t.end();
});
