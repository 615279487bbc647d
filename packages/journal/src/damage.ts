import { existsSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { errorMessage, TickerError } from '@tickerplant/core';

/** Damaged files kept for whoever wants to look at them: each may be as large as a journal. */
const KEPT_MAX = 3;
/** SQLite's companions of a file, and the file. */
const SUFFIXES = ['-wal', '-shm', '-journal', ''] as const;

/** What an error means for the file: `damaged` for good, or it could merely not be read or written now. */
export interface JournalFault {
  readonly damaged: boolean;
  readonly code: string;
  readonly message: string;
}

/** Reads SQLite's, the system's and our own errors. */
export function faultOf(error: unknown): JournalFault {
  const code = String((error as { code?: unknown } | undefined)?.code ?? 'JOURNAL_ERROR');
  if (error instanceof TickerError) return { damaged: code === 'JOURNAL_DAMAGED', code, message: error.message };
  const damaged = /^SQLITE_(CORRUPT|NOTADB|FORMAT|SCHEMA|ERROR|MISMATCH|IOERR_SHORT_READ|IOERR_CORRUPTFS)/.test(code);
  return { damaged, code, message: errorMessage(error) };
}

/**
 * Renames a damaged file and its companions, so that a new one can be begun; of those set aside before, the oldest go.
 *
 * @returns the new name.
 * @throws the system's errors
 */
export function setAside(path: string, nowMs: number): string {
  const stamp = new Date(nowMs).toISOString().replaceAll(/[:.]/g, '-');
  const aside = `${path}.damaged-${stamp}`;
  // The log before the file: alone it would be taken for that of the new one.
  for (const suffix of SUFFIXES) if (existsSync(path + suffix)) renameSync(path + suffix, aside + suffix);
  const prefix = `${basename(path)}.damaged-`;
  const names = readdirSync(dirname(path)).filter((name) => name.startsWith(prefix) && name.endsWith('Z'));
  for (const name of names.sort().slice(0, -KEPT_MAX)) {
    for (const suffix of SUFFIXES) rmSync(join(dirname(path), name + suffix), { force: true });
  }
  return aside;
}
