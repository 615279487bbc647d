import { ImageCursor, type Images } from '@tickerplant/control';
import type { ErrorContext, Random } from '@tickerplant/core';
import { MOLD_FRAMING } from '@tickerplant/moldudp64';
import { type FieldDictionary, Quality, Reason, type StartMessage } from '@tickerplant/records';
import {
  type LineState,
  type LostReason,
  MessageRing,
  Reach,
  type SequencedListener,
  SequencedReceiver,
} from '@tickerplant/sequence';
import type { CounterRegistry } from '@tickerplant/telemetry';
import { CLIENT_COUNTERS, type ClientCounters } from './counters.ts';
import type { Interest } from './interest.ts';
import type { Item } from './item.ts';
import { type ItemState, itemState, live, sameState, worst } from './item-state.ts';
import { type ImageLoad, ItemTable, type ItemTableHost } from './item-table.ts';
import { BackOff, type ClientLimits, type SilenceLimit } from './options.ts';

/** Lines of a channel, as indices for `packet`: the first of its groups, behind which the others follow; and repair. */
export const ClientLine = { REPAIR: 0, GROUP: 1 } as const;

/** What a channel wants done. */
export interface ChannelEffects {
  /**
   * Ask the plant for images of what the interest has on the channel: of all, or of the subjects named.
   *
   * @returns false when nobody can be asked now.
   */
  askImages(channel: ChannelSession, interest: Interest, subjects: readonly string[]): boolean;
  /** Ask for `count` messages from `from` on; the session's bytes are borrowed. */
  askRepair(channel: ChannelSession, session: Uint8Array, from: number, count: number, attempt: number): void;
  /** How many can be asked for the channel's messages. */
  answerers(channel: ChannelSession): readonly string[];
  /** Keep bad input; the bytes are borrowed. */
  quarantine(code: string, message: string, bytes: Uint8Array, context: ErrorContext): void;
  /** A listener of the application threw. */
  listenerFailed(error: unknown): void;
  /** What the status group says of an item. */
  itemState(subject: string): ItemState | undefined;
  /** One of several groups has fallen silent, or is heard again. */
  lineChanged(channel: ChannelSession, group: number, heard: boolean): void;
  /** Images of everything that an interest has on the channel have come. */
  complete(interest: Interest): void;
  /** Something for the log. */
  note(level: 'debug' | 'info' | 'warn', what: string, context: ErrorContext): void;
}

export interface ChannelSessionOptions {
  /** 1 to 1295. */
  readonly id: number;
  readonly name: string;
  readonly dictionary: FieldDictionary;
  readonly ripple: boolean;
  readonly limits: ClientLimits;
  readonly silence: SilenceLimit;
  readonly random: Random;
  readonly registry: CounterRegistry;
  readonly effects: ChannelEffects;
  /** Monotonic. */
  readonly nowNs: number;
  readonly wallNs: bigint;
}

/** Images that one interest needs, and those asked for. */
interface Need {
  /** Of everything that it matches. */
  all: boolean;
  /** Of single items, when not of everything. */
  readonly subjects: Set<string>;
  flight: Flight | undefined;
  /** Answers still to come to what is no longer wanted; plants answer in order, so they come first. */
  discard: number;
  readonly backOff: BackOff;
}

/** Images asked for. */
interface Flight {
  readonly all: boolean;
  readonly subjects: ReadonlySet<string>;
  /** Items that waited when the images were asked for: those not among them are gone. */
  readonly waiting: ReadonlySet<Item>;
  /** Items that came. */
  readonly came: Set<Item>;
  /** When something of it was last heard. */
  heardNs: number;
  /** From where on the stream is kept. */
  readonly keptFrom: number;
  /** The number that the first images are as of; -1 before they came. */
  firstAsOf: number;
  load: ImageLoad | undefined;
}

/** A pass over all items to tell them a better state is followed by a pause of so long for each item. */
const PAUSE_NS_PER_ITEM = 1_000;
const REPLAY_BYTES = 65_536;
/** Pauses of the stream are remembered for one to two of these. */
const PAUSES_NS = 500_000_000;
/**
 * A new session defines its items one by one. Those of the session before are kept for so long; then a plant is asked
 * what has become of the ones that have not been defined, or given no values, and those that it doesn't have go.
 */
const DEFINED_WITHIN_NS = 5_000_000_000;
/** The channel's id and the day and epoch in a session name: see the floor's naming of sessions. */
const ID_LENGTH = 2;

/**
 * One channel as a subscriber has it: puts the stream in order, asks for what is missing, fetches images and
 * joins them to the stream without a hole or a repetition, and judges how far the items can be relied on.
 *
 * How an image and the stream are joined: from the moment an image is needed the stream is kept (`ring`). An
 * image holds everything before number `asOf`. If the kept stream reaches back that far, what it has from `asOf`
 * on is applied to the image's items, and from then on they follow the stream; if not, the image is too old and
 * is asked for again. The items may also be ahead of the stream: then they pass over what they have already.
 *
 * A machine: packets, replies and the time go in; no sockets, timers or clocks.
 */
export class ChannelSession implements SequencedListener, ItemTableHost {
  readonly id: number;
  readonly name: string;
  readonly table: ItemTable;
  readonly receiver: SequencedReceiver;
  readonly counters: ClientCounters;
  private readonly limits: ClientLimits;
  private readonly silence: SilenceLimit;
  private readonly random: Random;
  private readonly effects: ChannelEffects;
  private readonly needs = new Map<Interest, Need>();
  /** By group: whether it has been found silent. Their number is how many there are. */
  private silentGroups: boolean[] = [false];
  /** When the last packet came, on any group; the longest pause between two of late, and before that. */
  private packetNs: number;
  private pauseNs = 0;
  private pauseBeforeNs = 0;
  private pausesSinceNs: number;
  /** The stream since images were first needed; undefined while none are. */
  private ring: MessageRing | undefined;
  /** The next number of the stream; 0 before the first packet. */
  private position = 0;
  /** Images must hold everything before this number to be of use. */
  private leastAsOf = 0;
  private nowNs: number;
  /** Wall-clock less monotonic time. */
  private wallOffset: bigint;
  private readonly openedNs: number;
  private ended: ItemState | undefined;
  private gap: ItemState | undefined;
  /** What the status group says. */
  private outside: ItemState;
  /** How far the channel has come, by the plants' word. */
  private readonly reach: Reach = new Reach();
  private unreached: ItemState | undefined;
  private toldNs: number = Number.NEGATIVE_INFINITY;
  /** Session of images taken before the stream was heard. */
  private imagesSession: string | undefined;
  private replayBytes: Uint8Array | undefined;
  /** When a plant is to be asked for what the new session has said nothing of; -1: need not be. */
  private askRestNs = -1;
  /** The session before the present one, and the number that would have come next; until its end is known. */
  private left: { readonly session: string; readonly next: number } | undefined;

  constructor(options: ChannelSessionOptions) {
    const { id, name, limits, registry, dictionary, ripple, effects } = options;
    const labels = { channel: name };
    this.id = id;
    this.name = name;
    this.limits = limits;
    this.silence = options.silence;
    this.random = options.random;
    this.effects = effects;
    this.nowNs = options.nowNs;
    this.openedNs = options.nowNs;
    this.packetNs = options.nowNs;
    this.pausesSinceNs = options.nowNs;
    this.wallOffset = options.wallNs - BigInt(Math.round(options.nowNs));
    this.counters = registry.create(CLIENT_COUNTERS, labels);
    const { itemsMax } = limits;
    this.table = new ItemTable({ channel: name, dictionary, ripple, itemsMax, counters: this.counters, host: this });
    this.outside = live(options.wallNs);
    this.receiver = new SequencedReceiver(MOLD_FRAMING, this, {
      lines: ['repair', lineName(0)],
      repairLine: ClientLine.REPAIR,
      // What went before is in the images.
      start: 'first-seen',
      newSessionStart: 'first-seen',
      sessionPolicy: (current, incoming) => this.judgeSession(current, incoming),
      gapWaitNs: limits.gapWaitMs * 1e6,
      requestTimeoutNs: limits.repairTimeoutMs * 1e6,
      lostAfterNs: limits.lostAfterMs * 1e6,
      answerers: () => effects.answerers(this),
      // The time decides when to give up.
      requestAttemptsMax: 2 + Math.ceil(limits.lostAfterMs / limits.repairTimeoutMs),
      reorderBytesMax: limits.reorderBytesMax,
      quarantine: (code, message, bytes, context) =>
        effects.quarantine(code, message, bytes, { channel: name, ...context }),
      registry,
      labels,
    });
    this.table.setState(this.judge());
  }

  /** How far the channel can be relied on; its items may have further troubles of their own. */
  get state(): ItemState {
    return this.table.state;
  }

  /** The session heard; undefined before the first packet. */
  get session(): string | undefined {
    return this.receiver.session;
  }

  /** The next number of the stream. */
  get next(): number {
    return this.position;
  }

  /** Whether `tick` should come every millisecond or so. */
  get isUrgent(): boolean {
    return this.receiver.recovering;
  }

  /** How many groups carry the channel. */
  get groups(): number {
    return this.silentGroups.length;
  }

  /** How many groups carry the channel, from 1 up: what comes on any of them will do. */
  setGroups(count: number): void {
    while (this.receiver.lines.length < ClientLine.GROUP + count) {
      this.receiver.addLine(lineName(this.receiver.lines.length - ClientLine.GROUP));
    }
    this.silentGroups = Array.from({ length: count }, (_, group) => this.silentGroups[group] ?? false);
  }

  /** The groups, as lines of the stream. */
  get groupLines(): LineState[] {
    return this.silentGroups.map((_, group) => this.receiver.lines[ClientLine.GROUP + group]!);
  }

  /** Whether a group has been heard within the limit of silence. */
  isHeard(group: number): boolean {
    const { lastHeardNs } = this.receiver.lines[ClientLine.GROUP + group]!;
    return lastHeardNs >= 0 && this.nowNs - lastHeardNs <= this.silence.ns;
  }

  /** The longest time between two packets within the last half second or so, heartbeats included, ns. */
  get longestPauseNs(): number {
    return Math.max(this.pauseNs, this.pauseBeforeNs, this.nowNs - this.packetNs);
  }

  /** Whether images are needed or on their way. */
  get wantsImages(): boolean {
    return this.needs.size > 0;
  }

  // — inputs ———————————————————————————————————————————————————————————————————————————————————————————————

  addInterest(interest: Interest, nowNs: number): void {
    this.nowNs = nowNs;
    this.table.addInterest(interest);
    this.need(interest).all = true;
    this.askAll();
  }

  removeInterest(interest: Interest): void {
    this.table.removeInterest(interest);
    this.needs.delete(interest);
    this.releaseRing();
  }

  /** A datagram of a group or an answer to a repair request. @param by the plant that has answered */
  packet(line: number, bytes: Uint8Array, length: number, nowNs: number, by?: string): void {
    this.nowNs = nowNs;
    if (line !== ClientLine.REPAIR) {
      if (nowNs - this.packetNs > this.pauseNs) this.pauseNs = nowNs - this.packetNs;
      this.packetNs = nowNs;
    }
    this.receiver.packet(line, bytes, length, nowNs, by);
    const { recovering, ended } = this.receiver;
    if (recovering || ended || this.table.state.quality !== Quality.LIVE) this.refresh();
  }

  /** Lets time pass: every few milliseconds. */
  tick(nowNs: number, wallNs: bigint): void {
    this.nowNs = nowNs;
    this.wallOffset = wallNs - BigInt(Math.round(nowNs));
    this.receiver.tick(nowNs);
    if (nowNs - this.pausesSinceNs >= PAUSES_NS) {
      this.pauseBeforeNs = this.pauseNs;
      this.pauseNs = 0;
      this.pausesSinceNs = nowNs;
    }
    if (this.silentGroups.length > 1) this.lookAtGroups();
    if (this.askRestNs >= 0 && nowNs >= this.askRestNs) this.askRest();
    this.refresh();
    this.askAll();
  }

  /** How far a plant that publishes the channel has come with it. */
  told(session: string, next: number): void {
    this.reach.told(session, next);
  }

  /** What the status group says of the channel. */
  setOutside(state: ItemState, nowNs: number): void {
    this.nowNs = nowNs;
    if (state.reason === Reason.PLANT_SILENT) this.reach.silence();
    // Each plant that publishes the channel may have said something that was overtaken by the news.
    else if (state.quality !== Quality.LIVE) this.reach.doubt(this.silentGroups.length);
    if (sameState(state, this.outside)) return;
    this.outside = state;
    this.refresh();
  }

  /** The connection over which images were asked for is gone. */
  connectionLost(): void {
    for (const need of this.needs.values()) {
      this.abort(need);
      need.discard = 0;
    }
  }

  /** What the status group says of single items changed. */
  refreshReports(subjects: Iterable<string>, nowNs: number): void {
    this.nowNs = nowNs;
    this.table.refreshReports(subjects);
  }

  /** Another connection can be asked, from the beginning. */
  connectionOpened(nowNs: number): void {
    this.nowNs = nowNs;
    for (const need of this.needs.values()) need.backOff.reset();
    this.askAll();
  }

  /** Whether images asked for have been silent for longer than allowed: the plant that was asked is of no use. */
  imagesOverdue(nowNs: number): boolean {
    for (const { flight } of this.needs.values()) {
      if (flight !== undefined && nowNs - flight.heardNs > this.limits.imagesTimeoutMs * 1e6) return true;
    }
    return false;
  }

  /** A part of the images asked for. The blob is borrowed. */
  images(interest: Interest, part: Images, nowNs: number): void {
    this.nowNs = nowNs;
    const need = this.needs.get(interest);
    const flight = need?.flight;
    if (need === undefined || flight === undefined || need.discard > 0) {
      this.counters.imagesUnasked++;
      if (need !== undefined && need.discard > 0 && part.last) need.discard--;
      return;
    }
    flight.heardNs = nowNs;
    const useless = this.whyUseless(part);
    if (useless !== undefined) {
      this.counters.imagesUseless++;
      this.effects.note('debug', 'images of no use', { channel: this.name, why: useless, asOf: part.asOf });
      this.abort(need, part.last);
      return;
    }
    if (flight.firstAsOf < 0) flight.firstAsOf = part.asOf;
    const fault = this.takeImages(flight, part);
    if (need.flight !== flight) {
      // What was found in it, or a listener, put an end to it.
      if (part.last) need.discard--;
      return;
    }
    if (fault !== undefined) {
      this.counters.imagesFaulty++;
      this.effects.quarantine('CLIENT_BAD_IMAGES', fault, part.blob, { channel: this.name, asOf: part.asOf });
      this.abort(need, part.last);
    } else if (part.last) {
      this.landed(interest, need, flight);
    }
  }

  /** The plant says that all it was asked for has been sent. */
  imagesEnd(interest: Interest): void {
    const need = this.needs.get(interest);
    if (need === undefined) return;
    if (need.discard > 0) {
      need.discard--;
    } else if (need.flight !== undefined) {
      // Nothing said as of when: so it may not have been everything.
      this.counters.imagesUseless++;
      this.abort(need, true);
    }
  }

  // — images ———————————————————————————————————————————————————————————————————————————————————————————————

  private need(interest: Interest): Need {
    let need = this.needs.get(interest);
    if (need === undefined) {
      need = {
        all: false,
        subjects: new Set(),
        flight: undefined,
        discard: 0,
        backOff: new BackOff(this.limits.retryMs, this.random),
      };
      this.needs.set(interest, need);
    }
    this.ring ??= new MessageRing(this.limits.streamBytesMax, this.position);
    return need;
  }

  private releaseRing(): void {
    if (this.needs.size === 0) this.ring = undefined;
  }

  /** Gives up what was asked for; it is needed all the same. @param answered whether the answer is over. */
  private abort(need: Need, answered = false): void {
    const { flight } = need;
    if (flight === undefined) return;
    need.flight = undefined;
    if (!answered) need.discard++;
    if (flight.all) need.all = true;
    else for (const subject of flight.subjects) need.subjects.add(subject);
  }

  private askAll(): void {
    for (const [interest, need] of this.needs) {
      if (need.flight === undefined && (need.all || need.subjects.size > 0)) this.ask(interest, need);
    }
  }

  private ask(interest: Interest, need: Need): void {
    // The stream should have been heard first, or nothing can tell whether the image fits; but where it is
    // silent, old values marked as such are better than none.
    const deaf = this.position === 0 && this.nowNs - this.openedNs < this.silence.ns;
    if (deaf || !need.backOff.isDue(this.nowNs)) return;
    const subjects = need.all ? [] : [...need.subjects];
    if (!this.effects.askImages(this, interest, subjects)) return;
    need.backOff.tried(this.nowNs);
    this.counters.imagesAsked++;
    const waiting = new Set<Item>();
    for (const item of this.table.items()) {
      if (item.hold === undefined || !item.interests.includes(interest)) continue;
      if (need.all || need.subjects.has(item.subject)) waiting.add(item);
    }
    need.flight = {
      all: need.all,
      subjects: new Set(subjects),
      waiting,
      came: new Set(),
      heardNs: this.nowNs,
      keptFrom: this.ring!.firstSeq,
      firstAsOf: -1,
      load: undefined,
    };
    need.all = false;
    need.subjects.clear();
  }

  private whyUseless(part: Images): string | undefined {
    const { session } = this;
    if (session !== undefined && part.session !== session)
      return `of session ${part.session}, the stream is ${session}`;
    if (part.asOf < this.leastAsOf) return `older than message ${this.leastAsOf}`;
    if (session === undefined) {
      this.imagesSession ??= part.session;
      return part.session === this.imagesSession ? undefined : `of session ${part.session}, not ${this.imagesSession}`;
    }
    const first = this.ring?.firstSeq ?? this.position;
    return part.asOf < first ? `older than the kept stream, from ${first} on` : undefined;
  }

  /** @returns what is wrong with the images, or undefined. */
  private takeImages(flight: Flight, part: Images): string | undefined {
    const { table } = this;
    flight.load ??= table.beginImages();
    const { load } = flight;
    load.asOf = part.asOf;
    const cursor = new ImageCursor(part.blob);
    while (cursor.next()) table.imageMessage(load, part.blob, cursor.start, cursor.end, cursor.seq);
    const fault = cursor.fault ?? load.fault;
    if (fault !== undefined) return fault;
    // The last item may go on in the next part.
    const done = table.finishImages(load, part.last);
    for (const item of done) flight.came.add(item);
    this.replay(part.asOf);
    table.tellStates(done);
    return undefined;
  }

  /** All images of a flight have come. */
  private landed(interest: Interest, need: Need, flight: Flight): void {
    need.flight = undefined;
    // While a new session is young, what is missing may be about to be defined.
    for (const item of this.askRestNs >= 0 ? [] : flight.waiting) {
      if (item.hold !== undefined && !item.removed && !flight.came.has(item)) this.table.drop(item, flight.firstAsOf);
    }
    if (flight.all && this.ring!.firstSeq > flight.keptFrom) {
      // The kept stream overflowed: items may have appeared where it no longer reaches back to.
      this.counters.imagesUseless++;
      need.all = true;
      return;
    }
    if (flight.all) {
      interest.complete = true;
      // Items that appeared while the plant was looking for matches. All of their messages are in the kept
      // stream if the first one is; so it doesn't matter how far back it reaches.
      this.replay(this.ring!.firstSeq);
      interest.completeFrom = this.position;
    }
    // Unless a listener, or what was found, gave new reason.
    const settled = !need.all && need.subjects.size === 0 && need.flight === undefined;
    if (settled && this.needs.get(interest) === need) this.needs.delete(interest);
    this.releaseRing();
    if (interest.complete) this.effects.complete(interest);
  }

  /** Applies the kept stream from number `from` on to whatever doesn't have it yet. */
  private replay(from: number): void {
    const { ring } = this;
    if (ring === undefined) return;
    this.replayBytes ??= new Uint8Array(REPLAY_BYTES);
    const bytes = this.replayBytes;
    let seq = Math.max(from, ring.firstSeq);
    while (seq < ring.nextSeq) {
      const { count, end } = ring.read(seq, Number.MAX_SAFE_INTEGER, bytes, 0, bytes.length);
      if (count === 0 || end === 0) break;
      this.table.run(bytes, 0, seq, count);
      seq += count;
    }
  }

  /** These items' values no longer count, and images of everything are needed by those interests they belong to. */
  private lose(
    items: readonly Item[],
    state: ItemState,
    leastAsOf: number,
    incomplete: (interest: Interest) => boolean,
  ): void {
    this.leastAsOf = Math.max(this.leastAsOf, leastAsOf);
    const interests = new Set<Interest>();
    for (const item of items) for (const interest of item.interests) interests.add(interest);
    for (const interest of this.table.allInterests()) {
      const need = this.needs.get(interest);
      if (!interests.has(interest) && !incomplete(interest) && need?.flight === undefined) continue;
      interest.complete = false;
      const wanted = this.need(interest);
      this.abort(wanted);
      wanted.all = true;
    }
    this.table.holdItems(items, state);
  }

  // — the receiver's listener ——————————————————————————————————————————————————————————————————————————————

  onRun(bytes: Uint8Array, start: number, end: number, seq: number, count: number): void {
    this.position = seq + count;
    if (this.ring !== undefined) this.ring.append(bytes, start, end, seq, count);
    this.table.run(bytes, start, seq, count);
  }

  onLost(from: number, to: number, reason: LostReason): void {
    this.position = to;
    this.ring?.clear(to);
    this.counters.lost += to - from;
    const session = this.receiver.session ?? '';
    this.effects.note('warn', 'messages lost', { channel: this.name, session, from, to, reason });
    const detail = to - from === 1 ? `message ${from} is lost` : `messages ${from} to ${to - 1} are lost`;
    const state = itemState(Quality.RECOVERING, Reason.CHANNEL_LOST, detail, this.wallNs());
    this.table.whole = false;
    const touched = [...this.table.items()].filter(
      (item) => item.begins || (item.hold === undefined && item.seq + 1 < to),
    );
    this.table.tellGap({ channel: this.name, session, from, to, reason });
    this.lose(touched, state, to, ({ completeFrom }) => completeFrom < to);
  }

  onSession(session: string, previous: string | undefined, next: number): void {
    const before = previous ?? this.imagesSession;
    const isNew = before !== undefined && before !== session;
    // Whoever begins anew may begin with the morning: a plant must have said that all is well there.
    if (isNew) this.reach.doubt(0);
    this.left = previous !== undefined && isNew ? { session: previous, next: this.position } : undefined;
    this.position = next;
    this.ended = undefined;
    this.gap = undefined;
    this.ring?.clear(next);
    this.effects.note('info', 'session', { channel: this.name, session, previous, next });
    this.leastAsOf = 0;
    // Heard from its first message on, a session says all that there is to know: nobody need be asked.
    const whole = isNew && next === FIRST;
    this.table.whole = whole;
    this.askRestNs = isNew ? this.nowNs + DEFINED_WITHIN_NS : -1;
    const detail = isNew ? `session ${session} after ${before}` : `the stream begins at message ${next}`;
    const state = itemState(Quality.RECOVERING, Reason.NEW_SESSION, detail, this.wallNs());
    if (whole && this.needs.size === 0) {
      this.table.holdItems(this.table.items(), state);
      for (const interest of this.table.allInterests()) interest.completeFrom = next;
    } else {
      // Images that were taken before the stream was heard may go on without a hole where it begins.
      const touched = [...this.table.items()].filter((item) => isNew || item.seq + 1 < next);
      this.lose(touched, state, 0, () => true);
    }
    if (isNew) this.table.forgetNumbers();
  }

  onEnd(): void {
    this.ended = itemState(Quality.STALE, ENDED, `session ${this.receiver.session} is over`, this.wallNs());
  }

  onGap(): void {
    this.counters.gaps++;
  }

  onRequest(session: Uint8Array, from: number, count: number, attempt: number): void {
    this.effects.askRepair(this, session, from, count, attempt);
  }

  /** A channel's sessions sort by day and epoch; going back is never right, nor is another channel's session. */
  private judgeSession(current: string | undefined, incoming: string): 'switch' | 'ignore' {
    const id = this.id.toString(36).toUpperCase().padStart(ID_LENGTH, '0');
    if (incoming.slice(0, ID_LENGTH) !== id) return 'ignore';
    return current === undefined || incoming > current ? 'switch' : 'ignore';
  }

  /** A new session has had its time: images of what it has said nothing of. */
  private askRest(): void {
    this.askRestNs = -1;
    for (const item of this.table.items()) {
      if (item.hold === undefined) continue;
      for (const interest of item.interests) this.need(interest).subjects.add(item.subject);
    }
    for (const item of this.table.items()) {
      // What came between the question and its answer is in the kept stream, as ever.
      if (item.begins) this.table.holdItems([item], item.state);
    }
  }

  // — the table's host —————————————————————————————————————————————————————————————————————————————————————

  onStart({ previousSession, previousNext }: StartMessage): void {
    const { left } = this;
    this.left = undefined;
    if (left === undefined || previousSession === '') return;
    // Of one that began and ended unheard nothing was received.
    const from = previousSession === left.session ? left.next : FIRST;
    if (previousSession < left.session || from >= previousNext) return;
    this.counters.lost += previousNext - from;
    const notice = { channel: this.name, session: previousSession, from, to: previousNext, reason: ENDED };
    this.effects.note('warn', 'messages lost', notice);
    this.table.tellGap(notice);
  }

  onUnreadable(seq: number, what: string): void {
    const state = itemState(Quality.SUSPECT, Reason.UNREADABLE, `message ${seq}: ${what}`, this.wallNs());
    this.table.whole = false;
    const items = [...this.table.items()].filter((item) => item.begins || (item.hold === undefined && item.seq <= seq));
    this.lose(items, state, seq + 1, ({ completeFrom }) => completeFrom <= seq);
  }

  onImageNeeded(item: Item): void {
    const interest = item.interests[0];
    if (interest !== undefined) this.need(interest).subjects.add(item.subject);
  }

  onListenerError(error: unknown): void {
    this.counters.listenerErrors++;
    this.effects.listenerFailed(error);
  }

  quarantine(code: string, message: string, bytes: Uint8Array, start: number, end: number, seq: number): void {
    this.effects.quarantine(code, message, bytes.subarray(start, end), { channel: this.name, seq });
  }

  reportOf(subject: string): ItemState | undefined {
    return this.effects.itemState(subject);
  }

  wallNs(): bigint {
    return this.wallOffset + BigInt(Math.round(this.nowNs));
  }

  // — the channel's state ——————————————————————————————————————————————————————————————————————————————————

  /**
   * Tells the items when the channel's state is another. A worse one at once; a better one at the earliest so
   * long after the last pass over the items that gaps opening and closing by the hundred leave time for data.
   */
  private refresh(): void {
    const state = this.judge();
    const { table } = this;
    if (sameState(state, table.state)) return;
    const better = state.quality < table.state.quality;
    if (better && this.nowNs - this.toldNs < table.size * PAUSE_NS_PER_ITEM) return;
    // A gap that opens before the last one was told to be closed counts as the same one.
    if (!this.receiver.recovering) this.gap = undefined;
    this.toldNs = this.nowNs;
    table.setState(state);
  }

  private get hearsSeveral(): boolean {
    let heard = 0;
    for (let group = 0; group < this.silentGroups.length; group++) if (this.isHeard(group)) heard++;
    return heard > 1;
  }

  /** Tells when one of several groups falls silent, or is heard again. */
  private lookAtGroups(): void {
    for (let group = 0; group < this.silentGroups.length; group++) {
      const heard = this.isHeard(group) || this.nowNs - this.openedNs <= this.silence.ns;
      if (heard !== this.silentGroups[group]) continue;
      this.silentGroups[group] = !heard;
      if (!heard) this.counters.linesSilent++;
      this.effects.lineChanged(this, group, heard);
    }
  }

  private judge(): ItemState {
    const { receiver, nowNs } = this;
    let state = this.outside;
    if (state.quality !== Quality.LIVE || this.reach.reached(receiver)) {
      this.unreached = undefined;
    } else {
      const detail = 'not all has come yet that the plants speak of';
      this.unreached ??= itemState(Quality.RECOVERING, Reason.CHANNEL_GAP, detail, this.wallNs());
      state = this.unreached;
    }
    // What one group lacks another one mostly brings a moment later: it counts as missing when it has to be asked for.
    if (receiver.recovering && (receiver.overdue || !this.hearsSeveral)) {
      const detail = `messages are missing from ${receiver.expected} on and are being asked for`;
      this.gap ??= itemState(Quality.RECOVERING, Reason.CHANNEL_GAP, detail, this.wallNs());
      state = worst(this.gap, state);
    }
    let heardNs = this.openedNs;
    for (let group = 0; group < this.silentGroups.length; group++) {
      heardNs = Math.max(heardNs, receiver.lines[ClientLine.GROUP + group]!.lastHeardNs);
    }
    if (this.ended !== undefined) {
      state = worst(this.ended, state);
    } else if (nowNs - heardNs > this.silence.ns) {
      const detail = receiver.session === undefined ? 'nothing has been heard on the group' : 'the group is silent';
      const since = this.wallOffset + BigInt(Math.round(heardNs));
      // What the plants say, or that none is heard, is the cause rather than the consequence.
      state = worst(state, itemState(Quality.STALE, Reason.CHANNEL_SILENT, detail, since));
    } else if (receiver.session === undefined) {
      const detail = 'the group has not been heard yet';
      const since = this.wallOffset + BigInt(Math.round(this.openedNs));
      state = worst(itemState(Quality.RECOVERING, Reason.WAITING_FOR_IMAGE, detail, since), state);
    }
    return state;
  }
}

/** `group`, `group-2`, … */
function lineName(group: number): string {
  return group === 0 ? 'group' : `group-${group + 1}`;
}

/** Reason: the channel's session has come to its end; of a gap: it did so before these messages came, and nobody repeats them. */
const ENDED = 'session-ended';
/** The number of a session's first message. */
const FIRST = 1;
