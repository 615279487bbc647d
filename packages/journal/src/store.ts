import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { TickerError } from '@tickerplant/core';
import Database from 'better-sqlite3';
import { type ImageRow, imageCrc, type RunRow, runCrc, textCrc } from './rows.ts';

/** Of the tables' form, in SQLite's `user_version`. */
export const SCHEMA_VERSION = 1;
/** How long to wait for another process that holds the file, in milliseconds. */
const BUSY_MS = 500;
/** The log of changes is cut back to this when it has been worked in. */
const LOG_BYTES = 16 << 20;

const SCHEMA = `
CREATE TABLE about (owner TEXT NOT NULL, crc INTEGER NOT NULL);
CREATE TABLE images (
  channel INTEGER PRIMARY KEY, generation INTEGER NOT NULL, session TEXT NOT NULL, next INTEGER NOT NULL,
  digest INTEGER, writtenMs INTEGER NOT NULL, crc INTEGER NOT NULL, image BLOB NOT NULL
);
CREATE TABLE runs (
  id INTEGER PRIMARY KEY, channel INTEGER NOT NULL, generation INTEGER NOT NULL, session TEXT NOT NULL,
  seq INTEGER NOT NULL, count INTEGER NOT NULL, digest INTEGER, writtenMs INTEGER NOT NULL, crc INTEGER NOT NULL,
  blocks BLOB NOT NULL
);
CREATE INDEX runs_by_channel ON runs (channel, seq);
CREATE TABLE receipts (id INTEGER PRIMARY KEY, receipt TEXT NOT NULL, crc INTEGER NOT NULL);
`;

/** Opens a journal's file as all its users must: one process at a time, changes in a log beside it. */
export function openDatabase(path: string): Database.Database {
  mkdirSync(dirname(path), { recursive: true });
  const database = new Database(path, { timeout: BUSY_MS });
  try {
    // Two writers would each undo what the other relies on. The lock goes with the process, however that ends.
    database.pragma('locking_mode = EXCLUSIVE');
    database.pragma('trusted_schema = OFF');
    database.pragma('cell_size_check = ON');
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

/**
 * A journal's file, for writing. Everything that is written in one `transaction` is there after a crash, or nothing of
 * it; the last ones may be missing after a power cut.
 *
 * Whatever SQLite says is thrown as it is: see `faultOf`.
 */
export class JournalStore {
  readonly #database: Database.Database;
  readonly #statements: Readonly<Record<'image' | 'forget' | 'run' | 'prune' | 'receipt' | 'oldReceipts', Statement>>;

  /**
   * Opens the file, or makes it.
   *
   * @param owner the floor and the process: a file of another one is refused.
   * @throws TickerError `JOURNAL_DAMAGED`, `JOURNAL_OTHER_OWNER`; SQLite's and the system's errors
   */
  constructor(path: string, owner: string) {
    this.#database = openDatabase(path);
    try {
      this.#prepareFile(owner);
      const prepare = (sql: string): Statement => this.#database.prepare(sql);
      this.#statements = {
        image: prepare(
          'INSERT OR REPLACE INTO images (channel, generation, session, next, digest, writtenMs, crc, image) ' +
            'VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
        ),
        forget: prepare('DELETE FROM runs WHERE channel = ?'),
        run: prepare(
          'INSERT INTO runs (channel, generation, session, seq, count, digest, writtenMs, crc, blocks) ' +
            'VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)',
        ),
        prune: prepare('DELETE FROM runs WHERE channel = ? AND seq < ?'),
        receipt: prepare('INSERT INTO receipts (receipt, crc) VALUES (?, ?)'),
        oldReceipts: prepare('DELETE FROM receipts WHERE id NOT IN (SELECT id FROM receipts ORDER BY id DESC LIMIT ?)'),
      };
    } catch (error) {
      this.#database.close();
      throw error;
    }
  }

  /** Does all of the work or, when it throws, nothing. */
  transaction(work: () => void): void {
    this.#database.transaction(work)();
  }

  /** A channel's record begins anew with an image; what was there is forgotten. */
  begin(row: ImageRow): void {
    this.#statements.forget.run(row.channel);
    this.image(row);
  }

  /** Replaces a channel's image. */
  image(row: ImageRow): void {
    const { channel, generation, session, next, digest, writtenMs, image } = row;
    this.#statements.image.run(channel, generation, session, next, digest, writtenMs, imageCrc(row), image);
  }

  run(row: RunRow): void {
    const { channel, generation, session, seq, count, digest, writtenMs, blocks } = row;
    this.#statements.run.run(channel, generation, session, seq, count, digest, writtenMs, runCrc(row), blocks);
  }

  /** Forgets a channel's runs that begin before message `seq`. */
  prune(channel: number, seq: number): void {
    this.#statements.prune.run(channel, seq);
  }

  /** Keeps a receipt, and of all of them the newest `most`. */
  receipt(text: string, most: number): void {
    this.#statements.receipt.run(text, textCrc(text));
    this.#statements.oldReceipts.run(most);
  }

  close(): void {
    this.#database.close();
  }

  #prepareFile(owner: string): void {
    const database = this.#database;
    const version = database.pragma('user_version', { simple: true });
    const tables = database.prepare('SELECT count(*) FROM sqlite_schema').pluck().get();
    database.pragma('journal_mode = WAL');
    // The log is not flushed at each commit: a crash of the process loses nothing, one of the machine the last moments.
    database.pragma('synchronous = NORMAL');
    database.pragma(`journal_size_limit = ${LOG_BYTES}`);
    if (version === 0 && tables === 0) {
      database.transaction(() => {
        database.exec(SCHEMA);
        database.prepare('INSERT INTO about (owner, crc) VALUES (?, ?)').run(owner, textCrc(owner));
        database.pragma(`user_version = ${SCHEMA_VERSION}`);
      })();
      return;
    }
    if (version !== SCHEMA_VERSION) throw wrongVersion(version);
    checkOwner(database, owner);
  }
}

type Statement = Database.Statement<unknown[]>;

/** For a file of another version, or none. */
export function wrongVersion(version: unknown): TickerError {
  return new TickerError(
    'JOURNAL_DAMAGED',
    `expected a journal of version ${SCHEMA_VERSION}, found version ${String(version)}`,
  );
}

/** @throws TickerError `JOURNAL_DAMAGED`, `JOURNAL_OTHER_OWNER` */
export function checkOwner(database: Database.Database, owner: string): void {
  const rows = database.prepare('SELECT owner, crc FROM about').all() as { owner: unknown; crc: unknown }[];
  const [row] = rows;
  if (rows.length !== 1 || typeof row?.owner !== 'string' || textCrc(row.owner) !== row.crc) {
    throw new TickerError('JOURNAL_DAMAGED', 'expected the name of its owner in the journal, found none that is sound');
  }
  if (row.owner !== owner) {
    throw new TickerError('JOURNAL_OTHER_OWNER', `expected the journal of ${owner}, found that of ${row.owner}`);
  }
}
