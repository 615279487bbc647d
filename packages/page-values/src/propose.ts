import { cellType } from './declaration.ts';
import type { CellType, CellValue, Reading } from './types.ts';

// Which types could read the cells of a column: every type is tried on every sample. Proposals are for an author to
// look at; nothing is read with one that nobody has accepted.

/** A declaration, and the share of the samples that its type reads. */
export interface TypeProposal {
  readonly declaration: unknown;
  /** From 0, exclusive, to 1. */
  readonly share: number;
}

/** More samples than these tell nothing new. */
const SAMPLES_MAX = 2000;
/** Fewer than half of the samples is no proposal. */
const SHARE_MIN = 0.5;
/** A type that reads so many says more of a column than that it holds texts. */
const SHARE_GOOD = 0.75;
const PROPOSALS_MAX = 8;

/** Marks that pages commonly have, with the names they commonly mean. */
const COMMON_MARKS: Readonly<Record<string, string>> = {
  '-': 'not-quoted',
  '--': 'not-quoted',
  '---': 'not-available',
  '----': 'not-available',
  'N/A': 'not-available',
  NA: 'not-available',
  '*': 'not-available',
  '**': 'not-available',
  HOL: 'holiday',
  CLSD: 'closed',
  SUSP: 'suspended',
  UNQ: 'not-quoted',
  WNTD: 'wanted',
  'NO BIDS': 'no-bids',
  T: 'trace',
  M: 'missing',
  MM: 'missing',
};
/** Of these, what may well be a value in a column of texts. */
const MARKS_OR_TEXT: ReadonlySet<string> = new Set(['T', 'M', 'MM', 'NA', 'HOL']);

/** Words for no change. */
const UNCHANGED: readonly string[] = ['UNCH', 'UNC', 'NC'];

const STANDARD_TENORS: readonly string[] = [
  ...[
    'O/N',
    'T/N',
    'S/N',
    'SPOT',
    '1D',
    '1W',
    '2W',
    '3W',
    '1M',
    '2M',
    '3M',
    '4M',
    '5M',
    '6M',
    '7M',
    '8M',
    '9M',
    '10M',
    '11M',
    '12M',
  ],
  ...['15M', '18M', '21M', '24M', ...Array.from({ length: 50 }, (_, i) => `${i + 1}Y`)],
];
const TENOR_UNITS: Readonly<Record<string, string>> = { DY: 'D', WK: 'W', MO: 'M', MTH: 'M', YR: 'Y' };

const YEARS = '1970..2069';
const DATE_FORMS: readonly string[] = [
  ...[
    'DDMMMYY',
    'DDMMMYYYY',
    'D MMM YY',
    'DD MMM YY',
    'D MMM YYYY',
    'DD MMM YYYY',
    'YYYY-MM-DD',
    'DD/MM/YYYY',
    'MM/DD/YYYY',
    'MMMYY',
  ],
  ...[
    'DD/MM/YY',
    'MM/DD/YY',
    'D/M/YY',
    'M/D/YY',
    'DD.MM.YYYY',
    'DD.MM.YY',
    'WWWW, MMMM D, YYYY',
    'DDMMM',
    'MM-DD',
    'D.M.',
  ],
];
const TIME_FORMS: readonly string[] = ['hh:mm:ss', 'hh:mm', 'h:mm', 'h:mm AM', 'hmm AM', 'hhmm AM'];

/** A declaration to try. */
interface Candidate {
  readonly kind: string;
  readonly options: Readonly<Record<string, unknown>>;
  /** Take over how many decimals the samples have. */
  readonly decimals?: boolean;
}

function candidate(kind: string, options: Readonly<Record<string, unknown>> = {}, decimals = false): Candidate {
  return { kind, options, decimals };
}

/** From the most specific to the least: where two read equally much, the earlier is proposed first. */
const CANDIDATES: readonly Candidate[] = [
  ...DATE_FORMS.map((form) =>
    candidate('date', form.includes('YY') && !form.includes('YYYY') ? { form, years: YEARS } : { form }),
  ),
  ...TIME_FORMS.map((form) => candidate('time', { form })),
  candidate('fxQuote', {}, true),
  candidate('quote', { order: 'bid-offer' }, true),
  candidate('quote', { order: 'bid-offer', discount: true }, true),
  candidate('quote', { order: 'bid-offer', separatorGap: true }, true),
  candidate('quote', { order: 'low-high', separator: '-', separatorGap: true, single: true }, true),
  candidate('points', { signs: 'leftHigherIsDiscount' }, true),
  candidate('points', { signs: 'printed' }, true),
  candidate('integer'),
  candidate('integer', { grouping: ',' }),
  candidate('price', {}, true),
  candidate('price', { grouping: ',' }, true),
  candidate('price', { point: ',' }, true),
  candidate('price', { point: ',', grouping: '.' }, true),
  candidate('time', { form: 'hhmm' }),
  candidate('percent', { suffix: '%' }, true),
  candidate('percent', { suffix: '%', sign: 'required' }, true),
  candidate('percent', { suffix: '%', sign: 'required', point: ',' }, true),
  candidate('change', { unchanged: UNCHANGED }, true),
  candidate('change', { unchanged: UNCHANGED, grouping: ',' }, true),
  candidate('change', { unchanged: UNCHANGED, point: ',' }, true),
  candidate('change', { of: '32nds', unchanged: UNCHANGED }),
  candidate('change', { of: 'fraction', unchanged: UNCHANGED, signGap: true }),
  candidate('decimal', {}, true),
  candidate('decimal', { grouping: ',' }, true),
  candidate('decimal', { sign: 'optional' }, true),
  candidate('size', { multipliers: { K: 3, MM: 6, BN: 9 } }),
  candidate('thirtySeconds'),
  candidate('thirtySecondsQuote', { order: 'bid-offer' }),
  candidate('thirtySecondsQuote', { order: 'bid-offer', separator: ' ' }),
  candidate('fractionQuote', { order: 'offer-bid' }),
  candidate('fractionQuote', { order: 'bid-offer' }),
  candidate('fraction'),
  candidate('fraction', { sign: 'optional', signGap: true }),
];

/** Kinds that read any text of some form: they come behind those that read good shares of the samples. */
const TEXT_KINDS: ReadonlySet<string> = new Set(['text', 'code', 'enum', 'label']);
/** Kinds that columns are mixed of. */
const MIXED_KINDS: ReadonlySet<string> = new Set(['price', 'thirtySeconds', 'fraction']);
/** Where one reading of quotes has spreads so many times wider than another, it is the wrong one. */
const SPREAD_RATIO = 3;

interface Trial {
  readonly kind: string;
  readonly declaration: unknown;
  readonly share: number;
  /** Mean spread of quotes, by the price; undefined where there are none. */
  readonly spread: number | undefined;
  readonly rank: number;
}

/** A column of samples, with the context they are tried in. */
class Column {
  private readonly samples: readonly string[];
  private readonly marks: Readonly<Record<string, string>>;
  private readonly textMarks: Readonly<Record<string, string>>;
  private readonly distinct: readonly string[];

  constructor(samples: readonly string[]) {
    this.samples = samples
      .map((sample) => sample.trim())
      .filter((sample) => sample !== '')
      .slice(0, SAMPLES_MAX);
    this.distinct = [...new Set(this.samples)];
    const found = this.distinct
      .filter((sample) => Object.hasOwn(COMMON_MARKS, sample))
      .map((sample) => [sample, COMMON_MARKS[sample]!] as const);
    this.marks = Object.fromEntries(found);
    this.textMarks = Object.fromEntries(found.filter(([text]) => !MARKS_OR_TEXT.has(text)));
  }

  proposals(): readonly TypeProposal[] {
    if (this.samples.length === 0) return [];
    const trials: Trial[] = [];
    const add = (tried: Candidate, marks: Readonly<Record<string, string>>) => {
      const trial = this.occurs(tried) ? this.attempt(tried, trials.length, marks) : undefined;
      if (trial !== undefined) trials.push(trial);
    };
    for (const tenor of this.tenors()) add(tenor, this.textMarks);
    for (const tried of CANDIDATES) add(tried, this.marks);
    trials.push(...this.mixtures(trials));
    for (const tried of this.texts()) add(tried, this.textMarks);
    const best = Math.min(...trials.map(({ spread }) => spread ?? Number.POSITIVE_INFINITY));
    const group = ({ kind, share, spread }: Trial) => {
      if (TEXT_KINDS.has(kind)) return 1;
      return share < SHARE_GOOD || (spread !== undefined && spread > best * SPREAD_RATIO) ? 2 : 0;
    };
    return trials
      .filter(({ share }) => share >= SHARE_MIN)
      .sort((a, b) => group(a) - group(b) || b.share - a.share || a.rank - b.rank)
      .slice(0, PROPOSALS_MAX)
      .map(({ declaration, share }) => ({ declaration, share }));
  }

  /** Whether the characters that the candidate is about are on the page at all. */
  private occurs({ options }: Candidate): boolean {
    const characters = [options.grouping, options.point, options.separatorGap === true ? ' ' : undefined];
    return characters.every(
      (character) => typeof character !== 'string' || this.distinct.some((sample) => sample.includes(character)),
    );
  }

  private attempt(tried: Candidate, rank: number, marks: Readonly<Record<string, string>>): Trial | undefined {
    const withMarks = Object.keys(marks).length === 0 ? tried.options : { ...tried.options, marks };
    let declaration = declared(tried.kind, withMarks);
    let readings = this.readings(cellType(declaration));
    const values = readings.filter((reading) => reading.outcome === 'value');
    if (values.length === 0 || values.every((reading) => reading.parts[2]?.value === 'single')) return undefined;
    if (tried.decimals === true) {
      declaration = declared(tried.kind, { ...withMarks, decimals: decimalsOf(values) });
      readings = this.readings(cellType(declaration));
    }
    const share = shareOf(readings);
    return {
      kind: tried.kind,
      declaration: trimmed(declaration, tried, this.distinct),
      share,
      spread: spreadOf(values),
      rank,
    };
  }

  /** Two styles of prices in one column, where both together read more than either. */
  private mixtures(trials: readonly Trial[]): readonly Trial[] {
    const styles = new Map<string, Trial>();
    for (const trial of trials) {
      if (MIXED_KINDS.has(trial.kind) && trial.share < 1 && !styles.has(trial.kind)) styles.set(trial.kind, trial);
    }
    const found: Trial[] = [];
    for (const [a, b] of [
      ['price', 'thirtySeconds'],
      ['price', 'fraction'],
    ] as const) {
      const pair = [styles.get(a), styles.get(b)].filter((trial) => trial !== undefined);
      if (pair.length < 2) continue;
      const declaration = { anyOf: pair.map((trial) => trial.declaration) };
      const share = shareOf(this.readings(cellType(declaration)));
      if (pair.every((trial) => share > trial.share))
        found.push({ kind: 'anyOf', declaration, share, spread: undefined, rank: trials.length });
    }
    return found;
  }

  private readings(type: CellType): Reading[] {
    return this.samples.map((sample) => type.read(sample, { today: 20_000 }));
  }

  /** The tenors that occur, where most samples are some. */
  private tenors(): readonly Candidate[] {
    const standard = cellType({ tenor: { tenors: STANDARD_TENORS, units: TENOR_UNITS } });
    const seen = new Set<string>();
    for (const sample of this.distinct) {
      const reading = standard.read(sample, {});
      if (reading.outcome === 'value') seen.add(reading.parts[0]!.value as string);
    }
    if (seen.size === 0) return [];
    const tenors = STANDARD_TENORS.filter((tenor) => seen.has(tenor));
    const units = Object.fromEntries(
      Object.entries(TENOR_UNITS).filter(([printed]) => this.distinct.some((sample) => sample.endsWith(printed))),
    );
    return [candidate('tenor', Object.keys(units).length === 0 ? { tenors } : { tenors, units })];
  }

  /** Texts, from a list of them to any. */
  private texts(): readonly Candidate[] {
    const values = this.distinct.filter((sample) => this.textMarks[sample] === undefined);
    if (values.length === 0) return [];
    const candidates: Candidate[] = [];
    const longest = Math.max(...values.map((value) => [...value].length));
    const shortest = Math.min(...values.map((value) => [...value].length));
    if (values.length === 1 && this.samples.length >= 3) candidates.push(candidate('label', { values }));
    const words = values.every((value) => hasLetter(value) && !value.includes(' '));
    const isList = values.length <= 12 && values.length * 2 <= this.samples.length && values.every(hasLetter);
    if (isList || (words && values.length <= 40 && longest <= 4)) candidates.push(candidate('enum', { values }));
    const shapes = [...new Set(values.map(shapeOf))];
    if (words && longest <= 12 && (shapes.length === 1 || (shapes.length === 2 && values.length > 2))) {
      candidates.push(candidate('code', { pattern: shapes.length === 1 ? shapes[0] : shapes }));
    }
    const also = [...new Set(values.join(''))].filter((character) => character < ' ' || character > '~').join('');
    const length = shortest === longest ? longest : `1..${longest}`;
    candidates.push(candidate('text', also === '' ? { length } : { length, also }));
    return candidates;
  }
}

function declared(kind: string, options: Readonly<Record<string, unknown>>): unknown {
  return Object.keys(options).length === 0 ? kind : { [kind]: options };
}

/** Without words for no change that don't occur. */
function trimmed(declaration: unknown, tried: Candidate, samples: readonly string[]): unknown {
  if (tried.options.unchanged === undefined) return declaration;
  const { unchanged: _, ...options } = (declaration as Record<string, Record<string, unknown>>)[tried.kind]!;
  const seen = UNCHANGED.filter((word) => samples.includes(word));
  return declared(tried.kind, seen.length === 0 ? options : { ...options, unchanged: seen });
}

function decimalsIn(value: CellValue | null): number | undefined {
  return value?.kind === 'decimal' ? -value.value.exponent : undefined;
}

/** How many decimals the values have: `4`, `'2..4'`. */
function decimalsOf(values: readonly Reading[]): number | string {
  const all = values.flatMap((reading) => (reading.outcome === 'value' ? reading.parts.map(decimalsIn) : []));
  const counts = all.filter((count) => count !== undefined);
  const min = counts.length === 0 ? 0 : Math.min(...counts);
  const max = counts.length === 0 ? 0 : Math.max(...counts);
  return min === max ? min : `${min}..${max}`;
}

/** Which share of the readings isn't a refusal. */
function shareOf(readings: readonly Reading[]): number {
  return readings.filter((reading) => reading.outcome !== 'reject').length / readings.length;
}

/** The mean spread of two-sided readings by their price. A statistic: here doubles will do. */
function spreadOf(values: readonly Reading[]): number | undefined {
  const spreads: number[] = [];
  for (const reading of values) {
    if (reading.outcome !== 'value') continue;
    const [first, second] = reading.parts;
    if (first?.kind !== 'decimal' || second?.kind !== 'decimal') continue;
    const price = Math.abs(first.value.toNumber());
    spreads.push(Math.abs(second.value.toNumber() - first.value.toNumber()) / (price === 0 ? 1 : price));
  }
  return spreads.length === 0 ? undefined : spreads.reduce((sum, spread) => sum + spread, 0) / spreads.length;
}

function hasLetter(text: string): boolean {
  return /[A-Za-z]/.test(text);
}

/** A text as a pattern of `code`: T4Q31 is A9A99. */
function shapeOf(text: string): string {
  let shape = '';
  for (const character of text) {
    if (character >= '0' && character <= '9') shape += '9';
    else if (character >= 'A' && character <= 'Z') shape += 'A';
    else if (character >= 'a' && character <= 'z') shape += 'a';
    else shape += character === '\\' ? '\\\\' : character;
  }
  return shape;
}

/**
 * Proposes types for a column of cells: those that read all or most of the samples, the most specific first.
 * Used by `ticker shred new`; an author chooses.
 *
 * @param samples texts of the cells; blank ones don't count.
 */
export function proposeTypes(samples: readonly string[]): readonly TypeProposal[] {
  return new Column(samples).proposals();
}
