import { rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { errorMessage, TickerError } from '@tickerplant/core';
import type { Command } from 'commander';
import { BENCHMARKS } from '../bench/benches/index.ts';
import { type Benchmark, type BenchResult, meetsTarget } from '../bench/benchmark.ts';
import { busyMs, describeMachine } from '../bench/machine.ts';
import { machineText, resultText } from '../bench/report.ts';
import { Runner } from '../bench/runner.ts';
import { EXIT_FAILED } from '../exit.ts';
import { parseWhole } from '../options.ts';

interface Options {
  readonly quick?: true;
  readonly json?: true;
  readonly seconds?: string;
  readonly lines: string;
  readonly cpuProf?: string;
}

const SECONDS = 30;
const SECONDS_QUICK = 2;

/** `ticker bench [NAMES…]` */
export function addBench(program: Command): void {
  program
    .command('bench')
    .description('measure the suite on this machine, with real sockets and processes')
    .argument('[names...]', `which: ${BENCHMARKS.map(({ name }) => name).join(', ')}; default all`)
    .option('--quick', 'a glance: everything short')
    .option('--json', 'print one JSON object')
    .option('--seconds <n>', `how long sustained runs take; default ${SECONDS}, quick ${SECONDS_QUICK}`)
    .option('--lines <n>', 'vendor lines that carry the same messages: 1 or 2', '1')
    .option('--cpu-prof <folder>', 'write a CPU profile of every process')
    .addHelpText(
      'after',
      `
Examples:
  ticker bench --quick
  ticker bench plant latency --seconds 10 --json
`,
    )
    .action(async (names: string[], options: Options) => {
      if (!(await runBench(names, options))) process.exitCode = EXIT_FAILED;
    });
}

/** @returns whether all went well, targets aside. */
async function runBench(names: readonly string[], options: Options): Promise<boolean> {
  const chosen = choose(names);
  const quick = options.quick === true;
  const seconds = parseWhole('seconds', options.seconds ?? String(quick ? SECONDS_QUICK : SECONDS), 1, 3600);
  const lines = parseWhole('lines', options.lines, 1, 2);
  const json = options.json === true;
  const machine = describeMachine();
  if (!json) console.log(machineText(machine));
  const execArgv = options.cpuProf === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${options.cpuProf}`];
  const runner = new Runner(execArgv);
  const folder = await mkdtemp(join(tmpdir(), 'ticker-bench-'));
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(EXIT_FAILED));
  const results: Record<string, unknown> = {};
  let fine = true;
  try {
    for (const benchmark of chosen) {
      const say = (text: string): void => void process.stderr.write(`${benchmark.name}: ${text}\n`);
      const noise = watchNoise(runner);
      const result = await runOne(() => benchmark.run({ runner, quick, seconds, lines, folder, say }));
      await runner.close();
      const others = noise();
      if (result.failures.length > 0) fine = false;
      results[benchmark.name] = { ...withVerdicts(benchmark.title, result), others };
      if (!json) console.log(resultText(`${benchmark.name}: ${benchmark.title}`, result, others));
    }
  } finally {
    await runner.close();
  }
  if (json) console.log(JSON.stringify({ machine, quick, seconds, results }));
  return fine;
}

async function runOne(run: () => Promise<BenchResult>): Promise<BenchResult> {
  try {
    return await run();
  } catch (error) {
    if (process.env.TICKER_TRACE !== undefined) console.error(error);
    return { figures: [], ratios: [], sizes: {}, failures: [errorMessage(error)] };
  }
}

/** Begins to watch what others do on this machine. @returns a function that tells how many cores they have used */
function watchNoise(runner: Runner): () => number {
  const startedMs = performance.now();
  const ownMs = (): number => {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1000 + runner.usedMs;
  };
  const before = busyMs() - ownMs();
  return () => Math.max(0, (busyMs() - ownMs() - before) / (performance.now() - startedMs));
}

function withVerdicts(title: string, result: BenchResult): object {
  const figures = result.figures.map((figure) => {
    const meets = meetsTarget(figure);
    return meets === undefined ? figure : { ...figure, verdict: meets ? 'on target' : 'below target' };
  });
  return { title, ...result, figures };
}

function choose(names: readonly string[]): readonly Benchmark[] {
  const unknown = names.find((name) => !BENCHMARKS.some((benchmark) => benchmark.name === name));
  if (unknown !== undefined) {
    const known = BENCHMARKS.map(({ name }) => name).join(', ');
    throw new TickerError('TOOLS_BAD_OPTION', `expected benchmarks of ${known}, got '${unknown}'`);
  }
  return names.length === 0 ? BENCHMARKS : BENCHMARKS.filter(({ name }) => names.includes(name));
}
