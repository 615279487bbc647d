import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { errorMessage, TickerError } from '@tickerplant/core';
import type { Floor } from '@tickerplant/floor';
import { LatencyHistogram } from '@tickerplant/telemetry';
import { Runner } from '../bench/runner.ts';
import { askControl, askDuty } from '../control.ts';
import { readFloor } from '../floors.ts';
import { drillFloorText } from './drill-floor.ts';
import { Fleet } from './fleet.ts';
import type { ObserverReport, ObserverRole } from './roles/observer.ts';
import { PairWatch } from './watch.ts';

/** What is done to the primary. */
export type Blow = 'kill' | 'stop' | 'handover' | 'restart';

export interface DrillOptions {
  readonly what: 'handler' | 'plant';
  readonly blow: Blow;
  readonly kills: number;
  /** Updates a second. */
  readonly rate: number;
  readonly heartbeatMs: number;
  readonly takeoverAfterMs: number;
  readonly symbols: number;
  /** Both plants publish, each on groups of its own. */
  readonly liveLive: boolean;
  /** Share of the datagrams that every process loses on each of its multicast sockets. */
  readonly loss: number;
  /** Least time from when the pairs are whole again to the next blow, ms; at most twice as much. */
  readonly pauseMs: number;
  /** How long a stopped process is stopped, ms. */
  readonly stopMs: number;
  /** Keep the floor file and the logs, and say where they are. */
  readonly keep: boolean;
  /** What is going on. */
  readonly say: (text: string) => void;
}

interface Spread {
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

/** What `ticker drill --json` prints. Times in milliseconds. */
export interface DrillReport {
  readonly kills: number;
  readonly what: string;
  readonly blow: Blow;
  readonly liveLive: boolean;
  /** Updates a second that the subscriber got. */
  readonly rate: number;
  readonly loss: number;
  readonly heartbeatMs: number;
  readonly takeoverAfterMs: number;
  readonly lost: number;
  readonly duplicated: number;
  readonly outOfOrder: number;
  /** Messages that the subscriber had to ask for. */
  readonly repaired: number;
  /** From the blow to the standby's decision. */
  readonly detectionMs: Spread;
  /** From the primary's last heartbeat, as the standby heard it, to its decision. */
  readonly promotionMs: Spread;
  /** From the blow to the first packet of the new primary. */
  readonly firstPacketMs: Spread;
  /** Longest time between two updates at the subscriber, around each blow. */
  readonly gapMs: Spread;
  /** Takeovers of either pair that no blow had asked for. */
  readonly needless: number;
  /** Times that an item at the subscriber ceased to be LIVE, by reason. */
  readonly doubts: Readonly<Record<string, number>>;
  /** What is not as it should be. */
  readonly failures: readonly string[];
  readonly receipts: readonly Receipt[];
}

interface Receipt {
  readonly member: string;
  readonly from: string | null;
  readonly term: number;
  readonly reason: string;
  readonly lastHeartbeatNs: string | null;
  readonly promotedNs: string;
  readonly firstPacketNs: string | null;
  readonly gapMs: number | null;
}

/** Updates of records and depth for each vendor message of the simulator. */
const UPDATES_A_MESSAGE = 1.27;
const SETTLE_MS = 60_000;
const AFTER_MS = 150;
const LOSSY_SOCKETS = pathToFileURL(join(import.meta.dirname, 'lossy-sockets.js')).href;

/**
 * Runs a floor of pairs as real processes, strikes the primary of one pair again and again, and tells what a subscriber
 * noticed.
 *
 * @throws TickerError `DRILL_NOT_READY`: the floor did not come up, or a pair did not recover.
 */
export async function drill(options: DrillOptions): Promise<DrillReport> {
  const folder = mkdtempSync(join(tmpdir(), 'ticker-drill-'));
  const path = join(folder, 'floor.yaml');
  const { rate, heartbeatMs, takeoverAfterMs, symbols, loss, liveLive } = options;
  writeFileSync(
    path,
    await drillFloorText({
      rate: Math.round(rate / UPDATES_A_MESSAGE),
      heartbeatMs,
      takeoverAfterMs,
      symbols,
      liveLive,
    }),
  );
  const lossy = loss > 0 ? ['--import', LOSSY_SOCKETS] : [];
  const env = { TICKER_DRILL_LOSS: String(loss) };
  const fleet = new Fleet(join(folder, 'processes.log'), lossy, env);
  Object.assign(process.env, env);
  const runner = new Runner(lossy, new URL('./roles/', import.meta.url));
  const watch = new PairWatch();
  try {
    return await new Drill(options, path, readFloor(path), fleet, runner, watch).run();
  } finally {
    await runner.close();
    await watch.close();
    await fleet.close();
    if (options.keep) options.say(`the floor file and the logs are in ${folder}`);
    else rmSync(folder, { recursive: true, force: true });
  }
}

class Drill {
  readonly #options: DrillOptions;
  readonly #path: string;
  readonly #floor: Floor;
  readonly #fleet: Fleet;
  readonly #runner: Runner;
  readonly #watch: PairWatch;
  readonly #failures: string[] = [];
  readonly #receipts: Receipt[] = [];
  readonly #doubts: Record<string, number> = {};
  readonly #detection = new Times();
  readonly #promotion = new Times();
  readonly #firstPacket = new Times();
  readonly #gap = new Times();
  /** Terms of both pairs before the first blow. */
  #terms = 0;

  constructor(options: DrillOptions, path: string, floor: Floor, fleet: Fleet, runner: Runner, watch: PairWatch) {
    this.#options = options;
    this.#path = path;
    this.#floor = floor;
    this.#fleet = fleet;
    this.#runner = runner;
    this.#watch = watch;
  }

  async run(): Promise<DrillReport> {
    const options = this.#options;
    const { kills, what, blow, liveLive, loss, heartbeatMs, takeoverAfterMs, say } = options;
    await this.#watch.open(this.#floor, (error) => say(errorMessage(error)));
    for (const kind of ['plant/', 'handler/']) {
      await Promise.all(
        this.#members()
          .filter((name) => name.startsWith(kind))
          .map((name) => this.#start(name)),
      );
    }
    await this.#start('vendor/exchange');
    await this.#expect('both pairs to have a primary and a fit standby', () => this.#ready());
    for (const name of [...this.#members(), 'vendor/exchange']) this.#fleet.prefer(name);
    const observer = await this.#runner.start<ObserverRole>('observer');
    observer.prefer();
    await observer.call('open', { floor: this.#path });
    await pause(1_000);
    const first = await observer.call('report');
    const startedMs = Date.now();
    this.#terms = this.#termSum();
    say(`a subscriber gets ${first.items} items; ${kills} blows to the primary ${what}: ${blow}`);
    for (let round = 1; round <= kills; round++) {
      await pause(options.pauseMs * (1 + Math.random()));
      // A member may just have been held up, and be late: that is another exercise.
      await this.#expect('both pairs to have a primary and a fit standby', () => this.#ready());
      const before = this.#watch.primary(what)!;
      await observer.call('report');
      const atMs = await this.#strike(before);
      await this.#expect(`another ${what} to become primary`, () => {
        const now = this.#watch.primary(what);
        return now !== undefined && now !== before;
      });
      const now = this.#watch.primary(what)!;
      await pause(AFTER_MS);
      const report = await observer.call('report');
      await this.#note(now, atMs, report, round);
      await this.#bringBack(before);
    }
    const last = await observer.call('report');
    const seconds = (Date.now() - startedMs) / 1_000;
    await this.#compareEnds(() => observer.call('report'));
    const end = await observer.call('report');
    const needless = this.#termSum() - this.#terms - kills;
    if (end.lost + end.duplicated + end.outOfOrder > 0) {
      this.#fail(`lost ${end.lost}, delivered twice ${end.duplicated}, out of order ${end.outOfOrder}`);
    }
    return {
      kills,
      what,
      blow,
      liveLive,
      rate: Math.round((last.updates - first.updates) / seconds),
      loss,
      heartbeatMs,
      takeoverAfterMs,
      lost: end.lost,
      duplicated: end.duplicated,
      outOfOrder: end.outOfOrder,
      repaired: end.repaired,
      detectionMs: this.#detection.spread(),
      promotionMs: this.#promotion.spread(),
      firstPacketMs: this.#firstPacket.spread(),
      gapMs: this.#gap.spread(),
      needless,
      doubts: this.#doubts,
      failures: this.#failures,
      receipts: this.#receipts,
    };
  }

  /** Names on the status groups of all members of both pairs. */
  #members(): string[] {
    return [
      ...this.#floor.plants.map(({ name }) => `plant/${name}`),
      ...this.#floor.feeds.flatMap(({ members }) => members.map(({ name }) => `handler/${name}`)),
    ];
  }

  #start(name: string): Promise<void> {
    const [kind, own] = name.split('/') as [string, string];
    return this.#fleet.start(name, [kind === 'handler' ? 'feed' : kind, this.#path, own]);
  }

  #ready(): boolean {
    return (
      this.#watch.primary('plant') !== undefined &&
      this.#watch.primary('handler') !== undefined &&
      this.#members().every((name) => this.#watch.of(name)?.fit === true)
    );
  }

  #termSum(): number {
    const term = (role: 'handler' | 'plant'): number => this.#watch.of(this.#watch.primary(role) ?? '')?.term ?? 0;
    return term('handler') + term('plant');
  }

  /** @returns when, in milliseconds since 1970. */
  async #strike(name: string): Promise<number> {
    const atMs = performance.timeOrigin + performance.now();
    switch (this.#options.blow) {
      case 'kill':
        void this.#fleet.end(name, 'SIGKILL');
        break;
      case 'restart':
        void this.#fleet.end(name, 'SIGTERM');
        break;
      case 'stop':
        this.#fleet.signal(name, 'SIGSTOP');
        setTimeout(() => this.#fleet.signal(name, 'SIGCONT'), this.#options.stopMs);
        break;
      case 'handover':
        await askDuty(this.#controlOf(name), this.#floor.key, 'hand-over');
        break;
    }
    return atMs;
  }

  async #bringBack(name: string): Promise<void> {
    const { blow, stopMs } = this.#options;
    if (blow === 'stop') await pause(stopMs);
    if (blow === 'kill' || blow === 'restart') {
      this.#watch.forget(name);
      await this.#fleet.end(name, 'SIGKILL');
      await this.#start(name);
    }
    await this.#expect(`${name} to be fit again`, () => this.#ready());
    this.#fleet.prefer(name);
  }

  /** What a blow has done. */
  async #note(now: string, atMs: number, report: ObserverReport, round: number): Promise<void> {
    this.#gap.add(report.gapMs);
    for (const [reason, count] of Object.entries(report.doubts))
      this.#doubts[reason] = (this.#doubts[reason] ?? 0) + count;
    const state = JSON.parse(await askControl(this.#controlOf(now), 'status')) as { receipts: Receipt[] };
    const receipt = state.receipts.at(-1);
    if (receipt === undefined) {
      this.#fail(`no receipt of ${now} after blow ${round}`);
      return;
    }
    this.#receipts.push(receipt);
    const promotedMs = toMs(receipt.promotedNs);
    this.#detection.add(promotedMs - atMs);
    if (receipt.lastHeartbeatNs !== null) this.#promotion.add(promotedMs - toMs(receipt.lastHeartbeatNs));
    if (receipt.firstPacketNs !== null) this.#firstPacket.add(toMs(receipt.firstPacketNs) - atMs);
    this.#options.say(
      `${round}: ${now} for ${receipt.from ?? 'nobody'} (${receipt.reason}), the subscriber waited ${report.gapMs.toFixed(1)} ms, ` +
        `lost ${report.lost}`,
    );
  }

  /** After the vendor's end everybody has come to the same numbers, and nothing is in doubt. */
  async #compareEnds(observe: () => Promise<ObserverReport>): Promise<void> {
    await this.#fleet.end('vendor/exchange', 'SIGTERM');
    await pause(1_000);
    const seen = await observe();
    if (Object.keys(seen.doubtful).length > 0)
      this.#fail(`items in doubt at the end: ${JSON.stringify(seen.doubtful)}`);
    for (const name of this.#members()) {
      const state = JSON.parse(await askControl(this.#controlOf(name), 'status')) as {
        channels: { name: string; next: number }[];
      };
      for (const { name: channel, next } of state.channels) {
        if (next !== seen.next[channel])
          this.#fail(`${name} is at ${next} of ${channel}, the subscriber at ${seen.next[channel]}`);
      }
    }
  }

  #controlOf(name: string): { readonly address: string; readonly port: number } {
    const [, own] = name.split('/');
    const plant = this.#floor.plants.find((each) => each.name === own);
    const member = this.#floor.feeds.flatMap(({ members }) => members).find((each) => each.name === own);
    return (plant ?? member)!.control!;
  }

  #fail(text: string): void {
    this.#failures.push(text);
    this.#options.say(`FAILED: ${text}`);
  }

  async #expect(what: string, holds: () => boolean): Promise<void> {
    if (await this.#watch.until(holds, SETTLE_MS)) return;
    const states = this.#members().map((name) => {
      const beat = this.#watch.of(name);
      return `${name} ${beat === undefined ? 'not heard' : `${beat.state}, fit ${beat.fit}, term ${beat.term}`}`;
    });
    throw new TickerError('DRILL_NOT_READY', `expected ${what} within ${SETTLE_MS / 1000} s; ${states.join('; ')}`);
  }
}

/** Milliseconds, to be summed up. */
class Times {
  readonly #histogram = new LatencyHistogram();

  add(ms: number): void {
    this.#histogram.record(ms * 1e6);
  }

  spread(): Spread {
    const { p50, p99, max } = this.#histogram.summary();
    const ms = (ns: number): number => Math.round(ns / 1e4) / 100;
    return { p50: ms(p50), p99: ms(p99), max: ms(max) };
  }
}

function toMs(ns: string): number {
  return Number(BigInt(ns) / 1_000n) / 1_000;
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
