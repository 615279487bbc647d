import type { Command } from 'commander';
import { LineOutput } from '../output.ts';
import { runDiff } from '../shred/diff.ts';
import { runKeep } from '../shred/keep.ts';
import { STORE_DEFAULT } from '../shred/source.ts';
import { runWhy } from '../shred/why.ts';

const NAME = 'a shipped shredder, a YAML file, or a stored version as NAME@NUMBER';
const TODAY = 'business date, YYYY-MM-DD, for dates without a year';
const STORE = 'the file with the versions';

/** `ticker shred keep|diff|why` */
export function addComparing(shred: Command): void {
  shred
    .command('keep')
    .description('keep a page, with what is read from it now, as a fixture of a shredder')
    .argument('<shredder>', 'a YAML file; the fixture goes into fixtures/NAME beside it')
    .requiredOption('--page <file>', 'the page as text')
    .option('--as <name>', 'what to call it: normal-day, holiday (default: the name of the page file)')
    .option('--drifted', 'a page of another layout: nothing but what is LIVE now may be')
    .option('--force', 'write over one that is there')
    .option('--json', 'a JSON object: file, drifted, live')
    .addHelpText('after', '\nExamples:\n  ticker shred keep ./mine.yaml --page monday.txt --as normal-day\n')
    .action((path: string, options: Parameters<typeof runKeep>[1]) =>
      print((output) => runKeep(path, options, output)),
    );
  shred
    .command('diff')
    .description('compare what two versions of a shredder make of pages')
    .argument('<first>', NAME)
    .argument('<second>', NAME)
    .requiredOption('--page <file...>', 'pages as text (with colours in the .attrs.json beside each)')
    .option('--today <day>', TODAY)
    .option('--store <file>', STORE, STORE_DEFAULT)
    .option('--json', 'one JSON object a page: match, items, same, differences')
    .addHelpText(
      'after',
      `
Examples:
  ticker shred diff mine@2 ./mine.yaml --page captured/*.txt
  ticker shred diff mine@1 mine@2 --page monday.txt --json

-  only the first has the item   +  only the second   ~  a value or the quality differs
`,
    )
    .action((first: string, second: string, options: Parameters<typeof runDiff>[2]) =>
      print((output) => runDiff(first, second, options, output)),
    );
  shred
    .command('why')
    .description('say where the value of a field comes from: page, row, column, text, rule, version')
    .argument('<page>', 'the page as text')
    .argument('<subject>', 'the item: SPOTFX.EUR, or EUR')
    .argument('<field>', "the record's field, or its name in the dictionary: bid, BID")
    .requiredOption('--with <shredder>', NAME)
    .option('--attrs <file>', 'its colours (default: the .attrs.json beside the page, if there is one)')
    .option('--today <day>', TODAY)
    .option('--store <file>', STORE, STORE_DEFAULT)
    .option('--json', 'a JSON object')
    .addHelpText('after', '\nExamples:\n  ticker shred why page.txt SPOTFX.EUR ASK --with fx-spot-composite\n')
    .action((page: string, subject: string, field: string, options: Parameters<typeof runWhy>[3]) =>
      print((output) => runWhy(page, subject, field, options, output)),
    );
}

async function print(run: (output: LineOutput) => void): Promise<void> {
  const output = new LineOutput();
  try {
    run(output);
  } finally {
    await output.flush();
  }
}
