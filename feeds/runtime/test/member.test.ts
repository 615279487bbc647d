import type { Heartbeat } from '@tickerplant/status';
import t from 'tap';
import { contradictions, HandlerPair, runningPair, SETTLE_MS, UNFIT_MS, VendorSession } from './member-pair.ts';

t.test('a standby joins, is in step, and takes over with the same bytes', async (t) => {
  const vendor = new VendorSession('V1');
  const pair = runningPair(vendor);
  const [first, second] = [pair.handlers[0]!, pair.handlers[1]!];
  t.equal(first.member.state, 'primary');
  t.equal(second.member.pair.fit, true);
  t.equal(second.sent.length, 0, 'it publishes nothing');
  pair.kill(0);
  const more = vendor.messages('d');
  pair.deliver(second, ...more);
  pair.run(100);
  t.equal(second.member.state, 'primary');
  t.equal(second.epoch, first.epoch);
  pair.deliver(first, ...more);
  const published = (packets: readonly Uint8Array[]): string[] =>
    packets.map((packet) => Buffer.from(packet).toString('hex'));
  t.equal(published(second.sent).at(-1), published(first.sent).at(-1), 'what the first one would have gone on with');
});

for (const { what, keeps } of [
  { what: 'heard nothing before', keeps: false },
  { what: 'has kept some of it', keeps: true },
]) {
  t.test(
    `a state of the vendor's new session, and what is left of the old one in the own socket; who joins ${what}`,
    async (t) => {
      const [v1, v2] = [new VendorSession('V1'), new VendorSession('V2')];
      const pair = new HandlerPair();
      const primary = pair.start(0);
      pair.run(SETTLE_MS);
      pair.deliver(primary, ...v1.messages('abc'));
      const joining = pair.start(1);
      pair.gives = false;
      pair.run(100);
      t.equal(joining.wants, 0, 'it waits for the state');
      const kept = v1.messages('d');
      const waiting = [...v1.messages('ef'), ...v1.end()];
      const next = v2.messages('xy');
      if (keeps) pair.deliver(joining, ...kept);
      pair.deliver(primary, ...kept, ...waiting, ...next);
      const { epoch } = primary;
      const { session } = primary.channel;
      pair.gives = true;
      pair.run(1);
      pair.said.length = 0;
      t.equal(joining.epoch, epoch, 'it has the state of the new session');
      pair.gives = false;
      // Now it reads what waits.
      pair.deliver(joining, waiting[0]!);
      t.equal(joining.member.status().phase, 'joining');
      pair.deliver(joining, ...waiting.slice(1), ...next);
      pair.run(100);
      t.equal(joining.member.status().phase, 'joining');
      pair.gives = true;
      pair.run(SETTLE_MS);
      // The vendor goes on.
      const more = v2.messages('z');
      pair.deliver(primary, ...more);
      pair.deliver(joining, ...more);
      pair.run(SETTLE_MS);
      t.equal(primary.member.state, 'primary');
      t.equal(primary.epoch, epoch, 'the primary had no reason to begin anew');
      t.equal(joining.epoch, epoch);
      t.equal(joining.member.pair.fit, true);
      const sessions = new Set(pair.said.flatMap(({ message }) => message.channels.map((channel) => channel.session)));
      t.same([...sessions], [session], 'nobody spoke of another epoch');
    },
  );
}

t.test("when the vendor's session changes, the primary says in which epoch the pair goes on", async (t) => {
  const [v1, v2] = [new VendorSession('V1'), new VendorSession('V2')];
  const pair = runningPair(v1);
  const [first, second] = [pair.handlers[0]!, pair.handlers[1]!];
  const { session } = second.channel;
  const change = [...v1.end(), ...v2.messages('xy')];
  pair.deliver(second, ...change);
  pair.run(1_000);
  t.equal(second.channel.session, session, 'the standby waits for it');
  t.equal(second.member.pair.fit, true, 'and could take over meanwhile');
  pair.deliver(first, ...change);
  t.ok(first.channel.session > session);
  pair.run(SETTLE_MS);
  t.equal(second.channel.session, first.channel.session);
  t.equal(second.channel.packed, first.channel.packed);
  t.equal(second.member.pair.fit, true);
  t.equal(first.member.pair.counters.stepDowns + second.member.pair.counters.promotions, 0);
  t.equal(first.epoch, 3, 'its own next one, and no other since');
});

t.test(
  "a primary that dies just after the vendor's session has changed: the standby begins it anew, and soon",
  async (t) => {
    const [v1, v2] = [new VendorSession('V1'), new VendorSession('V2')];
    const pair = runningPair(v1);
    const [first, second] = [pair.handlers[0]!, pair.handlers[1]!];
    const next = v2.messages('xy');
    pair.deliver(second, ...v1.end(), ...next);
    pair.deliver(first, ...v1.end(), ...next);
    pair.run(20);
    t.equal(second.member.pair.fit, false, 'it is not in step with the new epoch yet');
    pair.kill(0);
    pair.run(UNFIT_MS / 10);
    t.equal(second.member.state, 'primary');
    t.ok(second.epoch > first.epoch);
    pair.deliver(second, ...next, ...v2.messages('z'));
    t.equal(second.handler.session, 'V2');
    t.same(contradictions([first, second]), []);
  },
);

t.test('a state from before any session of the vendor: who has it does not choose a session by itself', async (t) => {
  const [v1, v2] = [new VendorSession('V1'), new VendorSession('V2')];
  const pair = new HandlerPair();
  const [first, second] = [pair.start(0), pair.start(1)];
  pair.run(SETTLE_MS);
  t.equal(second.member.status().phase, 'running', 'it has that state');
  pair.deliver(first, ...v1.messages('abc'));
  pair.gives = false;
  pair.run(20);
  // All that it ever hears is the vendor's next session.
  pair.deliver(second, ...v2.messages('xy'));
  t.equal(second.member.status().phase, 'joining');
  pair.gives = true;
  pair.run(SETTLE_MS);
  pair.kill(0);
  pair.run(UNFIT_MS + SETTLE_MS);
  t.equal(second.member.state, 'primary');
  pair.deliver(second, ...v2.messages('z'));
  t.same(contradictions([first, second]), []);
});

t.test("a primary that hears no vendor hands over to a standby that has heard the vendor's next session", async (t) => {
  const [v1, v2] = [new VendorSession('V1'), new VendorSession('V2')];
  const pair = runningPair(v1);
  const [first, second] = [pair.handlers[0]!, pair.handlers[1]!];
  pair.deliver(second, ...v1.end(), ...v2.messages('xy'));
  pair.run(1_000);
  first.member.setHealthy(false);
  pair.run(100);
  t.equal(second.member.state, 'primary');
  t.equal((second.epoch - 1) % 2, 1, 'in an epoch of its own');
  pair.deliver(second, ...v2.messages('z'));
  t.equal(second.handler.session, 'V2');
  t.same(contradictions([first, second]), []);
});

t.test(
  'a standby that believed in another session, while the primary goes on in the old one, comes back',
  async (t) => {
    const [v1, v2] = [new VendorSession('V1'), new VendorSession('V2')];
    const pair = runningPair(v1);
    const [first, second] = [pair.handlers[0]!, pair.handlers[1]!];
    second.receiver.rejoin('first-seen');
    pair.deliver(second, ...v2.messages('x'));
    const on = (): void => {
      const more = v1.messages('de');
      pair.deliver(first, ...more);
      pair.deliver(second, ...more);
      pair.run(1_000);
    };
    for (let round = 0; round < 4; round++) on();
    t.equal(second.member.counters.transfers, 2, 'it has taken the state a second time');
    t.equal(second.member.pair.fit, true);
    t.equal(second.channel.session, first.channel.session);
    t.equal(first.epoch, 1, 'the primary had no reason to begin anew');
  },
);

t.test('two that hear nothing of each other begin different epochs, whatever the vendor does', async (t) => {
  const [v1, v2] = [new VendorSession('V1'), new VendorSession('V2')];
  const pair = runningPair(v1);
  const [first, second] = [pair.handlers[0]!, pair.handlers[1]!];
  pair.kill(0);
  pair.run(SETTLE_MS);
  t.equal(second.member.state, 'primary', 'it goes on in an epoch that the other one began');
  pair.mute.add(0).add(1);
  const again = pair.start(0, { newest: first.epoch, keep: () => undefined });
  pair.run(UNFIT_MS);
  t.equal(again.member.state, 'primary');
  const next = v2.messages('xy');
  pair.deliver(second, ...v1.end(), ...next);
  pair.deliver(again, ...next);
  pair.run(100);
  t.equal(second.handler.session, 'V2');
  t.equal(again.handler.session, 'V2');
  t.not(again.channel.session, second.channel.session);
  t.same(contradictions([first, second, again]), []);
});

t.test(
  "a standby that missed the old session's last message, and cannot know it, writes no other beginning",
  async (t) => {
    const [v1, v2] = [new VendorSession('V1'), new VendorSession('V2')];
    const pair = runningPair(v1);
    const [first, second] = [pair.handlers[0]!, pair.handlers[1]!];
    second.linesSilent = true;
    const last = v1.messages('d');
    const next = v2.messages('xy');
    pair.deliver(second, ...next);
    pair.deliver(first, ...last, ...v1.end(), ...next);
    t.same(contradictions([first, second]), []);
    pair.kill(0);
    pair.run(UNFIT_MS);
    t.equal(second.member.state, 'primary');
    pair.deliver(second, ...next, ...v2.messages('z'));
    t.equal(second.handler.session, 'V2');
    t.same(contradictions([first, second]), []);
  },
);

t.test(
  'who has no state and hears the primary no more begins nothing while plants say that the channels go on',
  async (t) => {
    const vendor = new VendorSession('V1');
    const pair = new HandlerPair();
    const primary = pair.start(0);
    pair.run(SETTLE_MS);
    pair.deliver(primary, ...vendor.messages('a'));
    pair.gives = false;
    const joining = pair.start(1);
    pair.run(100);
    t.equal(joining.member.pair.primary, 0);
    pair.mute.add(0);
    /** Of a plant that has all that the primary has published. */
    const plant = (): Heartbeat => {
      const channels = [{ id: 1, session: primary.channel.session, next: primary.channel.packed }];
      return { kind: 'heartbeat', role: 'plant', name: 'p1', term: 1, rank: 0, state: 'primary', channels };
    };
    const seconds = (count: number, letters: string): void => {
      for (let second = 0; second < count; second++) {
        pair.deliver(primary, ...vendor.messages(letters));
        joining.member.heard(plant(), pair.nowMs * 1e6);
        pair.run(1_000);
      }
    };
    seconds((3 * UNFIT_MS) / 1_000, 'b');
    t.equal(joining.member.state, 'joining');
    t.equal(primary.member.state, 'primary');
    t.equal(primary.epoch, 1);
    seconds(UNFIT_MS / 1_000 + 2, '');
    t.equal(joining.member.state, 'primary', 'when nothing goes on, it begins');
  },
);
