import { once } from 'node:events';
import { errorMessage } from '@tickerplant/core';
import { EXIT_FAILED, EXIT_UNREAD } from './exit.ts';

/**
 * Ends the process when nobody reads its standard output any more (`| head`), without a word, as SIGPIPE does, which node ignores:
 * whatever of the command writes there.
 */
export function endWithReader(): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(EXIT_UNREAD);
    process.stderr.write(`ticker: standard output: ${errorMessage(error)}\n`);
    process.exit(EXIT_FAILED);
  });
}

/** Standard output, in lines, with regard for a slow reader: `await` the write when it says so. */
export class LineOutput {
  #buffer: string[] = [];
  #size = 0;

  /** Whether the reader is behind: `flush` before more is added. */
  get congested(): boolean {
    return process.stdout.writableNeedDrain;
  }

  /** Adds a line; it leaves with the next `flush` or when enough have come together. */
  line(text: string): void {
    this.#buffer.push(text);
    this.#size += text.length + 1;
    if (this.#size > 65_536) this.#write();
  }

  /** Writes what there is and waits until the reader has taken it. */
  async flush(): Promise<void> {
    this.#write();
    if (process.stdout.writableNeedDrain) await once(process.stdout, 'drain');
  }

  #write(): void {
    if (this.#size === 0) return;
    process.stdout.write(`${this.#buffer.join('\n')}\n`);
    this.#buffer = [];
    this.#size = 0;
  }
}
