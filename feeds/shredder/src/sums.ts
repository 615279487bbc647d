import { absolute, add, compare, type Exact, exactText, multiply } from './exact.ts';
import type { Sum } from './plan.ts';
import { type Reason, reason } from './reasons.ts';
import { RowOperands, type RowReading } from './row-reader.ts';

/** Rows that take part in a sum. */
interface Summed {
  readonly readings: readonly RowReading[];
  /** `wrong`: any of them may be the wrong one; `unknown`: it is required, and can't be made. */
  readonly outcome: 'right' | 'wrong' | 'unknown';
  readonly reason: Reason | undefined;
}

/** A row that takes part; one of another table has its cells in the places that this table's columns of the same names have. */
export interface Part {
  readonly reading: RowReading;
  readonly isOther: boolean;
}

/**
 * Rows that sums put in doubt, and why: those of sums that don't come out, and of required ones that can't be made, because a row
 * is missing, isn't believed or has no number, unless another sum proves them. Doubt goes on from sum to sum.
 *
 * @param find a row that is believed, by its label or symbol.
 */
export function doubtful(sums: readonly Sum[], find: (name: string) => Part | undefined): ReadonlyMap<string, Reason> {
  const doubts = new Map<string, Reason>();
  const believed = (name: string): Part | undefined => {
    const part = find(name);
    return part === undefined || doubts.has(part.reading.symbol) ? undefined : part;
  };
  for (let known = -1; doubts.size > known; ) {
    known = doubts.size;
    addDoubts(sums, believed, doubts);
  }
  return doubts;
}

function addDoubts(sums: readonly Sum[], find: (name: string) => Part | undefined, doubts: Map<string, Reason>): void {
  const all = sums.flatMap((sum) => sum.amounts.map((_, index) => addUp(sum, index, find)));
  // A row is proven where each of its numbers is.
  const proven = new Map<string, number>();
  for (const { readings, outcome } of all) {
    if (outcome === 'right') for (const { symbol } of readings) proven.set(symbol, (proven.get(symbol) ?? 0) + 1);
  }
  const most = Math.max(0, ...sums.map(({ amounts }) => amounts.length));
  for (const { readings, outcome, reason: why } of all) {
    if (why === undefined) continue;
    for (const { symbol } of readings) {
      if (outcome === 'wrong' || (proven.get(symbol) ?? 0) < most) doubts.set(symbol, why);
    }
  }
}

function addUp(sum: Sum, index: number, find: (name: string) => Part | undefined): Summed {
  const own = sum.amounts[index]!;
  const there = sum.there[index]!;
  const { name } = own;
  const total = find(sum.total);
  const rows = sum.terms.map(({ name: label, sign }) => ({ label, sign, part: find(label) }));
  const readings = [total, ...rows.map(({ part }) => part)].flatMap((part) => part?.reading ?? []);
  const because = (want: string, got: string): Reason =>
    reason('GUARD_FAIL', { row: readings[0]?.row ?? -1, name: `sum of ${name}`, want, got });
  const amountOf = (part: Part | undefined): Exact | undefined => {
    if (part === undefined) return undefined;
    const { amount, slots } = part.isOther ? there : own;
    return amount.value(new RowOperands({ slots }, part.reading.cells, []));
  };
  let got: Exact = { mantissa: 0, exponent: 0 };
  let missing = amountOf(total) === undefined ? sum.total : undefined;
  for (const { label, part, sign } of rows) {
    const value = amountOf(part);
    if (value === undefined) missing ??= label;
    else got = add(got, value, sign);
  }
  if (missing !== undefined) {
    return { readings, outcome: 'unknown', reason: sum.isRequired ? because(missing, '') : undefined };
  }
  const want = amountOf(total)!;
  const slack = multiply(sum.rounding, { mantissa: readings.length, exponent: 0 });
  if (compare(absolute(add(got, want, -1)), slack) <= 0) return { readings, outcome: 'right', reason: undefined };
  return { readings, outcome: 'wrong', reason: because(exactText(want), exactText(got)) };
}
