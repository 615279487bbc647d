import { once } from 'node:events';

/** Standard output, in lines, with regard for a slow reader: `await` the write when it says so. */
export class LineOutput {
  #buffer: string[] = [];
  #size = 0;
  #closed = false;

  constructor() {
    // A reader that has seen enough (`| head`) closes the pipe: that is no failure of ours.
    process.stdout.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error;
      this.#closed = true;
    });
  }

  /** Whether nobody reads any more. */
  get closed(): boolean {
    return this.#closed;
  }

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
    if (process.stdout.writableNeedDrain && !this.#closed) await once(process.stdout, 'drain');
  }

  #write(): void {
    if (this.#size === 0 || this.#closed) return;
    process.stdout.write(`${this.#buffer.join('\n')}\n`);
    this.#buffer = [];
    this.#size = 0;
  }
}
