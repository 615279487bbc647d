import fc from 'fast-check';
import t from 'tap';
import { SequencedReceiver } from '../src/index.ts';
import { data, end, heartbeat, restart, toyFraming } from './support/toy.ts';

// Packets that no sane sender would send, in any order, on any line, with any change of a few bytes: the receiver
// must never throw, and must keep its word: within a session, what it tells covers the numbers once, in order.
const session = fc.oneof({ weight: 20, arbitrary: fc.constant('S1') }, fc.constantFrom('S2', 'S3'));
const packet = fc.oneof(
  {
    weight: 12,
    arbitrary: fc
      .record({ seq: fc.nat(60), count: fc.nat(12), session })
      .map((p) => data(p.seq, p.seq + p.count, p.session)),
  },
  fc.record({ seq: fc.nat(80), session }).map((p) => heartbeat(p.seq, p.session)),
  fc.record({ seq: fc.nat(80), session }).map((p) => end(p.seq, p.session)),
  fc.nat(3).map((seq) => restart(seq)),
  fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes)),
);
const step = fc.record({
  packet,
  line: fc.nat(2),
  elapsedNs: fc.nat(60),
  changes: fc.oneof(
    { weight: 9, arbitrary: fc.constant([]) },
    fc.array(fc.tuple(fc.nat(30), fc.nat(255)), { maxLength: 2 }),
  ),
  tick: fc.boolean(),
});

t.test('whatever comes, the receiver keeps its word', async () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 120 }), fc.boolean(), fc.nat(5), (steps, switches, refusals) => {
      let covered = -1;
      let refused = 0;
      let asked = -1;
      let sessions = 0;
      const wrong: string[] = [];
      const receiver = new SequencedReceiver(
        toyFraming(),
        {
          onRun(bytes, start, finish, seq, count) {
            if (seq !== covered || count < 1) wrong.push(`run ${seq} x${count}, expected ${covered}`);
            if (asked >= 0) wrong.push(`run ${seq} in spite of ${asked}`);
            let at = start;
            for (let i = 0; i < count; i++) at += 2 + ((bytes[at]! << 8) | bytes[at + 1]!);
            if (at !== finish) wrong.push(`run ${seq} ends at ${at}, said ${finish}`);
            covered = seq + count;
          },
          mayLose(from) {
            if (from !== covered) wrong.push(`asked about ${from}, expected ${covered}`);
            if (from !== asked) refused = 0;
            asked = from;
            return refused++ >= refusals;
          },
          onLost(from, to) {
            asked = -1;
            if (from !== covered || to <= from) wrong.push(`lost ${from}-${to}, expected ${covered}`);
            covered = to;
          },
          onSession(_session, _previous, next) {
            covered = next;
            sessions++;
          },
          onEnd(next) {
            if (next !== covered) wrong.push(`end ${next}, expected ${covered}`);
          },
          onRequest(_session, from, count) {
            if (from < covered || count < 1 || count > 7) wrong.push(`request ${from} x${count} at ${covered}`);
          },
        },
        {
          lines: ['A', 'B', 'repair'],
          repairLine: 2,
          start: 0,
          reorderPacketsMax: 4,
          gapWaitNs: 20,
          requestTimeoutNs: 100,
          requestMessagesMax: 7,
          requestsInFlightMax: 2,
          lostAfterNs: 1000,
          jumpMessagesMax: 500,
          ...(switches ? { sessionPolicy: () => 'switch' as const } : {}),
        },
      );
      let now = 0;
      for (const { packet, line, elapsedNs, changes, tick } of steps) {
        now += elapsedNs;
        const bytes = Buffer.from(packet);
        for (const [at, value] of changes) if (at < bytes.length) bytes[at] = value;
        receiver.packet(line, bytes, bytes.length, now);
        if (tick) receiver.tick(now);
        if (receiver.held.packets > 4) wrong.push(`${receiver.held.packets} packets held`);
        if (sessions > 0 && receiver.expected !== covered) wrong.push(`expected ${receiver.expected} at ${covered}`);
      }
      for (const { name, counters } of receiver.lines) {
        // What is dropped for want of room on arrival is neither first nor duplicate.
        const dropped = counters.messages - counters.firsts - counters.duplicates;
        if (dropped < 0 || dropped > receiver.counters.windowDropped) wrong.push(`messages on ${name}`);
      }
      // Time alone resolves everything.
      for (let i = 0; i < 200 * (1 + refusals) && receiver.recovering; i++) {
        now += 1000;
        receiver.tick(now);
      }
      if (receiver.recovering || receiver.held.packets > 0) wrong.push('something is still pending');
      if (wrong.length > 0) throw new Error(wrong.slice(0, 3).join('; '));
    }),
    { numRuns: 2000 },
  );
});
