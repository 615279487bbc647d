import { execFileSync } from 'node:child_process';
import type { Command } from 'commander';
import { EXIT_FAILED } from '../exit.ts';
import { parseWhole } from '../options.ts';
import { describeRun, shrink, simulate } from '../simulate/simulate.ts';

interface Options {
  readonly seed: string;
  readonly seeds: string;
  readonly seconds: string;
  readonly shrink?: true;
  readonly json?: true;
}

/** `ticker simulate` */
export function addSimulate(program: Command): void {
  program
    .command('simulate')
    .description('run whole floors in virtual time while things go wrong, and check what must always hold')
    .option('--seed <s>', 'the first seed: the same seed is the same run', '1')
    .option('--seeds <n>', 'how many', '100')
    .option('--seconds <n>', 'simulated seconds of faults in each run', '60')
    .option('--shrink', 'leave out the faults that a failure does not need')
    .option('--json', 'one JSON object')
    .addHelpText(
      'after',
      `
Examples:
  ticker simulate --seeds 2000
  ticker simulate --seed 4711 --seeds 1 --shrink

A run is a vendor, two handlers, two plants (live-live where the seed is odd) and two clients on networks that lose, double, delay and are cut, with
processes that are killed and stopped, and a vendor whose sessions end. Exit code 1 when an invariant did not hold; the seed and a transcript are shown.
`,
    )
    .action(async (options: Options) => {
      process.exitCode = await run(options);
    });
}

async function run(options: Options): Promise<number> {
  const seed = parseWhole('seed', options.seed, 0);
  const seeds = parseWhole('seeds', options.seeds, 1);
  const seconds = parseWhole('seconds', options.seconds, 1);
  const startedMs = performance.now();
  const failures: { seed: number; invariant: string; message: string }[] = [];
  let simulatedSeconds = 0;
  for (let each = seed; each < seed + seeds; each++) {
    // What a run has promised is held until the event loop has had its turn.
    await new Promise((resolve) => setImmediate(resolve));
    let result = simulate(each, seconds);
    simulatedSeconds += result.seconds;
    if (result.failure === undefined) continue;
    if (options.shrink === true) result = shrink(result, seconds);
    failures.push({ seed: each, ...result.failure! });
    process.stderr.write(`commit ${commit()}\n${describeRun(result)}\n`);
  }
  const wallSeconds = (performance.now() - startedMs) / 1_000;
  if (options.json === true) console.log(JSON.stringify({ seeds, simulatedSeconds, wallSeconds, failures }));
  else {
    const rate = Math.round(simulatedSeconds / wallSeconds);
    console.log(
      `${seeds} runs, ${Math.round(simulatedSeconds)} simulated seconds in ${wallSeconds.toFixed(1)} s (${rate} for one): ` +
        `${failures.length === 0 ? 'everything held' : `${failures.length} failed`}`,
    );
  }
  return failures.length > 0 ? EXIT_FAILED : 0;
}

function commit(): string {
  try {
    return execFileSync('git', ['rev-parse', '--short', 'HEAD'], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
  } catch {
    return 'unknown';
  }
}
