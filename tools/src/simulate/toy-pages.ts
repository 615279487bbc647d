import type { Item } from '@tickerplant/client';
import { Decimal } from '@tickerplant/core';
import { codePointOf, Page, textWord } from '@tickerplant/pages';
import type { FieldValue } from '@tickerplant/records';

// Every third item of the simulator's feed is a page. All its rows say the same: the vendor's serial number of the message that drew
// it, and the item. So whatever is shown can be checked, and rows of two messages side by side are found out.

const ROWS = 12;
const COLUMNS = 40;
const SPACE = 0x20;
const BLANK = textWord(SPACE);

export function isPage(item: number): boolean {
  return item % 3 === 2;
}

/** Makes a page what message `position` about an item leaves: a later one of what an earlier one left. */
export function drawToyPage(page: Page, item: number, position: number): void {
  const text = `#${position}.${item}#`;
  for (let row = 0; row < ROWS; row++) {
    for (let at = 0; at < text.length; at++) putCell(page, row, row + at, textWord(text.charCodeAt(at)));
  }
}

/** A page as message `position` about an item leaves it, with looks that need more than one message. */
export function newToyPage(item: number, position: number): Page {
  const page = new Page(ROWS, COLUMNS);
  for (let row = 0; row < ROWS; row++) {
    for (let column = 0; column < COLUMNS; column++) putCell(page, row, column, BLANK);
  }
  drawToyPage(page, item, position);
  return page;
}

function putCell(page: Page, row: number, column: number, text: number): void {
  page.put(row, column, text, (row + column) % 5, 0);
}

/** What an item shows: the vendor's number of the message that it is as of, and whose it was. NaN where that makes no sense. */
export function shownBy(item: Item): { readonly position: number; readonly own: number } | undefined {
  if (!isPage(Number(item.symbol.slice(4)))) {
    const bid = item.get('BID');
    return bid === undefined ? undefined : { position: numberOf(bid), own: numberOf(item.get('BIDSIZE')) };
  }
  const { page } = item;
  if (page === undefined) return undefined;
  let text = '';
  for (let at = 0; at < page.columns && codePointOf(page.text[at]!) !== SPACE; at++) {
    text += String.fromCodePoint(codePointOf(page.text[at]!));
  }
  const match = saysOnly(page, text) ? /^#(\d+)\.(\d+)#$/.exec(text) : null;
  return { position: Number(match?.[1]), own: Number(match?.[2]) };
}

function numberOf(value: FieldValue | undefined): number {
  return value instanceof Decimal ? value.toNumber() : Number(value ?? Number.NaN);
}

/** Whether each row of a page says this, where it should. */
function saysOnly(page: Page, text: string): boolean {
  const { rows, columns } = page;
  for (let row = 0, at = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++, at++) {
      const inside = column >= row && column < row + text.length;
      if (codePointOf(page.text[at]!) !== (inside ? text.charCodeAt(column - row) : SPACE)) return false;
    }
  }
  return true;
}
