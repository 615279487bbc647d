import { TickerError } from '@tickerplant/core';
import type { Command } from 'commander';
import { EXIT_FAILED } from '../exit.ts';
import { LineOutput } from '../output.ts';
import type { CaptureOptions } from '../shred/back-test/captures.ts';
import { diffOverCaptures } from '../shred/back-test/diff.ts';
import { runDiff } from '../shred/diff.ts';
import { runKeep } from '../shred/keep.ts';
import { STORE_DEFAULT } from '../shred/source.ts';
import { runWhy } from '../shred/why.ts';

const NAME = 'a shipped shredder, a YAML file, or a stored version as NAME@NUMBER';
const TODAY = 'business date, YYYY-MM-DD, for dates without a year';
const STORE = 'the file with the versions';

type DiffOptions = Omit<Parameters<typeof runDiff>[2], 'page'> & Partial<Omit<CaptureOptions, 'today'>>;

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
    .description('compare what two versions of a shredder make of pages, or of captured days')
    .argument('<first>', NAME)
    .argument('<second>', NAME)
    .option(
      '--page <page...>',
      'pages as text (with colours in the .attrs.json beside each); with --capture: subjects of pages',
    )
    .option('--capture <file...>', 'captures with the channels of the pages, any number, of one network or both')
    .option('--summary', 'with --capture: only the summary')
    .option('--today <day>', `${TODAY} (default with --capture: that of each session)`)
    .option('--store <file>', STORE, STORE_DEFAULT)
    .option(
      '--json',
      'one JSON object a page: match, items, same, differences; with --capture one a time, then the summary',
    )
    .addHelpText(
      'after',
      `
Examples:
  ticker shred diff mine@2 ./mine.yaml --page captured/*.txt
  ticker shred diff mine@1 mine@2 --page monday.txt --json
  ticker shred diff mine@2 ./mine.yaml --capture monday.pcapng.gz

-  only the first has the item   +  only the second   ~  a value or the quality differs

Of captures: when it began, how long it lasted, and what each had in the beginning. Exit code 1 where they differ.
`,
    )
    .action((first: string, second: string, options: DiffOptions) =>
      print(async (output) => {
        const { page, capture, summary, ...rest } = options;
        let differs: boolean;
        if (capture !== undefined) differs = await diffOverCaptures(first, second, { ...options, capture }, output);
        else if (page === undefined) throw new TickerError('TOOLS_BAD_OPTION', 'expected --page or --capture');
        else if (summary === true) throw new TickerError('TOOLS_BAD_OPTION', 'expected --summary with --capture only');
        else differs = runDiff(first, second, { ...rest, page }, output);
        if (differs) process.exitCode = EXIT_FAILED;
      }),
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

async function print(run: (output: LineOutput) => Promise<void> | void): Promise<void> {
  const output = new LineOutput();
  try {
    await run(output);
  } finally {
    await output.flush();
  }
}
