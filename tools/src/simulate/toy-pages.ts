import type { Item } from '@tickerplant/client';
import { Page, textWord } from '@tickerplant/pages';

// Every third item of the simulator's feed is a page. All its rows say the same: the vendor's serial number of the message that drew
// it, and the item. So whatever is shown can be checked, and rows of two messages side by side are found out.

const ROWS = 12;
const COLUMNS = 40;
const BLANK = textWord(0x20);

export function isPage(item: number): boolean {
  return item % 3 === 2;
}

/** A page as message `position` about an item leaves it; as it is at first: with looks that need more than one message. */
export function drawToyPage(page: Page, item: number, position: number): void {
  const text = `#${position}.${item}#`;
  for (let row = 0; row < ROWS; row++) {
    for (let column = 0; column < COLUMNS; column++) {
      const code = text.charCodeAt(column - row);
      page.put(row, column, Number.isNaN(code) ? BLANK : textWord(code), (row + column) % 5, 0);
    }
  }
}

export function newToyPage(item: number, position: number): Page {
  const page = new Page(ROWS, COLUMNS);
  drawToyPage(page, item, position);
  return page;
}

/** What an item shows: the vendor's number of the message that it is as of, and whose it was. NaN where that makes no sense. */
export function shownBy(item: Item): { readonly position: number; readonly own: number } | undefined {
  if (!isPage(Number(item.symbol.slice(4)))) {
    if (item.get('BID') === undefined) return undefined;
    return { position: Number(item.get('BID')), own: Number(item.get('BIDSIZE')) };
  }
  const { page } = item;
  if (page === undefined) return undefined;
  const texts = new Set<string>();
  for (let row = 0; row < page.rows; row++) texts.add(page.rowText(row).trim());
  const match = /^#(\d+)\.(\d+)#$/.exec([...texts].join(' '));
  return { position: Number(match?.[1]), own: Number(match?.[2]) };
}
