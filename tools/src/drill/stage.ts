import { errorMessage, TickerError } from '@tickerplant/core';
import type { Floor } from '@tickerplant/floor';
import type { Role, Runner } from '../bench/runner.ts';
import { askControl } from '../control.ts';
import type { Cabling } from './cabling.ts';
import type { Fleet } from './fleet.ts';
import { type DrillOptions, type DrillReport, type Receipt, Times } from './report.ts';
import type { ObserverReport, ObserverRole } from './roles/observer.ts';
import type { PairWatch } from './watch.ts';

/** The pairs of a floor. */
export type PairRole = 'handler' | 'plant';

export interface StageParts {
  readonly options: DrillOptions;
  readonly floor: Floor;
  /** Path of the floor file, and of the vendor's view of it. */
  readonly path: string;
  readonly vendorPath: string;
  readonly fleet: Fleet;
  /** Starts roles where subscribers are. */
  readonly runner: Runner;
  readonly watch: PairWatch;
  readonly cabling: Cabling | undefined;
}

const VENDOR = 'vendor/exchange';
/** The simulated day outlasts the drill: a new one begins a new epoch, which is not what is practised. */
const DAY_SECONDS = 6 * 3600;
const SETTLE_MS = 60_000;
/** What has just come up, or come back, is left alone for so long. */
const WARM_UP_MS = 1_000;
/** How long the last messages may take to everybody; and how long at most. */
const DRAIN_MS = 1_000;
const DRAIN_MAX_MS = 10_000;

/** A floor of pairs as real processes with a subscriber, and what was found out in a drill on it. */
export class Stage {
  readonly options: DrillOptions;
  readonly floor: Floor;
  readonly fleet: Fleet;
  readonly runner: Runner;
  readonly watch: PairWatch;
  readonly path: string;
  readonly vendorPath: string;
  readonly detection: Times = new Times();
  readonly promotion: Times = new Times();
  readonly firstPacket: Times = new Times();
  readonly gap: Times = new Times();
  readonly stale: Times = new Times();
  readonly live: Times = new Times();
  /** Blows so far. */
  round = 0;
  /** Takeovers that they were meant to bring about. */
  asked = 0;
  readonly #cabling: Cabling | undefined;
  readonly #failures: string[] = [];
  readonly #receipts: Receipt[] = [];
  readonly #doubts: Record<string, number> = {};
  #observer: Role<ObserverRole> | undefined;
  #first: ObserverReport | undefined;
  #startedMs = 0;
  /** Terms of both pairs before the first blow. */
  #terms = 0;

  constructor(parts: StageParts) {
    this.options = parts.options;
    this.floor = parts.floor;
    this.fleet = parts.fleet;
    this.runner = parts.runner;
    this.watch = parts.watch;
    this.path = parts.path;
    this.vendorPath = parts.vendorPath;
    this.#cabling = parts.cabling;
  }

  /** Names on the status groups of all members of both pairs. */
  get members(): string[] {
    return [
      ...this.floor.plants.map(({ name }) => `plant/${name}`),
      ...this.floor.feeds.flatMap(({ members }) => members.map(({ name }) => `handler/${name}`)),
    ];
  }

  get receipts(): readonly Receipt[] {
    return this.#receipts;
  }

  /** The subscriber. */
  get observer(): Role<ObserverRole> {
    return this.#observer!;
  }

  /** Starts everything, and waits until it works. @throws TickerError `DRILL_NOT_READY` */
  async open(): Promise<void> {
    const { say } = this.options;
    await this.watch.open(this.floor, (error) => say(errorMessage(error)));
    for (const kind of ['plant/', 'handler/']) {
      await Promise.all(this.members.filter((name) => name.startsWith(kind)).map((name) => this.start(name)));
    }
    await this.start(VENDOR);
    await this.settle();
    for (const name of [...this.members, VENDOR]) this.fleet.prefer(name);
    this.#observer = await this.#newObserver();
    this.#observer.prefer();
    await pause(WARM_UP_MS);
    this.#first = await this.observe();
    this.#startedMs = Date.now();
    this.#terms = this.#termSum();
    say(`a subscriber gets ${this.#first.items} items`);
  }

  /** Starts one process: `plant/p1`, `handler/itch-2`, `vendor/exchange`. @throws TickerError `DRILL_NOT_READY` */
  start(name: string): Promise<void> {
    const [kind, own] = name.split('/') as [string, string];
    const path = name === VENDOR ? this.vendorPath : this.path;
    const launcher = this.#cabling?.launcher(own) ?? [];
    const day = name === VENDOR ? ['--messages', String(this.options.rate * DAY_SECONDS)] : [];
    return this.fleet.start(name, [kind === 'handler' ? 'feed' : kind, path, own, ...day], launcher);
  }

  /** Waits until both pairs have one primary and a fit standby. @throws TickerError `DRILL_NOT_READY` */
  settle(): Promise<void> {
    return this.expect('both pairs to have one primary and a fit standby', () => {
      return (
        this.watch.primaries('plant').length === 1 &&
        this.watch.primaries('handler').length === 1 &&
        this.members.every((name) => this.watch.of(name)?.fit === true)
      );
    });
  }

  /** A while in which nothing is done, after which all is well. @throws TickerError `DRILL_NOT_READY` */
  async rest(): Promise<void> {
    await pause(this.options.pauseMs * (1 + Math.random()));
    // A member may just have been held up, and be late: that is another exercise.
    await this.settle();
  }

  /** What the subscriber has seen since the last time. */
  async observe(): Promise<ObserverReport> {
    const report = await this.observer.call('report');
    for (const [reason, count] of Object.entries(report.doubts)) {
      this.#doubts[reason] = (this.#doubts[reason] ?? 0) + count;
    }
    return report;
  }

  /** A takeover. @param atMs of the blow, milliseconds since 1970 */
  async noteTakeover(by: string, atMs: number): Promise<Receipt | undefined> {
    const state = JSON.parse(await askControl(this.controlOf(by), 'status')) as { receipts: Receipt[] };
    const receipt = state.receipts.at(-1);
    if (receipt === undefined) {
      this.fail(`no receipt of ${by}`);
      return undefined;
    }
    this.#receipts.push(receipt);
    const promotedMs = toMs(receipt.promotedNs);
    this.detection.add(promotedMs - atMs);
    if (receipt.lastHeartbeatNs !== null) this.promotion.add(promotedMs - toMs(receipt.lastHeartbeatNs));
    if (receipt.firstPacketNs !== null) this.firstPacket.add(toMs(receipt.firstPacketNs) - atMs);
    return receipt;
  }

  /**
   * Ends the vendor's day and compares what everybody has come to.
   *
   * @param kills how many blows there were.
   */
  async finish(kills: number): Promise<DrillReport> {
    const { what, blow, liveLive, loss, heartbeatMs, takeoverAfterMs } = this.options;
    const first = this.#first!;
    // Who has not caught up could not any more: the vendor's end is also that of its repair. That a member is behind shows
    // after a while only.
    await pause(WARM_UP_MS);
    await this.settle();
    const last = await this.observe();
    const seconds = (Date.now() - this.#startedMs) / 1_000;
    const needless = this.#termSum() - this.#terms - this.asked;
    if (Object.keys(last.doubtful).length > 0) {
      this.fail(`items in doubt at the end: ${JSON.stringify(last.doubtful)}`);
    }
    await this.fleet.end(VENDOR, 'SIGTERM');
    let end = await this.observe();
    let differences: string[];
    const untilMs = Date.now() + DRAIN_MAX_MS;
    do {
      await pause(DRAIN_MS);
      end = await this.observe();
      differences = await this.#differences(end);
    } while (differences.length > 0 && Date.now() < untilMs);
    for (const difference of differences) this.fail(difference);
    await this.#compareValues();
    if (end.lost + end.duplicated + end.outOfOrder > 0) {
      this.fail(`lost ${end.lost}, delivered twice ${end.duplicated}, out of order ${end.outOfOrder}`);
    }
    return {
      kills,
      what,
      blow: what === 'line' || what === 'network' ? 'cut' : blow,
      liveLive,
      rate: Math.round((last.updates - first.updates) / seconds),
      loss,
      heartbeatMs,
      takeoverAfterMs,
      lost: end.lost,
      duplicated: end.duplicated,
      outOfOrder: end.outOfOrder,
      repaired: end.repaired,
      detectionMs: this.detection.spread(),
      promotionMs: this.promotion.spread(),
      firstPacketMs: this.firstPacket.spread(),
      gapMs: this.gap.spread(),
      staleMs: this.stale.spread(),
      liveMs: this.live.spread(),
      needless,
      doubts: this.#doubts,
      failures: this.#failures,
      receipts: this.#receipts,
    };
  }

  controlOf(name: string): { readonly address: string; readonly port: number } {
    const [, own] = name.split('/');
    const plant = this.floor.plants.find((each) => each.name === own);
    const member = this.floor.feeds.flatMap(({ members }) => members).find((each) => each.name === own);
    return (plant ?? member)!.control!;
  }

  fail(text: string): void {
    this.#failures.push(text);
    this.options.say(`FAILED: ${text}`);
  }

  /** Waits for something that heartbeats show. @throws TickerError `DRILL_NOT_READY` */
  async expect(what: string, holds: () => boolean): Promise<void> {
    if (await this.watch.until(holds, SETTLE_MS)) return;
    const states = this.members.map((name) => {
      const beat = this.watch.of(name);
      return `${name} ${beat === undefined ? 'not heard' : `${beat.state}, fit ${beat.fit}, term ${beat.term}`}`;
    });
    throw new TickerError('DRILL_NOT_READY', `expected ${what} within ${SETTLE_MS / 1000} s; ${states.join('; ')}`);
  }

  async #newObserver(): Promise<Role<ObserverRole>> {
    const observer = await this.runner.start<ObserverRole>('observer');
    await observer.call('open', { floor: this.path });
    return observer;
  }

  /** Who has not come to the same numbers as the subscriber. */
  async #differences(seen: ObserverReport): Promise<string[]> {
    const differences: string[] = [];
    for (const name of this.members) {
      const state = JSON.parse(await askControl(this.controlOf(name), 'status')) as {
        channels: { name: string; next: number }[];
      };
      for (const { name: channel, next } of state.channels) {
        if (next === seen.next[channel]) continue;
        differences.push(`${name} is at ${next} of ${channel}, the subscriber at ${seen.next[channel]}`);
      }
    }
    return differences;
  }

  /** One who subscribes now must get the values that the subscriber holds. */
  async #compareValues(): Promise<void> {
    const newcomer = await this.#newObserver();
    const [held, had] = [await this.observer.call('digest'), await newcomer.call('digest')];
    if (held !== had) this.fail(`the subscriber holds ${held}, one who comes now gets ${had}`);
  }

  #termSum(): number {
    const term = (role: PairRole): number => this.watch.of(this.watch.primary(role) ?? '')?.term ?? 0;
    return term('handler') + term('plant');
  }
}

function toMs(ns: string): number {
  return Number(BigInt(ns) / 1_000n) / 1_000;
}

/** The time now, milliseconds since 1970, with their fractions. */
export function wallMs(): number {
  return performance.timeOrigin + performance.now();
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
