import { TickerError } from '@tickerplant/core';
import t from 'tap';
import {
  CONTROL_VERSION,
  encodeRequest,
  openControlServer,
  type PlantRequest,
  type ServerConnection,
} from '../src/index.ts';
import { eventually, RawClient, serve } from './sockets.ts';

t.test('hello is answered by welcome, ping by pong, the rest goes to the handler', async (t) => {
  const requests: PlantRequest[] = [];
  const opened: string[] = [];
  const { server, port, counts } = await serve(t, {
    onOpen: (connection) => opened.push(connection.client),
    onRequest: (connection, request) => {
      requests.push(request);
      connection.send({ kind: 'subscribed', id: 5, matched: 2 });
    },
  });
  const client = await new RawClient(t, port).greet('board');
  client.socket.write(encodeRequest({ kind: 'ping', token: 77 }));
  client.socket.write(encodeRequest({ kind: 'subscribe', id: 5, patterns: ['IEX.*'], images: true }));
  await client.until(() => client.replies.length === 3);
  t.match(client.replies, [
    { kind: 'welcome', version: CONTROL_VERSION, plant: 'p1', floor: 'demo', boot: 0xb007n, nonce: /^\d+$/ },
    { kind: 'pong', token: 77 },
    { kind: 'subscribed', id: 5, matched: 2 },
  ]);
  t.same(requests, [{ kind: 'subscribe', id: 5, patterns: ['IEX.*'], images: true, fields: undefined }]);
  t.same(opened, ['board']);
  t.match(server.connections(), [{ client: 'board', peer: /^127\.0\.0\.1:\d+$/ }]);
  t.same(counts(), { connections: 1, requests: 3, replies: 3 });
});

t.test('requests arrive whole however the stream is cut', async (t) => {
  const requests: PlantRequest[] = [];
  const { port } = await serve(t, { onRequest: (_, request) => requests.push(request) });
  const client = await new RawClient(t, port).greet();
  client.socket.setNoDelay(true);
  const stream = Buffer.concat([1, 2, 3].map((id) => encodeRequest({ kind: 'unsubscribe', id })));
  for (const byte of stream) {
    client.socket.write(Uint8Array.of(byte));
    await new Promise(setImmediate);
  }
  await eventually(() => requests.length === 3);
  t.same(
    requests,
    [1, 2, 3].map((id) => ({ kind: 'unsubscribe', id })),
  );
});

t.test("a handler's refusal goes to the client as an error, and the connection stays", async (t) => {
  const { port, counts } = await serve(t, {
    onRequest: (_, request) => {
      if (request.kind === 'subscribe')
        throw new TickerError('RECORDS_BAD_PATTERN', 'expected a pattern'.padEnd(5_000));
      throw new TickerError('PLANT_BUSY', 'expected less');
    },
  });
  const client = await new RawClient(t, port).greet();
  client.socket.write(encodeRequest({ kind: 'subscribe', id: 9, patterns: ['..'], images: false }));
  client.socket.write(encodeRequest({ kind: 'status' }));
  client.socket.write(encodeRequest({ kind: 'ping', token: 1 }));
  await client.until(() => client.replies.length === 4);
  t.same(client.replies.slice(1), [
    { kind: 'error', id: 9, code: 'RECORDS_BAD_PATTERN', message: 'expected a pattern'.padEnd(4_000) },
    { kind: 'error', id: undefined, code: 'PLANT_BUSY', message: 'expected less' },
    { kind: 'pong', token: 1 },
  ]);
  t.match(counts(), { refused: 2 });
});

t.test('bytes that are no requests end the connection with an error, counted and quarantined', async (t) => {
  const bad = Buffer.from([0, 0, 0, 2, 0x91, 99]);
  for (const [bytes, code] of [
    [Buffer.from('GET / HTTP/1.1\r\n\r\n'), 'CONTROL_BAD_LENGTH'],
    [Buffer.from([0, 0, 0, 0]), 'CONTROL_BAD_LENGTH'],
    [Buffer.from([0xff, 0xff, 0xff, 0xff]), 'CONTROL_BAD_LENGTH'],
    [Buffer.from([0, 0, 0, 1, 0xc1]), 'CONTROL_MALFORMED'],
    [Buffer.from([0, 0, 0, 5, 0xdd, 0xff, 0xff, 0xff, 0xff]), 'CONTROL_MALFORMED'],
    [bad, 'CONTROL_UNKNOWN'],
    [Buffer.concat([bad, encodeRequest({ kind: 'ping', token: 1 })]), 'CONTROL_UNKNOWN'],
  ] as const) {
    const closed: string[] = [];
    const { port, counts, quarantine } = await serve(t, {
      onRequest: () => t.fail('no request'),
      onClose: (_, reason) => closed.push(reason),
    });
    const other = await new RawClient(t, port).greet();
    const client = await new RawClient(t, port).greet();
    client.socket.write(bytes);
    await client.closed;
    t.match(client.replies, [{ kind: 'welcome' }, { kind: 'error', id: undefined, code }]);
    t.match(counts(), { malformed: 1 });
    t.match(quarantine.report(), { counts: { [code]: 1 }, entries: [{ context: { client: 'raw', peer: /127/ } }] });
    await eventually(() => closed.length === 1);
    t.same(closed, ['malformed']);
    other.socket.write(encodeRequest({ kind: 'ping', token: 2 }));
    await other.until(() => other.replies.length === 2);
  }
});

t.test('who does not begin with a hello, or has another version, or says it twice, is sent away', async (t) => {
  for (const [first, second, code] of [
    [{ kind: 'ping', token: 1 }, undefined, 'CONTROL_NO_HELLO'],
    [{ kind: 'hello', version: CONTROL_VERSION + 1, client: 'new' }, undefined, 'CONTROL_VERSION'],
    [
      { kind: 'hello', version: CONTROL_VERSION, client: 'a' },
      { kind: 'hello', version: CONTROL_VERSION, client: 'b' },
      'CONTROL_MALFORMED',
    ],
  ] as const) {
    const { port, server } = await serve(t);
    const client = new RawClient(t, port);
    client.socket.write(encodeRequest(first));
    if (second !== undefined) client.socket.write(encodeRequest(second));
    await client.closed;
    t.match(client.replies.at(-1), { kind: 'error', code });
    await eventually(() => server.connections().length === 0);
  }
});

t.test('who says nothing is sent away after a while', async (t) => {
  const { port, counts } = await serve(t, undefined, { helloMs: 30 });
  const client = new RawClient(t, port);
  await client.closed;
  t.match(client.replies, [{ kind: 'error', code: 'CONTROL_NO_HELLO' }]);
  t.match(counts(), { silent: 1 });
});

t.test('one connection too many is refused, and there is room again when one has gone', async (t) => {
  const { port, counts } = await serve(t, undefined, { connectionsMax: 2 });
  const one = await new RawClient(t, port).greet();
  await new RawClient(t, port).greet();
  const three = new RawClient(t, port);
  await three.closed;
  t.match(three.replies, [{ kind: 'error', code: 'CONTROL_CROWDED' }]);
  t.match(counts(), { connections: 2, crowded: 1 });
  one.socket.destroy();
  for (;;) {
    const four = new RawClient(t, port);
    four.socket.write(encodeRequest({ kind: 'hello', version: CONTROL_VERSION, client: 'four' }));
    await Promise.race([four.closed, four.until(() => four.replies.length > 0)]);
    if (four.replies[0]?.kind === 'welcome') break;
  }
});

const BLOB = new Uint8Array(64 * 1024);
const images = { kind: 'images', id: 1, channel: 1, session: '0117071000', asOf: 1, last: false, blob: BLOB } as const;

t.test('a client that does not read is disconnected, not remembered', async (t) => {
  const queued: number[] = [];
  const closed: string[] = [];
  const limits = { readyBelowBytes: 2 ** 18, queueBytesMax: 2 ** 20 };
  const { port, counts } = await serve(
    t,
    {
      onRequest: (connection) => {
        for (let i = 0; i < 1_000; i++) {
          connection.send(images);
          queued.push(connection.queuedBytes);
        }
      },
      onClose: (_, reason) => closed.push(reason),
    },
    limits,
  );
  const client = await new RawClient(t, port).greet();
  client.socket.pause();
  client.socket.write(encodeRequest({ kind: 'status' }));
  await eventually(() => closed.length === 1);
  t.same(closed, ['slow']);
  t.match(counts(), { slow: 1 });
  t.ok(Math.max(...queued) < 2 ** 20 + 2 * BLOB.length, 'never more than the limit and one message');
});

t.test('a handler that waits for ready and drain gets everything to a slow reader', async (t) => {
  const total = 200;
  let sent = 0;
  let waits = 0;
  const more = (connection: ServerConnection): void => {
    while (sent < total) {
      sent++;
      if (!connection.send({ ...images, asOf: sent, last: sent === total })) {
        waits++;
        return;
      }
    }
  };
  const { port, counts } = await serve(
    t,
    { onRequest: more, onDrain: more },
    { readyBelowBytes: 2 ** 18, queueBytesMax: 2 ** 19 },
  );
  const client = await new RawClient(t, port).greet();
  client.socket.write(encodeRequest({ kind: 'status' }));
  // Reads a little now and then.
  const stops = setInterval(() => {
    client.socket.pause();
    setImmediate(() => client.socket.resume());
  }, 1);
  await client.until(() => client.replies.length === total + 1);
  clearInterval(stops);
  t.same(
    client.replies.slice(1).map((reply) => reply.kind === 'images' && reply.asOf),
    Array.from({ length: total }, (_, i) => i + 1),
  );
  t.ok(waits > 0);
  t.same(counts().slow, undefined);
});

t.test('a client that takes nothing for too long is disconnected even if the handler waits', async (t) => {
  const closed: string[] = [];
  const { port, counts } = await serve(
    t,
    {
      onRequest: (connection) => {
        while (connection.send(images));
      },
      onClose: (_, reason) => closed.push(reason),
    },
    { stalledMs: 50 },
  );
  const client = await new RawClient(t, port).greet();
  client.socket.pause();
  client.socket.write(encodeRequest({ kind: 'status' }));
  await eventually(() => closed.length === 1);
  t.same(closed, ['stalled']);
  t.match(counts(), { stalled: 1 });
});

t.test('a client that asks without end and reads nothing is not read on', async (t) => {
  const { port, server, counts } = await serve(t, undefined, { readyBelowBytes: 4_096, stalledMs: 1e6 });
  const client = await new RawClient(t, port).greet();
  client.socket.pause();
  const pings = Buffer.concat(Array.from({ length: 20_000 }, () => encodeRequest({ kind: 'ping', token: 1 })));
  // Until the flood stands still: this side queues more and more, and the server takes no more.
  const [connection] = server.connections() as [ServerConnection];
  let read = -1;
  while (read !== counts().requests) {
    read = counts().requests!;
    for (let i = 0; i < 50; i++) {
      if (client.socket.writableLength < 2 ** 24) client.socket.write(pings);
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
  }
  t.ok(client.socket.writableLength > 2 ** 20, 'the rest waits at the client');
  t.ok(connection.queuedBytes > 0 && connection.queuedBytes < 2 ** 20, 'and little at the server');
  t.match(server.connections(), [{ client: 'raw' }]);
});

t.test('a connection that breaks is reported once', async (t) => {
  const closed: string[] = [];
  const { port, server } = await serve(t, { onRequest: () => {}, onClose: (_, reason) => closed.push(reason) });
  const one = await new RawClient(t, port).greet();
  one.socket.resetAndDestroy();
  await eventually(() => closed.length === 1);
  const two = await new RawClient(t, port).greet();
  two.socket.end();
  await eventually(() => closed.length === 2);
  t.same(closed, ['broken', 'closed']);
  t.same(server.connections(), []);
});

t.test('a message to a connection that has gone is dropped in peace', async (t) => {
  const connections: ServerConnection[] = [];
  const { port, server } = await serve(t, {
    onOpen: (connection) => connections.push(connection),
    onRequest: () => {},
  });
  const client = await new RawClient(t, port).greet();
  client.socket.destroy();
  await eventually(() => server.connections().length === 0);
  t.equal(connections[0]!.send(images), false);
  t.equal(connections[0]!.ready(), false);
  connections[0]!.close();
});

t.test('close sends what is queued, then ends', async (t) => {
  const { port } = await serve(t, {
    onRequest: (connection) => {
      connection.send(images);
      connection.send({ kind: 'end', id: 1, matched: 3 });
      connection.close();
    },
  });
  const client = await new RawClient(t, port).greet();
  client.socket.write(encodeRequest({ kind: 'status' }));
  await client.closed;
  t.same(
    client.replies.map((reply) => reply.kind),
    ['welcome', 'images', 'end'],
  );
});

t.test('a port in use and an address of another host are said plainly', async (t) => {
  const { port } = await serve(t);
  const options = { plant: 'p2', floor: 'demo', boot: 1n, handler: { onRequest: () => {} }, onError: () => {} };
  await t.rejects(openControlServer({ ...options, address: '127.0.0.1', port }), {
    code: 'CONTROL_PORT_IN_USE',
    message: `expected TCP port 127.0.0.1:${port} to be free, another process has it`,
  });
  await t.rejects(openControlServer({ ...options, address: '192.0.2.1', port }), { code: 'CONTROL_BAD_ADDRESS' });
});
