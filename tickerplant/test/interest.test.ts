import type { Reply } from '@tickerplant/control';
import { parseFloor } from '@tickerplant/floor';
import { compilePattern } from '@tickerplant/records';
import type { StatusMessage } from '@tickerplant/status';
import { CounterRegistry, Quarantine } from '@tickerplant/telemetry';
import t from 'tap';
import { FaultGate } from '../src/fault-gate.ts';
import { Interest } from '../src/interest.ts';
import { Plant } from '../src/plant.ts';

const MS = 1_000_000;
const FLOOR = parseFloor(
  `floor: test
key: sixteen characters
networks: { feed: { status: 239.255.91.1:30000 }, trading: { status: 239.255.91.2:31000 } }
channels: [{ name: X1, id: 1, feed: 239.255.91.11:30011, trading: 239.255.91.21:31011 }]
feeds:
  - name: pages
    protocol: pages
    services: { pages: NEWS }
    servers: ["127.0.0.1:20300"]
    symbols: [ALWAYS]
    channels: { pages: { channel: X1 } }
    repair: 127.0.0.1:30300
plants: [{ name: p1, control: 127.0.0.1:32001, repair: 127.0.0.1:32002 }]
`,
  'test.yaml',
  { nowMs: 0 },
);

t.test('what a subject is wanted for by name is told of once, by the first and by the last', async (t) => {
  const told: string[] = [];
  const interest = new Interest({
    wanted: (subject) => told.push(`+${subject}`),
    unwanted: (subject) => told.push(`-${subject}`),
  });
  const [a, b, all] = ['N.A', 'N.B', 'N.>'].map(compilePattern);
  for (const pattern of [a!, a!, b!, all!]) interest.add(pattern);
  for (const pattern of [a!, b!, b!, a!, all!]) interest.remove(pattern);
  t.same(told, ['+N.A', '+N.B', '-N.B', '-N.A']);
});

t.test('a plant tells the feed network what its subscribers want of feeds that are asked, while they do', async (t) => {
  const said: StatusMessage[] = [];
  let nowNs = 1000 * MS;
  const plant = new Plant(
    {
      floor: FLOOR,
      plant: FLOOR.plants[0]!,
      gate: new FaultGate(new Quarantine(), () => 0n),
      registry: new CounterRegistry(),
      nowNs,
      report: () => '{}',
    },
    {
      send: () => true,
      ask: () => {},
      answer: () => true,
      fetchState: () => {},
      receipt: () => {},
      event: () => {},
      say: (network, message) => {
        if (network === 'feed' && message.kind === 'interest') said.push(message);
      },
    },
  );
  const pass = (ms: number): readonly string[][] => {
    for (let i = 0; i < ms / 10; i++) {
      nowNs += 10 * MS;
      plant.subscriptions.pump(nowNs, false);
      plant.tick(nowNs, BigInt(nowNs));
    }
    return said.splice(0).map((message) => (message.kind === 'interest' ? [...message.subjects] : []));
  };
  const replies: Reply[] = [];
  const connection = {
    id: 1,
    peer: 'there',
    client: 'test',
    queuedBytes: 0,
    ready: () => true,
    send: (reply: Reply) => replies.push(reply) > 0,
  };
  plant.subscriptions.open(connection, nowNs);
  const patterns = ['NEWS.FX', 'NEWS.>', 'IEX.AAPL'];
  plant.subscriptions.request(connection, { kind: 'subscribe', id: 1, patterns, images: true, fields: undefined });
  t.same(pass(300), [['NEWS.FX']]);
  t.same(pass(4000), [['NEWS.FX'], ['NEWS.FX']], 'and again now and then');
  t.match(plant.status(nowNs), { interest: { subjects: 2, patterns: 1, told: 1 } });
  plant.subscriptions.close(connection);
  t.same(pass(5000), []);
});
