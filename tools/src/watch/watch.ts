import { type Client, connect, type FloorEvent, type Subscription } from '@tickerplant/client';
import { TickerError } from '@tickerplant/core';
import { standardDictionary } from '@tickerplant/records';
import { createLogger } from '@tickerplant/telemetry';
import type { Connection } from '../connection.ts';
import { LineOutput } from '../output.ts';
import { Board, bodyHeight, type FloorFacts } from './board.ts';
import { BOARD_COLUMNS, type Column, columnsFor } from './columns.ts';
import { Ending } from './ending.ts';
import { eventLine, floorEventLine, floorEventText } from './event-lines.ts';
import { requirePlant } from './giving-up.ts';
import { parseKeys, pressKey } from './keys.ts';
import { BoardModel } from './model.ts';
import { Notes } from './notes.ts';
import { type Paint, paintFor, paintOf } from './paint.ts';
import { Terminal } from './terminal.ts';

/** What to watch, and how to show it. */
export interface WatchOptions {
  readonly patterns: readonly string[];
  readonly connection: Connection;
  /** Names of fields in place of the usual columns. */
  readonly fields: readonly string[] | undefined;
  readonly json: boolean;
  /** Ends when the first images have come. */
  readonly once: boolean;
  /** Ends after so many updates. */
  readonly count: number | undefined;
  /** Ends after so long. */
  readonly durationMs: number | undefined;
  /** Most repaints a second. */
  readonly rate: number;
}

/** What every way of showing works with. */
interface Watching {
  readonly client: Client;
  readonly subscription: Subscription;
  readonly options: WatchOptions;
  readonly columns: readonly Column[];
  /** What ends it. */
  readonly ending: Ending;
  /** Called for what happens to the floor. */
  onFloorEvent: (event: FloorEvent) => void;
}

/** How long to wait for the first item where one is expected. */
const ITEMS_WAIT_MS = 5_000;
const TABLE_EVERY_MS = 1_000;
const TABLE_ITEMS_MAX = 20;
const TABLE_WIDTH = 120;

/**
 * Watches until told to stop.
 *
 * @returns the exit code.
 * @throws TickerError `WATCH_NO_PLANT`, `WATCH_NO_ITEMS`, `RECORDS_BAD_PATTERN`, `MULTICAST_…`
 */
export async function watch(options: WatchOptions): Promise<number> {
  // Refused before anything is opened.
  const columns = options.fields === undefined ? BOARD_COLUMNS : columnsFor(options.fields, standardDictionary());
  const isBoard = process.stdout.isTTY === true && !options.json && !options.once;
  const notes = isBoard ? new Notes() : undefined;
  const logger = notes?.logger ?? createLogger('watch', process.env.TICKER_LOG ?? 'warn');
  let watching: Watching | undefined;
  const client = await connect({
    ...options.connection,
    logger,
    onEvent: (event) => watching?.onFloorEvent(event),
  });
  const ending = new Ending();
  let stop: () => void = () => {};
  try {
    // Bad patterns are refused before the screen changes.
    const subscription = client.subscribe(
      options.patterns,
      options.fields === undefined ? {} : { fields: options.fields },
    );
    process.send?.({ ready: true });
    if (options.durationMs !== undefined) ending.after(options.durationMs, () => timeIsUp(options, ending));
    if (!isBoard) requirePlant(client, options.connection, ending);
    watching = { client, subscription, options, columns, ending, onFloorEvent: () => {} };
    if (options.json) stop = options.once ? printImages(watching) : printEvents(watching);
    else if (options.once) stop = printOnce(watching);
    else stop = notes === undefined ? printTables(watching) : showBoard(watching, notes);
    return await ending.reached;
  } finally {
    stop();
    await client.close();
    if (process.connected) process.disconnect();
  }
}

function timeIsUp({ once, durationMs = 0 }: WatchOptions, ending: Ending): void {
  if (once) ending.fail(new TickerError('WATCH_NO_IMAGES', `expected all images within ${durationMs / 1000} s`));
  else ending.end(0);
}

/** Calls back when the first images have come. Gives up when there are none to come. */
function whenImaged(
  client: Client,
  subscription: Subscription,
  { patterns }: WatchOptions,
  ending: Ending,
  then: () => void,
): void {
  const orNone = (otherwise: () => void): void => {
    if (subscription.items.length > 0) otherwise();
    else
      ending.fail(new TickerError('WATCH_NO_ITEMS', `expected items that match ${patterns.join(' ')}, there are none`));
  };
  const quietly = (): void => {};
  subscription.ready.then(() => orNone(then), quietly);
  // Nobody serves a service that no channel carries: its images are waited for in vain.
  client.ready.then(() => ending.after(ITEMS_WAIT_MS, () => orNone(quietly)), quietly);
}

// — JSON —————————————————————————————————————————————————————————————————————————————————————————————————————

/** Every event a line. A slow reader makes the subscription's queue conflate; memory stays bounded. */
function printEvents(watching: Watching): () => void {
  const { client, subscription, options, ending } = watching;
  const output = new LineOutput();
  watching.onFloorEvent = (event) => {
    output.line(floorEventLine(event));
    output.flush().catch((error) => ending.fail(error));
  };
  const wanted = options.fields === undefined ? undefined : new Set(options.fields);
  const queue = subscription[Symbol.asyncIterator]();
  let updates = 0;
  const run = async (): Promise<void> => {
    for await (const event of queue) {
      const line = eventLine(event, client.dictionary, wanted);
      if (line !== undefined) output.line(line);
      if (event.event === 'update' || (event.event === 'image' && event.conflated > 0)) updates++;
      const isEnough = ending.isOver || (options.count !== undefined && updates >= options.count);
      if (isEnough || queue.length === 0 || output.congested) await output.flush();
      if (isEnough) break;
    }
    await output.flush();
    ending.end(0);
  };
  run().catch((error) => ending.fail(error));
  return () => void queue.return();
}

/** The images as they are when all have come. */
function printImages({ client, subscription, options, ending }: Watching): () => void {
  const output = new LineOutput();
  const wanted = options.fields === undefined ? undefined : new Set(options.fields);
  const run = async (): Promise<void> => {
    for (const item of subscription.items) {
      const { seq, state, possibleDuplicate } = item;
      const values = item.values();
      const event = { event: 'image', item, seq, values, state, possibleDuplicate, conflated: 0 } as const;
      output.line(eventLine(event, client.dictionary, wanted)!);
      if (output.congested) await output.flush();
    }
    await output.flush();
    ending.end(0);
  };
  whenImaged(client, subscription, options, ending, () => void run().catch((error) => ending.fail(error)));
  return () => {};
}

// — tables ———————————————————————————————————————————————————————————————————————————————————————————————————

function printOnce(watching: Watching): () => void {
  const { client, subscription, options, ending } = watching;
  const { board } = boardOf(watching, paintOf('text'));
  const output = new LineOutput();
  whenImaged(client, subscription, options, ending, () => {
    const facts = factsOf(client, options, '');
    for (const line of board.table(facts, Date.now(), TABLE_WIDTH, Number.POSITIVE_INFINITY)) output.line(line);
    output.flush().then(
      () => ending.end(0),
      (error) => ending.fail(error),
    );
  });
  return () => {};
}

/** A table every second for a reader that is no terminal. A slow one gets fewer. */
function printTables(watching: Watching): () => void {
  const { client, options, ending } = watching;
  const { board } = boardOf(watching, paintOf('text'));
  const output = new LineOutput();
  const timer = setInterval(() => {
    if (output.congested || ending.isOver) return;
    const lines = board.table(factsOf(client, options, ''), Date.now(), TABLE_WIDTH, TABLE_ITEMS_MAX);
    for (const line of lines) output.line(line);
    output.line('');
    output.flush().catch((error) => ending.fail(error));
  }, TABLE_EVERY_MS);
  return () => clearInterval(timer);
}

// — the board ————————————————————————————————————————————————————————————————————————————————————————————————

function showBoard(watching: Watching, notes: Notes): () => void {
  const { client, options, ending } = watching;
  watching.onFloorEvent = (event) => notes.say(floorEventText(event));
  const { board, model } = boardOf(watching, paintFor(process.env));
  const repaint = (): void => {
    if (terminal.congested) return;
    const nowMs = Date.now();
    terminal.show(board.screen(factsOf(client, options, notes.current(nowMs)), nowMs, terminal.width, terminal.height));
  };
  const onKeys = (text: string): void => {
    for (const key of parseKeys(text)) {
      if (pressKey(model, key, bodyHeight(terminal.height) - 1)) ending.end(0);
    }
    repaint();
  };
  const terminal = new Terminal(process.stdin, process.stdout, onKeys, repaint);
  const timer = setInterval(repaint, 1000 / options.rate);
  repaint();
  return () => {
    clearInterval(timer);
    terminal.close();
  };
}

/** A board that follows a subscription. */
function boardOf(
  { subscription, options, columns, ending }: Watching,
  paint: Paint,
): { board: Board; model: BoardModel } {
  const { count = Number.POSITIVE_INFINITY } = options;
  const model = new BoardModel(columns, Date.now());
  subscription.listen({
    onItem: (item) => model.item(item),
    onImage: (item) => model.image(item),
    onUpdate: ({ item }) => {
      model.update(item);
      if (model.updates >= count) ending.end(0);
    },
  });
  return { board: new Board(model, paint), model };
}

function factsOf(client: Client, { connection, patterns }: WatchOptions, note: string): FloorFacts {
  const { floor, channels, serving } = client;
  const status = `${connection.status} (interface ${connection.interface})`;
  return { floor, plant: serving.images, primary: serving.primary, channels, status, patterns, note };
}
