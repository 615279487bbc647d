import { TickerError } from '@tickerplant/core';
import { type Command, Option } from 'commander';
import { addConnectionOptions, type ConnectionOptions, connectionOf, positive } from '../connection.ts';
import { LineOutput } from '../output.ts';
import { decodePages, PAGE_PROTOCOLS, type PageProtocol, type Screen } from '../page/decode-page.ts';
import { rowForTerminal } from '../page/page-text.ts';
import { viewPage } from '../page-view/view-page.ts';

interface DecodeOptions {
  readonly protocol: PageProtocol;
  readonly size: string;
  readonly eightBitCsi?: true;
  readonly updates?: true;
  readonly json?: true;
}

interface ViewOptions extends ConnectionOptions {
  readonly json?: true;
  readonly once?: true;
  readonly duration?: string;
}

/** `ticker page SUBJECT` and `ticker page decode FILE` */
export function addPage(program: Command): void {
  const page = program
    .command('page')
    .description('show a page as it changes, in its colours; `page decode` shows what a file draws')
    .argument('<subject>', 'the page: SCREEN.FXSP0001')
    // Both have a --json.
    .enablePositionalOptions();
  addConnectionOptions(page)
    .option('--json', 'every event as a line of JSON; with --once the page')
    .option('--once', 'show the page when it has come, then end')
    .option('--duration <seconds>', 'end after so long; with --once, give up (10 s unless told otherwise)')
    .addHelpText(
      'after',
      `
Keys: arrows move the cursor, Tab to the next <LINK>, Enter follows what is under it; n and p next and previous page or
subpage; digits, or g and a name, go to a page; Backspace goes back; q quits.

Examples:
  ticker page --floor examples/pages.yaml SCREEN.FXSP0001
  ticker page --floor examples/pages.yaml SCREEN.FXSP0001 --once --json

Exit code 1 when no plant is heard within 5 s (a screen keeps waiting), or with --once when the page has not come.
`,
    )
    .action(async (subject: string, options: ViewOptions) => {
      const seconds = positive('--duration', options.duration);
      process.exitCode = await viewPage({
        subject,
        connection: connectionOf(options),
        json: options.json === true,
        once: options.once === true,
        durationMs: seconds === undefined ? undefined : seconds * 1000,
      });
    });
  page
    .command('decode')
    .description('show the screens that a file of page updates draws')
    .argument('<file>', 'bytes as a page service sent them; row-fields: a JSON message a line; - for standard input')
    .addOption(new Option('--protocol <name>', 'how they are written').choices(PAGE_PROTOCOLS).makeOptionMandatory())
    .option('--size <rows>x<columns>', 'of an ansi or terminal page', '25x80')
    .option('--eight-bit-csi', 'row-fields: byte 9B begins a sequence, as ESC [ does')
    .option('--updates', 'teletext: each transmission, not only each subpage as it is in the end')
    .option('--json', 'one JSON object a screen')
    .addHelpText(
      'after',
      `
Examples:
  ticker page decode session.ansi --protocol ansi --size 25x80
  ticker page decode fxfx.jsonl --protocol row-fields --json
  ticker page decode week.t42 --protocol teletext --json | head -1

A line of row-fields: {"seq": 1, "kind": "refresh", "page": "FXFX", "fields": {"ROW64_1": "…"}}; kind refresh or update.
`,
    )
    .action(async (file: string, options: DecodeOptions) => decode(file, options));
}

async function decode(file: string, options: DecodeOptions): Promise<void> {
  const output = new LineOutput();
  const isColoured = process.stdout.isTTY === true && !process.env.NO_COLOR;
  const print = ({ title, page, json }: Screen): void => {
    if (options.json === true) {
      output.line(JSON.stringify(json));
      return;
    }
    output.line(`── ${title} ──`);
    for (let row = 0; row < page.rows; row++) output.line(rowForTerminal(page, row, isColoured));
  };
  const faults = await decodePages(
    file,
    {
      protocol: options.protocol,
      ...parseSize(options.size),
      eightBitCsi: options.eightBitCsi === true,
      updates: options.updates === true,
      ready: () => (output.congested ? output.flush() : undefined),
    },
    print,
  );
  await output.flush();
  if (options.json !== true && faults.text !== undefined) process.stderr.write(`ticker: ${file}: ${faults.text}\n`);
}

/** @throws TickerError `TOOLS_BAD_OPTION` */
function parseSize(text: string): { readonly rows: number; readonly columns: number } {
  const match = /^(\d{1,3})x(\d{1,3})$/.exec(text);
  if (match === null) throw new TickerError('TOOLS_BAD_OPTION', `expected --size as ROWSxCOLUMNS, got '${text}'`);
  return { rows: Number(match[1]), columns: Number(match[2]) };
}
