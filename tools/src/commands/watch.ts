import type { Command } from 'commander';
import { addConnectionOptions, type ConnectionOptions, connectionOf, positive } from '../connection.ts';
import { type WatchOptions, watch } from '../watch/watch.ts';

interface Options extends ConnectionOptions {
  readonly fields?: string;
  readonly json?: true;
  readonly once?: true;
  readonly count?: string;
  readonly duration?: string;
  readonly rate: string;
}

/** `ticker watch SUBJECT…` */
export function addWatch(program: Command): void {
  const command = program
    .command('watch')
    .description('show items as they change: a quote board on a terminal, else a table every second')
    .argument('<subject...>', "items (SIM.AAPL) or patterns ('SIM.>': all of a service; * stands for one name)");
  addConnectionOptions(command)
    .option('--fields <names>', 'these fields as columns, and only updates that carry one of them: BID,ASK')
    .option('--json', 'every event as a line of JSON')
    .option('--once', 'show the current values of all items, then end')
    .option('--count <updates>', 'end after so many updates')
    .option('--duration <seconds>', 'end after so long')
    .option('--rate <repaints>', 'most repaints a second, up to 10', '10')
    .addHelpText(
      'after',
      `
Examples:
  ticker watch --floor examples/simulated.yaml 'SIM.>'
  ticker watch --floor examples/simulated.yaml 'SIM-L2.>'          type / and a name for the levels of one
  ticker watch --floor examples/simulated.yaml 'SIM.>' --once --json
  ticker watch --status 239.255.20.1:31000 --key-file floor.key SIM.AAPL --fields BID,ASK --count 100

Exit code 1 when no plant is heard within 5 s (a board keeps waiting), or with --once when there is no such item.
`,
    )
    .action(async (patterns: string[], options: Options) => {
      process.exitCode = await watch(watchOptions(patterns, options));
    });
}

const RATE_MAX = 10;

function watchOptions(patterns: readonly string[], options: Options): WatchOptions {
  return {
    patterns,
    connection: connectionOf(options),
    fields: options.fields?.split(','),
    json: options.json === true,
    once: options.once === true,
    count: positive('--count', options.count),
    durationMs: scaled(positive('--duration', options.duration), 1000),
    rate: Math.min(RATE_MAX, positive('--rate', options.rate) ?? RATE_MAX),
  };
}

function scaled(number: number | undefined, by: number): number | undefined {
  return number === undefined ? undefined : number * by;
}
