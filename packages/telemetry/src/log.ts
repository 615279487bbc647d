import { pino } from 'pino';

/** The part of pino that the suite uses. Fields first, then the sentence: `log.warn({ line }, 'line is silent')`. */
export type Logger = Pick<pino.Logger, 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'level'> & {
  child(bindings: Record<string, unknown>): Logger;
};

/**
 * A process's logger: JSON lines on standard error (standard output belongs to the command's own output).
 *
 * @param name the process's role and name, e.g. `plant/p1`.
 * @param level `TICKER_LOG` in the environment, else `info`.
 */
export function createLogger(name: string, level: string = process.env.TICKER_LOG ?? 'info'): Logger {
  return pino({ name, level, base: { name } }, pino.destination({ dest: 2, sync: true })) as Logger;
}
