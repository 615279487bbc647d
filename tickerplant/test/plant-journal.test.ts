import { sessionName } from '@tickerplant/floor';
import { readSequence } from '@tickerplant/moldudp64';
import { Kind, type Message, standardDictionary } from '@tickerplant/records';
import type { Address, Heartbeat, StatusMessage, StatusOrigin } from '@tickerplant/status';
import { CounterRegistry, Quarantine } from '@tickerplant/telemetry';
import t from 'tap';
import { ChannelLine, PlantChannel, type SavedPlantChannel } from '../src/channel.ts';
import { FaultGate } from '../src/fault-gate.ts';
import { Plant } from '../src/plant.ts';
import { packetOf, sampleFloor } from './sample-floor.ts';

const MS = 1_000_000;
const DAY = 17_357;
const S1 = sessionName(1, DAY, 1);
const S2 = sessionName(2, DAY, 1);
const WRITTEN_MS = Date.UTC(2017, 6, 10, 14, 30);
const BID = standardDictionary().fid('BID');
const floor = sampleFloor([20_001, 20_002, 20_003, 20_004, 20_005, 20_006, 20_008, 20_009, 20_010, 20_011]);

const bid = (value: number): Message => ({ kind: Kind.UPDATE, item: 0, template: 0, values: [value] });
const first: Message[] = [
  { kind: Kind.TEMPLATE, template: { id: 0, name: 'q', updateType: 1, exponent: -4, fids: [BID] } },
  { kind: Kind.ITEM, item: 0, subject: 'IEX.A', recordKind: 0 },
  bid(5),
];

/** What a journal holds of a channel: three messages. */
function journalled(id: number, session: string): SavedPlantChannel {
  const channel = new PlantChannel(
    {
      name: 'any',
      id,
      ringBytes: 65_536,
      packetBytes: 1472,
      liveLive: false,
      heartbeatNs: MS,
      gapWaitNs: MS,
      requestTimeoutNs: MS,
      lostAfterNs: MS,
      digests: true,
      answerers: () => [''],
      registry: new CounterRegistry(),
      quarantine: () => {},
    },
    { send: () => true, request: () => {}, session: () => {}, lost: () => {} },
  );
  const packet = packetOf(session, 1, first);
  channel.packet(ChannelLine.FEED, packet, packet.length, 0);
  return { ...channel.save(), asOfMs: WRITTEN_MS };
}

interface Rig {
  readonly plant: Plant;
  readonly restored: string[];
  readonly events: string[];
  readonly sent: string[];
  readonly asked: string[];
  hear(message: StatusMessage): void;
  packet(session: string, from: number, messages: readonly Message[]): void;
  pass(ms: number): void;
  /** Of channel X1, as told last. */
  quality(): string;
}

function rig(): Rig {
  const events: string[] = [];
  const restored: string[] = [];
  const sent: string[] = [];
  const asked: string[] = [];
  let quality = '';
  let nowNs = 1_000 * MS;
  const wallNs = (): bigint => BigInt(WRITTEN_MS) * 1_000_000n + BigInt(nowNs);
  const plant = new Plant(
    {
      floor,
      plant: floor.plants[0]!,
      gate: new FaultGate(new Quarantine(), wallNs),
      registry: new CounterRegistry(),
      nowNs,
      report: () => '{}',
    },
    {
      send: (channel, bytes, length) => {
        if (length > 20) sent.push(`${channel}: ${readSequence(bytes, 0)}`);
        return true;
      },
      ask: (_to: Address, bytes) => asked.push(String(readSequence(bytes, 0))),
      answer: () => true,
      say: (network, message) => {
        if (network !== 'trading' || message.kind !== 'quality') return;
        for (const entry of message.entries) {
          if (entry.subject === 'X1') quality = `${entry.quality} ${entry.reason} ${entry.detail}`.trim();
        }
      },
      fetchState: () => {},
      restored: (channel, { next }, from) => restored.push(`${channel} ${from} ${next}`),
      receipt: () => {},
      event: (event, facts) => events.push(`${event} ${JSON.stringify(facts)}`),
    },
  );
  return {
    plant,
    restored,
    events,
    sent,
    asked,
    hear: (message) => {
      const origin: StatusOrigin = { sender: 'h', boot: 1n, counter: 1, sentWallNs: wallNs(), sentMonotonicNs: nowNs };
      plant.feedStatus(message, origin, nowNs, wallNs());
    },
    packet: (session, from, messages) => {
      const bytes = packetOf(session, from, messages);
      plant.packet(0, bytes, bytes.length, nowNs);
    },
    pass: (ms) => {
      for (let i = 0; i < ms; i++) {
        nowNs += MS;
        plant.tick(nowNs, wallNs());
      }
    },
    quality: () => quality,
  };
}

function beatOf(session: string, next: number, state: Heartbeat['state'] = 'primary'): Heartbeat {
  const repair = { address: '127.0.0.1', port: 20_006 };
  const channels = [{ id: 1, session, next }];
  return { kind: 'heartbeat', role: 'handler', name: 'iex', feed: 'iex', term: 1, rank: 0, state, repair, channels };
}

const FROM_JOURNAL = 'STALE journal values from the journal, as of 2017-07-10T14:30:00.000Z';

t.test(
  'a plant with no peer goes on from its journal: STALE, until it has what its handler says there is',
  async (t) => {
    const { plant, pass, hear, packet, quality, restored, sent, asked } = rig();
    plant.offerJournal([journalled(1, S1)]);
    pass(100);
    t.strictSame(restored, [], 'another plant may still be heard');
    pass(500);
    t.strictSame(restored, ['0 journal 4']);
    t.equal(plant.channels[0]!.values.itemCount, 1);
    t.equal(quality(), FROM_JOURNAL);
    pass(1_000);
    t.equal(quality(), FROM_JOURNAL, 'whatever else is silent');

    hear(beatOf(S1, 9));
    packet(S1, 7, [bid(7), bid(8)]);
    pass(10);
    t.equal(quality(), FROM_JOURNAL);
    t.equal(asked[0], '4', 'only what came since is asked for');
    packet(S1, 4, [bid(1), bid(2), bid(3)]);
    hear(beatOf(S1, 9));
    pass(11);
    t.equal(quality(), 'LIVE');
    t.ok(sent.length >= 2, 'it publishes');
    t.equal(plant.channels[0]!.next, 9);
  },
);

t.test('another state wins, a journal of another day does not count, nor a word that is not about it', async (t) => {
  const other = rig();
  other.plant.offerJournal([journalled(1, sessionName(1, DAY - 1, 3))]);
  other.pass(600);
  t.strictSame(other.restored, []);
  t.match(other.events.join('\n'), /journal of another day left alone/);

  const { plant, pass, hear, packet, quality, restored } = rig();
  plant.offerJournal([journalled(1, S1), journalled(2, S2)]);
  pass(600);
  hear(beatOf(S1, 4, 'standby'));
  packet(S1, 4, []);
  pass(20);
  t.equal(quality(), FROM_JOURNAL, 'a standby handler publishes nothing');
  hear(beatOf(sessionName(1, DAY, 2), 1));
  packet(S1, 2, [bid(9)]);
  pass(20);
  t.equal(quality(), FROM_JOURNAL, 'a message repeated to the group');
  t.equal(plant.channels[0]!.values.itemCount, 1);
  packet(sessionName(1, DAY, 2), 1, []);
  hear(beatOf(sessionName(1, DAY, 2), 1));
  pass(20);
  t.equal(plant.channels[0]!.values.itemCount, 0, 'a new epoch makes the journal void');
  t.equal(quality(), 'LIVE');
  t.strictSame(restored, ['0 journal 4', '1 journal 4']);
});

t.test('a plant that takes such values over knows how old they are', async (t) => {
  const from = rig();
  from.plant.offerJournal([journalled(1, S1)]);
  from.pass(600);
  const state = from.plant.giveState().rest();
  const to = rig();
  to.plant.offerJournal([journalled(1, S1)]);
  const { control, repair } = floor.plants[1]!;
  to.plant.tradingStatus(
    { ...beatOf('', 0), role: 'plant', name: 'p2', feed: undefined, rank: 1, control, repair },
    1_000 * MS,
  );
  to.pass(20);
  to.plant.stateArrived(state, '', 1_020 * MS);
  t.strictSame(to.restored, ['0 plant 4', '1 plant 1']);
  to.pass(20);
  t.equal(to.quality(), FROM_JOURNAL);
});
