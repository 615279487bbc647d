import { setTimeout as sleep } from 'node:timers/promises';
import { openSender } from '@tickerplant/multicast';
import { testPorts } from '@tickerplant/testkit';
import t from 'tap';
import { type Client, connect } from '../src/index.ts';
import { FakePlant } from './fake-plant.ts';
import { KEY, SocketPlant } from './socket-plant.ts';
import { item, QUOTE, quote, template } from './support.ts';

const quiet = { debug() {}, info() {}, warn() {}, error() {}, fatal() {}, level: 'silent', child: () => quiet };

/** Waits for something that sockets bring about; a test that never gets it ends by tap's time limit. */
async function until(what: () => boolean): Promise<void> {
  while (!what()) await sleep(2);
}

/** Resolves when no socket keeps the process alive. */
function noSockets(): Promise<void> {
  const handles = (): unknown[] => (process as unknown as { _getActiveHandles(): unknown[] })._getActiveHandles();
  return until(
    () =>
      !handles().some(
        (handle) =>
          /Socket|Server/.test(handle?.constructor.name ?? '') &&
          handle !== process.stdout &&
          handle !== process.stderr &&
          handle !== process.stdin,
      ),
  );
}

async function open(plants: SocketPlant[], statusPort: number): Promise<Client> {
  for (const plant of plants) await plant.open();
  return connect({
    status: `239.255.77.2:${statusPort}`,
    interface: '127.0.0.1',
    key: KEY,
    logger: quiet as never,
    limits: { retryMs: 10, lostAfterMs: 300 },
  });
}

t.test('on real sockets: image, updates, a lost packet repaired, a new epoch, a clean end', async (t) => {
  const [statusPort, dataPort] = testPorts(2) as [number, number];
  const model = new FakePlant(1, '0126112300');
  model.say(template(QUOTE), item(0, 'IEX.A'), quote(0, 10000, 20000));
  const plant = new SocketPlant({ name: 'p1', rank: 0, statusPort, dataPort, plant: model });
  const client = await open([plant], statusPort);
  const bids: string[] = [];
  const subscription = client.subscribe('IEX.*');
  subscription.on('update', (update) => bids.push(String(update.get('BID'))));
  await subscription.ready;
  t.equal(client.floor, 'toy');
  t.equal(client.serving.images, 'p1');
  const one = client.item('IEX.A')!;
  t.equal(String(one.get('BID')), '1.0000');
  t.equal(one.quality, 'LIVE');

  plant.send(model.say(quote(0, 10100, 20000)));
  model.say(quote(0, 10200, 20000)); // lost on the way
  plant.send(model.say(quote(0, 10300, 20000)));
  await until(() => bids.length === 3);
  t.same(bids, ['1.0100', '1.0200', '1.0300']);
  t.ok(plant.repairs >= 1);
  await until(() => one.isLive);

  model.restart('0126112301');
  plant.send(model.say(template(QUOTE), item(4, 'IEX.A'), quote(4, 55000, 66000)));
  await until(() => one.isLive && String(one.get('BID')) === '5.5000');
  t.equal(client.channels[0]!.session, '0126112301');

  await client.close();
  await plant.close();
  await t.resolves(noSockets(), 'no socket is left open');
});

t.test('for await: events until the loop is left', async (t) => {
  const [statusPort, dataPort] = testPorts(2) as [number, number];
  const model = new FakePlant(1, '0126112300');
  model.say(template(QUOTE), item(0, 'IEX.A'));
  const plant = new SocketPlant({ name: 'p1', rank: 0, statusPort, dataPort, plant: model });
  const client = await open([plant], statusPort);
  const seen: string[] = [];
  let updates = 0;
  for await (const event of client.subscribe(['IEX.A'], { fields: ['BID'] })) {
    seen.push(event.event);
    if (event.event === 'quality') plant.send(model.say(quote(0, 10100, 20000)));
    if (event.event === 'update' && ++updates === 2) break;
    if (event.event === 'update') plant.send(model.say(quote(0, 10200, 20000)));
  }
  t.same(seen, ['item', 'image', 'quality', 'update', 'update']);
  await client.close();
  await plant.close();
});

t.test('a plant goes away: the client takes the other one, and marks items STALE when none is left', async (t) => {
  const [statusPort, dataPort] = testPorts(2) as [number, number];
  const model = new FakePlant(1, '0126112300');
  model.say(template(QUOTE), item(0, 'IEX.A'), quote(0, 10000, 20000));
  const first = new SocketPlant({ name: 'p1', rank: 0, statusPort, dataPort, plant: model });
  const second = new SocketPlant({ name: 'p2', rank: 1, statusPort, dataPort, plant: model });
  const client = await open([first, second], statusPort);
  await client.subscribe('IEX.A').ready;
  const before = client.serving.images;
  const [gone, left] = before === 'p1' ? [first, second] : [second, first];
  await gone.close();
  await until(() => client.serving.images === left.name);
  t.equal(client.item('IEX.A')!.quality, 'LIVE');
  await left.close();
  await until(() => client.item('IEX.A')!.quality === 'STALE');
  t.match(client.item('IEX.A')!.state.reason, /plant-silent|channel-silent/);
  await client.close();
});

t.test('garbage on every socket is counted and kept, and changes nothing', async (t) => {
  const [statusPort, dataPort] = testPorts(2) as [number, number];
  const model = new FakePlant(1, '0126112300');
  model.say(template(QUOTE), item(0, 'IEX.A'), quote(0, 10000, 20000));
  const plant = new SocketPlant({ name: 'p1', rank: 0, statusPort, dataPort, plant: model });
  const client = await open([plant], statusPort);
  await client.subscribe('IEX.A').ready;
  const fail = (error: Error): void => {
    throw error;
  };
  const status = await openSender({ group: '239.255.77.2', port: statusPort, interface: '127.0.0.1', onError: fail });
  const data = await openSender({ group: '239.255.77.1', port: dataPort, interface: '127.0.0.1', onError: fail });
  for (let length = 0; length < 60; length++) {
    const bytes = Buffer.alloc(length, length * 7);
    status.send(bytes, 0, length);
    data.send(bytes, 0, length);
  }
  await until(() => client.quarantine.total >= 60);
  const codes = Object.keys(client.quarantine.report().counts);
  t.ok(codes.some((code) => code.startsWith('STATUS_')));
  t.ok(codes.some((code) => code.startsWith('MOLD_')));
  t.equal(client.item('IEX.A')!.quality, 'LIVE');
  t.equal(String(client.item('IEX.A')!.get('BID')), '1.0000');
  await Promise.all([status.close(), data.close()]);
  await client.close();
  await plant.close();
});

t.test('what cannot be opened is said plainly, and nothing stays open', async (t) => {
  const [port] = testPorts(1) as [number];
  const options = { status: `239.255.77.2:${port}`, interface: '127.0.0.1', key: KEY, logger: quiet as never };
  await t.rejects(connect({ ...options, interface: 'nosuch9' }), { code: 'MULTICAST_NO_INTERFACE' });
  await t.rejects(connect({ ...options, status: '10.0.0.1:5' }), { code: 'MULTICAST_BAD_GROUP' });
  await t.rejects(connect({ ...options, key: 'short' }), { code: 'CLIENT_BAD_OPTION' });
  await t.rejects(connect({ ...options, limits: { retryMs: -1 } }), { code: 'CLIENT_BAD_OPTION' });
  const client = await connect(options);
  const waiting = client.ready;
  await client.close();
  await t.rejects(waiting, { code: 'CLIENT_CLOSED' });
  t.throws(() => client.subscribe('IEX.A'), { code: 'CLIENT_CLOSED' });
  await t.resolves(noSockets());
});
