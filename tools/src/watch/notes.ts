import type { Logger } from '@tickerplant/telemetry';

const NOTE_MS = 10_000;

/** The client's warnings, for the footer: a log would spoil the screen. */
export class Notes {
  readonly logger: Logger;
  private text = '';
  private atMs = 0;

  constructor() {
    const quiet = (): void => {};
    const note = (context: unknown, message?: string): void => {
      const { error } = context as { error?: string };
      this.text = [message, error].filter((part) => part !== undefined).join(': ');
      this.atMs = Date.now();
    };
    const logger = {
      debug: quiet,
      info: quiet,
      warn: note,
      error: note,
      fatal: note,
      level: 'warn',
      child: () => logger,
    };
    this.logger = logger as unknown as Logger;
  }

  /** The last one, for ten seconds; else empty. */
  current(nowMs: number): string {
    return nowMs - this.atMs < NOTE_MS ? this.text : '';
  }
}
