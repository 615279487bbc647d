// What an update costs a subscriber, in the process, without sockets:
//
//     node packages/client/build/bench/item-table.js [items]
//
// Nine quotes to one trade, forty to a packet, over all items in no order. Timed in slices; the least and the
// median are printed, as other work on the machine comes and goes.
import { Decimal } from '@tickerplant/core';
import { compilePattern } from '@tickerplant/records';
import { CLIENT_COUNTERS } from '../src/counters.ts';
import { Interest } from '../src/interest.ts';
import { ItemTable } from '../src/item-table.ts';
import type { Update } from '../src/update.ts';
import { blocks, dictionary, item, QUOTE, quote, TRADE, template, trade } from '../test/support.ts';

const items = Number(process.argv[2] ?? 1000);
const PER_PACKET = 40;
const PACKETS = 5_000;
const PACKETS_PER_SLICE = 50;
const ROUNDS = 8;

function packetsOf(): Buffer[] {
  const packets: Buffer[] = [];
  let k = 1;
  for (let p = 0; p < PACKETS; p++) {
    const messages: Uint8Array[] = [];
    for (let i = 0; i < PER_PACKET; i++) {
      k = (k * 48_271) % 2_147_483_647;
      const number = k % items;
      const price = 990_000 + (k % 1000);
      messages.push(
        i % 10 === 0 ? trade(number, price, k % 300, k) : quote(number, price, price + 100, k % 900, k % 700),
      );
    }
    packets.push(Buffer.from(blocks(...messages)));
  }
  return packets;
}

const packets = packetsOf();

function measure(name: string, pattern: string, onUpdate: (update: Update) => void, fields?: readonly string[]): void {
  const fail = (...what: unknown[]): never => {
    throw new Error(what.join(' '));
  };
  const none = (): void => {};
  const table = new ItemTable({
    channel: 'equities',
    dictionary,
    ripple: false,
    itemsMax: 1_000_000,
    counters: CLIENT_COUNTERS.create(),
    host: {
      onStart: () => {},
      onUnreadable: fail,
      onImageNeeded: fail,
      quarantine: fail,
      onListenerError: fail,
      reportOf: () => undefined,
      wallNs: () => 0n,
    },
  });
  const sink = { item: none, image: none, quality: none, remove: none, gap: none, update: onUpdate };
  const fids = fields === undefined ? undefined : new Set(fields.map((field) => dictionary.fid(field)));
  const interest = new Interest([compilePattern(pattern)], fids, sink);
  interest.complete = true;
  table.addInterest(interest);
  const definitions = [template(QUOTE), template(TRADE)];
  for (let number = 0; number < items; number++) definitions.push(item(number, `IEX.S${number}`));
  table.run(Buffer.from(blocks(...definitions)), 0, 1, definitions.length);
  let seq = definitions.length + 1;
  const slices: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    for (let p = 0; p < packets.length; p += PACKETS_PER_SLICE) {
      const start = process.hrtime.bigint();
      for (let q = p; q < p + PACKETS_PER_SLICE; q++) {
        table.run(packets[q]!, 0, seq, PER_PACKET);
        seq += PER_PACKET;
      }
      if (round > 0) slices.push(Number(process.hrtime.bigint() - start) / (PACKETS_PER_SLICE * PER_PACKET));
    }
  }
  slices.sort((a, b) => a - b);
  const [least, median] = [slices[0]!, slices[slices.length >> 1]!];
  console.log(`${name.padEnd(40)} ${least.toFixed(0).padStart(6)} ${median.toFixed(0).padStart(8)}`);
}

let sum = 0;
console.log(`${`ns per update, ${items} items`.padEnd(40)}  least   median`);
measure('not subscribed', 'NASDAQ.>', () => {});
measure('subscribed, counts', 'IEX.>', () => sum++);
measure('subscribed, reads BID or TRDPRC_1', 'IEX.>', (update) => {
  const price = update.get('BID') ?? update.get('TRDPRC_1');
  if (price instanceof Decimal) sum++;
});
measure('subscribed, reads BID, ASK and BIDSIZE', 'IEX.>', (update) => {
  if (update.get('BID') !== undefined && update.get('ASK') !== undefined && update.get('BIDSIZE') !== undefined) sum++;
});
measure('subscribed, asks what changed', 'IEX.>', (update) => {
  sum += update.changed.length;
});
measure('subscribed, copies each update', 'IEX.>', (update) => {
  sum += update.copy().seq;
});
measure('subscribed to trades only', 'IEX.>', () => sum++, ['TRDPRC_1']);
if (sum === 0) throw new Error('nothing was measured');
