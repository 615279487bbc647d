import assert from 'node:assert/strict';
import fc from 'fast-check';
import t from 'tap';
import { COLD_START_MS, HEARTBEAT_MS, TAKEOVER_MS, ToyFloor, UNFIT_MS } from './floor.ts';

const MS = 1_000_000;

t.test('started together, the lowest rank becomes primary, once', async (t) => {
  const floor = new ToyFloor(3);
  floor.run(COLD_START_MS - 2);
  t.same(floor.primaries, []);
  floor.run(300);
  t.same(floor.primaries, [0]);
  t.same(
    floor.nodes.map(({ promotions }) => promotions.length),
    [1, 0, 0],
  );
  t.match(floor.nodes[0]!.promotions, [
    { term: 1, reason: 'cold-start', from: undefined, lastHeardNs: -1, fit: false },
  ]);
  t.same(
    floor.nodes.map(({ member }) => member.primary),
    [0, 0, 0],
  );
});

t.test('one that is alone waits no longer than a cold start', async (t) => {
  const floor = new ToyFloor(1);
  floor.run(COLD_START_MS + 1);
  t.same(floor.primaries, [0]);
});

t.test('the best fit standby takes over when the limit has passed, and no sooner', async (t) => {
  const floor = new ToyFloor(3);
  floor.settle();
  floor.kill(0);
  const killedMs = floor.nowMs;
  floor.run(TAKEOVER_MS - HEARTBEAT_MS - 1);
  t.same(floor.primaries, []);
  floor.run(HEARTBEAT_MS + 3);
  t.same(floor.primaries, [1]);
  const [promotion] = floor.nodes[1]!.promotions;
  t.match(promotion, { term: 2, reason: 'silent', from: 0, fit: true });
  t.ok(promotion!.nowNs / MS - killedMs <= TAKEOVER_MS + 1);
  t.ok(promotion!.lastHeardNs / MS >= killedMs - HEARTBEAT_MS);
  floor.run(200);
  t.equal(floor.nodes[2]!.promotions.length, 0, 'its heartbeat stopped the next one');
});

t.test('a standby that is not fit leaves it to one that is, whatever its rank', async (t) => {
  const floor = new ToyFloor(3);
  floor.settle();
  floor.member(1).setFit(false);
  floor.run(20);
  floor.kill(0);
  floor.run(TAKEOVER_MS + 3 * HEARTBEAT_MS);
  t.same(floor.primaries, [2]);
});

t.test('where nobody is fit, the lowest rank goes after a long wait: a short pause is better than doubt', async (t) => {
  const floor = new ToyFloor(3);
  floor.run(100);
  floor.kill(0);
  floor.run(UNFIT_MS - HEARTBEAT_MS - 2);
  t.same(floor.primaries, []);
  floor.run(4 * HEARTBEAT_MS);
  t.same(floor.primaries, [1]);
  t.match(floor.nodes[1]!.promotions, [{ fit: false }]);
});

t.test('a primary that says it can not do its work is replaced at once', async (t) => {
  const floor = new ToyFloor(2);
  floor.settle();
  floor.member(0).setFit(false);
  floor.run(2 * HEARTBEAT_MS);
  t.same(floor.primaries, [1]);
  t.match(floor.nodes[1]!.promotions, [{ reason: 'unfit', from: 0 }]);
  t.match(floor.nodes[0]!.stepDowns, [{ to: 1, term: 2 }]);
  floor.member(1).setFit(false);
  floor.run(100);
  t.same(floor.primaries, [1], 'nobody else is fit: it does what it can');
});

t.test('a hand-over needs no wait', async (t) => {
  const floor = new ToyFloor(3);
  floor.settle();
  t.equal(floor.member(1).handOver(floor.nowMs * MS), undefined, 'it is not primary');
  t.equal(floor.member(0).handOver(floor.nowMs * MS, 2), 2);
  floor.beat(0);
  floor.run(1);
  t.same(floor.primaries, [2]);
  t.match(floor.nodes[2]!.promotions, [{ reason: 'handover', from: 0, term: 2 }]);
  floor.run(200);
  t.same(floor.primaries, [2]);
});

t.test('a hand-over whose word is lost ends as a silence', async (t) => {
  const floor = new ToyFloor(2);
  floor.settle();
  floor.member(0).handOver(floor.nowMs * MS);
  floor.lossOf = () => true;
  floor.run(HEARTBEAT_MS);
  floor.lossOf = () => false;
  floor.run(TAKEOVER_MS + 4 * HEARTBEAT_MS);
  t.equal(floor.primaries.length, 1);
});

t.test('there is nobody to hand over to', async (t) => {
  const floor = new ToyFloor(2);
  floor.run(100);
  t.equal(floor.member(0).handOver(floor.nowMs * MS), undefined);
  t.same(floor.primaries, [0]);
});

t.test('a primary that was stopped gives way when it goes on', async (t) => {
  const floor = new ToyFloor(2);
  floor.settle();
  floor.nodes[0]!.paused = true;
  floor.run(2_000);
  t.same(floor.primaries, [0, 1], 'the stopped one does not know yet');
  floor.nodes[0]!.paused = false;
  floor.run(HEARTBEAT_MS);
  t.same(floor.primaries, [1]);
  floor.member(0).setFit(true);
  floor.run(500);
  t.same(floor.primaries, [1], 'and does not take it back');
});

t.test('a standby that was stopped itself does not take that for silence', async (t) => {
  const floor = new ToyFloor(2);
  floor.settle();
  floor.nodes[1]!.paused = true;
  floor.run(500);
  floor.nodes[1]!.paused = false;
  floor.run(200);
  t.same(floor.primaries, [0]);
  t.ok(floor.member(1).counters.stalls > 0);
});

t.test('one that is not fit takes no time for silence in which it could not hear', async (t) => {
  const floor = new ToyFloor(2);
  floor.run(100);
  t.equal(floor.member(1).fit, false);
  // It takes a large state over, say; what its socket cannot hold is lost.
  floor.nodes[1]!.paused = true;
  floor.cuts.add('0 1');
  floor.run(5 * UNFIT_MS);
  floor.nodes[1]!.paused = false;
  floor.run(UNFIT_MS / 2);
  t.same(floor.primaries, [0]);
  floor.cuts.delete('0 1');
  floor.run(2 * UNFIT_MS);
  t.same(floor.primaries, [0]);
  floor.kill(0);
  floor.nodes[1]!.paused = true;
  floor.run(UNFIT_MS);
  floor.nodes[1]!.paused = false;
  floor.run(UNFIT_MS - 2 * HEARTBEAT_MS);
  t.same(floor.primaries, []);
  floor.run(6 * HEARTBEAT_MS);
  t.same(floor.primaries, [1], 'a silence that it did hear counts');
});

t.test(
  'one that is not fit does not begin while the channels are seen to go on; a fit one takes over all the same',
  async (t) => {
    const floor = new ToyFloor(2);
    floor.run(100);
    // It has heard of the primary, and hears it no more; the plants say that they get what it publishes.
    floor.cuts.add('0 1');
    const seen = (): void => floor.member(1).signOfLife(floor.nowMs * MS);
    floor.run(5 * UNFIT_MS, seen);
    t.same(floor.primaries, [0]);
    floor.run(UNFIT_MS - 2);
    t.same(floor.primaries, [0]);
    floor.run(4 * HEARTBEAT_MS);
    t.same(floor.primaries, [1], 'when nothing goes on, it begins');
    const fit = new ToyFloor(2);
    fit.settle();
    fit.cuts.add('0 1');
    fit.run(100, () => fit.member(1).signOfLife(fit.nowMs * MS));
    t.same(fit.primaries, [1], 'what it sends is the same');
  },
);

t.test('a pause is not counted twice', async (t) => {
  const floor = new ToyFloor(2);
  floor.run(100);
  floor.kill(0);
  const { member } = floor.nodes[1]!;
  floor.nodes[1]!.paused = true;
  floor.run(3 * UNFIT_MS);
  floor.nodes[1]!.paused = false;
  // What waits in its socket is read before the clock is.
  member.signOfLife(floor.nowMs * MS);
  floor.run(UNFIT_MS + 4 * HEARTBEAT_MS);
  t.same(floor.primaries, [1]);
});

t.test('cut apart, both speak; together again, the higher term does', async (t) => {
  const floor = new ToyFloor(2);
  floor.settle();
  for (const way of ['0 1', '1 0']) floor.cuts.add(way);
  floor.run(100);
  t.same(floor.primaries, [0, 1]);
  floor.cuts.clear();
  floor.run(2 * HEARTBEAT_MS);
  t.same(floor.primaries, [1]);
});

t.test('heard one way only: the primary hears of the other and gives way', async (t) => {
  const floor = new ToyFloor(2);
  floor.settle();
  floor.cuts.add('0 1');
  floor.run(100);
  t.same(floor.primaries, [1]);
});

t.test('heartbeats with its own rank, or one that there is not, count for nothing', async (t) => {
  const floor = new ToyFloor(2);
  floor.settle();
  for (const rank of [0, 7]) {
    floor.member(0).heard({ rank, term: 99, state: 'primary', fit: true }, floor.nowMs * MS);
  }
  t.same(floor.primaries, [0]);
  t.equal(floor.member(0).counters.strangers, 2);
});

const ACTIONS = ['kill', 'restart', 'pause', 'resume', 'cut', 'heal', 'fit', 'unfit', 'handover'] as const;

t.test('after any faults there is one primary, and all know it', async () => {
  const step = fc.record({
    action: fc.constantFrom(...ACTIONS),
    rank: fc.nat(2),
    other: fc.nat(2),
    ms: fc.integer({ min: 1, max: 120 }),
  });
  fc.assert(
    fc.property(
      fc.integer({ min: 2, max: 3 }),
      fc.array(step, { maxLength: 40 }),
      fc.infiniteStream(fc.nat(99)),
      (members, steps, noise) => {
        const floor = new ToyFloor(members);
        const chance = (): number => noise.next().value ?? 0;
        floor.lossOf = () => chance() < 10;
        floor.delayMsOf = () => (chance() < 20 ? 1 + (chance() % 12) : 0);
        const terms = floor.nodes.map(() => 0);
        const check = (): void => {
          floor.nodes.forEach(({ member, running }, rank) => {
            if (!running) return;
            assert.ok(member.term >= terms[rank]!, `term of ${rank} went from ${terms[rank]} to ${member.term}`);
            terms[rank] = member.term;
          });
        };
        for (const { action, rank: wanted, other, ms } of steps) {
          const rank = wanted % members;
          const node = floor.nodes[rank]!;
          if (action === 'kill') floor.kill(rank);
          if (action === 'restart' && !node.running) {
            floor.restart(rank);
            terms[rank] = 0;
          }
          if (action === 'pause') node.paused = true;
          if (action === 'resume') node.paused = false;
          if (action === 'cut') floor.cuts.add(`${rank} ${other % members}`);
          if (action === 'heal') floor.cuts.clear();
          if (action === 'fit') node.member.setFit(true);
          if (action === 'unfit') node.member.setFit(false);
          if (action === 'handover' && node.running) floor.member(rank).handOver(floor.nowMs * MS);
          floor.run(ms, check);
        }
        floor.lossOf = () => false;
        floor.delayMsOf = () => 0;
        floor.cuts.clear();
        floor.nodes.forEach((node, rank) => {
          node.paused = false;
          if (!node.running) {
            floor.restart(rank);
            terms[rank] = 0;
          }
        });
        floor.run(UNFIT_MS + 200, check);
        assert.equal(floor.primaries.length, 1, `primaries ${floor.primaries.join(', ')}`);
        for (const { member } of floor.nodes) assert.equal(member.primary, floor.primaries[0]);
      },
    ),
    { numRuns: 300 },
  );
});

t.test('who took over needlessly is more patient next time, for a while', async (t) => {
  const floor = new ToyFloor(2);
  floor.settle();
  /** Stops the primary for so long. @returns whether the other one has taken over. */
  const stop = (ms: number): boolean => {
    const primary = floor.primaries[0]!;
    const other = floor.member(1 - primary);
    const before = other.counters.promotions;
    floor.nodes[primary]!.paused = true;
    floor.run(ms);
    floor.nodes[primary]!.paused = false;
    floor.run(10 * HEARTBEAT_MS);
    for (const { member } of floor.nodes) member.setFit(true);
    floor.run(10 * HEARTBEAT_MS);
    return other.counters.promotions > before;
  };
  t.ok(stop(2 * TAKEOVER_MS), 'the first time');
  t.equal(floor.member(1).counters.needless, 1);
  t.ok(stop(2 * TAKEOVER_MS), 'the other one had no reason yet');
  t.notOk(stop(TAKEOVER_MS + 4), 'now both wait longer');
  t.ok(stop(5 * TAKEOVER_MS), 'but not for ever');
  floor.run(20_000);
  t.ok(stop(TAKEOVER_MS + 4), 'after a quiet while it is as it was');
});

t.test('one that was really dead makes nobody more patient', async (t) => {
  const floor = new ToyFloor(2);
  floor.settle();
  floor.kill(0);
  floor.run(100);
  floor.restart(0);
  floor.run(100);
  t.same(floor.primaries, [1]);
  t.equal(floor.member(1).counters.needless, 0);
});
