import { TickerError } from '@tickerplant/core';
import type {
  ChannelWriter,
  FeedProtocol,
  Normaliser,
  NormaliserContext,
  NormaliserGiver,
  TemplateSpec,
} from '@tickerplant/feed-runtime';
import { encodeRequest, MOLD_FRAMING } from '@tickerplant/moldudp64';
import { CellRuns, ChangeTracker, type Page } from '@tickerplant/pages';
import { RecordKind, standardDictionary, UpdateType } from '@tickerplant/records';
import { drawToyPage, isPage, newToyPage } from './toy-pages.ts';

const dictionary = standardDictionary();

/**
 * BID is the vendor's serial number of the message that set it, BIDSIZE the item: whatever is shown can be checked. ASKSIZE depends on
 * all messages since the last loss, as a day's statistics do.
 */
const TEMPLATES: readonly TemplateSpec[] = [
  {
    name: 'QUOTE',
    updateType: UpdateType.QUOTE,
    exponent: 0,
    fids: [dictionary.fid('BID'), dictionary.fid('BIDSIZE'), dictionary.fid('ASKSIZE')],
    bytesMax: 40,
  },
];

/**
 * A message of the vendor: the item, one byte; then a serial number, which goes on over all sessions, so that a value of an earlier
 * session is never taken for one of this.
 */
export function writeToyMessage(item: number, serial: number): Uint8Array {
  return Uint8Array.of(item, serial >>> 24, serial >>> 16, serial >>> 8, serial);
}

function readToySerial(bytes: Uint8Array, start: number): number {
  return ((bytes[start + 1]! << 24) | (bytes[start + 2]! << 16) | (bytes[start + 3]! << 8) | bytes[start + 4]!) >>> 0;
}

/** The item of a vendor message. */
function symbolOf(item: number): string {
  return `ITEM${item}`;
}

/** Every so many messages a page is sent whole. */
const WHOLE_EVERY = 7;
/** Messages in a piece of the history. */
const PIECE = 64;

interface SettledPiece {
  readonly log: number;
  readonly items: readonly number[];
}

interface SavedToy {
  readonly items: ReadonlyMap<number, number>;
  /** By symbol: the message that drew the page last. */
  readonly pages: ReadonlyMap<number, number>;
  readonly log: number;
  readonly history: readonly number[];
}

/** A feed of messages that are each a quote of the item that they name, or a page of it. */
class ToyNormaliser implements Normaliser {
  readonly #context: NormaliserContext;
  #items = new Map<number, number>();
  #pages = new Map<number, { readonly page: Page; position: number }>();
  readonly #tracker = new ChangeTracker();
  readonly #changes = new CellRuns();
  /** The items of all messages, and which of the histories that there were this is. */
  #history: number[] = [];
  #log = 0;
  #sum = 0;

  constructor(context: NormaliserContext) {
    this.#context = context;
  }

  message(bytes: Uint8Array, start: number): void {
    const records = this.#context.services.records!;
    const symbol = bytes[start]!;
    const position = readToySerial(bytes, start);
    const channel = records.channelOf(symbolOf(symbol));
    let item = this.#items.get(symbol);
    if (item === undefined) {
      item = channel.item(records.subject(symbolOf(symbol)), isPage(symbol) ? RecordKind.PAGE : RecordKind.RECORD);
      this.#items.set(symbol, item);
    }
    this.#history.push(symbol);
    this.#sum += symbol;
    if (isPage(symbol)) {
      this.#page(channel, item, symbol, position);
    } else {
      const writer = channel.update(item, 0);
      writer.int(position);
      writer.int(symbol);
      writer.int(this.#sum);
      channel.end();
    }
    channel.live(item);
  }

  #page(channel: ChannelWriter, item: number, symbol: number, position: number): void {
    const known = this.#pages.get(symbol);
    if (known === undefined) {
      const page = newToyPage(symbol, position);
      this.#pages.set(symbol, { page, position });
      channel.pageImage(item, page);
      return;
    }
    const { page } = known;
    known.position = position;
    this.#changes.clear();
    this.#tracker.begin(page);
    drawToyPage(page, symbol, position);
    this.#tracker.end(this.#changes.add);
    if (position % WHOLE_EVERY === 0) channel.pageImage(item, page);
    else channel.pageUpdate(item, page, this.#changes);
  }

  lost(from: number, to: number): void {
    this.#forget();
    this.#context.services.records!.suspectAll('vendor-gap', `vendor messages ${from} to ${to - 1} are missing`);
  }

  reset(): void {
    this.#items = new Map();
    this.#pages = new Map();
    this.#forget();
  }

  give(): NormaliserGiver {
    let given = 0;
    return {
      piece: (): SettledPiece | undefined => {
        const end = (given + 1) * PIECE;
        if (end > this.#history.length) return undefined;
        given++;
        return { log: this.#log, items: this.#history.slice(end - PIECE, end) };
      },
      rest: (): SavedToy => {
        const pages = new Map([...this.#pages].map(([symbol, { position }]) => [symbol, position]));
        return { items: this.#items, pages, log: this.#log, history: this.#history.slice(given * PIECE) };
      },
    };
  }

  restore(state: unknown, settled: readonly unknown[]): void {
    const { items, pages, log, history } = state as SavedToy;
    const pieces = settled as readonly SettledPiece[];
    if (pieces.some((piece) => piece.log !== log)) {
      throw new TickerError('SIM_BAD_STATE', 'expected pieces of one history');
    }
    this.#forget();
    this.#items = new Map(items);
    this.#pages = new Map(
      [...pages].map(([symbol, position]) => [symbol, { page: newToyPage(symbol, position), position }]),
    );
    this.#history = [...pieces.flatMap((piece) => piece.items), ...history];
    this.#sum = this.#history.reduce((sum, item) => sum + item, 0);
  }

  #forget(): void {
    this.#history = [];
    this.#sum = 0;
    this.#log++;
  }
}

/** The simulator's feed: positioned, with MoldUDP64 as its transport. */
export const TOY_FEED: FeedProtocol = {
  name: 'toy',
  createFraming: () => MOLD_FRAMING,
  roles: ['records'],
  templates: TEMPLATES,
  timeZone: 'UTC',
  requestMessagesMax: 64,
  singlePacketAnswers: true,
  encodeRequest,
  createNormaliser: (context) => new ToyNormaliser(context),
};
