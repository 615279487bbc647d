import { z } from 'zod';
import { dayNumber, isoDate, weekdayOf, yearOf } from './calendar.ts';
import { MARK_OPTIONS, type MarkOptions, makeType, type Parts, type TypeKind, textValue } from './cell-type.ts';
import { reject } from './characters.ts';
import {
  ABSENT,
  type CalendarNames,
  DateForm,
  ENGLISH_MONTHS,
  ENGLISH_WEEKDAYS,
  type FormFields,
} from './date-form.ts';
import { badType } from './declaring.ts';
import type { CellPart, CellType, CellValue, ReadContext, Rejection } from './types.ts';

/** Options of `date`, `time` and `dateTime`. */
export interface DateOptions extends MarkOptions {
  /**
   * How it is printed, or several ways: `DDMMMYY`, `D MMM YYYY`, `hh:mm:ss`, `h:mm AM`. D and M have one or two digits, DD and MM
   * two; MMM and WWW are the first three letters of the names, MMMM and WWWW all of them; a blank is any number of blanks;
   * other letters stand in apostrophes.
   */
  readonly form?: string | readonly string[] | undefined;
  /** Which hundred years (or fewer) two-digit years are in: `1970..2069`, or from today on: `-20..+79`. */
  readonly years?: string | undefined;
  /** Which of the dates a date without a year is: the nearest to today if left out. */
  readonly nearest?: 'any' | 'past' | 'future' | undefined;
  /** Names of the months, January first, instead of the English ones. */
  readonly months?: readonly string[] | undefined;
  /** Names of the days of the week, Monday first, instead of the English ones. */
  readonly weekdays?: readonly string[] | undefined;
  /** What Z may be: `[GMT, BST]`. Gives the part `zone`. */
  readonly zones?: readonly string[] | undefined;
  /** IANA zone of the times, for readers of the type's `info`. */
  readonly zone?: string | undefined;
  /** Hour 24, minute 0 is the end of the day. */
  readonly hour24?: boolean | undefined;
}

const NAMES = z.array(z.string().min(1));
const SCHEMA: z.ZodType<DateOptions> = z.strictObject({
  ...MARK_OPTIONS,
  form: z
    .union([z.string(), z.array(z.string()).min(1)], { error: 'expected a form such as DDMMMYY, or a list of forms' })
    .optional(),
  years: z.string({ error: "expected a range such as '1970..2069' or '-20..+79'" }).optional(),
  nearest: z.enum(['any', 'past', 'future'], { error: 'expected any, past or future' }).optional(),
  months: NAMES.length(12, { error: 'expected twelve names, January first' }).optional(),
  weekdays: NAMES.length(7, { error: 'expected seven names, Monday first' }).optional(),
  zones: NAMES.min(1).optional(),
  zone: z.string().min(1).optional(),
  hour24: z.boolean().optional(),
});

/** A window of years for those of two digits. */
interface YearWindow {
  readonly from: number;
  readonly to: number;
  readonly relative: boolean;
}

/** Reads `1970..2069` or `-20..+79`. */
function yearWindow(place: string, text: string): YearWindow {
  const bounds = text.split('..');
  const relative = bounds.every((bound) => bound.startsWith('-') || bound.startsWith('+'));
  const [from, to] = bounds.map((bound) => (bound.length >= 2 && bound.length <= 4 ? Number(bound) : Number.NaN));
  const whole = bounds.length === 2 && Number.isInteger(from) && Number.isInteger(to);
  if (!whole || (!relative && !(from! >= 1000)) || from! > to! || to! - from! > 99) {
    throw badType(place, `expected at most a hundred years, such as '1970..2069' or '-20..+79', got '${text}'`);
  }
  return { from: from!, to: to!, relative };
}

/** Works out which day the fields of a date mean. */
class DateResolver {
  private readonly window: YearWindow | undefined;
  private readonly nearest: 'any' | 'past' | 'future';

  constructor(name: string, options: DateOptions, forms: readonly DateForm[]) {
    const twoDigits = forms.some((form) => form.yearDigits === 2);
    if (twoDigits && options.years === undefined) {
      throw badType(`${name}.years`, "expected a range such as '1970..2069' or '-20..+79' for years of two digits");
    }
    this.window = options.years === undefined ? undefined : yearWindow(`${name}.years`, options.years);
    this.nearest = options.nearest ?? 'any';
  }

  /** The day since 1970-01-01. */
  resolve(form: DateForm, context: ReadContext): number | Rejection {
    const { fields } = form;
    const digits = form.yearDigits;
    const day = digits === 0 ? this.withoutYear(fields, context) : this.withYear(fields, digits, context);
    if (typeof day !== 'number') return day;
    if (fields.weekday !== ABSENT && fields.weekday !== weekdayOf(day)) {
      return reject('WEEKDAY', `the day of the week of ${isoDate(day)}, ${ENGLISH_WEEKDAYS[weekdayOf(day)]}`, 0);
    }
    return day;
  }

  private withYear(fields: FormFields, digits: number, context: ReadContext): number | Rejection {
    const year = digits === 4 ? fields.year : this.fullYear(fields.year, context);
    if (typeof year !== 'number') return year;
    // A form without a day names a month, by its first day.
    const day = year < 1 ? undefined : dayNumber(year, fields.month, fields.day === ABSENT ? 1 : fields.day);
    return day ?? reject('DATE', 'a date that exists', 0);
  }

  private fullYear(twoDigits: number, context: ReadContext): number | Rejection {
    const window = this.window!;
    if (window.relative && context.today === undefined)
      return reject('CONTEXT', 'a business date, for years of two digits', 0);
    const base = window.relative ? yearOf(context.today!) : 0;
    const from = base + window.from;
    const year = from + ((((twoDigits - from) % 100) + 100) % 100);
    return year <= base + window.to ? year : reject('DATE', `a year from ${from} to ${base + window.to}`, 0);
  }

  private withoutYear(fields: FormFields, context: ReadContext): number | Rejection {
    const { today } = context;
    if (today === undefined) return reject('CONTEXT', 'a business date, for dates without a year', 0);
    const year = yearOf(today);
    let best: number | undefined;
    for (let candidate = year - 1; candidate <= year + 1; candidate++) {
      const day = dayNumber(candidate, fields.month, fields.day);
      if (day === undefined) continue;
      if ((this.nearest === 'past' && day > today) || (this.nearest === 'future' && day < today)) continue;
      if (best === undefined || Math.abs(day - today) < Math.abs(best - today)) best = day;
    }
    return best ?? reject('DATE', 'a date that exists within a year', 0);
  }
}

const NS_PER_SECOND = 1e9;

/** The time of day that the fields mean, in nanoseconds. */
function timeOf(fields: FormFields, hour24: boolean): number | Rejection {
  let { hour } = fields;
  const minute = Math.max(0, fields.minute);
  const second = Math.max(0, fields.second);
  const nanosecond = Math.max(0, fields.nanosecond);
  if (fields.half !== ABSENT) {
    if (hour < 1 || hour > 12) return reject('TIME', 'an hour from 1 to 12', 0);
    hour = (hour % 12) + 12 * fields.half;
  }
  const midnight = hour24 && hour === 24 && minute + second + nanosecond === 0;
  if (hour > 23 && !midnight) return reject('TIME', 'an hour from 0 to 23', 0);
  if (minute > 59) return reject('TIME', 'minutes from 00 to 59', 0);
  if (second > 59) return reject('TIME', 'seconds from 00 to 59', 0);
  return ((hour * 60 + minute) * 60 + second) * NS_PER_SECOND + nanosecond;
}

type Wanted = 'date' | 'time' | 'dateTime';
const DATE_PART: CellPart = { name: 'date', kind: 'date' };
const TIME_PART: CellPart = { name: 'time', kind: 'time' };

/** A form must have what its type gives, and nothing else. */
function checkForm(name: Wanted, form: DateForm): void {
  const place = `${name}.form`;
  const date = form.has('month');
  const time = form.has('hour');
  if (date !== (name !== 'time') || time !== (name !== 'date')) {
    const what =
      name === 'date' ? 'a month and no hour' : name === 'time' ? 'an hour and no month' : 'a month and an hour';
    throw badType(place, `expected ${what}, got '${form.text}'`);
  }
  if (!date && (form.has('day') || form.has('year') || form.has('weekday')))
    throw badType(place, `expected no date, got '${form.text}'`);
  if (date && form.yearDigits === 0 && !form.has('day'))
    throw badType(place, `expected a day or a year, got '${form.text}'`);
  if (form.has('weekday') && !form.has('day'))
    throw badType(place, `expected a day with the day of the week, got '${form.text}'`);
  const later: readonly [keyof FormFields, keyof FormFields][] = [
    ['minute', 'hour'],
    ['second', 'minute'],
    ['nanosecond', 'second'],
    ['half', 'hour'],
  ];
  for (const [field, needed] of later) {
    if (form.has(field) && !form.has(needed))
      throw badType(place, `expected a form with ${needed} where it has ${field}, got '${form.text}'`);
  }
}

function formsOf(name: Wanted, options: DateOptions): readonly DateForm[] {
  if (options.form === undefined)
    throw badType(`${name}.form`, 'expected a form such as DDMMMYY or hh:mm: it is never guessed');
  const names: CalendarNames = {
    months: options.months ?? ENGLISH_MONTHS,
    weekdays: options.weekdays ?? ENGLISH_WEEKDAYS,
    zones: options.zones ?? [],
  };
  const texts = typeof options.form === 'string' ? [options.form] : options.form;
  const forms = texts.map((text) => new DateForm(`${name}.form`, text, names));
  for (const form of forms) {
    checkForm(name, form);
    if (form.has('zone') !== (options.zones !== undefined)) {
      throw badType(`${name}.zones`, 'expected zones to be declared where forms have a Z, and all forms to have one');
    }
  }
  return forms;
}

/** Reads dates and times in one of several forms. */
class DateReader {
  private readonly forms: readonly DateForm[];
  private readonly resolver: DateResolver;
  private readonly name: Wanted;
  private readonly hour24: boolean;
  private readonly zones: readonly CellValue[];

  constructor(name: Wanted, options: DateOptions) {
    this.name = name;
    this.forms = formsOf(name, options);
    this.resolver = new DateResolver(name, options, this.forms);
    this.hour24 = options.hour24 ?? false;
    this.zones = (options.zones ?? []).map(textValue);
  }

  read(token: string, from: number, end: number, context: ReadContext): Parts | Rejection {
    if (this.forms.length === 1) return this.one(this.forms[0]!, token, from, end, context);
    let read: Parts | undefined;
    let refused: Rejection | undefined;
    for (const form of this.forms) {
      const result = this.one(form, token, from, end, context);
      if (!Array.isArray(result)) {
        if (refused === undefined || result.offset > refused.offset) refused = result;
      } else if (read === undefined) {
        read = result;
      } else if (result.some((part, i) => part?.value !== read![i]?.value)) {
        return reject('AMBIGUOUS', 'a text that only one of the forms reads', from);
      }
    }
    return read ?? refused!;
  }

  private one(form: DateForm, token: string, from: number, end: number, context: ReadContext): Parts | Rejection {
    const refused = form.scan(token, from, end);
    if (refused !== undefined) return refused;
    const parts: Parts = [];
    if (this.name !== 'time') {
      const day = this.resolver.resolve(form, context);
      if (typeof day !== 'number') return day;
      parts.push({ kind: 'date', value: day });
    }
    if (this.name !== 'date') {
      const time = timeOf(form.fields, this.hour24);
      if (typeof time !== 'number') return time;
      parts.push({ kind: 'time', value: time });
    }
    if (form.fields.zone !== ABSENT) parts.push(this.zones[form.fields.zone]!);
    return parts;
  }
}

function make(name: Wanted, options: DateOptions): CellType {
  const reader = new DateReader(name, options);
  const own: readonly CellPart[] =
    name === 'dateTime' ? [DATE_PART, TIME_PART] : [{ name: 'value', kind: name === 'date' ? 'date' : 'time' }];
  const parts: readonly CellPart[] = options.zones === undefined ? own : [...own, { name: 'zone', kind: 'text' }];
  const info = options.zone === undefined ? {} : { zone: options.zone };
  return makeType(
    { name, parts, info, read: (token, from, end, context) => reader.read(token, from, end, context) },
    options,
  );
}

function kind(name: Wanted): TypeKind<DateOptions> {
  return { name, schema: SCHEMA, short: (declared) => ({ form: declared }), make: (options) => make(name, options) };
}

/** A date in declared forms. */
export const DATE: TypeKind<DateOptions> = kind('date');
/** A time of day in declared forms. */
export const TIME: TypeKind<DateOptions> = kind('time');
/** A date and a time in one cell. */
export const DATE_TIME: TypeKind<DateOptions> = kind('dateTime');
