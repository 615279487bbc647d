import { type ChildProcess, fork, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { TickerError } from '@tickerplant/core';
import { DATA_PATH_FLAGS, launchedBy } from '../node-flags.ts';
import { prefer } from '../priority.ts';
import { processMs } from './machine.ts';
import { type Command, type Response, USAGE, type Usage } from './role.ts';

const START_MS = 60_000;
const CALL_MS = 60_000;
const STOP_MS = 5_000;

interface Waiting {
  readonly resolve: (result: never) => void;
  readonly reject: (error: Error) => void;
  readonly timer: NodeJS.Timeout;
}

/** A process that plays a role; `C` are the commands of the role. */
export class Role<C extends { readonly [K in keyof C]: Command }> {
  readonly name: string;
  readonly #process: ChildProcess;
  readonly #waiting = new Map<number, Waiting>();
  #calls = 0;

  /** Use `Runner.start`. */
  constructor(name: string, child: ChildProcess) {
    this.name = name;
    this.#process = child;
    child.on('message', (response: Response) => this.#settle(response));
    child.on('exit', (code, signal) => this.#gone(`the process ended (${signal ?? code})`));
    child.on('error', (error) => this.#gone(error.message));
  }

  /** Has a command done, and waits for the result. @throws TickerError `BENCH_ROLE_FAILED` */
  call<K extends keyof C & string>(
    command: K,
    argument?: Parameters<C[K]>[0],
    timeoutMs: number = CALL_MS,
  ): Promise<Awaited<ReturnType<C[K]>>> {
    return this.#call(command, argument, timeoutMs);
  }

  /** What the process has used so far. */
  usage(): Promise<Usage> {
    return this.#call(USAGE, undefined, CALL_MS);
  }

  /** Lets the process run on these cores only, where the system has `taskset`. @param cores as `0` or `1-3` */
  pin(cores: string): void {
    spawnSync('taskset', ['--all-tasks', '--pid', '--cpu-list', cores, String(this.#process.pid)], { stdio: 'ignore' });
  }

  /** Lets the process go before others, where that is allowed. */
  prefer(): void {
    prefer(this.#process.pid!);
  }

  /** Lets go of the process, which ends it. @returns the processor time that it has used, ms */
  async stop(): Promise<number> {
    const child = this.#process;
    if (child.exitCode !== null || child.signalCode !== null) return 0;
    const usedMs = processMs(child.pid!);
    const ended = once(child, 'exit');
    const timer = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
    if (child.connected) child.disconnect();
    await ended;
    clearTimeout(timer);
    return usedMs;
  }

  /** Ends the process, whatever it is doing. */
  kill(): void {
    this.#process.kill('SIGKILL');
  }

  #call<R>(command: string, argument: unknown, timeoutMs: number): Promise<R> {
    return new Promise<R>((resolve, reject) => {
      const id = ++this.#calls;
      const timer = setTimeout(() => {
        this.#waiting.delete(id);
        reject(this.#failed(`expected '${command}' to be done within ${timeoutMs} ms`));
      }, timeoutMs);
      this.#waiting.set(id, { resolve, reject, timer });
      this.#process.send({ id, command, argument });
    });
  }

  #settle({ id, result, error }: Response): void {
    const waiting = this.#waiting.get(id);
    if (waiting === undefined) return;
    this.#waiting.delete(id);
    clearTimeout(waiting.timer);
    if (error === undefined) waiting.resolve(result as never);
    else waiting.reject(this.#failed(error));
  }

  #gone(why: string): void {
    for (const { reject, timer } of this.#waiting.values()) {
      clearTimeout(timer);
      reject(this.#failed(why));
    }
    this.#waiting.clear();
  }

  #failed(why: string): TickerError {
    return new TickerError('BENCH_ROLE_FAILED', why, { role: this.name });
  }
}

/** Gives one process a core of its own and the others the rest, as operators do; nothing on a single core. */
export function pinApart(alone: Role<never>, others: readonly Role<never>[]): void {
  const cores = availableParallelism();
  if (cores < 2) return;
  alone.pin('0');
  for (const role of others) role.pin(`1-${cores - 1}`);
}

/** Starts the processes of a benchmark, and sees that none is left over. */
export class Runner {
  readonly #execArgv: readonly string[];
  /** Processor time of the processes that have ended. */
  #usedMs = 0;
  readonly #roles = new Set<Role<Record<string, Command>>>();

  readonly #folder: URL;
  readonly #launcher: readonly string[];

  /**
   * @param execArgv options of node for all roles.
   * @param folder where the roles' scripts are.
   * @param launcher what their command lines begin with, as `ip netns exec NAME`.
   */
  constructor(
    execArgv: readonly string[] = [],
    folder: URL = new URL('./roles/', import.meta.url),
    launcher: readonly string[] = [],
  ) {
    this.#execArgv = execArgv;
    this.#folder = folder;
    this.#launcher = launcher;
    process.on('exit', () => this.#kill());
  }

  /** Starts the script `NAME.js` and waits until it serves. @throws TickerError `BENCH_ROLE_FAILED` */
  async start<C extends { readonly [K in keyof C]: Command }>(
    name: string,
    execArgv: readonly string[] = [],
  ): Promise<Role<C>> {
    const child = fork(fileURLToPath(new URL(`${name}.js`, this.#folder)), {
      serialization: 'advanced',
      ...launchedBy(this.#launcher, [
        ...(name === 'subscriber' ? [] : DATA_PATH_FLAGS),
        ...this.#execArgv,
        ...execArgv,
      ]),
      // Standard output is the command's own.
      stdio: ['ignore', 2, 2, 'ipc'],
    });
    const role = new Role<C>(name, child);
    this.#roles.add(role as never);
    child.once('exit', () => this.#roles.delete(role as never));
    const late = new AbortController();
    const timer = setTimeout(() => late.abort(), START_MS);
    const started = once(child, 'message', { signal: late.signal }).catch(() => {
      throw new TickerError('BENCH_ROLE_FAILED', `expected the process to be ready within ${START_MS / 1000} s`, {
        role: name,
      });
    });
    const ended = once(child, 'exit').then(() => {
      throw new TickerError('BENCH_ROLE_FAILED', 'the process ended before it was ready', { role: name });
    });
    ended.catch(() => {});
    try {
      await Promise.race([started, ended]);
    } finally {
      clearTimeout(timer);
    }
    return role;
  }

  /** Processor time of all processes that this runner has stopped, ms. */
  get usedMs(): number {
    return this.#usedMs;
  }

  /** Ends a process. */
  async stop<C extends { readonly [K in keyof C]: Command }>(role: Role<C>): Promise<void> {
    // In two steps: several are stopped at once, and `+=` would read the sum before it waits.
    const usedMs = await role.stop();
    this.#usedMs += usedMs;
  }

  /** Ends all processes that are still there. */
  async close(): Promise<void> {
    await Promise.all([...this.#roles].map((role) => this.stop(role)));
  }

  #kill(): void {
    for (const role of this.#roles) role.kill();
  }
}
