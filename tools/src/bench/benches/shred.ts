import type { Benchmark, Figure } from '../benchmark.ts';
import type { PageShredderRole, ShredResult } from '../roles/page-shredder.ts';

const RATE_LEAST = 50_000;
const CALL_MS = 600_000;
/** All shipped ones of 20 rules and more, and an example; the target is meant for about 20, so that those of far more have none. */
const SHREDDERS: readonly (readonly [name: string, where: string, hasTarget: boolean])[] = [
  ['majors-spot', "example, on the simulated service's changes", true],
  ['fx-spot-composite', 'shipped', true],
  ['broker-bond-page', 'shipped', true],
  ['us-treasuries-32nds', 'shipped', true],
  ['ntv-indices', 'shipped', true],
  ['teefax-map', 'shipped', false],
  ['fxfx', 'shipped', false],
];

/** Shredders at work. */
export const shred: Benchmark = {
  name: 'shred',
  title: 'Shred: changed rows applied to a page and shredded, a row at a time (one core)',

  async run({ runner, quick }) {
    const options = {
      steps: quick ? 200 : 2_000,
      rows: quick ? 5_000 : 50_000,
      warmUps: quick ? 2 : 3,
      runs: quick ? 3 : 7,
      seconds: 0,
    };
    const figures: Figure[] = [];
    const ratios: { name: string; value: number }[] = [];
    const sizes: Record<string, string | number> = {
      'different changes, at most': options.steps,
      'rows a run': options.rows,
    };
    const failures: string[] = [];
    for (const [name, where, hasTarget] of SHREDDERS) {
      // A process of its own each: what one shredder has taught the compiler must not help or hinder another.
      const role = await runner.start<PageShredderRole>('page-shredder');
      const result = await role.call('run', { ...options, shredder: name }, CALL_MS);
      await runner.stop(role);
      const { rules, rates, applied, parsed, doubts } = result;
      figures.push(
        {
          name: `${name}, ${rules.total} rules`,
          value: rates.rate,
          unit: 'rows/s',
          ...(hasTarget ? { target: { least: RATE_LEAST } } : {}),
        },
        { name: '· the same by processor time', value: rates.cpuRate, unit: 'rows/s' },
        { name: '· baseline: applied only', value: applied.rate, unit: 'rows/s' },
        { name: '· baseline: the same elements parsed from JSON', value: parsed.rate, unit: 'rows/s' },
      );
      ratios.push({ name: `${name} to JSON`, value: rates.rate / parsed.rate });
      sizes[`${name} (${where})`] = factsOf(result);
      if (doubts > 0) failures.push(`${name}: ${doubts} doubts where all should be LIVE`);
      if (result.elements < 0.5) failures.push(`${name}: hardly an element changed`);
    }
    return { figures, ratios, sizes, failures };
  },
};

function factsOf({ rules, elements, fields, jsonBytes }: ShredResult): string {
  const { columns, guards, ofRow } = rules;
  const a = `${columns} columns and ${guards} guards and limits, ${ofRow} of them for a row at most`;
  return `${a}, ${elements.toFixed(2)} elements and ${fields.toFixed(2)} fields a changed row, ${jsonBytes.toFixed(0)} bytes of JSON`;
}
