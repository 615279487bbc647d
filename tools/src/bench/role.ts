import { errorMessage } from '@tickerplant/core';

/** A command of a role: one argument, one result, both plain data. */
// biome-ignore lint/suspicious/noExplicitAny: commands of different roles have nothing in common
export type Command = (argument: any) => unknown;

/** The processor time and memory that a role has used. */
export interface Usage {
  /** Since its start. */
  readonly cpuMs: number;
  readonly rssBytes: number;
  readonly heapBytes: number;
  /** Typed arrays and buffers. */
  readonly buffersBytes: number;
}

interface Request {
  readonly id: number;
  readonly command: string;
  readonly argument: unknown;
}

export interface Response {
  readonly id: number;
  readonly result?: unknown;
  readonly error?: string;
}

/** The command that every role has besides its own. */
export const USAGE = 'usage';

function usage(): Usage {
  // After a collection, where the role was started with --expose-gc.
  globalThis.gc?.();
  globalThis.gc?.();
  const { user, system } = process.cpuUsage();
  const { rss, heapUsed, arrayBuffers } = process.memoryUsage();
  return { cpuMs: (user + system) / 1000, rssBytes: rss, heapBytes: heapUsed, buffersBytes: arrayBuffers };
}

/** Makes this process a role: does what the runner asks, until the runner lets go of it. */
export function serveRole<C extends { readonly [K in keyof C]: Command }>(commands: C): void {
  const all: Readonly<Record<string, Command>> = { ...commands, [USAGE]: usage };
  process.on('message', ({ id, command, argument }: Request) => {
    void answer(id, () => all[command]!(argument));
  });
  process.on('disconnect', () => process.exit());
  process.send!({ ready: true });
}

async function answer(id: number, work: () => unknown): Promise<void> {
  let response: Response;
  try {
    response = { id, result: await work() };
  } catch (error) {
    response = { id, error: errorMessage(error) };
  }
  if (process.connected) process.send!(response);
}
