import { TickerError } from '@tickerplant/core';
import type { PathStep } from '@tickerplant/floor';

export type { PathStep };

/** Something wrong with a shredder's source. */
export interface SourceProblem {
  /** From 1; 0 for sources in TypeScript. */
  readonly line: number;
  readonly column: number;
  /** `tables.spot.columns.quote.type` */
  readonly key: string;
  readonly message: string;
}

/** A shredder that cannot be used: `SHRED_INVALID`, with every problem in it. */
export class ShredderError extends TickerError {
  /** In the file's order; at least one. */
  readonly problems: readonly SourceProblem[];

  constructor(file: string, problems: readonly SourceProblem[]) {
    super('SHRED_INVALID', problems.map((problem) => formatProblem(file, problem)).join('\n'), {
      file,
      problems: problems.length,
    });
    this.problems = problems;
  }
}

function formatProblem(file: string, { line, column, key, message }: SourceProblem): string {
  return `${file}${line > 0 ? `:${line}:${column}` : ''}${key === '' ? '' : ` ${key}`}: ${message}`;
}

/** Takes a problem with the value at a path. */
export type Report = (path: readonly PathStep[], message: string) => void;
