import { compilePattern } from '@tickerplant/records';
import type { GapNotice, InterestSink } from '../src/interest.ts';
import { Interest } from '../src/interest.ts';
import type { Item } from '../src/item.ts';
import type { ItemState } from '../src/item-state.ts';
import type { Update } from '../src/update.ts';
import { dictionary } from './support.ts';

/** Writes events down as lines, so that a test compares transcripts. */
export class Recorder implements InterestSink {
  readonly lines: string[] = [];

  item(item: Item): void {
    this.lines.push(`item ${item.subject}`);
  }

  image(item: Item): void {
    this.lines.push(`image ${item.subject} #${item.seq} ${valuesText(item)}`);
  }

  update(update: Update): void {
    const values = [...update.values()].map(([name, value]) => `${name}=${value}`).join(' ');
    const marked = update.possibleDuplicate ? ' (possible duplicate)' : '';
    this.lines.push(`update ${update.subject} #${update.seq} ${update.type} ${values}${marked}`);
  }

  quality(item: Item, state: ItemState, previous: ItemState): void {
    this.lines.push(`quality ${item.subject} ${stateText(previous)} -> ${stateText(state)}`);
  }

  remove(item: Item): void {
    this.lines.push(`remove ${item.subject}`);
  }

  gap(notice: GapNotice): void {
    this.lines.push(`gap ${notice.channel} [${notice.from},${notice.to}) ${notice.reason}`);
  }

  /** The lines since the last call. */
  take(): string[] {
    return this.lines.splice(0);
  }
}

function valuesText(item: Item): string {
  return [...item.values()].map(([name, value]) => `${name}=${value}`).join(' ');
}

export function stateText(state: ItemState): string {
  return state.reason === '' ? state.name : `${state.name}(${state.reason})`;
}

export function interest(sink: InterestSink, patterns: readonly string[], fields?: readonly string[]): Interest {
  const fids = fields === undefined ? undefined : new Set(fields.map((name) => dictionary.fid(name)));
  return new Interest(patterns.map(compilePattern), fids, sink);
}
