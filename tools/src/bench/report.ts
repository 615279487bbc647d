import { type BenchResult, type Figure, meetsTarget } from './benchmark.ts';
import type { Machine } from './machine.ts';

/** Up to so many cores used by others are no cause for doubt. */
const OTHERS_MAX = 0.1;

/** The machine, in two lines. */
export function machineText(machine: Machine): string {
  const { cpu, cores, memoryGB, kernel, node, v8, date, load } = machine;
  const busy = load > 0.5 ? ' (others are using this machine: figures will be too low)' : '';
  return `${cpu}, ${cores} cores, ${memoryGB} GB, ${kernel}\nnode ${node} (V8 ${v8}), ${date} UTC, load ${load.toFixed(2)}${busy}`;
}

/** A result as a table. @param others cores that other processes used meanwhile */
export function resultText(title: string, result: BenchResult, others: number): string {
  const lines = [`\n${title}`];
  const names = [...result.figures, ...result.ratios].map(({ name }) => name.length);
  const width = Math.max(...names, 0);
  for (const figure of result.figures) {
    lines.push(
      `  ${figure.name.padEnd(width)}  ${number(figure.value).padStart(11)} ${figure.unit}${targetText(figure)}`,
    );
  }
  for (const { name, value } of result.ratios) {
    lines.push(`  ${name.padEnd(width)}  ${value.toFixed(2).padStart(11)} ×`);
  }
  const sizes = Object.entries(result.sizes).map(([name, value]) => `${name} ${sizeText(value)}`);
  if (sizes.length > 0) lines.push(`  (${sizes.join('; ')})`);
  if (others > OTHERS_MAX) lines.push(`  NOISE: other processes used ${others.toFixed(2)} cores meanwhile`);
  for (const failure of result.failures) lines.push(`  FAILED: ${failure}`);
  return lines.join('\n');
}

function targetText(figure: Figure): string {
  const { target } = figure;
  if (target === undefined) return '';
  const wanted = 'least' in target ? `at least ${number(target.least)}` : `at most ${number(target.most)}`;
  return meetsTarget(figure) === true ? `   target: ${wanted}` : `   BELOW TARGET: ${wanted}`;
}

function sizeText(value: string | number): string {
  return typeof value === 'string' ? value : number(value);
}

function number(value: number): string {
  if (!Number.isFinite(value)) return '–';
  const digits = Math.abs(value) >= 1000 || Number.isInteger(value) ? 0 : Math.abs(value) >= 10 ? 1 : 2;
  return value.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits });
}
