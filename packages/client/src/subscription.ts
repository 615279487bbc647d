import { TickerError } from '@tickerplant/core';
import { compilePattern, type FieldDictionary, type SubjectPattern } from '@tickerplant/records';
import { EventQueue, type EventQueueOptions, type SubscriptionEvent } from './event-queue.ts';
import type { GapNotice, InterestSink } from './interest.ts';
import type { Item } from './item.ts';
import type { ItemState } from './item-state.ts';
import type { Update } from './update.ts';

/** What a program wants to be told. Calls come in the order of events, an image before the updates to it. */
export interface SubscriptionListener {
  /** A new item matches; its image follows. */
  onItem?(item: Item): void;
  /** All values of an item are new: the first time, and after trouble. */
  onImage?(item: Item): void;
  /** Some values changed. The update is *borrowed*: `copy` it to keep it. */
  onUpdate?(update: Update): void;
  /** An item's quality changed. */
  onQuality?(item: Item, state: ItemState, previous: ItemState): void;
  /** The item is gone; it keeps its last values. */
  onRemove?(item: Item): void;
  /** Messages will never come; the items concerned are RECOVERING, and new images follow. */
  onGap?(notice: GapNotice): void;
}

/** Event names for `on`, and what the functions get. */
export interface SubscriptionEvents {
  item: [item: Item];
  image: [item: Item];
  update: [update: Update];
  quality: [item: Item, state: ItemState, previous: ItemState];
  remove: [item: Item];
  gap: [notice: GapNotice];
}

/** How to subscribe. */
export interface SubscribeOptions extends EventQueueOptions {
  /** Names of the fields wanted (`BID`): only updates that carry one of them are delivered. @default all */
  readonly fields?: readonly string[];
  /** Listener from the beginning; `listen` and `on` add others. */
  readonly listener?: SubscriptionListener;
}

/** What a subscription needs of its client. */
export interface SubscriptionOwner {
  readonly dictionary: FieldDictionary;
  itemsOf(subscription: Subscription): Item[];
  end(subscription: Subscription): void;
  /** A listener threw. */
  listenerFailed(error: unknown): void;
}

type Handlers = { [K in keyof SubscriptionEvents]: ((...args: SubscriptionEvents[K]) => void)[] };

const METHODS: { readonly [K in keyof SubscriptionEvents]: keyof SubscriptionListener } = {
  item: 'onItem',
  image: 'onImage',
  update: 'onUpdate',
  quality: 'onQuality',
  remove: 'onRemove',
  gap: 'onGap',
};

/**
 * Interest in the items that match some patterns, in one of three styles: a listener object, single functions
 * (`on`), or `for await`. All may be used at once; what comes later is first told the items and images that
 * there are.
 */
export class Subscription implements InterestSink, AsyncIterable<SubscriptionEvent> {
  readonly patterns: readonly SubjectPattern[];
  /** Field numbers wanted; undefined: all. */
  readonly fids: ReadonlySet<number> | undefined;
  /**
   * Resolves when the images of all items there are at first have come; for services that the floor doesn't have, as
   * soon as its directory has been heard (such items are taken up if they appear later). Rejects when it is closed before.
   */
  readonly ready: Promise<void>;
  private readonly owner: SubscriptionOwner;
  private readonly queueOptions: EventQueueOptions;
  private readonly handlers: Handlers = { item: [], image: [], update: [], quality: [], remove: [], gap: [] };
  private readonly queues = new Set<EventQueue>();
  private settleReady: (error?: Error) => void = () => {};
  private isReady = false;
  private isClosed = false;

  /**
   * Use `client.subscribe`.
   *
   * @throws TickerError `RECORDS_BAD_PATTERN`, `CLIENT_BAD_OPTION`
   */
  constructor(owner: SubscriptionOwner, patterns: readonly string[], options: SubscribeOptions) {
    if (patterns.length === 0) throw new TickerError('CLIENT_BAD_OPTION', 'expected at least one pattern, got none');
    this.owner = owner;
    this.patterns = patterns.map(compilePattern);
    this.fids = options.fields === undefined ? undefined : new Set(options.fields.map((name) => this.fidOf(name)));
    this.queueOptions = options;
    this.ready = new Promise((resolve, reject) => {
      this.settleReady = (error) => (error === undefined ? resolve() : reject(error));
    });
    // Who doesn't ask for it isn't to be bothered with its rejection.
    this.ready.catch(() => {});
    if (options.listener !== undefined) this.listen(options.listener);
  }

  /** Its items now. */
  get items(): Item[] {
    return this.isClosed ? [] : this.owner.itemsOf(this);
  }

  get closed(): boolean {
    return this.isClosed;
  }

  /** Calls a function for each event of one sort. */
  on<K extends keyof SubscriptionEvents>(event: K, handler: (...args: SubscriptionEvents[K]) => void): this {
    if (this.handlers[event] === undefined) {
      const expected = Object.keys(this.handlers).join(', ');
      throw new TickerError('CLIENT_BAD_OPTION', `expected one of the events ${expected}, got '${String(event)}'`);
    }
    if (event === 'item' || event === 'image') this.catchUp({ [METHODS[event]]: handler });
    this.handlers[event].push(handler);
    return this;
  }

  /** Takes a function away again. */
  off<K extends keyof SubscriptionEvents>(event: K, handler: (...args: SubscriptionEvents[K]) => void): this {
    const index = this.handlers[event].indexOf(handler);
    if (index >= 0) this.handlers[event].splice(index, 1);
    return this;
  }

  /** Adds a listener; the function given back takes it away again. */
  listen(listener: SubscriptionListener): () => void {
    this.catchUp(listener);
    const added: (() => void)[] = [];
    for (const event of Object.keys(METHODS) as (keyof SubscriptionEvents)[]) {
      const method = listener[METHODS[event]] as ((...args: unknown[]) => void) | undefined;
      if (method === undefined) continue;
      const handler = method.bind(listener) as never;
      this.handlers[event].push(handler);
      added.push(() => this.off(event, handler));
    }
    return () => {
      for (const undo of added) undo();
    };
  }

  /** The events as an iterator with a queue of its own, bounded by the options; leaving the loop ends the queue only. */
  [Symbol.asyncIterator](): EventQueue {
    const queue = new EventQueue(this.queueOptions, () => this.queues.delete(queue));
    if (this.isClosed) {
      queue.end();
      return queue;
    }
    for (const item of this.owner.itemsOf(this)) {
      queue.item(item);
      if (item.hasImage) queue.image(item);
    }
    this.queues.add(queue);
    return queue;
  }

  /** Ends the subscription; loops over it end. */
  close(): void {
    if (this.isClosed) return;
    this.owner.end(this);
    this.closeWith(undefined);
  }

  // — from the client ——————————————————————————————————————————————————————————————————————————————————————

  /** @internal */
  setReady(): void {
    if (this.isReady) return;
    this.isReady = true;
    this.settleReady();
  }

  /** @internal */
  closeWith(error: Error | undefined): void {
    this.isClosed = true;
    for (const queue of this.queues) queue.end(error);
    this.queues.clear();
    this.settleReady(error ?? new TickerError('CLIENT_CLOSED', 'the subscription was closed before its images came'));
  }

  /** @internal */
  item(item: Item): void {
    for (const handler of this.handlers.item) this.call(() => handler(item));
    for (const queue of this.queues) queue.item(item);
  }

  /** @internal */
  image(item: Item): void {
    for (const handler of this.handlers.image) this.call(() => handler(item));
    for (const queue of this.queues) queue.image(item);
  }

  /** @internal The hot path. */
  update(update: Update): void {
    const handlers = this.handlers.update;
    for (let i = 0; i < handlers.length; i++) {
      try {
        handlers[i]!(update);
      } catch (error) {
        this.owner.listenerFailed(error);
      }
    }
    if (this.queues.size > 0) for (const queue of this.queues) queue.update(update);
  }

  /** @internal */
  quality(item: Item, state: ItemState, previous: ItemState): void {
    for (const handler of this.handlers.quality) this.call(() => handler(item, state, previous));
    for (const queue of this.queues) queue.quality(item, state, previous);
  }

  /** @internal */
  remove(item: Item): void {
    for (const handler of this.handlers.remove) this.call(() => handler(item));
    for (const queue of this.queues) queue.remove(item);
  }

  /** @internal */
  gap(notice: GapNotice): void {
    for (const handler of this.handlers.gap) this.call(() => handler(notice));
    for (const queue of this.queues) queue.gap(notice);
  }

  /** What a listener throws is its own trouble: it must not stop the others. */
  private call(one: () => void): void {
    try {
      one();
    } catch (error) {
      this.owner.listenerFailed(error);
    }
  }

  private catchUp(listener: SubscriptionListener): void {
    if (this.isClosed) return;
    for (const item of this.owner.itemsOf(this)) {
      this.call(() => listener.onItem?.(item));
      if (item.hasImage) this.call(() => listener.onImage?.(item));
    }
  }

  private fidOf(name: string): number {
    const fid = this.owner.dictionary.byName(name)?.fid;
    if (fid !== undefined) return fid;
    throw new TickerError('CLIENT_BAD_OPTION', `expected names of fields of the dictionary, got '${name}'`);
  }
}
