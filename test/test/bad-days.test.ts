import { execFileSync, spawnSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { writeFileSync } from 'node:fs';
import { connect as connectTcp, createServer } from 'node:net';
import { join } from 'node:path';
import { seededRandom } from '@tickerplant/core';
import { parseEndpoint } from '@tickerplant/multicast';
import t, { type Test } from 'tap';
import { connectTo, until } from '../src/collect.ts';
import { type TestFloor, writeFloor } from '../src/floors.ts';
import { RunningTicker, ticker } from '../src/ticker.ts';

// Bad input on every socket of running processes, and things that are wrong from the start.

t.setTimeout(600_000);

const SIMULATOR = 'seed: 7, symbols: 40, rate: 4000';

async function startFloor(t: Test, options: Parameters<typeof writeFloor>[2]): Promise<[TestFloor, RunningTicker]> {
  const floor = writeFloor(t.testdir({}), 'itch50', options);
  const up = new RunningTicker('up', floor.path);
  t.teardown(() => up.stop());
  await up.until(() => up.stderr.includes("floor 'test' is up"), 'the floor to be up');
  return [floor, up];
}

/** Sends datagrams in small bursts, so that none is lost for want of room alone. */
async function send(address: string, port: number, datagrams: readonly Uint8Array[]): Promise<void> {
  const socket = createSocket('udp4');
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  socket.setMulticastInterface('127.0.0.1');
  socket.setMulticastTTL(0);
  for (const [index, datagram] of datagrams.entries()) {
    socket.send(datagram, port, address);
    if (index % 20 === 19) await new Promise((resolve) => setTimeout(resolve, 1));
  }
  await new Promise((resolve) => setTimeout(resolve, 50));
  await new Promise<void>((resolve) => socket.close(() => resolve()));
}

t.test('garbage on every socket is counted and kept, and the stream goes on', async (t) => {
  const [floor, up] = await startFloor(t, { simulator: SIMULATOR });
  const client = await connectTo(floor);
  t.teardown(() => client.close());
  const gaps: unknown[] = [];
  let updates = 0;
  const subscription = client.subscribe('T.>', {
    listener: { onUpdate: () => updates++, onGap: (notice) => gaps.push(notice) },
  });
  await subscription.ready;
  await until(() => updates > 1000, 'updates to flow');

  const random = seededRandom(99);
  const bytes = (length: number): Uint8Array => Uint8Array.from({ length }, () => random.below(256));
  const noise = Array.from({ length: 400 }, () => bytes(random.below(200)));
  // Packets of the right form and another session, with lengths that lie, and far too long ones.
  const formed = Array.from({ length: 200 }, () => {
    const packet = Buffer.from(bytes(20 + random.below(80)));
    packet.write('OTHERSESSN', 0, 'latin1');
    packet.writeBigUInt64BE(BigInt(random.below(1000)), 10);
    packet.writeUInt16BE(random.below(5), 18);
    return packet;
  });
  const datagrams = [...noise, ...formed, bytes(9000), bytes(60_000)];
  const [status, ...groups] = [floor.status, ...floor.lines, ...floor.tradingGroups].map(parseEndpoint);
  for (const { group, port } of [status!, ...groups]) await send(group, port, datagrams);
  await send('127.0.0.1', floor.ports.plantRepair!, datagrams);
  await send('127.0.0.1', floor.ports.handlerRepair!, datagrams);
  for (const port of [floor.ports.plantControl!, floor.ports.handlerControl!]) {
    for (let i = 0; i < 20; i++) {
      const socket = connectTcp(port, '127.0.0.1');
      socket.on('error', () => {});
      socket.write(bytes(1 + random.below(5000)));
      setTimeout(() => socket.destroy(), 300);
    }
  }
  await new Promise((resolve) => setTimeout(resolve, 1000));
  const before = updates;
  await until(() => updates > before + 2000, 'updates to go on');
  t.same(gaps, []);
  t.equal(up.child.exitCode, null, 'every process is still running');
  await until(() => subscription.items.every((item) => item.isLive), 'every item to be LIVE');

  const { code, stdout } = await ticker('status', floor.path, '--json');
  t.equal(code, 0);
  const { processes } = JSON.parse(stdout) as { processes: { process: string; quarantine: Record<string, number> }[] };
  for (const { process: name, quarantine } of processes) {
    const kept = Object.values(quarantine).reduce((sum, count) => sum + count, 0);
    t.ok(kept > 500, `${name} counted ${kept} pieces of bad input`);
    t.ok(Object.keys(quarantine).length >= 3, `of several kinds: ${Object.keys(quarantine).join(', ')}`);
  }
  const listed = await ticker('status', floor.path, '--quarantine', '--json');
  t.match(JSON.parse(listed.stdout).processes[0].entries[0], {
    code: String,
    message: String,
    hex: String,
    at: String,
  });
  t.ok(client.quarantine.total > 0, 'the client counts what came to its groups');
});

t.test('a flood of requests starves neither the stream nor other clients', async (t) => {
  const [floor] = await startFloor(t, { simulator: SIMULATOR });
  const client = await connectTo(floor);
  t.teardown(() => client.close());
  let updates = 0;
  await client.subscribe('T.>', { listener: { onUpdate: () => updates++ } }).ready;
  const session = client.channels.find(({ name }) => name === 'C1')?.session ?? '';
  const request = Buffer.alloc(20);
  request.write(session, 0, 'latin1');
  request.writeBigUInt64BE(1n, 10);
  request.writeUInt16BE(1000, 18);
  const flood = send(
    '127.0.0.1',
    floor.ports.plantRepair!,
    Array.from({ length: 30_000 }, () => request),
  );
  const started = updates;
  const other = await connectTo(floor);
  t.teardown(() => other.close());
  await other.subscribe('T.>').ready;
  await flood;
  await until(() => updates > started + 2000, 'the stream to go on');
  const { stdout } = await ticker('status', floor.path, '--json');
  const plant = JSON.parse(stdout).processes.find((each: { process: string }) => each.process === 'plant/p1');
  const requests = plant.counters.find(({ name }: { name: string }) => /request/.test(name)).values;
  t.ok(requests.overClientBudget > 0, 'the flood was over its budget');
});

t.test('when a line is cut nobody notices; when both are, values stop looking live and say why', async (t) => {
  const [floor, up] = await startFloor(t, {
    simulator: SIMULATOR,
    limits: '{ silentAfterMs: 500, lineSilentAfterMs: 1200 }',
  });
  const client = await connectTo(floor);
  t.teardown(() => client.close());
  const subscription = client.subscribe('T.>');
  await subscription.ready;
  await until(() => subscription.items.length > 40 && subscription.items.every(({ isLive }) => isLive), 'LIVE items');
  const vendor = Number(/vendor\/v is up \(process (\d+)\)/.exec(up.stderr)![1]);
  process.kill(vendor, 'SIGUSR1');
  await new Promise((resolve) => setTimeout(resolve, 2500));
  t.ok(
    subscription.items.every(({ isLive }) => isLive),
    'one line is enough',
  );
  process.kill(vendor, 'SIGUSR2');
  await until(() => subscription.items.every(({ quality }) => quality === 'STALE'), 'items to be STALE');
  t.equal(subscription.items[0]!.state.reason, 'lines-silent');
  process.kill(vendor, 'SIGUSR1');
  await until(() => subscription.items.every(({ isLive }) => isLive), 'items to be LIVE again');
});

t.test('when the plant dies, values stop looking live, and come back with it', async (t) => {
  const floor = writeFloor(t.testdir({}), 'itch50', { simulator: SIMULATOR, limits: '{ silentAfterMs: 500 }' });
  const parts = [
    new RunningTicker('plant', floor.path, 'p1'),
    new RunningTicker('feed', floor.path, 'f'),
    new RunningTicker('vendor', floor.path),
  ];
  t.teardown(() => Promise.all(parts.map((part) => part.stop('SIGKILL'))));
  const client = await connectTo(floor);
  t.teardown(() => client.close());
  const subscription = client.subscribe('T.>');
  await until(() => subscription.items.length > 40 && subscription.items.every(({ isLive }) => isLive), 'LIVE items');
  await parts[0]!.stop('SIGKILL');
  await until(() => subscription.items.every(({ isLive }) => !isLive), 'no item to be LIVE');
  parts[0] = new RunningTicker('plant', floor.path, 'p1');
  await until(() => subscription.items.every(({ isLive }) => isLive), 'items to be LIVE again');
});

for (const [who, killed] of [
  ['the handler is', [1]],
  // Nobody is left who could tell of the epoch but its own file, and the client, who doesn't speak.
  ['handler and plant are', [0, 1]],
] as const) {
  t.test(`when ${who} killed and started anew, the channels begin a new epoch`, (t) => newEpoch(t, killed));
}

async function newEpoch(t: Test, killed: readonly number[]): Promise<void> {
  const floor = writeFloor(t.testdir({}), 'itch50', { simulator: SIMULATOR, limits: '{ silentAfterMs: 500 }' });
  const start = [
    () => new RunningTicker('plant', floor.path, 'p1'),
    () => new RunningTicker('feed', floor.path, 'f'),
    () => new RunningTicker('vendor', floor.path),
  ];
  const parts = start.map((one) => one());
  t.teardown(() => Promise.all(parts.map((part) => part.stop('SIGKILL'))));
  const client = await connectTo(floor);
  t.teardown(() => client.close());
  const subscription = client.subscribe('T.>');
  await until(() => subscription.items.length > 40 && subscription.items.every(({ isLive }) => isLive), 'LIVE items');
  const before = client.channels.map(({ session }) => session);
  for (const index of killed) await parts[index]!.stop('SIGKILL');
  await until(() => subscription.items.every(({ isLive }) => !isLive), 'no item to be LIVE');
  for (const index of killed) parts[index] = start[index]!();
  await until(() => subscription.items.every(({ isLive }) => isLive), 'items to be LIVE again');
  const after = client.channels.map(({ session }) => session);
  for (const [index, session] of before.entries()) {
    t.ok(after[index]! > session, `${session} is followed by ${after[index]}`);
  }
}

t.test('a floor file with mistakes: one clear message, exit code 2', async (t) => {
  const folder = t.testdir({});
  const floor = writeFloor(folder, 'itch50');
  const text = execFileSync('cat', [floor.path]).toString();
  const broken = join(folder, 'broken.yaml');
  writeFileSync(broken, text.replace('protocol: itch50', 'protokol: itch50').replace('239.255.201.1', '10.0.0.1'));
  const { code, stderr } = await ticker('up', broken);
  t.equal(code, 2);
  t.match(stderr, /broken\.yaml:\d+:\d+ feeds\[0\]\.protokol: .*protocol/);
  t.match(stderr, /broken\.yaml:\d+:\d+ feeds\[0\]\.lines\[0\]\.group: expected .*10\.0\.0\.1/);
  const missing = await ticker('up', join(folder, 'none.yaml'));
  t.equal(missing.code, 2);
  t.match(missing.stderr, /none\.yaml/);
});

t.test('a port that is taken, an interface that is not there: said plainly', async (t) => {
  const folder = t.testdir({});
  const floor = writeFloor(folder, 'itch50');
  const squatter = createServer();
  await new Promise<void>((resolve) => squatter.listen(floor.ports.plantControl, '127.0.0.1', resolve));
  t.teardown(() => squatter.close());
  const taken = await ticker('plant', floor.path, 'p1');
  t.equal(taken.code, 1);
  t.match(taken.stderr, new RegExp(`${floor.ports.plantControl} to be free`));
  const text = execFileSync('cat', [floor.path]).toString();
  writeFileSync(floor.path, text.replace('trading: { interface: 127.0.0.1', 'trading: { interface: eth77'));
  const none = await ticker('plant', floor.path, 'p1');
  t.equal(none.code, 1);
  t.match(none.stderr, /eth77.*MULTICAST_NO_INTERFACE/s);
  const unknown = await ticker('plant', floor.path, 'p9');
  t.equal(unknown.code, 2);
  t.match(unknown.stderr, /expected a plant of the floor \(p1\), got 'p9'/);
});

const skip = spawnSync('tshark', ['--version']).error === undefined ? false : 'needs tshark';

t.test("an independent dissector reads the plant's packets as MoldUDP64", { skip }, async (t) => {
  const [floor] = await startFloor(t, { simulator: SIMULATOR });
  const file = join(t.testdir({}), 'trading.pcap');
  const recorded = await ticker('capture', ...floor.tradingGroups, '--out', file, '--packets', '300');
  t.equal(recorded.code, 0, recorded.stderr);
  const decodeAs = floor.tradingGroups.flatMap((text) => ['-d', `udp.port==${parseEndpoint(text).port},moldudp64`]);
  const { stdout } = spawnSync('tshark', [
    ...['-r', file, ...decodeAs, '-T', 'fields', '-E', 'separator=;', '-E', 'aggregator=,'],
    ...['-e', 'moldudp64.session', '-e', 'moldudp64.sequence', '-e', 'moldudp64.count', '-e', 'moldudp64.msglen'],
    ...['-e', '_ws.malformed', '-e', 'udp.checksum.status'],
  ]);
  const rows = stdout.toString().trim().split('\n');
  t.equal(rows.length, 300);
  for (const row of rows) {
    const [session, sequence, count, lengths, malformed] = row.split(';');
    t.match(session, /^0[123]\d{6}[0-9A-Z]{2}$/);
    t.ok(Number(sequence!.split(',')[0]) >= 1);
    const blocks = lengths === '' ? 0 : lengths!.split(',').length;
    t.equal(blocks, Number(count));
    t.equal(malformed, '');
  }
});
