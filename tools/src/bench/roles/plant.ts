import { createLogger } from '@tickerplant/telemetry';
import { type PlantProcess, startPlant } from '@tickerplant/tickerplant';
import { readBenchFloor } from '../bench-floor.ts';
import { serveRole } from '../role.ts';

/** What a plant has seen. */
export interface PlantReport {
  /** Over all channels. */
  readonly messages: number;
  readonly packets: number;
  /** Messages that had to be asked for and came; and that never came. */
  readonly repaired: number;
  readonly lost: number;
  readonly items: number;
  /** By channel: the number that comes next. */
  readonly next: readonly number[];
}

/** A ticker plant, as `ticker plant` runs it. */
export interface PlantRole {
  open(options: { floor: string }): Promise<void>;
  report(): PlantReport;
  close(): Promise<void>;
}

let running: PlantProcess;

const commands: PlantRole = {
  async open({ floor }) {
    running = await startPlant(readBenchFloor(floor), 'p1', { logger: createLogger('plant', 'warn') });
  },

  report() {
    const { channels } = running.plant;
    const sum = (of: (channel: (typeof channels)[number]) => number): number =>
      channels.reduce((total, channel) => total + of(channel), 0);
    return {
      messages: sum(({ counters }) => counters.messages),
      packets: sum(({ counters }) => counters.forwarded + counters.reframed),
      repaired: sum(({ receiver }) => receiver.counters.recovered),
      lost: sum(({ counters }) => counters.lost),
      items: sum(({ values }) => values.itemCount),
      next: channels.map((channel) => channel.next),
    };
  },

  close: () => running.close(),
};

serveRole(commands);
