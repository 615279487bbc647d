import { parseDay } from '@tickerplant/core';
import { type Alert, type Reason, reasonText } from '@tickerplant/shredder';
import type { LineOutput } from '../../output.ts';
import type { CaptureGap } from '../history/page-history.ts';
import { readSource } from '../source.ts';
import type { TestedPage } from './back-test.ts';
import type { CapturedTime } from './captured-time.ts';
import { type BackTestReport, backTest, type CaptureOptions, captureJson, captureLines, gapText } from './captures.ts';
import { type Element, printedText } from './element.ts';
import { BackTestSummary } from './summary.ts';
import { TimeOrder } from './time-order.ts';

/** Runs a shredder over captured days, and prints each change of an element, then a summary. */
export async function runOverCaptures(name: string, options: CaptureOptions, output: LineOutput): Promise<void> {
  const { plan, title } = readSource(name, options.store);
  const today = options.today === undefined ? undefined : parseDay(options.today);
  const result = await backTest([plan], today, options, output, (time) => new RunReport(time, options, output));
  const { summary } = result.report;
  const { time, test } = result;
  summary.end(test);
  if (options.json === true) {
    const facts = { kind: 'summary', shredder: plan.name, version: plan.version };
    output.line(JSON.stringify({ ...facts, ...summary.json(time.exact), capture: captureJson(result) }));
    return;
  }
  output.line(`summary   ${title}`);
  for (const line of [...captureLines(result), ...summary.lines(time.short)]) output.line(line);
}

/** Prints what happens as it happens, and sums it up. */
class RunReport implements BackTestReport {
  readonly summary = new BackTestSummary();
  readonly #time: CapturedTime;
  readonly #isQuiet: boolean;
  readonly #isJson: boolean;
  readonly #lines: TimeOrder<string>;

  constructor(time: CapturedTime, { summary, json }: CaptureOptions, output: LineOutput) {
    this.#time = time;
    this.#isQuiet = summary === true;
    this.#isJson = json === true;
    this.#lines = new TimeOrder((line) => output.line(line));
  }

  settled(untilNs: number): void {
    this.#lines.release(untilNs);
  }

  onPage(page: TestedPage, atNs: number): void {
    this.summary.page(page, atNs);
  }

  onKnown(page: TestedPage, isKnown: boolean, atNs: number): void {
    this.summary.known(page, isKnown, atNs);
  }

  onUpdate(page: TestedPage): void {
    this.summary.update(page);
  }

  onElement(page: TestedPage, _version: number, element: Element, changed: readonly string[], atNs: number): void {
    this.summary.element(page, element, atNs);
    this.#say(atNs, () => this.#elementLine(page, element, changed, atNs));
  }

  onHeld(page: TestedPage, _version: number, subject: string, reasons: readonly Reason[], atNs: number): void {
    this.summary.held(page, subject, reasons, atNs);
  }

  onAlert(page: TestedPage, _version: number, alert: Alert, atNs: number): void {
    this.summary.alert(page, alert, atNs);
    const { kind, about, reasons } = alert;
    // Of items their own lines tell.
    if (kind === 'item') return;
    const texts = reasons.map(reasonText);
    this.#say(atNs, () =>
      this.#isJson
        ? JSON.stringify({ kind, at: this.#time.exact(atNs), page: page.subject, about, reasons: texts })
        : `${this.#time.short(atNs)}  ${kind.padEnd(8)}  ${page.subject}  ${[about, ...texts].join('  ')}`,
    );
  }

  onMoment(): void {}

  onGap(gap: CaptureGap, atNs: number): void {
    this.#say(atNs, () =>
      this.#isJson
        ? JSON.stringify({ kind: 'gap', at: this.#time.exact(atNs), ...gap })
        : `${this.#time.short(atNs)}  gap       ${gapText(gap)}`,
    );
  }

  #elementLine(page: TestedPage, element: Element, changed: readonly string[], atNs: number): string {
    const { subject, table, quality, reason, fields } = element;
    if (this.#isJson) {
      const facts = {
        kind: 'element',
        at: this.#time.exact(atNs),
        page: page.subject,
        subject,
        table,
        quality,
        reason,
      };
      return JSON.stringify({ ...facts, fields, changed });
    }
    const values = changed.map((name) => `${name} ${printedText(fields[name])}`);
    const what = [...values, ...(reason === '' ? [] : [reason])].join('  ');
    return `${this.#time.short(atNs)}  ${quality.padEnd(8)}  ${page.subject}  ${subject}  ${what}`;
  }

  #say(atNs: number, line: () => string): void {
    if (!this.#isQuiet) this.#lines.add(atNs, line());
  }
}
