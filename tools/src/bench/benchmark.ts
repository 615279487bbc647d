import type { Runner } from './runner.ts';

/** A measured number. */
export interface Figure {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  /** What it is to be, at least or at most. */
  readonly target?: { readonly least: number } | { readonly most: number };
}

/** A figure against a baseline of the same run. */
interface Ratio {
  readonly name: string;
  readonly value: number;
}

/** What a benchmark found. */
export interface BenchResult {
  readonly figures: readonly Figure[];
  readonly ratios: readonly Ratio[];
  /** Sizes, batches and durations that the figures depend on. */
  readonly sizes: Readonly<Record<string, string | number>>;
  /** What must not happen, as messages lost; makes the command fail. */
  readonly failures: readonly string[];
}

/** What a benchmark may use. */
export interface BenchContext {
  readonly runner: Runner;
  /** A glance instead of a measurement: everything short and small. */
  readonly quick: boolean;
  /** How long the sustained runs take. */
  readonly seconds: number;
  /** Vendor lines that carry the same messages: 1 or 2. */
  readonly lines: number;
  /** A folder for files, removed in the end. */
  readonly folder: string;
  /** Tells whoever waits what is going on. */
  say(text: string): void;
}

/** One benchmark. */
export interface Benchmark {
  readonly name: string;
  readonly title: string;
  run(context: BenchContext): Promise<BenchResult>;
}

/** Whether a figure is what it is to be; undefined when nothing is said about it. */
export function meetsTarget({ value, target }: Figure): boolean | undefined {
  if (target === undefined) return undefined;
  return 'least' in target ? value >= target.least : value <= target.most;
}

/** The middle one; of an even number the lower of the two. */
export function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[(values.length - 1) >> 1] ?? Number.NaN;
}
