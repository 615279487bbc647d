import { crc32 } from 'node:zlib';

// What the tables hold. Every row carries a CRC-32 over all its columns: SQLite finds out that a page's structure is
// damaged, not that a byte of a value is.

/** Everything that a channel's values were, as of a number. */
export interface ImageRow {
  /** 1 to 1295. */
  readonly channel: number;
  /** Counts the times that the channel's record was begun anew: runs belong to the image of the same one. */
  readonly generation: number;
  /** The MoldUDP64 session, 10 characters. */
  readonly session: string;
  /** The number after the last message in it. */
  readonly next: number;
  /** CRC-32 of all blocks of the session before `next`; null: not known. */
  readonly digest: number | null;
  /** Wall clock when it was handed over, milliseconds since 1970. */
  readonly writtenMs: number;
  /** In the writer's own form. */
  readonly image: Uint8Array;
}

/** Messages that follow one another. */
export interface RunRow {
  readonly channel: number;
  readonly generation: number;
  readonly session: string;
  /** Number of the first message. */
  readonly seq: number;
  readonly count: number;
  /** As an image's, of everything before `seq + count`. */
  readonly digest: number | null;
  readonly writtenMs: number;
  /** The messages as blocks: big-endian length, data. */
  readonly blocks: Uint8Array;
}

/** The CRC of an image's row. */
export function imageCrc({ channel, generation, session, next, digest, writtenMs, image }: ImageRow): number {
  return crcOf([channel, generation, session, next, digest, writtenMs], image);
}

/** The CRC of a run's row. */
export function runCrc({ channel, generation, session, seq, count, digest, writtenMs, blocks }: RunRow): number {
  return crcOf([channel, generation, session, seq, count, digest, writtenMs], blocks);
}

/** The CRC of a row of texts. */
export function textCrc(...columns: readonly string[]): number {
  return crcOf(columns);
}

const NOTHING = new Uint8Array(0);

function crcOf(columns: readonly (number | string | null)[], bytes: Uint8Array = NOTHING): number {
  // As JSON, for SQLite's columns may change their type: 1 and '1' must differ.
  const crc = crc32(JSON.stringify(columns));
  // Of no bytes at no address, which is what SQLite returns for an empty value, zlib makes 0.
  return bytes.length === 0 ? crc : crc32(bytes, crc);
}
