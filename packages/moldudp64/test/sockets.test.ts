import type { TickerError } from '@tickerplant/core';
import { openSender, openUnicast } from '@tickerplant/multicast';
import { MessageRing, openSubscriber, type SubscriberOptions } from '@tickerplant/sequence';
import { CounterRegistry, Quarantine } from '@tickerplant/telemetry';
import { testPorts } from '@tickerplant/testkit';
import t from 'tap';
import {
  encodeRequest,
  MOLD_FRAMING,
  MoldSender,
  openPublisher,
  openRequestServer,
  type PublisherOptions,
} from '../src/index.ts';

const LOOPBACK = '127.0.0.1';
const GROUP_A = '239.255.42.1';
const GROUP_B = '239.255.42.2';
const SESSION = 'LOOP000001';
const MS = 1_000_000;
const onError = (error: TickerError): void => {
  throw error;
};

interface Tap {
  teardown(undo: () => Promise<void>): void;
}

/** A subscriber that writes down what it hears. */
async function subscribe(t: Tap, options: Pick<SubscriberOptions, 'lines'> & Partial<SubscriberOptions>) {
  const heard: string[] = [];
  const events: string[] = [];
  let wake = (): void => {};
  const subscriber = await openSubscriber({
    framing: MOLD_FRAMING,
    encodeRequest,
    onError,
    listener: {
      onRun(bytes, start, end) {
        for (let at = start; at < end; ) {
          const length = (bytes[at]! << 8) | bytes[at + 1]!;
          heard.push(Buffer.from(bytes.subarray(at + 2, at + 2 + length)).toString());
          at += 2 + length;
        }
        wake();
      },
      onLost(from, to, reason) {
        events.push(`lost ${from}-${to} ${reason}`);
        wake();
      },
      onSession: (session, previous, next) => events.push(`session ${session} after ${previous} from ${next}`),
      onEnd(next) {
        events.push(`end ${next}`);
        wake();
      },
    },
    ...options,
  });
  t.teardown(() => subscriber.close());
  const until = async (condition: () => boolean): Promise<void> => {
    while (!condition()) {
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  };
  return { subscriber, heard, events, until };
}

async function publish(t: Tap, port: number, options: Partial<PublisherOptions> = {}) {
  const publisher = await openPublisher({
    session: SESSION,
    group: GROUP_A,
    port,
    interface: LOOPBACK,
    heartbeatNs: 10 * MS,
    onError,
    ...options,
  });
  t.teardown(() => publisher.close());
  const say = (text: string): number => publisher.append(Buffer.from(text), 0, text.length);
  return { publisher, say };
}

t.test('what is published is heard, in order, to the end of the session', async (t) => {
  const [port] = testPorts(1) as [number];
  const { heard, events, until, subscriber } = await subscribe(t, {
    lines: [{ name: 'A', group: GROUP_A, port, interface: LOOPBACK }],
    receiver: { start: 1 },
  });
  const { publisher, say } = await publish(t, port);
  t.equal(say('one'), 1);
  const at = publisher.reserve(10);
  publisher.sender.buffer.write('two', at);
  t.equal(publisher.commit(3), 2);
  const run = Buffer.from('\0\x05three\0\x04four', 'latin1');
  publisher.appendRun(run, 0, run.length, 3, 2);
  t.equal(publisher.next, 5);
  await until(() => heard.length === 4);
  publisher.end();
  await until(() => events.length === 2);
  t.same(heard, ['one', 'two', 'three', 'four']);
  t.same(events, ['session LOOP000001 after undefined from 1', 'end 5']);
  t.match(publisher.sender.counters, { packets: 1, messages: 4 }, 'one turn of the event loop, one packet');
  t.match(subscriber.receiver.lines, [{ name: 'A', counters: { malformed: 0, missed: 0 } }]);
});

t.test('a thousand messages in one turn leave in full packets', async (t) => {
  const [port] = testPorts(1) as [number];
  const { heard, until } = await subscribe(t, { lines: [{ name: 'A', group: GROUP_A, port, interface: LOOPBACK }] });
  const { publisher, say } = await publish(t, port);
  const said = Array.from({ length: 1000 }, (_, i) => `message ${i}`);
  for (const text of said) say(text);
  await until(() => heard.length === 1000);
  t.same(heard, said);
  t.ok(publisher.sender.counters.packets <= 10);
});

t.test('a heartbeat leaves at once, and again when idle: a subscriber knows where the session stands', async (t) => {
  const [port] = testPorts(1) as [number];
  const { subscriber, events } = await subscribe(t, {
    lines: [{ name: 'A', group: GROUP_A, port, interface: LOOPBACK }],
  });
  const { publisher } = await publish(t, port, { next: 77 });
  while (publisher.sender.counters.heartbeats < 3) await new Promise((resolve) => setTimeout(resolve, 5));
  while (subscriber.receiver.lines[0]!.counters.heartbeats < 3) await new Promise((resolve) => setTimeout(resolve, 5));
  t.equal(subscriber.receiver.expected, 77);
  t.same(events, ['session LOOP000001 after undefined from 77']);
});

t.test('two lossy lines and a request server: everything is heard', async (t) => {
  const [portA, portB] = testPorts(2) as [number, number];
  const store = new MessageRing(1 << 20);
  const service = await openRequestServer({ address: LOOPBACK, port: 0, onError });
  t.teardown(() => service.close());
  service.server.openChannel(SESSION, store);
  const { subscriber, heard, events, until } = await subscribe(t, {
    lines: [
      { name: 'A', group: GROUP_A, port: portA, interface: LOOPBACK },
      { name: 'B', group: GROUP_B, port: portB, interface: LOOPBACK },
    ],
    // The first does not answer: nobody is there. The second is asked in its place.
    requestServers: [
      { address: LOOPBACK, port: testPorts(1)[0]! },
      { address: LOOPBACK, port: service.port },
    ],
    // However slow the machine is: nothing is given up for want of tries.
    receiver: {
      start: 1,
      gapWaitNs: MS / 2,
      requestTimeoutNs: 5 * MS,
      requestAttemptsMax: 1_000,
      lostAfterNs: 20_000 * MS,
    },
  });
  const lossy = await Promise.all(
    [
      { group: GROUP_A, port: portA, packetBytesMax: 300, lost: 3 },
      { group: GROUP_B, port: portB, packetBytesMax: 200, lost: 4 },
    ].map(async ({ group, port, packetBytesMax, lost }, line) => {
      const socket = await openSender({ group, port, interface: LOOPBACK, onError });
      t.teardown(() => socket.close());
      let packets = 0;
      return new MoldSender({
        session: SESSION,
        packetBytesMax,
        emit: (buffer, length) => (++packets % lost === 0 ? true : socket.send(buffer, 0, length)),
        ...(line === 0
          ? { onData: (bytes, start, end, seq, count) => store.append(bytes, start, end, seq, count) }
          : {}),
      });
    }),
  );
  const said = Array.from({ length: 3000 }, (_, i) => `message ${i}`);
  for (let i = 0; i < said.length; i++) {
    for (const sender of lossy) sender.append(Buffer.from(said[i]!), 0, said[i]!.length);
    if (i % 50 === 49) await new Promise((resolve) => setImmediate(resolve));
  }
  for (let tries = 0; tries < 4; tries++) for (const sender of lossy) sender.end(tries);
  await until(() => events.length === 2);
  t.same(heard, said);
  t.same(events, ['session LOOP000001 after undefined from 1', 'end 3001']);
  t.ok(subscriber.receiver.counters.requests > 0 && subscriber.receiver.counters.retries > 0);
  t.ok(service.server.counters.answered > 0);
  t.equal(subscriber.strangers, 0);
});

t.test('a re-broadcast reaches the group by the publisher', async (t) => {
  const [port] = testPorts(1) as [number];
  const store = new MessageRing(1 << 20);
  const { publisher, say } = await publish(t, port, {
    onData: (bytes, start, end, seq, count) => store.append(bytes, start, end, seq, count),
  });
  say('missed');
  publisher.flush(); // Nobody listens yet.
  const service = await openRequestServer({
    address: LOOPBACK,
    port: 0,
    onError,
    rebroadcastClients: 1,
    rebroadcast: (_session, packet, length) => publisher.resend(packet, length),
  });
  t.teardown(() => service.close());
  service.server.openChannel(SESSION, store);
  const { heard, until, subscriber } = await subscribe(t, {
    lines: [{ name: 'A', group: GROUP_A, port, interface: LOOPBACK }],
    requestServers: [{ address: LOOPBACK, port: service.port }],
    receiver: { start: 1 },
  });
  await until(() => heard.length === 1);
  t.same(heard, ['missed']);
  t.match(service.server.counters, { rebroadcasts: 1, answered: 0 });
  t.match(publisher.counters, { resent: 1, overflow: 0, sendErrors: 0 });
  t.equal(subscriber.receiver.lines[0]!.counters.firsts, 1);
});

t.test('a flood of requests from one client starves neither another client nor the live stream', async (t) => {
  const [port] = testPorts(1) as [number];
  const store = new MessageRing(1 << 20);
  const { say, publisher } = await publish(t, port, {
    onData: (bytes, start, end, seq, count) => store.append(bytes, start, end, seq, count),
  });
  const said = Array.from({ length: 2000 }, (_, i) => `message ${i}`);
  for (const text of said.slice(0, 1000)) say(text);
  publisher.flush(); // Nobody listens yet: all of this has to be asked for.
  const service = await openRequestServer({
    address: LOOPBACK,
    port: 0,
    onError,
    clientBudget: { bytesPerSecond: 1 << 20, burstBytes: 1 << 16 },
  });
  t.teardown(() => service.close());
  service.server.openChannel(SESSION, store);
  const flooder = await openUnicast({ address: LOOPBACK, port: 0, onPacket: () => {}, onError: () => {} });
  t.teardown(() => flooder.close());
  const request = Buffer.alloc(20);
  encodeRequest(Buffer.from(SESSION), 1, 100, request);
  let flooding = true;
  const flood = (): void => {
    for (let i = 0; i < 100; i++) flooder.send(request, 0, 20, service.port, LOOPBACK);
    if (flooding) setImmediate(flood);
  };
  flood();
  const { heard, until, events, subscriber } = await subscribe(t, {
    lines: [{ name: 'A', group: GROUP_A, port, interface: LOOPBACK }],
    requestServers: [{ address: LOOPBACK, port: service.port }],
    receiver: { start: 1, requestTimeoutNs: 5 * MS, requestAttemptsMax: 1_000_000, lostAfterNs: 30_000 * MS },
  });
  for (const text of said.slice(1000)) {
    say(text);
    await new Promise((resolve) => setImmediate(resolve));
  }
  await until(() => heard.length === 2000);
  flooding = false;
  t.same(heard, said);
  t.equal(events.length, 1, 'nothing was lost');
  t.ok(service.server.counters.overClientBudget > 1000, 'it was a flood');
  t.equal(subscriber.receiver.lines[0]!.counters.missed, 0);
});

t.test('garbage on every socket is counted and quarantined, and never fatal', async (t) => {
  const [port] = testPorts(1) as [number];
  const quarantine = new Quarantine();
  const registry = new CounterRegistry();
  const service = await openRequestServer({
    address: LOOPBACK,
    port: 0,
    onError,
    registry,
    quarantine: (code, message, bytes, context) => quarantine.put(0n, code, message, bytes, context),
  });
  t.teardown(() => service.close());
  const { heard, until, subscriber } = await subscribe(t, {
    lines: [{ name: 'A', group: GROUP_A, port, interface: LOOPBACK }],
    requestServers: [{ address: LOOPBACK, port: service.port }],
    quarantine,
    registry,
  });
  const { say } = await publish(t, port, { registry });
  const vandal = await openSender({ group: GROUP_A, port, interface: LOOPBACK, onError });
  t.teardown(() => vandal.close());
  say('before');
  await until(() => heard.length === 1);
  for (const length of [0, 1, 19, 20, 21, 40, 1500, 9000, 65_507]) vandal.send(Buffer.alloc(length, 0x5a), 0, length);
  say('after');
  await until(() => heard.length === 2);
  t.same(heard, ['before', 'after']);
  const { malformed, foreign } = subscriber.receiver.lines[0]!.counters;
  t.equal(malformed + foreign, 9);
  t.equal(quarantine.total, malformed);
  t.match(
    registry.snapshot().map(({ name }) => name),
    ['requests', 'line', 'line', 'receiver', 'publisher', 'sender'],
  );
});

t.test('what others send to the request socket is not taken for an answer', async (t) => {
  const [port] = testPorts(1) as [number];
  const asked: number[] = [];
  const service = await openRequestServer({ address: LOOPBACK, port: 0, onError });
  t.teardown(() => service.close());
  const { subscriber } = await subscribe(t, {
    lines: [{ name: 'A', group: GROUP_A, port, interface: LOOPBACK }],
    requestServers: [{ address: LOOPBACK, port: service.port }],
    encodeRequest: (session, from, count, out) => {
      asked.push(from);
      return encodeRequest(session, from, count, out);
    },
    receiver: { start: 1, requestTimeoutNs: 2 * MS, requestAttemptsMax: 1000 },
  });
  await publish(t, port, { next: 5 });
  while (service.server.counters.requests === 0) await new Promise((resolve) => setTimeout(resolve, 2));
  const [client] = service.server.clientReports();
  const stranger = await openRequestServer({ address: LOOPBACK, port: 0, onError });
  t.teardown(() => stranger.close());
  // The stranger answers a request that it makes out to have had from the subscriber.
  const store = new MessageRing(1 << 16);
  store.append(Buffer.from('\0\x04fake', 'latin1'), 0, 6, 1, 1);
  stranger.server.openChannel(SESSION, store);
  const request = Buffer.alloc(20);
  encodeRequest(Buffer.from(SESSION), 1, 1, request);
  stranger.server.packet(request, 20, Number(client!.client.split(':')[1]), LOOPBACK, 0);
  while (subscriber.strangers === 0) await new Promise((resolve) => setTimeout(resolve, 2));
  t.equal(subscriber.receiver.expected, 1);
  t.equal(asked[0], 1);
});

t.test('opening fails with the reason, and leaves nothing open', async (t) => {
  const [port] = testPorts(1) as [number];
  const line = { name: 'A', group: GROUP_A, port, interface: LOOPBACK };
  const listener = { onRun() {}, onLost() {}, onSession() {}, onEnd() {} };
  const options = { framing: MOLD_FRAMING, listener, onError };
  await t.rejects(openSubscriber({ ...options, lines: [line, { ...line, name: 'B', group: '10.0.0.1' }] }), {
    code: 'MULTICAST_BAD_GROUP',
  });
  await t.rejects(openSubscriber({ ...options, lines: [] }), { code: 'SEQUENCE_BAD_OPTION' });
  const publisher = { session: SESSION, group: GROUP_A, port, interface: LOOPBACK, onError };
  await t.rejects(openPublisher({ ...publisher, session: 'far too long a session' }), { code: 'MOLD_BAD_SESSION' });
  await t.rejects(openPublisher({ ...publisher, interface: 'nosuch0' }), { code: 'MULTICAST_NO_INTERFACE' });
  await t.rejects(openPublisher({ ...publisher, queuePacketsMax: 0 }), { code: 'MOLD_BAD_OPTION' });
  await t.rejects(openRequestServer({ address: LOOPBACK, port: 0, onError, clientsMax: 0 }), {
    code: 'MOLD_BAD_OPTION',
  });
});
