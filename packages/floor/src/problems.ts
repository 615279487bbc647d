import { TickerError } from '@tickerplant/core';

/** One step into a document: a key of a block or an index of a list. */
export type PathStep = string | number;

/** Something wrong with a floor file. */
export interface FloorProblem {
  /** From 1. */
  readonly line: number;
  /** From 1, in characters. */
  readonly column: number;
  /** `feeds[0].lines[1].group`; empty for the document itself. */
  readonly key: string;
  /** What was expected and what came. */
  readonly message: string;
}

/** A floor file that cannot be used: `FLOOR_INVALID`, with every problem in it. */
export class FloorError extends TickerError {
  /** In the file's order; at least one. */
  readonly problems: readonly FloorProblem[];

  constructor(file: string, problems: readonly FloorProblem[]) {
    super('FLOOR_INVALID', problems.map((problem) => formatProblem(file, problem)).join('\n'), {
      file,
      problems: problems.length,
    });
    this.problems = problems;
  }
}

function formatProblem(file: string, problem: FloorProblem): string {
  const key = problem.key === '' ? '' : ` ${problem.key}`;
  return `${file}:${problem.line}:${problem.column}${key}: ${problem.message}`;
}

/** `['feeds', 0, 'lines']` → `feeds[0].lines`. */
export function formatPath(path: readonly PathStep[]): string {
  let text = '';
  for (const step of path) {
    if (typeof step === 'number') text += `[${step}]`;
    else if (/^[\w-]+$/.test(step)) text += text === '' ? step : `.${step}`;
    else text += `[${JSON.stringify(step)}]`;
  }
  return text;
}

/** A value of the file as a message shows it. */
export function show(value: unknown): string {
  if (value === null || value === undefined) return 'nothing';
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list';
  if (typeof value === 'object') return 'a block of keys';
  if (typeof value !== 'string') return String(value);
  return JSON.stringify(value.length > 60 ? `${value.slice(0, 59)}…` : value);
}

/**
 * The candidate that a misspelt word most likely stands for, if any is near: at most two slips (a letter more,
 * less or wrong, or two swapped), and in fewer than half of the word's letters.
 */
export function suggestion(word: string, candidates: Iterable<string>): string | undefined {
  let best: string | undefined;
  let bestSlips = Math.min(3, word.length / 2);
  for (const candidate of candidates) {
    const slips = slipsBetween(word.toLowerCase(), candidate.toLowerCase());
    if (slips < bestSlips) {
      best = candidate;
      bestSlips = slips;
    }
  }
  return best;
}

// Optimal string alignment distance.
function slipsBetween(a: string, b: string): number {
  const rows: number[][] = [Array.from({ length: b.length + 1 }, (_, j) => j)];
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1;
      let least = Math.min(rows[i - 1]![j]! + 1, row[j - 1]! + 1, rows[i - 1]![j - 1]! + same);
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      if (swapped) least = Math.min(least, rows[i - 2]![j - 2]! + 1);
      row.push(least);
    }
    rows.push(row);
  }
  return rows[a.length]![b.length]!;
}
