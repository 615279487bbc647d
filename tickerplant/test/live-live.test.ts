import { type Floor, sessionName } from '@tickerplant/floor';
import { readCount, readSequence } from '@tickerplant/moldudp64';
import type { Receipt } from '@tickerplant/pair';
import { Kind, type Message, standardDictionary } from '@tickerplant/records';
import { CounterRegistry, Quarantine } from '@tickerplant/telemetry';
import t from 'tap';
import { FaultGate } from '../src/fault-gate.ts';
import { Plant } from '../src/plant.ts';
import { packetOf, sampleFloor } from './sample-floor.ts';

const MS = 1_000_000;
const S1 = sessionName(1, 17_357, 1);
const BID = standardDictionary().fid('BID');

function liveLiveFloor(): Floor {
  const floor = sampleFloor([20_001, 20_002, 20_003, 20_004, 20_005, 20_006, 20_008, 20_009, 20_010, 20_011]);
  const own = ({ trading: [first] }: Floor['channels'][number]): Floor['channels'][number]['trading'] => [
    first!,
    { ...first!, port: first!.port + 100 },
  ];
  return { ...floor, channels: floor.channels.map((channel) => ({ ...channel, trading: own(channel) })) };
}

/** Both plants of a live-live floor, which hear each other and the same packets. */
class Twins {
  readonly floor: Floor = liveLiveFloor();
  readonly plants: Plant[];
  /** By plant: first number and count of what it published on channel X1, in order; `+0` is a heartbeat. */
  readonly sent: string[][] = [[], []];
  readonly receipts: Receipt[] = [];
  readonly dead: Set<number> = new Set();
  /** Plants that no packet of a handler reaches. */
  readonly deaf: Set<number> = new Set();
  readonly events: string[] = [];
  private session = S1;
  nowNs: number = 1_000 * MS;
  private next = 1;
  /** When packets begin to come. */
  fromNs: number = 2_000 * MS;
  /** Messages asked for again. */
  asked = 0;
  /** How long a state is on its way, and those that are. */
  stateMs = 0;
  private readonly states: { readonly dueNs: number; readonly arrive: () => void }[] = [];

  constructor() {
    this.plants = this.floor.plants.map((_, rank) => this.make(rank));
  }

  private make(rank: number): Plant {
    const other = (): Plant => this.plants[1 - rank]!;
    const plant = new Plant(
      {
        floor: this.floor,
        plant: this.floor.plants[rank]!,
        gate: new FaultGate(new Quarantine(), () => 0n),
        registry: new CounterRegistry(),
        nowNs: this.nowNs,
        report: () => '{}',
      },
      {
        send: (channel, bytes) => {
          if (channel === 0) this.sent[rank]!.push(`${readSequence(bytes, 0)}+${readCount(bytes, 0)}`);
          return true;
        },
        ask: () => {
          this.asked++;
        },
        answer: () => true,
        say: (network, message) => {
          if (network === 'trading' && !this.dead.has(1 - rank)) other().tradingStatus(message, this.nowNs);
        },
        fetchState: () => {
          if (this.dead.has(1 - rank)) return;
          const state = other().giveState().rest();
          const arrive = (): void => plant.stateArrived(state, '', this.nowNs);
          if (this.stateMs === 0) arrive();
          else this.states.push({ dueNs: this.nowNs + this.stateMs * MS, arrive });
        },
        receipt: (receipt) => this.receipts.push(receipt),
        event: (event) => this.events.push(event),
      },
    );
    return plant;
  }

  /** A packet of channel X1; the plants named may get other bytes under the same number. */
  publish(otherBytesAt?: number): void {
    const seq = this.next++;
    const message = (price: number): Message =>
      seq === 1
        ? { kind: Kind.TEMPLATE, template: { id: 0, name: 'q', updateType: 1, exponent: -4, fids: [BID] } }
        : seq === 2
          ? { kind: Kind.ITEM, item: 0, subject: 'NEWS.A', recordKind: 0 }
          : { kind: Kind.UPDATE, item: 0, template: 0, values: [price] };
    this.plants.forEach((plant, rank) => {
      if (this.dead.has(rank) || this.deaf.has(rank)) return;
      const bytes = packetOf(this.session, seq, [message(rank === otherBytesAt ? seq + 1_000 : seq)]);
      plant.packet(0, bytes, bytes.length, this.nowNs);
    });
  }

  /** The handlers begin another epoch. */
  beginEpoch(epoch: number): void {
    this.session = sessionName(1, 17_357, epoch);
    this.next = 1;
  }

  /** Lets time pass; every 5 ms a packet comes. */
  pass(ms: number): void {
    for (let i = 0; i < ms; i++) {
      this.nowNs += MS;
      // Not before one of them has gone to work, unless it is told to: nobody could repeat it.
      if (i % 5 === 0 && this.nowNs > this.fromNs) this.publish();
      while (this.states[0] !== undefined && this.states[0].dueNs <= this.nowNs) this.states.shift()!.arrive();
      this.plants.forEach((plant, rank) => {
        if (!this.dead.has(rank)) plant.tick(this.nowNs, BigInt(this.nowNs));
      });
    }
  }

  /** A plant that was killed is there again, and knows nothing. */
  restart(rank: number): void {
    this.dead.delete(rank);
    this.plants[rank] = this.make(rank);
  }

  /** What a plant published since the last call, without heartbeats. */
  take(rank: number): string[] {
    return this.sent[rank]!.splice(0).filter((text) => !text.endsWith('+0'));
  }
}

/** Twins of which one is primary and the other in step. */
function upAndRunning(): Twins {
  const twins = new Twins();
  twins.pass(2_000);
  return twins;
}

t.test('both publish the same, whoever is primary', async (t) => {
  const twins = upAndRunning();
  t.same(
    twins.plants.map(({ pair }) => pair.state),
    ['primary', 'standby'],
  );
  for (const rank of [0, 1]) twins.take(rank);
  twins.pass(50);
  const [first, second] = [twins.take(0), twins.take(1)];
  t.equal(first.length, 10);
  t.same(second, first);
  t.match(twins.plants[1]!.status(twins.nowNs), {
    channels: [{ group: '239.255.91.21:20104', publishing: true, liveLive: true }, {}],
  });
});

t.test('a plant that joins publishes when it is found to be in step, not before', async (t) => {
  const twins = new Twins();
  twins.dead.add(1);
  twins.pass(2_000);
  twins.dead.clear();
  t.notOk(twins.plants[1]!.channels[0]!.gate.live);
  twins.pass(300);
  t.ok(twins.plants[1]!.channels[0]!.gate.live);
  t.ok(twins.plants[1]!.pair.fit);
});

t.test('what comes before the first plant goes to work is published when it does', async (t) => {
  const twins = new Twins();
  twins.dead.add(1);
  twins.fromNs = 0;
  twins.pass(1_500);
  const published = twins.take(0);
  t.ok(published.length > 250, `${published.length} packets`);
  t.same(
    published,
    published.map((_, index) => `${index + 1}+1`),
    'from the first on, each once',
  );
  t.equal(twins.asked, 0);
});

t.test('a plant that joins asks for nothing that came while the state was on its way', async (t) => {
  const twins = upAndRunning();
  twins.dead.add(1);
  twins.pass(50);
  twins.asked = 0;
  twins.stateMs = 100;
  twins.restart(1);
  twins.pass(150);
  t.equal(twins.plants[1]!.channels[0]!.next, twins.plants[0]!.channels[0]!.next, 'it has them all');
  t.equal(twins.asked, 0);
  t.equal(twins.plants[1]!.pair.fit, false, 'and must keep up for a while');
  twins.pass(400);
  t.equal(twins.plants[1]!.pair.fit, true);
});

t.test('the primary dies: the other goes on as it was, and sends nothing again', async (t) => {
  const twins = upAndRunning();
  twins.take(1);
  twins.receipts.length = 0;
  twins.dead.add(0);
  twins.pass(500);
  t.equal(twins.plants[1]!.pair.state, 'primary');
  t.match(twins.receipts, [{ member: 'plant/p2', from: 'plant/p1', reason: 'silent', rebroadcast: [] }]);
  const numbers = twins.take(1).map((text) => Number.parseInt(text, 10));
  t.equal(numbers.length, 100);
  numbers.forEach((number, index) => {
    t.equal(number, numbers[0]! + index);
  });
});

t.test('a hand-over changes nothing on the groups; who is drained stops', async (t) => {
  const twins = upAndRunning();
  const [p1, p2] = twins.plants as [Plant, Plant];
  t.equal(p1.handOver(twins.nowNs), 'p2');
  twins.pass(20);
  t.equal(p2.pair.state, 'primary');
  for (const rank of [0, 1]) twins.take(rank);
  twins.pass(50);
  t.same(twins.take(0), twins.take(1));
  p1.setDrained(true, twins.nowNs);
  twins.sent[0]!.length = 0;
  twins.pass(50);
  t.same(twins.sent[0], [], 'not even heartbeats');
  t.equal(twins.take(1).length, 10);
  p1.setDrained(false, twins.nowNs);
  twins.pass(50);
  t.equal(twins.take(0).length, 10);
});

t.test('a plant that holds other bytes than the primary falls silent, until it has got the right ones', async (t) => {
  const twins = upAndRunning();
  const [, p2] = twins.plants as [Plant, Plant];
  twins.publish(1);
  const { diverged } = p2.pair.counters;
  twins.pass(20);
  t.equal(p2.pair.counters.diverged, diverged + 1);
  twins.take(1);
  t.ok(p2.channels[0]!.gate.live || !p2.pair.fit);
  twins.pass(700);
  t.ok(p2.pair.fit);
  t.ok(p2.channels[0]!.gate.live);
  t.equal(
    p2.channels[0]!.ring.digestAt(p2.channels[0]!.next),
    twins.plants[0]!.channels[0]!.ring.digestAt(p2.channels[0]!.next),
  );
});

t.test('what a primary said of a session that is over is not held against the next one', async (t) => {
  const twins = upAndRunning();
  twins.pass(1_000);
  twins.deaf.add(1);
  twins.pass(100);
  twins.deaf.clear();
  twins.beginEpoch(2);
  twins.events.length = 0;
  twins.pass(3_000);
  t.notOk(twins.events.includes('what this plant holds differs'), twins.events.join(', '));
  t.notOk(twins.events.includes('not in step with the primary'));
  t.equal(twins.plants[1]!.pair.fit, true);
});
