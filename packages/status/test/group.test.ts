import { once } from 'node:events';
import { CounterRegistry, Quarantine } from '@tickerplant/telemetry';
import { testPorts } from '@tickerplant/testkit';
import t, { type Test } from 'tap';
import { newBootId, openStatus, type StatusGroup, type StatusMessage, type StatusOrigin } from '../src/index.ts';
import { HEARTBEAT, KEY } from './parties.ts';

const [port, otherPort] = testPorts(2) as [number, number];

/** A member, and a promise of its next message. */
async function member(
  t: Test,
  name: string,
  options: { port?: number; key?: Uint8Array } = {},
): Promise<{
  group: StatusGroup;
  next: () => Promise<{ message: StatusMessage; origin: StatusOrigin }>;
  heard: StatusMessage[];
  registry: CounterRegistry;
  quarantine: Quarantine;
}> {
  const events = new EventTarget();
  const heard: StatusMessage[] = [];
  const registry = new CounterRegistry();
  const quarantine = new Quarantine();
  const group = await openStatus({
    endpoint: { group: '239.255.77.1', port: options.port ?? port },
    interface: '127.0.0.1',
    key: options.key ?? KEY,
    name,
    registry,
    quarantine,
    onMessage: (message, origin) => {
      heard.push(message);
      events.dispatchEvent(new CustomEvent('message', { detail: { message, origin } }));
    },
    onError: (error) => t.fail(error.message),
  });
  t.teardown(() => group.close());
  const next = async () => ((await once(events, 'message')) as [CustomEvent])[0].detail;
  return { group, next, heard, registry, quarantine };
}

t.test('members of a group hear each other and not themselves', async (t) => {
  const plant = await member(t, 'plant/p1');
  const handler = await member(t, 'handler/iex');
  const heard = handler.next();
  t.equal(plant.group.send(HEARTBEAT), 1);
  const { message, origin } = await heard;
  t.same(message, HEARTBEAT);
  t.equal(origin.sender, 'plant/p1');
  t.equal(origin.boot, plant.group.boot);
  const answered = plant.next();
  handler.group.send({ kind: 'latency', channel: 1, samples: [[1, 2n]] });
  t.equal((await answered).origin.sender, 'handler/iex');
  t.same(plant.heard.length, 1);
  t.match(plant.registry.snapshot(), [{ name: 'status', values: { messages: 1, own: 1 } }]);
  t.match(handler.group.senders(), [{ name: 'plant/p1', packets: 1 }]);
});

t.test('a stranger with another key is counted, not heard', async (t) => {
  const plant = await member(t, 'plant/p1', { port: otherPort });
  const stranger = await member(t, 'plant/p1', {
    port: otherPort,
    key: new TextEncoder().encode('not the key of the floor'),
  });
  const friend = await member(t, 'handler/iex', { port: otherPort });
  const heard = plant.next();
  stranger.group.send(HEARTBEAT);
  friend.group.send(HEARTBEAT);
  t.equal((await heard).origin.sender, 'handler/iex');
  t.match(plant.registry.snapshot(), [{ values: { forged: 1, messages: 1 } }]);
  t.match(plant.quarantine.report().counts, { STATUS_FORGED: 1 });
});

t.test('an interface that does not exist is said so, and leaves nothing open', async (t) => {
  await t.rejects(
    openStatus({
      endpoint: { group: '239.255.77.1', port },
      interface: 'no-such-interface',
      key: KEY,
      name: 'x',
      onMessage: () => {},
      onError: () => {},
    }),
    { code: 'MULTICAST_NO_INTERFACE' },
  );
});

t.test('boot ids are 64 random bits', async (t) => {
  const ids = new Set(Array.from({ length: 100 }, newBootId));
  t.equal(ids.size, 100);
  for (const id of ids) t.ok(id >= 0n && id < 2n ** 64n);
});
