import { fork } from 'node:child_process';
import { createWriteStream, mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { errorMessage, TickerError } from '@tickerplant/core';
import type { Floor } from '@tickerplant/floor';
import type { Command } from 'commander';
import { EXIT_FAILED } from '../exit.ts';
import { readFloor } from '../floors.ts';
import { readableLog } from '../readable-log.ts';
import { Supervised } from '../supervise/supervised.ts';

interface Options {
  readonly board?: true;
  readonly logs: string;
  readonly duration?: string;
}

/** `ticker up FLOOR.yaml` */
export function addUp(program: Command): void {
  program
    .command('up')
    .description('run every process of a floor on this machine')
    .argument('<floor>', 'floor file')
    .option('--board', 'show a quote board of everything; the logs go to files')
    .option('--logs <folder>', 'with --board: where the logs go', 'var')
    .option('--duration <seconds>', 'stop after so long')
    .addHelpText(
      'after',
      `
Examples:
  ticker up examples/simulated.yaml
  ticker up examples/simulated.yaml --board

A process that ends by itself is started again, with a report; one that does so again and again is given up. Ctrl-C
stops everything. Exit code 1 when a process did not come up, or was given up.
`,
    )
    .action(async (path: string, options: Options) => {
      process.exitCode = await up(path, options);
    });
}

const MAIN = fileURLToPath(new URL('../main.js', import.meta.url));

interface Part {
  readonly name: string;
  readonly args: readonly string[];
}

/** What has to run, in the order of starting: receivers before those they listen to. */
function partsOf(floor: Floor, path: string): Part[] {
  return [
    ...floor.plants.map(({ name }) => ({ name: `plant/${name}`, args: ['plant', path, name] })),
    ...floor.feeds.flatMap(({ members }) =>
      members.map(({ name }) => ({ name: `feed/${name}`, args: ['feed', path, name] })),
    ),
    ...floor.simulators.map(({ name }) => ({ name: `vendor/${name}`, args: ['vendor', path, name] })),
  ];
}

async function up(path: string, options: Options): Promise<number> {
  const floor = readFloor(path);
  const say = (text: string): void => void process.stderr.write(`up: ${text}\n`);
  const parts = partsOf(floor, path);
  if (parts.length === 0) throw new TickerError('FLOOR_EMPTY', 'expected a floor with plants or feeds', { file: path });
  if (options.board === true) mkdirSync(options.logs, { recursive: true });
  const processes: Supervised[] = [];
  let stop: (reason: string) => void = () => {};
  const stopped = new Promise<string>((resolve) => {
    stop = resolve;
  });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => stop(signal));
  let failed = false;
  // Beside a board nothing may be written on the terminal.
  const log = options.board === true ? createWriteStream(`${options.logs}/up.log`) : undefined;
  const report = (text: string): void => {
    if (log === undefined) say(text);
    else log.write(`${text}\n`);
  };
  try {
    for (const { name, args } of parts) {
      const one = new Supervised({
        name,
        args,
        onLog: logTo(name, options),
        say: report,
        onGivenUp: () => {
          failed = true;
        },
      });
      processes.push(one);
      const early = await Promise.race([one.start(), stopped]);
      if (early !== undefined) return 0;
      say(`${name} is up (process ${one.pid})`);
    }
    say(`floor '${floor.name}' is up; look further in another terminal:`);
    const service = Object.values(floor.feeds[0]?.services ?? {})[0] ?? '';
    say(`  npx ticker watch --floor ${path} '${service}.>'     a quote board`);
    say(`  npx ticker status ${path}     how each process is`);
    if (floor.simulators.length === 0 && floor.feeds[0] !== undefined) {
      say(`  npx ticker replay CAPTURE --floor ${path} --feed ${floor.feeds[0].name}     something to show`);
    }
    say('Ctrl-C stops everything');
    if (options.duration !== undefined) setTimeout(() => stop('time'), Number(options.duration) * 1000).unref();
    if (options.board === true) await runBoard(path, floor, stop, stopped);
    say(`stopping: ${await stopped}`);
  } finally {
    // Senders first, so that nobody complains about silence.
    for (const one of processes.reverse()) await one.stop();
  }
  return failed ? EXIT_FAILED : 0;
}

/** A process's log, line by line with its name before it; or into a file beside a board. */
function logTo(name: string, options: Options): (line: string) => void {
  if (options.board !== true) return (line) => void process.stderr.write(`${name.padEnd(16)} ${readableLog(line)}\n`);
  const file = createWriteStream(`${options.logs}/${name.replace('/', '-')}.log`);
  return (line) => void file.write(`${line}\n`);
}

/** The board in the foreground; leaving it stops the floor. */
async function runBoard(
  path: string,
  floor: Floor,
  stop: (reason: string) => void,
  stopped: Promise<unknown>,
): Promise<void> {
  const services = floor.feeds.map(({ services }) => `${Object.values(services)[0]}.>`);
  const board = fork(MAIN, ['watch', '--floor', path, ...services], {
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
  });
  board.once('exit', () => stop('the board was left'));
  board.once('error', (error) => stop(errorMessage(error)));
  await stopped;
  if (board.exitCode === null) {
    const gone = new Promise<void>((resolve) => board.once('exit', () => resolve()));
    board.kill('SIGTERM');
    await gone;
  }
}
