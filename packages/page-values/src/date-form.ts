import { BLANK, isDigit, reject, skipBlanks, unexpected, ZERO } from './characters.ts';
import { badType } from './declaring.ts';
import type { Rejection } from './types.ts';

// Forms of printed dates and times, such as `DDMMMYY` or `hh:mm:ss`. A form is compiled into steps, each of which reads its
// piece of text in one pass: no step is tried twice.

/** What a form's letters read; also the fields of what was read. */
export interface FormFields {
  year: number;
  yearDigits: number;
  month: number;
  day: number;
  /** 0 for Monday. */
  weekday: number;
  hour: number;
  minute: number;
  second: number;
  nanosecond: number;
  /** 0 for AM, 1 for PM. */
  half: number;
  /** Index in the declared zones. */
  zone: number;
}

/** Not in the form. */
export const ABSENT = -1;

type NumberField = Exclude<keyof FormFields, 'yearDigits' | 'weekday' | 'half' | 'zone'>;
type NameField = 'month' | 'weekday' | 'half' | 'zone';

interface DigitsStep {
  readonly kind: 'digits';
  readonly field: NumberField;
  readonly what: string;
  readonly min: number;
  readonly max: number;
  /** Digits of the next steps, where they follow at once: `h` in `hmm` has what those leave. */
  following: number;
}
interface NameStep {
  readonly kind: 'name';
  readonly field: NameField;
  readonly what: string;
  /** Each index with its spellings. */
  readonly names: readonly (readonly [spelling: string, index: number])[];
}
interface TextStep {
  readonly kind: 'text';
  readonly text: string;
}
interface BlankStep {
  readonly kind: 'blanks';
}
interface OrdinalStep {
  readonly kind: 'ordinal';
}
type Step = DigitsStep | NameStep | TextStep | BlankStep | OrdinalStep;

/** Names of months and weekdays, Monday first. */
export interface CalendarNames {
  readonly months: readonly string[];
  readonly weekdays: readonly string[];
  readonly zones: readonly string[];
}

export const ENGLISH_MONTHS: readonly string[] = [
  ...['January', 'February', 'March', 'April', 'May', 'June', 'July', 'August', 'September'],
  ...['October', 'November', 'December'],
];
export const ENGLISH_WEEKDAYS: readonly string[] = [
  ...['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'],
];

/** The letters of forms, longest first where one begins with another. */
const LETTERS: readonly (readonly [
  letters: string,
  field: keyof FormFields,
  what: string,
  min: number,
  max: number,
])[] = [
  ['YYYY', 'year', 'a year of four digits', 4, 4],
  ['YY', 'year', 'a year of two digits', 2, 2],
  ['MM', 'month', 'a month of two digits', 2, 2],
  ['M', 'month', 'a month of one or two digits', 1, 2],
  ['DD', 'day', 'a day of two digits', 2, 2],
  ['D', 'day', 'a day of one or two digits', 1, 2],
  ['hh', 'hour', 'an hour of two digits', 2, 2],
  ['h', 'hour', 'an hour of one or two digits', 1, 2],
  ['mm', 'minute', 'two digits of minutes', 2, 2],
  ['ss', 'second', 'two digits of seconds', 2, 2],
];

/** As printed pages spell names: capitals, small letters, or a capital first. */
function spellings(names: readonly string[], length: number): (readonly [string, number])[] {
  const all = names.flatMap((name, index) => {
    const cut = [...name].slice(0, length).join('');
    const title = cut.slice(0, 1).toUpperCase() + cut.slice(1).toLowerCase();
    return [cut, cut.toUpperCase(), cut.toLowerCase(), title].map((spelling): readonly [string, number] => [
      spelling,
      index,
    ]);
  });
  return [...new Map(all.map((entry) => [entry[0], entry])).values()].sort((a, b) => b[0].length - a[0].length);
}

const NANOSECOND_DIGITS = 9;

/** Compiles the letters of a form into steps. */
class FormCompiler {
  readonly steps: Step[] = [];
  private readonly form: string;
  private readonly place: string;
  private readonly names: CalendarNames;

  constructor(place: string, form: string, names: CalendarNames) {
    this.form = form;
    this.place = place;
    this.names = names;
    for (let at = 0; at < form.length; ) at = this.step(at);
    this.checkRuns();
  }

  private step(at: number): number {
    const { form, names } = this;
    const rest = form.slice(at);
    if (rest.startsWith(' ')) {
      this.steps.push({ kind: 'blanks' });
      return skipBlanks(form, at, form.length);
    }
    if (rest.startsWith("'")) return this.quoted(at);
    for (const [letters, field, what, list, length] of [
      ['MMMM', 'month', 'a month', names.months, 99],
      ['MMM', 'month', 'a month', names.months, 3],
      ['WWWW', 'weekday', 'a day of the week', names.weekdays, 99],
      ['WWW', 'weekday', 'a day of the week', names.weekdays, 3],
      ['AM', 'half', 'AM or PM', ['AM', 'PM'], 99],
      ['Z', 'zone', 'a zone', names.zones, 99],
    ] as const) {
      if (!rest.startsWith(letters)) continue;
      this.steps.push({ kind: 'name', field, what, names: spellings(list, length) });
      return at + letters.length;
    }
    if (rest.startsWith('th')) {
      this.steps.push({ kind: 'ordinal' });
      return at + 2;
    }
    for (const [letters, field, what, min, max] of LETTERS) {
      if (!rest.startsWith(letters)) continue;
      this.steps.push({ kind: 'digits', field: field as NumberField, what, min, max, following: 0 });
      return at + letters.length;
    }
    return rest.startsWith('f') ? this.fraction(at) : this.literal(at);
  }

  private fraction(at: number): number {
    let end = at;
    while (this.form[end] === 'f') end++;
    const digits = end - at;
    if (digits > NANOSECOND_DIGITS)
      throw badType(this.place, `expected at most ${NANOSECOND_DIGITS} f for parts of a second`);
    this.steps.push({
      kind: 'digits',
      field: 'nanosecond',
      what: `${digits} digits of seconds`,
      min: digits,
      max: digits,
      following: 0,
    });
    return end;
  }

  private literal(at: number): number {
    const character = this.form[at]!;
    const lower = character.toLowerCase();
    if ((lower >= 'a' && lower <= 'z') || isDigit(character.charCodeAt(0))) {
      throw badType(
        this.place,
        `expected YYYY YY MMMM MMM MM M DD D WWWW WWW hh h mm ss f AM Z th, blanks and punctuation, got '${character}' in '${this.form}' (other text stands in '…')`,
      );
    }
    this.steps.push({ kind: 'text', text: character });
    return at + 1;
  }

  private quoted(at: number): number {
    const end = this.form.indexOf("'", at + 1);
    if (end <= at + 1) throw badType(this.place, `expected a text between two apostrophes in '${this.form}'`);
    this.steps.push({ kind: 'text', text: this.form.slice(at + 1, end) });
    return end + 1;
  }

  /** Digits next to each other: only the first may have a varying number of them. */
  private checkRuns(): void {
    let following = 0;
    for (let i = this.steps.length - 1; i >= 0; i--) {
      const step = this.steps[i]!;
      if (step.kind !== 'digits') {
        following = 0;
        continue;
      }
      step.following = following;
      if (following > 0 && step.min !== step.max && i > 0 && this.steps[i - 1]!.kind === 'digits') {
        throw badType(this.place, `expected a fixed number of digits inside a run of them, in '${this.form}'`);
      }
      following += step.max;
    }
    const seen = new Set<string>();
    for (const step of this.steps) {
      if (step.kind !== 'digits' && step.kind !== 'name') continue;
      if (seen.has(step.field)) throw badType(this.place, `expected each of year, month, day … once in '${this.form}'`);
      seen.add(step.field);
    }
    if (seen.size === 0) throw badType(this.place, `expected a form such as DDMMMYY or hh:mm, got '${this.form}'`);
  }
}

const ORDINALS: readonly string[] = ['th', 'st', 'nd', 'rd', 'TH', 'ST', 'ND', 'RD'];

/** Reads texts of one form. What was read stands in `fields` until the next scan. */
export class DateForm {
  readonly fields: FormFields = {
    year: ABSENT,
    yearDigits: ABSENT,
    month: ABSENT,
    day: ABSENT,
    weekday: ABSENT,
    hour: ABSENT,
    minute: ABSENT,
    second: ABSENT,
    nanosecond: ABSENT,
    half: ABSENT,
    zone: ABSENT,
  };
  /** As declared. */
  readonly text: string;
  private readonly steps: readonly Step[];

  /** @throws TickerError `SHRED_BAD_TYPE` for a form that cannot be. */
  constructor(place: string, text: string, names: CalendarNames) {
    this.text = text;
    this.steps = new FormCompiler(place, text, names).steps;
  }

  /** Whether the form reads the field. */
  has(field: keyof FormFields): boolean {
    return this.steps.some((step) => (step.kind === 'digits' || step.kind === 'name') && step.field === field);
  }

  /** Digits of the form's year: 0, 2 or 4. */
  get yearDigits(): number {
    const step = this.steps.find((candidate) => candidate.kind === 'digits' && candidate.field === 'year');
    return step?.kind === 'digits' ? step.max : 0;
  }

  /** Reads all of `from` to `end`. */
  scan(text: string, from: number, end: number): Rejection | undefined {
    let at = from;
    for (const step of this.steps) {
      const next = this.read(step, text, at, end);
      if (typeof next !== 'number') return next;
      at = next;
    }
    return at < end ? unexpected(text, at, end, `the end, as in ${this.text}`) : undefined;
  }

  private read(step: Step, text: string, at: number, end: number): number | Rejection {
    switch (step.kind) {
      case 'digits':
        return this.digits(step, text, at, end);
      case 'name':
        return this.name(step, text, at, end);
      case 'blanks': {
        const next = skipBlanks(text, at, end);
        return next === at ? unexpected(text, at, end, `a blank, as in ${this.text}`) : next;
      }
      case 'text':
        return text.startsWith(step.text, at) && at + step.text.length <= end
          ? at + step.text.length
          : unexpected(text, at, end, `'${step.text}', as in ${this.text}`);
      case 'ordinal':
        return ORDINALS.includes(text.slice(at, Math.min(at + 2, end)))
          ? at + 2
          : unexpected(text, at, end, 'th, st, nd or rd');
    }
  }

  private digits(step: DigitsStep, text: string, at: number, end: number): number | Rejection {
    const { min, max, following } = step;
    let run = at;
    while (run < end && run - at < max + following && isDigit(text.charCodeAt(run))) run++;
    const count = Math.min(max, run - at - following);
    if (count < min) return unexpected(text, run, end, `${step.what}, as in ${this.text}`);
    let value = 0;
    for (let i = at; i < at + count; i++) value = value * 10 + text.charCodeAt(i) - ZERO;
    if (count > 1 && min !== max && text.charCodeAt(at) === ZERO)
      return reject('DIGITS', `no zero before other digits, as in ${this.text}`, at);
    this.fields[step.field] = step.field === 'nanosecond' ? value * 10 ** (NANOSECOND_DIGITS - count) : value;
    return at + count;
  }

  private name(step: NameStep, text: string, at: number, end: number): number | Rejection {
    for (const [spelling, index] of step.names) {
      if (!text.startsWith(spelling, at) || at + spelling.length > end) continue;
      this.fields[step.field] = step.field === 'month' ? index + 1 : index;
      return at + spelling.length;
    }
    if (at >= end || text.charCodeAt(at) === BLANK)
      return unexpected(text, at, end, `${step.what}, as in ${this.text}`);
    return reject('UNKNOWN', `${step.what}, as in ${this.text}`, at);
  }
}
