import { z } from 'zod';
import type { ShredderSource } from './source.ts';

// The form of what authors write; what must hold between the parts is checked where it is compiled. Every message is a
// sentence that says what was expected; what came is added by the reader.

/** Says of a key that it isn't known, and which ones are. */
export interface UnknownKey {
  readonly known: readonly string[];
}

function block(shape: Record<string, z.ZodType>): z.ZodType {
  const params: UnknownKey = { known: Object.keys(shape) };
  return z
    .object(shape, { error: 'expected a block of keys' })
    .catchall(z.custom(() => false, { params: { ...params } }));
}

const text = (what: string): z.ZodType =>
  z
    .string({ error: `expected ${what} (what looks like a number stands in quotes)` })
    .min(1, { error: `expected ${what}` });
const optional = (type: z.ZodType): z.ZodType => type.optional();
const named = (value: z.ZodType): z.ZodType => z.record(z.string(), value, { error: 'expected a block of names' });
const list = (value: z.ZodType): z.ZodType =>
  z.array(value, { error: 'expected a list' }).min(1, { error: 'expected a list of at least one' });
const whole = (least: number, most: number): z.ZodType =>
  z
    .int({ error: `expected a whole number from ${least} to ${most}` })
    .min(least, { error: `expected at least ${least}` })
    .max(most, { error: `expected at most ${most}` });
const oneOf = (...words: [string, ...string[]]): z.ZodType =>
  z.enum(words, { error: `expected ${words.join(' or ')}` });
/** Either form, tried by what kind of value it is, so that messages tell of the one that was meant. */
const either = (test: (value: unknown) => boolean, first: z.ZodType, second: z.ZodType): z.ZodType =>
  z.unknown().superRefine((value, context) => {
    const result = (test(value) ? first : second).safeParse(value);
    if (result.success) return;
    for (const issue of result.error.issues) {
      const { message, path } = issue;
      const params = (issue as { params?: Record<string, unknown> }).params;
      context.addIssue({ code: 'custom', message, path: [...path], ...(params === undefined ? {} : { params }) });
    }
  });

const isText = (value: unknown): boolean => typeof value === 'string' || typeof value === 'number';
const isList = (value: unknown): boolean => Array.isArray(value);

/** Reads `7`, `4..13`, `+1..+12`; undefined where it is none of these. */
export function rangeOf(value: unknown): { first: number; last: number; isRelative: boolean } | undefined {
  if (typeof value === 'number') {
    return Number.isInteger(value) && value >= 0 ? { first: value, last: value, isRelative: false } : undefined;
  }
  if (typeof value !== 'string' || value.length > 20) return undefined;
  const parts = value.split('..');
  if (parts.length > 2) return undefined;
  const numbers = parts.map((part) => part.trim());
  const isRelative = numbers.every((part) => part.startsWith('+') || part.startsWith('-'));
  const digits = numbers.map((part) => (isRelative ? part.slice(1) : part));
  if (!digits.every((part) => part !== '' && [...part].every((letter) => letter >= '0' && letter <= '9')))
    return undefined;
  const signed = numbers.map((part) => Number(part));
  const first = signed[0]!;
  const last = signed[signed.length - 1]!;
  return first <= last ? { first, last, isRelative } : undefined;
}

const range: z.ZodType = z.custom((value) => rangeOf(value)?.isRelative === false, {
  error: "expected a number or a range such as '4..13'",
});
const rows: z.ZodType = z.custom((value) => rangeOf(value) !== undefined, {
  error: "expected rows such as '4..13', or '+1..+10' from the header",
});
const byKey = either(
  isText,
  z.custom(() => true),
  named(z.custom(isText, { error: 'expected a number' })),
);
const isMade = (value: unknown): boolean => typeof value === 'object' && value !== null && 'read' in value;
const typeSource = either(
  isMade,
  z.custom(() => true),
  either(isText, text('a type'), named(z.unknown())),
);
const textOrTexts = either(isList, list(text('a text')), text('a text or a list of texts'));
const condition: z.ZodType = block({
  part: optional(text('column.part')),
  mark: optional(text('a column')),
  has: optional(text('a column')),
  blank: optional(text('a column')),
  given: optional(text('a column')),
  text: optional(text('a column')),
  colour: optional(text('a column')),
  is: optional(either(isList, list(text('a text')), text('a text'))),
  starts: optional(text('a text')),
  exact: optional(z.boolean({ error: 'expected true or false' })),
});
const cases = list(block({ when: optional(condition), give: text('a text') }));
const field: z.ZodType = either(
  isText,
  text('a column or column.part'),
  block({
    raw: optional(text('a column')),
    mark: optional(text('a column')),
    constant: optional(text('a text')),
    value: optional(text('column.part')),
    as: optional(oneOf('shortest', '32nds', 'hh:mm', 'iso')),
    when: optional(condition),
    first: optional(cases),
    all: optional(cases),
  }),
);
const align = oneOf('left', 'right', 'any');
const column = block({
  letter: optional(text('a letter of the ruler')),
  at: optional(range),
  under: optional(text('the text of a header cell')),
  width: optional(whole(1, 500)),
  join: optional(list(text('a column'))),
  separator: optional(z.string({ error: 'expected a text' })),
  line: optional(whole(0, 49)),
  type: either(isList, list(typeSource), typeSource),
  marks: optional(named(text('the name of what the mark means'))),
  blank: optional(text('the name of what a blank means')),
  optional: optional(z.boolean({ error: 'expected true or false' })),
  align: optional(align),
  shape: optional(textOrTexts),
  isolated: optional(z.boolean({ error: 'expected true or false' })),
  continues: optional(z.boolean({ error: 'expected true or false' })),
  prose: optional(z.boolean({ error: 'expected true or false' })),
});
const guard = either(
  isText,
  text('a comparison'),
  block({
    that: text('a comparison'),
    name: optional(text('a name')),
    limit: optional(byKey),
    with: optional(named(byKey)),
    when: optional(condition),
    else: optional(oneOf('reject', 'hold')),
    scope: optional(oneOf('row', 'table')),
  }),
);
const heading = block({
  sets: text('a name'),
  at: range,
  texts: optional(either(isList, list(text('a text')), named(text('a text')))),
  type: optional(typeSource),
  part: optional(text('the name of a part')),
  once: optional(z.boolean({ error: 'expected true or false' })),
  holds: optional(named(list(text('a key')))),
});
const sum = block({
  of: list(text('an expression')),
  there: optional(list(text('an expression'))),
  total: text('a key or symbol'),
  plus: list(text('a key or symbol')),
  less: optional(list(text('a key or symbol'))),
  required: optional(z.boolean({ error: 'expected true or false' })),
  rounding: optional(z.custom(isText, { error: 'expected a number' })),
});
const tableRows = either(isList, list(rows), rows);
const table = block({
  header: optional(block({ row: range, lines: list(text('a line of the page')), follow: optional(whole(0, 20)) })),
  from: optional(text('the name of an anchor')),
  rows: tableRows,
  until: optional(textOrTexts),
  untilBlank: optional(z.boolean({ error: 'expected true or false' })),
  height: optional(whole(1, 50)),
  ruler: optional(text('a picture of the columns')),
  columns: named(column),
  panels: optional(
    list(
      either(
        (value) => typeof value === 'number',
        whole(0, 500),
        block({
          shift: whole(0, 500),
          set: optional(named(text('a text'))),
          keys: optional(list(text('a text'))),
          rows: optional(tableRows),
        }),
      ),
    ),
  ),
  shared: optional(list(text('a column'))),
  headings: optional(either(isList, list(heading), heading)),
  wraps: optional(z.boolean({ error: 'expected true or false' })),
  key: textOrTexts,
  keys: optional(either(isList, list(text('a text')), named(text('a symbol')))),
  partial: optional(z.boolean({ error: 'expected true or false' })),
  repeated: optional(named(list(text('a symbol')))),
  item: optional(text('a symbol with names in braces')),
  status: optional(text('a column')),
  statusFields: optional(named(field)),
  align: optional(align),
  clock: optional(
    block({
      of: text('a column'),
      within: whole(1, 100_000),
      zones: optional(named(z.int({ error: 'expected minutes east of UTC' }).min(-1440).max(1440))),
    }),
  ),
  guards: optional(list(guard)),
  alike: optional(list(block({ of: text('an expression'), name: optional(text('a name')), within: optional(byKey) }))),
  sums: optional(list(sum)),
  chains: optional(
    list(block({ of: text('an expression'), by: text('an expression'), same: optional(text('a column')) })),
  ),
  moves: optional(
    list(
      block({
        of: text('a column or an expression'),
        name: optional(text('a name')),
        within: optional(byKey),
        apart: optional(z.union([z.number(), text('an expression')], { error: 'expected a number or an expression' })),
        or: optional(text('a column or an expression')),
        when: optional(text('an expression')),
        confirm: optional(
          z.union([z.literal('never'), whole(1, 100)], { error: 'expected a number of images, or never' }),
        ),
      }),
    ),
  ),
  newKeys: optional(whole(1, 100)),
  atLeast: optional(whole(0, 10_000)),
  rejectedShare: optional(z.number({ error: 'expected a share from 0 to 1' }).min(0).max(1)),
  fields: named(field),
  dictionary: optional(named(text('a field of the dictionary'))),
});
const area = block({
  rows: range,
  columns: optional(range),
  outside: optional(z.boolean({ error: 'expected true or false' })),
});

export const shredderSchema: z.ZodType<ShredderSource> = block({
  shredder: text('a name'),
  page: text('the name of the page'),
  size: z
    .string({ error: 'expected ROWSxCOLUMNS' })
    .refine((value) => value.split('x').length === 2, { error: 'expected ROWSxCOLUMNS, such as 25x80' }),
  version: whole(1, 1_000_000),
  service: optional(text('a service')),
  anchors: named(block({ text: text('a text of the page'), row: range, column: range })),
  tables: optional(named(table)),
  custom: optional(
    named(
      z.custom((value) => typeof value === 'object' && value !== null && 'read' in value, {
        error: 'expected a function: custom regions are for TypeScript',
      }),
    ),
  ),
  static: optional(list(area)),
  ignore: optional(list(area)),
  settle: optional(
    block({
      quietMs: optional(whole(0, 60_000)),
      atMostMs: optional(whole(0, 600_000)),
      by: optional(oneOf('page', 'row')),
    }),
  ),
  release: optional(whole(1, 100)),
  flaps: optional(whole(1, 1000)),
}) as unknown as z.ZodType<ShredderSource>;
