import { ImageWriter, type PlantRequest, type Reply, type Resync, type Subscribe } from '@tickerplant/control';
import { TickerError } from '@tickerplant/core';
import { type Budget, TokenBucket } from '@tickerplant/moldudp64';
import type { ClientCounters } from './counters.ts';
import { Interest, type InterestListener } from './interest.ts';
import { Snapshot, type SnapshotChannel, Subscription } from './snapshot.ts';

/** A client's connection, as far as it matters here. */
export interface ClientConnection {
  /** Unique among the connections. */
  readonly id: number;
  readonly peer: string;
  /** What the client calls itself. */
  readonly client: string;
  /** Bytes waiting in this process. */
  readonly queuedBytes: number;
  /** Whether more may be sent now; if not, a drain is told later. */
  ready(): boolean;
  /** @returns whether more may be sent. */
  send(reply: Reply): boolean;
}

/** What clients may use up. */
export interface SubscriptionLimits {
  /** Bytes of images in a message, about. */
  readonly messageBytes: number;
  /** Cost, in bytes, of the work done before the live stream gets its turn again; while that is busy. */
  readonly pumpBytes: number;
  readonly pumpBytesBusy: number;
  /** What one client may have. */
  readonly clientBudget: Budget;
  /** Requests of a client that may wait. */
  readonly pendingMax: number;
  /** Subscriptions of a client, and patterns in all of them. */
  readonly subscriptionsMax: number;
  readonly patternsMax: number;
  /** Patterns with wildcards in one subscription: each is tried on every item. */
  readonly wildcardsMax: number;
}

const MIB = 2 ** 20;

/** What applies unless options say otherwise. */
export const SUBSCRIPTION_LIMITS: Readonly<SubscriptionLimits> = {
  messageBytes: 32 * 1024,
  pumpBytes: 128 * 1024,
  pumpBytesBusy: 16 * 1024,
  clientBudget: { bytesPerSecond: 16 * MIB, burstBytes: 64 * MIB },
  pendingMax: 256,
  subscriptionsMax: 10_000,
  patternsMax: 200_000,
  wildcardsMax: 1_000,
};

/** Patterns compiled at a time, and what each costs the budget in bytes. */
const COMPILED_PER_STEP = 500;
const COMPILE_BYTES = 32;
/** What any request costs: so that many small ones use the budget up as well. */
const REQUEST_BYTES = 1024;
/** What a report costs besides its length: it takes some time to gather. */
const REPORT_BYTES = 64 * 1024;

export interface SubscriptionOptions {
  readonly channels: readonly SnapshotChannel[];
  /** Answers `status` and `quarantine`, in JSON. */
  readonly report: (kind: 'status' | 'quarantine') => string;
  readonly counters: ClientCounters;
  readonly limits?: Partial<SubscriptionLimits>;
  readonly interest?: InterestListener;
}

/** Something a client waits for. */
type Task =
  | { readonly kind: 'snapshot'; readonly subscription: Subscription; readonly snapshot: Snapshot }
  | { readonly kind: 'status' | 'quarantine' };

class Client {
  readonly connection: ClientConnection;
  readonly bucket: TokenBucket;
  readonly subscriptions = new Map<number, { readonly subscription: Subscription; readonly size: number }>();
  readonly tasks: Task[] = [];
  patterns = 0;

  constructor(connection: ClientConnection, budget: Budget, nowNs: number) {
    this.connection = connection;
    this.bucket = new TokenBucket(budget, nowNs);
  }
}

/**
 * Serves the clients of a plant: subscriptions, images, state. A machine: requests come in, `pump` does a bounded
 * amount of the work that they left and is called again between turns of the live stream.
 *
 * Clients take turns, one message with images each; one that has not read what it got, or has used up its budget,
 * is passed over. So neither a slow client nor one with many requests holds up another, or the stream.
 */
export class Subscriptions {
  readonly interest: Interest;
  private readonly options: SubscriptionOptions;
  private readonly limits: SubscriptionLimits;
  private readonly counters: ClientCounters;
  private readonly writer: ImageWriter;
  private readonly clients = new Map<number, Client>();
  /** Clients with tasks, the one whose turn it is first. */
  private readonly turns: Client[] = [];

  constructor(options: SubscriptionOptions) {
    this.options = options;
    this.interest = new Interest(options.interest);
    this.limits = { ...SUBSCRIPTION_LIMITS, ...options.limits };
    this.counters = options.counters;
    this.writer = new ImageWriter(this.limits.messageBytes);
  }

  open(connection: ClientConnection, nowNs: number): void {
    this.clients.set(connection.id, new Client(connection, this.limits.clientBudget, nowNs));
  }

  close(connection: ClientConnection): void {
    const client = this.clients.get(connection.id);
    if (client === undefined) return;
    this.clients.delete(connection.id);
    const turn = this.turns.indexOf(client);
    if (turn >= 0) this.turns.splice(turn, 1);
    for (const { subscription } of client.subscriptions.values()) this.forget(subscription);
  }

  /**
   * Takes a request; the answer follows by `pump`.
   *
   * @throws TickerError `PLANT_SUBSCRIPTION_TAKEN`, `PLANT_NO_SUBSCRIPTION`, `PLANT_NO_CHANNEL`, `PLANT_TOO_MANY`: to
   * be told to the client.
   */
  request(connection: ClientConnection, request: PlantRequest): void {
    const client = this.clients.get(connection.id);
    if (client === undefined) return;
    try {
      if (request.kind === 'unsubscribe') this.unsubscribe(client, request.id);
      else if (client.tasks.length >= this.limits.pendingMax) {
        throw tooMany(`at most ${this.limits.pendingMax} requests waiting for an answer`, client.tasks.length + 1);
      } else if (request.kind === 'subscribe') this.subscribe(client, request);
      else if (request.kind === 'resync') this.resync(client, request);
      else if (request.kind === 'status' || request.kind === 'quarantine') this.add(client, { kind: request.kind });
      else throw new TickerError('PLANT_BAD_REQUEST', `expected a client's request, got ${request.kind}`);
    } catch (error) {
      this.counters.refused++;
      throw error;
    }
  }

  /**
   * Does a bounded amount of work.
   *
   * @param busy whether the live stream has much to do: then the least piece.
   * @returns whether there is more that can be done now; if not, call again when a client has drained, or a little
   * later.
   */
  pump(nowNs: number, busy: boolean): boolean {
    const { turns } = this;
    let left = busy ? this.limits.pumpBytesBusy : this.limits.pumpBytes;
    let passedOver = 0;
    while (left > 0 && passedOver < turns.length) {
      const client = turns.shift()!;
      if (!client.connection.ready()) {
        this.counters.notReady++;
        passedOver++;
      } else if (!client.bucket.allows(nowNs)) {
        this.counters.overBudget++;
        passedOver++;
      } else {
        passedOver = 0;
        const cost = this.step(client);
        client.bucket.take(cost);
        left -= cost;
      }
      if (client.tasks.length > 0) turns.push(client);
    }
    return passedOver < turns.length;
  }

  /** Whether any client waits for something. */
  get pending(): boolean {
    return this.turns.length > 0;
  }

  /** The clients, for `status`. */
  report(): Record<string, unknown>[] {
    return Array.from(this.clients.values(), ({ connection, subscriptions, patterns, tasks }) => ({
      id: connection.id,
      client: connection.client,
      peer: connection.peer,
      subscriptions: subscriptions.size,
      patterns,
      waiting: tasks.length,
      queuedBytes: connection.queuedBytes,
    }));
  }

  private subscribe(client: Client, { id, patterns, images }: Subscribe): void {
    const { subscriptionsMax, patternsMax, messageBytes } = this.limits;
    if (client.subscriptions.has(id)) {
      throw new TickerError('PLANT_SUBSCRIPTION_TAKEN', `expected a new subscription number, got ${id} again`, { id });
    }
    if (client.subscriptions.size >= subscriptionsMax) {
      throw tooMany(`at most ${subscriptionsMax} subscriptions`, client.subscriptions.size + 1);
    }
    if (client.patterns + patterns.length > patternsMax) {
      throw tooMany(`at most ${patternsMax} patterns in all subscriptions`, client.patterns + patterns.length);
    }
    this.counters.subscribes++;
    const subscription = new Subscription(id, patterns);
    client.subscriptions.set(id, { subscription, size: patterns.length });
    client.patterns += patterns.length;
    const { channels } = this.options;
    const snapshot = new Snapshot(subscription, channels, messageBytes, images, false, undefined, this.counters);
    this.add(client, { kind: 'snapshot', subscription, snapshot });
  }

  private resync(client: Client, { id, channel, items, subjects }: Resync): void {
    const { subscription } = this.subscriptionOf(client, id);
    const where = this.options.channels.filter((candidate) => candidate.id === channel);
    if (where.length === 0) {
      throw new TickerError('PLANT_NO_CHANNEL', `expected a channel of the floor, got ${channel}`, { id, channel });
    }
    this.counters.resyncs++;
    const chosen = items.length + subjects.length === 0 ? undefined : { items, subjects };
    const { messageBytes } = this.limits;
    const snapshot = new Snapshot(subscription, where, messageBytes, true, true, chosen, this.counters);
    this.add(client, { kind: 'snapshot', subscription, snapshot });
  }

  private unsubscribe(client: Client, id: number): void {
    const { subscription } = this.subscriptionOf(client, id);
    this.counters.unsubscribes++;
    this.drop(client, subscription);
  }

  private subscriptionOf(client: Client, id: number): { readonly subscription: Subscription } {
    const known = client.subscriptions.get(id);
    if (known === undefined) {
      throw new TickerError('PLANT_NO_SUBSCRIPTION', `expected the number of a subscription, got ${id}`, { id });
    }
    return known;
  }

  private add(client: Client, task: Task): void {
    client.tasks.push(task);
    if (client.tasks.length === 1) this.turns.push(client);
  }

  /** Takes a subscription away, with all that is still to be sent for it. */
  private drop(client: Client, subscription: Subscription): void {
    const { size } = client.subscriptions.get(subscription.id)!;
    client.subscriptions.delete(subscription.id);
    client.patterns -= size;
    this.forget(subscription);
    for (let i = client.tasks.length - 1; i >= 0; i--) {
      const task = client.tasks[i]!;
      if (task.kind === 'snapshot' && task.subscription === subscription) client.tasks.splice(i, 1);
    }
    const turn = this.turns.indexOf(client);
    if (client.tasks.length === 0 && turn >= 0) this.turns.splice(turn, 1);
  }

  private forget(subscription: Subscription): void {
    for (const pattern of subscription.patterns) this.interest.remove(pattern);
  }

  /** One piece of a client's first task. @returns what it cost. */
  private step(client: Client): number {
    const { connection, tasks } = client;
    const task = tasks[0]!;
    if (task.kind !== 'snapshot') {
      const json = this.options.report(task.kind);
      connection.send({ kind: task.kind === 'status' ? 'status-reply' : 'quarantine-reply', json });
      tasks.shift();
      return REPORT_BYTES + json.length;
    }
    const { subscription, snapshot } = task;
    if (!subscription.compiled) return this.compile(client, subscription);
    this.writer.reset();
    const cost = snapshot.step(connection, this.writer);
    if (cost >= 0) return cost;
    tasks.shift();
    return REQUEST_BYTES;
  }

  private compile(client: Client, subscription: Subscription): number {
    const { wildcardsMax } = this.limits;
    try {
      const compiled = subscription.compile(COMPILED_PER_STEP, (pattern) => this.interest.add(pattern));
      if (subscription.wild.length > wildcardsMax) {
        throw tooMany(`at most ${wildcardsMax} patterns with wildcards in a subscription`, subscription.wild.length);
      }
      return COMPILE_BYTES * compiled;
    } catch (error) {
      if (!(error instanceof TickerError)) throw error;
      this.counters.refused++;
      const { code, message } = error;
      this.drop(client, subscription);
      client.connection.send({ kind: 'error', id: subscription.id, code, message });
      return REQUEST_BYTES + COMPILE_BYTES * COMPILED_PER_STEP;
    }
  }
}

function tooMany(expected: string, got: number): TickerError {
  return new TickerError('PLANT_TOO_MANY', `expected ${expected}, got ${got}`);
}
