import { CounterRegistry } from '@tickerplant/telemetry';
import t from 'tap';
import { A, B, data, end, heartbeat, REPAIR, type Recording, recording, restart } from './support/toy.ts';

/** A receiver in the middle of a session: messages before 10 are delivered. */
function running(options: Parameters<typeof recording>[0] = {}): Recording & { hear: Hear } {
  const rec = recording({ start: 10, ...options });
  const hear: Hear = (line, packet, nowNs = 0) => {
    rec.receiver.packet(line, packet, packet.length, nowNs);
    return rec.take();
  };
  hear(A, heartbeat(10));
  return { ...rec, hear };
}

type Hear = (line: number, packet: Buffer, nowNs?: number) => string[];

t.test('in order - each packet is delivered as one run', async (t) => {
  const { receiver, take } = recording();
  for (const packet of [data(5, 7), data(8), data(9, 12)]) receiver.packet(A, packet, packet.length, 0);
  t.same(take(), ['session S1 after none from 5', 'run 5-7', 'run 8', 'run 9-12']);
  t.equal(receiver.expected, 13);
  t.equal(receiver.session, 'S1');
});

t.test('start - a number that was given is asked for from there', async (t) => {
  const { receiver, take } = recording({ start: 1 });
  receiver.packet(A, data(4, 5), data(4, 5).length, 0);
  t.same(take(), ['session S1 after none from 1', 'gap 1-3']);
  receiver.tick(10);
  t.same(take(), ['ask S1 1-3']);
  const answer = data(1, 3);
  receiver.packet(REPAIR, answer, answer.length, 11);
  t.same(take(), ['closed 1-3', 'run 1-3', 'run 4-5']);
});

t.test('start - a heartbeat is enough to begin', async (t) => {
  const { receiver, take } = recording();
  receiver.packet(A, heartbeat(7), heartbeat(7).length, 0);
  receiver.packet(A, data(7), data(7).length, 0);
  t.same(take(), ['session S1 after none from 7', 'run 7']);
});

t.test('start - what lies before the number given is not delivered', async (t) => {
  const { hear } = running();
  t.same(hear(A, data(3, 6)), []);
  t.same(hear(A, data(8, 11)), ['run 10-11']);
});

t.test('late answers - the wait for an answer doubles, until all is repaired', async (t) => {
  const { hear, receiver, take } = running({ requestAttemptsMax: 9, lostAfterNs: 10_000 });
  t.same(hear(A, data(13)), ['gap 10-12']);
  const asks: number[] = [];
  const wait = (until: number): void => {
    for (let nowNs = (asks.at(-1) ?? 0) + 1; nowNs <= until; nowNs++) {
      receiver.tick(nowNs);
      if (take().some((line) => line.startsWith('ask'))) asks.push(nowNs);
    }
  };
  wait(110);
  t.same(asks, [10, 110]);
  // What was asked for first: too late, for it was asked for again.
  t.same(hear(REPAIR, data(10), 115), ['closed 10', 'run 10', 'ask S1 11-12']);
  asks.push(115);
  t.same(hear(REPAIR, data(10), 120), []);
  wait(700);
  t.same(asks.slice(3), [315, 515], 'twice as long');
  t.same(hear(REPAIR, data(10), 516), []);
  wait(1_000);
  t.same(asks.slice(5), [915], 'four times as long');
  t.same(hear(REPAIR, data(11, 12), 1_000), ['closed 11-12', 'run 11-12', 'run 13']);
  t.same(hear(A, data(15), 1_100), ['gap 14']);
  asks.push(1_100);
  wait(1_250);
  t.same(asks.slice(7), [1_110, 1_210], 'as usual again');
});

t.test(
  'given up, and not to be gone on without yet: all waits, and what was given up is not used any more',
  async (t) => {
    let may = false;
    const asked: string[] = [];
    const { receiver, take } = recording({ start: 10 }, false, (from, to) => {
      asked.push(`${from}-${to - 1}`);
      return may;
    });
    const hear: Hear = (line, packet, nowNs = 0) => {
      receiver.packet(line, packet, packet.length, nowNs);
      return take();
    };
    hear(A, heartbeat(10));
    hear(A, data(12, 13));
    receiver.tick(1_000);
    take();
    t.same(asked, ['10-11']);
    t.equal(receiver.recovering, true);
    t.equal(receiver.overdue, true);
    t.same(receiver.missing, [{ from: 10, to: 12 }]);
    t.equal(receiver.expected, 10);
    t.same(hear(REPAIR, data(10, 11), 1_001), [], 'too late');
    t.same(hear(A, data(11, 14), 1_002), [], 'what reaches beyond it waits');
    t.same(hear(A, data(15), 1_003), []);
    t.same(receiver.held.packets, 2);
    may = true;
    receiver.tick(1_004);
    t.same(take(), ['lost 10-11 expired', 'run 12-14', 'run 15']);
    t.same(hear(A, data(16), 1_005), ['run 16']);
    may = false;
    hear(A, data(18), 1_006);
    receiver.tick(3_000);
    take();
    receiver.finish();
    t.same(take(), ['lost 17 finished', 'run 18'], 'the end of a replay waits for nobody');
  },
);

t.test('duplicate - a packet that came before is dropped', async (t) => {
  const { hear, receiver } = running();
  t.same(hear(A, data(10, 12)), ['run 10-12']);
  t.same(hear(A, data(10, 12)), []);
  t.same(hear(B, data(11)), []);
  t.match(receiver.lines[A]!.counters, { messages: 6, firsts: 3, duplicates: 3, late: 3 });
  t.match(receiver.lines[B]!.counters, { messages: 1, firsts: 0, duplicates: 1, late: 0 });
});

t.test('overlap - the part already delivered is skipped', async (t) => {
  const { hear, receiver } = running();
  t.same(hear(A, data(10, 12)), ['run 10-12']);
  t.same(hear(B, data(11, 15)), ['run 13-15']);
  t.match(receiver.lines[B]!.counters, { messages: 5, firsts: 3, duplicates: 2 });
});

t.test('overlap - is skipped by little-endian lengths too', async (t) => {
  const { receiver, take } = recording({ start: 10 }, true);
  for (const packet of [
    data(10, 12, 'S1', true),
    data(11, 14, 'S1', true),
    data(16, 17, 'S1', true),
    data(15, 16, 'S1', true),
  ]) {
    receiver.packet(A, packet, packet.length, 0);
  }
  t.same(take(), [
    'session S1 after none from 10',
    'run 10-12',
    'run 13-14',
    'gap 15',
    'closed 15',
    'run 15-16',
    'run 17',
  ]);
});

t.test('reorder - a packet that came too early waits, without a request', async (t) => {
  const { hear } = running();
  t.same(hear(A, data(12, 13)), ['gap 10-11']);
  t.same(hear(A, data(10, 11)), ['closed 10-11', 'run 10-11', 'run 12-13']);
});

t.test('reorder - held packets may overlap, and each message is delivered once', async (t) => {
  const { hear } = running();
  t.same(hear(A, data(12, 14)), ['gap 10-11']);
  t.same(hear(B, data(14, 16)), []);
  t.same(hear(A, data(11, 17)), ['closed 11']);
  t.same(hear(B, data(13, 15)), []);
  t.same(hear(B, data(10)), ['closed 10', 'run 10', 'run 11-17']);
});

t.test('reorder - bytes are copied: they are borrowed', async (t) => {
  const { hear } = running();
  const packet = data(11, 12);
  hear(A, packet);
  packet.fill(0xff);
  t.same(hear(A, data(10)), ['closed 10', 'run 10', 'run 11-12']);
});

t.test('arbitration - lines that cut packets differently make one sequence', async (t) => {
  const { hear, receiver } = running();
  t.same(hear(A, data(10, 11)), ['run 10-11']);
  t.same(hear(B, data(10, 14)), ['run 12-14']);
  t.same(hear(A, data(12, 13)), []);
  t.same(hear(A, data(14, 16)), ['run 15-16']);
  t.same(hear(B, data(15)), []);
  t.match(receiver.lines[A]!.counters, { messages: 7, firsts: 4, duplicates: 3, missed: 0 });
  t.match(receiver.lines[B]!.counters, { messages: 6, firsts: 3, duplicates: 3, missed: 0 });
});

t.test('arbitration - a gap on one line is filled by the other, without a request', async (t) => {
  const { hear, receiver } = running();
  hear(A, data(10));
  hear(B, data(10));
  t.same(hear(A, data(13), 5), ['gap 11-12']);
  t.same(hear(B, data(11, 12), 8), ['closed 11-12', 'run 11-12', 'run 13']);
  t.same(hear(B, data(13), 9), []);
  receiver.tick(100);
  t.match(receiver.lines[A]!.counters, { missed: 2 });
  t.match(receiver.lines[B]!.counters, { missed: 0 });
  t.match(receiver.counters, { gaps: 1, missing: 2, recovered: 2, requests: 0, lost: 0 });
});

t.test('line - numbers it skipped and numbers it brought late are both counted', async (t) => {
  const { hear, receiver } = running();
  hear(A, data(14));
  hear(A, data(10, 12));
  hear(A, heartbeat(17));
  t.match(receiver.lines[A]!.counters, { missed: 6, late: 3, heartbeats: 2, packets: 4 });
  t.equal(receiver.lines[A]!.next, 17);
});

t.test('line - the time of the last good packet of the session is kept', async (t) => {
  const { hear, receiver } = running();
  t.equal(receiver.lines[B]!.lastHeardNs, -1);
  hear(B, data(10), 70);
  hear(B, Buffer.from('garbage'), 80);
  hear(B, data(11, 11, 'S9'), 90);
  t.equal(receiver.lines[B]!.lastHeardNs, 70);
});

t.test('gap - is asked for after the wait, and no sooner', async (t) => {
  const { hear, receiver, take } = running();
  hear(A, data(13), 100);
  receiver.tick(109);
  t.same(take(), []);
  receiver.tick(110);
  t.same(take(), ['ask S1 10-12']);
  receiver.tick(111);
  t.same(take(), []);
});

t.test('gap - is asked for by the next packet too, if no tick comes', async (t) => {
  const { hear } = running();
  hear(A, data(13), 100);
  t.same(hear(A, data(14), 110), ['ask S1 10-12']);
});

t.test('gap - without a wait is asked for at once', async (t) => {
  const { hear } = running({ gapWaitNs: 0 });
  t.same(hear(A, data(13), 100), ['gap 10-12', 'ask S1 10-12']);
});

t.test('gap - what has come meanwhile is not asked for', async (t) => {
  const { hear, receiver, take } = running();
  hear(A, data(20), 0);
  t.same(hear(B, data(13, 14), 5), ['closed 13-14']);
  receiver.tick(10);
  t.same(take(), ['ask S1 10-12', 'ask S1 15-19']);
});

t.test('heartbeat - reveals a lost tail', async (t) => {
  const { hear, receiver, take } = running();
  t.same(hear(A, heartbeat(12)), ['gap 10-11']);
  receiver.tick(10);
  t.same(take(), ['ask S1 10-11']);
  t.same(hear(REPAIR, data(10, 11), 20), ['closed 10-11', 'run 10-11']);
  t.same(hear(A, data(12), 30), ['run 12']);
});

t.test('heartbeat - in step or stale means nothing', async (t) => {
  const { hear } = running();
  t.same(hear(A, heartbeat(10)), []);
  hear(A, data(10, 14));
  t.same(hear(A, heartbeat(12)), []);
  t.same(hear(B, heartbeat(15)), []);
});

t.test('heartbeat - a data packet without messages is one', async (t) => {
  const { hear, receiver } = running();
  const empty = data(10, 9);
  t.same(hear(A, empty), []);
  hear(A, data(10));
  t.same(hear(A, data(12, 11)), ['gap 11']);
  t.equal(receiver.lines[A]!.counters.heartbeats, 3);
});

t.test('request - a large gap is asked for in parts, a few at a time', async (t) => {
  const { hear, receiver, take } = running({ requestMessagesMax: 10, requestsInFlightMax: 3 });
  hear(A, data(60));
  receiver.tick(10);
  t.same(take(), ['ask S1 10-19', 'ask S1 20-29', 'ask S1 30-39']);
  t.same(hear(REPAIR, data(20, 29), 20), ['closed 20-29', 'ask S1 40-49']);
  t.same(hear(REPAIR, data(10, 19), 21), ['closed 10-19', 'run 10-19', 'run 20-29', 'ask S1 50-59']);
  for (const [from, to] of [
    [50, 59],
    [40, 49],
    [30, 39],
  ] as const)
    hear(REPAIR, data(from, to), 22);
  t.equal(receiver.expected, 61);
  t.equal(receiver.recovering, false);
  t.same(receiver.held, { packets: 0, bytes: 0 });
});

t.test('request - with all out, the next are made when a quarter has been answered', async (t) => {
  const { hear, receiver, take } = running({ requestMessagesMax: 1, requestsInFlightMax: 8 });
  hear(A, data(40));
  receiver.tick(10);
  t.equal(take().length, 8);
  t.same(hear(REPAIR, data(10), 11), ['closed 10', 'run 10']);
  t.same(hear(REPAIR, data(11), 12), ['closed 11', 'run 11', 'ask S1 18', 'ask S1 19']);
});

t.test('request - what a short answer leaves open is asked for at once', async (t) => {
  const { hear, receiver, take } = running();
  hear(A, data(20));
  receiver.tick(10);
  t.same(take(), ['ask S1 10-19']);
  t.same(hear(REPAIR, data(10, 14), 30), ['closed 10-14', 'run 10-14', 'ask S1 15-19']);
  t.same(hear(REPAIR, data(15, 19), 40), ['closed 15-19', 'run 15-19', 'run 20']);
});

t.test(
  'request - no more is asked for at a time than an answer has brought, until answers bring all of it again',
  async (t) => {
    const { hear, receiver, take } = running({ requestMessagesMax: 8, requestsInFlightMax: 2 });
    hear(A, data(2000));
    receiver.tick(10);
    t.same(take(), ['ask S1 10-17', 'ask S1 18-25']);
    // Five fit into a packet: of what is asked for next there is nothing left over.
    t.same(hear(REPAIR, data(10, 14), 11), ['closed 10-14', 'run 10-14', 'ask S1 15-17']);
    t.same(hear(REPAIR, data(15, 17), 12), ['closed 15-17', 'run 15-17', 'ask S1 26-30']);
    t.same(hear(REPAIR, data(18, 22), 13), ['closed 18-22', 'run 18-22', 'ask S1 23-25']);
    t.same(hear(REPAIR, data(23, 25), 14), ['closed 23-25', 'run 23-25', 'ask S1 31-35']);
    const sizes: number[] = [];
    for (let from = 26, size = 5, nowNs = 15; sizes.length < 60; nowNs++) {
      const asked = hear(REPAIR, data(from, from + size - 1), nowNs).filter((line) => line.startsWith('ask'));
      from += size;
      const [first, last] = asked[0]!.match(/\d+/g)!.slice(1).map(Number) as [number, number];
      sizes.push(last - first + 1);
      size = sizes.at(-2) ?? 5;
    }
    t.equal(sizes[0], 5);
    t.equal(sizes.at(-1), 8, 'as much as may be');
    t.same(
      sizes,
      [...sizes].sort((a, b) => a - b),
      'little by little',
    );
  },
);

t.test('request - a very short answer says little about the next', async (t) => {
  const { hear, receiver, take } = running({ requestMessagesMax: 40, requestsInFlightMax: 1 });
  hear(A, data(200));
  receiver.tick(10);
  t.same(take(), ['ask S1 10-49']);
  t.same(hear(REPAIR, data(10), 11), ['closed 10', 'run 10', 'ask S1 11-20']);
});

t.test('request - when answers may be several packets, each renews the wait', async (t) => {
  const { hear, receiver, take } = running({ singlePacketAnswers: false });
  hear(A, data(20));
  receiver.tick(10);
  t.same(take(), ['ask S1 10-19']);
  t.same(hear(REPAIR, data(10, 14), 100), ['closed 10-14', 'run 10-14']);
  receiver.tick(199);
  t.same(take(), []);
  receiver.tick(200);
  t.same(take(), ['ask S1 15-19 again 1']);
});

t.test('request - data of the lines is not taken for an answer', async (t) => {
  const { hear, receiver, take } = running();
  hear(A, data(20));
  receiver.tick(10);
  take();
  t.same(hear(B, data(10, 14), 30), ['closed 10-14', 'run 10-14']);
  receiver.tick(109);
  t.same(take(), []);
  receiver.tick(110);
  t.same(take(), ['ask S1 15-19 again 1']);
});

t.test('request - without a repair line any line may bring the answer', async (t) => {
  const { receiver, take } = recording({ start: 10, lines: ['A'], repairLine: undefined as never });
  receiver.packet(0, data(20), data(20).length, 0);
  receiver.tick(10);
  take();
  receiver.packet(0, data(10, 14), data(10, 14).length, 30);
  t.same(take(), ['closed 10-14', 'run 10-14', 'ask S1 15-19']);
});

t.test('request - is repeated after the time-out, and given up after the last attempt', async (t) => {
  const { hear, receiver, take } = running();
  hear(A, data(12));
  for (let now = 0; now <= 400; now += 5) receiver.tick(now);
  t.same(take(), ['ask S1 10-11', 'ask S1 10-11 again 1', 'ask S1 10-11 again 2', 'lost 10-11 unanswered', 'run 12']);
  t.match(receiver.counters, { requests: 3, requested: 6, retries: 2, lost: 2, messages: 1 });
});

t.test('request - an answer that came too late is a duplicate', async (t) => {
  const { hear, receiver, take } = running();
  hear(A, data(12));
  for (let now = 0; now <= 400; now += 5) receiver.tick(now);
  take();
  t.same(hear(REPAIR, data(10, 11), 410), []);
  t.match(receiver.lines[REPAIR]!.counters, { duplicates: 2 });
});

t.test('request - none is made when none are allowed: the gap expires', async (t) => {
  const { hear, receiver, take } = running({ requestAttemptsMax: 0 });
  hear(A, data(12));
  for (let now = 0; now < 1000; now += 10) receiver.tick(now);
  t.same(take(), []);
  receiver.tick(1000);
  t.same(take(), ['lost 10-11 expired', 'run 12']);
});

t.test('refused - what whoever was asked has no more is lost at once, and the rest asked for', async (t) => {
  const { hear, receiver, take } = running({ requestMessagesMax: 4 });
  hear(A, data(22));
  receiver.tick(10);
  t.same(take(), ['ask S1 10-13', 'ask S1 14-17', 'ask S1 18-21']);
  t.same(hear(REPAIR, heartbeat(16), 20), ['lost 10-15 unavailable', 'ask S1 16-17']);
  t.same(hear(REPAIR, heartbeat(16), 21), [], 'the answer to the other request says nothing new');
  t.same(hear(REPAIR, data(18, 21), 22), ['closed 18-21']);
  t.same(hear(REPAIR, data(16, 17), 23), ['closed 16-17', 'run 16-17', 'run 18-21', 'run 22']);
  t.match(receiver.counters, { lost: 6, refusals: 2 });
});

t.test('refused - one of two that are asked is not enough, however often it says so', async (t) => {
  const { receiver, take } = running({ answerers: () => ['one', 'other'], requestMessagesMax: 4 });
  const hear = (packet: Buffer, by: string, nowNs: number): string[] => {
    receiver.packet(REPAIR, packet, packet.length, nowNs, by);
    return take();
  };
  receiver.packet(A, data(18), data(18).length, 0);
  receiver.tick(10);
  t.same(take().slice(-2), ['ask S1 10-13', 'ask S1 14-17']);
  for (let i = 0; i < 4; i++) t.same(hear(heartbeat(16), 'one', 20 + i), []);
  receiver.tick(110);
  t.same(take(), ['ask S1 10-13 again 1', 'ask S1 14-17 again 1']);
  t.same(hear(heartbeat(16), 'one', 115), [], 'the other one was asked, and does not answer');
  t.same(hear(heartbeat(17), 'somebody else', 116), []);
  t.same(hear(heartbeat(12), 'other', 120), ['lost 10-11 unavailable', 'ask S1 12-13']);
});

t.test('refused - a heartbeat that answers nothing is none', async (t) => {
  const { hear, receiver, take } = running();
  hear(A, data(12));
  t.same(hear(REPAIR, heartbeat(12), 1), [], 'nobody has been asked yet');
  receiver.tick(10);
  t.same(take(), ['ask S1 10-11']);
  t.same(hear(A, heartbeat(12), 11), [], 'a line knows nothing of what is kept');
  t.same(hear(REPAIR, heartbeat(10), 12), [], 'so old a message is there');
  t.same(hear(REPAIR, heartbeat(12), 13), ['lost 10-11 unavailable', 'run 12']);
});

t.test('lost - a gap expires however many attempts are left', async (t) => {
  const { hear, receiver, take } = running({ requestAttemptsMax: 1000 });
  hear(A, data(12));
  for (let now = 0; now < 1000; now++) receiver.tick(now);
  t.equal(take().filter((line) => line.startsWith('lost')).length, 0);
  receiver.tick(1000);
  t.same(take(), ['lost 10-11 expired', 'run 12']);
});

t.test('lost - is reported in its place: what was given up behind an open gap waits for it', async (t) => {
  const { hear, receiver, take } = running({ requestAttemptsMax: 0 });
  hear(A, data(15), 0);
  hear(A, data(18), 5);
  t.same(hear(B, data(11, 12), 6), ['closed 11-12']);
  receiver.tick(1000);
  t.same(take(), ['lost 10 expired', 'run 11-12', 'lost 13-14 expired', 'run 15']);
  receiver.tick(1004);
  t.same(take(), []);
  receiver.tick(1005);
  t.same(take(), ['lost 16-17 expired', 'run 18']);
});

t.test('lost - what was given up and not yet reported may still come', async (t) => {
  const { hear, receiver, take } = running({ requestMessagesMax: 2, requestsInFlightMax: 2 });
  hear(A, data(14), 0);
  receiver.tick(10);
  t.same(take(), ['ask S1 10-11', 'ask S1 12-13']);
  // The second part times out while the first was just answered in part, and so is asked for anew.
  t.same(hear(REPAIR, data(10), 105), ['closed 10', 'run 10', 'ask S1 11']);
  receiver.tick(110);
  receiver.tick(210);
  t.same(take(), ['ask S1 12-13 again 1', 'ask S1 11 again 1', 'ask S1 12-13 again 2']);
  receiver.tick(310);
  t.same(take(), ['ask S1 11 again 2']);
  t.same(hear(B, data(12, 13), 311), ['closed 12-13']);
  t.same(hear(B, data(11), 312), ['closed 11', 'run 11', 'run 12-13', 'run 14']);
});

t.test('window - full: the newest is dropped, counted, and asked for when there is room', async (t) => {
  const { hear, receiver, take } = running({ reorderPacketsMax: 2 });
  t.same(hear(A, data(11)), ['gap 10']);
  t.same(hear(A, data(12)), []);
  t.same(hear(A, data(13)), ['gap 13']);
  t.same(hear(A, data(14)), ['gap 14']);
  t.match(receiver.counters, { windowDropped: 2 });
  receiver.tick(10);
  t.same(take(), ['ask S1 10']);
  t.same(hear(REPAIR, data(10), 20), ['closed 10', 'run 10', 'run 11', 'run 12']);
  receiver.tick(30);
  t.same(take(), ['ask S1 13-14']);
  t.same(hear(REPAIR, data(13, 14), 40), ['closed 13-14', 'run 13-14']);
  t.same(receiver.missing, []);
});

t.test('window - full: a lower packet takes the place of the highest', async (t) => {
  const { hear, receiver } = running({ reorderPacketsMax: 2 });
  hear(A, data(14, 15));
  hear(A, data(16, 17));
  t.same(hear(B, data(12, 14)), ['gap 16-17', 'closed 12-13']);
  t.same(receiver.missing, [
    { from: 10, to: 12 },
    { from: 16, to: 18 },
  ]);
  t.same(hear(B, data(10, 11)), ['closed 10-11', 'run 10-11', 'run 12-14', 'run 15']);
  t.same(hear(B, data(16, 19)), ['closed 16-17', 'run 16-19']);
});

t.test('window - is bounded in bytes of its buffers', async (t) => {
  const { hear, receiver } = running({ reorderBytesMax: 65_536, reorderPacketsMax: 1000 });
  for (let seq = 11; seq < 111; seq++) hear(A, data(seq));
  t.same(receiver.held, { packets: 32, bytes: 65_536 });
  t.match(receiver.counters, { windowDropped: 100 - 32 });
  t.same(receiver.missing, [
    { from: 10, to: 11 },
    { from: 43, to: 111 },
  ]);
});

t.test('window - full: where held packets overlap, only what no other holds is missing again', async (t) => {
  const { hear, receiver } = running({ reorderPacketsMax: 2 });
  hear(A, data(14, 16));
  hear(A, data(15, 18));
  t.same(hear(B, data(12)), ['gap 17-18', 'closed 12']);
  t.same(hear(B, data(10, 13)), ['closed 10-11', 'closed 13', 'run 10-13', 'run 14-16']);
  t.same(receiver.missing, [{ from: 17, to: 19 }]);
});

t.test('window - what was dropped is asked for even if what made the window full is given up', async (t) => {
  const { hear, receiver, take } = running({ reorderPacketsMax: 1, requestAttemptsMax: 1, requestTimeoutNs: 100 });
  hear(A, data(11));
  hear(A, data(12));
  receiver.tick(10);
  t.same(take(), ['ask S1 10']);
  receiver.tick(110);
  t.same(take(), ['lost 10 unanswered', 'run 11']);
  receiver.tick(120);
  t.same(take(), ['ask S1 12']);
});

t.test('window - an answer refused for want of room is asked for again: the attempt does not count', async (t) => {
  const { hear, receiver, take } = running({ reorderPacketsMax: 1, requestMessagesMax: 2, requestAttemptsMax: 1 });
  hear(A, heartbeat(16), 0);
  receiver.tick(10);
  t.same(take(), ['ask S1 10-11', 'ask S1 12-13', 'ask S1 14-15']);
  t.same(hear(REPAIR, data(12, 13), 20), ['closed 12-13']);
  t.same(hear(REPAIR, data(14, 15), 21), [], 'no room');
  t.match(receiver.counters, { windowDropped: 2 });
  t.same(hear(REPAIR, data(10, 11), 50), ['closed 10-11', 'run 10-11', 'run 12-13', 'ask S1 14-15']);
  receiver.tick(149);
  t.same(take(), []);
  t.same(hear(REPAIR, data(14, 15), 149), ['closed 14-15', 'run 14-15']);
});

t.test('window - refusing answers does not prolong the life of a gap', async (t) => {
  const { hear, receiver, take } = running({ reorderPacketsMax: 1, requestMessagesMax: 2, requestAttemptsMax: 100 });
  hear(A, heartbeat(16), 0);
  receiver.tick(10);
  hear(B, data(13), 20);
  for (let now = 30; now < 1000; now += 10) hear(REPAIR, data(14, 15), now);
  take();
  receiver.tick(1000);
  t.same(take(), ['lost 10-12 expired', 'run 13', 'lost 14-15 expired']);
});

t.test('window - an answer that finds no room does not count as an attempt', async (t) => {
  const { hear, receiver, take } = running({ reorderPacketsMax: 1, requestMessagesMax: 1, requestAttemptsMax: 1 });
  hear(A, data(13), 0);
  receiver.tick(10);
  t.same(take(), ['ask S1 10'], 'only the lowest is asked for while there is no room');
  t.same(hear(B, data(11), 20), ['gap 13', 'closed 11']);
  t.same(hear(B, data(12), 21), []);
  t.same(hear(REPAIR, data(10), 22), ['closed 10', 'run 10', 'run 11', 'ask S1 12']);
  t.same(hear(REPAIR, data(12), 23), ['closed 12', 'run 12']);
  receiver.tick(33);
  t.same(take(), ['ask S1 13']);
  t.same(hear(REPAIR, data(13), 43), ['closed 13', 'run 13']);
  t.equal(receiver.counters.lost, 0);
});

t.test('end - is told once all is delivered, and once', async (t) => {
  const { hear, receiver } = running();
  t.same(hear(A, data(10, 11)), ['run 10-11']);
  t.same(hear(A, end(12)), ['end 12']);
  t.same(hear(B, end(12)), []);
  t.same(hear(B, data(10, 11)), []);
  t.equal(receiver.ended, true);
});

t.test('end - is told after what was missing has been recovered', async (t) => {
  const { hear, receiver, take } = running();
  t.same(hear(A, end(13)), ['gap 10-12']);
  receiver.tick(10);
  t.same(take(), ['ask S1 10-12']);
  t.same(hear(REPAIR, data(10, 11), 20), ['closed 10-11', 'run 10-11', 'ask S1 12']);
  t.same(hear(REPAIR, data(12), 30), ['closed 12', 'run 12', 'end 13']);
});

t.test('end - is told after what was missing has been given up', async (t) => {
  const { hear, receiver, take } = running({ requestAttemptsMax: 0 });
  hear(A, end(13));
  receiver.tick(1000);
  t.same(take(), ['lost 10-12 expired', 'end 13']);
});

t.test('end - what comes after it is malformed, and so is an end before what came', async (t) => {
  const { hear, receiver, faults } = running();
  hear(A, data(10, 11));
  t.same(hear(A, end(11)), []);
  hear(A, end(12));
  t.same(hear(A, data(12)), []);
  t.same(
    faults.map(({ code }) => code),
    ['SEQUENCE_END_TOO_EARLY', 'SEQUENCE_AFTER_END'],
  );
  t.match(receiver.counters, { afterEnd: 1 });
});

t.test('session - another is foreign as long as the current one lasts', async (t) => {
  const { hear, receiver } = running();
  t.same(hear(A, data(1, 2, 'S2')), []);
  t.match(receiver.lines[A]!.counters, { foreign: 1 });
  hear(A, end(10));
  t.same(hear(A, data(1, 2, 'S2')), ['session S2 after S1 from 1', 'run 1-2']);
});

t.test('session - a switch delivers what is held and reports what is missing', async (t) => {
  const { hear } = running({ sessionPolicy: () => 'switch' });
  hear(A, data(10));
  hear(A, data(13));
  t.same(hear(A, data(1, 2, 'S2')), ['lost 11-12 session-over', 'run 13', 'session S2 after S1 from 1', 'run 1-2']);
});

t.test('session - what was missed of a new one is asked for', async (t) => {
  const { hear } = running({ sessionPolicy: () => 'switch', gapWaitNs: 0 });
  t.same(hear(A, data(3, 4, 'S2')), ['session S2 after S1 from 1', 'gap 1-2', 'ask S2 1-2']);
});

t.test('session - a new one may be taken up where it is', async (t) => {
  const { hear } = running({ sessionPolicy: () => 'switch', newSessionStart: 'first-seen' });
  t.same(hear(A, data(3, 4, 'S2')), ['session S2 after S1 from 3', 'run 3-4']);
});

t.test('session - one left behind does not come back by a slow line', async (t) => {
  const { hear, receiver } = running({ sessionPolicy: () => 'switch' });
  hear(A, data(10));
  hear(A, data(1, 1, 'S2'));
  t.same(hear(B, data(10)), []);
  t.same(hear(B, data(1, 2, 'S2')), ['run 2']);
  t.match(receiver.lines[B]!.counters, { foreign: 1 });
});

t.test('session - the policy judges the first one too, and sees whether the current one has ended', async (t) => {
  const asked: unknown[] = [];
  const { receiver, take } = recording({
    sessionPolicy: (...question) => {
      asked.push(question);
      return question[1] === 'S1' || question[1] === 'S3' ? 'switch' : 'ignore';
    },
  });
  for (const packet of [data(1, 1, 'S0'), data(1), end(2), data(1, 1, 'S2'), data(1, 1, 'S3')]) {
    receiver.packet(A, packet, packet.length, 0);
  }
  t.same(asked, [
    [undefined, 'S0', false],
    [undefined, 'S1', false],
    ['S1', 'S2', true],
    ['S1', 'S3', true],
  ]);
  t.same(take(), ['session S1 after none from 1', 'run 1', 'end 2', 'session S3 after S1 from 1', 'run 1']);
});

t.test('restart - numbering begins anew in the same session', async (t) => {
  const { hear, receiver } = running();
  hear(A, data(10));
  hear(A, data(12));
  t.same(hear(A, restart(1)), ['lost 11 session-over', 'run 12', 'session S1 after S1 from 1']);
  t.same(hear(A, data(1, 3)), ['run 1-3']);
  t.match(receiver.counters, { restarts: 1 });
  t.match(receiver.lines[A]!.counters, { missed: 1 });
});

t.test('restart - before the first message means nothing', async (t) => {
  const { receiver, take } = recording();
  for (const packet of [restart(1), restart(1), data(1)]) receiver.packet(A, packet, packet.length, 0);
  t.same(take(), ['session S1 after none from 1', 'run 1']);
});

t.test('restart - the other line finishes the old numbering and then follows', async (t) => {
  const { hear, receiver } = running();
  for (const line of [A, B]) hear(line, data(10, 200));
  hear(A, data(201, 202));
  hear(A, restart(1));
  t.same(hear(A, data(1, 2)), ['run 1-2']);
  t.same(hear(B, data(201, 202)), []);
  t.match(receiver.lines[B]!.counters, { stale: 1 });
  t.same(hear(B, restart(1)), []);
  t.same(hear(B, data(1, 3)), ['run 3']);
  t.match(receiver.counters, { restarts: 1 });
});

t.test('restart - an old number that happens to be the expected one is not taken for it', async (t) => {
  const { receiver, take } = recording();
  for (const [line, packet] of [
    [A, data(1, 4)],
    [B, data(1, 4)],
    [A, restart(1)],
    [A, data(1, 4)],
    [B, data(5)],
  ] as const) {
    receiver.packet(line, packet, packet.length, 0);
  }
  t.same(take(), ['session S1 after none from 1', 'run 1-4', 'session S1 after S1 from 1', 'run 1-4']);
  t.match(receiver.lines[B]!.counters, { stale: 1 });
});

t.test('restart - a line that lost the announcement is recognised by its numbers', async (t) => {
  const { hear } = running();
  for (const line of [A, B]) hear(line, data(10, 200));
  hear(A, restart(1));
  hear(A, data(1, 2));
  t.same(hear(B, data(2, 4)), ['run 3-4']);
});

t.test('implausible - a number far ahead is not believed from one packet', async (t) => {
  const { hear, receiver, faults } = running({ jumpMessagesMax: 1000 });
  t.same(hear(A, data(5_000_000)), []);
  t.same(hear(A, heartbeat(9_000_000)), []);
  t.same(hear(A, data(10)), ['run 10']);
  t.match(faults, [
    { code: 'SEQUENCE_IMPLAUSIBLE', context: { line: 'A', seq: 5_000_000, expected: 10 } },
    { code: 'SEQUENCE_IMPLAUSIBLE' },
  ]);
  t.match(receiver.counters, { implausible: 2 });
});

t.test('implausible - a second packet that follows the first confirms it', async (t) => {
  const { hear } = running({ jumpMessagesMax: 1000 });
  t.same(hear(A, data(5_000)), []);
  t.same(hear(A, data(5_001)), ['gap 10-5000']);
});

t.test('implausible - the first packet of a session may be at any distance from the start', async (t) => {
  const { receiver, take } = recording({ start: 1, jumpMessagesMax: 1000 });
  receiver.packet(A, data(5_000), data(5_000).length, 0);
  t.same(take(), ['session S1 after none from 1', 'gap 1-4999']);
});

t.test('malformed - is counted and quarantined with its line, bytes and reason', async (t) => {
  const { hear, receiver, faults } = running();
  const packet = data(10, 11);
  for (let length = 0; length < packet.length; length++) {
    receiver.packet(B, packet, length, 0);
  }
  t.equal(receiver.lines[B]!.counters.malformed, packet.length);
  t.same(faults[3], { code: 'TOY_SHORT', hex: packet.toString('hex', 0, 3), context: { line: 'B', length: 3 } });
  t.equal(receiver.expected, 10);
  t.same(hear(B, packet), ['run 10-11']);
});

t.test('finish - delivers what is held and reports what is missing', async (t) => {
  const { hear, receiver, take } = running();
  hear(A, data(12));
  hear(A, heartbeat(15));
  receiver.finish();
  t.same(take(), ['lost 10-11 finished', 'run 12', 'lost 13-14 finished']);
  t.same(hear(A, data(15)), ['run 15']);
});

t.test('options - one that cannot be is named, with what was expected', async (t) => {
  for (const [options, message] of [
    [{ lines: [] }, /at least one line/],
    [{ repairLine: 3 }, /repairLine.*one of 3 lines, got 3/],
    [{ start: -1 }, /expected start to be a whole number from 0/],
    [{ requestMessagesMax: 65_535 }, /requestMessagesMax.*from 1 to 65534, got 65535/],
    [{ reorderBytesMax: 1000 }, /reorderBytesMax.*from 65536/],
    [{ gapWaitNs: Number.NaN }, /gapWaitNs/],
  ] as const) {
    t.throws(() => recording(options), { code: 'SEQUENCE_BAD_OPTION', message });
  }
});

t.test('counters - are listed in the registry with their line', async (t) => {
  const registry = new CounterRegistry();
  const { receiver } = recording({ registry, labels: { channel: 'C1' } });
  receiver.packet(B, data(1, 2), data(1, 2).length, 0);
  const listed = registry.snapshot();
  t.match(
    listed.map(({ name, labels }) => [name, labels]),
    [
      ['line', { channel: 'C1', line: 'A' }],
      ['line', { channel: 'C1', line: 'B' }],
      ['line', { channel: 'C1', line: 'repair' }],
      ['receiver', { channel: 'C1' }],
    ],
  );
  t.match(listed[1]!.values, { packets: 1, messages: 2, firsts: 2 });
  t.match(listed[3]!.values, { messages: 2, sessions: 1 });
});
