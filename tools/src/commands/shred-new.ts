import type { Command } from 'commander';
import { LineOutput } from '../output.ts';
import { runNew } from '../shred/new/new.ts';

/** `ticker shred new PAGE... --name NAME` */
export function addNew(shred: Command): void {
  shred
    .command('new')
    .description('propose a shredder from captured pages of one kind: anchors, columns, types, key')
    .argument('<page...>', 'pages as text, one row a line; more of them make a better proposal')
    .requiredOption('--name <name>', 'what to call it: fx-spot-composite')
    .option('--page <name>', 'name of the page (default: the first word in capitals that all of them have)')
    .option('--size <size>', 'ROWSxCOLUMNS (default: 25x80, or what the pages need)')
    .option('--out <file>', 'where to write it; - for standard output (default: NAME.yaml)')
    .option('--force', 'write over a file that is there')
    .option('--json', 'a JSON object: file, page, tables, pages, items, live')
    .addHelpText(
      'after',
      `
Examples:
  ticker shred new monday.txt tuesday.txt --name metals
  ticker shred new page.txt --name metals --out -

What it writes reads the pages it was made from. It is a proposal: a person says what a column means, which side of a quote
comes first, and what must hold between values (guards).
`,
    )
    .action(async (pages: string[], options: Parameters<typeof runNew>[1]) => {
      const output = new LineOutput();
      try {
        runNew(pages, options, output);
      } finally {
        await output.flush();
      }
    });
}
