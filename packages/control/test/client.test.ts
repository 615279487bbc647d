import { createServer, type Socket } from 'node:net';
import { TickerError } from '@tickerplant/core';
import t, { type Test } from 'tap';
import {
  CONTROL_VERSION,
  type ControlConnection,
  connectControl,
  encodeReply,
  type Reply,
  type ServerConnection,
} from '../src/index.ts';
import { eventually, serve } from './sockets.ts';

interface Client {
  readonly connection: ControlConnection;
  readonly replies: Reply[];
  readonly ended: Promise<TickerError | undefined>;
}

async function client(t: Test, port: number, options: { connectTimeoutMs?: number } = {}): Promise<Client> {
  const replies: Reply[] = [];
  let end: (error: TickerError | undefined) => void;
  const ended = new Promise<TickerError | undefined>((resolve) => {
    end = resolve;
  });
  const connection = await connectControl({
    address: '127.0.0.1',
    port,
    client: 'test',
    ...options,
    onReply: (reply) => replies.push(reply.kind === 'images' ? { ...reply, blob: Uint8Array.from(reply.blob) } : reply),
    onClose: (error) => end(error),
  });
  t.teardown(() => connection.close());
  return { connection, replies, ended };
}

/** A server that does as told with each connection. */
async function rogue(t: Test, onConnection: (socket: Socket) => void): Promise<number> {
  const server = createServer((socket) => {
    socket.on('error', () => {});
    t.teardown(() => socket.destroy());
    onConnection(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => server.close());
  return (server.address() as { port: number }).port;
}

const WELCOME = { kind: 'welcome', version: CONTROL_VERSION, plant: 'p1', floor: 'demo', boot: 0xb007n } as const;

t.test('a client gets the welcome, then the answers in order', async (t) => {
  const { port } = await serve(t, {
    onRequest: (connection, request) => {
      if (request.kind !== 'subscribe') return;
      const { id } = request;
      connection.send({ kind: 'subscribed', id, matched: 1 });
      const blob = Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 9, 0, 1, 0xaa);
      connection.send({ kind: 'images', id, channel: 1, session: '0117071000', asOf: 10, last: true, blob });
      connection.send({ kind: 'end', id, matched: 1 });
    },
  });
  const { connection, replies, ended } = await client(t, port);
  t.match(connection.welcome, WELCOME);
  t.ok(connection.send({ kind: 'subscribe', id: 1, patterns: ['IEX.SPY'], images: true }));
  await eventually(() => replies.length === 3);
  t.match(replies, [{ kind: 'subscribed' }, { kind: 'images', asOf: 10, blob: { length: 11 } }, { kind: 'end' }]);
  connection.close();
  t.equal(await ended, undefined);
  t.notOk(connection.send({ kind: 'status' }));
});

t.test('nobody there, nobody answering, nobody of ours: each has its code', async (t) => {
  const silent = await rogue(t, () => {});
  await t.rejects(client(t, silent, { connectTimeoutMs: 30 }), { code: 'CONTROL_TIMEOUT' });
  const rude = await rogue(t, (socket) => socket.end());
  await t.rejects(client(t, rude), { code: 'CONTROL_CLOSED', context: { port: rude } });
  const web = await rogue(t, (socket) => socket.write('HTTP/1.1 400 Bad Request\r\n\r\n'));
  await t.rejects(client(t, web), { code: 'CONTROL_BAD_LENGTH' });
  const early = await rogue(t, (socket) => socket.write(encodeReply({ kind: 'end', id: 1, matched: 1 })));
  await t.rejects(client(t, early), { code: 'CONTROL_MALFORMED', message: 'expected a welcome first, got end' });
  const { server, port } = await serve(t);
  await server.close();
  await t.rejects(client(t, port), { code: 'CONTROL_UNREACHABLE', message: /ECONNREFUSED/ });
});

t.test("the plant's reason for refusing is the error's code", async (t) => {
  const { port } = await serve(t, undefined, { connectionsMax: 1 });
  await client(t, port);
  await t.rejects(client(t, port), { code: 'CONTROL_CROWDED' });
});

t.test('a plant that goes, or breaks off, or talks nonsense, ends the connection with the reason', async (t) => {
  const { server, port } = await serve(t);
  const one = await client(t, port);
  await server.close();
  t.match(await one.ended, { code: 'CONTROL_CLOSED' });

  const sockets: Socket[] = [];
  const reckless = await rogue(t, (socket) => {
    sockets.push(socket);
    socket.write(encodeReply(WELCOME));
  });
  const two = await client(t, reckless);
  sockets[0]!.resetAndDestroy();
  t.match(await two.ended, { code: 'CONTROL_BROKEN', message: /ECONNRESET/ });
  const three = await client(t, reckless);
  sockets[1]!.write(Buffer.from([0, 0, 0, 1, 0xc1]));
  t.match(await three.ended, { code: 'CONTROL_MALFORMED' });
});

t.test('what comes after close is not passed on', async (t) => {
  const connections: ServerConnection[] = [];
  const { port } = await serve(t, { onOpen: (one) => connections.push(one), onRequest: () => {} });
  const { connection, replies, ended } = await client(t, port);
  connections[0]!.send({ kind: 'pong', token: 1 });
  connection.close();
  t.equal(await ended, undefined);
  t.same(replies, []);
});

t.test('requests beyond the bound are refused, not queued', async (t) => {
  const port = await rogue(t, (socket) => {
    socket.write(encodeReply(WELCOME));
    socket.pause();
  });
  const { connection } = await client(t, port);
  const subjects = Array.from({ length: 1_000 }, (_, i) => `SERVICE.${'X'.repeat(200)}${i}`);
  let sent = 0;
  while (connection.send({ kind: 'resync', id: 1, channel: 1, items: [], subjects }) && sent < 1_000) sent++;
  t.ok(sent > 0 && sent < 1_000);
});

t.test('an error of the plant about a request is an answer like others', async (t) => {
  const { port } = await serve(t, {
    onRequest: () => {
      throw new TickerError('PLANT_UNKNOWN', 'expected something else');
    },
  });
  const { connection, replies } = await client(t, port);
  connection.send({ kind: 'unsubscribe', id: 3 });
  await eventually(() => replies.length === 1);
  t.same(replies, [{ kind: 'error', id: 3, code: 'PLANT_UNKNOWN', message: 'expected something else' }]);
});
