import t from 'tap';
import { Bench, OPENING } from './normaliser-bench.ts';

const MSFT = { stock: 'MSFT', stockLocate: 8 };
const AT_MSFT = { stockLocate: 8 };

/** Two instruments, an order each, in market hours. */
function market(): Bench {
  const bench = new Bench();
  bench.event('Q');
  bench.add(1, 'B', 100, '10');
  bench.add(2, 'S', 100, '20', MSFT);
  return bench;
}

/** The one fault, and the qualities of AAPL and MSFT. */
function verdict(bench: Bench): string {
  return `${bench.faults.join(' ')}: ${bench.quality('AAPL')} ${bench.quality('MSFT')}`;
}

t.test('a loss makes everything SUSPECT, also what is seen first after it, until the next session', async (t) => {
  const bench = market();
  bench.trade(5, 100, '10');
  bench.normaliser.lost(5, 9);
  t.equal(verdict(bench), ': SUSPECT SUSPECT');
  t.match(bench.records.items.get('ITCH.AAPL'), { reason: 'vendor-gap' });
  t.equal(bench.quality('#MARKET'), 'SUSPECT');
  bench.add(3, 'B', 100, '11');
  bench.trade(6, 100, '11');
  bench.send('H', { tradingState: 'T', reason: '' });
  bench.add(4, 'B', 100, '11', { stock: 'NEW', stockLocate: 9 });
  t.equal(verdict(bench), ': SUSPECT SUSPECT');
  t.equal(bench.quality('NEW'), 'SUSPECT');
  t.match(bench.aapl, { BID: '11.0000', TRDPRC_1: '11.0000', ACVOL_1: null, NUM_MOVES: null, HIGH_1: null });
  bench.execute(999, 5, 7);
  bench.send('B', { matchNumber: 5 });
  t.same(bench.faults, [], 'contradictions are to be expected then');
  bench.normaliser.reset();
  bench.add(1, 'B', 100, '10');
  t.equal(bench.quality(), 'LIVE');
});

t.test('the market seen first after a loss is SUSPECT', async (t) => {
  const bench = new Bench();
  bench.normaliser.lost(1, 2);
  bench.event('Q');
  t.equal(bench.quality('#MARKET'), 'SUSPECT');
  bench.event('S');
  bench.add(1, 'B', 1, '1');
  t.notOk('TRD_STATUS' in bench.aapl, 'and nobody knows whom the spin left out');
});

t.test('an unknown type is passed over', async (t) => {
  const bench = market();
  bench.bytes(Uint8Array.of(0x7a, 0, 7, 1, 2, 3));
  bench.bytes(Uint8Array.of(0x47));
  t.equal(verdict(bench), 'ITCH_UNKNOWN_TYPE ITCH_UNKNOWN_TYPE: LIVE LIVE');
});

t.test('a message that is too short puts its instrument in doubt', async (t) => {
  const bench = market();
  const whole = bench.encoded('X', { orderReferenceNumber: 1, canceledShares: 10 });
  bench.bytes(whole.slice(0, -1));
  t.equal(verdict(bench), 'ITCH_TOO_SHORT: SUSPECT LIVE');
  t.match(bench.records.items.get('ITCH.AAPL'), { reason: 'vendor-fault' });
  t.equal(bench.aapl.BIDSIZE, 100, 'and is not used');
});

t.test('of an instrument that is not known yet, it waits for it', async (t) => {
  const bench = market();
  bench.bytes(
    bench
      .encoded('A', {
        stock: 'LATE',
        stockLocate: 9,
        orderReferenceNumber: 5,
        buySellIndicator: 'B',
        shares: 1,
        price: 1,
      })
      .slice(0, 20),
  );
  t.equal(verdict(bench), 'ITCH_TOO_SHORT: LIVE LIVE');
  const release = { stockLocate: 0, ipoQuotationReleaseTime: 0, ipoQuotationReleaseQualifier: 'A', ipoPrice: 0 };
  bench.send('K', { stock: 'HOMELESS', ...release });
  t.equal(bench.quality('HOMELESS'), 'SUSPECT', 'it may be this one, whose locate is not known');
  bench.add(6, 'B', 1, '1', { stock: 'LATE', stockLocate: 9 });
  t.equal(bench.quality('LATE'), 'SUSPECT');
  bench.add(7, 'B', 1, '1', { stock: 'FINE', stockLocate: 10 });
  t.equal(bench.quality('FINE'), 'LIVE');
});

t.test('an instrument whose locate is not known is in doubt with every locate that is not known', async (t) => {
  const bench = market();
  bench.send('K', {
    stock: 'NEWCO',
    stockLocate: 0,
    ipoQuotationReleaseTime: 0,
    ipoQuotationReleaseQualifier: 'A',
    ipoPrice: 0,
  });
  bench.send('D', { orderReferenceNumber: 77, stockLocate: 9 });
  t.equal(verdict(bench), 'ITCH_UNKNOWN_ORDER: LIVE LIVE');
  t.equal(bench.quality('NEWCO'), 'SUSPECT');
});

t.test('a message that does not say what it is about puts everything in doubt', async (t) => {
  for (const bytes of [[], [0x41], [0x41, 0], [0x42, 0], [0x4b, 0, 0, 0, 0], [0x53, 0, 0]]) {
    const bench = market();
    bench.bytes(Uint8Array.from(bytes));
    t.equal(verdict(bench), 'ITCH_TOO_SHORT: SUSPECT SUSPECT', `[${bytes}]`);
    bench.add(9, 'B', 1, '1', { stock: 'LATE', stockLocate: 9 });
    t.equal(bench.quality('LATE'), 'SUSPECT');
  }
});

t.test('but one about the circuit breakers only the market, and one about market makers nothing', async (t) => {
  const bench = market();
  bench.bytes(Uint8Array.of(0x4c, 0));
  t.equal(bench.quality('#MARKET'), 'LIVE');
  bench.bytes(Uint8Array.of(0x57, 0, 0, 0));
  t.equal(bench.quality('#MARKET'), 'SUSPECT');
  t.equal(verdict(bench), 'ITCH_TOO_SHORT ITCH_TOO_SHORT: LIVE LIVE');
  const other = new Bench();
  other.bytes(Uint8Array.of(0x56));
  other.event('Q');
  t.equal(other.quality('#MARKET'), 'SUSPECT', 'also when it is first heard of later');
});

t.test('impossible values are not used', async (t) => {
  const huge = '9007199254740992';
  const order = { orderReferenceNumber: 3, buySellIndicator: 'B', shares: 5, price: 9 };
  const execution = { orderReferenceNumber: 1, executedShares: 5, matchNumber: 4 };
  const hidden = { orderReferenceNumber: 0, buySellIndicator: 'B', shares: 5, price: 9, matchNumber: 4 };
  const cross = { crossShares: 5, crossPrice: 9, matchNumber: 4, crossType: 'O' };
  const cases: [string, Record<string, number | string>, string?][] = [
    ['A', { ...order, orderReferenceNumber: huge }, 'ITCH_BAD_REFERENCE'],
    ['A', { ...order, buySellIndicator: '?' }],
    ['A', { ...order, price: '200000.0001' }],
    ['A', { ...order, timestamp: 86_400_000_000_000 }],
    ['F', { ...order, buySellIndicator: '', attribution: 'X' }],
    ['E', { ...execution, orderReferenceNumber: huge }, 'ITCH_BAD_REFERENCE'],
    ['E', { ...execution, matchNumber: huge }],
    ['E', { ...execution, executedShares: 0 }],
    ['C', { ...execution, executedShares: 0, printable: 'Y', executionPrice: 9 }],
    ['C', { ...execution, matchNumber: huge, printable: 'Y', executionPrice: 9 }],
    ['C', { ...execution, printable: 'X', executionPrice: 9 }],
    ['C', { ...execution, printable: 'Y', executionPrice: '200000.0001' }],
    ['X', { orderReferenceNumber: huge, canceledShares: 5 }, 'ITCH_BAD_REFERENCE'],
    ['D', { orderReferenceNumber: huge }, 'ITCH_BAD_REFERENCE'],
    [
      'U',
      { originalOrderReferenceNumber: huge, newOrderReferenceNumber: 3, shares: 5, price: 9 },
      'ITCH_BAD_REFERENCE',
    ],
    [
      'U',
      { originalOrderReferenceNumber: 1, newOrderReferenceNumber: huge, shares: 5, price: 9 },
      'ITCH_BAD_REFERENCE',
    ],
    ['U', { originalOrderReferenceNumber: 1, newOrderReferenceNumber: 3, shares: 5, price: '200000.0001' }],
    ['P', { ...hidden, shares: 0 }],
    ['P', { ...hidden, matchNumber: huge }],
    ['P', { ...hidden, price: '200000.0001' }],
    ['Q', { ...cross, crossShares: huge }],
    ['Q', { ...cross, matchNumber: huge }],
    ['Q', { ...cross, crossPrice: '200000.0001' }],
    ['B', { matchNumber: huge }],
    ['H', { tradingState: 'H', reason: '', timestamp: 86_400_000_000_000 }],
  ];
  for (const [type, fields, code = 'ITCH_BAD_VALUE'] of cases) {
    const bench = market();
    const before = bench.aapl;
    bench.send(type, fields);
    t.equal(verdict(bench), `${code}: SUSPECT LIVE`, `${type} ${JSON.stringify(fields)}`);
    t.same(bench.aapl, before);
  }
  const bench = market();
  bench.add(9, 'B', 1, '200000', { timestamp: 86_399_999_999_999 });
  t.equal(verdict(bench), ': LIVE LIVE', 'the highest price at the last nanosecond is possible');
  t.equal(bench.aapl.BID, '200000.0000');
});

t.test('an order of no instrument puts in doubt the one that it names, or all', async (t) => {
  const bench = market();
  bench.add(9, 'B', 1, '1', { stockLocate: 0 });
  t.equal(verdict(bench), 'ITCH_BAD_VALUE: SUSPECT LIVE');
  bench.send('D', { orderReferenceNumber: 2, stockLocate: 0 });
  t.equal(verdict(bench), 'ITCH_BAD_VALUE ITCH_BAD_VALUE: SUSPECT SUSPECT');
});

t.test('an unknown order puts in doubt the instrument that the message names', async (t) => {
  const cases: [string, Record<string, number | string>][] = [
    ['E', { orderReferenceNumber: 9, executedShares: 5, matchNumber: 4 }],
    ['C', { orderReferenceNumber: 9, executedShares: 5, matchNumber: 4, printable: 'Y', executionPrice: 9 }],
    ['X', { orderReferenceNumber: 9, canceledShares: 5 }],
    ['D', { orderReferenceNumber: 9 }],
    ['U', { originalOrderReferenceNumber: 9, newOrderReferenceNumber: 10, shares: 5, price: 9 }],
  ];
  for (const [type, fields] of cases) {
    const bench = market();
    const before = bench.aapl;
    bench.send(type, fields);
    t.equal(verdict(bench), 'ITCH_UNKNOWN_ORDER: SUSPECT LIVE', type);
    t.same(bench.aapl, before, 'nothing is invented');
  }
});

t.test('an overdrawn order is gone, and its instrument in doubt', async (t) => {
  const bench = market();
  bench.execute(1, 101, 4);
  t.equal(verdict(bench), 'ITCH_ORDER_OVERDRAWN: SUSPECT LIVE');
  t.match(bench.aapl, { BID: null, TRDVOL_1: 101 });
  bench.send('X', { orderReferenceNumber: 2, canceledShares: 101, ...AT_MSFT });
  t.equal(bench.quality('MSFT'), 'SUSPECT');
});

t.test('a reference given out twice: both instruments are in doubt, the first order stays', async (t) => {
  const bench = market();
  bench.add(2, 'B', 7, '9');
  t.equal(verdict(bench), 'ITCH_DUPLICATE_ORDER: SUSPECT SUSPECT');
  t.match(bench.record('MSFT'), { ASKSIZE: 100 });
  const other = market();
  other.send('U', { originalOrderReferenceNumber: 1, newOrderReferenceNumber: 2, shares: 5, price: 9 });
  t.equal(verdict(other), 'ITCH_DUPLICATE_ORDER: SUSPECT SUSPECT');
  t.match(other.aapl, { BID: null }, 'the replaced one is gone');
});

t.test('an order without shares', async (t) => {
  const bench = market();
  bench.add(3, 'B', 0, '9');
  t.equal(verdict(bench), 'ITCH_ORDER_WITHOUT_SHARES: SUSPECT LIVE');
});

t.test('an order of another instrument than the message says: both are in doubt', async (t) => {
  const cases: [string, Record<string, number | string>][] = [
    ['E', { orderReferenceNumber: 2, executedShares: 5, matchNumber: 4 }],
    ['X', { orderReferenceNumber: 2, canceledShares: 5 }],
    ['D', { orderReferenceNumber: 2 }],
    ['U', { originalOrderReferenceNumber: 2, newOrderReferenceNumber: 10, shares: 5, price: 9 }],
  ];
  for (const [type, fields] of cases) {
    const bench = market();
    bench.send(type, fields);
    t.equal(verdict(bench), 'ITCH_OTHER_INSTRUMENT: SUSPECT SUSPECT', type);
  }
});

t.test('locate and symbol that contradict each other: both instruments are in doubt', async (t) => {
  const bench = market();
  bench.add(9, 'B', 5, '11', { stock: 'MSFT' });
  t.equal(verdict(bench), 'ITCH_SYMBOL_MISMATCH: SUSPECT SUSPECT');
  t.match(bench.aapl, { BID: '10.0000' }, 'and the message is not used');
  const other = market();
  other.send('H', { stockLocate: 9, tradingState: 'H', reason: '' });
  t.equal(verdict(other), 'ITCH_SYMBOL_MISMATCH: SUSPECT LIVE');
  other.add(9, 'B', 5, '11', { stock: 'NINE', stockLocate: 9 });
  t.equal(other.quality('NINE'), 'SUSPECT', 'the locate was in doubt');
});

t.test('what cannot be a symbol makes no item', async (t) => {
  for (const stock of ['', 'A B', 'A\u0000', 'caf\u00e9', '#MARKET']) {
    const bench = market();
    const items = bench.records.items.size;
    bench.add(9, 'B', 5, '11', { stock, stockLocate: 9 });
    t.equal(verdict(bench), 'ITCH_SYMBOL_MISMATCH: LIVE LIVE', JSON.stringify(stock));
    t.equal(bench.records.items.size, items);
    bench.add(10, 'B', 5, '11', { stock: 'NINE', stockLocate: 9 });
    t.equal(bench.quality('NINE'), 'SUSPECT');
  }
});

t.test('a break of a trade that nobody has seen, or broken before, or of another instrument', async (t) => {
  const bench = market();
  bench.trade(5, 100, '10');
  bench.send('B', { matchNumber: 5 });
  t.equal(verdict(bench), ': LIVE LIVE');
  bench.send('B', { matchNumber: 5 });
  t.equal(verdict(bench), 'ITCH_UNKNOWN_MATCH: SUSPECT LIVE');
  const other = market();
  other.trade(5, 100, '10');
  other.send('B', { matchNumber: 5, ...AT_MSFT });
  t.equal(verdict(other), 'ITCH_OTHER_INSTRUMENT: SUSPECT SUSPECT');
  t.match(other.aapl, { ACVOL_1: 0, BRKN_VOL: 100 });
});

t.test('no more instruments than there are locates', async (t) => {
  const bench = new Bench({ depth: false });
  const release = { stockLocate: 0, ipoQuotationReleaseTime: 0, ipoQuotationReleaseQualifier: 'A', ipoPrice: 0 };
  const message = bench.encoded('K', { ...release, stock: 'AAAAAAAA' });
  for (let n = 0; n < 65_537; n++) {
    for (let digit = 0; digit < 4; digit++) message[11 + digit] = 0x41 + ((n >> (digit * 5)) & 31);
    bench.bytes(message);
  }
  t.equal(bench.records.items.size, 65_536);
  t.same(bench.faults, ['ITCH_TOO_MANY_INSTRUMENTS']);
  t.equal(bench.timestamp, OPENING);
});
