import { existsSync } from 'node:fs';
import type Database from 'better-sqlite3';
import { faultOf } from './damage.ts';
import { type ImageRow, imageCrc, type RunRow, runCrc, textCrc } from './rows.ts';
import { checkOwner, openDatabase, SCHEMA_VERSION, wrongVersion } from './store.ts';

/** Takes what a journal holds: all images, then all runs in the order in which they were written, then receipts. */
export interface JournalVisitor {
  image(row: ImageRow): void;
  run(row: RunRow): void;
  receipt(text: string): void;
}

/** Faults told; a file of which nothing is left would fill the log. */
const FAULTS_MAX = 8;

/**
 * Reads a journal's file. Rows whose CRC isn't theirs are left out: whether others are of use without them, the visitor
 * has to judge. Nothing is written but what SQLite takes over from its log.
 *
 * @returns what is wrong with the file, none: it is sound, or there is none yet.
 * @throws TickerError `JOURNAL_OTHER_OWNER`; whatever says that the file cannot be read now
 */
export function readJournal(path: string, owner: string, visitor: JournalVisitor): string[] {
  if (!existsSync(path)) return [];
  const faults: string[] = [];
  const fault = (what: string): void => {
    if (faults.length < FAULTS_MAX) faults.push(what);
  };
  /** Goes on with the next part where one is damaged. */
  const attempt = (part: () => void): boolean => {
    try {
      part();
      return true;
    } catch (error) {
      const { damaged, code, message } = faultOf(error);
      if (!damaged) throw error;
      fault(`${message} (${code})`);
      return false;
    }
  };
  attempt(() => {
    const database = openDatabase(path);
    try {
      attempt(() => {
        const verdict = database.pragma('quick_check(1)', { simple: true });
        if (verdict !== 'ok') fault(String(verdict).split('\n').at(-1)!);
      });
      const known = attempt(() => {
        const version = database.pragma('user_version', { simple: true });
        if (version !== SCHEMA_VERSION) throw wrongVersion(version);
        checkOwner(database, owner);
      });
      // Whose it is must be certain: another floor's messages may have the same sessions and numbers.
      if (known) readTables(database, visitor, fault, attempt);
    } finally {
      database.close();
    }
  });
  return faults;
}

function readTables(
  database: Database.Database,
  visitor: JournalVisitor,
  fault: (what: string) => void,
  attempt: (part: () => void) => boolean,
): void {
  attempt(() => {
    for (const row of rowsOf<ImageRow>(database, 'SELECT * FROM images ORDER BY channel')) {
      if (row.image instanceof Uint8Array && imageCrc(row) === row.crc) visitor.image(row);
      else fault(`expected a sound image of channel ${String(row.channel)}, found another CRC`);
    }
  });
  attempt(() => {
    for (const row of rowsOf<RunRow>(database, 'SELECT * FROM runs ORDER BY id')) {
      if (row.blocks instanceof Uint8Array && runCrc(row) === row.crc) visitor.run(row);
      else fault(`expected sound messages of channel ${String(row.channel)}, found another CRC`);
    }
  });
  attempt(() => {
    for (const { receipt, crc } of rowsOf<{ receipt: string }>(database, 'SELECT * FROM receipts ORDER BY id')) {
      if (typeof receipt === 'string' && textCrc(receipt) === crc) visitor.receipt(receipt);
      else fault('expected a sound receipt, found another CRC');
    }
  });
}

function rowsOf<Row>(database: Database.Database, sql: string): IterableIterator<Row & { readonly crc: number }> {
  return database.prepare(sql).iterate() as IterableIterator<Row & { readonly crc: number }>;
}
