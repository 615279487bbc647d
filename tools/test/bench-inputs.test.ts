// What the benchmarks of pages measure: their inputs are what they say.
import { AnsiDecoder, Page, TELETEXT_PACKET_BYTES } from '@tickerplant/pages';
import { shredPage } from '@tickerplant/shredder';
import { loadShredder } from '@tickerplant/shredders';
import t from 'tap';
import { simulatedAnsi } from '../src/bench/parts/ansi-updates.ts';
import { PagePackets, packetNumber } from '../src/bench/parts/page-packets.ts';
import { fixtureSteps, rulesOf, type ShredSteps, simulatedSteps } from '../src/bench/parts/shred-steps.ts';
import { generatedTeletext, simulatedTeletext } from '../src/bench/parts/teletext-packets.ts';

t.test('rules are counted as docs/benchmarks.md has them', (t) => {
  t.same(rulesOf(loadShredder('fx-spot-composite')), { columns: 11, guards: 12, total: 23, ofRow: 16 });
  t.same(rulesOf(loadShredder('broker-bond-page')), { columns: 8, guards: 14, total: 22, ofRow: 22 });
  t.same(rulesOf(loadShredder('us-treasuries-32nds')), { columns: 11, guards: 9, total: 20, ofRow: 15 });
  t.end();
});

/** Whether all that a page shows is LIVE after each step, and what the page is in the end. */
function play({ plan, base, today, updates }: ShredSteps): { readonly bad: number; readonly page: Page } {
  const page = new Page(base.rows, base.columns);
  page.copyFrom(base);
  const decoder = new AnsiDecoder(page);
  let bad = 0;
  for (const update of updates) {
    const rows = new Set<number>();
    decoder.message(update, (row) => rows.add(row));
    const { items } = shredPage(plan, page, today === undefined ? {} : { today });
    if (rows.size !== 1 || items.some(({ quality }) => quality !== 'LIVE')) bad++;
  }
  return { bad, page };
}

t.test('steps of fixtures change one row each, leave all LIVE, and lead back', (t) => {
  for (const name of ['fx-spot-composite', 'broker-bond-page', 'ntv-indices']) {
    const steps = fixtureSteps(name, 20);
    t.equal(steps.updates.length, 20, name);
    const { bad, page } = play(steps);
    t.equal(bad, 0, `${name}: all LIVE`);
    t.same(page.text, steps.base.text, `${name}: back again`);
  }
  t.end();
});

t.test("steps of the simulated service's page as well", (t) => {
  const steps = simulatedSteps('majors-spot.yaml', 'FXSP', 2_000);
  t.ok(steps.updates.length > 400, `${steps.updates.length}`);
  const { bad, page } = play(steps);
  t.equal(bad, 0, 'all LIVE');
  t.same(page.text, steps.base.text, 'back again');
  t.end();
});

t.test('ANSI updates: each changes its page, and rows are counted', (t) => {
  const { bases, updates, pageOf, rows } = simulatedAnsi(500, 16);
  const decoders = bases.map((base) => {
    const decoder = new AnsiDecoder(new Page(25, 80));
    decoder.message(base);
    return decoder;
  });
  let changed = 0;
  for (const [i, update] of updates.entries()) {
    const seen = new Set<number>();
    decoders[pageOf[i]!]!.message(update, (row) => seen.add(row));
    changed += seen.size;
  }
  t.equal(changed, rows);
  t.end();
});

t.test('teletext: rows are counted, headers are not', (t) => {
  const { pieces, rows } = generatedTeletext(240, 4);
  t.equal(pieces.length, 10);
  t.equal(
    rows,
    pieces.reduce((sum, piece) => sum + piece.length / TELETEXT_PACKET_BYTES - 1, 0),
  );
  const simulated = simulatedTeletext(500, 16);
  t.ok(simulated.rows > 400 && simulated.rows * TELETEXT_PACKET_BYTES < simulated.bytes);
  t.end();
});

t.test('packets of the broadcast are numbered in turn', (t) => {
  const packets = new PagePackets(8);
  const turns = [packets.whole(), packets.deltas(50), packets.whole(), packets.deltas(50)];
  const all = turns.flat().map(packetNumber);
  t.same(
    all,
    all.map((_, i) => all[0]! + i),
  );
  t.ok(turns[2]!.length > 8, 'all pages are sent whole again');
  t.end();
});
