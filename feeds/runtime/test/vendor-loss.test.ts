import type { VendorProgress } from '@tickerplant/status';
import t, { type Test } from 'tap';
import { judgeAsPrimary, judgeAsStandby, type LossPeer } from '../src/loss-agreement.ts';
import {
  contradictions,
  HandlerPair,
  type PairedHandler,
  runningPair,
  SETTLE_MS,
  UNFIT_MS,
  VendorSession,
} from './member-pair.ts';

// Vendor messages that are lost for good, on one side of a pair or on both: one number never stands for two contents.

const LOST = { from: 5, to: 8 };
/** Longer than a receiver asks for what is missing, and longer than a member waits for the other's word. */
const GIVEN_UP_MS = 3_000;
const WAITED_MS = 8_000;

t.test('a primary goes on without messages when all who could go on in its epoch have given up the same', async (t) => {
  const peer = (vendor: VendorProgress | undefined, more: Partial<LossPeer> = {}): LossPeer => ({
    rank: 1,
    present: true,
    fit: true,
    vendor,
    ...more,
  });
  const judge = (peers: readonly LossPeer[], expired = false, beyond = false): unknown =>
    judgeAsPrimary(LOST, peers, expired, beyond);
  t.equal(judge([]), 'lose', 'there is nobody');
  t.equal(judge([peer(undefined)]), 'lose', 'in no way to go on');
  t.equal(judge([peer({ next: 5, lost: LOST })]), 'lose');
  t.equal(judge([peer({ next: 5, lost: LOST }, { present: false })]), 'lose', 'its word holds when it is gone');
  t.equal(judge([peer({ next: 5 })]), 'wait');
  t.equal(judge([peer({ next: 5, lost: { from: 5, to: 7 } })]), 'wait', 'others than here');
  t.equal(judge([peer({ next: 5 })], true), 'leave', 'too long');
  t.equal(judge([peer({ next: 5 }, { present: false })]), 'leave', 'it may publish elsewhere');
  t.same(judge([peer({ next: 8 })]), { handOverTo: 1 }, 'it has them');
  t.equal(judge([peer({ next: 8 }, { fit: false })]), 'wait');
  t.equal(judge([peer({ next: 8 }, { fit: false })], true), 'leave');
  t.same(judge([peer({ next: 5 }, { present: false }), peer({ next: 9 }, { rank: 2 })]), { handOverTo: 2 });
  t.equal(judge([], false, true), 'leave', 'others are further already');
});

t.test('a standby says the same as its primary, or nothing', async (t) => {
  const judge = (primary: VendorProgress | undefined, expired = false): unknown =>
    judgeAsStandby(LOST, primary, expired);
  t.equal(judge(undefined), 'wait');
  t.equal(judge({ next: 5 }), 'wait');
  t.equal(judge({ next: 5, lost: LOST }), 'wait', 'it has not gone on yet');
  t.equal(judge({ next: 8, lost: LOST }), 'lose');
  t.equal(judge({ next: 12, lost: LOST }), 'lose');
  t.equal(judge({ next: 6 }), 'leave', 'it has some of them');
  t.equal(judge({ next: 5, lost: { from: 5, to: 7 } }), 'leave', 'it has given up others');
  t.equal(judge({ next: 12, lost: { from: 9, to: 11 } }), 'leave');
  t.equal(judge({ next: 4, lost: { from: 2, to: 4 } }), 'wait', 'those were before');
  t.equal(judge({ next: 5 }, true), 'leave');
});

/** A pair of which members lack the message `d`, and have what follows it. */
function withGap(lacking: readonly number[]): { pair: HandlerPair; vendor: VendorSession } & Members {
  const vendor = new VendorSession('V1');
  const pair = runningPair(vendor);
  const [d, ...more] = vendor.messages('def');
  for (const [rank, handler] of pair.handlers.entries()) {
    pair.deliver(handler!, ...(lacking.includes(rank) ? more : [d!, ...more]));
  }
  return { pair, vendor, first: pair.handlers[0]!, second: pair.handlers[1]! };
}

interface Members {
  readonly first: PairedHandler;
  readonly second: PairedHandler;
}

function noContradiction(t: Test, ...handlers: PairedHandler[]): void {
  t.same(contradictions(handlers), []);
}

t.test('lost by both: both say so under the same number, and stay in step', async (t) => {
  const { pair, vendor, first, second } = withGap([0, 1]);
  pair.run(GIVEN_UP_MS);
  t.equal(first.epoch, 1);
  t.equal(first.channel.packed, second.channel.packed);
  t.equal(second.member.pair.fit, true);
  t.equal(second.member.counters.transfers, 1, 'it needed no other state');
  const more = vendor.messages('g');
  pair.deliver(first, ...more);
  pair.kill(0);
  pair.deliver(second, ...more);
  pair.run(SETTLE_MS);
  t.equal(second.member.state, 'primary');
  t.equal(second.epoch, 1);
  noContradiction(t, first, second);
});

t.test('lost by both, and the primary dies when it has said so, or just before', async (t) => {
  for (let ms = 1_900; ms < 2_200; ms += 3) {
    const { pair, first, second } = withGap([0, 1]);
    pair.run(ms);
    pair.kill(0);
    pair.run(WAITED_MS);
    if (second.member.state !== 'primary') t.fail(`after ${ms} ms: the standby is ${second.member.state}`);
    const found = contradictions([first, second]);
    if (found.length > 0) t.fail(`after ${ms} ms: ${found.join(', ')}`);
  }
});

t.test('lost by the primary: the standby goes on', async (t) => {
  const { pair, first, second } = withGap([0]);
  pair.run(GIVEN_UP_MS);
  t.equal(second.member.state, 'primary');
  t.equal(second.epoch, 1);
  pair.run(SETTLE_MS);
  t.equal(first.member.pair.fit, true, 'the other one has its state');
  noContradiction(t, first, second);
});

t.test('lost by the standby: it takes the state', async (t) => {
  const { pair, first, second } = withGap([1]);
  pair.run(GIVEN_UP_MS + SETTLE_MS);
  t.equal(first.member.state, 'primary');
  t.equal(first.epoch, 1);
  t.equal(second.member.counters.transfers, 2);
  t.equal(second.member.pair.fit, true);
  noContradiction(t, first, second);
});

t.test('lost by the standby, and then the primary dies: what was published stays what it was', async (t) => {
  const { pair, first, second } = withGap([1]);
  pair.run(50);
  t.equal(second.member.pair.fit, true, 'it is a little behind');
  pair.kill(0);
  pair.run(WAITED_MS);
  t.equal(second.member.state, 'primary');
  t.ok(second.epoch > 1, 'an epoch of its own: the other one had more than it has');
  t.equal((second.epoch - 1) % 2, 1);
  noContradiction(t, first, second);
});

t.test('lost by the standby, the primary dies and comes back before that is found out', async (t) => {
  const { pair, first, second } = withGap([1]);
  pair.run(50);
  pair.kill(0);
  pair.run(100);
  t.equal(second.member.state, 'primary');
  pair.gives = false;
  const again = pair.start(0);
  pair.run(WAITED_MS);
  t.ok(second.epoch > 1);
  noContradiction(t, first, second, again);
});

t.test('lost by a primary that hears nobody while the other may publish: an epoch of its own', async (t) => {
  const { pair, first, second } = withGap([0]);
  pair.mute.add(0).add(1);
  pair.run(WAITED_MS);
  t.equal(second.member.state, 'primary');
  t.equal(second.epoch, 1, 'it has all, and goes on');
  t.ok(first.epoch > 1);
  pair.mute.clear();
  pair.run(UNFIT_MS);
  t.equal([first, second].filter(({ member }) => member.state === 'primary').length, 1);
  t.equal(first.channel.session, second.channel.session);
  noContradiction(t, first, second);
});

t.test(
  'lost by a primary, and the other one was out of sight for a while and has forgotten all: an epoch of its own',
  async (t) => {
    const { pair, first, second } = withGap([0]);
    pair.mute.add(0).add(1);
    pair.run(100);
    t.equal(second.member.state, 'primary', 'on its side');
    pair.kill(1);
    pair.mute.clear();
    pair.gives = false;
    const again = pair.start(1);
    pair.run(WAITED_MS);
    t.equal(again.member.status().phase, 'joining');
    t.ok(first.epoch > 1);
    noContradiction(t, first, second, again);
  },
);

t.test('lost where the other is known to be starting anew: said at once, in the same epoch', async (t) => {
  const vendor = new VendorSession('V1');
  const pair = runningPair(vendor);
  const first = pair.handlers[0]!;
  pair.kill(1);
  pair.gives = false;
  pair.start(1);
  pair.run(100);
  const [, ...more] = vendor.messages('def');
  pair.deliver(first, ...more);
  pair.run(GIVEN_UP_MS);
  t.equal(first.epoch, 1);
  t.equal(first.handler.position, 7);
});

t.test('who is not in step yet answers only for what has been published', async (t) => {
  const vendor = new VendorSession('V1');
  const pair = new HandlerPair();
  const first = pair.start(0);
  pair.run(SETTLE_MS);
  pair.deliver(first, ...vendor.messages('abc'));
  const second = pair.start(1);
  pair.run(60);
  t.equal(second.member.status().phase, 'running');
  t.equal(second.member.pair.fit, false);
  const proven = first.channel.packed;
  pair.mute.add(0);
  const more = vendor.messages('de');
  pair.deliver(second, ...more);
  t.ok(second.channel.packed > proven);
  t.equal(second.answered(proven - 1), 1);
  t.equal(second.answered(proven), 0, 'the primary may say something else under this number');
  pair.mute.clear();
  pair.deliver(first, ...more);
  pair.run(SETTLE_MS);
  t.equal(second.member.pair.fit, true);
  t.equal(second.answered(proven), 1);
});

t.test('who takes over a state in the middle of the day knows that it is', async (t) => {
  const vendor = new VendorSession('V1');
  const pair = new HandlerPair();
  const first = pair.start(0);
  pair.run(SETTLE_MS);
  const [, , c] = vendor.messages('abc');
  pair.deliver(first, c!);
  const second = pair.start(1);
  // Before the first one gives up what it lacks.
  pair.run(200);
  const missing = ({ member, receiver }: PairedHandler): unknown => member.missing(receiver, pair.nowMs * 1e6);
  t.same(missing(first), { from: 1, to: 3 });
  t.equal(second.member.status().phase, 'running');
  pair.deliver(second, c!);
  t.same(missing(second), { from: 1, to: 3 });
  const heartbeat = (): unknown => pair.said.findLast(({ rank }) => rank === 1)?.message.channels[0]?.unsure;
  pair.run(10);
  t.equal(heartbeat(), true);
});

t.test('a plant that holds other bytes than were published: once, everybody begins anew', async (t) => {
  const vendor = new VendorSession('V1');
  const pair = runningPair(vendor);
  const first = pair.handlers[0]!;
  const say = (wrong: boolean): void => {
    const { session, packed: next, ring } = first.channel;
    const digest = (ring.digestAt(next)! ^ (wrong ? 1 : 0)) >>> 0;
    const channels = [{ id: 1, session, next, digest: digest.toString(16) }];
    const plant = {
      kind: 'heartbeat',
      role: 'plant',
      name: 'p1',
      term: 1,
      rank: 0,
      state: 'primary',
      channels,
    } as const;
    first.member.heard(plant, pair.nowMs * 1e6);
    pair.run(1_100);
  };
  say(false);
  t.equal(first.epoch, 1);
  say(true);
  t.equal(first.epoch, 3);
  pair.run(SETTLE_MS);
  t.equal(pair.handlers[1]!.epoch, 3);
  say(true);
  t.equal(first.epoch, 3, 'now it is the plant that is at fault');
});
