import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, type WriteStream } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { TickerError } from '@tickerplant/core';
import { DATA_PATH_FLAGS, launchedBy } from '../node-flags.ts';
import { prefer, unprefer } from '../priority.ts';

const MAIN = fileURLToPath(new URL('../main.js', import.meta.url));
/** A machine that other tests use as well is slow to start seven processes. */
const READY_MS = 60_000;
const STOP_MS = 5_000;

/** The processes of a floor that is drilled on: started, killed and started again at will. */
export class Fleet {
  readonly #children = new Map<string, ChildProcess>();
  readonly #logs: WriteStream;
  readonly #execArgv: readonly string[];
  readonly #env: NodeJS.ProcessEnv;

  /**
   * @param logs file for what the processes log.
   * @param execArgv further options of node.
   */
  constructor(logs: string, execArgv: readonly string[], env: NodeJS.ProcessEnv) {
    this.#logs = createWriteStream(logs);
    this.#execArgv = execArgv;
    this.#env = env;
    process.on('exit', () => {
      for (const child of this.#children.values()) child.kill('SIGKILL');
    });
  }

  /**
   * Starts `ticker ARGS` under a name, and waits until it says that it is ready.
   *
   * @param launcher what the command line begins with, as `ip netns exec NAME`; empty: nothing.
   * @throws TickerError `DRILL_NOT_READY`
   */
  async start(name: string, args: readonly string[], launcher: readonly string[]): Promise<void> {
    const child = fork(MAIN, args, {
      ...launchedBy(launcher, [...DATA_PATH_FLAGS, ...this.#execArgv]),
      env: { ...process.env, ...this.#env },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      detached: true,
    });
    this.#children.set(name, child);
    for (const stream of [child.stdout!, child.stderr!]) stream.on('data', (piece: Buffer) => this.#logs.write(piece));
    const ended = once(child, 'exit').then(([code, signal]) => {
      throw new TickerError('DRILL_NOT_READY', `expected ${name} to be ready, it ended (${String(signal ?? code)})`);
    });
    const late = new AbortController();
    const timer = setTimeout(() => {
      late.abort(new TickerError('DRILL_NOT_READY', `expected ${name} to be ready within ${READY_MS / 1000} s`));
    }, READY_MS);
    try {
      await Promise.race([once(child, 'message', { signal: late.signal }), ended]);
    } catch (error) {
      throw late.signal.aborted ? late.signal.reason : error;
    } finally {
      clearTimeout(timer);
      ended.catch(() => undefined);
    }
  }

  /**
   * Lets a process go before others. On a real floor each has a core of its own; where they share two, one that starts would
   * hold up those that work.
   */
  prefer(name: string): void {
    const pid = this.#children.get(name)?.pid;
    if (pid !== undefined) prefer(pid);
  }

  /** Makes it one like any other again. */
  unprefer(name: string): void {
    const pid = this.#children.get(name)?.pid;
    if (pid !== undefined) unprefer(pid);
  }

  /** Sends a signal; does not wait. */
  signal(name: string, signal: NodeJS.Signals): void {
    this.#children.get(name)!.kill(signal);
  }

  /** Ends a process by a signal, and waits until it is gone. */
  async end(name: string, signal: NodeJS.Signals): Promise<void> {
    const child = this.#children.get(name);
    if (child === undefined) return;
    this.#children.delete(name);
    if (child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill(signal);
    const timer = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
    await gone;
    clearTimeout(timer);
  }

  /** Ends everything. */
  async close(): Promise<void> {
    await Promise.all([...this.#children.keys()].map((name) => this.end(name, 'SIGTERM')));
    this.#logs.end();
  }
}
