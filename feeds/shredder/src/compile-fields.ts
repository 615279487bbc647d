import { BASIC } from '@tickerplant/pages';
import type { FieldDictionary, FieldType } from '@tickerplant/records';
import { columnNamed, type Names, nameIn, partNamed } from './names.ts';
import type { Case, Condition, Field, FieldRule } from './plan.ts';
import type { PathStep, Report } from './problems.ts';
import type { ConditionSource, FieldSource } from './source.ts';

/** Types of the dictionary's fields that a kind of part can go into. */
const TAKEN_BY: Readonly<Record<string, readonly FieldType[]>> = {
  decimal: ['decimal', 'integer'],
  text: ['text'],
  date: ['date', 'text'],
  time: ['time', 'text'],
  direction: ['integer'],
};

const COLOURS = ['black', 'red', 'green', 'yellow', 'blue', 'magenta', 'cyan', 'white'];

/** `red`, `bright-red`: the code of the colour in cells. */
export function colourCode(name: string): number | undefined {
  const isBright = name.startsWith('bright-');
  const index = COLOURS.indexOf(isBright ? name.slice('bright-'.length) : name);
  return index < 0 ? undefined : BASIC + index + (isBright ? COLOURS.length : 0);
}

const FIELDS_MAX = 100;

/** The fields of a table's records. */
export function compileFields(
  source: Readonly<Record<string, FieldSource>>,
  mapping: Readonly<Record<string, string>>,
  names: Names,
  status: number | undefined,
  path: readonly PathStep[],
  report: Report,
  dictionary: () => FieldDictionary,
): Field[] {
  const entries = Object.entries(source);
  if (entries.length === 0 && path[0] === 'fields') report(path, 'expected at least one field');
  if (entries.length > FIELDS_MAX) report(path, `expected at most ${FIELDS_MAX} fields`);
  for (const name of Object.keys(mapping)) {
    if (!(name in source)) report(['dictionary', name], nameIn('a field', name, Object.keys(source)));
  }
  const taken = new Map<string, string>();
  return entries.map(([name, written]): Field => {
    const rule = ruleOf(written, names, status, [...path, name], report);
    const mapped = mapping[name];
    if (mapped === undefined) return { name, rule, dictionary: undefined };
    const at = ['dictionary', name];
    const field = dictionary().byName(mapped);
    if (field === undefined) {
      report(
        at,
        nameIn(
          'a field of the dictionary',
          mapped,
          [...dictionary().fields()].map((known) => known.name),
        ),
      );
    } else {
      const kind = kindOf(rule, names);
      if (kind !== undefined && !(TAKEN_BY[kind] ?? []).includes(field.type)) {
        report(at, `expected a field for ${kind} values, got ${mapped}, which is for ${field.type} values`);
      }
    }
    const before = taken.get(mapped);
    if (before !== undefined) report(at, `expected a field of its own, got ${mapped} as for ${before}`);
    taken.set(mapped, name);
    return { name, rule, dictionary: mapped };
  });
}

/** The kind of value that a field has; undefined where its column has no type. */
function kindOf(rule: FieldRule, { columns }: Names): string | undefined {
  if (rule.kind !== 'value' && rule.kind !== 'raw') return 'text';
  const parts = columns[rule.column]!.types.flatMap((type) => type.parts);
  if (rule.kind === 'value') return parts.find((part) => part.name === rule.part)?.kind;
  const kind = parts[0]?.kind;
  return kind === 'date' || kind === 'time' ? kind : 'text';
}

function ruleOf(
  written: FieldSource,
  names: Names,
  status: number | undefined,
  path: readonly PathStep[],
  report: Report,
): FieldRule {
  const nothing: FieldRule = { kind: 'constant', text: '' };
  const column = (name: string, key: string): number => {
    const found = columnNamed(name, names);
    if (typeof found !== 'string') return found.index;
    report([...path, key], found);
    return 0;
  };
  if (typeof written === 'string') {
    if (names.set.includes(written) || written === 'symbol') return { kind: 'name', name: written };
    if (written === 'status' && status !== undefined) return { kind: 'status', column: status };
    if (written === 'mark' && status !== undefined) return { kind: 'mark', column: status };
    const found = partNamed(written, names);
    if (typeof found !== 'string')
      return { kind: 'value', column: found.column.index, part: found.part, form: 'exact' };
    report(path, found);
    return nothing;
  }
  if ('raw' in written) return { kind: 'raw', column: column(written.raw, 'raw') };
  if ('mark' in written) return { kind: 'mark', column: column(written.mark, 'mark') };
  if ('constant' in written) return { kind: 'constant', text: written.constant };
  if ('value' in written) {
    const found = partNamed(written.value, names);
    if (typeof found === 'string') {
      report([...path, 'value'], found);
      return nothing;
    }
    return { kind: 'value', column: found.column.index, part: found.part, form: written.as ?? 'exact' };
  }
  if ('when' in written)
    return { kind: 'when', when: compileCondition(written.when, names, [...path, 'when'], report) };
  const kind = 'first' in written ? 'first' : 'all';
  const cases = 'first' in written ? written.first : 'all' in written ? written.all : undefined;
  if (cases === undefined) {
    report(path, 'expected one of raw, mark, constant, value, when, first, all');
    return nothing;
  }
  return {
    kind,
    cases: cases.map(
      (one, index): Case => ({
        when:
          one.when === undefined
            ? undefined
            : compileCondition(one.when, names, [...path, kind, index, 'when'], report),
        give: one.give,
      }),
    ),
  };
}

/** A condition on a row, checked. */
export function compileCondition(
  written: ConditionSource,
  names: Names,
  path: readonly PathStep[],
  report: Report,
): Condition {
  const columnOf = (name: string, key: string): number => {
    const found = columnNamed(name, names);
    if (typeof found !== 'string') return found.index;
    report([...path, key], found);
    return 0;
  };
  const needs = (key: 'is' | 'starts'): string => {
    const value = (written as Readonly<Record<string, unknown>>)[key];
    if (typeof value === 'string') return value;
    report([...path, key], 'missing: expected a text');
    return '';
  };
  if ('part' in written) {
    const found = partNamed(written.part, names);
    if (typeof found === 'string') report([...path, 'part'], found);
    const is = typeof written.is === 'string' ? [written.is] : (written.is ?? []);
    if (is.length === 0) report([...path, 'is'], 'missing: expected a text or a list of texts');
    return typeof found === 'string'
      ? { kind: 'blank', column: 0 }
      : { kind: 'part', column: found.column.index, part: found.part, is };
  }
  if ('mark' in written) return { kind: 'mark', column: columnOf(written.mark, 'mark'), is: needs('is') };
  if ('has' in written) return { kind: 'has', column: columnOf(written.has, 'has') };
  if ('blank' in written) return { kind: 'blank', column: columnOf(written.blank, 'blank') };
  if ('given' in written) return { kind: 'given', column: columnOf(written.given, 'given') };
  if ('text' in written) return { kind: 'text', column: columnOf(written.text, 'text'), starts: needs('starts') };
  if ('colour' in written) {
    const is = colourCode(written.is);
    if (is === undefined) report([...path, 'is'], `expected one of ${COLOURS.join(', ')}`);
    return { kind: 'colour', column: columnOf(written.colour, 'colour'), is: is ?? 0, isExact: written.exact ?? false };
  }
  report(path, 'expected one of part, mark, has, blank, given, text, colour');
  return { kind: 'blank', column: 0 };
}
