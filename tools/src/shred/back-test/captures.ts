import { TickerError } from '@tickerplant/core';
import type { Plan } from '@tickerplant/shredder';
import type { LineOutput } from '../../output.ts';
import type { CaptureGap, PageHistory } from '../history/page-history.ts';
import { type CaptureResult, readCaptures } from '../history/read-captures.ts';
import { BackTest, type BackTestListener } from './back-test.ts';
import { CapturedTime } from './captured-time.ts';

/** What back-tests are told of the command line. */
export interface CaptureOptions {
  readonly capture: readonly string[];
  /** Subjects of pages. */
  readonly page?: readonly string[];
  readonly store: string;
  readonly today?: string;
  readonly summary?: true;
  readonly json?: true;
}

/** Who hears of a back-test, and prints what there is to say. */
export interface BackTestReport extends BackTestListener {
  /** Nothing more will come from before. */
  settled(untilNs: number): void;
}

/** A test that has been run to its end. */
export interface BackTestResult extends CaptureResult {
  readonly test: BackTest;
  readonly time: CapturedTime;
}

/**
 * Runs versions of a shredder over captures.
 *
 * @param report made when the time of the first packet is known
 * @throws TickerError of the capture package, `SHRED_NO_PACKETS`, `SHRED_NO_PAGE`
 */
export async function backTest<R extends BackTestReport>(
  plans: readonly Plan[],
  today: number | undefined,
  options: CaptureOptions,
  output: LineOutput,
  makeReport: (time: CapturedTime) => R,
): Promise<BackTestResult & { readonly report: R }> {
  let run: { readonly test: BackTest; readonly time: CapturedTime; readonly report: R } | undefined;
  const pages = options.page === undefined ? {} : { pages: options.page };
  const result = await readCaptures(options.capture, {
    start: (start) => {
      const time = new CapturedTime(start);
      const report = makeReport(time);
      const test = new BackTest(
        { plans, utcMs: time.utcMs, ...(today === undefined ? {} : { today }), ...pages },
        report,
      );
      run = { test, time, report };
      return test;
    },
    ready: (history) => {
      run!.report.settled(history.settledNs);
      return output.congested ? output.flush() : undefined;
    },
  });
  run!.report.settled(Number.POSITIVE_INFINITY);
  for (const cut of result.cut) process.stderr.write(`ticker: ${cut}\n`);
  checkPages(plans, options, run!.test, result.history);
  return { ...result, ...run! };
}

/** @throws TickerError `SHRED_NO_PAGE` */
function checkPages(
  plans: readonly Plan[],
  { capture, page }: CaptureOptions,
  test: BackTest,
  history: PageHistory,
): void {
  const tested = new Set(test.tested.map(({ subject }) => subject));
  const missing = page?.filter((subject) => !tested.has(subject)) ?? [];
  if (missing.length === 0 && tested.size > 0) return;
  const wanted =
    page === undefined ? `a page that ${plans[0]!.name} reads, of ${sizeOf(plans[0]!)}` : missing.join(', ');
  const others = test.passedOver.map(([subject, size]) => `${subject} (${size})`);
  const found = others.length === 0 ? 'none' : list(others);
  throw new TickerError(
    'SHRED_NO_PAGE',
    `expected ${wanted} in ${capture.join(', ')}; pages there: ${found}${unnamedText(history)}`,
  );
}

function list(texts: readonly string[]): string {
  return texts.length <= 20 ? texts.join(', ') : `${texts.slice(0, 20).join(', ')} and ${texts.length - 20} more`;
}

function sizeOf({ rows, columns }: Plan): string {
  return `${rows}x${columns}`;
}

function unnamedText({ channels }: PageHistory): string {
  let unnamed = 0;
  for (const channel of channels.values()) unnamed += channel.unnamed.size;
  if (unnamed === 0) return '';
  return `; ${unnamed} pages have no name there: the captures begin after their channels did`;
}

export function gapText({ channel, session, from, to }: CaptureGap): string {
  return `channel ${channel}, session ${session}: messages ${from} to ${to - 1} are not in the captures`;
}

/** What was in the captures, for people. */
export function captureLines({ history, test, untimed }: BackTestResult): string[] {
  const lines: string[] = [];
  const { packets, foreign } = history.counts;
  lines.push(
    `packets   ${packets}, ${foreign} others passed over${untimed === 0 ? '' : `, ${untimed} without a time`}`,
  );
  for (const { id, lines: ways, lost, gaps, unnamed } of history.channels.values()) {
    const heard = ways.map(({ name, counters }) => `${name} ${counters.messages} messages, ${counters.missed} missed`);
    lines.push(`channel   ${id}  ${heard.join('; ')}; lost ${lost} in ${gaps} gaps`);
    if (unnamed.size > 0)
      lines.push(`          ${unnamed.size} pages without a name: the captures begin after the channel did`);
  }
  const { passedOver } = test;
  if (passedOver.length > 0)
    lines.push(`others    ${list(passedOver.map(([subject, size]) => `${subject} (${size})`))}`);
  return lines;
}

/** The same as plain values. */
export function captureJson({ history, test, untimed, cut }: BackTestResult): Record<string, unknown> {
  return {
    ...history.counts,
    untimed,
    cut,
    channels: [...history.channels.values()].map(({ id, lines, lost, gaps, unnamed }) => ({
      channel: id,
      lines: lines.map(({ name, counters }) => ({ line: name, messages: counters.messages, missed: counters.missed })),
      lost,
      gaps,
      unnamed: unnamed.size,
    })),
    passedOver: test.passedOver.map(([page, size]) => ({ page, size })),
  };
}
