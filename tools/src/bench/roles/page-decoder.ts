import { seededRandom } from '@tickerplant/core';
import {
  AnsiDecoder,
  ChangeTracker,
  encodeRowUpdate,
  Page,
  RowPage,
  type RowValues,
  TeletextDecoder,
  TerminalDecoder,
} from '@tickerplant/pages';
import { measure, type Rates, type Repetition } from '../measure.ts';
import { type AnsiUpdates, digits, generatedAnsi, recordedPieces, simulatedAnsi } from '../parts/ansi-updates.ts';
import {
  generatedTeletext,
  recordedTeletextPackets,
  simulatedTeletext,
  type TeletextPackets,
} from '../parts/teletext-packets.ts';
import { serveRole } from '../role.ts';

/** What to do. */
export interface PagesOptions extends Repetition {
  /** Different updates, applied over and over; of a recording, rows of a run at least. */
  readonly updates: number;
  readonly pages: number;
}

/** Where the bytes come from: a generator of the benchmark's own, the simulated service, or a recording at this path. */
export interface DecodeOptions extends PagesOptions {
  readonly from: 'generated' | 'simulated' | { readonly recorded: string };
}

/** What was measured; rates in rows. */
export interface DecodeResult {
  readonly rates: Rates;
  readonly bytesPerRow: number;
  /** Rows of an update or transmission, on average. */
  readonly rowsPerUpdate: number;
  /** Cells told as changed, of all runs. */
  readonly cells: number;
  readonly faults: number;
}

/** Keeps pages up to date. */
export interface PageDecoderRole {
  /** 25 x 80 page updates; of a recording, what programs sent to terminals. */
  ansi(options: DecodeOptions): Promise<DecodeResult>;
  /** Teletext packets, whole transmissions of pages. */
  teletext(options: DecodeOptions): Promise<DecodeResult>;
  /** 14 x 64 page records, partial values. */
  rowFields(options: PagesOptions): Promise<DecodeResult>;
  /** The same bytes read and added up, nothing else: in rows too. */
  scan(options: DecodeOptions & { readonly what: 'ansi' | 'teletext' }): Promise<Rates>;
}

const ROWS = 25;
const COLUMNS = 80;
/** Bytes of a recording that count as one update: what comes from a terminal line at once. */
const PIECE_BYTES = 256;

function ansiUpdates({ from, updates, pages }: DecodeOptions): AnsiUpdates {
  return from === 'generated' ? generatedAnsi(updates, pages) : simulatedAnsi(updates, pages);
}

function teletextPackets({ from, updates, pages }: DecodeOptions): TeletextPackets {
  if (typeof from === 'object') return recordedTeletextPackets(from.recorded);
  return from === 'generated' ? generatedTeletext(updates, pages) : simulatedTeletext(updates, pages);
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

const lengths = (pieces: readonly Uint8Array[]): number => sum(pieces.map(({ length }) => length));

async function terminals(options: DecodeOptions, folder: string): Promise<DecodeResult> {
  const sessions = recordedPieces(folder, PIECE_BYTES);
  const tracker = new ChangeTracker();
  const rows = sum(sessions.map(({ changedRows }) => changedRows));
  const pieces = sum(sessions.map((session) => session.pieces.length));
  const rounds = Math.ceil(options.updates / rows);
  let cells = 0;
  const rates = await measure(
    options,
    () => sessions.map((session) => new TerminalDecoder(new Page(session.rows, session.columns), { tracker })),
    (decoders) => {
      for (let round = 0; round < rounds; round++) {
        for (let i = 0; i < sessions.length; i++) {
          for (const piece of sessions[i]!.pieces) cells += decoders[i]!.message(piece);
        }
      }
      return rounds * rows;
    },
  );
  const bytes = sum(sessions.map((session) => lengths(session.pieces)));
  return { rates, bytesPerRow: bytes / rows, rowsPerUpdate: rows / pieces, cells, faults: 0 };
}

const commands: PageDecoderRole = {
  async ansi(options) {
    if (typeof options.from === 'object') return terminals(options, options.from.recorded);
    const { bases, updates, pageOf, rows } = ansiUpdates(options);
    const tracker = new ChangeTracker();
    const decoders = bases.map((base) => {
      const decoder = new AnsiDecoder(new Page(ROWS, COLUMNS), { tracker });
      decoder.message(base);
      return decoder;
    });
    let cells = 0;
    const rates = await measure(
      options,
      () => undefined,
      () => {
        for (let i = 0; i < updates.length; i++) cells += decoders[pageOf[i]!]!.message(updates[i]!);
        return rows;
      },
    );
    const faults = sum(decoders.map((decoder) => decoder.faults.total));
    return { rates, bytesPerRow: lengths(updates) / rows, rowsPerUpdate: rows / updates.length, cells, faults };
  },

  async teletext(options) {
    const { pieces, rows, bytes } = teletextPackets(options);
    const rounds = Math.ceil(options.updates / rows);
    let cells = 0;
    let transmissions = 0;
    const decoder = new TeletextDecoder({
      onPage: (_, changed) => {
        cells += changed;
        transmissions++;
      },
    });
    const rates = await measure(
      options,
      () => undefined,
      () => {
        for (let round = 0; round < rounds; round++) for (const piece of pieces) decoder.feed(piece);
        return rounds * rows;
      },
    );
    const runs = options.warmUps + rates.runs;
    // What level 1 doesn't show is no fault of the packets.
    const faults = decoder.faults.total - decoder.faults.counts['not-shown'];
    return { rates, bytesPerRow: bytes / rows, rowsPerUpdate: (rounds * rows * runs) / transmissions, cells, faults };
  },

  async rowFields(options) {
    const random = seededRandom(2);
    const pages = Array.from({ length: options.pages }, () => new RowPage('ROW64'));
    const image = Array.from({ length: 14 }, (_, row) => [row, Buffer.from(digits(random, 16).repeat(4))] as const);
    for (const page of pages) page.image(image);
    const before = new RowPage('ROW64');
    const after = new RowPage('ROW64');
    for (const page of [before, after]) page.image(image);
    const updates: RowValues[] = [];
    const bytes: Uint8Array[] = [];
    while (updates.length < options.updates) {
      const row = random.below(14);
      const value = Buffer.from(
        `\x1b[9\`${digits(random, 6)}\x1b[31\`${digits(random, 9)}\x1b[50\`${digits(random, 6)}`,
      );
      after.update([[row, value]]);
      const update = encodeRowUpdate(after, before);
      before.update(update);
      if (update.length !== 1) continue;
      updates.push(update);
      bytes.push(update[0]![1]);
    }
    let cells = 0;
    const rates = await measure(
      options,
      () => undefined,
      () => {
        for (let i = 0; i < updates.length; i++) cells += pages[i % pages.length]!.update(updates[i]!);
        return updates.length;
      },
    );
    const faults = sum(pages.map((page) => page.faults.total));
    return { rates, bytesPerRow: lengths(bytes) / updates.length, rowsPerUpdate: 1, cells, faults };
  },

  scan(options) {
    const { what } = options;
    const ansi = what === 'ansi' ? ansiUpdates(options) : undefined;
    const teletext = what === 'teletext' ? teletextPackets(options) : undefined;
    const pieces = ansi?.updates ?? teletext!.pieces;
    const rows = ansi?.rows ?? teletext!.rows;
    return measure(
      options,
      () => undefined,
      () => {
        let total = 0;
        for (const piece of pieces) for (let i = 0; i < piece.length; i++) total += piece[i]!;
        return total < 0 ? 0 : rows;
      },
    );
  },
};

serveRole(commands);
