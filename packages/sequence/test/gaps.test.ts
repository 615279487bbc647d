import fc from 'fast-check';
import t from 'tap';
import { type Answers, GapList } from '../src/gaps.ts';

const ranges = (gaps: GapList): string[] =>
  Array.from({ length: gaps.length }, (_, i) => {
    const { from, to, askedNs, parked } = gaps.at(i);
    return `${from}-${to}${askedNs >= 0 ? ` asked at ${askedNs}` : ''}${parked ? ' parked' : ''}`;
  });

function list(...gaps: [from: number, to: number, openedNs?: number][]): GapList {
  const made = new GapList(() => {});
  for (const [from, to, openedNs = 0] of gaps) made.add(from, to, openedNs);
  return made;
}

t.test('shape - a gap is cut to what one request asks for', async (t) => {
  const gaps = list([10, 100]);
  gaps.shape(0, 64);
  t.same(ranges(gaps), ['10-74', '74-100']);
  gaps.shape(1, 64);
  t.same(ranges(gaps), ['10-74', '74-100']);
});

t.test('shape - gaps that follow directly are asked for together', async (t) => {
  const gaps = list([10, 12, 50], [12, 20, 40], [20, 30, 60], [31, 40, 0]);
  gaps.shape(0, 15);
  t.same(ranges(gaps), ['10-25', '25-30', '31-40']);
  t.equal(gaps.at(0).openedNs, 40, 'and wait no longer than the oldest may');
  gaps.shape(1, 15);
  t.same(ranges(gaps), ['10-25', '25-30', '31-40'], 'but not across what has come');
});

t.test('shape - a gap already asked for is not asked for twice', async (t) => {
  const gaps = list([10, 12], [12, 20]);
  gaps.at(1).askedNs = 5;
  gaps.shape(0, 15);
  t.same(ranges(gaps), ['10-12', '12-20 asked at 5']);
});

t.test('park - only what was asked for, and the attempt does not count', async (t) => {
  const gaps = list([10, 12], [14, 20], [22, 30]);
  Object.assign(gaps.at(1), { askedNs: 5, attempts: 2 });
  gaps.park(11, 23);
  t.same(ranges(gaps), ['10-12', '14-20 parked', '22-30']);
  t.equal(gaps.at(1).attempts, 1);
});

t.test('add - dropped ranges join each other, and nothing else', async (t) => {
  const gaps = list([10, 12], [12, 14, -1], [16, 18, -1], [14, 16, -1], [20, 22, -1], [18, 20, -1], [22, 23]);
  t.same(ranges(gaps), ['10-12', '12-22 parked', '22-23']);
});

// The model is a set of missing numbers.
t.test('agrees with a set of numbers', async () => {
  const step = fc.record({
    kind: fc.constantFrom('add', 'park', 'fill', 'fill', 'shape'),
    from: fc.nat(100),
    count: fc.integer({ min: 1, max: 30 }),
    answers: fc.constantFrom<Answers>('none', 'single', 'many'),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const model = new Set<number>();
      const closed = new Set<number>();
      const gaps = new GapList((from, to) => {
        for (let seq = from; seq < to; seq++) closed.add(seq);
      });
      for (const [now, { kind, from, count, answers }] of steps.entries()) {
        const numbers = Array.from({ length: count }, (_, i) => from + i);
        const overlap = numbers.filter((seq) => model.has(seq)).length;
        if (gaps.missingIn(from, from + count) !== overlap) return false;
        if ((kind === 'add' || kind === 'park') && overlap === 0) {
          gaps.add(from, from + count, kind === 'park' ? -1 : now);
          for (const seq of numbers) model.add(seq);
        } else if (kind === 'fill') {
          closed.clear();
          const expected = numbers.filter((seq) => model.delete(seq));
          if (gaps.fill(from, from + count, answers, now) !== expected.length) return false;
          if (expected.some((seq) => !closed.has(seq)) || closed.size !== expected.length) return false;
        } else if (kind === 'shape' && gaps.length > 0) {
          const index = from % gaps.length;
          if (gaps.at(index).askedNs >= 0) continue;
          gaps.shape(index, count);
          if (gaps.at(index).to - gaps.at(index).from > count) return false;
          gaps.at(index).askedNs = now;
        }
        const listed: number[] = [];
        let last = -1;
        for (let i = 0; i < gaps.length; i++) {
          const gap = gaps.at(i);
          if (gap.from < last || gap.to <= gap.from) return false;
          last = gap.to;
          for (let seq = gap.from; seq < gap.to; seq++) listed.push(seq);
        }
        if (listed.length !== model.size || gaps.missing !== model.size) return false;
        if (listed.some((seq) => !model.has(seq))) return false;
      }
      return true;
    }),
    { numRuns: 1000 },
  );
});
