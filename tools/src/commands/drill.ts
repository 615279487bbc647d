import { TickerError } from '@tickerplant/core';
import { type Command, Option } from 'commander';
import { type Blow, type DrillReport, drill } from '../drill/drill.ts';
import { EXIT_FAILED } from '../exit.ts';

interface Options {
  readonly kills: string;
  readonly rate: string;
  readonly what: 'handler' | 'plant';
  readonly blow: Blow;
  readonly heartbeat: string;
  readonly limit: string;
  readonly symbols: string;
  readonly loss: string;
  readonly stopMs: string;
  readonly pause: string;
  readonly liveLive?: true;
  readonly keep?: true;
  readonly json?: true;
}

/** `ticker drill` */
export function addDrill(program: Command): void {
  program
    .command('drill')
    .description('practise failures: strike the primary of a pair of real processes, and see what a subscriber notices')
    .option('--kills <n>', 'how often', '10')
    .option('--rate <n>', 'updates a second', '50000')
    .addOption(new Option('--what <pair>', 'whose primary').choices(['handler', 'plant']).default('plant'))
    .addOption(
      new Option('--blow <how>', 'kill -9; SIGSTOP and SIGCONT; a planned hand-over; a clean restart')
        .choices(['kill', 'stop', 'handover', 'restart'])
        .default('kill'),
    )
    .option('--live-live', 'both plants publish, each on groups of its own')
    .option('--heartbeat <ms>', 'between two heartbeats', '5')
    .option('--limit <n>', 'heartbeats missed before a standby takes over', '3')
    .option('--symbols <n>', 'symbols of the simulated exchange', '300')
    .option('--loss <share>', 'share of the datagrams lost, by every process on both networks', '0')
    .option('--stop-ms <ms>', 'how long SIGSTOP lasts', '2000')
    .option('--pause <ms>', 'least time between recovery and the next blow', '500')
    .option('--keep', 'keep the floor file and the logs')
    .option('--json', 'one JSON object')
    .addHelpText(
      'after',
      `
Examples:
  ticker drill --kills 5
  ticker drill --kills 200 --what handler --json
  ticker drill --what plant --blow stop --kills 10 --loss 0.01
  ticker drill --live-live --kills 20

Exit code 1 when a message was lost, delivered twice or out of order, or a pair did not recover.
`,
    )
    .action(async (options: Options) => {
      process.exitCode = await run(options);
    });
}

async function run(options: Options): Promise<number> {
  const heartbeatMs = number('heartbeat', options.heartbeat, 1);
  const report = await drill({
    what: options.what,
    blow: options.blow,
    kills: number('kills', options.kills, 1),
    rate: number('rate', options.rate, 1),
    heartbeatMs,
    takeoverAfterMs: heartbeatMs * number('limit', options.limit, 2),
    symbols: number('symbols', options.symbols, 1),
    liveLive: options.liveLive === true,
    loss: number('loss', options.loss, 0),
    stopMs: number('stop-ms', options.stopMs, 1),
    pauseMs: number('pause', options.pause, 0),
    keep: options.keep === true,
    say: (text) => void process.stderr.write(`drill: ${text}\n`),
  });
  console.log(options.json === true ? JSON.stringify(report) : text(report));
  return report.failures.length > 0 ? EXIT_FAILED : 0;
}

/** @throws TickerError `TOOLS_BAD_OPTION` */
function number(name: string, text: string, least: number): number {
  const value = Number(text);
  if (Number.isFinite(value) && value >= least) return value;
  throw new TickerError('TOOLS_BAD_OPTION', `expected --${name} to be a number from ${least} up, got '${text}'`);
}

function text(report: DrillReport): string {
  const { kills, what, blow, liveLive, rate, loss, lost, duplicated, outOfOrder, repaired, needless } = report;
  const line = (label: string, { p50, p99, max }: DrillReport['gapMs']): string =>
    `  ${label.padEnd(34)} ${p50.toFixed(1).padStart(8)} ${p99.toFixed(1).padStart(8)} ${max.toFixed(1).padStart(8)} ms`;
  return [
    `${kills} × ${blow} of the primary ${what}${liveLive ? ', live-live,' : ''} at ${rate} updates/s, ${loss * 100} % of the datagrams lost`,
    `  lost ${lost}, delivered twice ${duplicated}, out of order ${outOfOrder}; asked for again ${repaired}`,
    `  takeovers that nobody had asked for: ${needless}`,
    `  ${''.padEnd(34)} ${'half'.padStart(8)} ${'99 %'.padStart(8)} ${'worst'.padStart(8)}`,
    line('blow → standby decides', report.detectionMs),
    line('last heartbeat → standby decides', report.promotionMs),
    line('blow → first packet', report.firstPacketMs),
    line('widest gap at a subscriber', report.gapMs),
    ...Object.entries(report.doubts).map(([reason, count]) => `  items that ceased to be LIVE: ${count} (${reason})`),
    ...report.failures.map((failure) => `  FAILED: ${failure}`),
  ].join('\n');
}
