import type { Benchmark, Figure } from '../benchmark.ts';
import { recordedTeletext, recordedTerminals } from '../captures.ts';
import type { DecodeOptions, DecodeResult, PageDecoderRole } from '../roles/page-decoder.ts';

const PAGES = 100;
const RATE_LEAST = 200_000;
const CALL_MS = 300_000;

/** Page updates of ANSI X3.64; terminals' streams are a dialect with a decoder of its own, and no target. */
export const ansi: Benchmark = decoding({
  what: 'ansi',
  title: 'ANSI: row updates of 25 x 80 pages decoded and applied, changes found (one core)',
  recorded: recordedTerminals,
  recordedName: 'recorded terminal sessions',
  hasRecordedTarget: false,
});

/** Teletext. */
export const teletext: Benchmark = decoding({
  what: 'teletext',
  title: 'Teletext: rows of 40 columns decoded and drawn, changes found (one core)',
  recorded: recordedTeletext,
  recordedName: 'recorded week of two pages',
  hasRecordedTarget: true,
});

interface DecodingOptions {
  readonly what: 'ansi' | 'teletext';
  readonly title: string;
  readonly recorded: () => string | undefined;
  readonly recordedName: string;
  readonly hasRecordedTarget: boolean;
}

function decoding({ what, title, recorded, recordedName, hasRecordedTarget }: DecodingOptions): Benchmark {
  return {
    name: what,
    title,

    async run({ runner, quick }) {
      const repetition = { warmUps: 2, runs: quick ? 3 : 7, seconds: 0 };
      const options = { ...repetition, updates: quick ? 20_000 : 100_000, pages: PAGES };
      const path = recorded();
      const sources: [name: string, from: DecodeOptions['from'], hasTarget: boolean][] = [
        ['simulated service', 'simulated', true],
        ['pages full of digits', 'generated', true],
      ];
      if (path !== undefined) sources.push([recordedName, { recorded: path }, hasRecordedTarget]);
      const figures: Figure[] = [];
      const sizes: Record<string, string | number> = { pages: PAGES, 'different rows, at least': options.updates };
      const failures: string[] = [];
      let simulated = Number.NaN;
      for (const [name, from, hasTarget] of sources) {
        // A process of its own each: what one run has taught the compiler must not help or hinder another.
        const role = await runner.start<PageDecoderRole>('page-decoder');
        const result = await role.call(what, { ...options, from }, CALL_MS);
        await runner.stop(role);
        if (from === 'simulated') simulated = result.rates.rate;
        figures.push(...rateFigures(name, result, hasTarget));
        sizes[`bytes a row, ${name}`] = Math.round(result.bytesPerRow);
        sizes[`rows at a time, ${name}`] = result.rowsPerUpdate;
        failures.push(...faultsOf(name, result));
      }
      const scanner = await runner.start<PageDecoderRole>('page-decoder');
      const scanned = await scanner.call('scan', { ...options, what, from: 'simulated' }, CALL_MS);
      await runner.stop(scanner);
      figures.push({ name: "baseline: the simulated service's bytes added up", value: scanned.rate, unit: 'rows/s' });
      return {
        figures,
        ratios: [{ name: 'simulated service to the baseline', value: simulated / scanned.rate }],
        sizes,
        failures,
      };
    },
  };
}

/** The figures of one source of rows. */
export function rateFigures(name: string, { rates }: DecodeResult, hasTarget: boolean): Figure[] {
  const target = hasTarget ? { target: { least: RATE_LEAST } } : {};
  return [
    { name, value: rates.rate, unit: 'rows/s', ...target },
    { name: '· the same by processor time', value: rates.cpuRate, unit: 'rows/s' },
  ];
}

/** What must not be, where bytes are of our own making or known to be good. */
export function faultsOf(name: string, { cells, faults }: DecodeResult): string[] {
  const found = faults === 0 ? [] : [`${name}: ${faults} faults`];
  return cells > 0 ? found : [...found, `${name}: no cell changed`];
}
