import { readFileSync } from 'node:fs';
import { TickerError } from '@tickerplant/core';
import { parseEndpoint } from '@tickerplant/multicast';
import type { Command } from 'commander';
import { readFloor } from '../floors.ts';
import { type WatchOptions, watch } from '../watch/watch.ts';

interface Options {
  readonly floor?: string;
  readonly status?: string;
  readonly interface?: string;
  readonly key?: string;
  readonly keyFile?: string;
  readonly fields?: string;
  readonly json?: true;
  readonly once?: true;
  readonly count?: string;
  readonly duration?: string;
  readonly rate: string;
}

/** `ticker watch SUBJECT…` */
export function addWatch(program: Command): void {
  program
    .command('watch')
    .description('show items as they change: a quote board on a terminal, else a table every second')
    .argument('<subject...>', "items (SIM.AAPL) or patterns ('SIM.>': all of a service; * stands for one name)")
    .option('--floor <file>', "floor file: takes the trading network's status group and the key from it")
    .option('--status <group:port>', 'without a floor file: the status group')
    .option('--interface <name>', 'its network interface, by name or address', '127.0.0.1')
    .option('--key <text>', "the floor's shared key")
    .option('--key-file <file>', 'a file with the key')
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

function connectionOf(options: Options): WatchOptions['connection'] {
  const { status, key, keyFile } = options;
  if (options.floor !== undefined) {
    const floor = readFloor(options.floor);
    const { trading } = floor.networks;
    const { group, port, sources } = trading.status;
    return { status: `${group}:${port}`, interface: trading.interface, key: floor.key, sources };
  }
  if (status === undefined) throw new TickerError('TOOLS_BAD_OPTION', 'expected --floor FILE, or --status GROUP:PORT');
  if ((key === undefined) === (keyFile === undefined)) {
    throw new TickerError('TOOLS_BAD_OPTION', 'expected with --status either --key TEXT or --key-file FILE');
  }
  parseEndpoint(status);
  return { status, interface: options.interface ?? '127.0.0.1', key: key ?? readFileSync(keyFile!, 'utf8').trimEnd() };
}

function positive(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const number = Number(text);
  if (number > 0 && Number.isFinite(number)) return number;
  throw new TickerError('TOOLS_BAD_OPTION', `expected ${name} to be a number above 0, got '${text}'`);
}

function scaled(number: number | undefined, by: number): number | undefined {
  return number === undefined ? undefined : number * by;
}
