import { readFileSync } from 'node:fs';
import { TickerError } from '@tickerplant/core';

/** How a field's values are typed, derived from the dictionary's columns. */
export type FieldType = 'decimal' | 'integer' | 'time' | 'date' | 'enum' | 'text' | 'opaque';

/** One field of the dictionary. */
export interface Field {
  readonly fid: number;
  /** Acronym: up to 10 characters, upper case. */
  readonly name: string;
  readonly longName: string;
  readonly type: FieldType;
  /** Field that receives the old value when this one changes; undefined when there is none. */
  readonly ripplesTo: number | undefined;
  readonly width: number;
}

/** One value of an enumerated field. */
export interface EnumValue {
  readonly value: number;
  readonly display: string;
  readonly meaning: string;
}

interface Parsed {
  readonly field: Omit<Field, 'ripplesTo'>;
  readonly ripplesTo: string | undefined;
  readonly line: number;
  readonly file: string;
}

const MARKET_FEED_TYPES = new Set([
  'INTEGER',
  'ALPHANUMERIC',
  'LONG_ALPHANUMERIC',
  'ALPHANUM_XTND',
  'ENUMERATED',
  'TIME',
  'TIME_SECONDS',
  'DATE',
  'PRICE',
  'BINARY',
  'NUMERIC',
  'OPAQUE',
  'NONE',
]);

const WIRE_TYPES: Readonly<Record<string, FieldType>> = {
  INT: 'integer',
  UINT: 'integer',
  REAL: 'decimal',
  FLOAT: 'decimal',
  DOUBLE: 'decimal',
  DATE: 'date',
  TIME: 'time',
  DATETIME: 'opaque',
  DATE_TIME: 'opaque',
  ENUM: 'enum',
  BUFFER: 'opaque',
  ASCII_STRING: 'text',
  UTF8_STRING: 'text',
  RMTES_STRING: 'text',
  QOS: 'opaque',
  STATE: 'opaque',
  STATUS: 'opaque',
  ARRAY: 'opaque',
  OPAQUE: 'opaque',
  XML: 'opaque',
  JSON: 'opaque',
  ANSI_PAGE: 'opaque',
  MSG: 'opaque',
  FIELD_LIST: 'opaque',
  ELEMENT_LIST: 'opaque',
  ELEM_LIST: 'opaque',
  FILTER_LIST: 'opaque',
  VECTOR: 'opaque',
  MAP: 'opaque',
  SERIES: 'opaque',
};

/**
 * Field names and numbers with their types, and the display texts of enumerated fields. Loaded from files of
 * the public dictionary's form, so that a user's own copy of the vendor's files works as well.
 */
export class FieldDictionary {
  readonly #byFid = new Map<number, Field>();
  readonly #byName = new Map<string, Field>();
  readonly #enums = new Map<number, ReadonlyMap<number, EnumValue>>();

  /** How many fields there are. */
  get size(): number {
    return this.#byFid.size;
  }

  byFid(fid: number): Field | undefined {
    return this.#byFid.get(fid);
  }

  byName(name: string): Field | undefined {
    return this.#byName.get(name);
  }

  /** Name of a field, or `#` and its number when the dictionary doesn't know it. */
  nameOf(fid: number): string {
    return this.#byFid.get(fid)?.name ?? `#${fid}`;
  }

  /** Number of a field that must exist: for the suite's own code. */
  fid(name: string): number {
    const field = this.#byName.get(name);
    if (field === undefined) {
      throw new TickerError('RECORDS_NO_FIELD', `expected a field of the dictionary, got '${name}'`);
    }
    return field.fid;
  }

  enumValue(fid: number, value: number): EnumValue | undefined {
    return this.#enums.get(fid)?.get(value);
  }

  fields(): IterableIterator<Field> {
    return this.#byFid.values();
  }

  /**
   * Adds the fields of a file's text. All or nothing: a faulty file adds no field.
   *
   * @param file its name, for messages.
   * @throws TickerError `RECORDS_BAD_DICTIONARY` with file and line: a column missing, an unknown type, a
   *   number or acronym taken, number 0 or beyond 16 bits, a ripple to a field that doesn't exist.
   */
  addFields(text: string, file: string): this {
    const parsed: Parsed[] = [];
    const fids = new Set(this.#byFid.keys());
    const names = new Set(this.#byName.keys());
    text.split(/\r?\n/).forEach((line, index) => {
      if (line.trim() === '' || line.startsWith('!')) return;
      const entry = parseField(line, file, index + 1);
      if (fids.has(entry.field.fid)) fault(file, index + 1, `field number ${entry.field.fid} is taken`);
      if (names.has(entry.field.name)) fault(file, index + 1, `acronym ${entry.field.name} is taken`);
      fids.add(entry.field.fid);
      names.add(entry.field.name);
      parsed.push(entry);
    });
    const fidOf = new Map(parsed.map((p) => [p.field.name, p.field.fid]));
    const fields = parsed.map(({ field, ripplesTo, line }): Field => {
      if (ripplesTo === undefined) return { ...field, ripplesTo: undefined };
      const fid = fidOf.get(ripplesTo) ?? this.#byName.get(ripplesTo)?.fid;
      if (fid === undefined) return fault(file, line, `${field.name} ripples to ${ripplesTo}, which is no field`);
      return { ...field, ripplesTo: fid };
    });
    for (const field of fields) {
      this.#byFid.set(field.fid, field);
      this.#byName.set(field.name, field);
    }
    return this;
  }

  /**
   * Adds the tables of an enumeration file. The fields must be in the dictionary unless `lenient`, which
   * passes over those that aren't (a user's full file beside our small dictionary).
   *
   * @throws TickerError `RECORDS_BAD_DICTIONARY` with file and line.
   */
  addEnums(text: string, file: string, lenient = false): this {
    let fields: number[] = [];
    let values = new Map<number, EnumValue>();
    const tables: [number[], Map<number, EnumValue>][] = [];
    text.split(/\r?\n/).forEach((raw, index) => {
      const line = raw.trim();
      if (line === '' || line.startsWith('!')) return;
      const value = /^(\d+)\s+(?:"([^"]*)"|#([0-9A-Fa-f]*)#)\s*(.*)$/.exec(line);
      if (value !== null) {
        if (fields.length === 0) fault(file, index + 1, 'expected a field before its values');
        const number = Number(value[1]);
        if (number > 65535) fault(file, index + 1, `expected a value from 0 to 65535, found ${number}`);
        if (values.has(number)) fault(file, index + 1, `value ${number} stands twice in its table`);
        const display = value[2] ?? displayOfHex(value[3]!);
        values.set(number, { value: number, display, meaning: value[4]! });
        return;
      }
      const field = /^(\S+)\s+(-?\d+)$/.exec(line);
      if (field === null) fault(file, index + 1, 'expected ACRONYM NUMBER, or VALUE "DISPLAY" MEANING');
      if (values.size > 0) {
        tables.push([fields, values]);
        fields = [];
        values = new Map();
      }
      const fid = Number(field[2]);
      const known = this.#byFid.get(fid);
      if (known?.name !== field[1] && !(lenient && known === undefined)) {
        fault(file, index + 1, `expected a field of the dictionary, found ${field[1]} ${fid}`);
      }
      fields.push(fid);
    });
    if (fields.length > 0) tables.push([fields, values]);
    for (const [fids, table] of tables) for (const fid of fids) this.#enums.set(fid, table);
    return this;
  }
}

function fault(file: string, line: number, what: string): never {
  throw new TickerError('RECORDS_BAD_DICTIONARY', `${file}:${line}: ${what}`, { file, line });
}

function parseField(text: string, file: string, line: number): Parsed {
  const match = /^(\S+)\s+"([^"]*)"\s+(.*)$/.exec(text);
  if (match === null) return fault(file, line, 'expected ACRONYM "NAME" NUMBER …');
  const [, name, longName, rest] = match as unknown as [string, string, string, string];
  // The parentheses round the display width are tokens of their own, with or without blanks.
  const columns = rest.replace(/[()]/g, ' ').trim().split(/\s+/);
  const [fidText, ripples, feedType, widthText] = columns;
  const enumerated = feedType === 'ENUMERATED';
  const [wireType, lengthText] = columns.slice(enumerated && columns.length > 6 ? 5 : 4);
  if (lengthText === undefined || !/^\d+$/.test(lengthText)) {
    return fault(file, line, `expected 7 columns (8 with a display width), found ${columns.length + 2}`);
  }
  const fid = Number(fidText);
  if (!Number.isInteger(fid) || fid === 0 || fid < -32768 || fid > 32767) {
    return fault(file, line, `expected a field number from -32768 to 32767 other than 0, found ${fidText}`);
  }
  if (!MARKET_FEED_TYPES.has(feedType!)) return fault(file, line, `unknown type ${feedType}`);
  const type = WIRE_TYPES[wireType!.replace(/(?<=INT|REAL)(8|16|32|64)$/, '')];
  if (type === undefined) return fault(file, line, `unknown wire type ${wireType}`);
  const width = Number(widthText);
  if (!Number.isInteger(width) || width < 0) return fault(file, line, `expected a width, found ${widthText}`);
  return {
    // Quantities are REAL in the public dictionary, for its history; their older column says what they are.
    field: { fid, name, longName, type: type === 'decimal' && feedType === 'INTEGER' ? 'integer' : type, width },
    ripplesTo: ripples === 'NULL' ? undefined : ripples!,
    line,
    file,
  };
}

/** Raw bytes of the vendor's set: an up and a down arrow are the only ones outside ASCII that matter here. */
function displayOfHex(hex: string): string {
  return hex.replace(/../g, (pair) => {
    const code = Number.parseInt(pair, 16);
    return code === 0xde ? '⇧' : code === 0xfe ? '⇩' : String.fromCharCode(code);
  });
}

let standard: FieldDictionary | undefined;

/** The suite's own dictionary (`dictionary/` of this package), read once. */
export function standardDictionary(): FieldDictionary {
  if (standard === undefined) standard = loadStandard();
  return standard;
}

/**
 * The suite's own dictionary with a user's fields added.
 *
 * @param paths files in the form of the field dictionary.
 * @throws TickerError `RECORDS_BAD_DICTIONARY`; the system's error when a file cannot be read.
 */
export function dictionaryWith(paths: readonly string[]): FieldDictionary {
  const dictionary = loadStandard();
  for (const path of paths) dictionary.addFields(readFileSync(path, 'latin1'), path);
  return dictionary;
}

function loadStandard(): FieldDictionary {
  const read = (name: string): string => readFileSync(new URL(`../../dictionary/${name}`, import.meta.url), 'latin1');
  return new FieldDictionary()
    .addFields(read('fields.dictionary'), 'fields.dictionary')
    .addEnums(read('enums.dictionary'), 'enums.dictionary');
}
