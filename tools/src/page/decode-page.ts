import { TickerError } from '@tickerplant/core';
import { AnsiDecoder, Page, RowPage, TeletextDecoder, type TeletextPage, TerminalDecoder } from '@tickerplant/pages';
import { FaultReport } from './fault-report.ts';
import { readJsonLines, readPieces } from './page-source.ts';
import { pageJson, teletextJson } from './page-text.ts';
import { readRowMessage } from './row-messages.ts';

/** The protocols that pages come in. */
export const PAGE_PROTOCOLS = ['ansi', 'terminal', 'row-fields', 'teletext'] as const;

export type PageProtocol = (typeof PAGE_PROTOCOLS)[number];

export interface PageDecodeOptions {
  readonly protocol: PageProtocol;
  /** Of `ansi` and `terminal` pages. */
  readonly rows: number;
  readonly columns: number;
  /** Of `row-fields`: 9B begins a sequence. */
  readonly eightBitCsi: boolean;
  /** Of `teletext`: each transmission, not only how each subpage is in the end. */
  readonly updates: boolean;
  /** Asked after each piece of the file: a promise is waited for, so that a slow reader isn't run away from. */
  readonly ready: () => Promise<void> | undefined;
}

/** Bound on the pages of a file of row fields. */
const PAGES_MAX = 10_000;

/** A screen to show. */
export interface Screen {
  readonly title: string;
  readonly page: Page;
  readonly json: object;
}

/**
 * Decodes a file of pages.
 *
 * @param onScreen told of each screen, borrowed: for `ansi` and `terminal` the last, for `row-fields` that after each
 *   message, for `teletext` each subpage.
 * @throws TickerError `PAGES_CANNOT_READ`, `PAGES_BAD_LINE`, `PAGES_BAD_SIZE`, and `PAGES_NOTHING` where no page is in the file.
 */
export async function decodePages(
  path: string,
  options: PageDecodeOptions,
  onScreen: (screen: Screen) => void,
): Promise<FaultReport> {
  const faults = new FaultReport();
  let screens = 0;
  const show = (screen: Screen): void => {
    screens++;
    onScreen(screen);
  };
  if (options.protocol === 'row-fields') await decodeRows(path, options, faults, show);
  else if (options.protocol === 'teletext') await decodeTeletext(path, options, faults, show);
  else await decodeScreen(path, options, faults, show);
  if (screens > 0) return faults;
  const found = faults.text ?? 'no bytes';
  throw new TickerError('PAGES_NOTHING', `expected ${options.protocol} pages, got ${found}`, { file: path });
}

async function decodeScreen(
  path: string,
  { protocol, rows, columns, ready }: PageDecodeOptions,
  faults: FaultReport,
  onScreen: (screen: Screen) => void,
): Promise<void> {
  const page = new Page(rows, columns);
  const options = { onFault: faults.add };
  const decoder = protocol === 'ansi' ? new AnsiDecoder(page, options) : new TerminalDecoder(page, options);
  let bytes = 0;
  for await (const piece of readPieces(path)) {
    bytes += piece.length;
    decoder.feed(piece);
    await ready();
  }
  if (bytes === 0) return;
  const json = { columns, lines: rows, ...pageJson(page), cursor: decoder.cursor, faults };
  onScreen({ title: `${protocol} ${rows}x${columns}`, page, json });
}

async function decodeRows(
  path: string,
  { eightBitCsi, ready }: PageDecodeOptions,
  faults: FaultReport,
  onScreen: (screen: Screen) => void,
): Promise<void> {
  /** By name: a file may hold messages of several pages. */
  const pages = new Map<string, RowPage>();
  for await (const { line, value } of readJsonLines(path)) {
    const { seq, name = '', isImage, form, values } = readRowMessage(value, path, line);
    if (form === undefined) continue;
    let page = pages.get(name);
    if (page === undefined) {
      if (pages.size >= PAGES_MAX) {
        throw new TickerError('PAGES_TOO_MANY', `expected at most ${PAGES_MAX} pages, got '${name}' too`, {
          file: path,
          line,
        });
      }
      page = new RowPage(form, { eightBitCsi, onFault: faults.add });
      pages.set(name, page);
    }
    if (page.form !== form) {
      throw new TickerError('PAGES_BAD_LINE', `expected rows of ${page.form}, got ${form}`, { file: path, line });
    }
    const cells = isImage ? page.image(values) : page.update(values);
    if (!page.hasImage) continue;
    const json = { seq, kind: isImage ? 'refresh' : 'update', name, cells, ...pageJson(page.page), faults };
    await ready();
    onScreen({ title: `${name} ${seq ?? `line ${line}`}, ${cells} cells changed`, page: page.page, json });
  }
}

async function decodeTeletext(
  path: string,
  { updates, ready }: PageDecodeOptions,
  faults: FaultReport,
  onScreen: (screen: Screen) => void,
): Promise<void> {
  const show = (subpage: TeletextPage): void =>
    onScreen({ title: subpage.name, page: subpage.page, json: { ...teletextJson(subpage), faults } });
  const decoder = new TeletextDecoder({ onFault: faults.add, ...(updates ? { onPage: show } : {}) });
  for await (const piece of readPieces(path)) {
    decoder.feed(piece);
    await ready();
  }
  decoder.end();
  if (updates) return;
  for (const [, subpage] of [...decoder.pages].sort(([a], [b]) => a - b)) {
    await ready();
    show(subpage);
  }
}
