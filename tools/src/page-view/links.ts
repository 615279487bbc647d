import type { Page } from '@tickerplant/pages';
import { serviceOf, subjectOf } from '@tickerplant/records';

/** A place on a page that leads to another item. */
export interface Link {
  readonly row: number;
  /** Columns from `first` to `end` - 1. */
  readonly first: number;
  readonly end: number;
  /** What it says, without the brackets. */
  readonly name: string;
}

/** `<NAME>`: what page services write where a workstation shall make a link. */
const BRACKETED = /<([!-;=?-~]{1,32})>/g;
/** What can be a page's name, or its number. */
const WORD = /[A-Za-z0-9][A-Za-z0-9=#/._-]{1,30}[A-Za-z0-9=]/g;

/** The links in brackets, from the top left. */
export function linksOf(page: Page): Link[] {
  const links: Link[] = [];
  for (let row = 0; row < page.rows; row++) {
    for (const { index, 0: all, 1: name } of cellText(page, row).matchAll(BRACKETED)) {
      links.push({ row, first: index, end: index + all.length, name: name! });
    }
  }
  return links;
}

/** What stands at a place: a link in brackets, else a word that may be a name. */
export function linkAt(page: Page, row: number, column: number): Link | undefined {
  const text = cellText(page, row);
  for (const pattern of [BRACKETED, WORD]) {
    for (const { index, 0: all, 1: name = all } of text.matchAll(pattern)) {
      if (column >= index && column < index + all.length) return { row, first: index, end: index + all.length, name };
    }
  }
  return undefined;
}

/**
 * The subject that a name on a page of a service stands for: of the same service, unless it says another one.
 *
 * @param services of the floor.
 */
export function subjectFor(name: string, service: string, services: readonly string[]): string {
  return name.includes('.') && services.includes(serviceOf(name)) ? name : subjectOf(service, name);
}

/** The name with the next or previous number at its end: `FXSP0001` → `FXSP0002`, `100/0002` → `100/0001`. */
export function neighbour(name: string, step: 1 | -1): string | undefined {
  const match = /^(.*?)(\d{1,9})$/.exec(name);
  const number = Number(match?.[2]) + step;
  if (match === null || number < 0) return undefined;
  return match[1]! + String(number).padStart(match[2]!.length, '0');
}

/** A row with a character a cell: places in the text are columns. Double-width characters and those beyond 16 bits are `?`. */
function cellText(page: Page, row: number): string {
  let text = '';
  const end = (row + 1) * page.columns;
  for (let at = row * page.columns; at < end; at++) {
    const word = page.text[at]!;
    const code = word & 0x1f_ffff;
    text += word >>> 30 !== 0 || code > 0xffff ? '?' : String.fromCharCode(code);
  }
  return text;
}
