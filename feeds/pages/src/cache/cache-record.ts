import { type AnsiState, PageEncoder, PageStep, PageValue, ROW_FORMS } from '@tickerplant/pages';
import { PageMessage } from '@tickerplant/records';
import type { HeldPage, PageApplier } from '../page-applier.ts';
import { PageFormat, type RowValue, rowFormOf } from '../payload.ts';

// How a page stands in the cache: u32 length of the head, the head in JSON, then the cells. Of an ANSI page they are its
// image as on the wire, each part with u16 length before it; of row fields the rows' bytes, each with u8 length before it.

/** A page in the cache, or (without `held`) that it is gone. */
export interface CachedPage {
  readonly name: string;
  readonly session: number;
  readonly sequence: number;
  readonly held: HeldPage | undefined;
}

interface Head {
  readonly name: string;
  readonly session: number;
  readonly sequence: number;
  /** Left out: the page is gone. */
  readonly format?: PageFormat;
  readonly rows?: number;
  readonly columns?: number;
  readonly ansi?: AnsiState;
}

const encoder = new PageEncoder();
const message = new PageMessage();

/** Writes a page down. */
export function encodeCached({ name, session, sequence, held }: CachedPage): Buffer {
  // Teletext is not kept.
  if (held === undefined || held.format === 'teletext') return withHead({ name, session, sequence }, []);
  const { format, page, ansi, rows } = held;
  const head: Head = { name, session, sequence, format, rows: page.rows, columns: page.columns };
  const parts: Buffer[] = [];
  if (rows !== undefined) {
    for (let row = 0; row < page.rows; row++) {
      const bytes = rows.rowBytes(row);
      parts.push(Buffer.from([bytes.length]), Buffer.from(bytes));
    }
    return withHead(head, parts);
  }
  encoder.image(0, page, 0, (bytes, length) => {
    const part = Buffer.alloc(2 + length);
    part.writeUInt16BE(length, 0);
    part.set(bytes.subarray(0, length), 2);
    parts.push(part);
  });
  return withHead({ ...head, ansi: ansi!.save() }, parts);
}

function withHead(head: Head, parts: readonly Buffer[]): Buffer {
  const json = Buffer.from(JSON.stringify(head));
  const length = Buffer.alloc(4);
  length.writeUInt32BE(json.length, 0);
  return Buffer.concat([length, json, ...parts]);
}

/**
 * Reads what `encodeCached` wrote.
 *
 * @returns undefined: it is nothing of the kind, in whole or in part.
 */
export function decodeCached(bytes: Buffer, applier: PageApplier): CachedPage | undefined {
  if (bytes.length < 4) return undefined;
  const end = 4 + bytes.readUInt32BE(0);
  if (end > bytes.length) return undefined;
  let head: Head;
  try {
    head = JSON.parse(bytes.toString('utf8', 4, end)) as Head;
  } catch {
    return undefined;
  }
  const { name, session, sequence, format, rows = 0, columns = 0, ansi } = head;
  if (typeof name !== 'string' || !Number.isInteger(session) || !Number.isInteger(sequence)) return undefined;
  if (format === undefined) return { name, session, sequence, held: undefined };
  const held =
    format === PageFormat.ANSI
      ? readAnsi(bytes.subarray(end), rows, columns, ansi, applier)
      : readRows(bytes.subarray(end), rows, columns, applier);
  return held === undefined ? undefined : { name, session, sequence, held };
}

/** The page that a record is of; undefined: it is none. */
export function nameOfCached(bytes: Buffer): string | undefined {
  if (bytes.length < 4) return undefined;
  try {
    const { name } = JSON.parse(bytes.toString('utf8', 4, 4 + bytes.readUInt32BE(0))) as Head;
    return typeof name === 'string' ? name : undefined;
  } catch {
    return undefined;
  }
}

function readAnsi(
  bytes: Buffer,
  rows: number,
  columns: number,
  state: AnsiState | undefined,
  applier: PageApplier,
): HeldPage | undefined {
  const value = new PageValue();
  let step: PageStep | undefined;
  for (let at = 0; at + 2 <= bytes.length; ) {
    const end = at + 2 + bytes.readUInt16BE(at);
    if (end > bytes.length || message.read(bytes, at + 2, end) !== undefined) return undefined;
    step = value.take(message);
    at = end;
  }
  const { page } = value;
  if (step !== PageStep.IMAGE || page?.rows !== rows || page.columns !== columns || state === undefined)
    return undefined;
  const decoder = applier.decoder(page);
  if (!decoder.restore(state)) return undefined;
  return { format: PageFormat.ANSI, page, ansi: decoder, rows: undefined };
}

function readRows(bytes: Buffer, rows: number, columns: number, applier: PageApplier): HeldPage | undefined {
  const form = rowFormOf(rows, columns);
  const held = form === undefined ? undefined : applier.create(PageFormat.ROW_FIELDS, rows, columns);
  if (held?.rows === undefined || form === undefined) return undefined;
  const values: RowValue[] = [];
  let at = 0;
  for (let row = 0; row < rows; row++) {
    const end = at + 1 + (bytes[at] ?? 255);
    if (end > bytes.length || end - at - 1 > ROW_FORMS[form].width) return undefined;
    values.push([row, bytes.subarray(at + 1, end)]);
    at = end;
  }
  if (at !== bytes.length) return undefined;
  held.rows.image(values);
  return held;
}
