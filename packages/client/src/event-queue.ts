import { TickerError } from '@tickerplant/core';
import type { FieldValue } from '@tickerplant/records';
import type { GapNotice, InterestSink } from './interest.ts';
import type { Item } from './item.ts';
import type { ItemState } from './item-state.ts';
import type { Update } from './update.ts';

/** What `for await` over a subscription gives. Everything in it is the reader's to keep. */
export type SubscriptionEvent =
  | {
      /** A new item of the subscription; its image follows. */
      readonly event: 'item';
      readonly item: Item;
    }
  | {
      /** All values of an item: the first time, after trouble, and in place of updates that had to be conflated. */
      readonly event: 'image';
      readonly item: Item;
      readonly seq: number;
      readonly values: ReadonlyMap<string, FieldValue>;
      readonly state: ItemState;
      /** It may repeat what came before, or go back behind it: a new epoch of a feed without positions. */
      readonly possibleDuplicate: boolean;
      /** How many events this image stands for because the reader was too slow; 0 for an image of its own. */
      readonly conflated: number;
    }
  | {
      readonly event: 'update';
      readonly item: Item;
      readonly update: Update;
    }
  | {
      readonly event: 'quality';
      readonly item: Item;
      readonly state: ItemState;
      readonly previous: ItemState;
    }
  | {
      /** The item is gone; it keeps its last values. */
      readonly event: 'remove';
      readonly item: Item;
    }
  | {
      /** Messages that will never come; new images of what they may have touched follow. */
      readonly event: 'gap';
      readonly notice: GapNotice;
    }
  | {
      /** The reader was too slow: for each of these items one image follows in place of so many events. */
      readonly event: 'overrun';
      readonly items: ReadonlyMap<Item, number>;
      /** Gaps in the meantime. */
      readonly gaps: readonly GapNotice[];
      /** Gaps beyond the 100 listed. */
      readonly gapsOmitted: number;
    };

/** What to do when the reader is too slow: one image for the events of each item, or an error to the reader. */
export type OverrunRule = 'conflate' | 'fail';

/** Bounds of a queue. */
export interface EventQueueOptions {
  /** Events kept before the rule applies. @default 10000 */
  readonly eventsMax?: number;
  /** @default 'conflate' */
  readonly overrun?: OverrunRule;
}

const EVENTS_MAX_DEFAULT = 10_000;
const GAPS_MAX = 100;

/** Events merged for an item. */
interface Conflated {
  events: number;
  /** The reader hasn't been told of the item yet. */
  isNew: boolean;
}

/**
 * The queue between a subscription and a `for await`. Bounded: when it is full, events are merged by item
 * until the reader has caught up, and it is told so; memory is then bounded by the number of items.
 */
export class EventQueue implements InterestSink, AsyncIterableIterator<SubscriptionEvent, undefined> {
  private readonly eventsMax: number;
  private readonly rule: OverrunRule;
  private readonly onClose: () => void;
  /** Events in order; those before `head` are taken. */
  private events: SubscriptionEvent[] = [];
  private head = 0;
  /** Items whose events are merged, in the order of their first. */
  private merged = new Map<Item, Conflated>();
  /** Those of them that the last `overrun` announced and that haven't been given yet. */
  private announced = new Map<Item, Conflated>();
  private gaps: GapNotice[] = [];
  private gapsOmitted = 0;
  private readers: {
    resolve: (result: IteratorResult<SubscriptionEvent, undefined>) => void;
    reject: (error: Error) => void;
  }[] = [];
  private failure: Error | undefined;
  private closed = false;

  /** @param onClose called once when the reader leaves the loop. */
  constructor(options: EventQueueOptions, onClose: () => void) {
    this.eventsMax = options.eventsMax ?? EVENTS_MAX_DEFAULT;
    this.rule = options.overrun ?? 'conflate';
    this.onClose = onClose;
    if (!Number.isInteger(this.eventsMax) || this.eventsMax < 1) {
      throw new TickerError(
        'CLIENT_BAD_OPTION',
        `expected eventsMax to be a whole number above 0, got ${options.eventsMax}`,
      );
    }
  }

  /** Events that wait for the reader, merged ones counting as one for each item. */
  get length(): number {
    return this.events.length - this.head + this.merged.size + this.announced.size;
  }

  // — from the subscription ————————————————————————————————————————————————————————————————————————————————

  item(item: Item): void {
    if (this.merges(item, true)) return;
    this.put({ event: 'item', item });
  }

  image(item: Item): void {
    if (this.merges(item, false)) return;
    this.put(imageEvent(item, 0));
  }

  update(update: Update): void {
    if (this.merges(update.item, false)) return;
    this.put({ event: 'update', item: update.item, update: update.copy() });
  }

  quality(item: Item, state: ItemState, previous: ItemState): void {
    if (this.merges(item, false)) return;
    this.put({ event: 'quality', item, state, previous });
  }

  remove(item: Item): void {
    if (this.merges(item, false)) return;
    this.put({ event: 'remove', item });
  }

  gap(notice: GapNotice): void {
    if (this.readers.length > 0 || this.hasRoom) this.put({ event: 'gap', notice });
    else if (this.rule === 'fail') this.overrun();
    else if (this.gaps.length < GAPS_MAX) this.gaps.push(notice);
    else this.gapsOmitted++;
  }

  /** No more events: the reader gets what is left, then the end or the error. */
  end(error?: Error): void {
    if (this.closed || this.failure !== undefined) return;
    this.closed = error === undefined;
    this.failure = error;
    for (const { resolve, reject } of this.readers.splice(0)) {
      if (error === undefined) resolve({ done: true, value: undefined });
      else reject(error);
    }
  }

  private get hasRoom(): boolean {
    const conflating = this.merged.size > 0 || this.announced.size > 0 || this.gaps.length > 0;
    return !conflating && this.events.length - this.head < this.eventsMax;
  }

  /** Whether an item's event goes into one image with others. */
  private merges(item: Item, isNew: boolean): boolean {
    if (this.failure !== undefined || this.closed) return true;
    if (this.readers.length > 0 || this.hasRoom) return false;
    if (this.rule === 'fail') {
      this.overrun();
      return true;
    }
    const known = this.announced.get(item) ?? this.merged.get(item);
    if (known === undefined) this.merged.set(item, { events: 1, isNew });
    else known.events++;
    return true;
  }

  private overrun(): void {
    const what = `expected the reader to keep up, ${this.events.length - this.head} events wait for it`;
    this.end(new TickerError('CLIENT_OVERRUN', what, { eventsMax: this.eventsMax }));
  }

  private put(event: SubscriptionEvent): void {
    if (this.failure !== undefined || this.closed) return;
    const reader = this.readers.shift();
    if (reader !== undefined) reader.resolve({ done: false, value: event });
    else this.events.push(event);
  }

  // — from the reader ——————————————————————————————————————————————————————————————————————————————————————

  next(): Promise<IteratorResult<SubscriptionEvent, undefined>> {
    const value = this.take();
    if (value !== undefined) return Promise.resolve({ done: false, value });
    if (this.failure !== undefined) {
      const error = this.failure;
      this.failure = undefined;
      this.return();
      return Promise.reject(error);
    }
    if (this.closed) return Promise.resolve({ done: true, value: undefined });
    return new Promise((resolve, reject) => this.readers.push({ resolve, reject }));
  }

  return(): Promise<IteratorResult<SubscriptionEvent, undefined>> {
    const first = !this.closed;
    this.end();
    this.closed = true;
    this.events = [];
    this.head = 0;
    this.merged.clear();
    this.announced.clear();
    if (first) this.onClose();
    return Promise.resolve({ done: true, value: undefined });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  private take(): SubscriptionEvent | undefined {
    if (this.head < this.events.length) {
      const event = this.events[this.head]!;
      this.head++;
      // Shortened now and then, so that taking one is cheap on average.
      if (this.head >= 1024 && this.head * 2 >= this.events.length) {
        this.events = this.events.slice(this.head);
        this.head = 0;
      } else if (this.head === this.events.length) {
        this.events = [];
        this.head = 0;
      }
      return event;
    }
    if (this.announced.size === 0) return this.announce();
    const [item, { events, isNew }] = this.announced.entries().next().value!;
    this.announced.delete(item);
    if (item.removed) {
      // One that came and went meanwhile isn't worth a word beyond that in `overrun`.
      return isNew ? this.take() : { event: 'remove', item };
    }
    if (!isNew) return imageEvent(item, events);
    this.events.push(imageEvent(item, events));
    return { event: 'item', item };
  }

  private announce(): SubscriptionEvent | undefined {
    if (this.merged.size === 0 && this.gaps.length === 0) return undefined;
    const { gaps, gapsOmitted } = this;
    this.announced = this.merged;
    this.merged = new Map();
    this.gaps = [];
    this.gapsOmitted = 0;
    const items = new Map([...this.announced].map(([item, { events }]) => [item, events]));
    return { event: 'overrun', items, gaps, gapsOmitted };
  }
}

function imageEvent(item: Item, conflated: number): SubscriptionEvent {
  const { seq, state, possibleDuplicate } = item;
  return { event: 'image', item, seq, values: item.values(), state, possibleDuplicate, conflated };
}
