import t from 'tap';
import { HandlerPair, SETTLE_MS, VendorSession } from './member-pair.ts';

/** A primary and a fit standby that have heard the beginning of a vendor's session. */
function runningPair(vendor: VendorSession): HandlerPair {
  const pair = new HandlerPair();
  const [first, second] = [pair.start(0), pair.start(1)];
  pair.run(SETTLE_MS);
  const packets = vendor.messages('abc');
  pair.deliver(first, ...packets);
  pair.deliver(second, ...packets);
  pair.run(SETTLE_MS);
  return pair;
}

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
