import { parseDay } from '@tickerplant/core';
import type { Alert, Reason } from '@tickerplant/shredder';
import type { LineOutput } from '../../output.ts';
import type { CaptureGap } from '../history/page-history.ts';
import { readSource } from '../source.ts';
import type { TestedPage } from './back-test.ts';
import type { CapturedTime } from './captured-time.ts';
import { type BackTestReport, backTest, type CaptureOptions, captureJson, captureLines, gapText } from './captures.ts';
import { type Element, printedText } from './element.ts';
import { BackTestSummary, duration, percent } from './summary.ts';
import { type DifferingTime, VersionDiff } from './version-diff.ts';

/**
 * Compares two versions of a shredder over captured days: prints the times at which they differ, then a summary.
 *
 * @returns whether there is a difference
 */
export async function diffOverCaptures(
  first: string,
  second: string,
  options: CaptureOptions,
  output: LineOutput,
): Promise<boolean> {
  const sources = [readSource(first, options.store), readSource(second, options.store)] as const;
  const plans = sources.map(({ plan }) => plan);
  const today = options.today === undefined ? undefined : parseDay(options.today);
  const result = await backTest(plans, today, options, output, () => new DiffReport());
  const { report, time, test } = result;
  const { diff, summaries, gaps } = report;
  const ends = new Map(test.tested.map((page) => [page.subject, page.provenNs]));
  diff.end((page) => ends.get(page)!);
  for (const summary of summaries) summary.end(test);
  const isJson = options.json === true;
  if (options.summary !== true) {
    if (isJson) for (const one of diff.times) output.line(differenceJson(one, time));
    else for (const together of groups(diff.times)) output.line(differenceLine(together, time));
  }
  const { count, totalNs, elements, differing, times } = diff;
  if (isJson) {
    output.line(
      JSON.stringify({
        kind: 'summary',
        first: sources[0].title,
        second: sources[1].title,
        pages: [...ends.keys()],
        elements,
        differing: differing.size,
        times: count,
        seconds: Math.round(totalNs / 1e6) / 1e3,
        versions: summaries.map((summary) => summary.json(time.exact)),
        gaps: gaps.map(({ gap, atNs }) => ({ at: time.exact(atNs), ...gap })),
        capture: captureJson(result),
      }),
    );
    return count > 0;
  }
  for (const { gap, atNs } of gaps) output.line(`gap       ${time.short(atNs)}  ${gapText(gap)}`);
  for (const line of captureLines(result)) output.line(line);
  const [one, two] = summaries.map((summary) => summary.tables()) as [TableList, TableList];
  for (const { page, table, live } of bothTables(one, two)) output.line(`table     LIVE ${live}  ${page}  ${table}`);
  if (times.length < count) output.line(`          ${count - times.length} more times that are not listed`);
  const found =
    count === 0
      ? `no difference in ${elements} elements`
      : `${differing.size} of ${elements} elements differ, ${count} times, for ${duration(totalNs)} in all`;
  output.line(`${first} → ${second}: ${found}`);
  return count > 0;
}

type TableList = ReturnType<BackTestSummary['tables']>;

/** Shares of both versions side by side. */
function bothTables(one: TableList, two: TableList): { page: string; table: string; live: string }[] {
  const key = ({ page, table }: TableList[number]): string => `${page}\n${table}`;
  const others = new Map(two.map((times) => [key(times), times]));
  const known = new Set(one.map(key));
  const shareText = (times: TableList[number] | undefined): string =>
    times === undefined ? 'none' : percent(times.liveNs, times.knownNs).trim();
  return [...one, ...two.filter((times) => !known.has(key(times)))].map((times) => {
    const { page, table } = times;
    const before = known.has(key(times)) ? times : undefined;
    return { page, table, live: `${shareText(before)} → ${shareText(others.get(key(times)))}` };
  });
}

/** Keeps what two versions make differently. */
class DiffReport implements BackTestReport {
  readonly diff = new VersionDiff();
  readonly summaries: readonly [BackTestSummary, BackTestSummary] = [new BackTestSummary(), new BackTestSummary()];
  readonly gaps: { readonly gap: CaptureGap; readonly atNs: number }[] = [];

  settled(): void {}

  onPage(page: TestedPage, atNs: number): void {
    for (const summary of this.summaries) summary.page(page, atNs);
  }

  onKnown(page: TestedPage, isKnown: boolean, atNs: number): void {
    for (const summary of this.summaries) summary.known(page, isKnown, atNs);
  }

  onUpdate(page: TestedPage): void {
    for (const summary of this.summaries) summary.update(page);
  }

  onElement(page: TestedPage, version: number, element: Element, _changed: readonly string[], atNs: number): void {
    this.#summaryOf(version).element(page, element, atNs);
    this.diff.element(page, version, element);
  }

  onHeld(page: TestedPage, version: number, subject: string, reasons: readonly Reason[], atNs: number): void {
    this.#summaryOf(version).held(page, subject, reasons, atNs);
  }

  onAlert(page: TestedPage, version: number, alert: Alert, atNs: number): void {
    this.#summaryOf(version).alert(page, alert, atNs);
  }

  onMoment(_page: TestedPage, atNs: number): void {
    this.diff.moment(atNs);
  }

  onGap(gap: CaptureGap, atNs: number): void {
    this.gaps.push({ gap, atNs });
  }

  #summaryOf(version: number): BackTestSummary {
    return this.summaries[version === 0 ? 0 : 1];
  }
}

function differenceJson({ fromNs, toNs, isOpen, ...facts }: DifferingTime, time: CapturedTime): string {
  return JSON.stringify({ kind: 'difference', from: time.exact(fromNs), to: time.exact(toNs), open: isOpen, ...facts });
}

/** A line for what began and ended together in one element. */
function differenceLine(together: readonly DifferingTime[], time: CapturedTime): string {
  const { page, subject, what, fromNs, toNs, isOpen } = together[0]!;
  const sign = what === 'only-first' ? '-' : what === 'only-second' ? '+' : '~';
  const length = isOpen ? 'to the end' : duration(toNs - fromNs);
  const texts = together.map((one) => (one.field === undefined ? '' : `${one.field} `) + valuesText(one));
  return `${sign} ${time.short(fromNs)}  ${length.padEnd(10)}  ${page}  ${subject}  ${texts.join('  ')}`;
}

function valuesText({ what, first, second, changes }: DifferingTime): string {
  if (what === 'only-first') return printedText(first);
  if (what === 'only-second') return printedText(second);
  const more = changes === 0 ? '' : ` (${changes} changes meanwhile)`;
  return `${printedText(first)} → ${printedText(second)}${more}`;
}

/** Fields of one element that differed at the same time. */
function groups(times: readonly DifferingTime[]): DifferingTime[][] {
  const found = new Map<string, DifferingTime[]>();
  for (const one of times) {
    const key = [one.page, one.subject, one.fromNs, one.toNs, one.field === undefined ? one.what : 'field'].join('\n');
    const group = found.get(key);
    if (group === undefined) found.set(key, [one]);
    else group.push(one);
  }
  return [...found.values()];
}
