import { TickerError } from './errors.ts';

export const NS_PER_US = 1_000;
export const NS_PER_MS = 1_000_000;
export const NS_PER_SECOND = 1_000_000_000;
export const NS_PER_DAY = 86_400_000_000_000;

/** `1499697155788781087n` → `2017-07-10T14:32:35.788781087Z`. */
export function formatEpochNs(ns: bigint): string {
  const seconds = ns / 1_000_000_000n;
  const rest = ns % 1_000_000_000n;
  return `${new Date(Number(seconds) * 1000).toISOString().slice(0, 19)}.${String(rest).padStart(9, '0')}Z`;
}

/** Nanoseconds of a day → `14:32:35.788781087`. */
export function formatTimeOfDayNs(ns: number): string {
  const seconds = Math.floor(ns / NS_PER_SECOND);
  const two = (n: number): string => String(n).padStart(2, '0');
  const clock = `${two(Math.floor(seconds / 3600))}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
  return `${clock}.${String(ns - seconds * NS_PER_SECOND).padStart(9, '0')}`;
}

/** Days since 1970-01-01 (UTC) in which a wall-clock time lies. */
export function dayOfEpochNs(ns: bigint): number {
  return Number(ns / BigInt(NS_PER_DAY));
}

/**
 * `2017-07-10` → days since 1970-01-01.
 *
 * @throws TickerError `CORE_BAD_DATE`
 */
export function parseDay(text: string): number {
  const ms = /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(`${text}T00:00:00Z`) : Number.NaN;
  if (Number.isNaN(ms) || new Date(ms).toISOString().slice(0, 10) !== text) {
    throw new TickerError('CORE_BAD_DATE', `expected a date YYYY-MM-DD, got '${text}'`);
  }
  return ms / 86_400_000;
}

/** Days since 1970-01-01 → `2017-07-10`. */
export function formatDay(day: number): string {
  return new Date(day * 86_400_000).toISOString().slice(0, 10);
}

/**
 * What must be added to a local midnight-based time of day to get UTC, in nanoseconds, at noon of that day
 * in the zone (exchanges change their clocks at night): 4 hours for `America/New_York` in summer.
 *
 * @param day days since 1970-01-01.
 * @param zone an IANA name.
 * @throws RangeError for an unknown zone.
 */
export function zoneOffsetNs(day: number, zone: string): number {
  const noon = new Date(day * 86_400_000 + 43_200_000);
  const parts = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  }).formatToParts(noon);
  const part = (type: string): number => Number(parts.find((p) => p.type === type)!.value);
  const local = Date.UTC(part('year'), part('month') - 1, part('day'), part('hour'), part('minute'), part('second'));
  return (noon.getTime() - local) * NS_PER_MS;
}
