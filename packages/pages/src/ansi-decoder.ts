import { ASCII, codePointIn } from './ansi-sets.ts';
import { Size, textWord } from './cell.ts';
import { type ChangeListener, ChangeTracker } from './changes.ts';
import { type FaultListener, Faults } from './faults.ts';
import type { Page } from './page.ts';
import { applyFade, applyPageSgr, type Pen } from './sgr.ts';

const KINDS = ['eighth-bit', 'control', 'sequence', 'parameter', 'position', 'broken-off'] as const;

/**
 * What is counted: bytes whose top bit was dropped; controls, sequences and parameters of no known meaning;
 * positions outside the page; sequences in which another one began.
 */
export type AnsiFault = (typeof KINDS)[number];

export interface AnsiDecoderOptions {
  readonly onFault?: FaultListener<AnsiFault>;
  /** Shared with others, to save memory. */
  readonly tracker?: ChangeTracker;
}

const ESC = 0x1b;
const PARAMETERS_MAX = 20;
const PARAMETER_MAX = 9999;
/** The scroll region ends here by default, on a page that has so many rows. */
const REGION_END = 24;
const TAB_WIDTH = 8;
/** The last tab stop, column 73. */
const LAST_TAB = 72;
const SIZES = [Size.HEIGHT_TOP, Size.HEIGHT_BOTTOM, Size.BOTH_TOP, Size.BOTH_BOTTOM, Size.NORMAL, Size.DOUBLE_WIDTH];

/**
 * The parameters of the sequence in hand: decoders work one after another, and there are as many as pages. One whose piece
 * ends within a sequence keeps a copy.
 */
const PARAMETERS = new Int32Array(PARAMETERS_MAX);

type State = 'text' | 'escape' | 'set-g0' | 'set-g1' | 'line-size' | 'sequence';

/** What the page services call the page state. */
interface PageState extends Pen {
  row: number;
  column: number;
  wraps: boolean;
  /** First row of the scroll region, and the one behind its last. */
  top: number;
  bottom: number;
  g0: number;
  g1: number;
  isShifted: boolean;
}

/** All that a decoder's further work depends on besides the page, as plain values between two messages. */
export interface AnsiState {
  readonly state: string;
  readonly pen: Readonly<Record<string, number | boolean>>;
  readonly saved: Readonly<Record<string, number | boolean>>;
  readonly prefix: number;
  readonly parameters: readonly number[];
  readonly hasTooMany: boolean;
}

const STATES: readonly string[] = ['text', 'escape', 'set-g0', 'set-g1', 'line-size', 'sequence'] satisfies State[];

/**
 * Draws ANSI X3.64 page updates, as page services send them, on a page. Bytes may come in any pieces; what counts is
 * where a message ends. No input throws: what cannot be used is counted and passed over.
 */
export class AnsiDecoder {
  readonly page: Page;
  readonly #onFault: FaultListener<AnsiFault> | undefined;
  #faults: Faults<AnsiFault> | undefined;
  readonly #tracker: ChangeTracker;
  #state: State = 'text';
  #pen: PageState;
  /** Undefined: nothing was saved yet, which is the first state. */
  #saved: PageState | undefined;
  #isWrapPending = false;
  /** Bytes taken before the piece in hand. */
  #taken = 0;
  #prefix = 0;
  /** The parameters of a sequence that goes on in the next piece. */
  #parameters: Int32Array | undefined;
  #count = 0;
  #hasTooMany = false;

  constructor(page: Page, { onFault, tracker }: AnsiDecoderOptions = {}) {
    this.page = page;
    this.#onFault = onFault;
    this.#tracker = tracker ?? new ChangeTracker();
    this.#pen = this.#initial();
  }

  /** What could not be used so far. */
  get faults(): Faults<AnsiFault> {
    this.#faults ??= new Faults(KINDS, this.#onFault);
    return this.#faults;
  }

  /** Row and column of the next character, from 0. */
  get cursor(): readonly [row: number, column: number] {
    return [this.#pen.row, this.#pen.column];
  }

  /**
   * Takes one whole message.
   *
   * @param onChange told of the cells that differ from before the message.
   * @returns how many cells differ.
   */
  message(bytes: Uint8Array, onChange?: ChangeListener): number {
    this.#tracker.begin(this.page);
    this.feed(bytes);
    this.endMessage();
    return this.#tracker.end(onChange);
  }

  /** Takes a piece of a message. */
  feed(bytes: Uint8Array): void {
    if (this.#parameters !== undefined) {
      PARAMETERS.set(this.#parameters);
      this.#parameters = undefined;
    }
    for (let at = 0; at < bytes.length; at++) {
      let byte = bytes[at]!;
      if (byte > 0x7f) {
        byte &= 0x7f;
        this.#fault('eighth-bit', at);
      }
      if (byte >= 0x20 && byte !== 0x7f && this.#state === 'text') this.#character(byte);
      else if (byte !== 0) this.#control(byte, at);
    }
    this.#taken += bytes.length;
    if (this.#state === 'sequence') this.#parameters = PARAMETERS.slice(0, this.#count);
  }

  /** Ends a message: the pending wrap is forgotten, all else lives on, a sequence that was cut off too. */
  endMessage(): void {
    this.#isWrapPending = false;
  }

  /** What another decoder of a page that looks the same needs to go on in this one's place. */
  save(): AnsiState {
    return {
      state: this.#state,
      pen: { ...this.#pen },
      saved: { ...(this.#saved ?? this.#initial()) },
      prefix: this.#prefix,
      parameters: [...(this.#parameters ?? [])],
      hasTooMany: this.#hasTooMany,
    };
  }

  /**
   * Goes on where another decoder was.
   *
   * @returns false: it is no state of a page of this size, and nothing was taken over.
   */
  restore({ state, pen, saved, prefix, parameters, hasTooMany }: AnsiState): boolean {
    const isNumber = (value: unknown, most: number): boolean =>
      Number.isInteger(value) && (value as number) >= -1 && (value as number) <= most;
    if (!STATES.includes(state) || !isNumber(prefix, 255) || typeof hasTooMany !== 'boolean') return false;
    if (!Array.isArray(parameters) || parameters.length > PARAMETERS_MAX) return false;
    if (!parameters.every((parameter) => isNumber(parameter, PARAMETER_MAX))) return false;
    const { rows, columns } = this.page;
    if (![pen, saved].every((each) => isPageState(each, rows, columns))) return false;
    this.#state = state as State;
    this.#pen = { ...this.#initial(), ...pen };
    this.#saved = { ...this.#initial(), ...saved };
    this.#prefix = prefix;
    this.#parameters = state === 'sequence' ? Int32Array.from(parameters) : undefined;
    this.#count = parameters.length;
    this.#hasTooMany = hasTooMany;
    this.#isWrapPending = false;
    return true;
  }

  #initial(): PageState {
    return {
      row: 0,
      column: 0,
      style: 0,
      extra: 0,
      wraps: false,
      top: 0,
      bottom: Math.min(REGION_END, this.page.rows),
      g0: 0,
      g1: 0,
      isShifted: false,
    };
  }

  #fault(kind: AnsiFault, at: number): void {
    this.faults.add(kind, this.#taken + at);
  }

  #character(byte: number): void {
    const pen = this.#pen;
    if (this.#isWrapPending) {
      this.#isWrapPending = false;
      pen.column = 0;
      this.#lineFeed();
    }
    const set = pen.isShifted ? pen.g1 : pen.g0;
    const text = set === 0 ? byte : textWord(codePointIn(set, byte), set);
    this.page.put(pen.row, pen.column, text, pen.style, pen.extra);
    if (pen.column + 1 < this.page.columns) pen.column++;
    else this.#isWrapPending = pen.wraps;
  }

  #control(byte: number, at: number): void {
    if (byte === ESC) {
      if (this.#state !== 'text') this.#fault('broken-off', at);
      this.#state = 'escape';
      return;
    }
    switch (this.#state) {
      case 'text':
        this.#plainControl(byte, at);
        return;
      case 'escape':
        this.#escape(byte, at);
        return;
      case 'sequence':
        this.#sequenceByte(byte, at);
        return;
    }
    // A designation, of a set or of a line's size (which is in the manual, not in the decoder).
    const isSet = this.#state !== 'line-size' && byte > 0x20 && byte < 0x7f;
    if (!isSet) this.#fault('sequence', at);
    else if (this.#state === 'set-g0') this.#pen.g0 = byte === ASCII ? 0 : byte;
    else this.#pen.g1 = byte === ASCII ? 0 : byte;
    this.#state = 'text';
  }

  #plainControl(byte: number, at: number): void {
    const pen = this.#pen;
    switch (byte) {
      case 0x08:
        this.#moveTo(pen.row, Math.max(0, pen.column - 1));
        return;
      case 0x09: {
        const stop = (Math.floor(pen.column / TAB_WIDTH) + 1) * TAB_WIDTH;
        const last = this.page.columns - 1;
        this.#moveTo(pen.row, stop > LAST_TAB ? Math.max(pen.column, Math.min(79, last)) : Math.min(stop, last));
        return;
      }
      case 0x0a:
        this.#isWrapPending = false;
        this.#lineFeed();
        return;
      case 0x0d:
        this.#moveTo(pen.row, 0);
        return;
      case 0x0e:
        pen.isShifted = true;
        return;
      case 0x0f:
        pen.isShifted = false;
        return;
    }
    this.#fault('control', at);
  }

  #escape(byte: number, at: number): void {
    this.#state = 'text';
    const pen = this.#pen;
    switch (byte) {
      case 0x5b: // [
        this.#state = 'sequence';
        this.#prefix = 0;
        this.#count = 0;
        this.#hasTooMany = false;
        return;
      case 0x28: // (
        this.#state = 'set-g0';
        return;
      case 0x29: // )
        this.#state = 'set-g1';
        return;
      case 0x23: // #
        this.#state = 'line-size';
        return;
      case 0x37: // 7
        this.#saved = { ...pen };
        return;
      case 0x38: // 8
        this.#pen = { ...(this.#saved ?? this.#initial()) };
        this.#isWrapPending = false;
        return;
      case 0x44: // D
        this.#isWrapPending = false;
        this.#lineFeed();
        return;
      case 0x45: // E
        this.#moveTo(pen.row, 0);
        this.#lineFeed();
        return;
      case 0x4d: // M
        this.#isWrapPending = false;
        if (pen.row === pen.top) this.page.scrollDown(pen.top, pen.bottom, 1);
        else if (pen.row > 0) pen.row--;
        return;
      case 0x63: // c
        this.#reset();
        return;
    }
    this.#fault('sequence', at);
  }

  #sequenceByte(byte: number, at: number): void {
    if (byte >= 0x30 && byte <= 0x39) {
      if (this.#count === 0) this.#next();
      const index = this.#count - 1;
      const value = Math.max(0, PARAMETERS[index]!);
      PARAMETERS[index] = Math.min(PARAMETER_MAX, value * 10 + byte - 0x30);
    } else if (byte === 0x3b) {
      if (this.#count === 0) this.#next();
      this.#next();
    } else if (byte >= 0x3d && byte <= 0x3f && this.#count === 0 && this.#prefix === 0) {
      this.#prefix = byte;
    } else {
      this.#state = 'text';
      const isUnderstood = !this.#hasTooMany && this.#perform(byte, at);
      if (!isUnderstood) this.#fault(this.#hasTooMany ? 'parameter' : 'sequence', at);
    }
  }

  #next(): void {
    if (this.#count === PARAMETERS_MAX) this.#hasTooMany = true;
    else PARAMETERS[this.#count++] = -1;
  }

  /** A parameter that wasn't given is `missing`. */
  #parameter(index: number, missing: number): number {
    const value = index < this.#count ? PARAMETERS[index]! : -1;
    return value < 0 ? missing : value;
  }

  /** @returns whether the sequence is one of ours. */
  #perform(final: number, at: number): boolean {
    switch (this.#prefix) {
      case 0:
        return this.#performPlain(final, at);
      case 0x3e: // >
        return this.#performFade(final, at);
      case 0x3f: // ?
        return (final === 0x68 || final === 0x6c) && this.#privateModes(final === 0x68, at);
    }
    return false;
  }

  #performPlain(final: number, at: number): boolean {
    const pen = this.#pen;
    const { page } = this;
    // 0 counts as 1, but not for A, B and C.
    const first = this.#parameter(0, 1);
    const count = Math.max(1, first);
    switch (final) {
      case 0x40: // @
        page.insertCells(pen.row, pen.column, count);
        return true;
      case 0x41: // A
        this.#moveTo(Math.max(pen.row >= pen.top ? pen.top : 0, pen.row - first), pen.column);
        return true;
      case 0x42: // B
        this.#moveTo(Math.min(pen.row < pen.bottom ? pen.bottom - 1 : page.rows - 1, pen.row + first), pen.column);
        return true;
      case 0x43: // C
        this.#moveTo(pen.row, Math.min(page.columns - 1, pen.column + first));
        return true;
      case 0x44: // D
        this.#moveTo(pen.row, Math.max(0, pen.column - count));
        return true;
      case 0x48: // H
      case 0x66: // f
        this.#position(count, at);
        return true;
      case 0x4a: // J
        return this.#erasePage(this.#parameter(0, 0));
      case 0x4b: // K
        return this.#eraseRow(this.#parameter(0, 0));
      case 0x4c: // L
      case 0x4d: // M
        this.#rows(final === 0x4c, count);
        return true;
      case 0x50: // P
        page.deleteCells(pen.row, pen.column, count);
        return true;
      case 0x53: // S
        if (this.#isInRegion()) page.scrollUp(pen.row, pen.bottom, count);
        return true;
      case 0x54: // T
        if (this.#isInRegion()) page.scrollDown(pen.row, pen.bottom, count);
        return true;
      case 0x68: // h
      case 0x6c: // l
        // VEM and HEM are stored only; nobody can see them.
        for (let i = 0; i < this.#count; i++) {
          const mode = this.#parameter(i, 0);
          if (mode !== 7 && mode !== 16) this.#fault('parameter', at);
        }
        return true;
      case 0x6d: // m
        for (let i = 0; i < Math.max(1, this.#count); i++) {
          if (!applyPageSgr(pen, this.#parameter(i, 0))) this.#fault('parameter', at);
        }
        return true;
      case 0x70: // p
        this.#reset();
        return true;
      case 0x72: // r
        this.#region(at);
        return true;
    }
    return false;
  }

  #performFade(final: number, at: number): boolean {
    const pen = this.#pen;
    if (final === 0x6d) {
      for (let i = 0; i < Math.max(1, this.#count); i++) {
        if (!applyFade(pen, this.#parameter(i, 0))) this.#fault('parameter', at);
      }
      return true;
    }
    if (final !== 0x5a) return false;
    const size = SIZES[this.#parameter(0, 5) - 1];
    if (size === undefined) this.#fault('parameter', at);
    else pen.extra = (pen.extra & ~7) | size;
    return true;
  }

  #privateModes(isSet: boolean, at: number): boolean {
    for (let i = 0; i < this.#count; i++) {
      const mode = this.#parameter(i, 0);
      if (mode === 7) {
        this.#pen.wraps = isSet;
        if (!isSet) this.#isWrapPending = false;
      } else if (mode !== 3 && mode !== 4 && mode !== 25) this.#fault('parameter', at);
    }
    return true;
  }

  #position(row: number, at: number): void {
    const column = Math.max(1, this.#parameter(1, 1));
    if (this.#count > 2) this.#fault('parameter', at);
    else if (row > this.page.rows || column > this.page.columns) this.#fault('position', at);
    else this.#moveTo(row - 1, column - 1);
  }

  #erasePage(part: number): boolean {
    const { row } = this.#pen;
    const { page } = this;
    if (!this.#eraseRow(part)) return false;
    const first = part === 0 ? row + 1 : 0;
    const end = part === 1 ? row : page.rows;
    for (let r = first; r < end; r++) page.erase(r, 0, page.columns);
    return true;
  }

  #eraseRow(part: number): boolean {
    const { row, column } = this.#pen;
    const { page } = this;
    if (part > 2) return false;
    page.erase(row, part === 0 ? column : 0, part === 1 ? column + 1 : page.columns);
    return true;
  }

  #rows(isInsert: boolean, count: number): void {
    const pen = this.#pen;
    if (!this.#isInRegion()) return;
    const most = Math.min(count, pen.bottom - 1 - pen.row);
    if (isInsert) this.page.scrollDown(pen.row, pen.bottom, most);
    else this.page.scrollUp(pen.row, pen.bottom, most);
    this.#moveTo(pen.row, 0);
  }

  #region(at: number): void {
    const top = Math.max(1, this.#parameter(0, 1));
    const bottom = this.#parameter(1, Math.min(REGION_END, this.page.rows));
    if (bottom <= top || bottom > this.page.rows) {
      this.#fault('position', at);
      return;
    }
    this.#pen.top = top - 1;
    this.#pen.bottom = bottom;
    this.#moveTo(0, 0);
  }

  #isInRegion(): boolean {
    const { row, top, bottom } = this.#pen;
    return row >= top && row < bottom;
  }

  #moveTo(row: number, column: number): void {
    this.#pen.row = row;
    this.#pen.column = column;
    this.#isWrapPending = false;
  }

  #lineFeed(): void {
    const pen = this.#pen;
    if (pen.row === pen.bottom - 1) this.page.scrollUp(pen.top, pen.bottom, 1);
    else if (pen.row < this.page.rows - 1) pen.row++;
  }

  #reset(): void {
    this.#pen = this.#initial();
    this.#isWrapPending = false;
    this.page.clear();
  }
}

function isPageState(pen: AnsiState['pen'], rows: number, columns: number): boolean {
  if (typeof pen !== 'object' || pen === null) return false;
  const bounds: Readonly<Record<string, number>> = {
    row: rows - 1,
    column: columns - 1,
    style: 0x7fff_ffff,
    extra: 0xffff,
    top: rows - 1,
    bottom: rows,
    g0: 0x7e,
    g1: 0x7e,
  };
  const areNumbers = Object.entries(bounds).every(
    ([key, most]) => Number.isInteger(pen[key]) && (pen[key] as number) >= 0 && (pen[key] as number) <= most,
  );
  return areNumbers && typeof pen.wraps === 'boolean' && typeof pen.isShifted === 'boolean';
}
