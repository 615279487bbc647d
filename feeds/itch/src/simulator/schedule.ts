import { TickerError } from '@tickerplant/core';

/** When the parts of a day begin: nanoseconds since midnight in New York, rising. */
export interface DaySchedule {
  /** `S` `O`, then the directory and the state of each instrument. */
  readonly startOfMessagesNs: number;
  /** `S` `S`: orders come in. */
  readonly systemHoursNs: number;
  /** `S` `Q`, then the opening crosses; continuous trading. */
  readonly marketOpenNs: number;
  /** `S` `M`, then the closing crosses; some trading goes on. */
  readonly marketCloseNs: number;
  /** `S` `E`, then all orders left are deleted. */
  readonly systemCloseNs: number;
  /** `S` `C`: the last message. */
  readonly endOfMessagesNs: number;
}

const MINUTE = 60_000_000_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** A usual Nasdaq day. */
export const NASDAQ_DAY: DaySchedule = {
  startOfMessagesNs: 3 * HOUR + 9 * MINUTE,
  systemHoursNs: 4 * HOUR,
  marketOpenNs: 9 * HOUR + 30 * MINUTE,
  marketCloseNs: 16 * HOUR,
  systemCloseNs: 20 * HOUR,
  endOfMessagesNs: 20 * HOUR + 5 * MINUTE,
};

/**
 * A day of any length, for demonstrations.
 *
 * @param startNs nanoseconds since midnight in New York.
 * @throws TickerError `ITCH_BAD_SCHEDULE` when it would not end before midnight.
 */
export function shortDay(startNs: number, preMarketNs: number, regularNs: number, postMarketNs: number): DaySchedule {
  const marketOpenNs = startNs + preMarketNs;
  const marketCloseNs = marketOpenNs + regularNs;
  const systemCloseNs = marketCloseNs + postMarketNs;
  return checkSchedule({
    startOfMessagesNs: startNs,
    systemHoursNs: startNs + Math.floor(preMarketNs / 10),
    marketOpenNs,
    marketCloseNs,
    systemCloseNs,
    endOfMessagesNs: systemCloseNs + Math.floor(postMarketNs / 10),
  });
}

/** @throws TickerError `ITCH_BAD_SCHEDULE` */
export function checkSchedule(schedule: DaySchedule): DaySchedule {
  const names = [
    'startOfMessagesNs',
    'systemHoursNs',
    'marketOpenNs',
    'marketCloseNs',
    'systemCloseNs',
    'endOfMessagesNs',
  ] as const;
  let earlier = 0;
  for (const name of names) {
    const ns = schedule[name];
    if (!Number.isSafeInteger(ns) || ns < earlier || ns >= DAY) {
      throw new TickerError('ITCH_BAD_SCHEDULE', `expected ${name} from ${earlier} to ${DAY - 1}, got ${ns}`);
    }
    earlier = ns;
  }
  return schedule;
}

/** Things to be done at set times, in the order of time and, at one time, of their entry. */
export class Agenda<T> {
  private readonly entries: { readonly ns: number; readonly entry: T }[] = [];

  /** When the next entry is due; infinity when there is none. */
  get nextNs(): number {
    return this.entries[this.entries.length - 1]?.ns ?? Number.POSITIVE_INFINITY;
  }

  enter(ns: number, entry: T): void {
    // The next one lies last; behind all that are due at the same time comes the new one.
    let low = 0;
    let high = this.entries.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.entries[middle]!.ns > ns) low = middle + 1;
      else high = middle;
    }
    this.entries.splice(low, 0, { ns, entry });
  }

  take(): T | undefined {
    return this.entries.pop()?.entry;
  }
}
