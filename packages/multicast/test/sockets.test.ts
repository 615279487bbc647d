import { createSocket } from 'node:dgram';
import { setImmediate as immediately } from 'node:timers/promises';
import type { TickerError } from '@tickerplant/core';
import { testPorts } from '@tickerplant/testkit';
import t from 'tap';
import { type MulticastSender, openReceiver, openSender, openUnicast, UDP_PAYLOAD_MAX } from '../src/index.ts';

const LOOPBACK = '127.0.0.1';
const GROUP = '239.255.41.1';
const OTHER_GROUP = '239.255.41.2';
const unexpected = (error: TickerError): void => {
  throw error;
};

/** A receiver that keeps what it hears. */
async function listen(t: Tap, group: string, port: number, sources: string[] = []) {
  const heard: string[] = [];
  const wakes: (() => void)[] = [];
  const receiver = await openReceiver({
    group,
    port,
    interface: LOOPBACK,
    sources,
    onPacket: (packet) => {
      heard.push(packet.toString('latin1'));
      for (const wake of wakes.splice(0)) wake();
    },
    onError: unexpected,
  });
  t.teardown(() => receiver.close());
  const until = async (count: number): Promise<void> => {
    while (heard.length < count) await new Promise<void>((resolve) => wakes.push(resolve));
  };
  return { heard, until, receiver };
}

/** The part of a test that helpers need. */
interface Tap {
  teardown(undo: () => Promise<void>): void;
}

async function sender(t: Tap, group: string, port: number): Promise<MulticastSender> {
  const opened = await openSender({ group, port, interface: LOOPBACK, onError: unexpected });
  t.teardown(() => opened.close());
  return opened;
}

const say = (to: MulticastSender, text: string): boolean => to.send(Buffer.from(text), 0, text.length);

t.test('every receiver on a port hears every packet', async (t) => {
  const [port] = testPorts(1) as [number];
  const one = await listen(t, GROUP, port);
  const two = await listen(t, GROUP, port);
  const to = await sender(t, GROUP, port);
  say(to, 'a');
  say(to, 'b');
  await Promise.all([one.until(2), two.until(2)]);
  t.same(
    [one.heard, two.heard],
    [
      ['a', 'b'],
      ['a', 'b'],
    ],
  );
});

t.test('another group on the same port does not leak in', { skip: process.platform === 'win32' }, async (t) => {
  const [port] = testPorts(1) as [number];
  const mine = await listen(t, GROUP, port);
  const other = await listen(t, OTHER_GROUP, port);
  say(await sender(t, OTHER_GROUP, port), 'theirs');
  await other.until(1);
  say(await sender(t, GROUP, port), 'mine');
  await mine.until(1);
  t.same(mine.heard, ['mine']);
  t.same(other.heard, ['theirs']);
});

t.test('source-specific membership hears its sources only', async (t) => {
  const [port] = testPorts(1) as [number];
  const any = await listen(t, '232.1.41.1', port);
  const right = await listen(t, '232.1.41.1', port, [LOOPBACK]);
  const wrong = await listen(t, '232.1.41.1', port, ['127.0.0.9']);
  const to = await sender(t, '232.1.41.1', port);
  for (let i = 0; i < 10; i++) say(to, String(i));
  await Promise.all([any.until(10), right.until(10)]);
  for (let turn = 0; turn < 5; turn++) await immediately();
  t.equal(wrong.heard.length, 0);
});

t.test('a part of a buffer is sent, and the buffer may be used again when send says true', async (t) => {
  const [port] = testPorts(1) as [number];
  const { heard, until } = await listen(t, GROUP, port);
  const to = await sender(t, GROUP, port);
  const buffer = Buffer.from('..first..');
  t.equal(to.send(buffer, 2, 7), true);
  buffer.write('..again..');
  t.equal(to.send(buffer, 2, 7), true);
  t.equal(to.queued(), 0);
  await until(2);
  t.same(heard, ['first', 'again']);
});

t.test('an empty packet and the longest packet arrive whole', async (t) => {
  const [port] = testPorts(1) as [number];
  const { heard, until } = await listen(t, GROUP, port);
  const to = await sender(t, GROUP, port);
  to.send(Buffer.alloc(0), 0, 0);
  to.send(Buffer.alloc(UDP_PAYLOAD_MAX, 'x'), 0, UDP_PAYLOAD_MAX);
  await until(2);
  t.same(
    heard.map((packet) => packet.length),
    [0, UDP_PAYLOAD_MAX],
  );
});

t.test('what cannot be sent is told and does not stop the sender', async (t) => {
  const [port] = testPorts(1) as [number];
  const { heard, until } = await listen(t, GROUP, port);
  const errors: TickerError[] = [];
  const to = await openSender({ group: GROUP, port, interface: LOOPBACK, onError: (error) => errors.push(error) });
  t.equal(to.send(Buffer.alloc(65_508), 0, 65_508), true);
  t.match(errors.shift(), {
    code: 'MULTICAST_TOO_LONG',
    message: 'expected a packet of at most 65507 bytes, got 65508',
    context: { group: GROUP, port },
  });
  say(to, 'after');
  await until(1);
  t.same(heard, ['after']);
  await to.close();
  await to.close();
  t.equal(say(to, 'late'), true);
  t.equal(to.queued(), 0);
  t.match(errors, [{ code: 'MULTICAST_CLOSED' }]);
});

t.test('no packet comes after close has resolved', async (t) => {
  const [port] = testPorts(1) as [number];
  const open = await listen(t, GROUP, port);
  const shut = await listen(t, GROUP, port);
  const to = await sender(t, GROUP, port);
  say(to, 'unread');
  await shut.receiver.close();
  const before = shut.heard.length;
  say(to, 'after');
  await open.until(2);
  t.equal(shut.heard.length, before);
});

t.test('a kernel buffer smaller than asked for is a warning with both figures', async (t) => {
  const [port] = testPorts(1) as [number];
  const warnings: TickerError[] = [];
  const huge = 2 ** 30;
  const receiver = await openReceiver({
    group: GROUP,
    port,
    interface: LOOPBACK,
    receiveBufferBytes: huge,
    onPacket: () => {},
    onError: unexpected,
    onWarning: (warning) => warnings.push(warning),
  });
  t.teardown(() => receiver.close());
  t.ok(receiver.receiveBufferBytes > 0);
  if (receiver.receiveBufferBytes >= huge) return t.pass('this kernel grants a gibibyte');
  t.match(warnings, [
    { code: 'MULTICAST_BUFFER_SMALL', context: { expected: huge, granted: receiver.receiveBufferBytes } },
  ]);
});

t.test('a granted buffer is reported as asked for, without a warning', async (t) => {
  const [port] = testPorts(1) as [number];
  const receiver = await openReceiver({
    group: GROUP,
    port,
    interface: LOOPBACK,
    receiveBufferBytes: 65_536,
    onPacket: () => {},
    onError: unexpected,
    onWarning: unexpected,
  });
  t.equal(receiver.receiveBufferBytes, 65_536);
  await receiver.close();
});

t.test('opening says what is wrong', async (t) => {
  const [port, taken] = testPorts(2) as [number, number];
  const receiver = { group: GROUP, port, interface: LOOPBACK, onPacket: () => {}, onError: unexpected };
  const options = { group: GROUP, port, interface: LOOPBACK, onError: unexpected };
  const selfish = createSocket('udp4');
  await new Promise<void>((resolve) => selfish.bind(taken, '0.0.0.0', resolve));
  t.teardown(() => selfish.close());
  const unicast = { address: LOOPBACK, port, onPacket: () => {}, onError: unexpected };
  for (const [open, code] of [
    [() => openReceiver({ ...receiver, group: '10.0.0.1' }), 'MULTICAST_BAD_GROUP'],
    [() => openReceiver({ ...receiver, port: 0 }), 'MULTICAST_BAD_PORT'],
    [() => openReceiver({ ...receiver, port: 1.5 }), 'MULTICAST_BAD_PORT'],
    [() => openReceiver({ ...receiver, interface: 'nosuch0' }), 'MULTICAST_NO_INTERFACE'],
    [() => openReceiver({ ...receiver, sources: ['239.1.1.1'] }), 'MULTICAST_BAD_ADDRESS'],
    [() => openReceiver({ ...receiver, sources: ['10.0.0.1', '10.0.0.1'] }), 'MULTICAST_JOIN_FAILED'],
    [() => openReceiver({ ...receiver, port: taken }), 'MULTICAST_PORT_IN_USE'],
    [() => openSender({ ...options, group: 'news' }), 'MULTICAST_BAD_GROUP'],
    [() => openSender({ ...options, port: 70_000 }), 'MULTICAST_BAD_PORT'],
    [() => openSender({ ...options, ttl: 256 }), 'MULTICAST_BAD_TTL'],
    [() => openSender({ ...options, interface: '203.0.113.9' }), 'MULTICAST_NO_INTERFACE'],
    [() => openSender({ ...options, sourcePort: taken }), 'MULTICAST_PORT_IN_USE'],
    [() => openUnicast({ ...unicast, address: 'localhost' }), 'MULTICAST_BAD_ADDRESS'],
    [() => openUnicast({ ...unicast, address: '203.0.113.9' }), 'MULTICAST_NO_INTERFACE'],
    [() => openUnicast({ ...unicast, port: taken }), 'MULTICAST_PORT_IN_USE'],
  ] as const) {
    await t.rejects(open as () => Promise<unknown>, { name: 'TickerError', code }, code);
  }
});

t.test('unicast - a request is answered to where it came from', async (t) => {
  const heard: string[] = [];
  const server = await openUnicast({
    address: LOOPBACK,
    port: 0,
    receiveBufferBytes: 65_536,
    onPacket: (packet, from) => {
      const answer = Buffer.from(`${packet.toString()}!`);
      server.send(answer, 0, answer.length, from.port, from.address);
    },
    onError: unexpected,
  });
  const answered = new Promise<void>((resolve) => {
    void openUnicast({
      address: LOOPBACK,
      port: 0,
      onPacket: (packet) => {
        heard.push(packet.toString());
        resolve();
      },
      onError: unexpected,
    }).then((client) => {
      t.teardown(() => client.close());
      const request = Buffer.from('..ask');
      client.send(request, 2, 5, server.port, server.address);
      request.fill('x'); // Already taken by the kernel.
    });
  });
  await answered;
  t.same(heard, ['ask!']);
  await server.close();
});

t.test('unicast - a port or an address that cannot be is told and does not stop the socket', async (t) => {
  const errors: TickerError[] = [];
  let told = (): void => {};
  const socket = await openUnicast({
    address: LOOPBACK,
    port: 0,
    onPacket: () => {},
    onError: (error) => {
      errors.push(error);
      told();
    },
  });
  const bytes = Buffer.from('x');
  socket.send(bytes, 0, 1, 0, LOOPBACK);
  t.match(errors.shift(), { code: 'MULTICAST_SEND_FAILED', context: { to: '127.0.0.1:0' } });
  socket.send(Buffer.alloc(65_508), 0, 65_508, 20_000, LOOPBACK);
  t.match(errors.shift(), { code: 'MULTICAST_TOO_LONG' });
  const async = new Promise<void>((resolve) => {
    told = resolve;
  });
  socket.send(bytes, 0, 1, 20_000, 'plant-1.example');
  await async;
  t.match(errors.shift(), { name: 'TickerError' });
  await socket.close();
  socket.send(bytes, 0, 1, 20_000, LOOPBACK);
  t.match(errors.shift(), { code: 'MULTICAST_CLOSED' });
});
