import fc from 'fast-check';
import t from 'tap';
import { MoldSender, type MoldSenderOptions, readCount, readSequence } from '../src/index.ts';
import { hex } from './support/hex.ts';

/** A sender that keeps what it emits. */
function recording(options: Partial<MoldSenderOptions> = {}) {
  const packets: Buffer[] = [];
  const sender = new MoldSender({
    session: 'SESSION001',
    packetBytesMax: 64,
    heartbeatNs: 100,
    emit: (buffer, length) => {
      packets.push(Buffer.from(buffer.subarray(0, length)));
      return true;
    },
    ...options,
  });
  /** Takes what was sent since the last call, as `KIND number xCOUNT`. */
  const take = (): string[] =>
    packets.splice(0).map((packet) => {
      const count = readCount(packet, 0);
      const kind = count === 0 ? 'heartbeat' : count === 0xffff ? 'end' : `${packet.length} bytes, x${count}`;
      return `${readSequence(packet, 0)} ${kind}`;
    });
  return { sender, packets, take };
}

const say = (sender: MoldSender, text: string): number => sender.append(Buffer.from(text), 0, text.length);

t.test('example - two messages, the second of zero length', async (t) => {
  const { sender, packets } = recording({ next: 5 });
  t.equal(say(sender, 'ABC'), 5);
  t.equal(say(sender, ''), 6);
  sender.flush(0);
  t.same(packets[0], hex('53 45 53 53 49 4f 4e 30 30 31 00 00 00 00 00 00 00 05 00 02 00 03 41 42 43 00 00'));
  t.equal(sender.next, 7);
});

t.test('example - heartbeat and end of session', async (t) => {
  const { sender, packets } = recording({ session: '000008367I', next: 383_265 });
  sender.tick(0);
  sender.end(1);
  t.same(packets, [
    hex('30 30 30 30 30 38 33 36 37 49 00 00 00 00 00 05 d9 21 00 00'),
    hex('30 30 30 30 30 38 33 36 37 49 00 00 00 00 00 05 d9 21 ff ff'),
  ]);
});

t.test('messages are written in place and numbered from 1', async (t) => {
  const { sender, packets } = recording();
  const at = sender.reserve(10);
  sender.buffer.write('hello', at);
  t.equal(sender.commit(5), 1);
  t.equal(sender.pending, 1);
  sender.flush(0);
  t.equal(packets[0]!.toString('latin1', 20), '\0\x05hello');
  t.equal(sender.pending, 0);
});

t.test('a packet leaves when the next message does not fit, filled to the last byte', async (t) => {
  const { sender, take } = recording();
  for (let i = 0; i < 5; i++) say(sender, '123456789'); // 4 blocks of 11 bytes fill 20 + 44 = 64.
  t.same(take(), ['1 64 bytes, x4']);
  sender.flush(0);
  t.same(take(), ['5 31 bytes, x1']);
  sender.flush(0);
  t.same(take(), []);
});

t.test('the longest message fits; one byte more is refused, and the sender goes on', async (t) => {
  const { sender, take } = recording();
  t.equal(sender.messageBytesMax, 42);
  t.throws(() => say(sender, 'x'.repeat(43)), {
    code: 'MOLD_MESSAGE_TOO_LONG',
    message: /at most 42 bytes.*got 43/,
    context: { seq: 1 },
  });
  t.throws(() => sender.reserve(43), { code: 'MOLD_MESSAGE_TOO_LONG' });
  t.equal(say(sender, 'x'.repeat(42)), 1);
  sender.flush(0);
  t.same(take(), ['1 64 bytes, x1']);
});

t.test('a message longer than was reserved is our own mistake', async (t) => {
  const { sender } = recording();
  sender.reserve(5);
  t.throws(() => sender.commit(6), /expected at most 5 bytes as reserved, got 6/);
  sender.commit(5);
  t.throws(() => sender.commit(0), /assertion failed/);
});

t.test('heartbeats come when nothing was sent for the interval', async (t) => {
  const { sender, take } = recording();
  sender.tick(0);
  t.same(take(), ['1 heartbeat']);
  sender.tick(99);
  t.same(take(), []);
  sender.tick(100);
  t.same(take(), ['1 heartbeat']);
  say(sender, 'a');
  sender.flush(150);
  take();
  sender.tick(200);
  sender.tick(249);
  t.same(take(), []);
  sender.tick(250);
  t.same(take(), ['2 heartbeat']);
});

t.test('a packet that left for want of room counts as sent', async (t) => {
  const { sender, take } = recording();
  sender.tick(0);
  for (let i = 0; i < 5; i++) say(sender, '123456789');
  sender.tick(100);
  t.same(take(), ['1 heartbeat', '1 64 bytes, x4', '5 31 bytes, x1']);
  sender.tick(199);
  t.same(take(), []);
});

t.test('a tick sends what is pending', async (t) => {
  const { sender, take } = recording();
  say(sender, 'a');
  sender.tick(0);
  t.same(take(), ['1 23 bytes, x1']);
});

t.test('after the end nothing is taken, and end-of-session packets replace heartbeats', async (t) => {
  const { sender, take } = recording();
  say(sender, 'a');
  sender.end(0);
  t.same(take(), ['1 23 bytes, x1', '2 end']);
  t.throws(() => say(sender, 'b'), { code: 'MOLD_ENDED', context: { seq: 2 } });
  t.throws(() => sender.appendRun(Buffer.alloc(2), 0, 2, 2, 1), { code: 'MOLD_ENDED' });
  sender.tick(50);
  sender.tick(100);
  t.same(take(), ['2 end']);
});

t.test('a buffer that the kernel still holds is left alone', async (t) => {
  const held: { buffer: Buffer; copy: Buffer }[] = [];
  const { sender } = recording({
    emit: (buffer, length) => {
      held.push({ buffer: buffer.subarray(0, length), copy: Buffer.from(buffer.subarray(0, length)) });
      return false;
    },
  });
  sender.tick(0);
  for (let i = 0; i < 20; i++) say(sender, `message ${i % 10}`);
  sender.flush(1);
  sender.tick(200);
  for (const { buffer, copy } of held) t.same(buffer, copy);
  t.equal(held.length, 7);
  t.match(sender.counters, { packets: 5, messages: 20, heartbeats: 2, buffers: 5 });
});

t.test('data packets are told before they are sent', async (t) => {
  const told: string[] = [];
  const { sender } = recording({
    onData: (bytes, start, end, seq, count) =>
      told.push(`${seq} x${count} '${Buffer.from(bytes.subarray(start, end)).toString('latin1')}'`),
    emit: () => {
      told.push('sent');
      return true;
    },
  });
  say(sender, 'a');
  say(sender, 'b');
  sender.flush(0);
  sender.tick(200);
  t.same(told, ["1 x2 '\0\x01a\0\x01b'", 'sent', 'sent']);
});

function blocks(...texts: string[]): Buffer {
  return Buffer.concat(texts.map((text) => Buffer.concat([Buffer.from([0, text.length]), Buffer.from(text)])));
}

t.test('a run is forwarded under its own numbers', async (t) => {
  const { sender, packets, take } = recording();
  const run = blocks('one', 'two', '');
  sender.appendRun(run, 0, run.length, 1, 3);
  t.equal(sender.next, 4);
  sender.flush(0);
  t.same(packets[0]!.subarray(20), run);
  t.same(take(), ['1 32 bytes, x3']);
});

t.test('a run that skips numbers begins a packet of its own', async (t) => {
  const { sender, take } = recording();
  sender.appendRun(blocks('a'), 0, 3, 1, 1);
  sender.appendRun(blocks('b'), 0, 3, 7, 1);
  sender.flush(0);
  t.same(take(), ['1 23 bytes, x1', '7 23 bytes, x1']);
  t.throws(() => sender.appendRun(blocks('b'), 0, 3, 7, 1), /expected message 8 or later, got 7/);
});

t.test('a run with a message that no packet holds is refused', async (t) => {
  const { sender } = recording();
  const run = blocks('x'.repeat(43));
  t.throws(() => sender.appendRun(run, 0, run.length, 1, 1), { code: 'MOLD_MESSAGE_TOO_LONG', message: /got 43$/ });
});

t.test('options that cannot be are named', async (t) => {
  t.throws(() => recording({ session: 'much too long' }), { code: 'MOLD_BAD_SESSION' });
  t.throws(() => recording({ packetBytesMax: 65_508 }), { code: 'MOLD_BAD_OPTION', message: /packetBytesMax.*65507/ });
  t.throws(() => recording({ heartbeatNs: 0 }), { code: 'MOLD_BAD_OPTION', message: /heartbeatNs/ });
  t.throws(() => recording({ next: 1.5 }), { code: 'MOLD_BAD_OPTION', message: /next/ });
});

t.test('whatever is appended comes out once, in order, in packets within the limit', async () => {
  const step = fc.oneof(
    fc.record({
      kind: fc.constant('append' as const),
      texts: fc.tuple(fc.string({ maxLength: 42, unit: 'binary-ascii' })),
    }),
    fc.record({
      kind: fc.constant('run' as const),
      texts: fc.array(fc.string({ maxLength: 42, unit: 'binary-ascii' }), { minLength: 1, maxLength: 8 }),
    }),
    fc.record({
      kind: fc.constant('reserve' as const),
      texts: fc.tuple(fc.string({ maxLength: 30, unit: 'binary-ascii' })),
    }),
    fc.record({ kind: fc.constant('flush' as const), texts: fc.constant([] as string[]) }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), fc.boolean(), (steps, kernelHolds) => {
      const { sender, packets } = recording({
        emit: (buffer, length) => {
          packets.push(Buffer.from(buffer.subarray(0, length)));
          if (kernelHolds) return false;
          buffer.fill(0xdd, 10); // Ours again: nothing in it may matter.
          return true;
        },
      });
      const expected: string[] = [];
      for (const { kind, texts } of steps) {
        if (kind === 'flush') sender.flush(0);
        if (kind === 'append') say(sender, texts[0]!);
        if (kind === 'run') {
          const run = blocks(...texts);
          sender.appendRun(run, 0, run.length, sender.next, texts.length);
        }
        if (kind === 'reserve') {
          const at = sender.reserve(42);
          sender.buffer.write(texts[0]!, at, 'latin1');
          sender.commit(texts[0]!.length);
        }
        expected.push(...texts);
      }
      sender.flush(1);
      const got: string[] = [];
      for (const packet of packets) {
        if (packet.length > 64 || readSequence(packet, 0) !== got.length + 1) return false;
        let at = 20;
        for (let i = 0; i < readCount(packet, 0); i++) {
          const end = at + 2 + packet.readUInt16BE(at);
          got.push(packet.toString('latin1', at + 2, end));
          at = end;
        }
        if (at !== packet.length) return false;
      }
      return JSON.stringify(got) === JSON.stringify(expected) && sender.next === expected.length + 1;
    }),
    { numRuns: 500 },
  );
});
