import { Socket } from 'node:dgram';
import { type Client, connect, type FloorEvent } from '@tickerplant/client';
import { loadFloor } from '@tickerplant/floor';
import { formatSession, MOLD_FRAMING, readCount, readSequence } from '@tickerplant/moldudp64';
import { type MulticastReceiver, openReceiver } from '@tickerplant/multicast';
import { createPacketHeader } from '@tickerplant/sequence';
import { createLogger } from '@tickerplant/telemetry';
import t, { type Test } from 'tap';
import { digestOf, itemsOf, until } from '../src/collect.ts';
import { KEY, type TestFloor, writeFloor } from '../src/floors.ts';
import { RunningTicker } from '../src/ticker.ts';

// Real processes: two plants that both publish. What must hold is that a subscriber misses nothing and doubts nothing.

t.setTimeout(400_000);

// Patient enough for a machine on which other tests run.
const LIMITS = '{ heartbeatMs: 20, takeoverAfterMs: 200, silentAfterMs: 20000, lineSilentAfterMs: 20000 }';

class LiveLiveFloor {
  readonly floor: TestFloor;
  readonly running = new Map<string, RunningTicker>();

  constructor(t: Test) {
    const simulator = 'symbols: 40, rate: 2000, loss: { A: 0.05 }';
    this.floor = writeFloor(t.testdir(), 'itch50', { liveLive: true, simulator, limits: LIMITS });
    t.teardown(() => Promise.all([...this.running.values()].map((process) => process.stop('SIGKILL'))));
  }

  start(kind: 'plant' | 'feed' | 'vendor', name: string): void {
    this.running.set(name, new RunningTicker(kind, this.floor.path, name));
  }

  async kill(name: string): Promise<void> {
    await this.running.get(name)!.stop('SIGKILL');
  }

  up(): void {
    for (const plant of ['p1', 'p2']) this.start('plant', plant);
    this.start('feed', 'f');
    this.start('vendor', 'v');
  }
}

function connectTo(floor: TestFloor, onEvent: (event: FloorEvent) => void = () => {}): Promise<Client> {
  const logger = createLogger('test', 'error');
  // Sooner than the floor's own limit: the test waits for a killed plant to be found silent.
  const limits = { silentAfterMs: 5_000 };
  return connect({ status: floor.status, interface: '127.0.0.1', key: KEY, logger, onEvent, limits });
}

/** Whether all channels in use are heard from these plants, and from no others. */
function hears(client: Client, ...plants: string[]): boolean {
  const joined = client.channels.filter((channel) => channel.joined);
  return (
    joined.length > 0 &&
    joined.every(({ lines }) => lines.every(({ plant, heard }) => heard === plants.includes(plant ?? '')))
  );
}

t.test('either plant is killed and started again: nothing is missed, nothing is in doubt', async (t) => {
  const world = new LiveLiveFloor(t);
  world.up();
  const events: FloorEvent[] = [];
  const client = await connectTo(world.floor, (event) => events.push(event));
  t.teardown(() => client.close());
  const trouble: string[] = [];
  let updates = 0;
  let watching = false;
  const lastSeq = new Map<string, number>();
  const subscription = client.subscribe('T.>', {
    listener: {
      onUpdate: ({ item, seq }) => {
        updates++;
        if (seq <= (lastSeq.get(item.subject) ?? 0)) trouble.push(`${item.subject} ${seq} again`);
        lastSeq.set(item.subject, seq);
      },
      onGap: (notice) => trouble.push(`gap ${JSON.stringify(notice)}`),
      onQuality: (item, now, before) => {
        if (watching && before.name === 'LIVE') trouble.push(`${item.subject} ${now.name} ${now.reason} ${now.detail}`);
      },
    },
  });
  await subscription.ready;
  const wellWith = async (...plants: string[]): Promise<void> => {
    const fit = (): boolean => plants.every((name) => client.plants.some((plant) => plant.name === name && plant.fit));
    const live = (): boolean => subscription.items.length > 0 && subscription.items.every(({ isLive }) => isLive);
    try {
      await until(
        () => hears(client, ...plants) && fit() && live(),
        `${plants} to be heard and all items to be LIVE`,
        90_000,
      );
    } catch (error) {
      t.comment(JSON.stringify({ channels: client.channels, plants: client.plants, trouble: trouble.slice(0, 20) }));
      for (const [name, { stderr }] of world.running) t.comment(`${name}\n${stderr.slice(-2_000)}`);
      throw error;
    }
  };
  await wellWith('p1', 'p2');
  watching = true;

  for (const [gone, left] of [
    ['p1', 'p2'],
    ['p2', 'p1'],
  ] as const) {
    const before = updates;
    await world.kill(gone);
    await wellWith(left);
    await until(() => updates > before + 100, 'updates to go on');
    const serves = (): boolean => Object.values(client.serving).every((plant) => plant === left);
    await until(serves, `${left} to serve alone`);
    const isTold = (): boolean =>
      events.some((event) => event.event === 'line' && !event.heard && event.plant === gone);
    await until(isTold, `to be told that ${gone} is silent`);
    t.same(trouble, [], `after ${gone} was killed`);
    // Images that were never asked for come from whoever is left.
    const depth = client.subscribe('T-L2.>');
    await depth.ready;
    t.ok(depth.items.length > 0, `${left} serves images`);
    depth.close();
    world.start('plant', gone);
    await wellWith('p1', 'p2');
  }
  t.ok(
    events.some((event) => event.event === 'takeover' && event.to === 'p1'),
    'takeovers are told',
  );

  // What neither group brings is repaired, by the one plant that is there.
  await world.kill('p1');
  await until(() => client.serving.repair === 'p2' && hears(client, 'p2'), 'p2 to serve alone');
  t.same(trouble, []);
  watching = false;
  const restore = dropPackets(0.05);
  t.teardown(restore);
  const recovered = (): number =>
    client.registry
      .snapshot()
      .filter(({ name }) => name === 'receiver')
      .reduce((sum, { values }) => sum + (values.recovered ?? 0), 0);
  await until(() => recovered() > 20, 'lost messages to be repaired');
  restore();
  await wellWith('p2');
  t.same(trouble, []);

  // A subscriber that comes now sees the same.
  await world.running.get('v')!.stop();
  const fresh = await connectTo(world.floor);
  t.teardown(() => fresh.close());
  const again = fresh.subscribe('T.>');
  await again.ready;
  const next = (of: Client): unknown =>
    of.channels.filter(({ joined }) => joined).map(({ name, next }) => [name, next]);
  await until(() => JSON.stringify(next(fresh)) === JSON.stringify(next(client)), 'both to have come equally far');
  // The new one waits for a plant's word that all has come before it calls anything LIVE.
  await until(() => digestOf(itemsOf(again)) === digestOf(itemsOf(subscription)), 'both to show the same');
});

t.test('each group is plain MoldUDP64, with the same bytes under the same numbers', async (t) => {
  const world = new LiveLiveFloor(t);
  world.up();
  const { channels, networks } = loadFloor(world.floor.path);
  /** By plant: message bytes by session and number. */
  const seen = [new Map<string, string>(), new Map<string, string>()];
  const faults: unknown[] = [];
  const sockets: MulticastReceiver[] = [];
  t.teardown(() => Promise.all(sockets.map((socket) => socket.close())));
  for (const { trading } of channels) {
    for (const [rank, group] of trading.entries()) {
      const header = createPacketHeader();
      const onPacket = (packet: Buffer): void => {
        const fault = MOLD_FRAMING.parse(packet, packet.length, header);
        if (fault !== undefined) faults.push(fault);
        if (fault !== undefined || header.kind !== 'data') return;
        const session = formatSession(packet, 0);
        const first = readSequence(packet, 0);
        let at = header.blocksStart;
        for (let i = 0; i < readCount(packet, 0); i++) {
          const end = at + 2 + packet.readUInt16BE(at);
          seen[rank]!.set(`${session} ${first + i}`, packet.toString('latin1', at, end));
          at = end;
        }
      };
      sockets.push(
        await openReceiver({
          ...group,
          interface: networks.trading.interface,
          onPacket,
          onError: (error) => faults.push(error),
        }),
      );
    }
  }
  const common = (): string[] => [...seen[0]!.keys()].filter((key) => seen[1]!.has(key));
  await until(() => common().length > 1_000, 'both plants to publish the same messages', 150_000);
  t.same(faults, []);
  t.same(
    common().filter((key) => seen[0]!.get(key) !== seen[1]!.get(key)),
    [],
  );
});

/** Lets this process lose a share of the datagrams on its multicast sockets. @returns how to end that */
function dropPackets(share: number): () => void {
  const { emit } = Socket.prototype;
  let count = 0;
  Socket.prototype.emit = function (this: Socket, event: string | symbol, ...args: unknown[]): boolean {
    const bytes = args[0];
    const isData = event === 'message' && bytes instanceof Buffer && this.address().address.startsWith('239.');
    if (isData && bytes.length > 20 && ++count % Math.round(1 / share) === 0) return true;
    return (emit as (event: string | symbol, ...args: unknown[]) => boolean).call(this, event, ...args);
  } as typeof emit;
  return () => {
    Socket.prototype.emit = emit;
  };
}
