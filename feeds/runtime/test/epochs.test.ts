import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EPOCH_MAX, sessionName } from '@tickerplant/floor';
import type { Heartbeat } from '@tickerplant/status';
import fc from 'fast-check';
import t from 'tap';
import { EpochFile } from '../src/epoch-file.ts';
import { type EpochMemory, Epochs } from '../src/epochs.ts';

const DAY = 20_458;
const CHANNEL = { id: 3, name: 'C3', session: '' };

function heartbeat(session: string, next: number): Heartbeat {
  const channels = [{ id: CHANNEL.id, session, next }];
  return { kind: 'heartbeat', role: 'plant', name: 'p1', term: 0, rank: 0, state: 'primary', channels };
}

t.test('no two members begin the same epoch, whatever they remember', async () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 4 }),
      fc.array(fc.tuple(fc.nat(3), fc.nat(40), fc.boolean())),
      (members, steps) => {
        const memories = Array.from({ length: members }, () => ({
          newest: 0,
          keep(epoch: number) {
            this.newest = epoch;
          },
        }));
        const begun = new Set<number>();
        for (const [who, heard, hears] of steps) {
          const rank = who % members;
          // Each time a process of its own, that knows what its disk says and what it hears.
          const epochs = new Epochs({ channels: [CHANNEL], day: DAY, rank, members, memory: memories[rank] });
          if (hears) epochs.heard(heartbeat(sessionName(CHANNEL.id, DAY, heard), 1));
          const epoch = epochs.after(0);
          if (begun.has(epoch)) throw new Error(`epoch ${epoch} a second time`);
          begun.add(epoch);
          epochs.begun(epoch);
        }
      },
    ),
  );
});

t.test('what a member remembers it tells, and names as the epoch before', async (t) => {
  const memory: EpochMemory = { newest: 7, keep: () => t.fail('nothing newer has begun') };
  const epochs = new Epochs({ channels: [CHANNEL], day: DAY, rank: 0, members: 2, memory });
  t.equal(epochs.remembered(CHANNEL.id), sessionName(CHANNEL.id, DAY, 7));
  t.same(epochs.of(CHANNEL.id), { session: sessionName(CHANNEL.id, DAY, 7), next: 0 });
  epochs.heard(heartbeat(sessionName(CHANNEL.id, DAY, 7), 12));
  t.same(epochs.of(CHANNEL.id), { session: sessionName(CHANNEL.id, DAY, 7), next: 12 }, 'others know more of it');
  epochs.begun(7);
  t.equal(epochs.after(0), 9);
  t.ok(epochs.left);
});

t.test('the epochs of a day come to an end', async (t) => {
  const options = { channels: [CHANNEL], day: DAY, rank: 0, members: 1 };
  const last = new Epochs({ ...options, memory: { newest: EPOCH_MAX - 1, keep: () => undefined } });
  t.ok(last.left);
  t.equal(last.after(0), EPOCH_MAX);
  const none = new Epochs({ ...options, memory: { newest: EPOCH_MAX, keep: () => undefined } });
  t.notOk(none.left);
  t.throws(() => none.after(0), { code: 'FEED_NO_EPOCH' });
});

t.test('signs of life: what is published, and what a standby works on', async (t) => {
  const epochs = new Epochs({ channels: [CHANNEL], day: DAY, rank: 0, members: 3 });
  const session = sessionName(CHANNEL.id, DAY, 1);
  const standby = (next: number): Heartbeat => ({ ...heartbeat(session, next), role: 'handler', state: 'standby' });
  t.equal(epochs.heard(heartbeat(session, 5)), undefined, 'the first word says only where it is');
  t.equal(epochs.heard(heartbeat(session, 5)), undefined);
  t.equal(epochs.heard(heartbeat(session, 6)), 'published');
  t.equal(epochs.heard(standby(9)), 'shadow');
  t.equal(epochs.heard(heartbeat(session, 7)), 'published', 'a standby that is ahead hides nothing');
  t.equal(epochs.heard(standby(9)), undefined);
  t.equal(epochs.heard({ ...standby(10), state: 'primary' }), 'published');
  t.equal(epochs.heard(heartbeat(session, 7)), undefined);
  t.equal(epochs.heard({ ...heartbeat(session, 99), channels: [{ id: 77, session, next: 99 }] }), undefined);
  t.same(epochs.of(CHANNEL.id), { session, next: 10 });
});

t.test('the file: kept over processes; of another day, another owner, or damaged it counts as nothing', async (t) => {
  const dir = mkdtempSync(join(tmpdir(), 'epochs-'));
  const path = join(dir, 'deep', 'handler-itch.epoch');
  const troubles: string[] = [];
  const open = (day = DAY, owner = 'demo handler/itch'): EpochFile =>
    new EpochFile({ path, owner, day, trouble: (code, message) => troubles.push(`${code} ${message}`) });
  const first = open();
  t.equal(first.newest, 0);
  first.keep(5);
  first.keep(7);
  t.equal(open().newest, 7);
  t.same(readdirSync(join(dir, 'deep')), ['handler-itch.epoch']);
  t.equal(open(DAY + 1).newest, 0);
  t.same(troubles, []);
  t.equal(open(DAY, 'demo handler/other').newest, 0);
  t.match(troubles.splice(0), [/^FEED_EPOCH_UNREADABLE .*handler\/other/]);
  const good = readFileSync(path, 'utf8');
  for (let at = 0; at < good.length - 1; at++) {
    for (const bad of [good.slice(0, at), `${good.slice(0, at)}8${good.slice(at + 1)}`]) {
      if (bad === good) continue;
      writeFileSync(path, bad);
      t.equal(open().newest, 0, bad);
    }
  }
  troubles.length = 0;
  const nowhere = new EpochFile({
    path: join(path, 'below-a-file'),
    owner: 'demo handler/itch',
    day: DAY,
    trouble: (code) => troubles.push(code),
  });
  nowhere.keep(2);
  t.equal(nowhere.newest, 2, 'it goes on without');
  t.equal(troubles.at(-1), 'FEED_EPOCH_UNWRITTEN');
});
