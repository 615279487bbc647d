import type { Command } from 'commander';
import { LineOutput } from '../output.ts';
import { runCover, runExplain, runShred, runTest } from '../shred/shred.ts';
import { addComparing } from './shred-compare.ts';
import { addInspect } from './shred-inspect.ts';
import { addNew } from './shred-new.ts';
import { addVersions } from './shred-versions.ts';

interface PageOptions {
  readonly page: readonly string[];
  readonly attrs?: string;
  readonly today?: string;
  readonly json?: true;
}

const NAME = 'a shipped shredder, or a YAML file';
const PAGE = 'the page as text, one row a line (several: one after another)';
const ATTRS = 'its colours (default: the .attrs.json beside the page, if there is one)';

/** `ticker shred run|test|cover|explain NAME --page FILE [--json]` */
export function addShred(program: Command): void {
  const shred = program.command('shred').description('turn pages into records');
  shred
    .command('run')
    .description('shred a page that stands on its own, and show what came of it')
    .argument('<name>', NAME)
    .requiredOption('--page <file...>', PAGE)
    .option('--attrs <file>', ATTRS)
    .option('--today <day>', 'business date, YYYY-MM-DD, for dates without a year')
    .option('--json', 'one JSON object a page: page, match, reasons, items')
    .addHelpText(
      'after',
      `
Examples:
  ticker shred run fx-spot-composite --page page.txt
  ticker shred run ./mine.yaml --page monday.txt tuesday.txt --json

An item that is SUSPECT shows its reason and no values. match: match, soft-drift (something new that puts nothing in doubt),
hard-drift (items are held back).
`,
    )
    .action((name: string, options: PageOptions) => print((output) => runShred(name, options, output)));
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
  const output = new LineOutput();
  try {
    run(output);
  } finally {
    await output.flush();
  }
}
