import { createHash } from 'node:crypto';
import { type Client, connect, type Item, type Subscription } from '@tickerplant/client';
import { errorMessage } from '@tickerplant/core';
import { createLogger } from '@tickerplant/telemetry';
import { nowNs } from '../../bench/clock.ts';
import { sumCounter } from '../../bench/counters.ts';
import { serveRole } from '../../bench/role.ts';
import { readFloor } from '../../floors.ts';

/** What a subscriber has seen. */
export interface ObserverReport {
  readonly updates: number;
  /** Messages that were told to be lost. */
  readonly lost: number;
  /** Callbacks for a number that had been called for, and for a lower one than the last. */
  readonly duplicated: number;
  readonly outOfOrder: number;
  /** Longest time between two updates of any channel since the last report, ms. */
  readonly gapMs: number;
  /** Items that are not LIVE, with reasons. */
  readonly doubtful: Readonly<Record<string, number>>;
  /** Times that an item ceased to be LIVE, by reason. */
  readonly doubts: Readonly<Record<string, number>>;
  readonly items: number;
  /** Messages that had to be asked for. */
  readonly repaired: number;
  /** By channel: the number that comes next. */
  readonly next: Readonly<Record<string, number>>;
  /** When the first item ceased to be LIVE since the last report, and when the last one was LIVE again; -1: none. */
  readonly doubtedNs: number;
  readonly liveNs: number;
}

/** How it goes, without beginning anew. */
export interface ObserverGlance {
  readonly lost: number;
  readonly duplicated: number;
  readonly outOfOrder: number;
  /** Items that are not LIVE. */
  readonly doubtful: number;
}

/** A subscriber that watches what a takeover does to it. */
export interface ObserverRole {
  open(options: { floor: string }): Promise<void>;
  report(): ObserverReport;
  glance(): ObserverGlance;
  /** Of all items' values: two subscribers that hold the same have the same one. */
  digest(): string;
  /** Of some items that are traded. */
  subjects(options: { count: number }): string[];
  close(): Promise<void>;
}

let client: Client;
let subscription: Subscription | undefined;
let updates = 0;
let duplicated = 0;
let outOfOrder = 0;
let lastNs = -1;
let widestNs = 0;
let doubts: Record<string, number> = {};
let doubtedNs = -1;
let liveNs = -1;
/** The last number that an item was called for with, and its session. */
const lastSeq = new Map<Item, { session: string; seq: number }>();

function sessionOf(channel: string): string {
  return client.channels.find(({ name }) => name === channel)?.session ?? '';
}

function lostSoFar(): number {
  return sumCounter(client.registry.snapshot(), 'client', 'lost');
}

const commands: ObserverRole = {
  async open({ floor: path }) {
    const floor = readFloor(path);
    client = await connect({
      status: floor.networks.trading.status,
      interface: floor.networks.trading.interface,
      key: floor.key,
      limits: { lostAfterMs: floor.limits.lostAfterMs },
      logger: createLogger('observer', 'warn'),
      onError: (error) => void process.stderr.write(`observer: ${errorMessage(error)}\n`),
    });
    await client.ready;
    subscription = client.subscribe(
      floor.feeds.flatMap(({ services }) => Object.values(services).map((service) => `${service}.>`)),
      {
        listener: {
          onUpdate: ({ item, seq }) => {
            updates++;
            const now = nowNs();
            if (lastNs >= 0 && now - lastNs > widestNs) widestNs = now - lastNs;
            lastNs = now;
            const last = lastSeq.get(item);
            if (last === undefined) {
              lastSeq.set(item, { session: sessionOf(item.channel), seq });
              return;
            }
            // A new session begins anew; looking for it each time would cost too much.
            if (seq <= last.seq) {
              const session = sessionOf(item.channel);
              if (session === last.session) seq === last.seq ? duplicated++ : outOfOrder++;
              last.session = session;
            }
            last.seq = seq;
          },
          onQuality: (_item, state, before) => {
            if (state.name === 'LIVE') liveNs = nowNs();
            if (before.name !== 'LIVE') return;
            doubts[state.reason] = (doubts[state.reason] ?? 0) + 1;
            if (doubtedNs < 0) doubtedNs = nowNs();
          },
        },
      },
    );
    await subscription.ready;
  },

  report() {
    const counters = client.registry.snapshot();
    const doubtful: Record<string, number> = {};
    let items = 0;
    for (const item of subscription?.items ?? []) {
      items++;
      const { name, reason } = item.state;
      if (!item.isLive) doubtful[`${name} ${reason}`] = (doubtful[`${name} ${reason}`] ?? 0) + 1;
    }
    const report: ObserverReport = {
      updates,
      lost: lostSoFar(),
      duplicated,
      outOfOrder,
      gapMs: Math.max(widestNs, lastNs < 0 ? 0 : nowNs() - lastNs) / 1e6,
      doubtful,
      doubts,
      items,
      repaired: sumCounter(counters, 'receiver', 'recovered'),
      next: Object.fromEntries(client.channels.map(({ name, next }) => [name, next])),
      doubtedNs,
      liveNs,
    };
    widestNs = 0;
    doubts = {};
    doubtedNs = -1;
    liveNs = -1;
    return report;
  },

  glance() {
    let doubtful = 0;
    for (const item of subscription?.items ?? []) if (!item.isLive) doubtful++;
    return { lost: lostSoFar(), duplicated, outOfOrder, doubtful };
  },

  digest() {
    const items = [...(subscription?.items ?? [])].sort((a, b) => (a.subject < b.subject ? -1 : 1));
    const hash = createHash('sha256');
    for (const { subject, fields } of items.map((item) => item.toJSON())) {
      hash.update(`${subject} ${JSON.stringify(fields, Object.keys(fields).sort())}\n`);
    }
    return `${items.length} items ${hash.digest('hex')}`;
  },

  subjects({ count }) {
    const traded = [...(subscription?.items ?? [])].filter((item) => typeof item.get('ACVOL_1') === 'number');
    return traded.slice(0, count).map(({ subject }) => subject);
  },

  close: () => client.close(),
};

serveRole(commands);
