import { createMessageFile } from '@tickerplant/capture';
import { MarketSimulator } from '@tickerplant/feed-itch';
import { nowNs } from '../clock.ts';
import { serveRole } from '../role.ts';

/** Which simulated day to write. */
export interface ItchFileOptions {
  readonly path: string;
  readonly symbols: number;
  readonly messages: number;
}

/** Writes files of ITCH messages with the simulator. */
export interface ItchWriterRole {
  write(options: ItchFileOptions): Promise<{ messages: number; bytes: number; seconds: number }>;
}

const BATCH = 50_000;

const commands: ItchWriterRole = {
  async write({ path, symbols, messages }) {
    const startedNs = nowNs();
    const file = await createMessageFile(path, { queueBytesMax: 64 << 20 });
    const simulator = new MarketSimulator({ seed: 1, symbols, messages }, (bytes, start, length) => {
      file.write(bytes, start, start + length);
    });
    while (!simulator.finished) {
      simulator.run(BATCH);
      await file.room();
      await new Promise((resolve) => setImmediate(resolve));
    }
    await file.endSession();
    await file.close();
    if (file.refused > 0) throw new Error(`expected the disk to keep up, ${file.refused} messages were refused`);
    return { messages: file.messages, bytes: file.bytes, seconds: (nowNs() - startedNs) / 1e9 };
  },
};

serveRole(commands);
