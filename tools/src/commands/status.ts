import { errorMessage } from '@tickerplant/core';
import type { Command } from 'commander';
import { askControl } from '../control.ts';
import { EXIT_FAILED } from '../exit.ts';
import { readFloor } from '../floors.ts';

interface Options {
  readonly json?: true;
  readonly quarantine?: true;
  readonly takeovers?: true;
}

/** What one process says of itself; `error` when it could not be asked. */
interface ProcessReport {
  readonly process: string;
  readonly error?: string;
  readonly [fact: string]: unknown;
}

/** `ticker status FLOOR` */
export function addStatus(program: Command): void {
  program
    .command('status')
    .description('ask every process of a floor how it is')
    .argument('<floor>', 'floor file')
    .option('--json', 'everything, as one JSON object: every counter, channel, line')
    .option('--takeovers', 'who took over from whom, when, why, and what was sent again')
    .option('--quarantine', 'what malformed input was kept, with its bytes')
    .addHelpText(
      'after',
      `
Examples:
  ticker status examples/simulated.yaml
  ticker status examples/simulated.yaml --quarantine --json
  ticker status examples/paired.yaml --takeovers

Exit code 1 when a process does not answer.
`,
    )
    .action(async (path: string, options: Options) => {
      process.exitCode = await status(path, options);
    });
}

async function status(path: string, options: Options): Promise<number> {
  const floor = readFloor(path);
  const targets = [
    ...floor.feeds.flatMap(({ members }) => members.map(({ name, control }) => ({ process: `feed/${name}`, control }))),
    ...floor.plants.map(({ name, control }) => ({ process: `plant/${name}`, control })),
  ];
  const reports = await Promise.all(
    targets.map(async ({ process: name, control }): Promise<ProcessReport> => {
      if (control === undefined) return { process: name, error: 'the floor file names no control address' };
      try {
        const json = await askControl(control, options.quarantine === true ? 'quarantine' : 'status');
        return { process: name, ...(JSON.parse(json) as object) };
      } catch (error) {
        return { process: name, error: errorMessage(error) };
      }
    }),
  );
  if (options.json === true) console.log(JSON.stringify({ floor: floor.name, processes: reports }));
  else if (options.takeovers === true) console.log(takeoversText(reports));
  else for (const report of reports) console.log(options.quarantine === true ? quarantineText(report) : text(report));
  return reports.some(({ error }) => error !== undefined) ? EXIT_FAILED : 0;
}

interface TakeoverFacts {
  readonly member: string;
  readonly from: string | null;
  readonly term: number;
  readonly reason: string;
  readonly promotedNs: string;
  readonly gapMs: number | null;
  readonly rebroadcast: readonly { readonly channel: string; readonly from: number; readonly to: number }[];
}

/** The takeovers of all processes that are there, the oldest first. */
function takeoversText(reports: readonly ProcessReport[]): string {
  const receipts = reports.flatMap((report) => (report.receipts as TakeoverFacts[] | undefined) ?? []);
  if (receipts.length === 0) return 'no takeovers that a running process remembers';
  receipts.sort((a, b) => (BigInt(a.promotedNs) < BigInt(b.promotedNs) ? -1 : 1));
  return receipts
    .map(({ member, from, term, reason, promotedNs, gapMs, rebroadcast }) => {
      const time = new Date(Number(BigInt(promotedNs) / 1_000_000n)).toISOString();
      const gap = gapMs === null ? '' : `, ${gapMs.toFixed(1)} ms after its last heartbeat`;
      const again = rebroadcast.map((each) => `${each.channel} ${each.from} to ${each.to - 1}`).join(', ');
      return `${time} ${member} for ${from ?? 'nobody'} (${reason}, term ${term})${gap}${again === '' ? '' : `; sent again: ${again}`}`;
    })
    .join('\n');
}

interface ChannelFacts {
  readonly name: string;
  readonly session: string;
  readonly next: number;
  readonly items?: number;
  /** Of a plant: whether each publishes on a group of its own, whether this one does, and where. */
  readonly liveLive?: boolean;
  readonly publishing?: boolean;
  readonly group?: string;
}

/** A page that is shredded, as its handler tells of it. */
interface ShredderFacts {
  readonly page: string;
  readonly shredder: string;
  readonly version: number;
  readonly match: string;
  readonly quality: string;
  readonly elements: number;
  readonly suspect: number;
  readonly shadow?: {
    readonly version: number;
    readonly match: string;
    readonly same: number;
    readonly different: number;
    readonly differences: readonly string[];
  };
}

function shredderLines({
  page,
  shredder,
  version,
  match,
  quality,
  elements,
  suspect,
  shadow,
}: ShredderFacts): string[] {
  const doubt = suspect === 0 ? '' : `, ${suspect} SUSPECT`;
  const lines = [`  page ${page}: ${quality}, ${match}, ${shredder} ${version}, ${elements} elements${doubt}`];
  if (shadow === undefined) return lines;
  const { same, different, differences } = shadow;
  lines.push(
    `    in shadow ${shredder} ${shadow.version}: ${shadow.match}, ${same} elements the same, ${different} different`,
  );
  return [...lines, ...differences.map((one) => `      ${one}`)];
}

function text(report: ProcessReport): string {
  if (report.error !== undefined) return `${report.process}: ${report.error}`;
  const pair = report.state === undefined ? '' : `: ${String(report.state)}${report.fit === false ? ', NOT FIT' : ''}`;
  const lines = [`${report.process}${pair}`];
  for (const channel of (report.channels as ChannelFacts[] | undefined) ?? []) {
    const { name, session, next, items, liveLive, publishing, group } = channel;
    const held = items === undefined ? '' : `, ${items} items`;
    const where = liveLive === true ? `, ${publishing === true ? 'published' : 'NOT published'} on ${group}` : '';
    lines.push(`  channel ${name}: session ${session || '(none yet)'}, next number ${next}${held}${where}`);
  }
  for (const line of (report.lines as { subject: string; quality: string; reason: string }[] | undefined) ?? []) {
    lines.push(`  ${line.subject}: ${line.quality}${line.reason === '' ? '' : ` (${line.reason})`}`);
  }
  for (const page of (report.shredders as ShredderFacts[] | undefined) ?? []) lines.push(...shredderLines(page));
  const { failure } = (report.journal as { failure?: { code: string; message: string } } | undefined | null) ?? {};
  if (failure) lines.push(`  journal: NOT WRITTEN, ${failure.message} [${failure.code}]`);
  const bad = Object.entries((report.quarantine as Record<string, number> | undefined) ?? {});
  if (bad.length > 0) lines.push(`  quarantine: ${bad.map(([code, count]) => `${count} ${code}`).join(', ')}`);
  return lines.join('\n');
}

function quarantineText(report: ProcessReport): string {
  if (report.error !== undefined) return `${report.process}: ${report.error}`;
  const entries = (report.entries as { at: string; code: string; message: string; hex: string }[] | undefined) ?? [];
  const lines = entries.map(({ at, code, message, hex }) => {
    const time = new Date(Number(BigInt(at) / 1_000_000n)).toISOString();
    return `  ${time} ${code}: ${message}\n    ${hex}`;
  });
  return [`${report.process}: ${entries.length} kept, ${String(report.dropped)} had to make room`, ...lines].join('\n');
}
