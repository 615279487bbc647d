import { Page } from './page.ts';

/** Rows 0 to 24 of 40 columns. */
export const TELETEXT_ROWS = 25;
export const TELETEXT_COLUMNS = 40;
/** A subcode that says nothing: any. */
export const ANY_SUBCODE = 0x3f7f;

/** In the codes of a page: nothing has been received for this cell. */
export const CODE_NEVER_SET = 0xff;
/** In the codes of a page: the last byte received was damaged; the code is that of before. */
export const CODE_DAMAGED = 0x80;

/** Where a page points to (packet 27, or the first page of packet 30). */
export interface TeletextLink {
  /** 100 to 8FF. */
  readonly number: number;
  /** 0 to 3F7F; `ANY_SUBCODE` for none in particular. */
  readonly subcode: number;
}

/** What the header says beside page and subcode (C4 to C14). */
export interface TeletextFlags {
  /** C4: rows that don't come are empty. */
  erase: boolean;
  newsflash: boolean;
  subtitle: boolean;
  suppressHeader: boolean;
  update: boolean;
  interrupted: boolean;
  inhibitDisplay: boolean;
  /** C11: headers of any magazine end a page. */
  serial: boolean;
  /** C12 to C14, C12 the highest bit: 0 English, 1 German, 2 Swedish, 3 Italian, 4 French, 5 Spanish, 6 Czech. */
  nationalOption: number;
}

/** No flag set. */
export function noFlags(): TeletextFlags {
  return {
    erase: false,
    newsflash: false,
    subtitle: false,
    suppressHeader: false,
    update: false,
    interrupted: false,
    inhibitDisplay: false,
    serial: false,
    nationalOption: 0,
  };
}

/** What a page's cells were drawn from: `drawTeletext` keeps it, to draw only what differs. */
interface Drawn {
  readonly codes: Uint8Array;
  /** By row: 1 where some character is of double height, and where the row shows the lower halves of the one above. */
  readonly tall: Uint8Array;
  readonly hidden: Uint8Array;
  /** -1: nothing was drawn yet. */
  nationalOption: number;
}

/** A subpage: what was sent of it, and how it looks. */
export class TeletextPage {
  /** 100 to 8FF, the digits hexadecimal. */
  readonly number: number;
  /** 0 to 3F7F. */
  readonly subcode: number;
  readonly flags: TeletextFlags = noFlags();
  /**
   * Codes of seven bits, row by row; with `CODE_DAMAGED` added, or `CODE_NEVER_SET`. Row 0 holds what comes in the
   * header, from column 8 on.
   */
  readonly codes: Uint8Array = new Uint8Array(TELETEXT_ROWS * TELETEXT_COLUMNS).fill(CODE_NEVER_SET);
  /** The six links of packet 27; undefined where there are none. */
  links: readonly (TeletextLink | undefined)[] | undefined = undefined;
  /** How it looks: see `drawTeletext`. */
  readonly page: Page = new Page(TELETEXT_ROWS, TELETEXT_COLUMNS);
  readonly drawn: Drawn = {
    codes: new Uint8Array(TELETEXT_ROWS * TELETEXT_COLUMNS).fill(CODE_NEVER_SET),
    tall: new Uint8Array(TELETEXT_ROWS),
    hidden: new Uint8Array(TELETEXT_ROWS),
    nationalOption: -1,
  };

  constructor(number: number, subcode: number) {
    this.number = number;
    this.subcode = subcode;
  }

  /** Page and subpage as they are written: `401/0001`. */
  get name(): string {
    return `${this.number.toString(16).toUpperCase()}/${this.subcode.toString(16).toUpperCase().padStart(4, '0')}`;
  }

  /** A row as it was sent, one character a code; undefined where nothing of it was. Damaged codes are those of before. */
  rowCodes(row: number): string | undefined {
    const first = row * TELETEXT_COLUMNS + (row === 0 ? 8 : 0);
    const codes = this.codes.subarray(first, (row + 1) * TELETEXT_COLUMNS);
    if (codes.every((code) => code === CODE_NEVER_SET)) return undefined;
    return Array.from(codes, (code) => String.fromCharCode(code === CODE_NEVER_SET ? 0x20 : code & 0x7f)).join('');
  }
}
