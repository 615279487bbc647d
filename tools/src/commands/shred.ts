import { TickerError } from '@tickerplant/core';
import type { Command } from 'commander';
import { LineOutput } from '../output.ts';
import { runOverCaptures } from '../shred/back-test/run.ts';
import { runCover, runExplain, runShred, runTest } from '../shred/shred.ts';
import { STORE_DEFAULT } from '../shred/source.ts';
import { addComparing } from './shred-compare.ts';
import { addInspect } from './shred-inspect.ts';
import { addNew } from './shred-new.ts';
import { addVersions } from './shred-versions.ts';

interface RunOptions extends Omit<PageOptions, 'page'> {
  readonly page?: readonly string[];
  readonly capture?: readonly string[];
  readonly summary?: true;
  readonly store: string;
}

interface PageOptions {
  readonly page: readonly string[];
  readonly attrs?: string;
  readonly today?: string;
  readonly json?: true;
}

const NAME = 'a shipped shredder, or a YAML file';
const PAGE = 'the page as text, one row a line (several: one after another)';
const NAMED = 'a shipped shredder, a YAML file, or a stored version as NAME@NUMBER';
const CAPTURE = 'captures with the channels of the pages (pcap, pcapng, .gz), any number, of one network or both';
const TODAY = 'business date, YYYY-MM-DD, for dates without a year';
const ATTRS = 'its colours (default: the .attrs.json beside the page, if there is one)';

/** `ticker shred run|test|cover|explain NAME --page FILE [--json]` */
export function addShred(program: Command): void {
  const shred = program.command('shred').description('turn pages into records');
  shred
    .command('run')
    .description(
      'shred pages that stand on their own, or those of captured days as they changed, and show what came of it',
    )
    .argument('<name>', NAMED)
    .option('--page <page...>', `${PAGE}; with --capture: subjects of pages`)
    .option('--capture <file...>', CAPTURE)
    .option('--summary', 'with --capture: only the summary')
    .option('--attrs <file>', ATTRS)
    .option('--today <day>', `${TODAY} (default with --capture: that of each session)`)
    .option('--store <file>', 'the file with the versions', STORE_DEFAULT)
    .option(
      '--json',
      'one JSON object a page: page, match, reasons, items; with --capture one a change, then the summary',
    )
    .addHelpText(
      'after',
      `
Examples:
  ticker shred run fx-spot-composite --page page.txt
  ticker shred run ./mine.yaml --page monday.txt tuesday.txt --json
  ticker shred run ./mine.yaml --capture monday.pcapng.gz tuesday.pcapng.gz --summary
  ticker shred run mine@2 --capture feed.pcapng trading.pcapng --page SCREEN.FXSP0001

An item that is SUSPECT shows its reason and no values. match: match, soft-drift (something new that puts nothing in doubt),
hard-drift (items are held back).

Captures are those of ticker capture --floor, of one network or both. UNKNOWN: packets that the page depends on aren't in the
captures; so it stays until the page's next image. Without --page: the pages of the shredder's size, from when they first match.
`,
    )
    .action((name: string, options: RunOptions) =>
      printLater(async (output) => {
        const { page, capture, summary, ...rest } = options;
        if (capture !== undefined) {
          if (rest.attrs !== undefined) throw new TickerError('TOOLS_BAD_OPTION', 'expected no --attrs with --capture');
          await runOverCaptures(name, { ...options, capture }, output);
          return;
        }
        if (page === undefined) throw new TickerError('TOOLS_BAD_OPTION', 'expected --page or --capture');
        if (summary === true) throw new TickerError('TOOLS_BAD_OPTION', 'expected --summary with --capture only');
        runShred(name, { ...rest, page }, output);
      }),
    );
  shred
    .command('test')
    .description(
      "read the fixtures of shredders and compare with what is expected; a YAML file's are in fixtures/NAME beside it",
    )
    .argument('[name...]', `${NAME} (default: all shipped ones)`)
    .option('--json', 'one JSON object a fixture')
    .addHelpText('after', '\nExamples:\n  ticker shred test\n  ticker shred test base-metals --json\n')
    .action((names: string[], options: { json?: true }) =>
      print((output) => runTest(names, options.json === true, output)),
    );
  shred
    .command('cover')
    .description('account for every cell of a page: read, anchor, static, ignored, or unread')
    .argument('<name>', NAME)
    .requiredOption('--page <file...>', PAGE)
    .option('--attrs <file>', ATTRS)
    .option('--json', 'one JSON object a page: cells, unread, idle')
    .addHelpText('after', '\nExamples:\n  ticker shred cover base-metals --page page.txt\n')
    .action((name: string, options: PageOptions) => print((output) => runCover(name, options, output)));
  shred
    .command('explain')
    .description('say which rule reads a cell, what it made of it, or why it was refused')
    .argument('<name>', NAME)
    .argument('<row>', 'from 0')
    .argument('<column>', 'from 0')
    .requiredOption('--page <file...>', PAGE)
    .option('--attrs <file>', ATTRS)
    .option('--json', 'a JSON object')
    .addHelpText('after', '\nExamples:\n  ticker shred explain fx-spot-composite 5 40 --page page.txt\n')
    .action((name: string, row: string, column: string, options: PageOptions) =>
      print((output) => runExplain(name, row, column, options, output)),
    );
  addNew(shred);
  addInspect(shred);
  addComparing(shred);
  addVersions(shred);
}

async function print(run: (output: LineOutput) => void): Promise<void> {
  await printLater(async (output) => run(output));
}

async function printLater(run: (output: LineOutput) => Promise<void>): Promise<void> {
  const output = new LineOutput();
  try {
    await run(output);
  } finally {
    await output.flush();
  }
}
