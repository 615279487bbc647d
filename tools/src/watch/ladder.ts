import type { Column } from './columns.ts';
import { quantityText } from './columns.ts';
import { cut, type Paint, type Style } from './paint.ts';
import type { BoardItem } from './rows.ts';
import { Cell } from './rows.ts';

/** Levels of a depth item, on each side. */
const LADDER_LEVELS = 10;

/** Fields of one level: the second digit of level 10 costs the size's name a letter. */
function levelFields(side: 'BID' | 'ASK', level: number): readonly [orders: string, size: string, price: string] {
  const size = level < 10 ? `BEST_${side[0]}SIZ${level}` : `BEST_${side[0]}SZ${level}`;
  return [`${side}_NORD${level}`, size, `BEST_${side}${level}`];
}

const TITLES: readonly string[] = ['ORDERS', 'SIZE', 'BID', 'ASK', 'SIZE', 'ORDERS'];
const WIDTHS: readonly number[] = [6, 10, 11, 11, 10, 6];
/** Of the columns and what is between them; what is left goes to the bars. */
const LEVELS_WIDTH = 72;
const NAMES: readonly (readonly string[])[] = Array.from({ length: LADDER_LEVELS }, (_, index) => [
  ...levelFields('BID', index + 1),
  ...levelFields('ASK', index + 1).toReversed(),
]);

/** The book of one depth item: its levels, best first, bids on the left and asks on the right. */
export class Ladder {
  readonly item: BoardItem;
  private readonly cells = NAMES.map((names) => names.map(() => new Cell()));
  private drawn = false;

  constructor(item: BoardItem) {
    this.item = item;
  }

  /** Its lines: heads, then the levels. */
  lines(nowMs: number, width: number, paint: Paint): string[] {
    const isLive = this.item.state.quality === 0 && !this.item.removed;
    const bar = Math.max(0, Math.min(24, Math.floor((width - LEVELS_WIDTH) / 2)));
    const sizes = NAMES.map((names) => [sizeOf(this.item.get(names[1]!)), sizeOf(this.item.get(names[4]!))] as const);
    const largest = Math.max(1, ...sizes.flat());
    const head = TITLES.map((title, i) => (i < 3 ? title.padStart(WIDTHS[i]!) : title.padEnd(WIDTHS[i]!)));
    const heads = `${' '.repeat(bar)}  ${head.slice(0, 3).join('  ')}  │  ${head.slice(3).join('  ')}`;
    const lines = [paint(cut(heads, width), 'strong')];
    for (let level = 0; level < NAMES.length; level++) {
      const texts = NAMES[level]!.map((name, i) => this.cell(level, i, name, nowMs, isLive, paint));
      const [bid, ask] = sizes[level]!;
      const left = paint(barText(bid, largest, bar).padStart(bar), isLive ? 'up' : 'dim');
      const right = paint(barText(ask, largest, bar), isLive ? 'down' : 'dim');
      const row = `${left}  ${texts.slice(0, 3).join('  ')}  │  ${texts.slice(3).join('  ')}  ${right}`;
      lines.push(row);
    }
    this.drawn = true;
    return lines;
  }

  private cell(level: number, i: number, name: string, nowMs: number, isLive: boolean, paint: Paint): string {
    const cell = this.cells[level]![i]!;
    cell.refresh(this.item.get(name), PLAIN, this.drawn, nowMs);
    const style: Style = isLive ? cell.style(nowMs) : 'dim';
    const blanks = ' '.repeat(Math.max(0, WIDTHS[i]! - cell.text.length));
    return i < 3 ? blanks + paint(cell.text, style) : paint(cell.text, style) + blanks;
  }
}

const PLAIN: Pick<Column, 'text'> = { text: quantityText };

function sizeOf(value: unknown): number {
  return typeof value === 'number' ? value : 0;
}

function barText(size: number, largest: number, width: number): string {
  return '█'.repeat(Math.round((size / largest) * width));
}
