import { type ChildProcess, fork } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { TickerError } from '@tickerplant/core';
import { DATA_PATH_FLAGS } from '../node-flags.ts';
import { readableLog } from '../readable-log.ts';
import { RestartPolicy } from './restart-policy.ts';

const MAIN = fileURLToPath(new URL('../main.js', import.meta.url));
const READY_MS = 60_000;
const STOP_MS = 5_000;
/** What a crash report shows of the log. */
const LOG_LINES = 12;
const SAMPLE_MS = 1_000;

export interface SupervisedOptions {
  /** `plant/p1` */
  readonly name: string;
  /** Of the `ticker` command. */
  readonly args: readonly string[];
  readonly onLog: (line: string) => void;
  /** What the supervisor has to say. */
  readonly say: (text: string) => void;
  /** Too many ends in too little time: it will not be started again. */
  readonly onGivenUp: () => void;
}

/** What a process used, as last seen. */
interface Use {
  readonly rssMb: number;
  readonly cpuS: number;
}

/** One process of a floor: started, watched, and started again when it ends by itself. */
export class Supervised {
  readonly name: string;
  readonly #options: SupervisedOptions;
  readonly #policy = new RestartPolicy();
  readonly #lines: string[] = [];
  #child: ChildProcess | undefined;
  #startedMs = 0;
  #use: Use | undefined;
  #sampler: NodeJS.Timeout | undefined;
  #again: NodeJS.Timeout | undefined;
  #stopping = false;
  restarts = 0;

  constructor(options: SupervisedOptions) {
    this.name = options.name;
    this.#options = options;
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** Starts it for the first time. @throws TickerError `TOOLS_NOT_READY`: it did not come up; it isn't tried again. */
  async start(): Promise<void> {
    const child = this.#fork();
    await ready(child, this.name);
    this.#watch(child);
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    clearTimeout(this.#again);
    clearInterval(this.#sampler);
    const child = this.#child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    child.kill('SIGTERM');
    const timer = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
    await gone;
    clearTimeout(timer);
  }

  #fork(): ChildProcess {
    const child = fork(MAIN, this.#options.args, {
      silent: true,
      detached: true,
      execArgv: [...process.execArgv, ...DATA_PATH_FLAGS],
    });
    this.#child = child;
    this.#startedMs = performance.now();
    this.#use = undefined;
    for (const stream of [child.stdout!, child.stderr!]) {
      createInterface({ input: stream }).on('line', (line) => {
        this.#lines.push(line);
        if (this.#lines.length > LOG_LINES) this.#lines.shift();
        this.#options.onLog(line);
      });
    }
    clearInterval(this.#sampler);
    this.#sampler = setInterval(() => {
      this.#use = useOf(child.pid) ?? this.#use;
    }, SAMPLE_MS);
    this.#sampler.unref();
    return child;
  }

  /** From here on its end is not the end. */
  #watch(child: ChildProcess): void {
    const ended = (code: number | null, signal: NodeJS.Signals | null): void => {
      if (this.#stopping) return;
      const ranMs = performance.now() - this.#startedMs;
      // One that ends well was told to.
      if (code === 0) this.#options.say(`${this.name} has ended cleanly, and is started again`);
      else this.#report(signal ?? `code ${code}`, ranMs);
      this.#restart(ranMs);
    };
    if (child.exitCode !== null || child.signalCode !== null) ended(child.exitCode, child.signalCode);
    else child.once('exit', ended);
  }

  #report(cause: string, ranMs: number): void {
    const { say } = this.#options;
    const use =
      this.#use === undefined ? '' : `, ${this.#use.cpuS.toFixed(1)} s of processor time, ${this.#use.rssMb} MB`;
    say(`${this.name} ended by itself (${cause}) after ${(ranMs / 1000).toFixed(1)} s${use}; its last words:`);
    for (const line of this.#lines) say(`  ${readableLog(line)}`);
  }

  #restart(ranMs: number): void {
    const { say, onGivenUp } = this.#options;
    const decision = this.#policy.ended(performance.now(), ranMs);
    if (decision.kind === 'give-up') {
      say(`${this.name} ends again and again: GIVEN UP, it is not started any more`);
      onGivenUp();
      return;
    }
    this.#again = setTimeout(() => {
      this.restarts++;
      const child = this.#fork();
      this.#watch(child);
      child.once('message', () => say(`${this.name} is up again (process ${child.pid})`));
    }, decision.afterMs);
  }
}

function ready(child: ChildProcess, name: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const failed = (why: string): void =>
      reject(new TickerError('TOOLS_NOT_READY', `expected ${name} to be ready, ${why}`));
    const timer = setTimeout(() => failed(`it was not within ${READY_MS / 1000} s`), READY_MS);
    child.once('message', () => {
      clearTimeout(timer);
      resolve();
    });
    child.once('exit', (code, signal) => {
      clearTimeout(timer);
      failed(`it ended by itself (${signal ?? `code ${code}`})`);
    });
  });
}

/** Memory and processor time of a process; undefined where the system doesn't tell, or it is gone. */
function useOf(pid: number | undefined): Use | undefined {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ');
    const ticks = Number(fields[11]) + Number(fields[12]);
    return { rssMb: Math.round((Number(fields[21]) * 4096) / 2 ** 20), cpuS: ticks / 100 };
  } catch {
    return undefined;
  }
}
