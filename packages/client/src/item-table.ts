import { CellRuns, PageStep } from '@tickerplant/pages';
import {
  BlockReader,
  decodeMessage,
  type Field,
  type FieldDictionary,
  FieldsFlag,
  type FieldValue,
  headOf,
  type ItemMessage,
  Kind,
  type Message,
  PageMessage,
  Quality,
  Reason,
  RecordKind,
  type StartMessage,
  TEMPLATE_MAX,
  type Template,
  UpdateType,
  WIRE_VERSION,
} from '@tickerplant/records';
import type { ClientCounters } from './counters.ts';
import type { GapNotice, Interest, InterestSink } from './interest.ts';
import { Item } from './item.ts';
import { ItemPage } from './item-page.ts';
import { following, type ItemState, itemState, live, sameState, waiting } from './item-state.ts';
import { Layout } from './layout.ts';
import { MessageView } from './message-view.ts';
import { sameValue, Update } from './update.ts';
import { ValueStore } from './value-store.ts';

/** Longest ripple chain; the dictionary's own are of 5 at most. */
const CHAIN_MAX = 16;
const NEVER = Number.POSITIVE_INFINITY;
const UPDATE_HEAD = headOf(Kind.UPDATE);
const NO_TEMPLATE: Template = {
  id: 0,
  name: '',
  updateType: UpdateType.UNSPECIFIED,
  exponent: 0,
  fids: [],
};

/** What the table asks of its channel. */
export interface ItemTableHost {
  /** The beginning of the session: where the one before it ended, as far as known. */
  onStart(message: StartMessage): void;
  /** Something of this message could not be read; it may have touched any item of the channel. */
  onUnreadable(seq: number, what: string): void;
  /** This item's values are in doubt until a new image comes. */
  onImageNeeded(item: Item): void;
  /** Bad input: bytes and why. */
  quarantine(code: string, message: string, bytes: Uint8Array, start: number, end: number, seq: number): void;
  /** A listener of the application threw. */
  onListenerError(error: unknown): void;
  /** What the status group says of an item. */
  reportOf(subject: string): ItemState | undefined;
  /** Wall-clock nanoseconds of the present event. */
  wallNs(): bigint;
}

export interface ItemTableOptions {
  readonly channel: string;
  readonly dictionary: FieldDictionary;
  /** Move old values along the dictionary's ripple chains. */
  readonly ripple: boolean;
  /** Highest number of items kept. */
  readonly itemsMax: number;
  readonly counters: ClientCounters;
  readonly host: ItemTableHost;
}

const reader = new BlockReader();
const pageMessage = new PageMessage();
/** A change of a page, as an update sees it: one without fields. */
const PAGE_TEMPLATE: Template = { ...NO_TEMPLATE, name: 'PAGE' };
const NO_FIELDS = Uint8Array.of(0x93, UPDATE_HEAD, 0, 0);

/**
 * The subscribed items of one channel with their values: takes the channel's messages in order, and images;
 * tells those who are interested. No sockets, timers or clocks.
 *
 * The hot path is `run`: messages of items that nobody wants cost a few nanoseconds; those of wanted ones are
 * proved sound, shown to the listeners in place and then copied to the item's slot.
 */
export class ItemTable {
  readonly channel: string;
  readonly dictionary: FieldDictionary;
  /** The channel's part in the quality of its items. */
  state: ItemState;
  /** The stream has been heard from the session's first message on, whole: whatever is defined in it begins there. */
  whole = false;
  private readonly ripple: boolean;
  private readonly itemsMax: number;
  private readonly counters: ClientCounters;
  private readonly host: ItemTableHost;
  private readonly interests: Interest[] = [];
  private readonly bySubject = new Map<string, Item>();
  /** Subscribed items by their number in the present session. */
  private byNumber: (Item | undefined)[] = [];
  /**
   * By item number: the first message that is not in the item's values yet. `NEVER` for items that nobody
   * wants or that wait for their image, so that one look tells whether an update is to be applied.
   */
  private appliesFrom: Float64Array = new Float64Array(0);
  /** Values of the present session. */
  private store = new ValueStore();
  private lastAdmitted: readonly Interest[] = [];
  private viewed: Uint8Array = new Uint8Array(0);
  private view: DataView = new DataView(this.viewed.buffer);
  private stamp = 0;
  private readonly scratch: MessageView;
  private readonly update: Update;
  private readonly changes = new CellRuns();
  private readonly pageLayout: Layout;
  /** Template of the message that `update` points at and that isn't stored yet; -1: none. */
  private active = -1;

  constructor(options: ItemTableOptions) {
    this.channel = options.channel;
    this.dictionary = options.dictionary;
    this.ripple = options.ripple;
    this.itemsMax = options.itemsMax;
    this.counters = options.counters;
    this.host = options.host;
    const noLayout = new Layout(NO_TEMPLATE, options.dictionary);
    this.pageLayout = new Layout(PAGE_TEMPLATE, options.dictionary);
    this.scratch = new MessageView(noLayout);
    this.state = live(0n);
    const nobody = new Item(this, '', 0, this.state, this.state);
    this.update = new Update(nobody, new MessageView(noLayout), new MessageView(noLayout));
  }

  // — what is wanted —————————————————————————————————————————————————————————————————————————————————————

  /** Adds an interest. Items that are here already and match are told to it: item, and image if there is one. */
  addInterest(interest: Interest): void {
    this.interests.push(interest);
    for (const layout of this.store.layouts) if (layout !== undefined) interest.define(layout);
    const lists = new Map<readonly Interest[], readonly Interest[]>();
    for (const item of this.bySubject.values()) {
      if (!interest.matches(item.subject)) continue;
      item.interests = derived(lists, item.interests, (list) => [...list, interest]);
      this.tell([interest], (sink) => {
        sink.item(item);
        if (item.hasImage) sink.image(item);
      });
    }
  }

  /** Takes an interest away, and the items that nobody else wants. */
  removeInterest(interest: Interest): void {
    const index = this.interests.indexOf(interest);
    if (index >= 0) this.interests.splice(index, 1);
    const lists = new Map<readonly Interest[], readonly Interest[]>();
    for (const item of this.bySubject.values()) {
      if (!item.interests.includes(interest)) continue;
      item.interests = derived(lists, item.interests, (list) => list.filter((one) => one !== interest));
      if (item.interests.length > 0) continue;
      this.forget(item);
      this.clear(item);
    }
  }

  allInterests(): readonly Interest[] {
    return this.interests;
  }

  get size(): number {
    return this.bySubject.size;
  }

  items(): IterableIterator<Item> {
    return this.bySubject.values();
  }

  item(subject: string): Item | undefined {
    return this.bySubject.get(subject);
  }

  /** Bytes that the values take. */
  get bytesHeld(): number {
    return this.store.bytesHeld;
  }

  // — the stream ———————————————————————————————————————————————————————————————————————————————————————————

  /**
   * Takes `count` blocks (length, then message; see docs/wire.md). Messages that an item's values contain
   * already are passed over, so that a piece of the stream may be given again.
   *
   * @param seq number of the first.
   */
  run(bytes: Uint8Array, start: number, seq: number, count: number): void {
    let { appliesFrom } = this;
    let at = start;
    let passed = 0;
    for (let n = 0; n < count; n++, seq++) {
      const from = at + 2;
      const to = from + ((bytes[at]! << 8) | bytes[at + 1]!);
      at = to;
      // The usual: [head, item, template, …]. Whatever looks otherwise goes the slow way, which also finds out
      // what is wrong with it. A packet has no byte beyond its end, so that a read there is no match.
      const array = bytes[from]!;
      let p = (array & 0xf0) === 0x90 ? from + 1 : from + 3;
      if (bytes[p] !== UPDATE_HEAD || p + 2 >= to || (p === from + 3 && array !== 0xdc)) {
        this.rare(bytes, from, to, seq);
        appliesFrom = this.appliesFrom; // longer, if there are new items
        continue;
      }
      const type = bytes[p + 1]!;
      let number: number;
      if (type < 0x80) {
        number = type;
        p += 2;
      } else if (type === 0xcd) {
        number = (bytes[p + 2]! << 8) | bytes[p + 3]!;
        p += 4;
      } else if (type === 0xcc) {
        number = bytes[p + 2]!;
        p += 3;
      } else if (type === 0xce) {
        number = ((bytes[p + 2]! << 24) | (bytes[p + 3]! << 16) | (bytes[p + 4]! << 8) | bytes[p + 5]!) >>> 0;
        p += 6;
      } else {
        this.unreadable(bytes, from, to, seq, 'expected an item number');
        continue;
      }
      if (number >= appliesFrom.length || seq < appliesFrom[number]!) passed++;
      else this.applyUpdate(number, bytes, from, p, to, seq);
    }
    this.counters.passedOver += passed;
  }

  private applyUpdate(number: number, bytes: Uint8Array, from: number, at: number, to: number, seq: number): void {
    this.appliesFrom[number] = seq + 1;
    const item = this.byNumber[number]!;
    const { store, update } = this;
    const template = at < to ? bytes[at]! : -1;
    const layout = template >= 0 && template <= TEMPLATE_MAX ? store.layouts[template] : undefined;
    if (layout === undefined) {
      this.unreadableUpdate(item, template, undefinedTemplate(template), bytes, from, to, seq);
      return;
    }
    const fault = update.view.point(bytes, from, at + 1, to, layout);
    if (fault !== undefined) {
      this.unreadableUpdate(item, template, fault, bytes, from, to, seq);
      return;
    }
    update.item = item;
    update.seq = seq;
    update.beforeAt = store.position(number, template);
    update.older = undefined;
    if (item.hold !== undefined) this.firstValues(item, template, seq);
    if (this.ripple && layout.ripples) this.rippleValues(item, update);
    if (item.unreadable !== 0) this.readableAgain(item, template);
    this.counters.updates++;
    const interests = item.interests;
    this.active = template;
    for (let i = 0; i < interests.length; i++) {
      const interest = interests[i]!;
      if ((interest.templates & (1 << template)) === 0) continue;
      try {
        interest.sink.update(update);
      } catch (error) {
        this.host.onListenerError(error);
      }
    }
    this.active = -1;
    // A listener may have ended its subscription, and with it the item.
    if (this.byNumber[number] === item) {
      store.write(number, template, this.viewOf(bytes), from, at + 1, to, ++this.stamp);
    }
  }

  /** Message `seq` is the first with values of an item in a new session: it was empty, and is current from here on. */
  private firstValues(item: Item, template: number, seq: number): void {
    this.clear(item);
    item.begins = false;
    item.possibleDuplicate = false;
    this.appliesFrom[item.number] = seq;
    this.tellImage(item);
    if (this.byNumber[item.number] !== item) return;
    this.appliesFrom[item.number] = seq + 1;
    item.hold = undefined;
    this.active = template;
    this.tellState(item);
    this.active = -1;
  }

  /** One view for all messages of a packet. */
  private viewOf(bytes: Uint8Array): DataView {
    if (this.viewed !== bytes) {
      this.viewed = bytes;
      this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    }
    return this.view;
  }

  /** Everything but updates. */
  private rare(bytes: Uint8Array, from: number, to: number, seq: number): void {
    if (from === to) {
      this.counters.emptyMessages++;
      return;
    }
    const kind = this.kindOf(bytes, from, to);
    if (kind === Kind.FIELDS) {
      this.fieldsMessage(bytes, from, to, seq);
      return;
    }
    if (kind === Kind.PAGE_IMAGE || kind === Kind.PAGE_UPDATE) {
      this.pageMessage(bytes, from, to, seq);
      return;
    }
    if (typeof kind === 'number' && kind > Kind.PAGE_UPDATE) {
      // A later version may add kinds; those that must not be passed over will come under a new version number.
      this.counters.unknownKinds++;
      this.host.quarantine('CLIENT_UNKNOWN_KIND', `expected a kind from 0 to 8, found ${kind}`, bytes, from, to, seq);
      return;
    }
    const message = typeof kind === 'number' ? decoded(bytes, from, to) : kind;
    if (typeof message === 'string') {
      this.unreadable(bytes, from, to, seq, message);
      return;
    }
    switch (message.kind) {
      case Kind.START:
        if (message.channel !== this.channel) this.counters.foreignStarts++;
        else this.host.onStart(message);
        return;
      case Kind.TEMPLATE:
        this.template(message.template, seq);
        return;
      case Kind.ITEM:
        this.define(message, seq);
        return;
      case Kind.QUALITY: {
        const state = itemState(message.quality, message.reason, message.detail, this.host.wallNs());
        if (message.item === undefined) {
          for (const item of this.bySubject.values()) this.setSequenced(item, state, seq);
        } else {
          const item = this.byNumber[message.item];
          if (item !== undefined) this.setSequenced(item, state, seq);
        }
        return;
      }
      case Kind.REMOVE: {
        const item = this.byNumber[message.item];
        if (item !== undefined && seq >= this.appliesFrom[message.item]!) this.remove(item, seq);
        return;
      }
      default:
        this.unreadable(bytes, from, to, seq, 'expected an item and a template');
        return;
    }
  }

  /** Kind of a message, or what is wrong with its first element. Leaves `reader` behind it. */
  private kindOf(bytes: Uint8Array, from: number, to: number): number | string {
    reader.reset(bytes, from, to);
    elements = reader.array();
    const head = reader.uint();
    if (reader.fault !== undefined) return reader.fault;
    if (head >> 4 !== WIRE_VERSION) return `expected version ${WIRE_VERSION}, found ${head >> 4}`;
    return head & 0x0f;
  }

  /** A template, from the stream or an image. */
  private template(template: Template, seq: number): void {
    const { layouts } = this.store;
    const known = layouts[template.id];
    if (known?.equals(template)) return;
    const layout = new Layout(template, this.dictionary);
    this.store.define(layout);
    for (const interest of this.interests) interest.define(layout);
    if (known === undefined) return;
    // A number has one meaning in a session: whatever was read by the other one is in doubt.
    for (const item of this.bySubject.values()) {
      if (item.store === this.store) this.store.clearOne(item.number, template.id);
    }
    this.host.onUnreadable(seq, `template ${template.id} was defined twice, differently`);
  }

  /** An item as the stream defines it. */
  private define(message: ItemMessage, seq: number): void {
    const held = this.byNumber[message.item];
    if (held !== undefined && held.subject !== message.subject && seq >= this.appliesFrom[message.item]!)
      this.remove(held, seq);
    const known = this.bySubject.get(message.subject);
    if (known !== undefined) {
      const isPlaced = known.hold === undefined || known.store === this.store;
      if (!isPlaced && (this.whole || known.interests.some(({ complete }) => complete))) {
        // Of the session before. It stays what it was for its subscribers, and waits for its first values.
        this.setKind(known, message.recordKind);
        known.sequenced = live(this.host.wallNs());
        this.place(known, message.item);
        known.begins = true;
        this.appliesFrom[message.item] = seq + 1;
        this.tellState(known);
        return;
      }
      // Said again, or its image is under way. Under another number it is a new one of the same name.
      if (known.number === message.item || known.hold !== undefined || seq <= known.seq) return;
      this.remove(known, seq);
    }
    if (!this.interests.some((interest) => interest.complete && interest.matches(message.subject))) return;
    const item = this.admit(message.subject, message.recordKind);
    if (item === undefined) return;
    // Its values begin here: there is nothing to wait for.
    this.place(item, message.item);
    item.hold = undefined;
    this.appliesFrom[message.item] = seq + 1;
    if (item.hasImage) this.tellImage(item);
    this.tellState(item);
  }

  /** What an item is: a page waits for its cells. */
  private setKind(item: Item, recordKind: RecordKind): void {
    item.recordKind = recordKind;
    if (recordKind !== RecordKind.PAGE) item.cells = undefined;
    else item.cells ??= new ItemPage(this.host.wallNs());
  }

  /** A new item, if anybody wants it and there is room. */
  private admit(subject: string, recordKind: RecordKind): Item | undefined {
    const interests = this.interests.filter((interest) => interest.matches(subject));
    if (interests.length === 0) return undefined;
    if (this.bySubject.size >= this.itemsMax) {
      this.counters.itemsRefused++;
      return undefined;
    }
    const now = this.host.wallNs();
    const item = new Item(this, subject, recordKind, waiting(now), live(now));
    this.setKind(item, recordKind);
    item.interests = this.shared(interests);
    item.reported = this.host.reportOf(subject);
    this.bySubject.set(subject, item);
    this.tell(interests, (sink) => sink.item(item));
    return item;
  }

  /** The same list for items with the same interests, so that it stays in the processor's cache. */
  private shared(interests: readonly Interest[]): readonly Interest[] {
    const last = this.lastAdmitted;
    if (interests.length !== last.length || interests.some((one, index) => one !== last[index])) {
      this.lastAdmitted = interests;
    }
    return this.lastAdmitted;
  }

  /** Gives an item its number; it stays on hold. */
  private place(item: Item, number: number): void {
    if (number >= this.appliesFrom.length) {
      const grown = new Float64Array(Math.max(number + 1, 2 * this.appliesFrom.length, 64)).fill(NEVER);
      grown.set(this.appliesFrom);
      this.appliesFrom = grown;
      // Without holes, so that look-ups stay fast; numbers are given in order of appearance.
      while (this.byNumber.length < grown.length) this.byNumber.push(undefined);
    }
    this.store.reserve(number + 1);
    item.store = this.store;
    item.number = number;
    item.begins = false;
    item.cells?.restart(this.host.wallNs());
    this.byNumber[number] = item;
    this.appliesFrom[number] = NEVER;
  }

  private setSequenced(item: Item, state: ItemState, seq: number): void {
    if (!this.advance(item, seq)) return;
    if (sameState(item.sequenced, state)) return;
    item.sequenced = following(item.sequenced, state);
    this.tellState(item);
  }

  /** Whether message `seq` is to be applied to an item; if so, notes it. */
  private advance(item: Item, seq: number): boolean {
    if (item.store !== this.store || seq < this.appliesFrom[item.number]!) return false;
    this.appliesFrom[item.number] = seq + 1;
    return true;
  }

  private fieldsMessage(bytes: Uint8Array, from: number, to: number, seq: number): void {
    const number = reader.uint();
    const flags = reader.uint();
    const pairs = reader.at;
    if (reader.fault !== undefined || elements % 2 === 0) {
      this.unreadable(bytes, from, to, seq, reader.fault ?? 'expected pairs of field and value');
      return;
    }
    const item = this.byNumber[number];
    if (item === undefined || !this.advance(item, seq)) {
      this.counters.passedOver++;
      return;
    }
    const image = (flags & FieldsFlag.IMAGE) !== 0;
    const correction = (flags & FieldsFlag.DO_NOT_RIPPLE) !== 0;
    const update = this.update;
    const fault = this.pointAtFields(bytes, from, pairs, to, correction);
    if (fault !== undefined) {
      this.unreadableUpdate(item, -1, fault, bytes, from, to, seq);
      return;
    }
    const layout = update.view.layout;
    update.item = item;
    update.seq = seq;
    update.beforeAt = 0;
    update.older = layout.fids.map((fid) => this.valueOf(item, fid));
    // The first values of an item in a new session are all that it has there, whatever the flags say.
    const first = item.hold !== undefined;
    if (image || first) this.clear(item);
    else if (this.ripple && !correction) this.rippleValues(item, update);
    this.keepFields(item);
    this.counters.updates++;
    update.possibleDuplicate = (flags & FieldsFlag.POSSIBLE_DUPLICATE) !== 0;
    if (image || first) {
      item.possibleDuplicate = update.possibleDuplicate;
      item.begins = false;
      item.hold = undefined;
      this.tellImage(item);
      this.tellState(item);
    } else {
      this.tell(
        item.interests.filter((interest) => interest.wants(layout)),
        (sink) => sink.update(update),
      );
    }
    update.possibleDuplicate = false;
  }

  // — pages ————————————————————————————————————————————————————————————————————————————————————————————————

  private pageMessage(bytes: Uint8Array, from: number, to: number, seq: number): void {
    const number = reader.uint();
    if (reader.fault !== undefined) {
      this.unreadable(bytes, from, to, seq, reader.fault);
      return;
    }
    const item = this.byNumber[number];
    if (item === undefined || !this.advance(item, seq)) {
      this.counters.passedOver++;
      return;
    }
    const wasThere = item.hasImage;
    const step = this.takePage(item, bytes, from, to, seq);
    if (step !== PageStep.UPDATE && step !== PageStep.IMAGE) return;
    this.counters.updates++;
    if (step === PageStep.IMAGE) item.possibleDuplicate = item.cells!.possibleDuplicate;
    if (wasThere) {
      this.tellPage(item, seq);
      return;
    }
    // The first values of an item in a new session are all that it has there.
    if (item.hold !== undefined) {
      item.store?.clear(item.number);
      item.loose = undefined;
    }
    item.begins = false;
    item.hold = undefined;
    this.tellImage(item);
    this.tellState(item);
  }

  /** Takes a message of an item's page; `changes` has what it changed. What it did; undefined where it could not be used. */
  private takePage(item: Item, bytes: Uint8Array, from: number, to: number, seq: number): PageStep | undefined {
    const { changes } = this;
    const { cells } = item;
    let fault = cells === undefined ? `expected no cells, for ${item.subject} is no page` : undefined;
    fault ??= pageMessage.read(bytes, from, to);
    if (cells === undefined || fault !== undefined) {
      this.unusableCells(item, fault!, bytes, from, to, seq);
      return undefined;
    }
    changes.clear();
    const step = cells.take(pageMessage, changes);
    if (step === PageStep.FAULT || step === PageStep.OUT_OF_ORDER) {
      this.unusableCells(item, cells.faultOf(step, pageMessage), bytes, from, to, seq);
    }
    return step;
  }

  private unusableCells(item: Item, what: string, bytes: Uint8Array, from: number, to: number, seq: number): void {
    this.counters.unreadable++;
    this.host.quarantine('CLIENT_UNREADABLE', what, bytes, from, to, seq);
    if (item.cells === undefined) return;
    item.cells.restart(this.host.wallNs());
    item.cells.state = itemState(Quality.SUSPECT, Reason.UNREADABLE, what, this.host.wallNs());
    this.tellState(item);
    this.host.onImageNeeded(item);
  }

  private tellPage(item: Item, seq: number): void {
    const { update, pageLayout } = this;
    update.view.point(NO_FIELDS, 0, NO_FIELDS.length, NO_FIELDS.length, pageLayout);
    update.item = item;
    update.seq = seq;
    update.beforeAt = 0;
    update.older = undefined;
    update.cells = this.changes;
    this.tell(
      item.interests.filter((interest) => interest.wants(pageLayout)),
      (sink) => sink.update(update),
    );
    update.cells = undefined;
  }

  private pointAtFields(
    bytes: Uint8Array,
    from: number,
    pairs: number,
    to: number,
    correction: boolean,
  ): string | undefined {
    const updateType = correction ? UpdateType.CORRECTION : UpdateType.UNSPECIFIED;
    return this.update.view.pointAtPairs(bytes, from, pairs, to, (elements - 3) / 2, (fids) => {
      return new Layout({ ...NO_TEMPLATE, updateType, fids }, this.dictionary);
    });
  }

  /** Stores the fields that `update` points at. */
  private keepFields(item: Item): void {
    const { view } = this.update;
    const stamp = ++this.stamp;
    item.loose ??= new Map();
    view.layout.fids.forEach((fid, index) => {
      item.loose!.set(fid, { value: view.value(index), stamp });
    });
  }

  /**
   * Moves old values on, from the end of each chain backwards, before the new ones take their place. A field
   * that stands in the update itself keeps what was sent. Each trade counts; any other field ripples when its
   * value changes, because updates repeat all values of their template.
   */
  private rippleValues(item: Item, update: Update): void {
    const { layout } = update.view;
    if (layout.updateType === UpdateType.CORRECTION) return;
    const stamp = this.stamp + 1;
    layout.fields.forEach((field, index) => {
      if (field?.ripplesTo === undefined) return;
      const old = this.valueOf(item, field.fid);
      if (layout.updateType !== UpdateType.TRADE && sameValue(old, update.view.value(index))) return;
      const chain: { readonly to: number; readonly value: FieldValue }[] = [];
      for (let at: Field | undefined = field; at?.ripplesTo !== undefined && chain.length < CHAIN_MAX; ) {
        const value = this.valueOf(item, at.fid);
        if (value === undefined) break;
        chain.push({ to: at.ripplesTo, value });
        at = this.dictionary.byFid(at.ripplesTo);
      }
      item.loose ??= new Map();
      for (const { to, value } of chain.reverse()) {
        if (layout.indexOfFid(to) < 0) item.loose.set(to, { value, stamp });
      }
    });
  }

  // — images ———————————————————————————————————————————————————————————————————————————————————————————————

  /** From now on the values of these items don't count, for the reason given, until an image comes. */
  holdItems(items: Iterable<Item>, state: ItemState): void {
    for (const item of items) {
      if (item.begins) {
        item.begins = false;
        this.appliesFrom[item.number] = NEVER;
        continue;
      }
      if (item.hold !== undefined || item.removed) continue;
      item.load = undefined;
      item.cells?.interrupt();
      item.hold = state;
      if (item.store === this.store) this.appliesFrom[item.number] = NEVER;
      this.tellState(item);
    }
  }

  /** A new session: numbers and templates begin anew. The items must be on hold; their values stay readable. */
  forgetNumbers(): void {
    this.byNumber = [];
    this.appliesFrom = new Float64Array(0);
    this.store = new ValueStore();
    for (const item of this.bySubject.values()) {
      item.load = undefined;
      item.begins = false;
    }
  }

  /** Begins to take images. Set `asOf` before each part of them. */
  beginImages(): ImageLoad {
    const quality = live(this.host.wallNs());
    return { asOf: 0, items: new Map(), latest: undefined, fault: undefined, quality, qualitySeq: 0 };
  }

  /**
   * Takes one message of the images: first the channel's definitions, then the messages of each item in their
   * order. Items that are current already stay as they are.
   *
   * @param seq the message's own number.
   */
  imageMessage(load: ImageLoad, bytes: Uint8Array, from: number, to: number, seq: number): void {
    const kind = this.kindOf(bytes, from, to);
    if (kind === Kind.UPDATE) {
      this.imageUpdate(load, bytes, from, to);
      return;
    }
    if (kind === Kind.FIELDS) {
      this.imageFields(load, bytes, from, to);
      return;
    }
    if (kind === Kind.PAGE_IMAGE || kind === Kind.PAGE_UPDATE) {
      const item = this.byNumber[reader.uint()];
      if (item === undefined || item.load !== load) return;
      this.takePage(item, bytes, from, to, 0);
      item.possibleDuplicate ||= item.cells?.possibleDuplicate === true;
      return;
    }
    const message = typeof kind === 'number' ? decoded(bytes, from, to) : kind;
    if (typeof message === 'string') {
      load.fault ??= message;
      this.counters.unreadable++;
      this.host.quarantine('CLIENT_UNREADABLE', message, bytes, from, to, 0);
    } else if (message.kind === Kind.START) {
      this.host.onStart(message);
    } else if (message.kind === Kind.TEMPLATE) {
      this.template(message.template, load.asOf);
    } else if (message.kind === Kind.ITEM) {
      this.imageItem(load, message, seq);
    } else if (message.kind === Kind.QUALITY) {
      const state = itemState(message.quality, message.reason, message.detail, this.host.wallNs());
      if (message.item === undefined) {
        load.quality = state;
        load.qualitySeq = seq;
      } else if (seq > load.qualitySeq) {
        const item = this.byNumber[message.item];
        if (item !== undefined && item.load === load) item.sequenced = state;
      }
    }
  }

  private imageItem(load: ImageLoad, message: ItemMessage, seq: number): void {
    const item = this.bySubject.get(message.subject) ?? this.admit(message.subject, message.recordKind);
    if (item?.hold === undefined || item.load === load) return;
    const held = this.byNumber[message.item];
    if (held !== undefined && held !== item) {
      load.fault ??= `item ${message.item} is ${held.subject} in the stream, ${message.subject} in the image`;
      return;
    }
    this.clear(item);
    this.setKind(item, message.recordKind);
    item.possibleDuplicate = false;
    // The word about all items holds for those that were there.
    item.sequenced = seq < load.qualitySeq ? load.quality : live(this.host.wallNs());
    this.place(item, message.item);
    // From here on its values are those of this load, even if another had begun with it.
    item.load = load;
    load.items.set(item, load.asOf);
    load.latest = item;
  }

  private imageUpdate(load: ImageLoad, bytes: Uint8Array, from: number, to: number): void {
    const item = this.byNumber[reader.uint()];
    if (item === undefined || item.load !== load) return;
    const template = reader.uint();
    const layout = reader.fault === undefined && template <= TEMPLATE_MAX ? this.store.layouts[template] : undefined;
    const values = reader.at;
    if (layout === undefined) {
      this.unreadableUpdate(item, template, undefinedTemplate(template), bytes, from, to, 0);
      return;
    }
    const fault = this.scratch.point(bytes, from, values, to, layout);
    if (fault !== undefined) {
      this.unreadableUpdate(item, template, fault, bytes, from, to, 0);
      return;
    }
    this.store.write(item.number, template, this.viewOf(bytes), from, values, to, ++this.stamp);
  }

  private imageFields(load: ImageLoad, bytes: Uint8Array, from: number, to: number): void {
    const item = this.byNumber[reader.uint()];
    const flags = reader.uint();
    if (item === undefined || item.load !== load) return;
    if ((flags & FieldsFlag.IMAGE) !== 0) item.possibleDuplicate = (flags & FieldsFlag.POSSIBLE_DUPLICATE) !== 0;
    const fault = reader.fault ?? this.pointAtFields(bytes, from, reader.at, to, false);
    if (fault !== undefined) {
      this.unreadableUpdate(item, -1, fault, bytes, from, to, 0);
      return;
    }
    this.keepFields(item);
  }

  /**
   * Makes the items taken so far current and says so. The caller repeats the stream from `asOf` on and then calls
   * `tellStates`.
   *
   * @param last whether there is no further part; otherwise the latest item may go on in the next.
   * @returns the items.
   */
  finishImages(load: ImageLoad, last: boolean): Item[] {
    const done: Item[] = [];
    for (const [item, asOf] of load.items) {
      if (item === load.latest && !last) continue;
      load.items.delete(item);
      // Another load, a new session or a listener may have put an end to it.
      if (item.load !== load) continue;
      item.load = undefined;
      if (item.hold === undefined || this.byNumber[item.number] !== item) continue;
      item.hold = undefined;
      this.appliesFrom[item.number] = asOf;
      done.push(item);
    }
    for (const item of done) if (item.hasImage) this.tellImage(item);
    return done;
  }

  /** Takes an item out that is no longer there as of number `asOf`. */
  drop(item: Item, asOf: number): void {
    this.remove(item, asOf - 1);
  }

  // — values ———————————————————————————————————————————————————————————————————————————————————————————————

  /** Number of the last message in an item's values; 0 before its image. */
  seqOf(item: Item): number {
    if (item.removed) return item.lastSeq;
    const next = item.store === this.store && item.number >= 0 ? this.appliesFrom[item.number]! : NEVER;
    return next === NEVER ? 0 : next - 1;
  }

  /** Current value: what the latest message that carries the field said. */
  valueOf(item: Item, fid: number): FieldValue | undefined {
    if (this.active >= 0 && item === this.update.item) {
      const value = this.update.getByFid(fid);
      if (value !== undefined) return value;
    }
    return this.storedValue(item, fid);
  }

  /** As `valueOf`, without the update that is just being told: the value before it. */
  storedValue(item: Item, fid: number): FieldValue | undefined {
    const { store } = item;
    const loose = item.loose?.get(fid);
    if (store === undefined) return loose?.value;
    const carriers = store.layoutsWith(fid);
    let newest = 0;
    let newestStamp = loose?.stamp ?? -1;
    let layout: Layout | undefined;
    for (let i = 0; i < carriers.length; i++) {
      const position = store.position(item.number, carriers[i]!.id);
      const stamp = position === 0 ? -1 : store.stamp(position);
      if (stamp <= newestStamp) continue;
      newest = position;
      newestStamp = stamp;
      layout = carriers[i]!;
    }
    if (layout === undefined) return loose?.value;
    store.view(newest, layout, this.scratch);
    return this.scratch.value(layout.indexOfFid(fid));
  }

  /** Number of a field: by name, or from the `#123` that stands for a field without one. */
  fidOf(name: string): number | undefined {
    return this.dictionary.byName(name)?.fid ?? (/^#-?\d+$/.test(name) ? Number(name.slice(1)) : undefined);
  }

  /** Fields that an item has, each once: those of its templates in order, then those that came one by one. */
  fidsOf(item: Item): Set<number> {
    const fids = new Set<number>();
    const { store } = item;
    const active = item === this.update.item ? this.active : -1;
    for (const layout of store?.layouts ?? []) {
      if (layout === undefined || (store!.position(item.number, layout.id) === 0 && layout.id !== active)) continue;
      for (const fid of layout.fids) fids.add(fid);
    }
    for (const fid of item.loose?.keys() ?? []) fids.add(fid);
    return fids;
  }

  private clear(item: Item): void {
    item.load = undefined;
    item.store?.clear(item.number);
    item.loose = undefined;
    item.unreadable = 0;
    item.unreadableState = undefined;
  }

  // — telling ——————————————————————————————————————————————————————————————————————————————————————————————

  /** What the status group says of single items changed. */
  refreshReports(subjects: Iterable<string>): void {
    for (const subject of subjects) {
      const item = this.bySubject.get(subject);
      if (item === undefined) continue;
      item.reported = this.host.reportOf(subject);
      this.tellState(item);
    }
  }

  /** The channel's state changed. Tells all items whose state changed with it. */
  setState(state: ItemState): void {
    this.state = state;
    this.tellStates(this.bySubject.values());
  }

  /** Tells those items whose state is another than was told last. */
  tellStates(items: Iterable<Item>): void {
    for (const item of items) this.tellState(item);
  }

  /** Messages that will never come. */
  tellGap(notice: GapNotice): void {
    this.tell(this.interests, (sink) => sink.gap(notice));
  }

  private tellState(item: Item): void {
    const { state, shown } = item;
    if (state === shown) return;
    item.shown = state;
    this.tell(item.interests, (sink) => sink.quality(item, state, shown));
  }

  private tellImage(item: Item): void {
    this.counters.images++;
    this.tell(item.interests, (sink) => sink.image(item));
  }

  private remove(item: Item, seq: number): void {
    const { interests } = item;
    const values = [...this.fidsOf(item)].map((fid) => [fid, this.valueOf(item, fid)] as const);
    this.forget(item);
    this.clear(item);
    // Whoever still holds the item reads its last values.
    item.store = undefined;
    item.loose = new Map();
    for (const [fid, value] of values) if (value !== undefined) item.loose.set(fid, { value, stamp: 0 });
    item.removed = true;
    item.lastSeq = seq;
    item.hold = itemState(Quality.STALE, 'removed', '', this.host.wallNs());
    this.tell(interests, (sink) => sink.remove(item));
  }

  private forget(item: Item): void {
    this.bySubject.delete(item.subject);
    if (this.byNumber[item.number] === item) {
      this.byNumber[item.number] = undefined;
      this.appliesFrom[item.number] = NEVER;
    }
    item.interests = [];
  }

  /** Calls listeners; what they throw is theirs and ends here. */
  private tell(interests: readonly Interest[], call: (sink: InterestSink) => void): void {
    for (const { sink } of [...interests]) {
      try {
        call(sink);
      } catch (error) {
        this.host.onListenerError(error);
      }
    }
  }

  // — bad input ————————————————————————————————————————————————————————————————————————————————————————————

  /** A message that may have been about anything. */
  private unreadable(bytes: Uint8Array, from: number, to: number, seq: number, what: string): void {
    this.counters.unreadable++;
    this.host.quarantine('CLIENT_UNREADABLE', what, bytes, from, to, seq);
    this.host.onUnreadable(seq, what);
  }

  /** A message of a known item: only that item is in doubt. */
  private unreadableUpdate(
    item: Item,
    template: number,
    what: string,
    bytes: Uint8Array,
    from: number,
    to: number,
    seq: number,
  ): void {
    this.counters.unreadable++;
    this.host.quarantine('CLIENT_UNREADABLE', what, bytes, from, to, seq);
    item.unreadable |= template >= 0 && template <= TEMPLATE_MAX ? 1 << template : -1;
    item.unreadableState = itemState(Quality.SUSPECT, Reason.UNREADABLE, what, this.host.wallNs());
    this.tellState(item);
    this.host.onImageNeeded(item);
  }

  /** The template's next message could be read: it carries all of the template's fields. */
  private readableAgain(item: Item, template: number): void {
    item.unreadable &= ~(1 << template);
    if (item.unreadable !== 0) return;
    item.unreadableState = undefined;
    this.tellState(item);
  }
}

/** Images being taken. */
export interface ImageLoad {
  /** The present part holds everything before this number. */
  asOf: number;
  /** Items that wait for an image and are in these, not current yet; with the number that each is as of. */
  readonly items: Map<Item, number>;
  /** The last of them. */
  latest: Item | undefined;
  /** What makes these images useless. */
  fault: string | undefined;
  /** What the QUALITY for all items among them said; LIVE if there is none. */
  quality: ItemState;
  qualitySeq: number;
}

/** Elements of the message that `kindOf` looked at. */
let elements = 0;

function decoded(bytes: Uint8Array, from: number, to: number): Message | string {
  try {
    return decodeMessage(bytes, from, to);
  } catch (error) {
    return (error as Error).message;
  }
}

function undefinedTemplate(template: number): string {
  return `expected a template defined before, found ${template}`;
}

/** Changes a list once for all items that share it. */
function derived(
  lists: Map<readonly Interest[], readonly Interest[]>,
  from: readonly Interest[],
  change: (list: readonly Interest[]) => readonly Interest[],
): readonly Interest[] {
  let to = lists.get(from);
  if (to === undefined) {
    to = change(from);
    lists.set(from, to);
  }
  return to;
}
