import t from 'tap';
import type { StatusMessage } from '../src/index.ts';
import { Listener, sender } from './parties.ts';

function directory(count: number, session = '0117071000'): StatusMessage {
  return {
    kind: 'directory',
    floor: 'demo',
    channels: Array.from({ length: count }, (_, i) => ({
      id: i + 1,
      name: `CHANNEL-${i + 1}`,
      services: ['IEX', 'NASDAQ'],
      session,
      groups: [{ group: '239.255.20.11', port: 31_000 + i, sources: [] }],
    })),
    silentAfterMs: 750,
  };
}

function names(to: Listener): number[] {
  return to.heard.map(({ message }) => (message.kind === 'directory' ? message.channels.length : -1));
}

t.test('a large directory comes in several packets and out in one piece', async (t) => {
  const to = new Listener();
  const from = sender();
  const message = directory(200);
  from.send(message, to.clock.wallNs());
  t.ok(from.packets.length > 5);
  from.packets.forEach((packet, index) => {
    t.equal(to.heard.length, 0, `nothing before part ${index}`);
    to.take(packet);
  });
  t.same(to.heard[0]!.message, message);
});

t.test('the same directory again is not passed on again; a changed one is', async (t) => {
  const to = new Listener();
  const from = sender();
  for (const message of [directory(100), directory(100), directory(99), directory(100, '0117071001')]) {
    from.packets.length = 0;
    from.send(message, to.clock.wallNs());
    for (const packet of from.packets) to.take(packet);
  }
  t.same(names(to), [100, 99, 100]);
  t.equal(to.machine.counters.directoriesDropped, 0);
});

t.test('parts lost in one round come in the next', async (t) => {
  const to = new Listener();
  const from = sender();
  from.send(directory(100), to.clock.wallNs());
  const round = from.packets.length;
  from.send(directory(100), to.clock.wallNs());
  from.packets.forEach((packet, index) => {
    if (index < round ? index % 2 === 0 : index % 2 === 1 || (index - round) % 2 === 1) to.take(packet);
  });
  t.same(names(to), [100]);
});

t.test('a newer version replaces one that never got complete', async (t) => {
  const to = new Listener();
  const from = sender();
  from.send(directory(100), to.clock.wallNs());
  to.take(from.packets[0]!);
  from.packets.length = 0;
  from.send(directory(101), to.clock.wallNs());
  for (const packet of from.packets) to.take(packet);
  t.same(names(to), [101]);
  t.equal(to.machine.counters.directoriesDropped, 1);
});

t.test('a restarted sender begins anew', async (t) => {
  const to = new Listener();
  to.take(sender({ boot: 1n }).send(directory(3), to.clock.wallNs()));
  to.clock.advance(1_000);
  to.take(sender({ boot: 2n }).send(directory(2), to.clock.wallNs()));
  t.same(names(to), [3, 2]);
});

t.test('a directory of no channels is a directory', async (t) => {
  const to = new Listener();
  to.take(sender().send(directory(0), to.clock.wallNs()));
  t.same(names(to), [0]);
});
