import { errorMessage } from '@tickerplant/core';
import type { Command } from 'commander';
import { askControl } from '../control.ts';
import { EXIT_FAILED } from '../exit.ts';
import { readFloor } from '../floors.ts';

interface Options {
  readonly json?: true;
  readonly quarantine?: true;
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
    .option('--quarantine', 'what malformed input was kept, with its bytes')
    .addHelpText(
      'after',
      `
Examples:
  ticker status examples/simulated.yaml
  ticker status examples/simulated.yaml --quarantine --json

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
  else for (const report of reports) console.log(options.quarantine === true ? quarantineText(report) : text(report));
  return reports.some(({ error }) => error !== undefined) ? EXIT_FAILED : 0;
}

interface ChannelFacts {
  readonly name: string;
  readonly session: string;
  readonly next: number;
  readonly items?: number;
}

function text(report: ProcessReport): string {
  if (report.error !== undefined) return `${report.process}: ${report.error}`;
  const lines = [report.process];
  for (const { name, session, next, items } of (report.channels as ChannelFacts[] | undefined) ?? []) {
    const held = items === undefined ? '' : `, ${items} items`;
    lines.push(`  channel ${name}: session ${session || '(none yet)'}, next number ${next}${held}`);
  }
  for (const line of (report.lines as { subject: string; quality: string; reason: string }[] | undefined) ?? []) {
    lines.push(`  ${line.subject}: ${line.quality}${line.reason === '' ? '' : ` (${line.reason})`}`);
  }
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
