import t from 'tap';
import { HEARTBEAT, Listener, sender } from './parties.ts';

const SECOND = 1_000_000_000;
const HOUR = 3_600 * SECOND;

t.test('a packet that comes again, or behind a later one, is replayed', async (t) => {
  const to = new Listener();
  const from = sender();
  const one = from.send(HEARTBEAT, to.clock.wallNs());
  const two = from.send(HEARTBEAT, to.clock.wallNs());
  const three = from.send(HEARTBEAT, to.clock.wallNs());
  for (const packet of [one, one, three, two, three]) to.take(packet);
  t.same(
    to.heard.map((message) => message.origin.counter),
    [1, 3],
  );
  t.same(to.counts(), { messages: 2, replayed: 3 });
});

t.test('a heartbeat overtaken by what was said after it is believed, once', async (t) => {
  const to = new Listener();
  const from = sender();
  const beat = from.send(HEARTBEAT, to.clock.wallNs());
  const quality = from.send({ kind: 'quality', entries: [] }, to.clock.wallNs());
  for (const packet of [quality, beat, beat, quality]) to.take(packet);
  t.same(
    to.heard.map(({ message }) => message.kind),
    ['quality', 'heartbeat'],
  );
  t.same(to.counts(), { messages: 2, replayed: 2 });
});

t.test('a restarted sender is believed from its first packet on, its earlier start no more', async (t) => {
  const to = new Listener();
  const before = sender({ boot: 1n });
  to.take(before.send(HEARTBEAT, to.clock.wallNs()));
  const held = before.send(HEARTBEAT, to.clock.wallNs());
  to.clock.advance(SECOND);
  const after = sender({ boot: 2n });
  to.take(after.send(HEARTBEAT, to.clock.wallNs()));
  to.take(held);
  to.take(before.send(HEARTBEAT, to.clock.wallNs() + 1n));
  t.same(
    to.heard.map((message) => message.origin.boot),
    [1n, 2n],
  );
  t.same(to.counts(), { messages: 2, replayed: 2 });
});

t.test('a start with a send time before the last of the known one is replayed', async (t) => {
  const to = new Listener();
  const early = sender({ boot: 1n }).send(HEARTBEAT, to.clock.wallNs());
  to.clock.advance(SECOND);
  to.take(sender({ boot: 2n }).send(HEARTBEAT, to.clock.wallNs()));
  to.take(early);
  t.same(to.counts(), { messages: 1, replayed: 1 });
});

t.test('a sender heard for the first time must agree with our clock', async (t) => {
  const to = new Listener({ staleAfterNs: 5 * SECOND });
  const now = to.clock.wallNs();
  to.take(sender({ name: 'old' }).send(HEARTBEAT, now - 5_000_000_001n));
  to.take(sender({ name: 'ahead' }).send(HEARTBEAT, now + 5_000_000_001n));
  t.same(to.counts(), { stale: 2 });
  t.match(to.quarantine.report().entries[0], {
    code: 'STATUS_STALE',
    context: { sender: 'old', ageNs: 5_000_000_001n },
  });
  to.take(sender({ name: 'at the limit' }).send(HEARTBEAT, now - 5_000_000_000n));
  t.equal(to.heard.length, 1);
});

t.test('the same packet again much later, to a receiver that knows nobody, is stale', async (t) => {
  const packet = sender().send(HEARTBEAT, new Listener().clock.wallNs());
  const restarted = new Listener();
  restarted.clock.advance(HOUR);
  restarted.take(packet);
  t.same(restarted.counts(), { stale: 1 });
});

t.test('a wall clock that steps by hours, on either side, makes nobody deaf', async (t) => {
  const to = new Listener();
  const from = sender();
  const wallNs = to.clock.wallNs();
  for (const step of [0, -5 * HOUR, 5 * HOUR, 0]) {
    to.take(from.send(HEARTBEAT, wallNs + BigInt(step), to.clock.advance(SECOND)));
  }
  t.same(to.counts(), { messages: 4 });
  // Its clock was ahead, then it restarted with a right one: not held against it.
  to.clock.advance(SECOND);
  to.take(sender({ boot: 99n }).send(HEARTBEAT, to.clock.wallNs()));
  t.same(to.counts(), { messages: 5 });
});

t.test('a step that both wall clocks make, and take back, locks no later start out', async (t) => {
  const to = new Listener();
  const from = sender({ boot: 1n });
  const hear = (packet: Uint8Array, step: number): void => {
    to.machine.packet(packet, packet.length, to.clock.monotonicNs(), to.clock.wallNs() + BigInt(step));
  };
  for (const step of [0, HOUR, 0]) {
    hear(from.send(HEARTBEAT, to.clock.wallNs() + BigInt(step), to.clock.monotonicNs()), step);
    to.clock.advance(SECOND);
  }
  t.same(to.counts(), { messages: 3 });
  hear(sender({ boot: 2n }).send(HEARTBEAT, to.clock.wallNs()), 0);
  t.same(to.counts(), { messages: 4 });
});

t.test('packets held back on the way for longer than the limit are stale', async (t) => {
  const to = new Listener({ staleAfterNs: 2 * SECOND });
  const from = sender();
  let sentNs = 50 * SECOND; // The sender's clock began elsewhere.
  const next = (): Buffer => {
    sentNs += SECOND;
    return from.send(HEARTBEAT, to.clock.wallNs(), sentNs);
  };
  to.take(next());
  to.clock.advance(SECOND);
  to.take(next());
  // We are stopped for four seconds; then all that waited in the socket is read at once.
  const waiting = [next(), next(), next(), next()];
  to.clock.advance(4 * SECOND);
  for (const packet of waiting) to.take(packet);
  t.same(
    to.heard.map((message) => message.origin.counter),
    [1, 2, 4, 5, 6],
    'the one sent three seconds before it was read is dropped',
  );
  t.same(to.counts(), { messages: 5, stale: 1 });
});

t.test('a sender whose monotonic clock stood still is believed again after a while', async (t) => {
  const to = new Listener({ staleAfterNs: 2 * SECOND });
  const from = sender();
  let sentNs = 0;
  const beat = (): void => {
    to.take(from.send(HEARTBEAT, to.clock.wallNs(), sentNs));
    sentNs += SECOND;
    to.clock.advance(SECOND);
  };
  beat();
  beat();
  to.clock.advance(HOUR); // Suspended: only its clock stops.
  for (let i = 0; i < 4; i++) beat();
  t.same(
    to.heard.map((message) => message.origin.counter),
    [1, 2, 5, 6],
  );
});

t.test("this process's own packets are passed over", async (t) => {
  const to = new Listener({ ownBoot: 5n });
  to.take(sender({ boot: 5n }).send(HEARTBEAT, to.clock.wallNs()));
  t.same(to.counts(), { own: 1 });
  t.same(to.machine.senders(), []);
});

t.test('senders are bounded: one too many is refused until another has been silent for long', async (t) => {
  const to = new Listener({ sendersMax: 2, staleAfterNs: SECOND });
  const hear = (name: string): void => to.take(sender({ name }).send(HEARTBEAT, to.clock.wallNs()));
  hear('a');
  to.clock.advance(SECOND);
  hear('b');
  hear('c');
  t.same(to.counts(), { messages: 2, crowded: 1 });
  to.clock.advance(1.5 * SECOND);
  hear('c');
  t.same(
    to.machine.senders().map((peer) => peer.name),
    ['b', 'c'],
  );
});
