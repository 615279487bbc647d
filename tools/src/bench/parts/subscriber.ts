import { type Client, connect } from '@tickerplant/client';
import { errorMessage } from '@tickerplant/core';
import { createLogger, LatencyHistogram, type LatencySummary } from '@tickerplant/telemetry';
import { LOOPBACK, readBenchFloor } from '../bench-floor.ts';
import { nowNs } from '../clock.ts';
import { sumCounter } from '../counters.ts';

/** What a client has been told so far. */
export interface SubscriberReport {
  /** Calls of the update callback. */
  readonly updates: number;
  readonly images: number;
  /** Messages that had to be asked for and came, and that never came. */
  readonly repaired: number;
  readonly lost: number;
  /** By channel of the floor: the number that comes next. */
  readonly next: readonly number[];
}

/** When stamped updates are due. */
interface Schedule {
  /** When updates with the stamp `startStampNs` are due, on the system's monotonic clock. */
  readonly startNs: number;
  /** Nanoseconds of the day, GMT. */
  readonly startStampNs: number;
}

/** How long a snapshot took. */
interface SnapshotReport {
  readonly items: number;
  /** From `subscribe` on until all images had come. */
  readonly ms: number;
}

/** A program with the client library. */
export interface SubscriberRole {
  open(options: { floor: string }): Promise<void>;
  /** Subscribes, and waits for the images. */
  subscribe(options: { patterns: string[] }): Promise<SnapshotReport>;
  report(): SubscriberReport;
  /** Waits until each channel has come to a number. @returns whether, and how long it took */
  reached(options: { next: readonly number[]; withinMs: number }): Promise<{ reached: boolean; waitedMs: number }>;
  /** From now on records how long after they were due updates come. */
  record(schedule: Schedule): void;
  /** The latencies recorded, in ns, from when each message was due. */
  latencies(): LatencySummary;
  close(): Promise<void>;
}

const LOOK_MS = 2;
/** The fields that carry the vendor's time: of quotes, trades and depth. */
const TIME_FIELDS = ['QUOTIM_NS', 'SALTIM_NS', 'LV_TIM_NS'];

let client: Client;
let channelIds: readonly number[] = [];
let updates = 0;
let images = 0;
let schedule: Schedule | undefined;
let latencies = new LatencyHistogram();

function nextOf(): number[] {
  const infos = new Map(client.channels.map((info) => [info.id, info]));
  return channelIds.map((id) => infos.get(id)?.next ?? 0);
}

export const subscriberCommands: SubscriberRole = {
  async open({ floor: text }) {
    const floor = readBenchFloor(text);
    channelIds = floor.channels.map(({ id }) => id);
    client = await connect({
      status: floor.networks.trading.status,
      interface: LOOPBACK,
      key: floor.key,
      logger: createLogger('subscriber', 'warn'),
      onError: (error) => void process.stderr.write(`subscriber: ${errorMessage(error)}\n`),
    });
    await client.ready;
  },

  async subscribe({ patterns }) {
    const timeFids = TIME_FIELDS.map((name) => client.dictionary.fid(name));
    const startedNs = nowNs();
    const subscription = client.subscribe(patterns, {
      listener: {
        onImage: () => {
          images++;
        },
        onUpdate: (update) => {
          updates++;
          if (schedule === undefined) return;
          for (const fid of timeFids) {
            const stamp = update.getByFid(fid);
            if (typeof stamp !== 'number') continue;
            latencies.record(nowNs() - schedule.startNs - (stamp - schedule.startStampNs));
            return;
          }
        },
      },
    });
    await subscription.ready;
    return { items: subscription.items.length, ms: (nowNs() - startedNs) / 1e6 };
  },

  report() {
    const counters = client.registry.snapshot();
    return {
      updates,
      images,
      repaired: sumCounter(counters, 'receiver', 'recovered'),
      lost: sumCounter(counters, 'client', 'lost'),
      next: nextOf(),
    };
  },

  async reached({ next, withinMs }) {
    const startedNs = nowNs();
    const waitedMs = (): number => (nowNs() - startedNs) / 1e6;
    const isThere = (): boolean => nextOf().every((number, index) => number >= next[index]!);
    while (!isThere() && waitedMs() < withinMs) await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    return { reached: isThere(), waitedMs: waitedMs() };
  },

  record(given) {
    schedule = given;
    latencies = new LatencyHistogram();
  },

  latencies() {
    schedule = undefined;
    return latencies.summary();
  },

  close: () => client.close(),
};
