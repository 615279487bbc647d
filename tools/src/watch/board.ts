import { RecordKind } from '@tickerplant/records';
import { Ladder } from './ladder.ts';
import { type Layout, layoutFor } from './layout.ts';
import type { BoardModel } from './model.ts';
import { cut, type Paint, printable } from './paint.ts';
import { qualityText } from './quality-text.ts';
import type { Row } from './rows.ts';

/** What is known of the floor, for the header. */
export interface FloorFacts {
  /** Empty until a plant has been heard. */
  readonly floor: string;
  /** Which one images come from. */
  readonly plant: string | undefined;
  readonly primary: string | undefined;
  readonly channels: readonly ChannelFacts[];
  /** The status group that is listened to, and on which interface. */
  readonly status: string;
  /** Subjects asked for. */
  readonly patterns: readonly string[];
  /** Something that the user should know; else empty. */
  readonly note: string;
}

/** A channel in use; `ChannelInfo` of the client fits. */
export interface ChannelFacts {
  readonly name: string;
  readonly joined: boolean;
  readonly session: string;
  readonly next: number;
  /** The groups that carry it. */
  readonly lines: readonly { readonly plant: string | undefined; readonly heard: boolean }[];
  readonly state: { readonly name: string; readonly quality: number; readonly reason: string } | undefined;
  /** Gaps found, and messages that never came. */
  readonly gaps: number;
  readonly lost: number;
}

/** Title, channels, heads of the columns; and the keys. */
const HEADER_LINES = 3;
const FOOTER_LINES = 1;
const KEYS = 'q quit   ↑↓ PgUp PgDn scroll   / filter   s by symbol   a by activity';

/** Rows that a screen of some height has room for. */
export function bodyHeight(height: number): number {
  return Math.max(1, height - HEADER_LINES - FOOTER_LINES);
}

/** Draws the board: lines of a screen out of a model, facts, a size and the time. No terminal, no clock. */
export class Board {
  private readonly model: BoardModel;
  private readonly paint: Paint;
  private ladder: Ladder | undefined;
  private frames = 0;
  private readonly widths: number[] = [];

  constructor(model: BoardModel, paint: Paint) {
    this.model = model;
    this.paint = paint;
  }

  /** A whole screen: as many lines as it is high. */
  screen(facts: FloorFacts, nowMs: number, width: number, height: number): string[] {
    const { model, paint } = this;
    const room = bodyHeight(height);
    model.tick(nowMs);
    model.scrollTo(model.top, room);
    const bar = this.titleLine(facts, nowMs, width);
    const body = this.body(facts, nowMs, width, room);
    const lines = [paint(bar, 'bar'), this.channelLine(facts, width), ...body];
    while (lines.length < height - 1) lines.push('');
    lines.length = height - 1;
    lines.push(this.footer(facts, width, room));
    return lines;
  }

  /** The first items as a plain table: a summary, heads, rows. */
  table(facts: FloorFacts, nowMs: number, width: number, itemsMax: number): string[] {
    this.model.tick(nowMs);
    const summary = this.titleLine(facts, nowMs, width).trim();
    return [summary, ...this.body(facts, nowMs, width, itemsMax)].map((line) => line.trimEnd());
  }

  private body(facts: FloorFacts, nowMs: number, width: number, rowsMax: number): string[] {
    const { model, paint } = this;
    const { order } = model;
    const frame = ++this.frames;
    const only = order.length === 1 ? order[0]! : undefined;
    if (only?.item.recordKind === RecordKind.DEPTH) return this.ladderLines(only, nowMs, width);
    this.ladder = undefined;
    if (order.length === 0) return ['', cut(this.emptyText(facts), width)];
    const rows = order.slice(model.top, model.top + rowsMax);
    for (const row of rows) row.refresh(model.columns, frame, nowMs);
    const layout = layoutFor(model.columns, this.widths, rows, model.subjectWidth, width);
    return [paint(heads(layout).padEnd(width), 'head'), ...rows.map((row) => this.rowLine(row, layout, nowMs))];
  }

  private ladderLines(row: Row, nowMs: number, width: number): string[] {
    if (this.ladder?.item !== row.item) this.ladder = new Ladder(row.item);
    const { text, style } = qualityText(row, nowMs);
    const quality = this.paint(cut(text, width - row.subject.length - 3), style);
    return [`${this.paint(row.subject, 'strong')}   ${quality}`, '', ...this.ladder.lines(nowMs, width, this.paint)];
  }

  private rowLine(row: Row, layout: Layout, nowMs: number): string {
    const { paint } = this;
    const quality = qualityText(row, nowMs);
    const isLive = row.item.state.quality === 0 && !row.item.removed;
    const subject = cut(row.subject, layout.subjectWidth).padEnd(layout.subjectWidth);
    let line = paint(subject, isLive ? 'strong' : 'dim');
    for (const { column, index, width } of layout.places) {
      const cell = row.cells[index]!;
      // A price that doesn't fit must not be taken for another one.
      const text = cell.text.length > width ? '#'.repeat(width) : cell.text;
      const blanks = ' '.repeat(width - text.length);
      const style = isLive ? (ARROW_STYLES[text] ?? cell.style(nowMs)) : 'dim';
      line += ' '.repeat(column.gap);
      line += column.align === 'right' ? blanks + paint(text, style) : paint(text, style) + blanks;
    }
    if (layout.qualityWidth > 0) line += `  ${paint(cut(quality.text, layout.qualityWidth), quality.style)}`;
    return line;
  }

  private titleLine({ floor, plant, primary, channels }: FloorFacts, nowMs: number, width: number): string {
    const { model } = this;
    const clock = `${new Date(nowMs).toISOString().slice(11, 19)} GMT`;
    const gaps = channels.reduce((sum, { gaps }) => sum + gaps, 0);
    const lost = channels.reduce((sum, { lost }) => sum + lost, 0);
    const parts = [
      floor === '' ? 'no floor yet' : `floor ${printable(floor)}`,
      plant === undefined ? 'no plant' : `plant ${printable(plant)}${primary === plant ? '' : otherPrimary(primary)}`,
      model.size === 1 ? '1 item' : `${count(model.size)} items`,
      `${count(model.updatesPerSecond)} updates/s`,
      gaps === 1 ? '1 gap' : `${count(gaps)} gaps`,
      ...(lost === 0 ? [] : [`${count(lost)} lost`]),
    ];
    const room = width - clock.length - 3;
    let line = ' ticker';
    for (const part of parts) {
      if (line.length + 3 + part.length > room) break;
      line += `   ${part}`;
    }
    return `${line.padEnd(room)}  ${clock} `.slice(0, width);
  }

  private channelLine({ channels }: FloorFacts, width: number): string {
    const { paint } = this;
    const texts: string[] = [];
    let left = width - 1;
    const joined = channels.filter(({ joined }) => joined);
    for (const [i, { name, session, next, lines, state }] of joined.entries()) {
      const quality = state?.name ?? '';
      const reason = state === undefined || state.quality === 0 ? '' : ` ${state.reason}`;
      const before = printable(`${name} ${session}:${next} ${linesText(lines)}`);
      const length = before.length + quality.length + reason.length + 3;
      const more = joined.length - i;
      if (length + (more > 1 ? 10 : 0) > left) {
        texts.push(paint(cut(`+${more} more`, left), 'dim'));
        break;
      }
      left -= length;
      texts.push(paint(before, 'dim') + paint(printable(quality + reason), state?.quality === 0 ? 'good' : 'bad'));
    }
    return ` ${texts.join('   ')}`;
  }

  private emptyText({ floor, status, patterns }: FloorFacts): string {
    if (floor === '') return ` waiting for a plant on ${status}`;
    if (this.model.filter !== '') return ` none of ${count(this.model.size)} items matches '${this.model.filter}'`;
    return ` waiting for items that match ${patterns.map(printable).join(' ')}`;
  }

  private footer({ note }: FloorFacts, width: number, room: number): string {
    const { model, paint } = this;
    const rows = model.order.length;
    const last = Math.min(rows, model.top + room);
    const where = rows === 0 ? '' : `${count(model.top + 1)}–${count(last)} of ${count(rows)}`;
    let left = ` ${KEYS}`;
    if (model.typing || model.filter !== '') {
      const hint = model.typing ? 'Enter keep   Esc clear' : 'Esc clear';
      left = ` /${printable(model.filter)}${model.typing ? '▏' : ''}   ${hint}`;
    } else if (note !== '') left = ` ${printable(note)}`;
    const space = Math.max(0, width - where.length - 2);
    return paint(`${cut(left, space).padEnd(space)} ${where} `.slice(0, width), 'bar');
  }
}

const ARROW_STYLES: Readonly<Record<string, 'up' | 'down'>> = { '▲': 'up', '▼': 'down' };

function otherPrimary(primary: string | undefined): string {
  return primary === undefined ? ' (no primary)' : ` (primary ${printable(primary)})`;
}

/** Of several groups: whose are heard, and whose are not. */
function linesText(lines: ChannelFacts['lines']): string {
  if (lines.length < 2) return '';
  const names = lines.map(({ plant, heard }, rank) => `${heard ? '' : 'not '}${plant ?? `plant ${rank + 1}`}`);
  return `on ${names.join(', ')} `;
}

function heads({ subjectWidth, places, qualityWidth }: Layout): string {
  let line = cut('SUBJECT', subjectWidth).padEnd(subjectWidth);
  for (const { column, width } of places) {
    const title = cut(column.title, width);
    line += ' '.repeat(column.gap) + (column.align === 'right' ? title.padStart(width) : title.padEnd(width));
  }
  return qualityWidth > 0 ? `${line}  ${cut('QUALITY', qualityWidth)}` : line;
}

/** `12,345` */
function count(n: number): string {
  return String(n).replace(/\B(?=(\d{3})+$)/g, ',');
}
