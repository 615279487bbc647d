/** What ends a command that runs until something happens: a signal, a count, a time, an error. The first counts. */
export class Ending {
  /** Resolves with the exit code, or rejects with the error. */
  readonly reached: Promise<number>;
  private resolve: (code: number) => void = () => {};
  private reject: (error: unknown) => void = () => {};
  private isReached = false;
  private readonly timers: NodeJS.Timeout[] = [];

  constructor() {
    this.reached = new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
    this.reached.catch(() => {});
    for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(name, () => this.end(0));
    if (process.send !== undefined) process.once('disconnect', () => this.end(0));
  }

  get isOver(): boolean {
    return this.isReached;
  }

  end(code: number): void {
    this.over();
    this.resolve(code);
  }

  fail(error: unknown): void {
    this.over();
    this.reject(error);
  }

  /** Does something after some time, unless the end comes before. */
  after(ms: number, what: () => void): void {
    if (!this.isReached) this.timers.push(setTimeout(what, ms));
  }

  private over(): void {
    this.isReached = true;
    for (const timer of this.timers.splice(0)) clearTimeout(timer);
  }
}
