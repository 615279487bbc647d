import { errorMessage } from '@tickerplant/core';
import { Command, CommanderError } from 'commander';
import { addBench } from './commands/bench.ts';
import { addCapture } from './commands/capture.ts';
import { addDecode } from './commands/decode.ts';
import { addDrill } from './commands/drill.ts';
import { addFeed } from './commands/feed.ts';
import { addPlant } from './commands/plant.ts';
import { addReplay } from './commands/replay.ts';
import { addStatus } from './commands/status.ts';
import { addUp } from './commands/up.ts';
import { addVendor } from './commands/vendor.ts';
import { addWatch } from './commands/watch.ts';
import { EXIT_FAILED, EXIT_USAGE, exitCodeOf } from './exit.ts';

const program = new Command('ticker')
  .description('Feed handlers, ticker plants and their subscribers: run them, look at them, test them.')
  .version('0.1.0')
  .showHelpAfterError('(ticker COMMAND --help shows examples)')
  .exitOverride()
  .configureHelp({ sortSubcommands: false });

addUp(program);
addFeed(program);
addPlant(program);
addVendor(program);
addWatch(program);
addReplay(program);
addCapture(program);
addDecode(program);
addStatus(program);
addDrill(program);
addBench(program);

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
