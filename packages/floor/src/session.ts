import { formatDay, parseDay, TickerError } from '@tickerplant/core';

// A MoldUDP64 session is 10 characters. Ours say which channel, which trading day and which epoch:
//
//     0 A 1 7 0 7 1 0 0 1
//     └┬┘ └────┬────┘ └┬┘
//   channel  YYMMDD  epoch     channel and epoch in base 36, upper case
//
// Names of one channel and day therefore sort by epoch.

const TWO_DIGITS_MAX = 36 * 36 - 1;

/** The last epoch of a channel and day. */
export const EPOCH_MAX: number = TWO_DIGITS_MAX;

/** What a session name says. */
export interface SessionParts {
  /** 1 to 1295. */
  readonly channelId: number;
  /** Trading day, in days since 1970-01-01; from 2000 to 2099. */
  readonly day: number;
  /** 0 to 1295; a receiver never goes back to a lower one. */
  readonly epoch: number;
}

function base36(what: string, value: number, least: number): string {
  if (!Number.isInteger(value) || value < least || value > TWO_DIGITS_MAX) {
    throw new TickerError('FLOOR_BAD_SESSION', `expected a ${what} from ${least} to ${TWO_DIGITS_MAX}, got ${value}`);
  }
  return value.toString(36).toUpperCase().padStart(2, '0');
}

/**
 * The 10-character session of a channel.
 *
 * @param channelId 1 to 1295.
 * @param day days since 1970-01-01; years 2000 to 2099.
 * @param epoch 0 to 1295.
 * @throws TickerError `FLOOR_BAD_SESSION`
 */
export function sessionName(channelId: number, day: number, epoch: number): string {
  const date = Number.isInteger(day) && day >= 10_957 && day < 47_482 ? formatDay(day) : undefined;
  if (date === undefined) {
    throw new TickerError('FLOOR_BAD_SESSION', `expected a day in the years 2000 to 2099, got day ${day} of 1970`);
  }
  return base36('channel id', channelId, 1) + date.slice(2).replaceAll('-', '') + base36('epoch', epoch, 0);
}

/** Reads a session name back; undefined for a session that is not one of ours. */
export function parseSession(text: string): SessionParts | undefined {
  const parts = /^([0-9A-Z]{2})(\d\d)(\d\d)(\d\d)([0-9A-Z]{2})$/.exec(text);
  if (parts === null) return undefined;
  const channelId = Number.parseInt(parts[1]!, 36);
  if (channelId === 0) return undefined;
  try {
    const day = parseDay(`20${parts[2]!}-${parts[3]!}-${parts[4]!}`);
    return { channelId, day, epoch: Number.parseInt(parts[5]!, 36) };
  } catch {
    return undefined;
  }
}
