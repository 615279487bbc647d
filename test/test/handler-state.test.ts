import assert from 'node:assert/strict';
import { deserialize, serialize } from 'node:v8';
import { HEADER_LENGTH, IEX_TOPS, IexSimulator } from '@tickerplant/feed-iex';
import { ITCH_50 } from '@tickerplant/feed-itch';
import {
  ChannelSet,
  ChannelWriter,
  CountingSink,
  type FeedProtocol,
  Handler,
  type HandlerGiver,
} from '@tickerplant/feed-runtime';
import { CounterRegistry, Quarantine } from '@tickerplant/telemetry';
import fc from 'fast-check';
import t from 'tap';
import { anyItchFlow } from '../src/itch-flow.ts';

// A handler that has taken over another one's state must say, byte for byte, what that one says from there on.

const DAY = 17_357;

class Rig {
  readonly handler: Handler;
  readonly output: string[] = [];
  readonly writers: ChannelWriter[] = [];
  position = 1;

  constructor(protocol: FeedProtocol) {
    const channels = protocol.roles.flatMap((role) =>
      [0, 1].map((index) => {
        const writer = new ChannelWriter(`${role}${index}`, protocol.templates);
        this.writers.push(writer);
        return { role, writer, open: () => ({ sink: this.sink(writer.name), session: '', next: 0 }) };
      }),
    );
    const services = Object.fromEntries(
      protocol.roles.map((role) => {
        const own = channels.filter((channel) => channel.role === role).map(({ writer }) => writer);
        return [role, new ChannelSet(role.toUpperCase(), own, (symbol) => symbol.length % 2)];
      }),
    );
    this.handler = new Handler({
      protocol,
      littleEndianLengths: protocol.createFraming().littleEndianLengths,
      services,
      channels,
      day: DAY,
      zoneOffsetNs: 4 * 3_600_000_000_000,
      quarantine: new Quarantine(),
      registry: new CounterRegistry(),
      wallNs: () => 0n,
      onEvent: () => undefined,
    });
  }

  private sink(name: string): CountingSink {
    return new CountingSink((bytes, length) =>
      this.output.push(`${name} ${Buffer.from(bytes.buffer, bytes.byteOffset, length).toString('hex')}`),
    );
  }

  message(bytes: Uint8Array, littleEndian: boolean): void {
    const block = Buffer.alloc(2 + bytes.length);
    if (littleEndian) block.writeUInt16LE(bytes.length);
    else block.writeUInt16BE(bytes.length);
    block.set(bytes, 2);
    this.handler.onRun(block, 0, block.length, this.position++, 1);
  }

  lose(count: number): void {
    this.handler.onLost(this.position, this.position + count, 'expired');
    this.position += count;
  }

  /** A second one that goes on from here. @param pieces given by now */
  copy(protocol: FeedProtocol, pieces: readonly Buffer[], giver: HandlerGiver): Rig {
    const copy = new Rig(protocol);
    const state = deserialize(
      serialize({ handler: giver.rest(), writers: this.writers.map((writer) => writer.save()) }),
    );
    copy.writers.forEach((writer, index) => {
      writer.restore(state.writers[index]);
      writer.attach(copy.sink(writer.name));
    });
    copy.handler.restore(
      state.handler,
      pieces.map((piece) => deserialize(piece)),
    );
    copy.position = this.position;
    assert.equal(copy.handler.position, this.handler.position);
    assert.equal(copy.handler.epoch, this.handler.epoch);
    this.output.length = 0;
    return copy;
  }
}

/**
 * Runs messages through one handler and, from a point on, through a copy too, which was given piece by piece from `at` on, with
 * `between` messages after each; `losses`: before which a gap is.
 */
function compare(
  protocol: FeedProtocol,
  messages: readonly Uint8Array[],
  at: number,
  between: number,
  losses: ReadonlySet<number>,
): number {
  const { littleEndianLengths } = protocol.createFraming();
  const first = new Rig(protocol);
  first.handler.begin(1);
  let second: Rig | undefined;
  let giver: HandlerGiver | undefined;
  let pieces: Buffer[] = [];
  let dueAt = at;
  messages.forEach((message, index) => {
    if (index === dueAt && second === undefined) {
      giver ??= first.handler.give();
      const piece = giver.piece();
      if (piece !== undefined) pieces.push(serialize(piece));
      else {
        try {
          second = first.copy(protocol, pieces, giver);
        } catch (error) {
          // All was forgotten in between.
          assert.match(String(error), /expected (trades|orders) that go together/);
          giver = undefined;
          pieces = [];
        }
      }
      dueAt = index + 1 + (piece === undefined ? 0 : between);
    }
    for (const rig of second === undefined ? [first] : [first, second]) {
      if (losses.has(index)) rig.lose(3);
      rig.message(message, littleEndianLengths);
    }
  });
  if (second !== undefined) assert.deepEqual(second.output, first.output);
  return first.output.length;
}

t.test('ITCH: after any messages, losses and faults', async () => {
  fc.assert(
    fc.property(
      anyItchFlow(120),
      fc.nat(1_000),
      fc.nat(20),
      fc.uniqueArray(fc.nat(400), { maxLength: 2 }),
      (messages, at, between, losses) => {
        compare(ITCH_50, messages, at % (messages.length + 1), between, new Set(losses));
      },
    ),
    { numRuns: 150 },
  );
});

t.test('IEX TOPS: anywhere in a simulated day', async (t) => {
  const messages: Uint8Array[] = [];
  const simulator = new IexSimulator(
    { seed: 7, symbols: 45, day: DAY, eventsPerSecond: 100 },
    (line, bytes, length) => {
      if (line !== 0) return;
      for (let from = HEADER_LENGTH; from < length; ) {
        const size = bytes[from]! | (bytes[from + 1]! << 8);
        messages.push(bytes.slice(from + 2, from + 2 + size));
        from += 2 + size;
      }
    },
  );
  while (!simulator.done) simulator.advance(simulator.endNs);
  t.ok(messages.length > 1_000, `${messages.length} messages`);
  for (const share of [0.01, 0.3, 0.7, 0.95]) {
    const at = Math.floor(messages.length * share);
    t.ok(compare(IEX_TOPS, messages, at, 3, new Set([at - 20, at + 500])) > 50);
  }
});
