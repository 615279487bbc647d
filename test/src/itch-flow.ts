import { encodeMessage } from '@tickerplant/feed-itch';
import * as fc from 'fast-check';

const KINDS =
  'add add add add add addMpid execute executeAll executeWithPrice cancel delete replace replace trade cross break \
directory action regSho halt retail collar offering listing imbalance event breach levels participant'.split(' ');

const ORDER_KINDS =
  'add add add add add addMpid execute executeAll executeWithPrice cancel delete replace replace'.split(' ');

/** What happens next, as numbers that are given a meaning by what is there at that point. */
interface Happening {
  /** One of `KINDS` or `ORDER_KINDS`. */
  readonly kind: string;
  /** Which stock, order or trade, modulo those there are. */
  readonly which: number;
  readonly shares: number;
  /** Ticks from 100 dollars. */
  readonly tick: number;
  readonly side: 'B' | 'S';
  readonly letter: number;
  /** Nanoseconds since the happening before. */
  readonly later: number;
}

/** Symbol and locate; the last one is announced without its locate first. */
const STOCKS = [
  ['AAPL', 1],
  ['BRK.A', 77],
  ['ZXZZT', 65_535],
  ['007', 500],
  ['NEWCO', 9],
] as const;

const anyHappening = (kinds: readonly string[]): fc.Arbitrary<Happening> =>
  fc.record({
    kind: fc.constantFrom(...kinds),
    which: fc.nat(1_000_000),
    shares: fc.oneof(fc.integer({ min: 1, max: 300 }), fc.constantFrom(1, 100, 4_294_967_295)),
    // So many that books are deeper than what is published of them.
    tick: fc.integer({ min: -14, max: 14 }),
    side: fc.constantFrom('B', 'S'),
    letter: fc.nat(1_000),
    later: fc.oneof({ weight: 9, arbitrary: fc.nat(1_000_000_000) }, fc.constant(7_200_000_000_000)),
  });

interface LiveOrder {
  readonly reference: number;
  readonly stock: (typeof STOCKS)[number];
  shares: number;
}

/** Makes messages of an order flow that never contradicts itself. */
class Flow {
  readonly messages: Uint8Array[] = [];
  readonly #stocks: typeof STOCKS | readonly [(typeof STOCKS)[number]];
  readonly #orders: LiveOrder[] = [];
  readonly #matches: { readonly match: number; readonly locate: number }[] = [];
  #reference = 1000;
  #match = 50;
  #timeNs = 14_400_000_000_000;

  constructor(stocks: typeof STOCKS | readonly [(typeof STOCKS)[number]]) {
    this.#stocks = stocks;
  }

  take(h: Happening): void {
    this.#timeNs = Math.min(this.#timeNs + h.later, 86_399_999_999_999);
    const named = this.#stocks[h.which % this.#stocks.length]!;
    const [stock, stockLocate] = named;
    const about = { stock, stockLocate };
    const price = this.#price(h.tick);
    const choose = (letters: string): string => letters[h.letter % letters.length]!;
    switch (h.kind) {
      case 'add':
      case 'addMpid': {
        const order = { reference: this.#reference++, stock: named, shares: h.shares };
        this.#orders.push(order);
        const fields = { orderReferenceNumber: order.reference, buySellIndicator: h.side, shares: h.shares, price };
        if (h.kind === 'add') this.#send('A', { ...about, ...fields });
        else this.#send('F', { ...about, ...fields, attribution: 'NSDQ' });
        return;
      }
      case 'execute':
      case 'executeAll':
      case 'executeWithPrice':
      case 'cancel':
      case 'delete':
      case 'replace':
        this.#order(h, price);
        return;
      case 'trade': {
        const matchNumber = this.#newMatch(stockLocate);
        const fields = { orderReferenceNumber: 0, buySellIndicator: 'B', shares: h.shares, price, matchNumber };
        this.#send('P', { ...about, ...fields });
        return;
      }
      case 'cross': {
        const crossShares = h.shares === 1 ? 0 : h.shares;
        const matchNumber = this.#newMatch(crossShares === 0 ? -1 : stockLocate);
        const crossPrice = crossShares === 0 ? 0 : price;
        this.#send('Q', { ...about, crossShares, crossPrice, matchNumber, crossType: choose('OCHIAZ') });
        return;
      }
      case 'break': {
        if (this.#matches.length === 0) return;
        const [{ match, locate }] = this.#matches.splice(h.which % this.#matches.length, 1) as [
          { match: number; locate: number },
        ];
        this.#send('B', { stockLocate: locate, matchNumber: match });
        return;
      }
      default:
        this.#state(h, about, price, choose);
    }
  }

  #order(h: Happening, price: string): void {
    const at = h.which % this.#orders.length;
    const order = this.#orders[at];
    if (order === undefined) return;
    const stockLocate = order.stock[1];
    const about = { stockLocate, orderReferenceNumber: order.reference };
    const shares = h.kind === 'executeAll' ? order.shares : Math.min(h.shares, order.shares);
    if (h.kind === 'delete' || h.kind === 'replace') order.shares = 0;
    else order.shares -= shares;
    if (order.shares === 0) this.#orders.splice(at, 1);
    switch (h.kind) {
      case 'execute':
      case 'executeAll':
        this.#send('E', { ...about, executedShares: shares, matchNumber: this.#newMatch(stockLocate) });
        break;
      case 'executeWithPrice': {
        const printable = h.letter % 3 === 0 ? 'N' : 'Y';
        const matchNumber = this.#newMatch(stockLocate);
        this.#send('C', { ...about, executedShares: shares, matchNumber, printable, executionPrice: price });
        break;
      }
      case 'cancel':
        this.#send('X', { ...about, canceledShares: shares });
        break;
      case 'delete':
        this.#send('D', about);
        break;
      case 'replace': {
        // Now and then at the same price, or under the same reference.
        const reference = h.letter % 10 === 0 ? order.reference : this.#reference++;
        this.#orders.push({ reference, stock: order.stock, shares: h.shares });
        const numbers = { originalOrderReferenceNumber: order.reference, newOrderReferenceNumber: reference };
        this.#send('U', { stockLocate, ...numbers, shares: h.shares, price });
        break;
      }
    }
  }

  #state(
    h: Happening,
    about: { stock: string; stockLocate: number },
    price: string,
    choose: (letters: string) => string,
  ): void {
    const other = this.#price(h.tick + 5);
    const none = h.letter % 2 === 0 ? price : 0;
    switch (h.kind) {
      case 'directory':
        this.#send('R', {
          ...about,
          marketCategory: choose('QGSNAPMZV '),
          financialStatusIndicator: 'N',
          roundLotSize: [1, 10, 40, 100][h.letter % 4]!,
          roundLotsOnly: 'N',
          issueClassification: 'C',
          issueSubType: 'Z',
          authenticity: choose('PPTX'),
          shortSaleThresholdIndicator: 'N',
          ipoFlag: 'N',
          luldReferencePriceTier: choose('12 7'),
          etpFlag: 'N',
          etpLeverageFactor: 0,
          inverseIndicator: 'N',
        });
        break;
      case 'action': {
        const reason = ['', 'T1', 'LUDP', 'IPOQ'][h.letter % 4]!;
        this.#send('H', { ...about, tradingState: choose('HPQTZ'), reason });
        break;
      }
      case 'regSho': {
        const { stock, stockLocate } = about;
        this.#send('Y', { stock, locateCode: stockLocate, regShoAction: choose('012X') });
        break;
      }
      case 'halt':
        this.#send('h', { ...about, marketCode: 'Q', operationalHaltAction: choose('HTX') });
        break;
      case 'retail':
        this.#send('N', { ...about, interestFlag: choose('BSAN ') });
        break;
      case 'collar':
        this.#send('J', {
          ...about,
          auctionCollarReferencePrice: price,
          upperAuctionCollarPrice: other,
          lowerAuctionCollarPrice: none,
          auctionCollarExtension: 1,
        });
        break;
      case 'offering': {
        const ipoQuotationReleaseTime = h.letter % 3 === 0 ? 0 : h.which % 86_400;
        const fields = { ipoQuotationReleaseTime, ipoQuotationReleaseQualifier: choose('AC'), ipoPrice: none };
        this.#send('K', { stock: 'NEWCO', stockLocate: 0, ...fields });
        break;
      }
      case 'listing':
        this.#send('O', {
          ...about,
          openEligibilityStatus: choose('NY'),
          minimumAllowablePrice: price,
          maximumAllowablePrice: other,
          nearExecutionPrice: none,
          nearExecutionTime: 0,
          lowerPriceRangeCollar: none,
          upperPriceRangeCollar: other,
        });
        break;
      case 'imbalance':
        this.#send('I', {
          ...about,
          pairedShares: h.letter % 5 === 0 ? '18446744073709551615' : h.shares,
          imbalanceShares: h.which,
          imbalanceDirection: choose('BSNOP'),
          farPrice: none,
          nearPrice: other,
          currentReferencePrice: price,
          crossType: choose('OCHA'),
          priceVariationIndicator: choose('L1A '),
        });
        break;
      case 'event':
        this.#send('S', { stockLocate: 0, eventCode: choose('SQQQMEX') });
        break;
      case 'breach':
        this.#send('W', { stockLocate: 0, breachedLevel: choose('123') });
        break;
      case 'levels': {
        const level3 = h.letter % 2 === 0 ? '4000.00000001' : '184467440737.09551615';
        this.#send('V', { stockLocate: 0, level1: '4078.49', level2: 3815, level3 });
        break;
      }
      case 'participant': {
        const states = { primaryMarketMaker: 'Y', marketMakerMode: 'N', marketParticipantState: 'A' };
        this.#send('L', { ...about, mpid: 'MAXM', ...states });
        break;
      }
    }
  }

  #price(tick: number): string {
    const units = 1_000_000 + tick * 100;
    return `${Math.floor(units / 10_000)}.${String(units % 10_000).padStart(4, '0')}`;
  }

  /** @param locate negative: a cross without shares, of which there is nothing to break. */
  #newMatch(locate: number): number {
    const match = this.#match++;
    if (locate >= 0) this.#matches.push({ match, locate });
    return match;
  }

  #send(type: string, fields: Record<string, unknown>): void {
    this.messages.push(encodeMessage(type, { trackingNumber: 0, timestamp: this.#timeNs, ...fields }));
  }
}

/** Random messages, all types, about a few stocks, of an order flow that never contradicts itself. */
export function anyItchFlow(happeningsMax: number): fc.Arbitrary<Uint8Array[]> {
  return fc.array(anyHappening(KINDS), { maxLength: happeningsMax, size: 'max' }).map((happenings) => {
    const flow = new Flow(STOCKS);
    for (const happening of happenings) flow.take(happening);
    return flow.messages;
  });
}

/** The same of orders alone, all of one stock, so that its book becomes deep. */
export function anyDeepBook(happenings: number): fc.Arbitrary<Uint8Array[]> {
  const size = { minLength: happenings / 2, maxLength: happenings };
  return fc.array(anyHappening(ORDER_KINDS), size).map((happenings) => {
    const flow = new Flow([STOCKS[0]]);
    for (const happening of happenings) flow.take(happening);
    return flow.messages;
  });
}
