import type { Printed } from './fields.ts';
import type { ShreddedItem } from './run-once.ts';

/** Of a list of flags some may be missing: none of them is wrong for that. */
function isPartOf(value: Printed, should: Printed | undefined): boolean {
  return Array.isArray(value) && Array.isArray(should) && value.every((flag) => should.includes(flag));
}

/** What is wrong with an item. */
export interface WrongValue {
  readonly subject: string;
  readonly field: string;
  readonly right: Printed | undefined;
  readonly got: Printed;
}

/** How a changed page was read, against what the good one says. */
export interface Verdict {
  /** LIVE values that differ: must be none. */
  readonly wrong: readonly WrongValue[];
  /** Items said to have no value that have one: a page with a blanked cell says so itself. */
  readonly withdrawn: number;
  /** Fields with a value on the good page, and how many of them are LIVE and right. */
  readonly fields: number;
  readonly kept: number;
}

/**
 * Compares what was read from a changed page with what stands on the good one.
 *
 * @param textFields fields of free text, in which a changed letter is a legal one; not compared.
 */
export function judge(
  good: readonly ShreddedItem[],
  got: readonly ShreddedItem[],
  textFields: ReadonlySet<string>,
): Verdict {
  const right = new Map(good.map((item) => [item.subject, item]));
  const wrong: WrongValue[] = [];
  let kept = 0;
  let withdrawn = 0;
  let fields = 0;
  for (const item of good) fields += Object.values(item.fields).filter((value) => value !== null).length;
  for (const item of got) {
    if (item.quality !== 'LIVE') continue;
    const want = right.get(item.subject);
    if (want === undefined) {
      wrong.push({ subject: item.subject, field: '', right: undefined, got: JSON.stringify(item.fields) });
      continue;
    }
    if ('status' in item.fields && !('status' in want.fields)) withdrawn++;
    for (const [field, value] of Object.entries(item.fields)) {
      if (field === 'status' || field === 'mark') continue;
      const should = want.fields[field];
      if (JSON.stringify(value) === JSON.stringify(should)) {
        if (value !== null) kept++;
      } else if (value !== null && value !== false && !textFields.has(field) && !isPartOf(value, should)) {
        wrong.push({ subject: item.subject, field, right: should, got: value });
      }
    }
  }
  return { wrong, withdrawn, fields, kept };
}
