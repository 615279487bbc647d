// What the guide shows is true: its shredder compiles and reads a page.
import { readFileSync } from 'node:fs';
import { compileYaml, pageFromText, shredPage } from '@tickerplant/shredder';
import t from 'tap';

const guide = readFileSync(new URL('../../../../docs/guides/writing-shredders.md', import.meta.url), 'utf8');

const PAGE = [
  'TREES       PRICES IN SHILLINGS',
  '',
  'TREE   BID/ASK        HIGH    SIZE',
  'ELM    10.10/10.20    10.50   4',
  'OAK    20.10/20       20.50',
  'ASH    -',
  '----------------------------------------',
];

t.test('the shredder of the guide', async (t) => {
  const blocks = guide
    .split('```yaml\n')
    .slice(1)
    .map((rest) => rest.split('```')[0]!);
  t.equal(blocks.length, 1);
  const plan = compileYaml(blocks[0]!, 'guide.yaml');
  const result = shredPage(plan, pageFromText(PAGE.join('\n'), plan.rows, plan.columns));
  t.equal(result.match, 'match', result.reasons.join('; '));
  t.strictSame(
    result.items.map(({ subject, fields }) => [subject, fields]),
    [
      ['TREES.ELM', { name: 'ELM', bid: '10.10', ask: '10.20', high: '10.50', size: '4' }],
      ['TREES.OAK', { name: 'OAK', bid: '20.10', ask: '20.20', high: '20.50' }],
      ['TREES.ASH', { name: 'ASH', status: 'not-quoted' }],
    ],
  );
});

t.test('its ruler of column numbers is right', async (t) => {
  const lines = guide.split('\n');
  const at = lines.findIndex((line) => line.includes('ruler: "nnnnn'));
  const first = lines[at]!.indexOf('"') + 1;
  t.equal(lines[at - 1]!.indexOf('0123456789'), first, 'the figures stand above the ruler');
});

t.test('every reason is listed', async (t) => {
  const listed = readFileSync(new URL('../../../../docs/internals/shredding.md', import.meta.url), 'utf8');
  const source = readFileSync(new URL('../../../shredder/src/reasons.ts', import.meta.url), 'utf8');
  const codes = [...source.matchAll(/^ {2}\| '([A-Z_]+)'/gm)].map((match) => match[1]!);
  t.ok(codes.length > 20);
  for (const code of codes) t.ok(listed.includes(`\`${code}\``), code);
});
