// Pages rebuilt from captured packets: what is told of a moment was so at that moment, whatever the captures lack.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type CellRuns, digestPage, Page } from '@tickerplant/pages';
import fc from 'fast-check';
import t from 'tap';
import type {
  CaptureGap,
  HistoryChannel,
  HistoryPage,
  PageHistoryListener,
} from '../src/shred/history/page-history.ts';
import { PageHistory } from '../src/shred/history/page-history.ts';
import { readCaptures } from '../src/shred/history/read-captures.ts';
import { CapturedFloor, PLANT_NS, START_SECONDS, type TestPacket } from './captured-floor.ts';

/** Keeps what was told, and throws when it wasn't so. */
class Checker implements PageHistoryListener {
  readonly #floor: CapturedFloor;
  /** How much later everything was captured than it was. */
  readonly #lateNs: number;
  readonly known = new Map<string, { readonly page: HistoryPage; readonly copy: Page }>();
  readonly events: string[] = [];
  readonly gaps: CaptureGap[] = [];
  proofs = 0;

  constructor(floor: CapturedFloor, lateNs = floor.networks === 'trading' ? PLANT_NS : 0) {
    this.#floor = floor;
    this.#lateNs = lateNs;
  }

  onTime({ provenNs }: HistoryChannel, untilNs: number): void {
    this.proofs++;
    const [from, until] = [provenNs - this.#lateNs, untilNs - this.#lateNs];
    for (const [subject, { page }] of this.known) {
      const { history } = this.#truth(subject);
      const before = history.filter(({ atNs }) => atNs <= from).at(-1)!;
      const meanwhile = history.filter(({ atNs }) => atNs > from && atNs < until);
      if (meanwhile.length > 0)
        throw new Error(`${subject} changed between ${provenNs} and ${untilNs}: ${meanwhile[0]!.atNs}`);
      if (digestPage(page.page!) !== before.digest) throw new Error(`${subject} was another one until ${untilNs}`);
    }
  }

  onChanged(page: HistoryPage, changes: CellRuns, atNs: number): void {
    const { subject } = page;
    const shown = page.page!;
    const digest = digestPage(shown);
    if (!this.#truth(subject).history.some((one) => one.atNs <= atNs && one.digest === digest)) {
      throw new Error(`${subject} never was as it is told at ${atNs}`);
    }
    const before = this.known.get(subject)?.copy;
    const isTold = new Set<number>();
    for (let run = 0; run < changes.count; run++) {
      for (let column = changes.first(run); column < changes.end(run); column++) {
        isTold.add(changes.row(run) * shown.columns + column);
      }
    }
    for (let cell = 0; cell < shown.text.length; cell++) {
      const isSame = before !== undefined && shown.sameCell(cell, before);
      if (!isSame && !isTold.has(cell)) throw new Error(`${subject}: cell ${cell} changed untold at ${atNs}`);
    }
    const copy = new Page(shown.rows, shown.columns);
    copy.copyFrom(shown);
    this.known.set(subject, { page, copy });
    this.events.push(`${before === undefined ? 'image' : 'change'} ${subject}`);
  }

  onJudged({ subject, state }: HistoryPage): void {
    this.events.push(`judged ${subject} ${state.quality}`);
  }

  onUnknown({ subject }: HistoryPage, why: string): void {
    this.known.delete(subject);
    this.events.push(`unknown ${subject}: ${why}`);
  }

  onGone({ subject }: HistoryPage): void {
    this.known.delete(subject);
    this.events.push(`gone ${subject}`);
  }

  onGap(gap: CaptureGap): void {
    this.gaps.push(gap);
  }

  #truth(subject: string) {
    return this.#floor.pages.get(subject.slice('SCREEN.'.length))!;
  }
}

function read(
  floor: CapturedFloor,
  packets: readonly TestPacket[] = floor.inOrder(),
): { checker: Checker; history: PageHistory } {
  const checker = new Checker(floor);
  const history = new PageHistory(checker);
  let settledNs = 0;
  for (const { line, atNs, bytes } of packets) {
    history.packet(line, bytes, bytes.length, atNs);
    if (history.settledNs < settledNs) throw new Error('what was settled is settled');
    settledNs = history.settledNs;
  }
  history.finish();
  return { checker, history };
}

/** Some time on a floor with two pages. */
function lively(
  seed: number,
  steps: number,
  loss: CapturedFloor['loss'],
  networks: CapturedFloor['networks'] = 'both',
): CapturedFloor {
  const floor = new CapturedFloor(seed, undefined, networks);
  floor.add('FXSP0001');
  floor.add('METL0001');
  floor.pass(100);
  floor.loss = loss;
  for (let step = 0; step < steps; step++) {
    floor.change(step % 3 === 0 ? 'METL0001' : 'FXSP0001', (page) => page.step());
    floor.pass(step % 10 === 9 ? 1_500 : 5 * (step % 7));
    if (step % 40 === 39) floor.image('FXSP0001');
  }
  floor.loss = { feed: 0, trading: 0, both: 0 };
  floor.pass(5_000);
  return floor;
}

t.test('without loss: every change, and the page in the end, from one network or both', (t) => {
  for (const networks of ['both', 'feed', 'trading'] as const) {
    const floor = lively(1, 100, { feed: 0, trading: 0, both: 0 }, networks);
    const { checker, history } = read(floor);
    t.equal(checker.known.size, 2, networks);
    for (const [subject, { page }] of checker.known) {
      const { simulated, history: truth } = floor.pages.get(subject.slice('SCREEN.'.length))!;
      t.equal(digestPage(page.page!), digestPage(simulated.page));
      const told = checker.events.filter((event) => event.endsWith(subject)).length;
      t.equal(told, truth.length, 'each change is told');
    }
    t.ok(checker.proofs > 50);
    const [channel] = [...history.channels.values()];
    t.match({ lost: channel!.lost, unnamed: channel!.unnamed.size }, { lost: 0, unnamed: 0 });
    t.equal(channel!.lines.length, networks === 'both' ? 2 : 1, networks);
  }
  t.end();
});

t.test('what one network lacks the other one brings', (t) => {
  const floor = lively(2, 200, { feed: 0.3, trading: 0, both: 0 });
  const { checker } = read(floor);
  t.same(checker.gaps, []);
  t.equal(checker.known.size, 2);
  t.notOk(checker.events.some((event) => event.startsWith('unknown')));
  t.end();
});

t.test('property: whatever the captures lack, what is told was so', (t) => {
  let gaps = 0;
  fc.assert(
    fc.property(
      fc.nat(1_000_000),
      fc.constantFrom(0, 0.02, 0.3),
      fc.constantFrom(0, 0.05),
      fc.boolean(),
      (seed, feed, both, twice) => {
        const floor = lively(seed, 60, { feed, trading: feed, both }, twice ? 'both' : 'feed');
        const { checker } = read(floor);
        gaps += checker.gaps.length;
        for (const { from, to } of checker.gaps) if (from >= to) throw new Error('an empty gap');
      },
    ),
    { numRuns: 60, seed: 7 },
  );
  t.ok(gaps > 20, 'there were gaps in them');
  t.end();
});

t.test('a page of which messages are missing is unknown until its next image', (t) => {
  const floor = new CapturedFloor(3);
  floor.add('FXSP0001');
  floor.add('METL0001');
  floor.pass(1_000);
  const lostAt = floor.packets.length;
  floor.change('FXSP0001', (page) => page.step());
  floor.packets.splice(lostAt);
  floor.pass(100);
  floor.change('METL0001', (page) => page.step());
  floor.pass(3_000);
  floor.change('METL0001', (page) => page.step());
  floor.image('METL0001');
  floor.pass(2_000);
  const { checker } = read(floor);
  t.match(checker.gaps, [{ channel: 1, session: '0126010501' }]);
  t.equal(checker.gaps[0]!.to - checker.gaps[0]!.from, 1);
  const rest = checker.events.slice(checker.events.findIndex((event) => event.startsWith('unknown')));
  t.match(rest, [
    /^unknown SCREEN.FXSP0001: message \d+ is not in the capture/,
    /^unknown SCREEN.METL0001/,
    'image SCREEN.METL0001',
  ]);
  t.equal(rest.length, 3, 'changes before the image say nothing');
  t.same([...checker.known.keys()], ['SCREEN.METL0001']);
  t.end();
});

t.test('a new epoch: the pages go and come again; what their service says of them', (t) => {
  const floor = new CapturedFloor(4);
  floor.add('FXSP0001');
  floor.pass(100);
  floor.suspect('FXSP0001');
  floor.pass(100);
  floor.live('FXSP0001');
  floor.pass(100);
  floor.begin();
  floor.pass(1_500);
  const { checker, history } = read(floor);
  t.same(checker.events, [
    'image SCREEN.FXSP0001',
    'judged SCREEN.FXSP0001 2',
    'judged SCREEN.FXSP0001 0',
    'gone SCREEN.FXSP0001',
    'image SCREEN.FXSP0001',
  ]);
  t.equal([...history.channels.values()][0]!.session, '0126010502');
  t.end();
});

t.test('captures that begin late know no names; what is no channel is passed over', (t) => {
  const floor = new CapturedFloor(5);
  floor.add('FXSP0001');
  floor.pass(100);
  const late = floor.packets.length;
  floor.change('FXSP0001', (page) => page.step());
  floor.image('FXSP0001');
  floor.pass(2_000);
  const packets = floor.inOrder().filter((packet) => floor.packets.indexOf(packet) >= late);
  const noise = [new Uint8Array(0), new Uint8Array(64).fill(0x41), Uint8Array.from(packets[0]!.bytes.subarray(0, 30))];
  const { checker, history } = read(floor, [
    ...noise.map((bytes): TestPacket => ({ line: 'noise:1', atNs: 0, bytes })),
    ...packets,
  ]);
  t.same(checker.events, []);
  t.equal(history.counts.foreign, noise.length);
  t.equal(history.channels.get(1)!.unnamed.size, 1);
  t.end();
});

t.test('files: both networks at once, a day in pieces, packed, cut', async (t) => {
  const folder = t.testdir();
  const floor = lively(6, 60, { feed: 0.2, trading: 0, both: 0 });
  const packets = floor.inOrder();
  const lines = [...new Set(packets.map(({ line }) => line))];
  const half = Math.floor(packets.length / 2);
  const files: Readonly<Record<string, readonly TestPacket[]>> = {
    'feed.pcapng.gz': packets.filter(({ line }) => line === lines[0]),
    'trading.pcap': packets.filter(({ line }) => line !== lines[0]),
    'morning.pcapng': packets.slice(0, half),
    'evening.pcap.gz': packets.slice(half),
  };
  for (const [name, some] of Object.entries(files)) await floor.write(join(folder, name), some);
  const run = async (...names: string[]) => {
    const checker = new Checker(floor, names.includes('cut.pcap') ? PLANT_NS : 0);
    let begin = 0;
    const result = await readCaptures(
      names.map((name) => join(folder, name)),
      {
        start: ({ seconds }) => {
          begin = seconds;
          return checker;
        },
      },
    );
    return { checker, begin, ...result };
  };
  const direct = read(floor).checker.events;
  const networks = await run('trading.pcap', 'feed.pcapng.gz');
  t.same(networks.checker.events, direct);
  t.equal(networks.begin, START_SECONDS);
  t.equal(networks.history.counts.packets, packets.length);
  t.same((await run('morning.pcapng', 'evening.pcap.gz')).checker.events, direct);
  const bytes = readFileSync(join(folder, 'trading.pcap'));
  writeFileSync(join(folder, 'cut.pcap'), bytes.subarray(0, bytes.length - 7));
  const cut = await run('cut.pcap');
  t.match(cut.cut, [/cut\.pcap: /]);
  t.ok(cut.checker.events.length > 10);
  writeFileSync(join(folder, 'empty.pcap'), bytes.subarray(0, 24));
  await t.rejects(run('empty.pcap'), { code: 'SHRED_NO_PACKETS' });
  await t.rejects(run('none.pcap'), { code: 'CAPTURE_NOT_FOUND' });
});

t.test('a page whose message cannot be read is unknown; what comes out of order in an image too', (t) => {
  const floor = new CapturedFloor(8);
  floor.add('FXSP0001');
  floor.pass(100);
  const at = floor.packets.length;
  floor.change('FXSP0001', (page) => page.step());
  // A run that goes on beyond the page.
  for (const { bytes } of floor.packets.slice(at)) bytes[bytes.length - 1] = 0xc1;
  floor.pass(100);
  const { checker } = read(floor);
  t.match(checker.events, ['image SCREEN.FXSP0001', /^unknown SCREEN.FXSP0001: expected/]);
  t.end();
});
