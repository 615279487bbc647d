import { createHash } from 'node:crypto';
import { createPacketHeader } from '@tickerplant/sequence';
import t from 'tap';
import { IexMessage, IexTpFraming, MessageType, midnightBase } from '../src/index.ts';
import { blocksOf, messagesOf, type SimulatedSegment, SMALL_DAY, simulate } from './simulated.ts';

/** The default start: 13:25 UTC. */
const START_NS = 48_300e9;

const calm = simulate();
const line = (which: 0 | 1, segments: readonly SimulatedSegment[] = calm): Uint8Array[] =>
  segments.filter(({ line }) => line === which).map(({ bytes }) => bytes);
const digest = (segments: readonly Uint8Array[]): string => {
  const hash = createHash('sha256');
  for (const bytes of segments) hash.update(bytes);
  return hash.digest('hex');
};

t.test('the same options give the same bytes, another seed gives others', (t) => {
  t.equal(digest(line(0, simulate())), digest(line(0)));
  t.equal(digest(line(1, simulate())), digest(line(1)));
  t.not(digest(line(0, simulate({ ...SMALL_DAY, seed: 8 }))), digest(line(0)));
  t.end();
});

t.test('it does not matter in which steps time advances', (t) => {
  for (const stepNs of [333_333, 777_777_777]) {
    const stepped = simulate(SMALL_DAY, stepNs);
    t.equal(digest(line(0, stepped)), digest(line(0)), 'line A');
    t.equal(digest(line(1, stepped)), digest(line(1)), 'line B');
  }
  t.end();
});

t.test('both lines carry the same messages, cut differently', (t) => {
  const [a, b] = [messagesOf(line(0)), messagesOf(line(1))];
  t.ok(a.length > 10_000, `${a.length} messages`);
  t.equal(a.length, b.length);
  t.ok(a.every((message, index) => message === b[index]));
  const cuts = (which: 0 | 1): string =>
    line(which)
      .map((bytes) => blocksOf(bytes).length)
      .join(' ');
  t.not(cuts(0), cuts(1));
  t.end();
});

// So many events that line B sends now because it has gathered enough, now because it has waited long enough.
const busy = simulate({ ...SMALL_DAY, eventsPerSecond: 6000, preMarketNs: 1e9, regularNs: 3e9, postMarketNs: 1e9 });

for (const [name, which, day] of [
  ['A', 0, calm],
  ['B', 1, calm],
  ['A on a busy day', 0, busy],
  ['B on a busy day', 1, busy],
] as const) {
  t.test(`line ${name} keeps the rules of the transport`, (t) => {
    const framing = new IexTpFraming();
    const header = createPacketHeader();
    let expected = 1;
    let sentNs = day.find((segment) => segment.line === which)!.ns;
    t.equal(sentNs, START_NS + 1_000_000_000, 'silence before the first message');
    const faults: unknown[] = [];
    for (const { ns, bytes } of day.filter(({ line }) => line === which)) {
      // The framing checks the stream offsets.
      const fault = framing.parse(bytes, bytes.length, header);
      if (fault !== undefined) faults.push(fault);
      if (header.seq !== expected) faults.push(`expected ${expected}, got ${header.seq}`);
      if (ns < sentNs) faults.push(`sent at ${ns} after ${sentNs}`);
      if (ns - sentNs > 1_000_000_000) faults.push(`silent for ${ns - sentNs} ns`);
      if (header.count === 0 && ns > START_NS + 1e9 && ns - sentNs !== 1e9) faults.push('heartbeat without silence');
      if (bytes.length > 1400) faults.push(`a segment of ${bytes.length} bytes`);
      expected = header.seq + header.count;
      sentNs = ns;
    }
    t.strictSame(faults, []);
    t.ok(expected > 10_000);
    t.end();
  });
}

t.test('the day obeys the rules of the market', (t) => {
  const message = new IexMessage();
  const base = midnightBase(SMALL_DAY.day);
  const counts = new Map<number, number>();
  const events: string[] = [];
  const trades = new Map<number, string>();
  const notTrading = new Set<string>();
  const wrong: string[] = [];
  let lastNs = 0;
  for (const { ns, bytes } of calm.filter(({ line }) => line === 0)) {
    for (const block of blocksOf(bytes)) {
      if (message.wrap(block, 0, block.length) !== undefined) wrong.push('fault');
      const { type, code } = message;
      counts.set(type, (counts.get(type) ?? 0) + 1);
      const eventNs = message.nsSince(base);
      if (eventNs < lastNs || eventNs > ns) wrong.push(`event at ${eventNs} after ${lastNs}, sent at ${ns}`);
      lastNs = eventNs;
      switch (type) {
        case MessageType.SYSTEM_EVENT:
          events.push(String.fromCharCode(code));
          break;
        case MessageType.QUOTE_UPDATE: {
          const { bidPrice, bidSize, askPrice, askSize } = message;
          if ((bidPrice === 0) !== (bidSize === 0) || (askPrice === 0) !== (askSize === 0)) wrong.push('half a side');
          if (bidSize > 0 && askSize > 0 && bidPrice >= askPrice) wrong.push('crossed');
          if (((code & 0x80) !== 0) !== notTrading.has(message.symbol)) wrong.push('availability');
          break;
        }
        case MessageType.TRADE_REPORT:
          if (notTrading.has(message.symbol)) wrong.push('trade in a halted symbol');
          if (trades.has(message.tradeId)) wrong.push('trade id twice');
          trades.set(message.tradeId, `${message.symbol} ${code} ${message.tradeSize} ${message.tradePrice}`);
          break;
        case MessageType.TRADE_BREAK: {
          const broken = `${message.symbol} ${code} ${message.tradeSize} ${message.tradePrice}`;
          if (trades.get(message.tradeId) !== broken) wrong.push('break of no trade');
          trades.set(message.tradeId, 'broken');
          break;
        }
        case MessageType.TRADING_STATUS:
        case MessageType.OPERATIONAL_HALT:
          if (code === 0x48 || (type === MessageType.OPERATIONAL_HALT && code === 0x4f)) notTrading.add(message.symbol);
          else notTrading.delete(message.symbol);
          break;
      }
    }
  }
  t.strictSame(wrong, []);
  t.equal(events.join(''), 'OSRMEC');
  const { PRICE_LEVEL_BUY, PRICE_LEVEL_SELL, SECURITY_EVENT, ...tops } = MessageType;
  for (const [name, type] of Object.entries(tops)) t.ok((counts.get(type) ?? 0) > 0, name);
  for (const type of [PRICE_LEVEL_BUY, PRICE_LEVEL_SELL, SECURITY_EVENT]) t.notOk(counts.has(type), 'not in TOPS');
  t.end();
});
