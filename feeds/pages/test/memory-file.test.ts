import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ShredderMemory } from '@tickerplant/shredder';
import t, { type Test } from 'tap';
import { MemoryFile } from '../src/elements/memory-file.ts';

const T0 = Date.UTC(2026, 10, 30, 9);
const HOUR = 3_600_000;
const memories = (price: string): ReadonlyMap<string, ShredderMemory> =>
  new Map([['P1', { tables: { rates: { moves: ['bid'], items: { EUR: [`=${price}`] } } } }]]);

function fileOf(t: Test) {
  const path = join(t.testdir({}), 'folder', 'screens.memory');
  const faults: string[] = [];
  const open = (owner = 'demo handler/screens'): MemoryFile =>
    new MemoryFile({ path, owner, onError: (error) => void faults.push(String(error)) });
  return { path, faults, open };
}

t.test('what was kept is there again', async (t) => {
  const { faults, open } = fileOf(t);
  const file = open();
  t.equal(file.read(T0).size, 0, 'no file yet');
  await file.close(memories('1.08'), T0);
  t.same(open().read(T0 + HOUR), memories('1.08'));
  t.equal(open().read(T0 + 13 * HOUR).size, 0, 'what is old says nothing');
  t.equal(open('another handler/screens').read(T0).size, 0, 'nor what is of another floor');
  t.same(faults, []);
});

t.test('now and then, and only what is new', async (t) => {
  const { faults, open } = fileOf(t);
  const file = open();
  let asked = 0;
  const keep = (atMs: number, price: string): void =>
    file.keep(() => {
      asked++;
      return memories(price);
    }, atMs);
  keep(T0, '1.07');
  t.equal(asked, 0, 'not before pages have come');
  keep(T0 + 1_000, '1.08');
  t.equal(asked, 0);
  keep(T0 + 30_000, '1.09');
  await file.close(new Map(), T0 + 31_000);
  t.same(open().read(T0 + HOUR), memories('1.09'), 'nothing to say leaves what was said');
  t.equal(asked, 1);
  t.same(faults, []);
});

t.test('what could not be written is tried again', async (t) => {
  const { path, faults, open } = fileOf(t);
  writeFileSync(join(path, '..', '..', 'folder'), 'no folder');
  const file = open();
  await file.close(memories('1.08'), T0);
  t.equal(faults.length, 1);
  rmSync(join(path, '..', '..', 'folder'));
  await file.close(memories('1.08'), T0);
  t.same(open().read(T0), memories('1.08'));
});

t.test('a damaged file is left aside, and told of', async (t) => {
  const { path, faults, open } = fileOf(t);
  await open().close(memories('1.08'), T0);
  const whole = readFileSync(path, 'utf8');
  for (const damaged of [whole.replace('1.08', '1.09'), whole.slice(0, -5), '', 'x']) {
    writeFileSync(path, damaged);
    t.equal(open().read(T0).size, 0);
  }
  t.equal(faults.length, 4);
  t.ok(
    faults.every((fault) => fault.includes('expected')),
    faults.join(),
  );
});
