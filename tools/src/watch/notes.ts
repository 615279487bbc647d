import type { Logger } from '@tickerplant/telemetry';

const NOTE_MS = 10_000;

/** The client's warnings and what happens to the floor, for the footer: a log would spoil the screen. */
export class Notes {
  readonly logger: Logger;
  private text = '';
  private atMs = 0;

  constructor() {
    const quiet = (): void => {};
    const note = (context: unknown, message?: string): void => {
      const { error } = context as { error?: string };
      this.say([message, error].filter((part) => part !== undefined).join(': '));
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

  say(text: string): void {
    this.text = text;
    this.atMs = Date.now();
  }

  /** The last one, for ten seconds; else empty. */
  current(nowMs: number): string {
    return nowMs - this.atMs < NOTE_MS ? this.text : '';
  }
}
