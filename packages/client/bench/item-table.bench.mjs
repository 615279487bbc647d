// What an update costs a subscriber: `node packages/client/bench/item-table.bench.mjs` after a build.

import { compilePattern } from '@tickerplant/records';
import { CLIENT_COUNTERS } from '../build/src/counters.js';
import { Interest } from '../build/src/interest.js';
import { ItemTable } from '../build/src/item-table.js';
import { blocks, dictionary, item, QUOTE, quote, TRADE, template, trade } from '../build/test/support.js';

const ITEMS = Number(process.argv[2] ?? 1000);
const PER_PACKET = 40;

function measure(name, patterns, fields, onUpdate) {
  const counters = CLIENT_COUNTERS.create();
  const fail = (what) => {
    throw new Error(String(what));
  };
  const host = {
    onUnreadable: (_, w) => fail(w),
    onImageNeeded: fail,
    quarantine: fail,
    onListenerError: fail,
    wallNs: () => 0n,
  };
  const table = new ItemTable({ channel: 'c', dictionary, ripple: false, itemsMax: 1e6, counters, host });
  const none = () => {};
  const sink = { item: none, image: none, quality: none, remove: none, gap: none, update: onUpdate };
  const wanted = new Interest(
    patterns.map(compilePattern),
    fields && new Set(fields.map((f) => dictionary.fid(f))),
    sink,
  );
  wanted.complete = true;
  table.addInterest(wanted);
  const definitions = [template(QUOTE), template(TRADE)];
  for (let i = 0; i < ITEMS; i++) definitions.push(item(i, `IEX.S${i}`));
  table.run(Buffer.from(blocks(...definitions)), 0, 1, definitions.length);
  const packets = [];
  let k = 0;
  for (let p = 0; p < 2000; p++) {
    const messages = [];
    for (let i = 0; i < PER_PACKET; i++, k = (k * 7919 + 13) % 1000003) {
      const n = k % ITEMS;
      messages.push(
        k % 10 === 0
          ? trade(n, 990000 + (k % 1000), 100 + (k % 300), k)
          : quote(n, 990000 + (k % 1000), 990100 + (k % 999), k % 900, k % 700),
      );
    }
    packets.push(Buffer.from(blocks(...messages)));
  }
  let seq = 1_000_000;
  let best = Infinity;
  for (let round = 0; round < 12; round++) {
    const start = process.hrtime.bigint();
    for (const packet of packets) {
      table.run(packet, 0, seq, PER_PACKET);
      seq += PER_PACKET;
    }
    best = Math.min(best, Number(process.hrtime.bigint() - start) / (packets.length * PER_PACKET));
  }
  console.log(`${name.padEnd(44)} ${best.toFixed(1).padStart(7)} ns/update`);
}

let sum = 0;
measure('not subscribed', ['NASDAQ.>'], undefined, () => {});
measure('subscribed, empty callback', ['IEX.>'], undefined, () => {
  sum++;
});
measure('subscribed, reads one field by name', ['IEX.>'], undefined, (u) => {
  sum += u.seq + (u.get('BID') === undefined ? 0 : 1);
});
measure('subscribed, reads three fields by name', ['IEX.>'], undefined, (u) => {
  if (u.type === 'quote') sum += u.get('BID').mantissa + u.get('ASK').mantissa + u.get('BIDSIZE');
});
measure('subscribed, asks what changed', ['IEX.>'], undefined, (u) => {
  sum += u.changed.length;
});
measure('subscribed, only field TRDPRC_1', ['IEX.>'], ['TRDPRC_1'], () => {
  sum++;
});
if (sum === 0) throw new Error('nothing was measured');
