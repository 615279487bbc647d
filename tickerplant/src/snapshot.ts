import { ImageWriter, type Reply } from '@tickerplant/control';
import { assert } from '@tickerplant/core';
import { compilePattern, type SubjectPattern } from '@tickerplant/records';
import type { CurrentValues, ImageSink } from './cache.ts';
import type { ClientCounters } from './counters.ts';

/** A channel, as far as snapshots see it. */
export interface SnapshotChannel {
  readonly id: number;
  /** undefined before the first packet. */
  readonly session: string | undefined;
  readonly values: CurrentValues;
  /** Services that the floor file puts on the channel. */
  readonly services: readonly string[];
}

/** What a snapshot is sent through: one client's connection. */
export interface ReplySink {
  send(reply: Reply): boolean;
}

/** What a client subscribed to. Patterns are compiled a slice at a time: there may be 100,000 of them. */
export class Subscription {
  readonly id: number;
  private readonly texts: readonly string[];
  readonly patterns: SubjectPattern[] = [];
  readonly exact: Set<string> = new Set();
  readonly wild: SubjectPattern[] = [];
  /** Services that the patterns name; with `anyService` they don't matter. */
  private readonly services = new Set<string>();
  private anyService = false;
  private subjects: readonly string[] | undefined;

  constructor(id: number, texts: readonly string[]) {
    this.id = id;
    this.texts = texts;
  }

  get compiled(): boolean {
    return this.patterns.length === this.texts.length;
  }

  /** The subjects named exactly, each once; when compiled. */
  get subjectList(): readonly string[] {
    this.subjects ??= [...this.exact];
    return this.subjects;
  }

  /**
   * Compiles the next few patterns.
   *
   * @returns how many.
   * @throws TickerError `RECORDS_BAD_PATTERN`
   */
  compile(most: number, onPattern: (pattern: SubjectPattern) => void): number {
    const from = this.patterns.length;
    const to = Math.min(this.texts.length, from + most);
    for (let i = from; i < to; i++) {
      const pattern = compilePattern(this.texts[i]!);
      this.patterns.push(pattern);
      if (pattern.exact === undefined) this.wild.push(pattern);
      else this.exact.add(pattern.exact);
      if (pattern.service === undefined) this.anyService = true;
      else this.services.add(pattern.service);
      onPattern(pattern);
    }
    return to - from;
  }

  matches(subject: string): boolean {
    if (this.exact.has(subject)) return true;
    for (const pattern of this.wild) if (pattern.matches(subject)) return true;
    return false;
  }

  /** Whether items of these services may match. */
  mayMatch(services: readonly string[]): boolean {
    return this.anyService || services.some((service) => this.services.has(service));
  }
}

/** The items of one channel that are to be sent. */
interface Plan {
  readonly channel: SnapshotChannel;
  readonly session: string | undefined;
  /** Item numbers. */
  readonly items: number[];
  /** How many of the names looked for have been looked up, among the items that there were at first. */
  named: number;
  readonly rowsAtFirst: number;
  /** Row up to which items have been matched one by one: all of them, or those that appeared since. */
  row: number;
  /** Whether the definitions have been sent. */
  defined: boolean;
  /** Index in `items` of the next image. */
  next: number;
}

/** Items that a client names, in place of all that its subscription matches. */
export interface Chosen {
  readonly items: readonly number[];
  readonly subjects: readonly string[];
}

/** Items looked at in one call of `Snapshot.step`. */
const LOOKS_PER_STEP = 5_000;
/** What it costs the client's budget to look at an item, in bytes. */
const LOOK_BYTES = 16;
/** What a message costs besides its images: so that many empty ones are not free. */
const MESSAGE_BYTES = 1024;
/** Number and length of an image's entry. */
const IMAGE_ENTRY_BYTES = 10;
/** An image beyond this is left out: no client takes it. */
const IMAGE_BYTES_MAX = 16 * 2 ** 20;

/**
 * The images of everything that a subscription matches, a slice at a time. A machine: `step` does a bounded
 * piece of work and sends at most one message with images, so that the live stream goes on between two steps.
 *
 * A message holds whole images only, all of one moment, which is the message's `asOf`: each item in it is as it
 * was before that number, and a client applies to it what it hears from there on. The definitions of a channel
 * come first, even where nothing matches: items may appear later.
 */
export class Snapshot {
  private readonly subscription: Subscription;
  private readonly images: boolean;
  private readonly chosen: Chosen | undefined;
  private readonly candidates: readonly SnapshotChannel[];
  private readonly counters: ClientCounters;
  private readonly messageBytes: number;
  private readonly isResync: boolean;
  private chosenItems: Set<number> | undefined;
  private chosenSubjects: Set<string> | undefined;
  private plans: Plan[] | undefined;
  private at = 0;
  private told = false;
  private sent = 0;

  /**
   * @param channels where to look.
   * @param messageBytes about how many bytes of images a message holds.
   * @param isResync whether this answers a resync: then no `subscribed` is sent.
   */
  constructor(
    subscription: Subscription,
    channels: readonly SnapshotChannel[],
    messageBytes: number,
    images: boolean,
    isResync: boolean,
    chosen: Chosen | undefined,
    counters: ClientCounters,
  ) {
    this.subscription = subscription;
    this.candidates = channels;
    this.messageBytes = messageBytes;
    this.images = images;
    this.isResync = isResync;
    this.chosen = chosen;
    this.counters = counters;
  }

  /**
   * Does the next piece, when the subscription's patterns are compiled.
   *
   * @param writer empty, of `messageBytes`.
   * @returns what it cost in bytes, or -1 when there is no more to do.
   */
  step(sink: ReplySink, writer: ImageWriter): number {
    this.plans ??= this.plan();
    const { plans } = this;
    if (!this.told) return this.match(plans, sink);
    const plan = this.images ? plans[this.at] : undefined;
    if (plan === undefined) {
      sink.send({ kind: 'end', id: this.subscription.id, matched: this.sent });
      return -1;
    }
    if (plan.session !== plan.channel.session) {
      this.counters.restarts++;
      plans[this.at] = this.planFor(plan.channel);
      return LOOK_BYTES;
    }
    // All items that there are at the moment of the first message must be in it or follow.
    if (!plan.defined && !this.isMatched(plan)) {
      const looks = this.look(plan, LOOKS_PER_STEP);
      if (!this.isMatched(plan)) return looks * LOOK_BYTES;
    }
    return this.sendImages(plan, sink, writer);
  }

  private plan(): Plan[] {
    // A resync names its channel, and is answered even if there is nothing.
    const covered = this.isResync
      ? this.candidates
      : this.candidates.filter(({ services, values }) =>
          this.subscription.mayMatch([...services, ...values.serviceNames()]),
        );
    return covered.map((channel) => this.planFor(channel));
  }

  private planFor(channel: SnapshotChannel): Plan {
    const rowsAtFirst = channel.values.lastRow;
    const row = this.isByName ? rowsAtFirst : 0;
    return { channel, session: channel.session, items: [], named: 0, rowsAtFirst, row, defined: false, next: 0 };
  }

  /** Whether the items are looked up by name, and not found by trying all. */
  private get isByName(): boolean {
    return this.chosen !== undefined || this.subscription.wild.length === 0;
  }

  private get nameCount(): number {
    const { chosen, subscription } = this;
    if (!this.isByName) return 0;
    return chosen === undefined ? subscription.subjectList.length : chosen.items.length + chosen.subjects.length;
  }

  private isMatched(plan: Plan): boolean {
    return plan.named === this.nameCount && plan.row === plan.channel.values.lastRow;
  }

  private match(plans: readonly Plan[], sink: ReplySink): number {
    let looks = 0;
    for (const plan of plans) {
      if (looks < LOOKS_PER_STEP && !this.isMatched(plan)) looks += this.look(plan, LOOKS_PER_STEP - looks);
    }
    if (plans.every((plan) => this.isMatched(plan))) {
      this.told = true;
      const matched = plans.reduce((sum, { items }) => sum + items.length, 0);
      if (!this.isResync) sink.send({ kind: 'subscribed', id: this.subscription.id, matched });
    }
    return looks * LOOK_BYTES;
  }

  /** Looks for matches. @returns how many looks it took, about. */
  private look(plan: Plan, most: number): number {
    const { values } = plan.channel;
    const named = plan.named;
    const namesEnd = Math.min(this.nameCount, named + most);
    for (; plan.named < namesEnd; plan.named++) {
      const row = this.named(values, plan.named);
      if (row !== 0 && row <= plan.rowsAtFirst) plan.items.push(values.itemNumber(row));
    }
    // A long list of patterns makes each look at a row dearer.
    const perRow = Math.max(1, this.subscription.wild.length);
    const left = Math.ceil((most - (plan.named - named)) / perRow);
    const first = plan.row;
    const rowsEnd = Math.min(values.lastRow, first + left);
    for (let row = first + 1; row <= rowsEnd; row++) {
      const subject = values.subject(row);
      if (subject !== undefined && this.isWanted(subject, values.itemNumber(row))) {
        plan.items.push(values.itemNumber(row));
      }
    }
    plan.row = rowsEnd;
    return 1 + plan.named - named + (rowsEnd - first) * perRow;
  }

  private named(values: CurrentValues, index: number): number {
    const { chosen } = this;
    if (chosen === undefined) return values.find(this.subscription.subjectList[index]!);
    const { items, subjects } = chosen;
    return index < items.length ? values.rowOfItem(items[index]!) : values.find(subjects[index - items.length]!);
  }

  private isWanted(subject: string, item: number): boolean {
    const { chosen } = this;
    if (chosen === undefined) return this.subscription.matches(subject);
    this.chosenItems ??= new Set(chosen.items);
    this.chosenSubjects ??= new Set(chosen.subjects);
    return this.chosenItems.has(item) || this.chosenSubjects.has(subject);
  }

  /** Sends one message with as many images as fit. @returns what it cost. */
  private sendImages(plan: Plan, sink: ReplySink, writer: ImageWriter): number {
    const { channel, items } = plan;
    const { values } = channel;
    if (!plan.defined) {
      values.definitions(this.entries(writer));
      plan.defined = true;
    }
    let out = writer;
    let images = 0;
    let size = writer.blob().length;
    for (; plan.next < items.length; plan.next++) {
      const row = values.rowOfItem(items[plan.next]!);
      if (row === 0) continue; // Removed meanwhile; the client hears of it.
      const more = values.imageBytes(row, IMAGE_ENTRY_BYTES);
      if (size + more > this.messageBytes) {
        if (size > 0) break;
        if (more > IMAGE_BYTES_MAX) {
          this.counters.imagesTooLarge++;
          continue;
        }
        out = new ImageWriter(more);
      }
      values.image(row, this.entries(out));
      size += more;
      images++;
    }
    const blob = out.blob();
    const last = plan.next === items.length;
    sink.send({
      kind: 'images',
      id: this.subscription.id,
      channel: channel.id,
      session: channel.session ?? '',
      asOf: values.next,
      last,
      blob,
    });
    this.counters.images += images;
    this.counters.imageFrames++;
    this.counters.imageBytes += blob.length;
    this.sent += images;
    if (last) this.at++;
    return blob.length + MESSAGE_BYTES;
  }

  private entries(writer: ImageWriter): ImageSink {
    return {
      entry: (bytes, start, end, seq) => {
        const fits = writer.append(seq, bytes, start, end);
        assert(fits, 'the size of an image has been added up before');
      },
    };
  }
}
