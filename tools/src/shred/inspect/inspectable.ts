import { basename } from 'node:path';
import { parseDay, TickerError } from '@tickerplant/core';
import { qualityName } from '@tickerplant/records';
import { type Plan, shredPage } from '@tickerplant/shredder';
import { CapturedTime } from '../back-test/captured-time.ts';
import type { HistoryPage, PageHistoryListener } from '../history/page-history.ts';
import { PageRecording } from '../history/page-recording.ts';
import { readCaptures } from '../history/read-captures.ts';
import { besidePage, readPage } from '../page-file.ts';
import { readSource } from '../source.ts';
import { type Inspection, type InspectOptions, inspectPage } from './inspection.ts';

/** A page that can be inspected, at one moment or at many. */
export interface Inspectable {
  /** Files that may change meanwhile. */
  readonly files: readonly string[];
  /** How many moments there are, and the one to begin with. */
  readonly count: number;
  readonly first: number;
  /** @throws TickerError and ShredderError of what is read */
  inspect(moment: number): Inspection;
}

/** The options of who inspects a page out of captures. */
export interface CapturedOptions extends InspectOptions {
  readonly capture: readonly string[];
  readonly at?: string;
}

/** A page in a file. */
export function filePage(file: string, options: InspectOptions): Inspectable {
  const { path } = readSource(options.with, options.store);
  return {
    files: [file, ...(path === undefined ? [] : [path]), options.attrs ?? besidePage(file)],
    count: 1,
    first: 0,
    inspect: () => {
      const source = readSource(options.with, options.store);
      const page = readPage(source.plan, file, options.attrs);
      return inspectPage(source, { page, file: basename(file), ...todayOf(options) });
    },
  };
}

function todayOf({ today }: InspectOptions): { today?: number } {
  return today === undefined ? {} : { today: parseDay(today) };
}

/**
 * A page out of captures.
 *
 * @param subject left out: the first page that the shredder reads
 * @throws TickerError of the capture package, `SHRED_NO_PACKETS`, `SHRED_NO_PAGE`, `TOOLS_BAD_OPTION`
 */
export async function capturedPage(subject: string | undefined, options: CapturedOptions): Promise<Inspectable> {
  const { plan, path } = readSource(options.with, options.store);
  const { recording, time } = await record(subject ?? (await findPage(plan, options.capture)), options.capture);
  if (recording.count === 0) {
    const where = options.capture.join(', ');
    throw new TickerError('SHRED_NO_PAGE', `expected the page ${recording.subject} in ${where}, got no image of it`);
  }
  const last = recording.count - 1;
  const first = options.at === undefined ? last : recording.momentAt(time.parse(options.at));
  return {
    files: path === undefined ? [] : [path],
    count: recording.count,
    first,
    inspect: (moment) => {
      const source = readSource(options.with, options.store);
      const { page, changedNs, atNs, state, unknown, day } = recording.at(moment);
      const quality = qualityName(state.quality);
      const said = [state.reason, state.detail].filter((text) => text !== '').join(': ');
      return inspectPage(source, {
        page,
        file: recording.subject,
        today: day,
        ...todayOf(options),
        utcMs: time.utcMs,
        atNs,
        changedNs,
        moment: {
          at: time.exact(atNs),
          number: moment,
          count: recording.count,
          quality: unknown === undefined ? quality : 'UNKNOWN',
          why: unknown ?? said,
        },
      });
    },
  };
}

async function record(
  subject: string,
  capture: readonly string[],
): Promise<{ recording: PageRecording; time: CapturedTime }> {
  const recording = new PageRecording(subject);
  let time: CapturedTime | undefined;
  await readCaptures(capture, {
    start: (start) => {
      time = new CapturedTime(start);
      return recording;
    },
  });
  return { recording, time: time! };
}

/** The first page that a shredder reads, else the first one of its size. @throws TickerError `SHRED_NO_PAGE` */
async function findPage(plan: Plan, capture: readonly string[]): Promise<string> {
  let found: string | undefined;
  let likely: string | undefined;
  const seen = new Set<string>();
  const listener: PageHistoryListener = {
    onTime() {},
    onJudged() {},
    onUnknown() {},
    onGone() {},
    onGap() {},
    onChanged({ subject, page }: HistoryPage) {
      seen.add(`${subject} (${page!.rows}x${page!.columns})`);
      if (page!.rows !== plan.rows || page!.columns !== plan.columns) return;
      likely ??= subject;
      const { match } = shredPage(plan, page!);
      if (match === 'match' || match === 'soft-drift') found ??= subject;
    },
  };
  await readCaptures(capture, { start: () => listener, ready: () => (found === undefined ? undefined : 'stop') });
  if (found !== undefined || likely !== undefined) return (found ?? likely)!;
  const got = seen.size === 0 ? 'none' : [...seen].slice(0, 20).join(', ');
  const size = `${plan.rows}x${plan.columns}`;
  throw new TickerError('SHRED_NO_PAGE', `expected a page of ${size} in ${capture.join(', ')}; pages there: ${got}`);
}
