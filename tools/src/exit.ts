import { TickerError } from '@tickerplant/core';

/** It could not. */
export const EXIT_FAILED = 1;
/** It was asked for something that makes no sense: bad options, a faulty floor file. */
export const EXIT_USAGE = 2;
/** Nobody reads what it says: what a shell makes of SIGPIPE. */
export const EXIT_UNREAD = 141;

const USAGE_CODES =
  /^(FLOOR_|TOOLS_|RECORDS_BAD_PATTERN|RECORDS_BAD_DICTIONARY|CORE_BAD_DATE|SHRED_INVALID|SHRED_UNKNOWN|VERSIONS_BAD|VERSIONS_TAKEN|VERSIONS_UNKNOWN)/;

/** The exit code for an error that ended a command. */
export function exitCodeOf(error: unknown): number {
  return error instanceof TickerError && USAGE_CODES.test(error.code) ? EXIT_USAGE : EXIT_FAILED;
}
