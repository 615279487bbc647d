// Versions of shredders: what holds when, who said so, and that a file somebody has touched is noticed.
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  currentVersion,
  type Decision,
  hashOf,
  type Version,
  VersionStore,
  versionStates,
} from '@tickerplant/shredder-versions';
import Database from 'better-sqlite3';
import t, { type Test } from 'tap';

const NOW = Date.UTC(2026, 10, 30, 9);

function opened(t: Test): { path: string; store: VersionStore } {
  const path = join(t.testdir({}), 'deep', 'shredders.sqlite');
  const store = new VersionStore(path, 'write');
  t.teardown(() => store.close());
  return { path, store };
}

function add(store: VersionStore, number: number, from?: string): void {
  store.propose(
    { name: 'oak', number, text: `version ${number}`, author: 'ann', fingerprint: '', note: '' },
    NOW + number,
  );
  if (from !== undefined) store.approve({ name: 'oak', number, by: 'bob', from, note: 'tested' }, NOW + number);
}

const holds = (store: VersionStore, day: string): number | undefined => store.current('oak', day)?.version.number;

t.test('the latest date that has come holds; a rollback goes back by one', async (t) => {
  const { store } = opened(t);
  add(store, 1, '2026-01-05');
  add(store, 2, '2026-06-01');
  add(store, 3);
  t.equal(holds(store, '2026-01-04'), undefined);
  t.equal(holds(store, '2026-05-31'), 1);
  t.equal(holds(store, '2026-06-01'), 2);
  t.equal(holds(store, '2027-01-01'), 2, 'a proposed version holds nowhere');
  store.approve({ name: 'oak', number: 3, by: 'bob', from: '2026-06-01', note: '' }, NOW + 10);
  t.equal(holds(store, '2026-06-01'), 3, 'of one date the one approved last');
  const undone = store.rollback({ name: 'oak', day: '2026-11-30', by: 'cay', note: 'wrong asks' }, NOW + 20);
  t.match(undone, { from: { number: 3 }, to: { number: 2 } });
  t.equal(holds(store, '2026-11-30'), 2);
  t.strictSame(
    versionStates(store.versions('oak'), store.decisions('oak')).map(({ version, state }) => [version.number, state]),
    [
      [1, 'approved'],
      [2, 'approved'],
      [3, 'withdrawn'],
    ],
  );
  t.match(store.decisions('oak').at(-1), { action: 'withdraw', by: 'cay', atMs: NOW + 20, note: 'wrong asks' });
  store.approve({ name: 'oak', number: 3, by: 'bob', from: '2026-12-01', note: 'mended elsewhere' }, NOW + 30);
  t.equal(holds(store, '2026-11-30'), 2);
  t.equal(holds(store, '2026-12-01'), 3, 'a withdrawn version may be approved again');
});

t.test('a version is stored once, under a number of its own', async (t) => {
  const { store } = opened(t);
  add(store, 1);
  add(store, 1);
  t.equal(store.versions('oak').length, 1);
  const other = { name: 'oak', number: 1, text: 'other', author: 'ann', fingerprint: '', note: '' };
  t.throws(() => store.propose(other, NOW), { code: 'VERSIONS_TAKEN', message: /a new number, such as 2/ });
  t.throws(() => store.propose({ ...other, author: '', number: 2 }, NOW), { code: 'VERSIONS_BAD' });
  t.throws(() => store.approve({ name: 'oak', number: 7, by: 'bob', from: '2026-01-01', note: '' }, NOW), {
    code: 'VERSIONS_UNKNOWN',
  });
  t.throws(() => store.approve({ name: 'oak', number: 1, by: 'bob', from: '1 May', note: '' }, NOW), {
    code: 'CORE_BAD_DATE',
  });
  t.throws(() => store.approve({ name: 'oak', number: 1, by: '', from: '2026-01-01', note: '' }, NOW), {
    code: 'VERSIONS_BAD',
  });
  t.throws(() => store.withdraw({ name: 'oak', number: 1, by: 'bob', note: '' }, NOW), {
    code: 'VERSIONS_BAD',
    message: /is proposed/,
  });
  t.throws(() => store.rollback({ name: 'oak', day: '2026-01-01', by: 'bob', note: '' }, NOW), {
    code: 'VERSIONS_NOTHING_TO_ROLL_BACK',
  });
  store.approve({ name: 'oak', number: 1, by: 'bob', from: '2026-01-01', note: '' }, NOW);
  t.throws(() => store.rollback({ name: 'oak', day: '2026-01-01', by: 'bob', note: '' }, NOW), {
    code: 'VERSIONS_NOTHING_TO_ROLL_BACK',
  });
  t.equal(holds(store, '2026-01-01'), 1, 'what failed changed nothing');
});

t.test('others see what was written, when they look again', async (t) => {
  const { path, store } = opened(t);
  add(store, 1, '2026-01-01');
  const reader = new VersionStore(path, 'read');
  const writer = new VersionStore(path, 'write');
  t.teardown(() => reader.close());
  t.teardown(() => writer.close());
  t.equal(holds(reader, '2026-01-01'), 1);
  t.equal(reader.reload(), false);
  add(writer, 2, '2026-02-01');
  t.equal(holds(reader, '2026-02-01'), 1);
  t.equal(reader.reload(), true);
  t.equal(holds(reader, '2026-02-01'), 2);
  // Knows the other's version before it adds its own.
  add(store, 3, '2026-02-01');
  t.equal(reader.reload(), true);
  t.equal(holds(reader, '2026-02-01'), 3);
  t.strictSame(reader.names, ['oak']);
  t.throws(() => add(reader, 4), { code: 'VERSIONS_READ_ONLY' });
  const none = new VersionStore(join(t.testdir({}), 'none.sqlite'), 'read');
  t.strictSame(none.names, []);
  t.equal(none.reload(), false);
});

t.test('what somebody changed, took out or broke is noticed; a reader keeps what it knew', async (t) => {
  const { path, store } = opened(t);
  add(store, 1, '2026-01-01');
  add(store, 2, '2026-02-01');
  const changes: Record<string, (database: Database.Database) => void> = {
    text: (database) => database.exec(`UPDATE events SET body = replace(body, 'version 1', 'version I') WHERE id = 1`),
    date: (database) =>
      database.exec(`UPDATE events SET body = replace(body, '2026-02-01', '2025-02-01') WHERE id = 4`),
    removed: (database) => database.exec('DELETE FROM events WHERE id = 2'),
    renumbered: (database) =>
      database.exec('DELETE FROM events WHERE id = 2; UPDATE events SET id = id - 1 WHERE id > 2'),
    form: (database) => database.pragma('user_version = 9'),
  };
  for (const [name, change] of Object.entries(changes)) {
    const copy = join(t.testdirName, `${name}.sqlite`);
    copyFileSync(path, copy);
    const reader = new VersionStore(copy, 'read');
    const database = new Database(copy);
    if (name !== 'form') t.throws(() => change(database), /never/, `${name}: the file itself forbids it`);
    database.exec('DROP TRIGGER events_stay; DROP TRIGGER events_last');
    change(database);
    database.close();
    t.throws(() => new VersionStore(copy, 'read'), { code: 'VERSIONS_DAMAGED' }, name);
    if (name !== 'form') t.throws(() => reader.reload(), { code: 'VERSIONS_DAMAGED' }, name);
    t.equal(holds(reader, '2026-02-01'), 2);
    reader.close();
  }
  const bytes = readFileSync(path);
  const broken = join(t.testdirName, 'broken.sqlite');
  for (let at = 0; at < bytes.length; at += 97) {
    const copy = Buffer.from(bytes);
    copy[at] = copy[at]! ^ 0x55;
    writeFileSync(broken, copy);
    try {
      const reader = new VersionStore(broken, 'read');
      // A byte that says nothing: what is read is what was written.
      t.strictSame(reader.versions('oak'), store.versions('oak'));
      t.strictSame(reader.decisions('oak'), store.decisions('oak'));
      reader.close();
    } catch (error) {
      const { code } = error as { code: string };
      if (code !== 'VERSIONS_DAMAGED' && code !== 'VERSIONS_UNREADABLE') throw error;
    }
  }
});

t.test('what holds is a function of the list', async (t) => {
  const version = (number: number): Version => ({
    name: 'oak',
    number,
    hash: hashOf(''),
    text: '',
    author: 'ann',
    writtenMs: 0,
    fingerprint: '',
    note: '',
  });
  const decision = (number: number, from: string): Decision => ({
    name: 'oak',
    number,
    action: from === '' ? 'withdraw' : 'approve',
    by: 'bob',
    atMs: 0,
    from,
    note: '',
  });
  const versions = [version(2), version(1)];
  const list = [decision(1, '2026-03-01'), decision(2, '2026-02-01')];
  t.equal(currentVersion(versions, list, '2026-04-01')?.version.number, 1, 'the later date, though approved before');
  t.equal(currentVersion(versions, [...list, decision(1, '')], '2026-04-01')?.version.number, 2);
  t.equal(
    currentVersion(versions, [...list, decision(1, ''), decision(1, '2026-02-01')], '2026-04-01')?.version.number,
    1,
  );
});
