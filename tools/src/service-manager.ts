import { type ChildProcess, spawn } from 'node:child_process';

/**
 * Hands each line on to systemd. A process of its own, started while this one is still small: node has no Unix
 * datagram sockets, and a process of some gigabytes that forks stands still for too long. It knows nothing of the time:
 * when nothing is written, nothing is said.
 */
const HELPER = 'while read -r state; do systemd-notify "$state" || exit; done';
/** Of the watchdog's interval: systemd wants to hear something more often than once in half of it. */
const SHARE = 3;

/**
 * Tells systemd how this process is, where systemd has asked for it (`Type=notify`, `WatchdogSec=`, `NotifyAccess=all`).
 * That the process is alive is said by its main loop and no one else, and only while its heartbeats go on: one that is
 * stuck falls silent, and is killed and started anew.
 */
export class ServiceManager {
  readonly #watchdogMs: number | undefined;
  readonly #helper: ChildProcess;
  #timer: NodeJS.Timeout | undefined;
  #gone = false;

  private constructor(watchdogMs: number | undefined, onTrouble: (why: string) => void) {
    this.#watchdogMs = watchdogMs;
    this.#helper = spawn('/bin/sh', ['-c', HELPER], { stdio: ['pipe', 'ignore', 'pipe'] });
    let said = '';
    const failed = (why: string): void => {
      if (this.#gone) return;
      this.#gone = true;
      clearInterval(this.#timer);
      onTrouble(`expected systemd-notify to pass on how this process is: ${why}`);
    };
    this.#helper.stderr!.on('data', (piece: Buffer) => {
      said = (said + piece.toString()).slice(-200);
    });
    this.#helper.on('error', (error) => failed(error.message));
    this.#helper.on('close', (code, signal) => failed(`it ended (${signal ?? code}) ${said.trim()}`));
    this.#helper.stdin!.on('error', (error) => failed(error.message));
    // It is not to keep the process alive.
    this.#helper.unref();
    for (const stream of [this.#helper.stdin!, this.#helper.stderr!]) (stream as unknown as { unref(): void }).unref();
  }

  /**
   * The service manager that has started this process; undefined: none has.
   *
   * @param onTrouble told once when it can't be reached; nothing is said from then on.
   */
  static of(env: NodeJS.ProcessEnv, onTrouble: (why: string) => void): ServiceManager | undefined {
    if (env.NOTIFY_SOCKET === undefined) return undefined;
    const intervalUs = Number(env.WATCHDOG_USEC ?? 0);
    const meant = env.WATCHDOG_PID === undefined || Number(env.WATCHDOG_PID) === process.pid;
    return new ServiceManager(meant && intervalUs > 0 ? intervalUs / 1_000 : undefined, onTrouble);
  }

  /** The process is up. @param beats its heartbeats so far; undefined where it sends none. */
  ready(beats: () => number | undefined): void {
    this.#say('READY=1');
    if (this.#watchdogMs === undefined || this.#gone) return;
    let before = beats();
    this.#timer = setInterval(() => {
      const now = beats();
      if (now === undefined || now !== before) this.#say('WATCHDOG=1');
      before = now;
    }, this.#watchdogMs / SHARE);
    this.#timer.unref();
  }

  /** The process is about to end. */
  stopping(): void {
    clearInterval(this.#timer);
    this.#say('STOPPING=1');
    this.#gone = true;
    this.#helper.stdin!.end();
  }

  #say(state: string): void {
    if (!this.#gone) this.#helper.stdin!.write(`${state}\n`);
  }
}
