import { once } from 'node:events';
import { TickerError } from '@tickerplant/core';
import type { Command } from 'commander';
import { parseWhole } from '../options.ts';
import { LineOutput } from '../output.ts';
import { printInspection, showInspection } from '../shred/inspect/inspect.ts';
import { capturedPage, filePage, type Inspectable } from '../shred/inspect/inspectable.ts';
import { serveInspection } from '../shred/inspect/web-server.ts';
import { STORE_DEFAULT } from '../shred/source.ts';

interface Options {
  readonly with: string;
  readonly attrs?: string;
  readonly today?: string;
  readonly store: string;
  readonly capture?: readonly string[];
  readonly at?: string;
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
    .argument(
      '[page]',
      'the page as text, one row a line; with --capture: its subject (default: the first one that is read)',
    )
    .requiredOption('--with <shredder>', 'a shipped shredder, a YAML file, or a stored version as NAME@NUMBER')
    .option('--attrs <file>', 'its colours (default: the .attrs.json beside the page, if there is one)')
    .option('--today <day>', 'business date, YYYY-MM-DD, for dates without a year')
    .option('--capture <file...>', 'a page out of captures (pcap, pcapng, .gz), of one network or both')
    .option('--at <time>', 'with --capture: HH:MM:SS, or YYYY-MM-DDTHH:MM:SSZ, UTC (default: the end)')
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
  ticker shred inspect SCREEN.FXSP0001 --with ./mine.yaml --capture monday.pcapng.gz --at 10:02:11

Both files may be edited meanwhile: what is shown follows. Text that no rule reads is black on yellow, refused text white on
red, anchors are on green; dots are where a rule looks and finds a blank; items that aren't LIVE are underlined. Keys: arrows,
n and p to the next and previous thing to look at, m for a map with the rules' letters, a for how long ago cells changed (captured
pages only), d for what is not as it is known: anchors, headers, static text of the fixtures; q. A captured page: ] and [ to the
next and previous change, } and { by a hundred. It is read as if it had stood still at that moment.
`,
    )
    .action(run);
}

async function run(page: string | undefined, options: Options): Promise<void> {
  const inspectable = await open(page, options);
  if (options.serve !== undefined) {
    await serve(inspectable, options.json === true, options.serve === true ? PORT_DEFAULT : options.serve);
    return;
  }
  if (options.once === true || options.json === true) {
    const output = new LineOutput();
    printInspection(inspectable, options.json === true, output);
    await output.flush();
    return;
  }
  if (process.stdout.isTTY !== true || process.stdin.isTTY !== true) {
    throw new TickerError('TOOLS_BAD_OPTION', 'expected a terminal, or --once, --json or --serve');
  }
  await showInspection(inspectable);
}

async function open(page: string | undefined, options: Options): Promise<Inspectable> {
  const { capture } = options;
  if (capture !== undefined) {
    if (options.attrs !== undefined) throw new TickerError('TOOLS_BAD_OPTION', 'expected no --attrs with --capture');
    return capturedPage(page, { ...options, capture });
  }
  if (options.at !== undefined) throw new TickerError('TOOLS_BAD_OPTION', 'expected --at with --capture only');
  if (page === undefined) throw new TickerError('TOOLS_BAD_OPTION', 'expected a page, or --capture');
  return filePage(page, options);
}

async function serve(page: Inspectable, isJson: boolean, port: string): Promise<void> {
  const server = await serveInspection(page, parseWhole('serve', port, 0, 65_535));
  process.stdout.write(
    `${isJson ? JSON.stringify({ url: server.url }) : `inspector at ${server.url} (Ctrl-C ends it)`}\n`,
  );
  await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
  await server.close();
}
