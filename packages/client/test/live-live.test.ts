import t from 'tap';
import type { Update } from '../src/update.ts';
import { type Harness, joined } from './machine-harness.ts';
import { stateText } from './recorder.ts';
import { quote } from './support.ts';

/** Two groups, both heard, one item. What the application is told is written down. */
function both(): { h: Harness; told: string[] } {
  const { h, subscription } = joined({}, 2);
  h.hear(h.plant.heartbeat(), 1);
  const told: string[] = [];
  subscription.listen({
    onUpdate: ({ seq }: Update) => told.push(`update ${seq}`),
    onQuality: (_item, now) => told.push(stateText(now)),
    onGap: ({ from, to }) => told.push(`gap ${from} ${to}`),
  });
  h.take();
  told.length = 0;
  h.events.length = 0;
  return { h, told };
}

/** Lets time pass while plants are heard on the status group, and groups with heartbeats. */
function pass(h: Harness, ms: number, groups: readonly number[]): void {
  for (let at = 0; at < ms; at += 50) {
    h.beat('p1');
    h.beat('p2', 'standby');
    for (const group of groups) h.hear(h.plant.heartbeat(), group);
    h.wait(50);
  }
}

t.test('all groups of a channel are joined', async (t) => {
  const { h } = joined({}, 2);
  t.ok(h.take().includes('join 1 239.255.1.1:20001 239.255.1.1:20002'));
});

t.test('the first copy counts, whichever group brings it', async (t) => {
  const { h, told } = both();
  for (const order of [
    [0, 1],
    [1, 0],
  ]) {
    const packet = h.plant.say(quote(0, 10100, 20000));
    for (const group of order) h.hear(packet, group);
  }
  t.same(told, ['update 4', 'update 5']);
  t.match(h.machine.channelInfos()[0]!.lines, [
    { plant: 'p1', heard: true, firsts: 1, missed: 0 },
    { plant: 'p2', heard: true, firsts: 1, missed: 0 },
  ]);
});

t.test('what one group lacks the other brings: nobody is asked, and nothing is in doubt', async (t) => {
  const { h, told } = both();
  const lost = h.plant.say(quote(0, 10100, 20000));
  const next = h.plant.say(quote(0, 10200, 20000));
  h.hear(next, 0);
  h.wait(1);
  t.same(told, []);
  h.hear(lost, 1);
  h.hear(next, 1);
  h.wait(30);
  t.same(told, ['update 4', 'update 5']);
  t.same(h.take(), []);
});

t.test('what both groups lack is asked for, and in doubt from then on', async (t) => {
  const { h, told } = both();
  const lost = h.plant.say(quote(0, 10100, 20000));
  h.hear(h.plant.say(quote(0, 10200, 20000)), 0);
  h.wait(1);
  t.same(told, []);
  h.wait(1);
  t.same(told, ['RECOVERING(channel-gap)']);
  t.same(h.take(), ['repair 0126112300 to 10.0.0.1:8000 (20)']);
  h.machine.repairPacket(lost, lost.length, '10.0.0.1', 8000, h.now);
  h.wait(1);
  t.same(told, ['RECOVERING(channel-gap)', 'update 4', 'update 5', 'LIVE']);
});

t.test('with only one group heard, a gap is in doubt at once', async (t) => {
  const { h, told } = both();
  pass(h, 1_200, [1]);
  h.plant.say(quote(0, 10100, 20000));
  h.hear(h.plant.say(quote(0, 10200, 20000)), 1);
  t.same(told, ['RECOVERING(channel-gap)']);
});

t.test('one group silent: told and counted, values are none the worse; both: STALE', async (t) => {
  const { h, told } = both();
  pass(h, 1_200, [1]);
  const line = { event: 'line', channel: 'equities', group: '239.255.1.1:20001', plant: 'p1' };
  t.same(h.events, [{ ...line, heard: false }]);
  t.same(told, []);
  t.match(h.machine.channelInfos()[0]!.lines, [{ heard: false }, { heard: true }]);
  h.hear(h.plant.say(quote(0, 10100, 20000)), 1);
  t.same(told, ['update 4']);
  pass(h, 100, [0, 1]);
  t.same(h.events.splice(0), [
    { ...line, heard: false },
    { ...line, heard: true },
  ]);
  pass(h, 1_200, []);
  t.same(told, ['update 4', 'STALE(channel-silent)']);
  t.equal(h.events.length, 2, 'each is told');
});

t.test('a group that is never heard is told as silent once the time is up', async (t) => {
  const { h } = joined({}, 2);
  h.events.length = 0;
  pass(h, 900, [0]);
  t.same(h.events, []);
  pass(h, 300, [0]);
  t.match(h.events, [{ event: 'line', plant: 'p2', heard: false }]);
});

t.test('each plant speaks for what it publishes: one in trouble spoils nothing', async (t) => {
  const { h, told } = both();
  h.quality('p1', { quality: 'STALE', reason: 'handler-silent' });
  h.wait(10);
  t.same(told, []);
  h.quality('p2', { quality: 'STALE', reason: 'handler-silent' });
  t.same(told, ['STALE(handler-silent)']);
  h.quality('p2', {});
  h.wait(1);
  for (let i = 0; i < 3; i++) h.beat('p2');
  h.wait(1);
  t.same(told, ['STALE(handler-silent)', 'RECOVERING(channel-gap)', 'LIVE']);
});

t.test('groups may be added and taken away while the stream runs', async (t) => {
  const { h, told } = both();
  const [first, second] = [...h.machine.floor.channels.values()];
  const directory = (ports: readonly number[]): void => {
    const groups = ports.map((port) => ({ group: '239.255.1.1', port }));
    h.say('p1', { kind: 'directory', floor: 'toy', channels: [{ ...first!, groups }, second!] });
  };
  directory([20_001]);
  t.same(h.take(), ['leave 1', 'join 1 239.255.1.1:20001']);
  h.hear(h.plant.say(quote(0, 10100, 20000)), 0);
  pass(h, 1_200, [0]);
  t.same(h.events, [], 'the one that is gone is not missed');
  directory([20_001, 20_002, 20_003]);
  t.same(h.take(), ['leave 1', 'join 1 239.255.1.1:20001 239.255.1.1:20002 239.255.1.1:20003']);
  h.hear(h.plant.say(quote(0, 10200, 20000)), 2);
  t.same(told, ['update 4', 'update 5']);
});
