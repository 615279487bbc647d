import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { attributeRuns, BASIC, Page, Style, Trust, textWord, withForeground } from '@tickerplant/pages';
import { type Alert, compileYaml, pageFromText, type Reason } from '@tickerplant/shredder';
import { CounterRegistry } from '@tickerplant/telemetry';
import t from 'tap';
import { EvidenceFiles } from '../src/elements/evidence-files.ts';

const SPOT = new URL('../../../../examples/shredders/majors-spot.yaml', import.meta.url);
const plan = compileYaml(readFileSync(SPOT, 'utf8'), 'majors-spot.yaml');
const T0 = Date.UTC(2026, 10, 30, 9, 15, 30, 123);

function written(): Page {
  const page = new Page(25, 80);
  page.clear();
  [...'EUR  1.0841/43  é'].forEach((character, at) => {
    page.put(3, 5 + at, textWord(character.codePointAt(0)!), withForeground(Style.BOLD, BASIC + 9), 0);
  });
  page.put(24, 79, textWord(0x41), withForeground(0, BASIC + 2), 0);
  page.mark(3, 7, Trust.DAMAGED);
  return page;
}

function alertOf(evidence: Page | undefined): Alert {
  const reasons: Reason[] = [{ code: 'ANCHOR_MISSING', facts: { want: 'TITLE' } }];
  return { kind: 'drift', about: 'FXSP spot', reasons, evidence };
}

t.test('evidence is a page that the workbench reads as it was', async (t) => {
  const folder = join(t.testdir({}), 'deep', 'evidence');
  const files = new EvidenceFiles({
    folder,
    member: 'screens-2',
    registry: new CounterRegistry(),
    onError: (error) => t.fail(String(error)),
  });
  const page = written();
  files.keep('FXSP/0001', alertOf(undefined), plan, T0);
  files.keep('FXSP/0001', alertOf(page), plan, T0);
  files.keep('FXSP/0001', alertOf(page), plan, T0 + 1);
  await files.close();
  const stem = '20261130T091530123Z-FXSP_0001-screens-2';
  t.same(
    readdirSync(folder)
      .filter((name) => name.startsWith(stem))
      .sort(),
    [`${stem}.attrs.json`, `${stem}.json`, `${stem}.txt`],
  );
  t.equal(readdirSync(folder).length, 6);
  const read = (ending: string): string => readFileSync(join(folder, `${stem}.${ending}`), 'utf8');
  const again = pageFromText(read('txt'), 25, 80, JSON.parse(read('attrs.json')));
  for (let row = 0; row < 25; row++) {
    t.equal(again.rowText(row), page.rowText(row));
    t.same(attributeRuns(again, row), attributeRuns(page, row));
  }
  t.match(JSON.parse(read('json')), {
    time: '2026-11-30T09:15:30.123Z',
    page: 'FXSP/0001',
    kind: 'drift',
    about: 'FXSP spot',
    shredder: 'majors-spot',
    version: 1,
    reasons: [/ANCHOR_MISSING.*TITLE/],
  });
});

t.test('what cannot be written, or is too much, is counted', async (t) => {
  const path = t.testdir({ taken: 'a file' });
  const errors: unknown[] = [];
  const registry = new CounterRegistry();
  const files = new EvidenceFiles({
    folder: join(path, 'taken', 'folder'),
    member: 'm',
    registry,
    onError: (error) => errors.push(error),
  });
  for (let i = 0; i < 30; i++) files.keep('P', alertOf(written()), plan, T0 + i);
  await files.close();
  t.equal(errors.length, 20);
  t.match(registry.snapshot(), [{ name: 'evidence', values: { kept: 0, left: 30 } }]);
});
