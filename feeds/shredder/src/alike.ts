import { absolute, add, compare, type Exact, exactText } from './exact.ts';
import type { Alike } from './plan.ts';
import { type Reason, reason } from './reasons.ts';
import { RowOperands, type RowReading } from './row-reader.ts';

/** A row that differs from the others. */
export interface Stranger {
  readonly reading: RowReading;
  readonly reason: Reason;
}

/**
 * Rows whose number isn't that of the other rows below the same heading. The middle one counts as theirs; where not more than half
 * of them agree with it, nobody knows which are right, and all are strangers.
 */
export function strangers(alike: Alike, readings: readonly RowReading[]): Stranger[] {
  const groups = new Map<string, { reading: RowReading; value: Exact }[]>();
  for (const reading of readings) {
    const value = alike.amount.value(new RowOperands(alike, reading.cells, []));
    if (value === undefined) continue;
    const heading = reading.heading.join('\n');
    const group = groups.get(heading) ?? [];
    group.push({ reading, value });
    groups.set(heading, group);
  }
  return [...groups.values()].flatMap((group) => {
    group.sort((a, b) => compare(a.value, b.value));
    const middle = group[Math.floor(group.length / 2)]!.value;
    const agrees = ({ reading, value }: { reading: RowReading; value: Exact }): boolean => {
      const within = alike.within.get(reading.label) ?? alike.otherwise;
      return compare(absolute(add(value, middle, -1)), within) <= 0;
    };
    const isKnown = 2 * group.filter(agrees).length > group.length;
    return group
      .filter((row) => !isKnown || !agrees(row))
      .map(({ reading, value }) => {
        const facts = { row: reading.row, name: alike.name, got: exactText(value), others: exactText(middle) };
        return { reading, reason: reason('GUARD_FAIL', facts) };
      });
  });
}
