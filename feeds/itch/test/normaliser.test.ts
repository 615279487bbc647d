import t from 'tap';
import { MESSAGES } from '../src/index.ts';
import { Bench, OPENING } from './normaliser-bench.ts';

const HOUR = 3_600_000_000_000;

/** The fields that a message about AAPL adds to a record which is new with it. */
const NEW = { DSPLY_NAME: 'AAPL', RDN_EXCHD2: 'NAS', CURRENCY: 'USD' };

t.test('S: the phase of the market, on an item of its own', async (t) => {
  const bench = new Bench();
  const phases: unknown[] = [];
  for (const code of 'OSQMEC') {
    bench.event(code);
    const { PERIOD_CD2, INST_PHASE } = bench.record('#MARKET');
    phases.push(`${PERIOD_CD2} ${INST_PHASE}`);
  }
  t.same(phases, ['O C', 'S PET', 'Q T', 'M POT', 'E C', 'C C']);
  t.same(bench.record('#MARKET'), {
    PERIOD_CD2: 'C',
    INST_PHASE: 'C',
    MWCB_HIT: 0,
    TIMACT_NS: '13:30:00.000000001',
    ACTIV_DATE: '2019-07-24',
  });
  bench.event('A');
  t.match(bench.record('#MARKET'), { PERIOD_CD2: 'A', INST_PHASE: null }, 'a code of another edition has no phase');
  t.same([...bench.deep.items.keys()], [], 'and no depth');
});

t.test('R: directory, once the instrument is defined', async (t) => {
  const bench = new Bench();
  const directory = {
    marketCategory: 'Q',
    financialStatusIndicator: 'N',
    roundLotSize: 40,
    roundLotsOnly: 'N',
    issueClassification: 'C',
    issueSubType: 'Z',
    authenticity: 'P',
    shortSaleThresholdIndicator: 'N',
    ipoFlag: 'N',
    luldReferencePriceTier: 1,
    etpFlag: 'N',
    etpLeverageFactor: 0,
    inverseIndicator: 'N',
  };
  bench.send('R', directory);
  t.same(bench.aapl, { ...NEW, LOT_SIZE: 40, MKT_SEGMNT: 'Q', LULD_TIER: 1, TEST_SEC: 0 });
  bench.send('R', { ...directory, authenticity: 'T', luldReferencePriceTier: '', marketCategory: '' });
  t.match(bench.aapl, { LULD_TIER: null, TEST_SEC: 1, MKT_SEGMNT: '' });
  bench.send('R', { ...directory, authenticity: '?', luldReferencePriceTier: '3' });
  t.match(bench.aapl, { LULD_TIER: null, TEST_SEC: null }, 'codes of another edition are blank');
  t.same([...bench.records.items.keys()], ['ITCH.AAPL']);
  t.same([...bench.deep.items.keys()], ['ITCHD.AAPL']);
  t.same(bench.depth, {});
});

t.test('H: trading status and reason', async (t) => {
  const bench = new Bench();
  const status = (tradingState: string, reason: string): unknown[] => {
    bench.send('H', { tradingState, reason });
    return [bench.aapl.TRD_STATUS, bench.aapl.HALT_REASN];
  };
  t.same(status('H', 'T1'), ['H', 'T1']);
  t.same(status('P', 'LUDP'), ['S', 'LUDP']);
  t.same(status('Q', 'IPOQ'), ['R', 'IPOQ']);
  t.same(status('T', ''), ['N', '']);
  t.same(status('?', ''), ['', ''], 'an unknown state is "not set"');
  t.same(bench.aapl, { ...NEW, TRD_STATUS: '', HALT_REASN: '', OPER_HALT: null, SHORT_TEST: null, RETAIL_INT: '' });
});

t.test('Y, h, N: short sale test, operational halt, retail interest; the other states stay', async (t) => {
  const bench = new Bench();
  bench.send('H', { tradingState: 'H', reason: 'T12' });
  for (const [regShoAction, expected] of [
    ['0', 0],
    ['1', 1],
    ['2', 1],
    ['3', null],
  ] as const) {
    bench.send('Y', { regShoAction });
    t.equal(bench.aapl.SHORT_TEST, expected);
  }
  bench.send('Y', { regShoAction: '2' });
  for (const [operationalHaltAction, expected] of [
    ['T', 0],
    ['?', null],
    ['H', 1],
  ] as const) {
    bench.send('h', { marketCode: 'Q', operationalHaltAction });
    t.equal(bench.aapl.OPER_HALT, expected);
  }
  bench.send('N', { interestFlag: 'A' });
  t.match(bench.aapl, { TRD_STATUS: 'H', HALT_REASN: 'T12', OPER_HALT: 1, SHORT_TEST: 1, RETAIL_INT: 'A' });
});

t.test('an instrument that the spin of H leaves out is halted when system hours begin', async (t) => {
  const bench = new Bench();
  bench.send('Y', { regShoAction: '0' });
  bench.send('H', { stock: 'MSFT', stockLocate: 8, tradingState: 'T', reason: '' });
  t.equal(bench.aapl.TRD_STATUS, null);
  bench.event('S');
  t.match(bench.aapl, { TRD_STATUS: 'H', SHORT_TEST: 0 });
  t.equal(bench.record('MSFT').TRD_STATUS, 'N');
  bench.trade(1, 100, '10', { stock: 'LATE', stockLocate: 9 });
  t.equal(bench.record('LATE').TRD_STATUS, 'H', 'one seen first after it as well');
  bench.send('H', { tradingState: 'T', reason: '' });
  t.equal(bench.aapl.TRD_STATUS, 'N');
});

t.test('L: says nothing', async (t) => {
  const bench = new Bench();
  bench.send('L', { mpid: 'MAXM', primaryMarketMaker: 'Y', marketMakerMode: 'N', marketParticipantState: 'A' });
  t.equal(bench.records.items.size, 0);
  t.same(bench.faults, []);
});

t.test('V and W: circuit breaker levels with eight decimals, and the highest level hit', async (t) => {
  const bench = new Bench();
  bench.send('V', { level1: '4078.49', level2: '3815.36000001', level3: 0 });
  t.same(bench.record('#MARKET'), {
    MWCB_LVL1: '4078.49000000',
    MWCB_LVL2: '3815.36000001',
    MWCB_LVL3: '0.00000000',
  });
  bench.send('V', { level1: '90071992.54740991', level2: '90071992.54740992', level3: 1 });
  t.match(bench.record('#MARKET'), { MWCB_LVL1: '90071992.54740991', MWCB_LVL2: null }, 'inexact is blank');
  bench.event('Q');
  bench.send('W', { breachedLevel: '2' });
  bench.send('W', { breachedLevel: '1' });
  t.match(bench.record('#MARKET'), { MWCB_HIT: 2, PERIOD_CD2: 'Q', INST_PHASE: 'T' }, 'the phase stays');
  bench.send('W', { breachedLevel: '4' });
  t.same(bench.faults, ['ITCH_BAD_VALUE']);
  t.match(bench.record('#MARKET'), { MWCB_HIT: 2 });
  t.equal(bench.quality('#MARKET'), 'SUSPECT');
});

t.test('K: an offering, named without a locate', async (t) => {
  const bench = new Bench();
  const offering = (ipoQuotationReleaseTime: number, ipoPrice: string, qualifier = 'A'): void =>
    bench.send('K', {
      stock: 'NEWCO',
      stockLocate: 0,
      ipoQuotationReleaseTime,
      ipoQuotationReleaseQualifier: qualifier,
      ipoPrice,
    });
  offering(38_400, '17');
  t.match(bench.record('NEWCO'), { AUC_TIME: '14:40:00.000000000', IPO_PRC: '17.0000' });
  offering(86_399, '17.5');
  t.equal(bench.record('NEWCO').AUC_TIME, '03:59:59.000000000', 'beyond midnight GMT');
  offering(0, '0', 'C');
  t.match(bench.record('NEWCO'), { AUC_TIME: null, IPO_PRC: null });
  offering(86_400, '17');
  t.same(bench.faults, ['ITCH_BAD_VALUE']);
  t.equal(bench.quality('NEWCO'), 'SUSPECT');
});

t.test('an instrument known by its symbol alone gets its locate, and its book, later', async (t) => {
  const bench = new Bench();
  const about = { stock: 'NEWCO', stockLocate: 0 };
  bench.send('K', { ...about, ipoQuotationReleaseTime: 0, ipoQuotationReleaseQualifier: 'A', ipoPrice: '17' });
  bench.send('K', {
    stock: 'OTHER',
    stockLocate: 0,
    ipoQuotationReleaseTime: 0,
    ipoQuotationReleaseQualifier: 'A',
    ipoPrice: '3',
  });
  bench.send('H', { ...about, stockLocate: 55, tradingState: 'Q', reason: 'IPOQ' });
  bench.add(1, 'B', 100, '16.5', { ...about, stockLocate: 55 });
  t.match(bench.record('NEWCO'), { IPO_PRC: '17.0000', TRD_STATUS: 'R', BID: '16.5000' });
  t.same(Object.keys(bench.record('OTHER')).sort(), ['AUC_TIME', 'CURRENCY', 'DSPLY_NAME', 'IPO_PRC', 'RDN_EXCHD2']);
  t.same([...bench.records.items.keys()], ['ITCH.NEWCO', 'ITCH.OTHER']);
  t.same(bench.faults, []);
});

t.test('J: the collar of an auction after a pause', async (t) => {
  const bench = new Bench();
  bench.send('J', {
    auctionCollarReferencePrice: '13.34',
    upperAuctionCollarPrice: '14.01',
    lowerAuctionCollarPrice: '10.92',
    auctionCollarExtension: 0,
  });
  t.same(bench.aapl, { ...NEW, COLLAR_REF: '13.3400', COLLAR_LOW: '10.9200', COLLAR_HI: '14.0100' });
});

t.test('O: price discovery of a direct listing; 0 is none', async (t) => {
  const bench = new Bench();
  const listing = {
    openEligibilityStatus: 'N',
    minimumAllowablePrice: 8,
    maximumAllowablePrice: '23.4',
    nearExecutionPrice: 0,
    nearExecutionTime: 0,
    lowerPriceRangeCollar: 0,
    upperPriceRangeCollar: '11.0001',
  };
  bench.send('O', listing);
  const fields = { PRC_MIN: '8.0000', PRC_MAX: '23.4000', AUC_NEAR: null, COLLAR_LOW: null, COLLAR_HI: '11.0001' };
  t.same(bench.aapl, { ...NEW, ...fields });
});

t.test('I: imbalance and indicative prices; 0 is none, sizes beyond 2^53 are blank', async (t) => {
  const bench = new Bench();
  const imbalance = {
    pairedShares: 5_000_000_000,
    imbalanceShares: 12,
    imbalanceDirection: 'B',
    farPrice: '46.44',
    nearPrice: '46.45',
    currentReferencePrice: '46.46',
    crossType: 'O',
    priceVariationIndicator: 'L',
  };
  bench.send('I', imbalance);
  t.same(bench.aapl, {
    ...NEW,
    AUC_TYPE: 'O',
    AUC_PAIRED: 5_000_000_000,
    AUC_REF: '46.4600',
    AUC_FAR: '46.4400',
    AUC_NEAR: '46.4500',
    IND_AUC: '46.4500',
    IMB_SH: 12,
    IMB_SIDE: 'B',
  });
  const sides: unknown[] = [];
  for (const imbalanceDirection of 'SNOP') {
    bench.send('I', {
      ...imbalance,
      imbalanceDirection,
      farPrice: 0,
      nearPrice: 0,
      imbalanceShares: '9007199254740992',
    });
    sides.push(bench.aapl.IMB_SIDE);
  }
  t.same(sides, ['S', 'N', 'O', '']);
  t.match(bench.aapl, { AUC_FAR: null, AUC_NEAR: null, IND_AUC: null, AUC_REF: '46.4600', IMB_SH: null });
  t.equal(bench.quality(), 'LIVE');
});

t.test('A, F: best bid and offer with sizes and numbers of orders', async (t) => {
  const bench = new Bench();
  bench.add(1, 'B', 100, '99.99');
  t.same(bench.aapl, {
    ...NEW,
    BID: '99.9900',
    BIDSIZE: 100,
    NUM_BIDS: 1,
    ASK: null,
    ASKSIZE: 0,
    NUM_ASKS: 0,
    QUOTIM_NS: '13:30:00.000000001',
    QUOTE_DATE: '2019-07-24',
  });
  bench.timestamp++;
  bench.send('F', { orderReferenceNumber: 2, buySellIndicator: 'B', shares: 23, price: '99.99', attribution: 'VIRT' });
  bench.add(3, 'S', 4_294_967_295, '199999.9999');
  bench.add(4, 'S', 4_294_967_295, '199999.9999');
  t.match(bench.aapl, { BID: '99.9900', BIDSIZE: 123, NUM_BIDS: 2, ASK: '199999.9999' });
  t.match(bench.aapl, { ASKSIZE: 8_589_934_590, NUM_ASKS: 2, QUOTIM_NS: '13:30:00.000000002' });
  const before = bench.messages;
  bench.timestamp++;
  bench.add(5, 'B', 10, '99.98');
  t.match(bench.aapl, { BIDSIZE: 123, QUOTIM_NS: '13:30:00.000000002' }, 'a level behind the best is no quote');
  t.equal(bench.messages, before + 1, 'depth alone');
});

t.test('E, X, D, U: the book follows', async (t) => {
  const bench = new Bench();
  bench.event('Q');
  bench.add(1, 'B', 100, '99.99');
  bench.add(2, 'B', 50, '99.98');
  bench.execute(1, 30, 900);
  t.match(bench.aapl, { BID: '99.9900', BIDSIZE: 70, NUM_BIDS: 1, TRDPRC_1: '99.9900', TRDVOL_1: 30, TRADE_ID: '900' });
  bench.send('X', { orderReferenceNumber: 1, canceledShares: 20 });
  t.match(bench.aapl, { BIDSIZE: 50, NUM_BIDS: 1, ACVOL_1: 30 });
  bench.execute(1, 50, 901);
  t.match(bench.aapl, { BID: '99.9800', BIDSIZE: 50, NUM_BIDS: 1, ACVOL_1: 80, NUM_MOVES: 2 }, 'filled: removed');
  bench.send('U', { originalOrderReferenceNumber: 2, newOrderReferenceNumber: 3, shares: 60, price: '99.97' });
  t.match(bench.aapl, { BID: '99.9700', BIDSIZE: 60 });
  bench.send('U', { originalOrderReferenceNumber: 3, newOrderReferenceNumber: 4, shares: 60, price: '100' });
  t.match(bench.aapl, { BID: '100.0000', BIDSIZE: 60, NUM_BIDS: 1 });
  bench.send('D', { orderReferenceNumber: 4 });
  t.match(bench.aapl, { BID: null, BIDSIZE: 0, NUM_BIDS: 0 });
  t.same(bench.faults, []);
});

t.test('C: takes shares at the display price and prints at its own, if printable', async (t) => {
  const bench = new Bench();
  bench.event('Q');
  bench.add(1, 'S', 1000, '101');
  const execution = { orderReferenceNumber: 1, executedShares: 100 };
  bench.send('C', { ...execution, matchNumber: 5, printable: 'N', executionPrice: '100.5' });
  t.match(bench.aapl, { ASK: '101.0000', ASKSIZE: 900 });
  t.notOk('TRDPRC_1' in bench.aapl, 'no print');
  bench.send('C', { ...execution, matchNumber: 6, printable: 'Y', executionPrice: '100.5001' });
  t.match(bench.aapl, {
    ASKSIZE: 800,
    TRDPRC_1: '100.5001',
    TRDVOL_1: 100,
    ACVOL_1: 100,
    TRD_COND: 'C',
    TRADE_ID: '6',
  });
  bench.send('B', { matchNumber: 5 });
  t.same(bench.faults, [], 'what was not printed may be broken as well');
  t.match(bench.aapl, { ACVOL_1: 100 });
  t.notOk('BRKN_VOL' in bench.aapl);
});

t.test('P: a hidden trade; the book stays', async (t) => {
  const bench = new Bench();
  bench.event('Q');
  bench.add(1, 'B', 100, '99.99');
  bench.trade(7, 200, '100.0051');
  t.match(bench.aapl, {
    BIDSIZE: 100,
    TRDPRC_1: '100.0051',
    TRDVOL_1: 200,
    PRCTCK_1: '',
    SALTIM_NS: '13:30:00.000000001',
    TRADE_DATE: '2019-07-24',
    TRADE_ID: '7',
    TRD_COND: 'P',
    ACVOL_1: 200,
    NUM_MOVES: 1,
    OPEN_PRC: null,
    HIGH_1: '100.0051',
    LOW_1: '100.0051',
    ELIG_PRC: '100.0051',
    ELIG_VOL: 200,
  });
  bench.trade(8, 100, '100.0052');
  t.match(bench.aapl, { PRCTCK_1: '⇧', TRD_COND: 'P' });
  bench.execute(1, 100, 9);
  t.match(bench.aapl, { PRCTCK_1: '⇩', TRDPRC_1: '99.9900', TRD_COND: '', HIGH_1: '100.0052', LOW_1: '99.9900' });
});

t.test('only trades in market hours and of a round lot set last sale, high and low', async (t) => {
  const bench = new Bench();
  bench.event('S');
  bench.trade(1, 500, '120');
  t.match(bench.aapl, {
    TRDPRC_1: '120.0000',
    ACVOL_1: 500,
    HIGH_1: null,
    LOW_1: null,
    ELIG_PRC: null,
    ELIG_VOL: null,
  });
  bench.event('Q');
  bench.trade(2, 100, '100');
  bench.trade(3, 99, '110');
  t.match(bench.aapl, { TRDPRC_1: '110.0000', HIGH_1: '100.0000', LOW_1: '100.0000', ELIG_PRC: '100.0000' });
  const about = { financialStatusIndicator: '', roundLotsOnly: 'N', issueClassification: 'C', issueSubType: 'Z' };
  const rest = {
    shortSaleThresholdIndicator: '',
    ipoFlag: '',
    luldReferencePriceTier: '',
    etpFlag: '',
    etpLeverageFactor: 0,
  };
  bench.send('R', {
    ...about,
    ...rest,
    marketCategory: 'N',
    roundLotSize: 40,
    authenticity: 'P',
    inverseIndicator: '',
  });
  bench.trade(4, 40, '90');
  t.match(bench.aapl, { LOW_1: '90.0000', ELIG_VOL: 40 }, 'the directory says what a round lot is');
  bench.event('M');
  bench.trade(5, 500, '80');
  t.match(bench.aapl, { TRDPRC_1: '80.0000', LOW_1: '90.0000', ELIG_PRC: '90.0000', ACVOL_1: 1239, NUM_MOVES: 5 });
});

t.test('Q: opening and closing cross, and the shares of all crosses', async (t) => {
  const bench = new Bench();
  bench.event('Q');
  bench.cross('O', 0, '0', 1);
  t.notOk('TRDPRC_1' in bench.aapl, 'without shares: nothing was traded');
  bench.cross('O', 7, '100.01', 2);
  const opened = { OPN_AUC: '100.0100', OPN_AUCVOL: 7, CLS_AUC: null, CLS_AUCVOL: null, OFF_CLOSE: null, CRSS_VOL: 7 };
  t.match(bench.aapl, { ...opened, OPEN_PRC: '100.0100', TRD_COND: 'XO', ELIG_PRC: '100.0100', HIGH_1: '100.0100' });
  bench.trade(3, 100, '99');
  t.match(bench.aapl, { OPEN_PRC: '100.0100', LOW_1: '99.0000' });
  bench.cross('H', 1000, '98', 4);
  t.match(bench.aapl, { OPN_AUC: '100.0100', TRD_COND: 'XH', CRSS_VOL: 1007, LOW_1: '98.0000' });
  bench.event('M');
  bench.cross('C', 5_000_000_000, '101', 5);
  t.match(bench.aapl, {
    OPEN_PRC: '100.0100',
    OPN_AUC: '100.0100',
    CLS_AUC: '101.0000',
    CLS_AUCVOL: 5_000_000_000,
    OFF_CLOSE: '101.0000',
    CRSS_VOL: 5_000_001_007,
    ACVOL_1: 5_000_001_107,
    NUM_MOVES: 4,
    HIGH_1: '101.0000',
    TRD_COND: 'XC',
  });
  bench.cross('I', 10, '200', 6);
  t.match(bench.aapl, { TRD_COND: 'XI', HIGH_1: '101.0000' }, 'an intraday cross after hours sets no high');
  bench.cross('?', 10, '200', 7);
  t.match(bench.aapl, { TRD_COND: 'X', CRSS_VOL: 5_000_001_027 });
});

t.test('B: as if the trade had never been', async (t) => {
  const bench = new Bench();
  bench.event('Q');
  bench.add(1, 'B', 500, '100');
  bench.execute(1, 100, 1);
  bench.trade(2, 200, '110');
  bench.execute(1, 100, 3);
  bench.send('B', { matchNumber: 3 });
  t.match(bench.aapl, {
    TRDPRC_1: '110.0000',
    TRDVOL_1: 200,
    TRADE_ID: '2',
    TRD_COND: 'P',
    PRCTCK_1: '⇧',
    ACVOL_1: 300,
    NUM_MOVES: 2,
    BRKN_VOL: 100,
    BRKN_NUM: 1,
    BIDSIZE: 300,
  });
  bench.send('B', { matchNumber: 2 });
  t.match(bench.aapl, { TRDPRC_1: '100.0000', HIGH_1: '100.0000', ACVOL_1: 100, BRKN_VOL: 300, TRD_COND: '' });
  bench.send('B', { matchNumber: 1 });
  t.match(bench.aapl, { TRDPRC_1: null, TRADE_ID: null, HIGH_1: null, ELIG_PRC: null, ACVOL_1: 0, NUM_MOVES: 0 });
  t.same(bench.faults, []);
});

t.test('B of a cross: opening price, close and cross volume go with it', async (t) => {
  const bench = new Bench();
  bench.event('Q');
  bench.cross('O', 100, '100', 1);
  bench.cross('O', 200, '101', 2);
  bench.cross('C', 300, '102', 3);
  bench.send('B', { matchNumber: 2 });
  t.match(bench.aapl, { OPEN_PRC: '100.0000', OPN_AUC: '100.0000', OPN_AUCVOL: 100, CRSS_VOL: 400, ACVOL_1: 400 });
  bench.send('B', { matchNumber: 3 });
  bench.send('B', { matchNumber: 1 });
  t.match(bench.aapl, { OPEN_PRC: null, OPN_AUC: null, CLS_AUC: null, OFF_CLOSE: null, CRSS_VOL: 0, BRKN_VOL: 600 });
});

t.test('B of a trade that there was no room to remember: what it may have been part of is blank', async (t) => {
  const bench = new Bench({ tradesMax: 2 });
  bench.event('Q');
  bench.cross('O', 100, '100', 1);
  bench.trade(2, 100, '101');
  bench.cross('O', 300, '102', 3);
  bench.trade(4, 100, '103');
  t.match(bench.aapl, { OPEN_PRC: '102.0000', ACVOL_1: 600, CRSS_VOL: 400, HIGH_1: '103.0000' });
  bench.send('B', { matchNumber: 3 });
  t.match(bench.aapl, { OPEN_PRC: '100.0000', OPN_AUC: '100.0000', CRSS_VOL: null });
  t.match(bench.aapl, { TRDPRC_1: null, ACVOL_1: null, NUM_MOVES: null, HIGH_1: null, LOW_1: null, BRKN_VOL: null });
  bench.trade(5, 100, '104');
  t.match(bench.aapl, { TRDPRC_1: '104.0000', ELIG_PRC: '104.0000', ACVOL_1: null, HIGH_1: null });
  t.same(bench.faults, []);
  t.equal(bench.quality(), 'LIVE');
});

t.test('times are GMT, with the date, on either side of midnight', async (t) => {
  const bench = new Bench();
  bench.timestamp = 20 * HOUR - 1;
  bench.add(1, 'B', 100, '1');
  bench.trade(1, 100, '1');
  t.match(bench.aapl, { QUOTIM_NS: '23:59:59.999999999', QUOTE_DATE: '2019-07-24', TRADE_DATE: '2019-07-24' });
  bench.timestamp = 20 * HOUR;
  bench.add(2, 'B', 100, '1');
  bench.trade(2, 100, '1');
  bench.event('E');
  t.match(bench.aapl, { QUOTIM_NS: '00:00:00.000000000', QUOTE_DATE: '2019-07-25' });
  t.match(bench.aapl, { SALTIM_NS: '00:00:00.000000000', TRADE_DATE: '2019-07-25' });
  t.match(bench.record('#MARKET'), { TIMACT_NS: '00:00:00.000000000', ACTIV_DATE: '2019-07-25' });
  t.equal(bench.depth.LV_TIM_NS, '00:00:00.000000000');
  const tokyo = new Bench({ zoneOffsetNs: -9 * HOUR });
  tokyo.timestamp = 8 * HOUR;
  tokyo.add(1, 'B', 100, '1');
  t.match(tokyo.aapl, { QUOTIM_NS: '23:00:00.000000000', QUOTE_DATE: '2019-07-23' });
  t.equal(tokyo.depth.LV_TIM_NS, '23:00:00.000000000');
  const about = { ipoQuotationReleaseTime: 3600, ipoQuotationReleaseQualifier: 'A', ipoPrice: 1 };
  tokyo.send('K', about);
  t.equal(tokyo.aapl.AUC_TIME, '16:00:00.000000000');
});

t.test('the latest edition may have longer messages', async (t) => {
  const bench = new Bench();
  const longer = new Uint8Array(60);
  longer.set(bench.encoded('A', { orderReferenceNumber: 1, buySellIndicator: 'B', shares: 5, price: 2 }));
  bench.bytes(longer);
  t.match(bench.aapl, { BID: '2.0000', BIDSIZE: 5 });
  t.same(bench.faults, []);
});

t.test('a new session knows nothing of the one before', async (t) => {
  const bench = new Bench();
  bench.event('S');
  bench.event('Q');
  bench.send('W', { breachedLevel: '1' });
  bench.add(1, 'B', 100, '1');
  bench.trade(1, 100, '1');
  bench.send('H', { tradingState: 'H', reason: 'T1' });
  bench.send('D', { orderReferenceNumber: 99, stockLocate: 1000 });
  bench.normaliser.lost(7, 9);
  bench.normaliser.reset();
  bench.add(1, 'S', 10, '5');
  bench.add(2, 'S', 10, '5', { stock: 'LATE', stockLocate: 1000 });
  bench.trade(1, 100, '5');
  t.match(bench.aapl, { BID: null, ASK: '5.0000', ACVOL_1: 100, NUM_MOVES: 1, HIGH_1: null });
  t.notOk('TRD_STATUS' in bench.aapl);
  for (const symbol of ['AAPL', 'LATE']) t.equal(bench.quality(symbol), 'LIVE');
  bench.event('O');
  t.match(bench.record('#MARKET'), { MWCB_HIT: 0, INST_PHASE: 'C' });
  t.equal(bench.quality('#MARKET'), 'LIVE');
});

t.test('every message type has been looked at here', async (t) => {
  t.equal(
    MESSAGES.map(({ type }) => type)
      .sort()
      .join(''),
    'ABCDEFHIJKLNOPQRSUVWXYh',
  );
  t.ok(OPENING > 0);
});

t.test('B: a cross that came twice under one number is broken once', async (t) => {
  const bench = new Bench();
  bench.event('Q');
  bench.cross('O', 500, '100', 50);
  bench.cross('O', 500, '100.5', 50);
  bench.send('B', { matchNumber: 50 });
  t.match(bench.aapl, { OPN_AUC: '100.5000', OPN_AUCVOL: 500, OPEN_PRC: '100.5000', ACVOL_1: 500, BRKN_VOL: 500 });
  bench.send('B', { matchNumber: 50 });
  t.match(bench.aapl, { OPN_AUC: '100.5000', ACVOL_1: 500 });
  t.same(bench.faults, ['ITCH_UNKNOWN_MATCH']);
});
