import { type ChildProcess, fork } from 'node:child_process';
import { createWriteStream, mkdirSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { errorMessage, TickerError } from '@tickerplant/core';
import type { Floor } from '@tickerplant/floor';
import type { Command } from 'commander';
import { EXIT_FAILED } from '../exit.ts';
import { readFloor } from '../floors.ts';
import { DATA_PATH_FLAGS } from '../node-flags.ts';
import { readableLog } from '../readable-log.ts';

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

Ctrl-C stops everything. Exit code 1 when a process ended by itself.
`,
    )
    .action(async (path: string, options: Options) => {
      process.exitCode = await up(path, options);
    });
}

const READY_MS = 20_000;
const STOP_MS = 5_000;
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
  const children: ChildProcess[] = [];
  let stopping = false;
  let stop: (reason: string) => void = () => {};
  const stopped = new Promise<string>((resolve) => {
    stop = resolve;
  });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => stop(signal));
  let failed = false;
  try {
    for (const { name, args } of parts) {
      const child = fork(MAIN, args, {
        silent: true,
        detached: true,
        execArgv: [...process.execArgv, ...DATA_PATH_FLAGS],
      });
      children.push(child);
      carryLogs(child, name, options);
      child.once('exit', (code, signal) => {
        if (stopping) return;
        failed = true;
        stop(`${name} ended by itself (${signal ?? `code ${code}`})`);
      });
      await Promise.race([ready(child, name), stopped]);
      if (failed) break;
      say(`${name} is up (process ${child.pid})`);
    }
    if (!failed) {
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
      const reason = await stopped;
      say(`stopping: ${reason}`);
    } else say(`stopping: ${await stopped}`);
  } finally {
    stopping = true;
    // Senders first, so that nobody complains about silence.
    await Promise.all(children.reverse().map((child) => end(child)));
  }
  return failed ? EXIT_FAILED : 0;
}

/** Standard error of each process, line by line with its name before it; or into files beside a board. */
function carryLogs(child: ChildProcess, name: string, options: Options): void {
  const file = options.board === true ? createWriteStream(`${options.logs}/${name.replace('/', '-')}.log`) : undefined;
  for (const stream of [child.stdout!, child.stderr!]) {
    createInterface({ input: stream }).on('line', (line) => {
      if (file !== undefined) file.write(`${line}\n`);
      else process.stderr.write(`${name.padEnd(16)} ${readableLog(line)}\n`);
    });
  }
}

function ready(child: ChildProcess, name: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(
      () => reject(new TickerError('TOOLS_NOT_READY', `expected ${name} to be ready within ${READY_MS / 1000} s`)),
      READY_MS,
    );
    child.once('message', () => {
      clearTimeout(timer);
      resolve();
    });
    child.once('exit', () => clearTimeout(timer));
  });
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
  await gone;
  clearTimeout(timer);
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
