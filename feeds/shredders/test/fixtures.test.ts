// The shipped shredders read their fixtures, exactly; a drifted page gives what can be proven, or nothing.
import { pageFromText, shredPage } from '@tickerplant/shredder';
import { fixturesOf, loadShredder, shredderNames } from '@tickerplant/shredders';
import t from 'tap';
import { MADE } from './make-fixtures.ts';

const names = shredderNames();
t.strictSame(names, Object.keys(MADE).sort(), 'a maker of fixtures for each shredder');

for (const name of names) {
  t.test(name, async (t) => {
    const plan = loadShredder(name);
    t.equal(plan.name, name, 'is called as its file is');
    const fixtures = fixturesOf(name);
    t.ok(fixtures.length >= 3, `has at least three fixtures: ${fixtures.length}`);
    t.ok(
      fixtures.some((fixture) => fixture.isDrifted),
      'has a drifted one',
    );
    for (const fixture of fixtures) {
      const page = pageFromText(fixture.text, plan.rows, plan.columns, fixture.attributes);
      const result = shredPage(plan, page, fixture.today === undefined ? {} : { today: fixture.today });
      const live = result.items.filter((item) => item.quality === 'LIVE');
      const bySubject = (a: { subject: string }, b: { subject: string }): number => (a.subject < b.subject ? -1 : 1);
      t.strictSame(
        live.map(({ subject, fields }) => ({ subject, fields })).sort(bySubject),
        [...fixture.live].sort(bySubject),
        `${fixture.name}: what is LIVE`,
      );
      if (!fixture.isDrifted) {
        t.equal(result.match, 'match', `${fixture.name}: matches: ${result.reasons.join('; ')}`);
        t.strictSame(
          result.items.filter((item) => item.quality !== 'LIVE').map((item) => `${item.subject} ${item.reason}`),
          [],
          `${fixture.name}: nothing is held back`,
        );
      }
      for (const item of result.items) {
        if (item.quality === 'LIVE') continue;
        t.not(item.reason, '', `${fixture.name}: ${item.subject} has a reason`);
        t.strictSame(item.fields, {}, `${fixture.name}: ${item.subject} shows no value`);
      }
      const made = MADE[name]!.find((one) => one.name === fixture.name);
      const lines = (text: readonly string[]): readonly string[] => text.map((line) => line.trimEnd());
      t.strictSame(
        lines(fixture.text.trimEnd().split('\n')),
        lines(made!.rows.join('\n').trimEnd().split('\n')),
        `${fixture.name}: as it is made`,
      );
    }
  });
}
