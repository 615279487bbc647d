import { createHash } from 'node:crypto';
import { existsSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { errorMessage, parseDay, TickerError } from '@tickerplant/core';
import Database from 'better-sqlite3';
import {
  type CurrentVersion,
  currentVersion,
  type Decision,
  rollbackTarget,
  type Version,
  versionState,
} from './history.ts';
import { chainCrc, type Row } from './rows.ts';

/** Of the tables' form, in SQLite's `user_version`. */
const SCHEMA_VERSION = 1;
/** How long to wait for another process that writes, in milliseconds. */
const BUSY_MS = 5_000;
/** A source longer than this is no shredder. */
const TEXT_MAX = 1 << 20;

// One table, one row an event, and no way to change or remove one: what was approved yesterday can be shown tomorrow.
const SCHEMA = `
CREATE TABLE events (
  id INTEGER PRIMARY KEY, kind TEXT NOT NULL, name TEXT NOT NULL, number INTEGER NOT NULL, body TEXT NOT NULL, crc INTEGER NOT NULL
);
CREATE UNIQUE INDEX versions_once ON events (name, number) WHERE kind = 'version';
CREATE TRIGGER events_stay BEFORE UPDATE ON events BEGIN SELECT RAISE(ABORT, 'versions are never changed'); END;
CREATE TRIGGER events_last BEFORE DELETE ON events BEGIN SELECT RAISE(ABORT, 'versions are never removed'); END;
`;

/** What is stored as a new version. */
export type Proposal = Omit<Version, 'hash' | 'writtenMs'>;

/** SHA-256 of a source, in hexadecimal. */
export function hashOf(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest('hex');
}

/**
 * The versions of shredders in a SQLite file: read by every handler that shreds, written by `ticker shred`. All of it is read
 * when it is opened and after `reload`; the file stays small, for people write it.
 */
export class VersionStore {
  readonly #database: Database.Database | undefined;
  readonly #path: string;
  #versions: Version[] = [];
  #decisions: Decision[] = [];
  #lastId = 0;
  #lastCrc = 0;
  /** SQLite's number of the file's state, as another connection's writes change it. */
  #dataVersion: unknown;

  /**
   * Opens the file.
   *
   * @param use `read`: a file that isn't there is one without versions; `write`: it is made.
   * @throws TickerError `VERSIONS_DAMAGED`, `VERSIONS_UNREADABLE`
   */
  constructor(path: string, use: 'read' | 'write') {
    this.#path = path;
    if (use === 'read' && !existsSync(path)) return;
    let database: Database.Database | undefined;
    try {
      if (use === 'write') mkdirSync(dirname(path), { recursive: true });
      database = new Database(path, { timeout: BUSY_MS, readonly: use === 'read' });
      database.pragma('trusted_schema = OFF');
      database.pragma('cell_size_check = ON');
      if (use === 'write') this.#prepareFile(database);
      const version = database.pragma('user_version', { simple: true });
      if (version !== SCHEMA_VERSION) throw this.#damaged(`expected form ${SCHEMA_VERSION}, found ${String(version)}`);
      this.#database = database;
      this.reload();
    } catch (error) {
      database?.close();
      throw this.#fault(error);
    }
  }

  /** Whether there is a file: one opened to be read need not be there. */
  get isOpen(): boolean {
    return this.#database !== undefined;
  }

  /** Names of the shredders that have versions. */
  get names(): readonly string[] {
    return [...new Set(this.#versions.map((version) => version.name))].sort();
  }

  /** A shredder's versions, by number. */
  versions(name: string): readonly Version[] {
    return this.#versions.filter((version) => version.name === name).sort((a, b) => a.number - b.number);
  }

  version(name: string, number: number): Version | undefined {
    return this.#versions.find((version) => version.name === name && version.number === number);
  }

  /** Decisions about a shredder's versions, in the order in which they were taken. */
  decisions(name: string): readonly Decision[] {
    return this.#decisions.filter((decision) => decision.name === name);
  }

  /** The version that holds on a business date (`YYYY-MM-DD`); undefined where none does. */
  current(name: string, day: string): CurrentVersion | undefined {
    return currentVersion(this.versions(name), this.decisions(name), day);
  }

  /** Whether others have written since `reload`; cheap. @throws TickerError `VERSIONS_UNREADABLE` */
  get changed(): boolean {
    if (this.#database === undefined) return existsSync(this.#path);
    try {
      return this.#database.pragma('data_version', { simple: true }) !== this.#dataVersion;
    } catch (error) {
      throw this.#fault(error);
    }
  }

  /**
   * Reads what others have written since.
   *
   * @returns whether there is anything new.
   * @throws TickerError `VERSIONS_DAMAGED`, `VERSIONS_UNREADABLE`: what was known before is still there
   */
  reload(): boolean {
    if (this.#database === undefined) return false;
    let rows: Row[];
    try {
      this.#dataVersion = this.#database.pragma('data_version', { simple: true });
      rows = this.#database.prepare('SELECT id, kind, name, number, body, crc FROM events ORDER BY id').all() as Row[];
    } catch (error) {
      throw this.#fault(error);
    }
    const versions: Version[] = [];
    const decisions: Decision[] = [];
    let crc = 0;
    rows.forEach((row, index) => {
      crc = chainCrc(crc, row);
      if (row.id !== index + 1 || row.crc !== crc) throw this.#damaged(`expected event ${index + 1} as it was written`);
      const body = JSON.parse(row.body);
      if (row.kind === 'version') {
        if (hashOf(body.text) !== body.hash)
          throw this.#damaged(`expected the text of ${row.name} ${row.number} to have its hash`);
        versions.push({ name: row.name, number: row.number, ...body });
      } else decisions.push({ name: row.name, number: row.number, ...body });
    });
    const isNew = rows.length !== this.#lastId;
    this.#versions = versions;
    this.#decisions = decisions;
    this.#lastId = rows.length;
    this.#lastCrc = crc;
    return isNew;
  }

  /**
   * Stores a version. The same text under the same number again changes nothing.
   *
   * @throws TickerError `VERSIONS_TAKEN` where that number has another text, `VERSIONS_BAD`
   */
  propose(proposal: Proposal, nowMs: number): Version {
    const { name, number, text, author } = proposal;
    if (name === '' || author === '' || !Number.isInteger(number) || number < 1) {
      throw new TickerError('VERSIONS_BAD', 'expected a name, a number from 1 up and an author', {
        name,
        number,
        author,
      });
    }
    if (text.length > TEXT_MAX)
      throw new TickerError('VERSIONS_BAD', `expected a source of at most ${TEXT_MAX} characters`);
    const hash = hashOf(text);
    return this.#write(() => {
      const before = this.version(name, number);
      if (before?.hash === hash) return before;
      if (before !== undefined) {
        const last = this.versions(name).at(-1)!.number;
        const message = `version ${number} of ${name} is stored with another text: expected a new number, such as ${last + 1}`;
        throw new TickerError('VERSIONS_TAKEN', message, { name, number });
      }
      const { fingerprint, note } = proposal;
      this.#append('version', name, number, { hash, text, author, writtenMs: nowMs, fingerprint, note });
      return this.version(name, number)!;
    });
  }

  /**
   * Makes a version hold from a business date on, until another one does.
   *
   * @throws TickerError `VERSIONS_UNKNOWN`, `VERSIONS_BAD`, `CORE_BAD_DATE`
   */
  approve(decision: Omit<Decision, 'action' | 'atMs'>, nowMs: number): void {
    parseDay(decision.from);
    this.#decide({ ...decision, action: 'approve' }, nowMs);
  }

  /** Lets a version run beside the current one, unpublished, to be compared. @throws TickerError `VERSIONS_UNKNOWN`, `VERSIONS_BAD` */
  shadow(decision: Omit<Decision, 'action' | 'atMs' | 'from'>, nowMs: number): void {
    this.#decide({ ...decision, action: 'shadow', from: '' }, nowMs);
  }

  /** Takes an approval back, for all dates, or ends a run in shadow. @throws TickerError `VERSIONS_UNKNOWN`, `VERSIONS_BAD` */
  withdraw(decision: Omit<Decision, 'action' | 'atMs' | 'from'>, nowMs: number): void {
    this.#decide({ ...decision, action: 'withdraw', from: '' }, nowMs);
  }

  /** Somebody has looked at pages, and what is held back there is right. @throws TickerError `VERSIONS_BAD` */
  accept(decision: Pick<Decision, 'name' | 'by' | 'note' | 'page'>, nowMs: number): void {
    const { name, by, note, page } = decision;
    if (name === '' || by === '') throw new TickerError('VERSIONS_BAD', 'expected a shredder, and who decides');
    this.#write(() => {
      this.#append('decision', name, 0, { action: 'accept', by, atMs: nowMs, from: '', note, page });
    });
  }

  /**
   * Withdraws the version that holds on a date; the one that held before it holds again.
   *
   * @throws TickerError `VERSIONS_NOTHING_TO_ROLL_BACK` where none holds, or none would hold then
   */
  rollback(
    request: { name: string; day: string; by: string; note: string },
    nowMs: number,
  ): { from: Version; to: Version } {
    const { name, day, by, note } = request;
    return this.#write(() => {
      const target = rollbackTarget(this.versions(name), this.decisions(name), day);
      if (target?.next === undefined) {
        const got =
          target === undefined ? 'no version that holds' : `version ${target.now.version.number} and none before it`;
        throw new TickerError(
          'VERSIONS_NOTHING_TO_ROLL_BACK',
          `expected an approved version of ${name} before the current one on ${day}, got ${got}`,
        );
      }
      const { version } = target.now;
      this.withdraw({ name, number: version.number, by, note }, nowMs);
      return { from: version, to: target.next.version };
    });
  }

  close(): void {
    this.#database?.close();
  }

  #decide(decision: Omit<Decision, 'atMs'>, nowMs: number): void {
    const { name, number, action, by, from, note } = decision;
    if (by === '') throw new TickerError('VERSIONS_BAD', 'expected who decides');
    this.#write(() => {
      const version = this.version(name, number);
      if (version === undefined)
        throw new TickerError('VERSIONS_UNKNOWN', `expected a stored version of ${name}, got number ${number}`);
      const { state } = versionState(version, this.decisions(name));
      if (action === 'withdraw' && state !== 'approved' && state !== 'shadow') {
        throw new TickerError(
          'VERSIONS_BAD',
          `expected an approved version to withdraw, or one in shadow, got ${name} ${number}, which is ${state}`,
        );
      }
      if (action === 'shadow' && state === 'approved') {
        throw new TickerError(
          'VERSIONS_BAD',
          `expected a version that isn't approved, got ${name} ${number}, which is`,
        );
      }
      this.#append('decision', name, number, { action, by, atMs: nowMs, from, note });
    });
  }

  /** Does all of it or nothing, on the newest state of the file, with no other writer in between. */
  #write<T>(work: () => T): T {
    const database = this.#database;
    if (database === undefined || database.readonly)
      throw new TickerError('VERSIONS_READ_ONLY', `${this.#path} is not open for writing`);
    // Within a transaction already: a part of it.
    if (database.inTransaction) return work();
    try {
      return database
        .transaction(() => {
          this.reload();
          return work();
        })
        .immediate();
    } catch (error) {
      // What was added before it failed is not in the file.
      this.reload();
      throw this.#fault(error);
    }
  }

  #append(kind: Row['kind'], name: string, number: number, value: unknown): void {
    const body = JSON.stringify(value);
    const row = { id: this.#lastId + 1, kind, name, number, body };
    this.#database!.prepare('INSERT INTO events (id, kind, name, number, body, crc) VALUES (?, ?, ?, ?, ?, ?)').run(
      row.id,
      kind,
      name,
      number,
      body,
      chainCrc(this.#lastCrc, row),
    );
    this.reload();
  }

  #prepareFile(database: Database.Database): void {
    // One file without companions: it can be copied to the other member of the pair. People write it, rarely: each write is
    // flushed.
    database.pragma('journal_mode = DELETE');
    database.pragma('synchronous = FULL');
    database
      .transaction(() => {
        const version = database.pragma('user_version', { simple: true });
        const tables = database.prepare('SELECT count(*) FROM sqlite_schema').pluck().get();
        if (version !== 0 || tables !== 0) return;
        database.exec(SCHEMA);
        database.pragma(`user_version = ${SCHEMA_VERSION}`);
      })
      .immediate();
  }

  #damaged(message: string): TickerError {
    return new TickerError(
      'VERSIONS_DAMAGED',
      `${this.#path} is damaged: ${message}; put back the copy of it, nothing was changed`,
    );
  }

  /** SQLite's errors as ours. */
  #fault(error: unknown): unknown {
    if (error instanceof TickerError) return error;
    const code = String((error as { code?: unknown }).code ?? '');
    if (/^SQLITE_(CORRUPT|NOTADB|FORMAT|SCHEMA|ERROR|MISMATCH)/.test(code) || error instanceof SyntaxError) {
      return this.#damaged(errorMessage(error));
    }
    const message = `expected to read ${this.#path}, got ${errorMessage(error)}`;
    return new TickerError('VERSIONS_UNREADABLE', message, {}, { cause: error });
  }
}
