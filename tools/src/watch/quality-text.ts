import type { Style } from './paint.ts';
import { printable } from './paint.ts';
import { type BoardItem, QUIET_MS, type Row } from './rows.ts';

/** TRD_STATUS, where it isn't normal trading. */
const TRADING: Readonly<Record<number, string>> = {
  2: 'halted',
  3: 'paused',
  4: 'delayed open',
  5: 'quotes only',
  6: 'delayed close',
};

/** `45s`, `12m`, `3h`, `2d` */
function ageText(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  if (seconds < 120) return `${seconds}s`;
  if (seconds < 7200) return `${Math.floor(seconds / 60)}m`;
  if (seconds < 172_800) return `${Math.floor(seconds / 3600)}h`;
  return `${Math.floor(seconds / 86_400)}d`;
}

/** An item's quality in words: `LIVE`, `QUIET 45s`, `STALE lines-silent 12s: no line of itch is heard`. */
export function qualityText(row: Pick<Row, 'item' | 'updatedMs'>, nowMs: number): { text: string; style: Style } {
  const { item, updatedMs } = row;
  if (item.removed) return { text: 'REMOVED', style: 'plain' };
  const { state } = item;
  if (state.quality !== 0) {
    const age = ageText(nowMs - Number(state.since / 1_000_000n));
    const detail = state.detail === '' ? '' : `: ${state.detail}`;
    return { text: printable(`${state.name} ${state.reason} ${age}${detail}`), style: 'bad' };
  }
  const trading = tradingText(item);
  if (nowMs - updatedMs >= QUIET_MS) return { text: `QUIET ${ageText(nowMs - updatedMs)}${trading}`, style: 'plain' };
  return { text: `LIVE${trading}`, style: 'good' };
}

/** INST_PHASE of an item that stands for a whole market. */
const PHASES: Readonly<Record<number, string>> = {
  1: 'closed',
  3: 'open',
  7: 'no session',
  13: 'pre-market',
  14: 'post-market',
};

function tradingText(item: BoardItem): string {
  const phase = item.get('INST_PHASE');
  if (typeof phase === 'number' && item.get('TIMACT_NS') !== undefined) return ` ${PHASES[phase] ?? ''}`.trimEnd();
  const status = item.get('TRD_STATUS');
  const word = typeof status === 'number' ? TRADING[status] : undefined;
  if (word === undefined) return '';
  const reason = item.get('HALT_REASN');
  return ` ${word}${typeof reason === 'string' && reason !== '' ? ` ${printable(reason)}` : ''}`;
}
