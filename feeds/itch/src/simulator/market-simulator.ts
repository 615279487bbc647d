import { NS_PER_SECOND, type Random, seededRandom, TickerError } from '@tickerplant/core';
import type { DirectListing } from '../encoder.ts';
import type { CrossType } from '../messages.ts';
import { AliasTable } from './alias-table.ts';
import { drawInstruments, type SimulatedInstrument } from './instruments.ts';
import { Market, PARTICIPANTS } from './market.ts';
import { type EmitMessage, MessageWriter } from './message-writer.ts';
import { Mode, OrderFlow } from './order-flow.ts';
import { Agenda, checkSchedule, type DaySchedule, NASDAQ_DAY } from './schedule.ts';

/** What to simulate. The same options give the same bytes. */
export interface MarketSimulatorOptions {
  /** Any whole number. */
  readonly seed: number;
  /** The trading day, days since 1970-01-01: another day, another market. @default 0 */
  readonly day?: number;
  /** How many instruments there are: 1 to 20,000. @default 300 */
  readonly symbols?: number;
  /**
   * About how many messages the whole day has; at least 40 a symbol. It comes out within a few in a hundred where
   * there are thousands a symbol, up to a quarter off where there are few. @default 1000000
   */
  readonly messages?: number;
  /** @default NASDAQ_DAY */
  readonly schedule?: DaySchedule;
}

const SYMBOLS_DEFAULT = 300;
const SYMBOLS_MAX = 20_000;
const MESSAGES_DEFAULT = 1_000_000;
const MESSAGES_A_SYMBOL_MIN = 40;

const SECOND = NS_PER_SECOND;
const MINUTE = 60 * SECOND;
/** Live orders the market settles at, for each instrument and as a share of the day's messages; the lower counts. */
const LIVE_ORDERS_EACH = 150;
const LIVE_ORDERS_SHARE = 0.08;
const LIVE_ORDERS_MIN = 8;
/** The share of the day's messages that announce crosses, and how often they may come: on a real day 138 times. */
const ANNOUNCEMENTS_SHARE = 0.02;
const ANNOUNCEMENTS_MAX = 138;
/** How the order flow's messages are shared among pre-market, market and post-market hours. */
const FLOW_SHARES = [0.15, 0.8, 0.05] as const;
/** Order flow comes in bursts: most gaps are short, and the others make up for it. The mean is 1. */
const SHORT_GAPS = 0.7;
const SHORT_GAP = 0.05;
const LONG_GAP = (1 - SHORT_GAPS * SHORT_GAP) / (1 - SHORT_GAPS);
/** An index at which the market-wide circuit breaker levels are worked out, in 1/100,000,000 points. */
const INDEX_CLOSE = 5_000_00000000;

/**
 * A Nasdaq without sockets or clock: ITCH 5.0 messages of a whole day, as the exchange would send them. Random
 * traders (order-flow.ts) meet in a matching engine with price-time priority; around it the day goes from system
 * event `O` to `C` with directory, trading status and participants, imbalances and crosses, halts, pauses and
 * their end, a new issue, a direct listing, broken trades, and the deletion of what is left at the end.
 *
 * Drive it by time (`step`) or by number of messages (`run`), in any mixture: the messages are the same. There is
 * no market-wide halt (`W`). No message is ever at odds with those before it, and no book is ever locked or crossed.
 */
export class MarketSimulator {
  readonly instruments: readonly SimulatedInstrument[];
  readonly schedule: DaySchedule;
  private readonly random: Random;
  private readonly writer: MessageWriter;
  private readonly market: Market;
  private readonly flow: OrderFlow;
  private readonly activity: AliasTable;
  private readonly agenda = new Agenda<() => void>();
  private readonly modes: Uint8Array;
  private readonly announcements: number;
  /** Messages for order flow, by part of the day. */
  private readonly flowMessages: readonly number[];
  /** How far `step` has come, or `run` has taken it. */
  private clockNs: number;
  private started = false;
  // Order flow goes on to here, with so many messages by then (as a count of all messages).
  private flowEndNs = 0;
  private flowEndMessages = 0;
  private nextFlowNs = Number.POSITIVE_INFINITY;
  // A spin does something for one instrument after the other; everything else waits.
  private spin: ((instrument: number) => boolean) | undefined;
  private spinAt = 0;
  private nextSpinNs = 0;

  /** @throws TickerError `ITCH_BAD_OPTION`, `ITCH_BAD_SCHEDULE` */
  constructor(options: MarketSimulatorOptions, emit: EmitMessage) {
    const symbols = options.symbols ?? SYMBOLS_DEFAULT;
    const messages = options.messages ?? MESSAGES_DEFAULT;
    if (!Number.isInteger(symbols) || symbols < 1 || symbols > SYMBOLS_MAX) {
      throw new TickerError('ITCH_BAD_OPTION', `expected symbols from 1 to ${SYMBOLS_MAX}, got ${symbols}`);
    }
    if (!Number.isSafeInteger(messages) || messages < symbols * MESSAGES_A_SYMBOL_MIN) {
      const least = symbols * MESSAGES_A_SYMBOL_MIN;
      throw new TickerError('ITCH_BAD_OPTION', `expected at least ${least} messages, got ${messages}`, { symbols });
    }
    this.schedule = checkSchedule(options.schedule ?? NASDAQ_DAY);
    this.random = seededRandom(options.seed + Math.imul(options.day ?? 0, 0x9e3779b1));
    this.instruments = drawInstruments(this.random, symbols, symbols < 20 ? 0 : symbols < 40 ? 1 : 2);
    this.activity = new AliasTable(this.instruments.map(({ activity }) => activity));
    this.modes = new Uint8Array(symbols).fill(Mode.TRADE);
    this.writer = new MessageWriter(emit);
    this.writer.nowNs = this.schedule.startOfMessagesNs;
    this.clockNs = this.schedule.startOfMessagesNs;
    this.market = new Market(this.instruments, this.writer, this.random);

    const liveTarget = this.liveTarget(Math.min(LIVE_ORDERS_EACH * symbols, LIVE_ORDERS_SHARE * messages));
    this.flow = new OrderFlow(this.market, this.random, liveTarget, (instrument, interest) =>
      this.writer.retailInterest(this.instruments[instrument]!, interest),
    );
    const affordable = Math.floor((messages * ANNOUNCEMENTS_SHARE) / symbols / 2);
    this.announcements = Math.min(ANNOUNCEMENTS_MAX, Math.max(2, affordable));
    const liveOrders = liveTarget.reduce((sum, orders) => sum + orders, 0);
    // Four spins at the start, two crosses of about two messages each, and the deletes at the end.
    const fixed = symbols * (4 + 4 + 2 * this.announcements) + liveOrders;
    const rest = Math.max(0, messages - fixed);
    this.flowMessages = FLOW_SHARES.map((share) => Math.round(rest * share));
    this.planDay();
  }

  /** Time of day of the latest message, ns since midnight in New York. */
  get nowNs(): number {
    return this.writer.nowNs;
  }

  /** How many messages there have been. */
  get messages(): number {
    return this.writer.messages;
  }

  /** Whether the day is over: `S` `C` has been sent. */
  get finished(): boolean {
    return this.dueNs() === Number.POSITIVE_INFINITY;
  }

  /**
   * Sends what comes before the first order: `S` `O`, breaker levels, directory, trading status, short sale
   * restriction and market makers of every instrument, `S` `S`. Need not be called: it is the beginning of the
   * first `step` or `run`. Does nothing later.
   *
   * @returns how many messages there were.
   */
  startOfDay(): number {
    const before = this.writer.messages;
    while (!this.started) this.advance();
    this.clockNs = Math.max(this.clockNs, this.writer.nowNs);
    return this.writer.messages - before;
  }

  /**
   * Lets simulated time pass and sends all that falls in it.
   *
   * @param ns nanoseconds, not negative.
   * @returns how many messages there were.
   */
  step(ns: number): number {
    const before = this.writer.messages;
    this.clockNs += ns;
    while (this.dueNs() <= this.clockNs) this.advance();
    return this.writer.messages - before;
  }

  /**
   * Sends at least so many messages, and no more than belong to the last event (an order that takes many others,
   * say); fewer at the end of the day only. Time passes as it must.
   *
   * @returns how many messages there were; 0 when the day is over.
   */
  run(messages: number): number {
    const before = this.writer.messages;
    const end = before + messages;
    while (this.writer.messages < end && !this.finished) this.advance();
    this.clockNs = Math.max(this.clockNs, this.writer.nowNs);
    return this.writer.messages - before;
  }

  /** When the next thing happens. */
  private dueNs(): number {
    return this.spin !== undefined ? this.nextSpinNs : Math.min(this.agenda.nextNs, this.nextFlowNs);
  }

  /** Does the next thing. */
  private advance(): void {
    this.writer.nowNs = Math.max(this.writer.nowNs, this.dueNs());
    if (this.spin !== undefined) this.spinOn(this.spin);
    else if (this.agenda.nextNs <= this.nextFlowNs) this.agenda.take()!();
    else {
      const before = this.writer.messages;
      const instrument = this.activity.draw(this.random);
      this.flow.act(instrument, this.modes[instrument] as Mode);
      // An event that says nothing counts as a message, so that the flow ends even where everything is halted.
      if (this.writer.messages === before) this.flowEndMessages--;
      this.planFlow();
    }
  }

  // --- Spins ---------------------------------------------------------------------------------------------

  /** @param what does it for one instrument; true when there is no more to do for that one. */
  private startSpin(what: (instrument: number) => boolean): void {
    this.spin = what;
    this.spinAt = 0;
    this.nextSpinNs = this.writer.nowNs;
  }

  private spinOn(what: (instrument: number) => boolean): void {
    if (what(this.spinAt)) this.spinAt++;
    if (this.spinAt === this.instruments.length) this.spin = undefined;
    this.nextSpinNs = this.writer.nowNs + 200 + this.random.below(2000);
  }

  private enterSpin(ns: number, what: (of: SimulatedInstrument, instrument: number) => void): void {
    this.agenda.enter(ns, () =>
      this.startSpin((instrument) => {
        what(this.instruments[instrument]!, instrument);
        return true;
      }),
    );
  }

  // --- Order flow ----------------------------------------------------------------------------------------

  private startFlow(endNs: number, messages: number): void {
    this.flowEndNs = endNs;
    this.flowEndMessages = this.writer.messages + messages;
    this.planFlow();
  }

  /** Sets the next event's time so that what is left of the messages fills what is left of the time. */
  private planFlow(): void {
    const messages = this.flowEndMessages - this.writer.messages;
    const now = this.writer.nowNs;
    const mean = messages > 0 ? (this.flowEndNs - now) / messages : Number.POSITIVE_INFINITY;
    const stretch = this.random.next() < SHORT_GAPS ? SHORT_GAP : LONG_GAP;
    const next = now + Math.floor(-Math.log(1 - this.random.next()) * stretch * mean);
    this.nextFlowNs = next < this.flowEndNs ? next : Number.POSITIVE_INFINITY;
  }

  private liveTarget(total: number): Float64Array {
    const weights = this.instruments.map(({ activity }) => Math.sqrt(activity));
    const sum = weights.reduce((a, b) => a + b, 0);
    return Float64Array.from(weights, (weight) => Math.max(LIVE_ORDERS_MIN, (total * weight) / sum));
  }

  // --- The day -------------------------------------------------------------------------------------------

  private planDay(): void {
    const { agenda, writer, schedule } = this;
    const [preMarket, market, postMarket] = this.flowMessages as [number, number, number];
    const start = schedule.startOfMessagesNs;
    agenda.enter(start, () => writer.systemEvent('O'));
    agenda.enter(start, () => {
      const level = (percent: number): number => INDEX_CLOSE * (1 - percent / 100);
      writer.breakerLevels(level(7), level(13), level(20));
    });
    this.enterSpin(start, (of) => writer.directory(of));
    this.enterSpin(start, (of, instrument) => {
      const isNew = of.directory.ipoFlag === 'Y';
      if (isNew) this.modes[instrument] = Mode.STILL;
      writer.tradingAction(of, isNew ? 'H' : 'T', isNew ? 'IPO1' : '');
    });
    this.enterSpin(start, (of) => writer.regSho(of, this.random.next() < 0.01 ? '2' : '0'));
    this.enterSpin(start, (of) => writer.participant(of, this.drawParticipant(), this.random.next() < 0.7, 'A'));
    agenda.enter(schedule.systemHoursNs, () => {
      writer.systemEvent('S');
      this.started = true;
      this.startFlow(schedule.marketOpenNs, preMarket);
    });
    const preMarketNs = schedule.marketOpenNs - schedule.systemHoursNs;
    const regularNs = schedule.marketCloseNs - schedule.marketOpenNs;
    this.planAnnouncements(schedule.marketOpenNs, Math.min(5 * MINUTE, preMarketNs / 5), 'O');
    agenda.enter(schedule.marketOpenNs, () => writer.systemEvent('Q'));
    this.planCrosses(schedule.marketOpenNs, 'O');
    agenda.enter(schedule.marketOpenNs, () => this.startFlow(schedule.marketCloseNs, market));
    this.planIncidents(schedule.marketOpenNs, regularNs);
    this.planAnnouncements(schedule.marketCloseNs, Math.min(10 * MINUTE, regularNs / 10), 'C');
    agenda.enter(schedule.marketCloseNs, () => writer.systemEvent('M'));
    this.planCrosses(schedule.marketCloseNs, 'C');
    agenda.enter(schedule.marketCloseNs, () => this.startFlow(schedule.systemCloseNs, postMarket));
    agenda.enter(schedule.systemCloseNs, () => writer.systemEvent('E'));
    agenda.enter(schedule.systemCloseNs, () =>
      this.startSpin((instrument) => {
        const live = this.market.engine.live[instrument]!;
        if (live.length > 0) this.market.delete(instrument, live[live.length - 1]!);
        return live.length === 0;
      }),
    );
    agenda.enter(schedule.endOfMessagesNs, () => writer.systemEvent('C'));
  }

  /** Imbalances of all instruments, evenly over the `lengthNs` before a cross. */
  private planAnnouncements(crossNs: number, lengthNs: number, type: CrossType): void {
    for (let i = 0; i < this.announcements; i++) {
      const ns = crossNs - lengthNs + Math.floor((lengthNs * i) / this.announcements);
      this.enterSpin(Math.max(this.schedule.systemHoursNs, ns), (_, instrument) => {
        if (this.modes[instrument] === Mode.TRADE) this.market.announceCross(instrument, type);
      });
    }
  }

  private planCrosses(ns: number, type: CrossType): void {
    this.enterSpin(ns, (_, instrument) => {
      if (this.modes[instrument] === Mode.TRADE) this.market.cross(instrument, type);
    });
  }

  /** What befalls single instruments in market hours: at random times, fewer or more with their number. */
  private planIncidents(openNs: number, regularNs: number): void {
    const { agenda, writer, random } = this;
    const symbols = this.instruments.length;
    const lengthNs = Math.min(5 * MINUTE, Math.floor(regularNs / 50));
    const some = (each: number, what: (instrument: number) => void): void => {
      for (let i = 0; i < Math.max(1, Math.round(symbols / each)); i++) {
        const ns = openNs + Math.floor(regularNs * (0.02 + 0.75 * random.next()));
        agenda.enter(ns, () => what(this.activity.draw(random)));
      }
    };
    some(60, (instrument) => this.halt(instrument, 'H', lengthNs));
    some(40, (instrument) => this.halt(instrument, 'P', lengthNs));
    some(150, (instrument) => this.haltHere(instrument, lengthNs));
    some(60, (instrument) => writer.regSho(this.instruments[instrument]!, '1'));
    some(10, (instrument) => {
      const state = random.next() < 0.5 ? 'E' : 'A';
      writer.participant(this.instruments[instrument]!, this.drawParticipant(), random.next() < 0.7, state);
    });
    let issues = 0;
    this.instruments.forEach((of, instrument) => {
      if (of.directory.ipoFlag !== 'Y') return;
      const releaseNs = openNs + Math.floor(regularNs * (0.1 + 0.05 * issues));
      agenda.enter(releaseNs - lengthNs, () => this.quoteNewIssue(instrument, releaseNs));
      // The second new issue is a direct listing.
      for (let i = 1; i < 10; i++) {
        const ns = releaseNs - Math.floor((lengthNs * (10 - i)) / 10);
        const direct = issues > 0;
        agenda.enter(ns, () =>
          direct ? this.announceListing(instrument) : this.market.announceCross(instrument, 'H'),
        );
      }
      agenda.enter(releaseNs, () => this.resume(instrument, ''));
      issues++;
    });
  }

  private drawParticipant(): string {
    return PARTICIPANTS[this.random.below(PARTICIPANTS.length)]!;
  }

  /** A halt for news (`H`) or a limit-up-limit-down pause (`P`), the quotation period after it, and the cross. */
  private halt(instrument: number, state: 'H' | 'P', lengthNs: number): void {
    if (this.modes[instrument] !== Mode.TRADE) return;
    const { agenda, writer } = this;
    const of = this.instruments[instrument]!;
    const startNs = writer.nowNs;
    this.modes[instrument] = Mode.WITHDRAW;
    writer.tradingAction(of, state, state === 'H' ? 'T1' : 'LUDP');
    agenda.enter(startNs + lengthNs, () => {
      this.modes[instrument] = Mode.QUOTE;
      writer.tradingAction(of, 'Q', state === 'H' ? 'T3' : 'T7');
      if (state === 'P') this.collar(instrument);
    });
    for (let i = 1; i < 10; i++) {
      const ns = startNs + lengthNs + Math.floor((lengthNs * i) / 10);
      agenda.enter(ns, () => this.market.announceCross(instrument, 'H'));
    }
    agenda.enter(startNs + 2 * lengthNs, () => this.resume(instrument, state === 'H' ? 'T3' : ''));
  }

  private resume(instrument: number, reason: string): void {
    this.market.cross(instrument, 'H');
    this.modes[instrument] = Mode.TRADE;
    this.writer.tradingAction(this.instruments[instrument]!, 'T', reason);
  }

  /** A halt on this exchange alone. */
  private haltHere(instrument: number, lengthNs: number): void {
    if (this.modes[instrument] !== Mode.TRADE) return;
    const of = this.instruments[instrument]!;
    this.modes[instrument] = Mode.STILL;
    this.writer.operationalHalt(of, 'H');
    this.agenda.enter(this.writer.nowNs + lengthNs, () => {
      this.modes[instrument] = Mode.TRADE;
      this.writer.operationalHalt(of, 'T');
    });
  }

  private quoteNewIssue(instrument: number, releaseNs: number): void {
    const of = this.instruments[instrument]!;
    this.modes[instrument] = Mode.QUOTE;
    this.writer.tradingAction(of, 'Q', 'IPOQ');
    this.writer.ipoQuoting(of, Math.floor(releaseNs / SECOND), of.startCents * 100);
  }

  private collar(instrument: number): void {
    const of = this.instruments[instrument]!;
    const reference = this.market.price(instrument, this.market.startTick(instrument));
    const width = Math.ceil(reference / 2000) * 100;
    this.writer.collar(of, reference, reference + width, reference - width);
  }

  private announceListing(instrument: number): void {
    const of = this.instruments[instrument]!;
    const price = of.startCents * 100;
    const listing: DirectListing = {
      stock: of.stock,
      openEligibilityStatus: 'N',
      minimumAllowablePrice: Math.floor(of.startCents * 0.8) * 100,
      maximumAllowablePrice: Math.floor(of.startCents * 1.8) * 100,
      nearExecutionPrice: price,
      nearExecutionTime: this.writer.nowNs,
      lowerPriceRangeCollar: Math.floor(of.startCents * 0.9) * 100,
      upperPriceRangeCollar: Math.ceil(of.startCents * 1.1) * 100,
    };
    this.writer.directListing(of, listing);
  }
}
