// A captured page can be looked at as it was at any moment, with the age of each cell.
import { type CellRuns, Page } from '@tickerplant/pages';
import t from 'tap';
import type { HistoryPage } from '../src/shred/history/page-history.ts';
import { PageHistory } from '../src/shred/history/page-history.ts';
import { PageRecording } from '../src/shred/history/page-recording.ts';
import { CapturedFloor } from './captured-floor.ts';

/** Keeps a copy of everything beside the recording: slow and simple. */
class Slow extends PageRecording {
  readonly copies: { readonly page: Page; readonly changedNs: number[]; readonly atNs: number }[] = [];

  override onChanged(page: HistoryPage, changes: CellRuns, atNs: number): void {
    const before = this.count;
    super.onChanged(page, changes, atNs);
    if (this.count === before) return;
    const copy = new Page(page.page!.rows, page.page!.columns);
    copy.copyFrom(page.page!);
    const last = this.copies.at(-1);
    const isNew = last === undefined || this.at(this.count - 2).unknown !== undefined;
    const changedNs = Array.from(copy.text, (_, cell) => {
      if (isNew) return Number.NaN;
      return copy.sameCell(cell, last.page) ? last.changedNs[cell]! : atNs;
    });
    this.copies.push({ page: copy, changedNs, atNs });
  }
}

t.test('each moment as it was; the age of its cells', (t) => {
  const floor = new CapturedFloor(1);
  floor.add('FXSP0001');
  floor.add('METL0001');
  floor.pass(100);
  for (let i = 0; i < 900; i++) {
    // Some are lost: the page is unknown then until its next image.
    floor.loss = { feed: 0.2, trading: 0, both: i === 300 ? 1 : 0 };
    floor.change(i % 9 === 0 ? 'METL0001' : 'FXSP0001', (page) => page.step());
    floor.pass(i % 50 === 49 ? 3_000 : 25);
    if (i === 400) floor.change('FXSP0001', (page) => page.setLayout('changed'));
    if (i % 100 === 99) floor.image('FXSP0001');
  }
  floor.loss = { feed: 0, trading: 0, both: 0 };
  floor.pass(3_000);
  const slow = new Slow('SCREEN.FXSP0001');
  const history = new PageHistory(slow);
  for (const { line, atNs, bytes } of floor.inOrder()) history.packet(line, bytes, bytes.length, atNs);
  history.finish();
  t.ok(slow.count > 520, `so many moments that they are kept in pieces: ${slow.count}`);
  let unknown = 0;
  let copy = -1;
  // Backwards and forwards, as somebody steps.
  const seen = Array.from({ length: slow.count }, (_, moment) => slow.at(slow.count - 1 - moment)).reverse();
  for (const moment of seen) {
    if (moment.unknown !== undefined) {
      unknown++;
      t.match(moment.unknown, /not in the capture/);
      continue;
    }
    const { page, changedNs, atNs } = slow.copies[++copy]!;
    if (moment.atNs !== atNs) t.fail(`${moment.atNs} for ${atNs}`);
    for (let cell = 0; cell < page.text.length; cell++) {
      if (!page.sameCell(cell, moment.page)) t.fail(`cell ${cell} at ${atNs}`);
      if (!Object.is(changedNs[cell], moment.changedNs[cell])) t.fail(`age of cell ${cell} at ${atNs}`);
    }
  }
  t.equal(copy, slow.copies.length - 1);
  t.equal(unknown, 1);
  for (const at of [0, 1, 255, 256, 257, slow.count - 1]) {
    t.equal(slow.momentAt(seen[at]!.atNs), at);
    t.equal(slow.momentAt(seen[at]!.atNs - 1), Math.max(0, at - 1));
  }
  t.end();
});
