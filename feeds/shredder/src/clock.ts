import type { PageClock } from './plan.ts';
import { type Reason, reason } from './reasons.ts';
import { type Cell, partOf } from './rows.ts';

// Pages that show when they were written: one that nobody writes any more reads as well as ever, and its values are old.

const MS_NS = 1_000_000;
const MINUTE_NS = 60_000 * MS_NS;
const DAY_MS = 86_400_000;

/** Time as pages have it. */
export interface WallClock {
  readonly nowNs: number;
  /** UTC in milliseconds since 1970 at 0 ns. */
  readonly utcMs: number;
}

/** What a page's clock says. */
export interface ClockReading {
  /** Why its values are in doubt; undefined where they aren't. */
  readonly reason: Reason | undefined;
  /** When they will be; undefined where they are, or where the clock can't be read. */
  readonly untilNs: number | undefined;
}

/** Holds a page's clock against the time. */
export function readClock(clock: PageClock, cells: readonly Cell[], { nowNs, utcMs }: WallClock): ClockReading {
  const cell = cells[clock.column]!;
  const date = partOf(cell, 'date');
  const time = partOf(cell, 'time');
  const zone = partOf(cell, 'zone');
  if (date?.kind !== 'date' || time?.kind !== 'time') return { reason: undefined, untilNs: undefined };
  const east = clock.zones.get(zone?.kind === 'text' ? zone.value : '') ?? 0;
  const shownNs = (date.value * DAY_MS - utcMs) * MS_NS + time.value - east * MINUTE_NS;
  const ageNs = nowNs - shownNs;
  if (Math.abs(ageNs) <= clock.withinNs) return { reason: undefined, untilNs: shownNs + clock.withinNs + MS_NS };
  const minutes = Math.round(ageNs / MINUTE_NS);
  const facts = { row: cell.row, got: cell.token, minutes, within: clock.withinNs / MINUTE_NS };
  return { reason: reason('PAGE_OLD', facts), untilNs: undefined };
}
