import { LatencyHistogram } from '@tickerplant/telemetry';

/** What is struck: the primary of a pair, the vendor's lines, or cables between hosts. */
export type DrillSubject = 'handler' | 'plant' | 'line' | 'network';

/** What is done to the primary of a pair. */
export type Blow = 'kill' | 'stop' | 'handover' | 'restart';

export interface DrillOptions {
  readonly what: DrillSubject;
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
  /** Least time from when all is whole again to the next blow, ms; at most twice as much. */
  readonly pauseMs: number;
  /** How long a stopped process is stopped, and a line or a cable is cut, ms. */
  readonly stopMs: number;
  /** Keep the floor file and the logs, and say where they are. */
  readonly keep: boolean;
  /** Show a quote board and how the drill goes, on the terminal. */
  readonly board: boolean;
  /** What is going on. */
  readonly say: (text: string) => void;
}

export interface Spread {
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

/** What `ticker drill --json` prints. Times in milliseconds; undefined where nothing of the kind was measured. */
export interface DrillReport {
  readonly kills: number;
  readonly what: DrillSubject;
  readonly blow: Blow | 'cut';
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
  /** From the blow to the standby's decision; of a line: to the handlers' word that it is silent. */
  readonly detectionMs: Spread | undefined;
  /** From the primary's last heartbeat, as the standby heard it, to its decision. */
  readonly promotionMs: Spread | undefined;
  /** From the blow to the first packet of the new primary. */
  readonly firstPacketMs: Spread | undefined;
  /** Longest time between two updates at the subscriber, around each blow that ought not to stop them. */
  readonly gapMs: Spread | undefined;
  /** Where the subscriber had to notice: from the blow to the first item that ceased to be LIVE. */
  readonly staleMs: Spread | undefined;
  /** The same: from the repair to the last item that was LIVE again. */
  readonly liveMs: Spread | undefined;
  /** Takeovers of either pair that no blow had asked for. */
  readonly needless: number;
  /** Times that an item at the subscriber ceased to be LIVE, by reason. */
  readonly doubts: Readonly<Record<string, number>>;
  /** What is not as it should be. */
  readonly failures: readonly string[];
  readonly receipts: readonly Receipt[];
}

/** Of a takeover, as a process's status has it. */
export interface Receipt {
  readonly member: string;
  readonly from: string | null;
  readonly term: number;
  readonly reason: string;
  readonly lastHeartbeatNs: string | null;
  readonly promotedNs: string;
  readonly firstPacketNs: string | null;
  readonly gapMs: number | null;
}

/** Milliseconds, to be summed up. */
export class Times {
  readonly #histogram = new LatencyHistogram();
  #empty = true;

  add(ms: number): void {
    this.#empty = false;
    this.#histogram.record(ms * 1e6);
  }

  spread(): Spread | undefined {
    if (this.#empty) return undefined;
    const { p50, p99, max } = this.#histogram.summary();
    const ms = (ns: number): number => Math.round(ns / 1e4) / 100;
    return { p50: ms(p50), p99: ms(p99), max: ms(max) };
  }
}

/** A report for people. */
export function reportText(report: DrillReport): string {
  const { kills, what, blow, liveLive, rate, loss, lost, duplicated, outOfOrder, repaired, needless } = report;
  const row = (label: string, spread: Spread | undefined): string[] => {
    if (spread === undefined) return [];
    const [half, most, worst] = [spread.p50, spread.p99, spread.max].map((ms) => ms.toFixed(1).padStart(8));
    return [`  ${label.padEnd(38)} ${half} ${most} ${worst} ms`];
  };
  const struck = blow === 'cut' ? `${kills} cuts of ${what === 'line' ? 'vendor lines' : 'cables'}` : undefined;
  return [
    `${struck ?? `${kills} × ${blow} of the primary ${what}${liveLive ? ', live-live,' : ''}`} at ${rate} updates/s, ${loss * 100} % of the datagrams lost`,
    `  lost ${lost}, delivered twice ${duplicated}, out of order ${outOfOrder}; asked for again ${repaired}`,
    `  takeovers that nobody had asked for: ${needless}`,
    `  ${''.padEnd(38)} ${'half'.padStart(8)} ${'99 %'.padStart(8)} ${'worst'.padStart(8)}`,
    ...row(what === 'line' ? 'cut → the line counts as silent' : 'blow → standby decides', report.detectionMs),
    ...row('last heartbeat → standby decides', report.promotionMs),
    ...row('blow → first packet', report.firstPacketMs),
    ...row('widest gap at a subscriber', report.gapMs),
    ...row('cut off → items cease to be LIVE', report.staleMs),
    ...row('joined again → all items LIVE', report.liveMs),
    ...Object.entries(report.doubts).map(([reason, count]) => `  items that ceased to be LIVE: ${count} (${reason})`),
    ...report.failures.map((failure) => `  FAILED: ${failure}`),
  ].join('\n');
}
