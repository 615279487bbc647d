import { type Client, connect, type Subscription } from '@tickerplant/client';
import { TickerError } from '@tickerplant/core';
import { createLogger } from '@tickerplant/telemetry';
import type { Connection } from '../connection.ts';
import { LineOutput } from '../output.ts';
import { rowForTerminal } from '../page/page-text.ts';
import { Ending } from '../watch/ending.ts';
import { floorEventText } from '../watch/event-lines.ts';
import { requirePlant } from '../watch/giving-up.ts';
import { parseKeys } from '../watch/keys.ts';
import { Notes } from '../watch/notes.ts';
import { paintFor } from '../watch/paint.ts';
import { Terminal } from '../watch/terminal.ts';
import { watch } from '../watch/watch.ts';
import { EXIT } from './page-command.ts';
import { pressPageKey } from './page-keys.ts';
import { PageModel } from './page-model.ts';
import { PageScreen } from './page-screen.ts';

/** What to show, and how. */
export interface PageViewOptions {
  readonly subject: string;
  readonly connection: Connection;
  readonly json: boolean;
  /** Ends when there is a page to show. */
  readonly once: boolean;
  /** Ends after so long; with `once`, gives up. */
  readonly durationMs: number | undefined;
}

/** How long to wait for a page where it is all that is wanted: a service may have to be asked for it. */
const PAGE_WAIT_MS = 10_000;
/** Between two looks whether the page has come, and between two repaints. */
const LOOK_MS = 50;
const REPAINT_MS = 100;
const FRAME_EVERY_MS = 1_000;

/**
 * Shows a page until told to stop.
 *
 * @returns the exit code.
 * @throws TickerError `PAGE_NOT_THERE`, `WATCH_NO_PLANT`, `RECORDS_BAD_PATTERN`, `MULTICAST_…`
 */
export async function viewPage(options: PageViewOptions): Promise<number> {
  const { subject, connection, durationMs } = options;
  if (/[*>]/.test(subject) || !subject.includes('.')) {
    throw new TickerError('TOOLS_BAD_OPTION', `expected one page, as SERVICE.PAGE, got '${subject}'`);
  }
  if (options.json && !options.once) {
    const rest = { fields: undefined, once: false, count: undefined, rate: 1 };
    return watch({ ...rest, patterns: [subject], connection, json: true, durationMs });
  }
  const isScreen = process.stdout.isTTY === true && !options.once;
  const notes = isScreen ? new Notes() : undefined;
  const client = await connect({
    ...connection,
    logger: notes?.logger ?? createLogger('page', process.env.TICKER_LOG ?? 'warn'),
    onEvent: (event) => notes?.say(floorEventText(event)),
  });
  const ending = new Ending();
  let stop: () => void = () => {};
  try {
    // Refused, if it must be, before the screen changes.
    const subscription = client.subscribe(subject);
    process.send?.({ ready: true });
    if (!isScreen) requirePlant(client, connection, ending);
    if (options.once) stop = printOnce(client, options, ending);
    else if (notes === undefined) stop = printFrames(client, options, ending);
    else stop = showScreen(client, subscription, options, ending, notes);
    if (!options.once && durationMs !== undefined) ending.after(durationMs, () => ending.end(0));
    return await ending.reached;
  } finally {
    stop();
    await client.close();
    if (process.connected) process.disconnect();
  }
}

// — for scripts ——————————————————————————————————————————————————————————————————————————————————————————————

/** The page when it has come. Whether it is LIVE it says itself. */
function printOnce(client: Client, options: PageViewOptions, ending: Ending): () => void {
  const { subject, json, durationMs = PAGE_WAIT_MS } = options;
  const output = new LineOutput();
  const timer = setInterval(() => {
    const item = client.item(subject);
    // The reason why there is none comes in the end.
    if (item?.page === undefined || !item.hasImage || ending.isOver) return;
    clearInterval(timer);
    if (json) output.line(JSON.stringify(item.toJSON()));
    else for (const line of frame(client, subject)) output.line(line);
    output.flush().then(
      () => ending.end(0),
      (error) => ending.fail(error),
    );
  }, LOOK_MS);
  client.ready.then(
    () => ending.after(durationMs, () => ending.fail(notThere(client, subject, durationMs))),
    () => {},
  );
  return () => clearInterval(timer);
}

function notThere(client: Client, subject: string, durationMs: number): TickerError {
  const item = client.item(subject);
  const why =
    item === undefined
      ? 'nobody has it'
      : [`it is ${item.state.name}`, item.state.reason, item.state.detail].filter((part) => part !== '').join(', ');
  return new TickerError('PAGE_NOT_THERE', `expected page ${subject} within ${durationMs / 1000} s: ${why}`);
}

/** The page, whenever it has changed, but not more than once a second, for a reader that is no terminal. */
function printFrames(client: Client, { subject }: PageViewOptions, ending: Ending): () => void {
  const output = new LineOutput();
  let before = '';
  const timer = setInterval(() => {
    if (output.congested || ending.isOver) return;
    const lines = frame(client, subject);
    const text = lines.join('\n');
    if (text === before) return;
    before = text;
    for (const line of [...lines, '']) output.line(line);
    output.flush().catch((error) => ending.fail(error));
  }, FRAME_EVERY_MS);
  return () => clearInterval(timer);
}

/** A title and the page's rows; in its colours only while it is LIVE. */
function frame(client: Client, subject: string): string[] {
  const item = client.item(subject);
  const page = item?.page;
  if (item === undefined) return [`── ${subject}: not there ──`];
  const { name, reason, detail } = item.state;
  const quality = [name, reason, detail].filter((part) => part !== '').join(' ');
  const isColoured = process.stdout.isTTY === true && !process.env.NO_COLOR && item.isLive;
  const rows =
    page === undefined ? [] : Array.from({ length: page.rows }, (_, row) => rowForTerminal(page, row, isColoured));
  return [`── ${subject}   ${quality} ──`, ...rows];
}

// — on a terminal ————————————————————————————————————————————————————————————————————————————————————————————

function showScreen(
  client: Client,
  first: Subscription,
  { subject, connection }: PageViewOptions,
  ending: Ending,
  notes: Notes,
): () => void {
  const { NO_COLOR = '', TERM } = process.env;
  const model = new PageModel(subject, Date.now());
  const screen = new PageScreen(model, paintFor(process.env), NO_COLOR === '' && TERM !== 'dumb');
  let subscription = first;
  const listen = (): void => {
    const wanted = model.subject;
    subscription.listen({
      onItem: (item) => model.image(item, Date.now()),
      onImage: (item) => model.image(item, Date.now()),
      onUpdate: ({ item, cells }) => {
        if (cells !== undefined && item.subject === wanted) model.changed(item, cells, Date.now());
      },
    });
  };
  /** The other page's subscription first: the plant need not be left for it. */
  const follow = (): void => {
    const before = subscription;
    subscription = client.subscribe(model.subject);
    listen();
    before.close();
  };
  const repaint = (): void => {
    if (terminal.congested) return;
    const nowMs = Date.now();
    const status = `${connection.status} (interface ${connection.interface})`;
    const facts = { floor: client.floor, status, note: notes.current(nowMs) };
    terminal.show(screen.screen(facts, nowMs, terminal.width, terminal.height));
  };
  const goTo = (name: string): void => {
    const wanted = model.subjectFor(name, client.services);
    if (wanted === model.subject) return;
    model.open(wanted, Date.now());
    follow();
  };
  const onKeys = (text: string): void => {
    for (const key of parseKeys(text)) {
      const command = pressPageKey(model, key);
      if (command === EXIT) ending.end(0);
      else if (command === 'back') {
        if (model.back(Date.now())) follow();
      } else if (command !== undefined) goTo(command.go);
    }
    repaint();
  };
  listen();
  const terminal = new Terminal(process.stdin, process.stdout, onKeys, repaint);
  const timer = setInterval(repaint, REPAINT_MS);
  repaint();
  return () => {
    clearInterval(timer);
    terminal.close();
  };
}
