import { crc32 } from 'node:zlib';
import { sessionName } from '@tickerplant/floor';
import { encodeRequest, encodeSession, readCount, readSequence } from '@tickerplant/moldudp64';
import { Kind, type Message, standardDictionary } from '@tickerplant/records';
import type { Address, Heartbeat, QualityEntry, StatusMessage, StatusOrigin } from '@tickerplant/status';
import { CounterRegistry, Quarantine } from '@tickerplant/telemetry';
import t from 'tap';
import { FaultGate } from '../src/fault-gate.ts';
import { Plant } from '../src/plant.ts';
import { packetOf, sampleFloor } from './sample-floor.ts';

const MS = 1_000_000;
const DAY = 17_357;
const S1 = sessionName(1, DAY, 1);
const S2 = sessionName(2, DAY, 1);
const EPOCH = 1_499_644_800_000_000_000n;
const dictionary = standardDictionary();
const BID = dictionary.fid('BID');
const floor = sampleFloor([20_001, 20_002, 20_003, 20_004, 20_005, 20_006, 20_008, 20_009, 20_010, 20_011]);

interface Rig {
  readonly plant: Plant;
  readonly sent: string[];
  readonly asked: string[];
  readonly answered: string[];
  readonly said: { network: string; message: StatusMessage }[];
  readonly events: string[];
  /** Lets time pass in steps of a millisecond, with handlers heard all the time unless told otherwise. */
  pass(ms: number, hear?: { handlers?: readonly string[]; channels?: readonly number[] }): void;
  nowNs(): number;
  hear(message: StatusMessage, sender?: string): void;
  /** Qualities told on the trading network that differ from what was told up to the last call. */
  qualities(): string[];
}

function rig(): Rig {
  const sent: string[] = [];
  const asked: string[] = [];
  const answered: string[] = [];
  const said: { network: string; message: StatusMessage }[] = [];
  const events: string[] = [];
  const told = new Map<string, string>();
  let nowNs = 1_000 * MS;
  const wallNs = (): bigint => EPOCH + BigInt(nowNs);
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
      send: (channel, bytes) => {
        sent.push(`${channel}: ${readSequence(bytes, 0)} +${readCount(bytes, 0)}`);
        return true;
      },
      ask: (to: Address, bytes) => asked.push(`${to.port}: ${readSequence(bytes, 0)} +${readCount(bytes, 0)}`),
      answer: (bytes, length, port) => {
        answered.push(`${port}: ${readSequence(bytes, 0)} +${readCount(bytes, 0)}, ${length} bytes`);
        return true;
      },
      say: (network, message) => said.push({ network, message }),
      fetchState: () => undefined,
      receipt: () => undefined,
      event: (event, facts) => events.push(`${event} ${JSON.stringify(facts)}`),
    },
  );
  // The other plant has just handed over to this one.
  const { control, repair } = floor.plants[1]!;
  plant.pair.setFit(true);
  plant.tradingStatus(
    { ...handlerBeat('p2'), role: 'plant', rank: 1, state: 'standby', successor: 0, control, repair },
    nowNs,
  );
  for (const list of [sent, said, events, asked]) list.length = 0;
  const hear = (message: StatusMessage, sender = 'handler/iex'): void => {
    const origin: StatusOrigin = { sender, boot: 1n, counter: 1, sentWallNs: wallNs(), sentMonotonicNs: nowNs };
    plant.feedStatus(message, origin, nowNs, wallNs());
  };
  return {
    plant,
    sent,
    asked,
    answered,
    said,
    events,
    hear,
    nowNs: () => nowNs,
    pass(ms, { handlers = ['iex', 'itch'], channels = [0, 1] } = {}) {
      for (let i = 0; i < ms; i++) {
        nowNs += MS;
        if (i % 10 === 0) {
          for (const feed of handlers) hear(handlerBeat(feed, plant), `handler/${feed}`);
          for (const channel of channels) {
            const next = Math.max(1, plant.channels[channel]!.next);
            const bytes = packetOf(channel === 0 ? S1 : S2, next, []);
            plant.packet(channel, bytes, bytes.length, nowNs);
          }
        }
        plant.tick(nowNs, wallNs());
      }
    },
    qualities() {
      const now = new Map(told);
      for (const { network, message } of said.splice(0)) {
        if (network !== 'trading' || message.kind !== 'quality') continue;
        for (const { scope, subject, quality, reason } of message.entries) {
          now.set(`${scope} ${subject}`, `${quality} ${reason}`.trim());
        }
      }
      const changed = [...now].filter(([key, text]) => told.get(key) !== text);
      for (const [key, text] of changed) told.set(key, text);
      return changed.map(([key, text]) => `${key}: ${text}`).sort();
    },
  };
}

/** @param plant whose channels are where the handler's are; left out: the handler says nothing of its own. */
function handlerBeat(feed: string, plant?: Plant): Heartbeat {
  const own = plant?.channels[feed === 'iex' ? 0 : 1];
  return {
    kind: 'heartbeat',
    role: 'handler',
    name: feed,
    feed,
    term: 0,
    rank: 0,
    state: 'primary',
    repair: { address: '127.0.0.1', port: feed === 'iex' ? 20_006 : 20_007 },
    channels: own?.session === undefined ? [] : [{ id: own.id, session: own.session, next: own.next }],
  };
}

const item: Message[] = [
  { kind: Kind.TEMPLATE, template: { id: 0, name: 'q', updateType: 1, exponent: -4, fids: [BID] } },
  { kind: Kind.ITEM, item: 0, subject: 'NEWS.A', recordKind: 0 },
];

t.test('the plant says on both networks that it is there, and how far its channels are', async (t) => {
  const { plant, pass, said } = rig();
  pass(1);
  const bytes = packetOf(S1, 1, item);
  plant.packet(0, bytes, bytes.length, 1_001 * MS);
  said.length = 0;
  pass(10);
  for (const network of ['trading', 'feed']) {
    const beats = said.filter((one) => one.network === network && one.message.kind === 'heartbeat');
    t.strictSame(
      beats.map(({ message }) => message),
      [
        {
          kind: 'heartbeat',
          role: 'plant',
          name: 'p1',
          rank: 0,
          term: 1,
          state: 'primary',
          fit: true,
          successor: undefined,
          control: { address: '127.0.0.1', port: 20_008 },
          repair: { address: '127.0.0.1', port: 20_009 },
          channels: [
            { id: 1, session: S1, next: 3, digest: crc32(bytes.subarray(20)).toString(16), unsure: false },
            { id: 2, session: S2, next: 1, digest: '0', unsure: false },
          ],
        },
      ],
    );
  }
});

t.test('the directory names each channel, where it is and what is on it, at once when that changes', async (t) => {
  const { plant, pass, said } = rig();
  const directories = (): StatusMessage[] =>
    said
      .splice(0)
      .flatMap(({ network, message }) => (message.kind === 'directory' && network === 'trading' ? [message] : []));
  pass(1, { channels: [] });
  const x1 = {
    id: 1,
    name: 'X1',
    services: ['IEX'],
    session: '',
    groups: [{ group: '239.255.91.21', port: 20_004, sources: [] }],
  };
  const x2 = {
    id: 2,
    name: 'X2',
    services: ['BOOK', 'NASDAQ'],
    session: '',
    groups: [{ group: '239.255.91.22', port: 20_004, sources: [] }],
  };
  t.strictSame(directories(), [{ kind: 'directory', floor: 'test', channels: [x1, x2], silentAfterMs: 200 }]);
  pass(200, { channels: [] });
  t.strictSame(directories(), []);
  const bytes = packetOf(S1, 1, item);
  plant.packet(0, bytes, bytes.length, 1_300 * MS);
  pass(10, { channels: [] });
  t.strictSame(directories(), [
    {
      kind: 'directory',
      floor: 'test',
      channels: [{ ...x1, session: S1, services: ['IEX', 'NEWS'] }, x2],
      silentAfterMs: 200,
    },
  ]);
  pass(260, { channels: [] });
  t.equal(directories().length, 1, 'again for those who joined later');
});

t.test('a channel is recovering until something is heard of it, then live', async (t) => {
  const { pass, qualities, said } = rig();
  pass(1, { channels: [] });
  t.strictSame(qualities(), ['channel X1: RECOVERING waiting-for-image', 'channel X2: RECOVERING waiting-for-image']);
  pass(20);
  t.strictSame(qualities(), ['channel X1: LIVE', 'channel X2: LIVE']);
  pass(600);
  const repeated = said.filter(({ network, message }) => network === 'trading' && message.kind === 'quality');
  t.match(repeated, [{ message: { entries: [{ subject: 'X1' }, { subject: 'X2' }] } }], 'all is repeated now and then');
});

t.test(
  'silence of a handler, of a channel, and of lines makes channels stale within the limit, and only for so long',
  async (t) => {
    const { pass, qualities, hear, events } = rig();
    pass(300);
    qualities();
    pass(190, { handlers: ['itch'] });
    t.notMatch(qualities().join(), /STALE/);
    pass(30, { handlers: ['itch'] });
    t.strictSame(qualities(), ['channel X1: STALE handler-silent']);
    pass(20);
    t.strictSame(qualities(), ['channel X1: LIVE']);
    pass(220, { channels: [1] });
    t.strictSame(qualities(), ['channel X1: STALE channel-silent']);
    pass(20);
    t.strictSame(qualities(), ['channel X1: LIVE']);
    const line = (name: string, live: boolean): QualityEntry => ({
      scope: 'line',
      subject: name,
      quality: live ? 'LIVE' : 'STALE',
      reason: live ? '' : 'lines-silent',
      detail: '',
      sinceNs: 5n,
    });
    hear({ kind: 'quality', entries: [line('iex/A', false), line('nobody/A', false)] });
    pass(10);
    t.strictSame(qualities(), ['line iex/A: STALE lines-silent'], 'one of two lines');
    hear({ kind: 'quality', entries: [line('iex/B', false)] });
    pass(10);
    t.strictSame(qualities(), ['channel X1: STALE lines-silent', 'line iex/B: STALE lines-silent']);
    hear({ kind: 'quality', entries: [line('iex/B', true)] });
    pass(10);
    t.strictSame(qualities(), ['channel X1: RECOVERING channel-gap', 'line iex/B: LIVE']);
    pass(20);
    t.strictSame(qualities(), ['channel X1: LIVE'], 'when all has come that the handler speaks of after the news');
    t.match(events.join('\n'), /quality .*"subject":"X1","quality":"STALE","reason":"handler-silent"/);
  },
);

t.test('what a handler says of its feed, a channel or an item counts and is passed on', async (t) => {
  const { pass, qualities, hear, said } = rig();
  pass(300);
  qualities();
  const entry = (scope: 'feed' | 'channel' | 'item', subject: string, quality: 'LIVE' | 'SUSPECT'): QualityEntry => ({
    scope,
    subject,
    quality,
    reason: quality === 'LIVE' ? '' : 'vendor-gap',
    detail: '',
    sinceNs: 7n,
  });
  hear({ kind: 'quality', entries: [entry('feed', 'itch', 'SUSPECT'), entry('item', 'BOOK.A', 'SUSPECT')] });
  t.match(said.at(-1), { network: 'trading', message: { entries: [{ subject: 'BOOK.A', sinceNs: 7n }] } });
  pass(10);
  t.strictSame(qualities(), [
    'channel X2: SUSPECT vendor-gap',
    'feed itch: SUSPECT vendor-gap',
    'item BOOK.A: SUSPECT vendor-gap',
  ]);
  hear({ kind: 'quality', entries: [entry('feed', 'itch', 'LIVE'), entry('channel', 'X2', 'SUSPECT')] });
  pass(10);
  t.strictSame(qualities(), ['feed itch: LIVE'], 'the channel is suspect by itself now');
  hear({ kind: 'quality', entries: [entry('channel', 'X2', 'LIVE'), entry('channel', 'NONE', 'SUSPECT')] });
  pass(30);
  t.strictSame(qualities(), ['channel X2: LIVE']);
});

t.test(
  'after trouble, what the handler speaks of must have come: a tail that is lost is no gap to be seen',
  async (t) => {
    const { plant, pass, qualities, hear, nowNs } = rig();
    pass(300);
    qualities();
    const feed = (quality: 'LIVE' | 'RECOVERING'): StatusMessage => ({
      kind: 'quality',
      entries: [
        {
          scope: 'feed',
          subject: 'iex',
          quality,
          reason: quality === 'LIVE' ? '' : 'vendor-missing',
          detail: '',
          sinceNs: 7n,
        },
      ],
    });
    hear(feed('RECOVERING'));
    pass(20);
    t.match(qualities(), ['channel X1: RECOVERING vendor-missing']);
    hear(feed('LIVE'));
    const ahead: Heartbeat = { ...handlerBeat('iex'), channels: [{ id: plant.channels[0]!.id, session: S1, next: 3 }] };
    for (let i = 0; i < 10; i++) {
      hear(ahead, 'handler/iex');
      pass(10, { handlers: ['itch'], channels: [1] });
    }
    t.match(qualities(), ['channel X1: RECOVERING channel-gap']);
    const bytes = packetOf(S1, 1, item);
    plant.packet(0, bytes, bytes.length, nowNs());
    pass(10, { channels: [1] });
    t.match(qualities(), ['channel X1: LIVE']);
  },
);

t.test('a new session is not believed before its handler has said that all is well there', async (t) => {
  const { plant, pass, qualities, hear, nowNs, said } = rig();
  pass(300);
  qualities();
  const S3 = sessionName(1, DAY, 2);
  const bytes = packetOf(S3, 1, item);
  plant.packet(0, bytes, bytes.length, nowNs());
  t.equal(plant.channels[0]!.session, S3);
  const progress = (unsure: boolean): Heartbeat => ({
    ...handlerBeat('iex'),
    channels: [{ id: plant.channels[0]!.id, session: S3, next: plant.channels[0]!.next, unsure }],
  });
  const heard = (unsure: boolean): void => {
    said.length = 0;
    for (let i = 0; i < 5; i++) {
      hear(progress(unsure), 'handler/iex');
      pass(10, { handlers: ['itch'], channels: [1] });
    }
  };
  heard(true);
  const unsure = said.flatMap(({ message }) =>
    message.kind === 'heartbeat' ? [message.channels.find(({ session }) => session === S3)?.unsure] : [],
  );
  t.ok(unsure.length > 0 && unsure.every((one) => one === true), 'clients are told in every heartbeat');
  t.match(qualities(), ['channel X1: RECOVERING channel-gap']);
  heard(false);
  t.match(qualities(), ['channel X1: LIVE']);
});

t.test('a gap is asked for at the handlers heard and the other plant, in turn, and told if it lasts', async (t) => {
  const { plant, pass, asked, qualities, nowNs } = rig();
  pass(300);
  qualities();
  const first = packetOf(S1, 1, item);
  const late = packetOf(S1, 6, [new Uint8Array(3)]);
  plant.packet(0, first, first.length, nowNs());
  plant.packet(0, late, late.length, nowNs());
  pass(70, { channels: [1] });
  t.strictSame(asked, ['20006: 3 +3', '20011: 3 +3', '20006: 3 +3', '20011: 3 +3']);
  t.strictSame(qualities(), ['channel X1: RECOVERING channel-gap']);
  const answer = packetOf(S1, 3, [new Uint8Array(1), new Uint8Array(1), new Uint8Array(1)]);
  plant.repairPacket(answer, answer.length, { address: '127.0.0.1', port: 20_006 }, nowNs());
  pass(10);
  t.strictSame(qualities(), ['channel X1: LIVE']);
  t.equal(plant.channels[0]!.next, 7);
});

t.test('a hole makes the channel suspect until every item has had an image, and names the numbers', async (t) => {
  const { plant, pass, qualities, nowNs, events } = rig();
  pass(300);
  const first = packetOf(S1, 1, item);
  const late = packetOf(S1, 6, [{ kind: Kind.UPDATE, item: 0, template: 0, values: [5] }]);
  plant.packet(0, first, first.length, nowNs());
  plant.packet(0, late, late.length, nowNs());
  qualities();
  pass(450);
  t.match(qualities()[0], 'channel X1: SUSPECT channel-lost');
  t.match(events.join('\n'), /messages lost .*"from":3,"to":5,"reason":"expired"/);
  const image = packetOf(S1, 7, [{ kind: Kind.FIELDS, item: 0, flags: 1, fields: [[BID, 5]] }]);
  plant.packet(0, image, image.length, nowNs());
  pass(10);
  t.strictSame(qualities(), ['channel X1: LIVE']);
  const [channel] = plant.status(nowNs()).channels as [{ losses: unknown; damagedItems: number }];
  t.strictSame(channel.losses, [{ session: S1, from: 3, to: 6, reason: 'expired' }]);
});

t.test('samples of handlers are passed on, with the time at which the same messages left here', async (t) => {
  const { plant, pass, hear, said, nowNs } = rig();
  pass(5);
  const bytes = packetOf(S1, 1, item);
  plant.packet(0, bytes, bytes.length, nowNs());
  const sentAt = EPOCH + BigInt(nowNs());
  pass(7);
  said.length = 0;
  hear({
    kind: 'latency',
    channel: 1,
    samples: [
      [2, 123n],
      [9, 124n],
    ],
  });
  hear({ kind: 'latency', channel: 77, samples: [[2, 123n]] });
  t.strictSame(said, [
    {
      network: 'trading',
      message: {
        kind: 'latency',
        channel: 1,
        samples: [
          [2, 123n],
          [9, 124n],
        ],
      },
    },
    { network: 'trading', message: { kind: 'latency', channel: 1, samples: [[2, sentAt]] } },
  ]);
});

t.test('subscribers’ repair requests are answered from memory, what several miss goes to the group', async (t) => {
  const { plant, pass, answered, sent, nowNs } = rig();
  pass(5);
  const bytes = packetOf(S1, 1, item);
  plant.packet(0, bytes, bytes.length, nowNs());
  const request = new Uint8Array(20);
  const ask = (port: number, session: string, from: number, count: number): void => {
    encodeRequest(encodeSession(session), from, count, request);
    plant.repairRequest(request, 20, port, '127.0.0.1', nowNs());
  };
  ask(5_001, S1, 2, 5);
  t.strictSame(answered, [`5001: 2 +1, ${20 + 2 + 11} bytes`]);
  sent.length = 0;
  ask(5_002, S1, 2, 1);
  ask(5_003, S1, 2, 1);
  t.equal(answered.length, 2);
  t.strictSame(sent, ['0: 2 +1']);
  const later = sessionName(1, DAY, 2);
  const again = packetOf(later, 1, item);
  plant.packet(0, again, again.length, nowNs());
  answered.length = 0;
  ask(5_004, S1, 1, 1);
  ask(5_004, later, 1, 1);
  t.equal(answered.length, 1, 'only the current session is served');
});

t.test('a late answer, one of no session and garbage change nothing', async (t) => {
  const { plant, pass, sent, nowNs } = rig();
  pass(5);
  sent.length = 0;
  for (const bytes of [
    packetOf('0000000000', 1, item),
    Buffer.alloc(3),
    Buffer.alloc(0),
    packetOf(S1, 1, item, 0xfffe),
  ]) {
    plant.repairPacket(bytes, bytes.length, { address: '127.0.0.1', port: 20_006 }, nowNs());
  }
  t.strictSame(sent, []);
});

t.test('a flood of faults is counted by kind, and a bounded number of it kept', async (t) => {
  const quarantine = new Quarantine();
  const gate = new FaultGate(quarantine, () => 0n);
  for (let i = 0; i < 5_000; i++) gate.put('A', 'a', new Uint8Array(1), {});
  t.equal(quarantine.total, 1_000);
  t.strictSame(gate.report().counts, { A: 5_000 });
  gate.tick(1);
  for (let i = 0; i < 10; i++) gate.put('B', 'b', new Uint8Array(1), {});
  gate.tick(2);
  t.strictSame(gate.report().counts, { A: 5_000, B: 10 });
  t.equal(gate.report().entries.length + gate.report().dropped, 5_010);
});
