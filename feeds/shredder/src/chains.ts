import { add, compare, exactText } from './exact.ts';
import type { Chain, RowAmount } from './plan.ts';
import { type Reason, reason } from './reasons.ts';
import { RowOperands, type RowReading } from './row-reader.ts';

/** A row that doesn't go on from the one above it, or the one that it doesn't go on from. */
interface Broken {
  readonly reading: RowReading;
  readonly reason: Reason;
}

/**
 * Rows between which a chain is broken: either may be the wrong one. Rows count as next to each other where nothing stands between
 * them; what a row that isn't believed says, nobody knows.
 */
export function broken({ of, by, same }: Chain, readings: readonly RowReading[]): Broken[] {
  const inOrder = [...readings].sort((a, b) => a.panel - b.panel || a.row - b.row);
  return inOrder.flatMap((reading, index): Broken[] => {
    const above = inOrder[index - 1];
    if (above === undefined || above.panel !== reading.panel || above.row !== reading.row - 1) return [];
    if (same !== undefined && above.cells[same]!.token !== reading.cells[same]!.token) return [];
    const [before, step, now] = [valueIn(of, above), valueIn(by, reading), valueIn(of, reading)];
    if (before === undefined || step === undefined || now === undefined) return [];
    const want = add(before, step);
    if (compare(want, now) === 0) return [];
    const facts = { row: reading.row, name: `${of.name} and ${by.name}`, got: exactText(now), want: exactText(want) };
    const why = reason('GUARD_FAIL', facts);
    return [above, reading].map((one) => ({ reading: one, reason: why }));
  });
}

function valueIn({ amount, slots }: RowAmount, reading: RowReading) {
  return amount.value(new RowOperands({ slots }, reading.cells, []));
}
