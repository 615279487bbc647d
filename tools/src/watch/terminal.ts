import type { ReadStream, WriteStream } from 'node:tty';

const ENTER = '\x1b[?1049h\x1b[?25l\x1b[?7l\x1b[2J';
const LEAVE = '\x1b[?7h\x1b[?25h\x1b[?1049l';
/** Terminals that know it show a frame at once; others ignore it. */
const FRAME_BEGIN = '\x1b[?2026h';
const FRAME_END = '\x1b[?2026l';

/** What must be written to turn one screen into another: the lines that differ. */
export function difference(before: readonly string[], after: readonly string[]): string {
  let text = '';
  for (let i = 0; i < after.length; i++) {
    if (after[i] !== before[i]) text += `\x1b[${i + 1};1H${after[i]}\x1b[K`;
  }
  return text === '' ? '' : FRAME_BEGIN + text + FRAME_END;
}

/** The terminal as a screen that is repainted in place. It is given back as it was, whatever ends the process. */
export class Terminal {
  private readonly input: ReadStream;
  private readonly output: WriteStream;
  private shown: readonly string[] = [];
  private isOpen = true;
  private readonly restore = (): void => this.close();

  /** @param onKeys what the user types @param onResize the screen has another size */
  constructor(input: ReadStream, output: WriteStream, onKeys: (text: string) => void, onResize: () => void) {
    this.input = input;
    this.output = output;
    output.write(ENTER);
    process.on('exit', this.restore);
    // Before the error is printed, so that it stays to be read.
    process.on('uncaughtExceptionMonitor', this.restore);
    output.on('resize', () => {
      this.shown = [];
      if (this.isOpen) output.write('\x1b[2J');
      onResize();
    });
    if (!input.isTTY) return;
    input.setRawMode(true);
    input.setEncoding('utf8');
    input.on('data', (text: string) => onKeys(text));
    input.resume();
  }

  get width(): number {
    return this.output.columns || 80;
  }

  get height(): number {
    return this.output.rows || 24;
  }

  /** Whether it hasn't taken the last frame yet (a slow line): leave this one out. */
  get congested(): boolean {
    return this.output.writableNeedDrain;
  }

  show(lines: readonly string[]): void {
    const text = difference(this.shown, lines);
    this.shown = lines;
    if (text !== '' && this.isOpen) this.output.write(text);
  }

  /** Gives the terminal back. */
  close(): void {
    if (!this.isOpen) return;
    this.isOpen = false;
    process.off('exit', this.restore);
    process.off('uncaughtExceptionMonitor', this.restore);
    if (this.input.isTTY) {
      this.input.setRawMode(false);
      this.input.pause();
    }
    this.output.write(LEAVE);
  }
}
