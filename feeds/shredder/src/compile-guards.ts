import { Decimal } from '@tickerplant/core';
import { compileCondition } from './compile-fields.ts';
import { type Exact, exactOf } from './exact.ts';
import { type Comparison, compileAmount, compileComparison } from './expression.ts';
import { columnNamed, type Names, partNamed } from './names.ts';
import type {
  Alike,
  Chain,
  Condition,
  FurtherValue,
  Guard,
  Limits,
  Move,
  MoveValue,
  RowAmount,
  Slot,
  Sum,
} from './plan.ts';
import type { PathStep, Report } from './problems.ts';
import type { AlikeSource, ByKey, ChainSource, GuardSource, MoveSource, SumSource } from './source.ts';

/** The guards of a table. */
export function compileGuards(source: readonly (string | GuardSource)[], names: Names, report: Report): Guard[] {
  return source.map((written, index) => {
    const guard: GuardSource = typeof written === 'string' ? { that: written } : written;
    const path = ['guards', index];
    const slots: Slot[] = [];
    const slotOf = new Map<string, number>();
    const parameters = new Map(
      Object.entries({ ...guard.with, ...(guard.limit === undefined ? {} : { limit: guard.limit }) }),
    );
    let comparison: Comparison = NEVER;
    try {
      comparison = compileComparison(guard.that, {
        slot: (name) => {
          const known = slotOf.get(name);
          if (known !== undefined) return known;
          const parameter = parameters.get(name);
          const slot =
            parameter === undefined ? partSlot(name, names) : parameterSlot(parameter, [...path, 'limit'], report);
          slotOf.set(name, slots.length);
          slots.push(slot);
          return slots.length - 1;
        },
        column: (name) => {
          const column = columnNamed(name, names);
          if (typeof column === 'string') throw new Error(column);
          return column.index;
        },
      });
    } catch (error) {
      report(
        typeof written === 'string' ? path : [...path, 'that'],
        error instanceof Error ? error.message : String(error),
      );
    }
    const when = guard.when === undefined ? undefined : compileCondition(guard.when, names, [...path, 'when'], report);
    return {
      name: guard.name ?? guard.that,
      comparison,
      slots,
      when,
      columns: columnsOf(slots, comparison.columns, when),
      otherwise: guard.else ?? 'reject',
      scope: guard.scope ?? 'row',
    };
  });
}

const NEVER: Comparison = { text: '', slots: [], columns: [], holds: () => false, failure: () => '' };

function columnsOf(slots: readonly Slot[], asked: readonly number[], when: Condition | undefined): number[] {
  const read = slots.flatMap((slot) => (slot.kind === 'part' ? [slot.column] : []));
  return [...new Set([...read, ...asked, ...(when === undefined ? [] : [when.column])])];
}

function partSlot(name: string, names: Names): Slot {
  const found = partNamed(name, names);
  if (typeof found === 'string') throw new Error(found);
  const kinds = found.column.types.flatMap((type) => type.parts.filter((part) => part.name === found.part));
  if (
    found.column.types.length > 0 &&
    !kinds.some((part) => part.kind === 'decimal' || part.kind === 'time' || part.kind === 'date')
  ) {
    throw new Error(`expected a number, got ${name}, which is ${kinds[0]?.kind ?? 'nothing'}`);
  }
  return { kind: 'part', column: found.column.index, part: found.part };
}

function parameterSlot(source: ByKey, path: readonly PathStep[], report: Report): Slot {
  return { kind: 'parameter', ...byKey(source, path, report) };
}

function byKey(source: ByKey, path: readonly PathStep[], report: Report): Limits {
  if (typeof source !== 'object') return { values: new Map(), otherwise: exact(source, path, report) };
  const values = new Map<string, Exact>();
  let otherwise: Exact | undefined;
  for (const [key, value] of Object.entries(source)) {
    const number = exact(value, path, report);
    if (key === 'default') otherwise = number;
    else if (number !== undefined) values.set(key, number);
  }
  return { values, otherwise };
}

/** `0.002`, `2%`; YAML's numbers are written out again as they were, which is exact for the few digits that limits have. */
function exact(value: number | string, path: readonly PathStep[], report: Report): Exact | undefined {
  const text = String(value).trim();
  const isShare = text.endsWith('%');
  try {
    const number = exactOf(Decimal.parse(isShare ? text.slice(0, -1).trim() : text));
    return isShare ? { mantissa: number.mantissa, exponent: number.exponent - 2 } : number;
  } catch {
    report(path, `expected a number such as 0.002, or a share such as 2%, got ${JSON.stringify(text)}`);
    return undefined;
  }
}

/** What must be alike in the rows of a table. */
export function compileAlike(source: readonly AlikeSource[], names: Names, report: Report): Alike[] {
  return source.map((written, index) => {
    const path = ['alike', index];
    const { amount, slots } = amountOf(written.of, names, [...path, 'of'], report);
    const limits = byKey(written.within ?? 0, [...path, 'within'], report);
    const otherwise = limits.otherwise ?? { mantissa: 0n, exponent: 0 };
    return { name: written.name ?? written.of, amount, slots, within: limits.values, otherwise };
  });
}

/** The sums of a table. */
export function compileSums(source: readonly SumSource[], names: Names, report: Report): Sum[] {
  return source.map((written, index): Sum => {
    const path = ['sums', index];
    const there = written.there ?? written.of;
    if (there.length !== written.of.length) report([...path, 'there'], `expected ${written.of.length}, as in of`);
    return {
      amounts: written.of.map((text, at) => amountOf(text, names, [...path, 'of', at], report)),
      there: there.map((text, at) => amountOf(text, names, [...path, 'there', at], report)),
      total: written.total,
      terms: [
        ...written.plus.map((name) => ({ name, sign: 1 as const })),
        ...(written.less ?? []).map((name) => ({ name, sign: -1 as const })),
      ],
      isRequired: written.required ?? false,
      rounding: exact(written.rounding ?? 0, [...path, 'rounding'], report) ?? { mantissa: 0, exponent: 0 },
    };
  });
}

/** The chains of a table. */
export function compileChains(source: readonly ChainSource[], names: Names, report: Report): Chain[] {
  return source.map((written, index): Chain => {
    const path = ['chains', index];
    const same = written.same === undefined ? undefined : columnNamed(written.same, names);
    if (typeof same === 'string') report([...path, 'same'], same);
    return {
      of: amountOf(written.of, names, [...path, 'of'], report),
      by: amountOf(written.by, names, [...path, 'by'], report),
      same: typeof same === 'object' ? same.index : undefined,
    };
  });
}

/** An expression of the columns of a row. */
function amountOf(text: string, names: Names, path: readonly PathStep[], report: Report): RowAmount {
  const slots: Slot[] = [];
  try {
    const amount = compileAmount(text, {
      slot: (name) => slots.push(partSlot(name, names)) - 1,
      column: (name) => {
        const column = columnNamed(name, names);
        if (typeof column === 'string') throw new Error(column);
        return column.index;
      },
    });
    return { name: text, amount, slots };
  } catch (error) {
    report(path, error instanceof Error ? error.message : String(error));
    return { name: text, amount: { text: '', columns: [], value: () => undefined }, slots };
  }
}

/** The limits on moves of a table. */
export function compileMoves(source: readonly MoveSource[], names: Names, report: Report): Move[] {
  let further = source.length;
  return source.map((written, index): Move => {
    const path = ['moves', index];
    if (written.within !== undefined && written.apart !== undefined) {
      report([...path, 'apart'], 'expected either within or apart');
    }
    const of = moveValue(written.of, names, [...path, 'of'], report);
    const columns = new Set(of.columns);
    const remembered = (text: string | undefined, key: string): FurtherValue | undefined => {
      if (text === undefined) return undefined;
      const found = moveValue(text, names, [...path, key], report);
      for (const column of found.columns) columns.add(column);
      return { of: found.value, at: further++ };
    };
    const or = remembered(written.or, 'or');
    const apart = remembered(written.apart === undefined ? undefined : String(written.apart), 'apart');
    const when = remembered(written.when, 'when');
    return {
      name: written.name ?? written.of,
      of: of.value,
      columns: [...columns],
      within: byKey(written.within ?? 0, [...path, 'within'], report),
      apart,
      or,
      when,
      confirm: written.confirm === 'never' ? Number.POSITIVE_INFINITY : (written.confirm ?? 2),
    };
  });
}

/** A column's text, a number of it, or an expression; and the columns that it depends on. */
function moveValue(
  written: string,
  names: Names,
  path: readonly PathStep[],
  report: Report,
): { readonly value: MoveValue; readonly columns: readonly number[] } {
  const found = partNamed(written, names);
  if (typeof found === 'string') {
    const amount = amountOf(written, names, path, report);
    return { value: { kind: 'amount', ...amount }, columns: columnsOf(amount.slots, amount.amount.columns, undefined) };
  }
  const { column, part } = found;
  const isText = column.types.some((type) => type.parts.some(({ name, kind }) => name === part && kind === 'text'));
  const value: MoveValue = isText
    ? { kind: 'text', column: column.index }
    : { kind: 'part', column: column.index, part };
  return { value, columns: [column.index] };
}
