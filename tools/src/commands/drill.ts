import { type Command, Option } from 'commander';
import { Cabling, runInNamespaces } from '../drill/cabling.ts';
import { drill } from '../drill/drill.ts';
import { type Blow, type DrillSubject, reportText } from '../drill/report.ts';
import { EXIT_FAILED } from '../exit.ts';
import { parseShare, parseWhole } from '../options.ts';

interface Options {
  readonly kills: string;
  readonly rate: string;
  readonly what: DrillSubject;
  readonly blow: Blow;
  readonly heartbeat: string;
  readonly limit: string;
  readonly symbols: string;
  readonly loss: string;
  readonly stopMs: string;
  readonly pause: string;
  readonly liveLive?: true;
  readonly keep?: true;
  readonly board?: true;
  readonly json?: true;
}

/** `ticker drill` */
export function addDrill(program: Command): void {
  program
    .command('drill')
    .description('practise failures: real processes are struck or cut off, and a subscriber tells what it noticed')
    .option('--kills <n>', 'how many blows or cuts', '10')
    .option('--rate <n>', 'updates a second', '50000')
    .addOption(
      new Option('--what <what>', "the primary of a pair; the vendor's lines; cables of hosts (takes root and ip)")
        .choices(['handler', 'plant', 'line', 'network'])
        .default('plant'),
    )
    .addOption(
      new Option('--blow <how>', 'to a primary: kill -9; SIGSTOP and SIGCONT; a planned hand-over; a clean restart')
        .choices(['kill', 'stop', 'handover', 'restart'])
        .default('kill'),
    )
    .option('--live-live', 'both plants publish, each on groups of its own')
    .option('--heartbeat <ms>', 'between two heartbeats', '5')
    .option('--limit <n>', 'heartbeats missed before a standby takes over', '3')
    .option('--symbols <n>', 'symbols of the simulated exchange', '300')
    .option('--loss <share>', 'share of the datagrams lost, by every process on both networks', '0')
    .option('--stop-ms <ms>', 'how long SIGSTOP lasts, or a cut', '2000')
    .option('--pause <ms>', 'least time between recovery and the next blow', '500')
    .option('--keep', 'keep the floor files and the logs (those of a drill that failed are kept anyway)')
    .option('--board', 'show it on a quote board, where standard output is a terminal')
    .option('--json', 'one JSON object')
    .addHelpText(
      'after',
      `
Examples:
  ticker drill --kills 5 --board
  ticker drill --kills 200 --what handler --json
  ticker drill --what plant --blow stop --kills 10 --loss 0.01
  ticker drill --live-live --kills 20
  ticker drill --what line --kills 6
  sudo npx ticker drill --what network --kills 8 --heartbeat 10 --limit 4

With --what network every host is a network namespace of its own; nothing leaves them, and they are taken away in the
end. Exit code 1 when a message was lost, delivered twice or out of order, something did not recover, or there can be no
namespaces.
`,
    )
    .action(async (options: Options) => {
      process.exitCode = await run(options);
    });
}

async function run(options: Options): Promise<number> {
  const heartbeatMs = parseWhole('heartbeat', options.heartbeat, 1);
  const drillOptions = {
    what: options.what,
    blow: options.blow,
    kills: parseWhole('kills', options.kills, 1),
    rate: parseWhole('rate', options.rate, 1),
    heartbeatMs,
    takeoverAfterMs: heartbeatMs * parseWhole('limit', options.limit, 2),
    symbols: parseWhole('symbols', options.symbols, 1),
    liveLive: options.liveLive === true,
    loss: parseShare('loss', options.loss),
    stopMs: parseWhole('stop-ms', options.stopMs, 1),
    pauseMs: parseWhole('pause', options.pause, 0),
    keep: options.keep === true,
    board: options.board === true && options.json !== true && process.stdout.isTTY === true,
    say: (text: string) => void process.stderr.write(`drill: ${text}\n`),
  };
  if (options.what === 'network' && Cabling.inside() === undefined) return runInNamespaces();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(EXIT_FAILED));
  const report = await drill(drillOptions);
  console.log(options.json === true ? JSON.stringify(report) : reportText(report));
  return report.failures.length > 0 ? EXIT_FAILED : 0;
}
