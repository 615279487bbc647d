import { errorMessage } from '@tickerplant/core';
import type { Logger } from '@tickerplant/telemetry';
import { ServiceManager } from './service-manager.ts';

/** Something that runs until it is told to stop. */
export interface Running {
  /** Heartbeats so far, where it sends any. */
  readonly beats?: number;
  close(): Promise<void>;
}

/**
 * Runs a server process: starts it, tells a parent and a service manager (if any) that it is ready, and stops it cleanly
 * on SIGINT, SIGTERM, when the parent goes away, or when what runs says so itself.
 *
 * @param start gets a function that stops it all.
 * @throws what `start` throws.
 */
export async function runUntilStopped(logger: Logger, start: (end: () => void) => Promise<Running>): Promise<void> {
  let end: () => void = () => undefined;
  const told = new Promise<string>((resolve) => {
    end = () => resolve('told to end');
  });
  const manager = ServiceManager.of(process.env, (why) => logger.warn({ code: 'TOOLS_NOT_NOTIFIED' }, why));
  const running = await start(end);
  manager?.ready(() => running.beats);
  process.send?.({ ready: true });
  const signalled = new Promise<string>((resolve) => {
    for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(name, () => resolve(name));
    if (process.send !== undefined) process.once('disconnect', () => resolve('end of the parent process'));
  });
  logger.info({ signal: await Promise.race([signalled, told]) }, 'stopping');
  manager?.stopping();
  try {
    await running.close();
  } catch (error) {
    logger.error({}, errorMessage(error));
    process.exitCode = 1;
  }
  // An open IPC channel would keep the process alive.
  if (process.connected) process.disconnect();
}
