import { type ErrorContext, TickerError } from '@tickerplant/core';
import type { CounterRegistry } from '@tickerplant/telemetry';

/** What to do with a packet of another session. */
export type SessionDecision = 'switch' | 'ignore';

/**
 * Judges a session that is not the current one. Asked for the first session too. Sessions left behind are
 * never asked about again: they are ignored.
 *
 * @param current undefined before the first.
 * @param ended whether the current session has come to its end.
 */
export type SessionPolicy = (current: string | undefined, incoming: string, ended: boolean) => SessionDecision;

/** How a `SequencedReceiver` behaves. All times in ns. */
export interface ReceiverOptions {
  /** Names of the lines; `packet(0, …)` is the first. */
  readonly lines: readonly string[];
  /** Index of the line on which answers to requests arrive; its missed numbers are not counted. Left out: any line. */
  readonly repairLine?: number;
  /** Number to begin at: that of the first packet seen, or one that is given. @default 'first-seen' */
  readonly start?: 'first-seen' | number;
  /** Number to begin at after a switch of session. @default 1: what was missed of it is asked for. */
  readonly newSessionStart?: 'first-seen' | number;
  /** @default the first session seen; another once that has ended */
  readonly sessionPolicy?: SessionPolicy;
  /** Most packets to hold while something before them is missing. @default 65536 */
  readonly reorderPacketsMax?: number;
  /**
   * Most bytes to hold them in, at least 65536; a packet of an ordinary network takes 2 KiB. What comes while the window
   * is full is dropped and must be asked for as well, so it should hold what comes while a loss is repaired.
   * @default 8 MiB
   */
  readonly reorderBytesMax?: number;
  /** How long to wait for another line, or for packets out of order, before asking. @default 1 ms */
  readonly gapWaitNs?: number;
  /** How long to wait for an answer before asking again; up to 16 times as long while answers come late. @default 50 ms */
  readonly requestTimeoutNs?: number;
  /** How often to ask for the same numbers; 0: never ask. @default 5 */
  readonly requestAttemptsMax?: number;
  /** Most messages to ask for at once, up to 65534. @default 64, about what one packet holds */
  readonly requestMessagesMax?: number;
  /** Most requests to have unanswered. @default 64 */
  readonly requestsInFlightMax?: number;
  /**
   * Whether an answer is one packet, as with MoldUDP64, so that what it leaves open is asked for at once; or may
   * be several (IEX-TP), so that each renews the wait. @default true
   */
  readonly singlePacketAnswers?: boolean;
  /**
   * Who can be asked: the names that `packet` is given with their answers. Numbers before the lowest that any of them has (each says so
   * with a heartbeat on the repair line, once it is asked for older ones) are lost at once. @default one without a name
   */
  readonly answerers?: () => readonly string[];
  /** How long a gap may hold up delivery before it is given up. @default 2 s */
  readonly lostAfterNs?: number;
  /** A number further ahead than this must be confirmed by a second packet before it is believed. @default 2^24 */
  readonly jumpMessagesMax?: number;
  /** Keeps bad packets. */
  readonly quarantine?: (code: string, message: string, bytes: Uint8Array, context: ErrorContext) => void;
  /** Where the counters are to be listed. */
  readonly registry?: CounterRegistry;
  /** Labels for the counters, besides `line`. */
  readonly labels?: Readonly<Record<string, string>>;
}

type Filled = Required<Omit<ReceiverOptions, 'lines' | 'repairLine' | 'quarantine' | 'registry' | 'labels'>>;

const MS = 1_000_000;

export const RECEIVER_DEFAULTS: Readonly<Filled> = {
  start: 'first-seen',
  newSessionStart: 1,
  sessionPolicy: (current, _incoming, ended) => (current === undefined || ended ? 'switch' : 'ignore'),
  reorderPacketsMax: 65_536,
  reorderBytesMax: 8 * 1024 * 1024,
  gapWaitNs: 1 * MS,
  requestTimeoutNs: 50 * MS,
  requestAttemptsMax: 5,
  requestMessagesMax: 64,
  requestsInFlightMax: 64,
  singlePacketAnswers: true,
  answerers: () => [''],
  lostAfterNs: 2_000 * MS,
  jumpMessagesMax: 2 ** 24,
};

const RANGES: readonly (readonly [name: keyof Filled, least: number, most: number])[] = [
  ['start', 0, Number.MAX_SAFE_INTEGER],
  ['newSessionStart', 0, Number.MAX_SAFE_INTEGER],
  ['reorderPacketsMax', 1, 2 ** 24],
  ['reorderBytesMax', 65_536, 2 ** 40],
  ['gapWaitNs', 0, Number.MAX_SAFE_INTEGER],
  ['requestTimeoutNs', 1, Number.MAX_SAFE_INTEGER],
  ['requestAttemptsMax', 0, Number.MAX_SAFE_INTEGER],
  ['requestMessagesMax', 1, 65_534],
  ['requestsInFlightMax', 1, Number.MAX_SAFE_INTEGER],
  ['lostAfterNs', 0, Number.MAX_SAFE_INTEGER],
  ['jumpMessagesMax', 1, Number.MAX_SAFE_INTEGER],
];

/** The options with defaults for those left out. @throws TickerError `SEQUENCE_BAD_OPTION` */
export function fillOptions(options: ReceiverOptions): ReceiverOptions & Filled {
  const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
  const filled = { ...RECEIVER_DEFAULTS, ...given } as ReceiverOptions & Filled;
  for (const [name, least, most] of RANGES) {
    const value = filled[name];
    if (value === 'first-seen') continue;
    if (!Number.isInteger(value) || (value as number) < least || (value as number) > most) {
      const expected = `a whole number from ${least} to ${most}`;
      throw new TickerError('SEQUENCE_BAD_OPTION', `expected ${name} to be ${expected}, got ${String(value)}`);
    }
  }
  const { repairLine, lines } = filled;
  if (lines.length === 0) throw new TickerError('SEQUENCE_BAD_OPTION', 'expected at least one line, got none');
  if (repairLine !== undefined && lines[repairLine] === undefined) {
    throw new TickerError(
      'SEQUENCE_BAD_OPTION',
      `expected repairLine to be the index of one of ${lines.length} lines, got ${repairLine}`,
    );
  }
  return filled;
}
