import { connect, type Item } from '@tickerplant/client';
import { errorMessage, TickerError } from '@tickerplant/core';
import type { FieldOrigin } from '@tickerplant/shredder';
import { createLogger } from '@tickerplant/telemetry';
import type { Command } from 'commander';
import { connectionOf } from '../connection.ts';
import { askWhy } from '../control.ts';
import { readFloor } from '../floors.ts';
import { originLines } from '../shred/why.ts';

interface Options {
  readonly floor: string;
  readonly json?: true;
}

/** What a handler says of a field. */
interface Answer extends FieldOrigin {
  readonly handler: string;
  readonly page: string;
  readonly pageQuality: string;
  readonly pageReason: string;
  readonly shredder: string;
  readonly version: number;
}

/** What a subscriber sees of the item. */
interface Shown {
  readonly value: string | null;
  readonly quality: string;
  readonly reason: string;
  readonly channel: string;
  /** Number on the channel up to which it is complete. */
  readonly seq: number;
}

/** How long to wait for the item. */
const ITEM_MS = 10_000;
const LOOK_MS = 20;
/** How long a new subscriber may doubt an item that older ones do not: until plants and handlers have been heard. */
const DOUBT_MS = 2_000;

/** `ticker why SUBJECT FIELD` */
export function addWhy(program: Command): void {
  program
    .command('why')
    .description('why is this price? from an element back to its page, row, column, rule and version')
    .argument('<subject>', 'the element: RATES.EUR')
    .argument('<field>', "its field, by the dictionary's name or the shredder's: BID, bid")
    .requiredOption('--floor <file>', 'floor file')
    .option('--json', 'one JSON object')
    .addHelpText('after', '\nExample:\n  ticker why RATES.EUR BID --floor examples/pages.yaml\n')
    .action(async (subject: string, field: string, options: Options) => {
      const origin = await originOf(subject, field, options.floor);
      const shown = await shownOf(subject, origin.dictionary ?? field, options.floor);
      if (options.json === true) {
        console.log(JSON.stringify({ ...origin, subject, shown }));
        return;
      }
      const { page, pageQuality, pageReason, shredder, version, handler } = origin;
      for (const line of originLines({ ...origin, subject }, page)) console.log(line);
      console.log(`  version  ${shredder} ${version}`);
      console.log(`  source   page ${page}, ${pageQuality}${pageReason === '' ? '' : ` ${pageReason}`}, by ${handler}`);
      const { value, quality, reason, channel, seq } = shown;
      const why = reason === '' ? '' : ` (${reason})`;
      console.log(`  shown    ${value ?? 'no value'}, ${quality}${why}, channel ${channel} up to number ${seq}`);
    });
}

/** Asks the handlers of the floor, until one knows: a primary or a standby, both read the pages. */
async function originOf(subject: string, field: string, path: string): Promise<Answer> {
  const floor = readFloor(path);
  const service = subject.slice(0, subject.indexOf('.'));
  const feeds = floor.feeds.filter(({ services }) => services.elements === service);
  if (feeds.length === 0) {
    const known = floor.feeds.flatMap(({ services }) => services.elements ?? []).join(', ');
    const text = `expected an element of a service of pages (${known === '' ? 'this floor has none' : known}), got ${subject}`;
    throw new TickerError('WHY_NO_SERVICE', text);
  }
  const refusals: string[] = [];
  for (const { name, control } of feeds.flatMap(({ members }) => members)) {
    if (control === undefined) continue;
    try {
      return { ...(JSON.parse(await askWhy(control, subject, field)) as Omit<Answer, 'handler'>), handler: name };
    } catch (error) {
      refusals.push(`${name}: ${errorMessage(error)}`);
    }
  }
  throw new TickerError('WHY_NO_ANSWER', `expected a handler that knows ${subject} ${field}; ${refusals.join('; ')}`);
}

/** @param field the dictionary's name */
async function shownOf(subject: string, field: string, floor: string): Promise<Shown> {
  const client = await connect({ ...connectionOf({ floor }), logger: createLogger('why', 'error') });
  try {
    const subscription = client.subscribe(subject);
    await subscription.ready;
    const fromMs = Date.now();
    let item: Item | undefined;
    do {
      item = client.item(subject);
      if (item?.isLive === true || item?.quality === 'SUSPECT') break;
      if (item?.quality === 'STALE' && Date.now() > fromMs + DOUBT_MS) break;
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    } while (Date.now() < fromMs + ITEM_MS);
    if (item === undefined)
      throw new TickerError('WHY_NO_ITEM', `expected ${subject} on the floor, got nothing in ${ITEM_MS} ms`);
    const value = item.get(field);
    const { quality, state, channel, seq } = item;
    return {
      value: value === undefined || value === null ? null : String(value),
      quality,
      reason: state.reason,
      channel,
      seq,
    };
  } finally {
    await client.close();
  }
}
