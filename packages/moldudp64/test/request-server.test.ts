import { MessageRing } from '@tickerplant/sequence';
import t from 'tap';
import {
  encodeRequest,
  encodeSession,
  formatSession,
  RequestServer,
  type RequestServerOptions,
  readCount,
  readSequence,
  TokenBucket,
} from '../src/index.ts';
import { hex } from './support/hex.ts';

const MS = 1_000_000;
const SESSION = 'SESSION001';

function ring(messages: number, length: number, first = 1): MessageRing {
  const store = new MessageRing(65_536, first);
  for (let seq = first; seq < first + messages; seq++) {
    const block = Buffer.alloc(2 + length, seq);
    block.writeUInt16BE(length);
    store.append(block, 0, block.length, seq, 1);
  }
  return store;
}

/** A request server with 10 messages of 8 bytes, that writes down what it sends. */
function serving(options: Partial<RequestServerOptions> = {}, store: MessageRing = ring(10, 8)) {
  const sent: string[] = [];
  const packets: Buffer[] = [];
  const note = (to: string, packet: Buffer, length: number): boolean => {
    packets.push(Buffer.from(packet.subarray(0, length)));
    sent.push(
      `${to}: ${formatSession(packet, 0)} ${readSequence(packet, 0)} x${readCount(packet, 0)}, ${length} bytes`,
    );
    return true;
  };
  const faults: { code: string; context: unknown }[] = [];
  const server = new RequestServer({
    packetBytesMax: 64,
    answer: (packet, length, port) => note(String(port), packet, length),
    rebroadcast: (session, packet, length) => note(`group of ${session}`, packet, length),
    quarantine: (code, _message, _bytes, context) => faults.push({ code, context }),
    ...options,
  });
  server.openChannel(SESSION, store);
  const out = Buffer.alloc(20);
  const ask = (port: number, seq: number, count: number, nowNs = 0, session = SESSION): string[] => {
    encodeRequest(encodeSession(session), seq, count, out);
    server.packet(out, 20, port, '10.0.0.9', nowNs);
    return sent.splice(0);
  };
  return { server, ask, sent, packets, faults };
}

t.test('a request is answered with the messages asked for, to the one who asked', async (t) => {
  const { ask, packets } = serving();
  t.same(ask(7001, 3, 2), ['7001: SESSION001 3 x2, 40 bytes']);
  t.same(
    packets[0],
    hex(`53 45 53 53 49 4f 4e 30 30 31 00 00 00 00 00 00 00 03 00 02
         00 08 03 03 03 03 03 03 03 03 00 08 04 04 04 04 04 04 04 04`),
  );
});

t.test('one packet answers one request, with as many whole messages as fit', async (t) => {
  const { ask } = serving();
  t.same(ask(7001, 1, 10), ['7001: SESSION001 1 x4, 60 bytes']);
});

t.test('a range beyond the newest message is answered with what exists', async (t) => {
  const { ask } = serving();
  t.same(ask(7001, 9, 100), ['7001: SESSION001 9 x2, 40 bytes']);
});

t.test('messages of zero length are messages', async (t) => {
  const { ask } = serving({}, ring(3, 0));
  t.same(ask(7001, 1, 3), ['7001: SESSION001 1 x3, 26 bytes']);
});

t.test('what cannot be answered is dropped in silence and counted by kind', async (t) => {
  const { ask, server, sent, faults } = serving({}, ring(5, 8, 100));
  t.same(ask(7001, 99, 1), []);
  t.same(ask(7001, 105, 1), []);
  t.same(ask(7001, 100, 1, 0, 'OTHER'), []);
  t.same(ask(7001, 0, 1), []);
  t.same(ask(7001, 100, 0), []);
  for (let length = 0; length < 20; length++) server.packet(Buffer.alloc(20), length, 7001, '10.0.0.9', 0);
  server.packet(Buffer.alloc(21), 21, 7001, '10.0.0.9', 0);
  t.same(sent, []);
  t.match(server.counters, { requests: 26, answered: 0, tooOld: 1, notYet: 1, unknownSession: 1, malformed: 23 });
  t.match(faults.slice(0, 3), [
    { code: 'MOLD_REQUEST_RANGE', context: { client: '10.0.0.9:7001', seq: 0 } },
    { code: 'MOLD_REQUEST_RANGE', context: { count: 0 } },
    { code: 'MOLD_REQUEST_LENGTH', context: { length: 0 } },
  ]);
});

t.test('a number that was lost to the server too, or that fits no packet, is counted as missing', async (t) => {
  const store = ring(2, 8);
  const block = Buffer.alloc(102);
  block.writeUInt16BE(100);
  store.append(block, 0, 102, 5, 1);
  const { ask, server } = serving({}, store);
  t.same(ask(7001, 3, 1), []);
  t.same(ask(7001, 5, 1), []);
  t.match(server.counters, { missing: 2 });
});

t.test('each session is answered from its own store, until its channel is closed', async (t) => {
  const { ask, server } = serving();
  server.openChannel('TWO', ring(3, 1, 50));
  t.same(ask(7001, 50, 9, 0, 'TWO'), ['7001: TWO 50 x3, 29 bytes']);
  t.same(ask(7001, 1, 1), ['7001: SESSION001 1 x1, 30 bytes']);
  server.closeChannel('TWO');
  t.same(ask(7001, 50, 9, 0, 'TWO'), []);
});

t.test('a flood from one client uses up its own budget and leaves the others theirs', async (t) => {
  const { ask, server } = serving({ clientBudget: { bytesPerSecond: 1000, burstBytes: 100 } });
  let answered = 0;
  for (let i = 0; i < 1000; i++) answered += ask(7001, 1, 10, 0).length;
  t.equal(answered, 2, 'the second answer overdraws');
  t.equal(ask(7002, 5, 1).length, 1);
  t.match(server.counters, { overClientBudget: 998, answered: 3 });
  t.match(server.clientReports(), [
    { client: '10.0.0.9:7001', requests: 1000, answered: 2, bytes: 120, overBudget: 998 },
    { client: '10.0.0.9:7002', requests: 1, answered: 1, bytes: 30, overBudget: 0 },
  ]);
  t.equal(ask(7001, 1, 10, 20 * MS).length, 0, 'first the overdraft is paid back');
  t.equal(ask(7001, 1, 10, 21 * MS).length, 1);
});

t.test('requests that are not answered use the budget up too', async (t) => {
  const { ask, server } = serving({ clientBudget: { bytesPerSecond: 1, burstBytes: 100 } });
  for (let i = 0; i < 10; i++) ask(7001, 999, 1);
  t.match(server.counters, { notYet: 5, overClientBudget: 5 });
});

t.test('all clients together are held to the total', async (t) => {
  const { ask, server } = serving({ totalBudget: { bytesPerSecond: 1000, burstBytes: 100 }, rebroadcastClients: 1000 });
  for (let port = 7001; port <= 7010; port++) ask(port, port - 7000, 4);
  t.match(server.counters, { answered: 2, overTotalBudget: 8 });
});

t.test('the table of clients is bounded: the one silent longest makes room', async (t) => {
  const { ask, server } = serving({ clientsMax: 2 });
  ask(7001, 1, 1);
  ask(7002, 2, 1);
  ask(7001, 3, 1);
  ask(7003, 4, 1);
  t.same(
    server.clientReports().map(({ client, requests }) => `${client} ${requests}`),
    ['10.0.0.9:7001 2', '10.0.0.9:7003 1'],
  );
  t.match(server.counters, { clientsEvicted: 1 });
});

t.test('what many ask for at once goes to the group, once', async (t) => {
  const { ask, server } = serving();
  t.same(ask(7001, 5, 2), ['7001: SESSION001 5 x2, 40 bytes']);
  t.same(ask(7001, 5, 2), ['7001: SESSION001 5 x2, 40 bytes'], 'the same client again is not many');
  t.same(ask(7002, 5, 2), ['7002: SESSION001 5 x2, 40 bytes']);
  t.same(ask(7003, 5, 2, 1 * MS), ['group of SESSION001: SESSION001 5 x2, 40 bytes']);
  t.same(ask(7004, 5, 2, 2 * MS), []);
  t.same(ask(7001, 5, 2, 5 * MS), []);
  t.same(ask(7001, 6, 1, 5 * MS), ['7001: SESSION001 6 x1, 30 bytes'], 'another number is another matter');
  t.same(ask(7002, 5, 2, 6 * MS + 1), ['7002: SESSION001 5 x2, 40 bytes'], 'who missed it again is answered');
  t.match(server.counters, { rebroadcasts: 1, covered: 2, answered: 5 });
});

t.test('requests spread over more than the window do not add up', async (t) => {
  const { ask } = serving();
  for (let i = 0; i < 10; i++) t.match(ask(7001 + i, 5, 2, i * 3 * MS), [/^70/]);
});

t.test('without a group everybody is answered apart', async (t) => {
  const { ask } = serving({ rebroadcast: undefined as never });
  for (let port = 7001; port < 7010; port++) t.equal(ask(port, 5, 2).length, 1);
});

t.test('an answer that the kernel still holds is left alone', async (t) => {
  const held: Buffer[] = [];
  const { ask } = serving({
    answer: (packet) => {
      held.push(packet);
      return false;
    },
  });
  ask(7001, 1, 1);
  ask(7001, 2, 1);
  t.equal(readSequence(held[0]!, 0), 1);
  t.equal(readSequence(held[1]!, 0), 2);
});

t.test('options that cannot be are named', async (t) => {
  t.throws(() => serving({ packetBytesMax: 10 }), { code: 'MOLD_BAD_OPTION', message: /packetBytesMax/ });
  t.throws(() => serving({ clientBudget: { bytesPerSecond: 0, burstBytes: 1 } }), { message: /clientBudget.bytesPer/ });
});

t.test('token bucket - holds the long-term rate, whatever the sizes', async (t) => {
  const bucket = new TokenBucket({ bytesPerSecond: 1_000_000, burstBytes: 5000 }, 0);
  let taken = 0;
  for (let now = 0; now <= 1000 * MS; now += MS / 10) {
    if (!bucket.allows(now)) continue;
    bucket.take(1472);
    taken += 1472;
  }
  t.ok(taken >= 1_000_000 && taken <= 1_000_000 + 5000 + 1472, `${taken} bytes in a second`);
  t.equal(bucket.allows(0), bucket.allows(0), 'time that stands still or goes back adds nothing');
});

t.test(
  'a message older than what is kept is refused with the number of the oldest, where that is wanted',
  async (t) => {
    const { ask, server } = serving({ refuses: true }, ring(10, 8, 50));
    t.same(ask(1, 7, 3), ['1: SESSION001 50 x0, 20 bytes']);
    t.same(ask(1, 60, 1), [], 'one that is yet to come is not');
    t.match(server.counters, { tooOld: 1, notYet: 1, answered: 0 });
  },
);
