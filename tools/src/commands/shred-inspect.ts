import { once } from 'node:events';
import { TickerError } from '@tickerplant/core';
import type { Command } from 'commander';
import { parseWhole } from '../options.ts';
import { LineOutput } from '../output.ts';
import { printInspection, showInspection } from '../shred/inspect/inspect.ts';
import { serveInspection } from '../shred/inspect/web-server.ts';
import { STORE_DEFAULT } from '../shred/source.ts';

interface Options {
  readonly with: string;
  readonly attrs?: string;
  readonly today?: string;
  readonly store: string;
  readonly once?: true;
  readonly json?: true;
  readonly serve?: string | true;
}

const PORT_DEFAULT = '7380';

/** `ticker shred inspect PAGE --with SHREDDER [--once|--json|--serve [PORT]]` */
export function addInspect(shred: Command): void {
  shred
    .command('inspect')
    .description('look at a page as a shredder sees it: each cell by the rule that reads it')
    .argument('<page>', 'the page as text, one row a line')
    .requiredOption('--with <shredder>', 'a shipped shredder, a YAML file, or a stored version as NAME@NUMBER')
    .option('--attrs <file>', 'its colours (default: the .attrs.json beside the page, if there is one)')
    .option('--today <day>', 'business date, YYYY-MM-DD, for dates without a year')
    .option('--once', 'print it and end')
    .option('--json', 'print it as a JSON object and end')
    .option('--serve [port]', `show it in a browser instead, on loopback (default port: ${PORT_DEFAULT})`)
    .option('--store <file>', 'the file with the versions', STORE_DEFAULT)
    .addHelpText(
      'after',
      `
Examples:
  ticker shred inspect page.txt --with ./mine.yaml
  ticker shred inspect page.txt --with ./mine.yaml --serve
  ticker shred inspect page.txt --with fx-spot-composite --once | less

Both files may be edited meanwhile: what is shown follows. Text that no rule reads is black on yellow, refused text white on
red, anchors are on green; dots are where a rule looks and finds a blank; items that aren't LIVE are underlined. Keys: arrows,
n and p to the next and previous unread or refused text, m for a map with the rules' letters, q.
`,
    )
    .action(run);
}

async function run(page: string, options: Options): Promise<void> {
  if (options.serve !== undefined) {
    await serve(page, options, options.serve === true ? PORT_DEFAULT : options.serve);
    return;
  }
  if (options.once === true || options.json === true) {
    const output = new LineOutput();
    printInspection(page, options, output);
    await output.flush();
    return;
  }
  if (process.stdout.isTTY !== true || process.stdin.isTTY !== true) {
    throw new TickerError('TOOLS_BAD_OPTION', 'expected a terminal, or --once, --json or --serve');
  }
  await showInspection(page, options);
}

async function serve(page: string, options: Options, port: string): Promise<void> {
  const server = await serveInspection(page, options, parseWhole('serve', port, 0, 65_535));
  process.stdout.write(
    `${options.json === true ? JSON.stringify({ url: server.url }) : `inspector at ${server.url} (Ctrl-C ends it)`}\n`,
  );
  await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
  await server.close();
}
