import { errorMessage } from '@tickerplant/core';
import { Command, CommanderError } from 'commander';
import { EXIT_FAILED, EXIT_USAGE, exitCodeOf } from './exit.ts';
import { endWithReader } from './output.ts';

/** The commands, in the order of the help; each adds itself to a program. */
const COMMANDS: Readonly<Record<string, () => Promise<(program: Command) => void>>> = {
  up: async () => (await import('./commands/up.ts')).addUp,
  feed: async () => (await import('./commands/feed.ts')).addFeed,
  plant: async () => (await import('./commands/plant.ts')).addPlant,
  vendor: async () => (await import('./commands/vendor.ts')).addVendor,
  watch: async () => (await import('./commands/watch.ts')).addWatch,
  why: async () => (await import('./commands/why.ts')).addWhy,
  replay: async () => (await import('./commands/replay.ts')).addReplay,
  capture: async () => (await import('./commands/capture.ts')).addCapture,
  decode: async () => (await import('./commands/decode.ts')).addDecode,
  page: async () => (await import('./commands/page.ts')).addPage,
  shred: async () => (await import('./commands/shred.ts')).addShred,
  status: async () => (await import('./commands/status.ts')).addStatus,
  ctl: async () => (await import('./commands/ctl.ts')).addCtl,
  drill: async () => (await import('./commands/drill.ts')).addDrill,
  simulate: async () => (await import('./commands/simulate.ts')).addSimulate,
  bench: async () => (await import('./commands/bench.ts')).addBench,
};

endWithReader();

const program = new Command('ticker')
  .description('Feed handlers, ticker plants and their subscribers: run them, look at them, test them.')
  .version('0.1.0')
  .showHelpAfterError('(ticker COMMAND --help shows examples)')
  // Where a command and one below it have an option each of one name.
  .enablePositionalOptions()
  .exitOverride()
  .configureHelp({ sortSubcommands: false });

// Only the command that is wanted is loaded: a plant or handler that starts again shall be there soon, and leave the
// processor to those that run.
const wanted = process.argv[2] ?? '';
const names = Object.hasOwn(COMMANDS, wanted) ? [wanted] : Object.keys(COMMANDS);
for (const name of names) (await COMMANDS[name]!())(program);

try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) {
    process.exitCode = error.exitCode === 0 ? 0 : EXIT_USAGE;
  } else {
    process.stderr.write(`ticker: ${errorMessage(error)}\n`);
    process.exitCode = exitCodeOf(error);
    if (process.exitCode === EXIT_FAILED && process.env.TICKER_TRACE !== undefined) console.error(error);
  }
}
