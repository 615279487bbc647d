import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** The repository's root. */
const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const TICKER = fileURLToPath(new URL('../../../tools/bin/ticker.mjs', import.meta.url));

/** Bound of every wait for a process: well above what a busy machine takes, for how long it takes is not what is tested. */
export const WAIT_MS = 120_000;

export interface Finished {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `ticker` with arguments to its end. */
export function ticker(...args: string[]): Promise<Finished> {
  return new Promise((resolve) => {
    execFile(process.execPath, [TICKER, ...args], { cwd: ROOT, maxBuffer: 1 << 30 }, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === 'number' ? error.code : -1;
      resolve({ code, stdout, stderr });
    });
  });
}

/** A `ticker` process that runs until it is stopped. */
export class RunningTicker {
  readonly child: ChildProcess;
  stdout = '';
  stderr = '';
  readonly exited: Promise<number | null>;

  constructor(...args: string[]) {
    this.child = spawn(process.execPath, [TICKER, ...args], { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] });
    this.child.stdout!.on('data', (piece: Buffer) => {
      this.stdout += piece.toString();
    });
    this.child.stderr!.on('data', (piece: Buffer) => {
      this.stderr += piece.toString();
    });
    this.exited = new Promise((resolve) => this.child.once('exit', (code) => resolve(code)));
  }

  /** Resolves when the condition holds; rejects, with what was printed, after `ms` or when the process ends. */
  async until(condition: () => boolean, what: string, ms: number = WAIT_MS): Promise<void> {
    const deadline = Date.now() + ms;
    while (!condition()) {
      if (Date.now() > deadline || this.child.exitCode !== null) {
        throw new Error(`expected ${what}\nstdout:\n${this.stdout.slice(-4000)}\nstderr:\n${this.stderr.slice(-4000)}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  /** Asks it to stop and waits. @returns its exit code. */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<number | null> {
    if (this.child.exitCode === null && this.child.signalCode === null) this.child.kill(signal);
    return this.exited;
  }
}
