import { skipBlocks } from './blocks.ts';
import { LINE_COUNTERS, type LineCounters, RECEIVER_COUNTERS, type ReceiverCounters } from './counters.ts';
import { createPacketHeader, type Framing, type PacketHeader } from './framing.ts';
import { type Answers, GapList, type LostReason } from './gaps.ts';
import { fillOptions, type ReceiverOptions, type SessionPolicy } from './options.ts';
import { ReorderWindow } from './reorder-window.ts';

/**
 * What a `SequencedReceiver` tells. Within a session, `onRun` and `onLost` together cover every number from the
 * start exactly once, in ascending order: each begins where the one before ended. A listener must not call the
 * receiver.
 */
export interface SequencedListener {
  /**
   * Messages `seq` to `seq + count - 1`: so many blocks, back to back in `bytes[start, end)`. The bytes are
   * borrowed: copy what is to be kept.
   */
  onRun(bytes: Uint8Array, start: number, end: number, seq: number, count: number): void;
  /** Messages [from, to) will never come. */
  onLost(from: number, to: number, reason: LostReason): void;
  /**
   * Asked before `onLost`, first when messages [from, to) have been given up, then with each packet and tick: whether to go on
   * without them. While it says no nothing is delivered, and the messages themselves are not used any more should they come.
   * Not asked at a session's end, or at `finish`. Left out: yes.
   */
  mayLose?(from: number, to: number): boolean;
  /** A session begins, with message `next`. With `previous` equal to `session`: its numbering begins anew. */
  onSession(session: string, previous: string | undefined, next: number): void;
  /** The session is over, all of it delivered or reported lost; `next` was never used. Told once a session. */
  onEnd(next: number): void;
  /** Messages [from, to) are missing; delivery stops before `from` until they come or are given up. */
  onGap?(from: number, to: number): void;
  /** Missing messages [from, to), a gap or part of one, have come. */
  onGapClosed?(from: number, to: number): void;
  /**
   * An effect: ask a request server for `count` messages from `from` on.
   *
   * @param session the session's bytes, borrowed.
   * @param attempt 0 at first, then how often these numbers have been asked for already.
   */
  onRequest(session: Uint8Array, from: number, count: number, attempt: number): void;
}

/** What is known of a line. */
export interface LineState {
  readonly name: string;
  readonly counters: Readonly<LineCounters>;
  /** When a good packet of the session last came, in monotonic ns; -1 if never. */
  readonly lastHeardNs: number;
  /** The number that should come next on this line, judged by the line alone; -1 before its first packet. */
  readonly next: number;
}

class Line implements LineState {
  readonly name: string;
  readonly counters: LineCounters;
  readonly repair: boolean;
  lastHeardNs = -1;
  next = -1;
  /** How many restarts of the numbering this line has followed. */
  numbering = 0;

  constructor(name: string, counters: LineCounters, repair: boolean) {
    this.name = name;
    this.counters = counters;
    this.repair = repair;
  }

  /** Judges numbers [seq, next) against what the line itself brought before. */
  track(seq: number, next: number): void {
    if (seq === this.next || this.next < 0) {
      this.next = next;
    } else if (seq > this.next) {
      if (!this.repair) this.counters.missed += seq - this.next;
      this.next = next;
    } else {
      if (!this.repair) this.counters.late += Math.min(next, this.next) - seq;
      if (next > this.next) this.next = next;
    }
  }
}

/** Sessions left behind that are remembered, so that a line's stragglers cannot bring one back. */
const PAST_SESSIONS_MAX = 16;
const NEVER = Number.POSITIVE_INFINITY;
/** Most times the usual wait for an answer; and so often at least one must be able to ask before numbers are given up. */
const PATIENCE_MAX = 16;
const ASKS_MIN = 20;
/** Answers that bring all that was asked for until one message more is. */
const ANSWERS_A_STEP = 16;
/** No less than this part of `requestMessagesMax` is asked for, however short answers are. */
const REQUEST_SHARE_MIN = 4;
/** With all requests out, more are made when this part of them has been answered. */
const ANSWERS_SHARE = 4;

/**
 * Turns packets that come on several lines, lost, doubled, displaced and differently cut, into one sequence:
 * every message once and in order, or reported lost. Lines are arbitrated by message number. A machine: it
 * takes packets and the time, and tells its listener; it owns no socket, timer or clock.
 *
 * What it knows, by number:
 *
 *   … delivered │ missing │ held │ missing │ held │ missing │ not yet sent …
 *               expected                                    top
 *
 * Between `expected` and `top` every number is either in a gap (`gaps`) or in a held packet (`window`). Missing
 * numbers are asked for after `gapWaitNs`, in parts of at most `requestMessagesMax` (and of no more than answers have room for), at most
 * `requestsInFlightMax` at a time, again after `requestTimeoutNs` (longer while answers come late); and given up after
 * `requestAttemptsMax` attempts or `lostAfterNs`. When the window is full the highest packet is dropped, and asked for when there
 * is room.
 */
export class SequencedReceiver {
  readonly lines: readonly LineState[];
  readonly counters: Readonly<ReceiverCounters>;
  private readonly framing: Framing;
  private readonly listener: SequencedListener;
  private readonly options: ReturnType<typeof fillOptions>;
  private readonly allLines: Line[];
  private readonly counts: ReceiverCounters;
  private readonly policy: SessionPolicy;
  private readonly header: PacketHeader = createPacketHeader();
  private readonly gaps: GapList;
  private readonly window: ReorderWindow;
  private readonly sessionBytes: Uint8Array;
  private readonly sessionOffset: number;
  private sessionName: string | undefined;
  private readonly pastSessions: string[] = [];
  /** Where the first session begins. */
  private startAt: number | 'first-seen';
  /** The session that this holds for; undefined: whichever comes. */
  private startOf: string | undefined;
  private nextNumber = 0;
  /** The number after the highest known to exist. */
  private top = 0;
  /** The number after the session's last, once known. */
  private end = NEVER;
  private endTold = false;
  /** How many restarts of the numbering there were. */
  private numbering = 0;
  /** Nothing missing, held or ended: the next packet is most likely the expected one. */
  private settled = false;
  /** Given up, and the listener does not want to go on without it yet. */
  private withheld: { readonly from: number; readonly to: number; readonly reason: LostReason } | undefined;
  /** When something about a gap falls due. */
  private dueNs: number = NEVER;
  /** A gap could not be asked for, for want of room or because too many requests were unanswered. */
  private starved = false;
  /** So many more arrivals until it is worth looking what can be asked for: with all requests out, it walks the gaps. */
  private answersToWait = 0;
  /** Messages that an answer has had room for lately: what is left over of a request would take another one. */
  private answerMessages: number;
  /** By who was asked: the oldest number that it has, where it has said so since something was missing. */
  private readonly oldest = new Map<string, number>();
  /** How many times `requestTimeoutNs` to wait for an answer: it doubles when answers come late, until all is repaired. */
  private patience = 1;
  private readonly patienceMax: number;
  /** Answers since then that brought something, and that came too late to. */
  private answers = 0;
  private lateAnswers = 0;
  /** When that doubled last. */
  private patientNs: number = Number.NEGATIVE_INFINITY;
  /** The number after an implausibly far packet that waits for confirmation; -1 if none. */
  private unconfirmed = -1;

  /** @throws TickerError `SEQUENCE_BAD_OPTION` */
  constructor(framing: Framing, listener: SequencedListener, options: ReceiverOptions) {
    this.framing = framing;
    this.listener = listener;
    this.options = fillOptions(options);
    this.startAt = this.options.start;
    this.answerMessages = this.options.requestMessagesMax;
    const { lostAfterNs, requestTimeoutNs } = this.options;
    this.patienceMax = Math.max(1, Math.min(PATIENCE_MAX, lostAfterNs / (ASKS_MIN * requestTimeoutNs)));
    const { registry, labels = {}, repairLine } = this.options;
    this.allLines = [];
    for (const [index, name] of options.lines.entries()) this.add(name, index === repairLine);
    this.lines = this.allLines;
    this.counts = registry?.create(RECEIVER_COUNTERS, labels) ?? RECEIVER_COUNTERS.create();
    this.counters = this.counts;
    this.policy = this.options.sessionPolicy;
    this.window = new ReorderWindow(this.options.reorderPacketsMax, this.options.reorderBytesMax);
    this.gaps = new GapList((from, to) => {
      this.counts.recovered += to - from;
      this.listener.onGapClosed?.(from, to);
    });
    this.sessionBytes = new Uint8Array(framing.sessionLength);
    this.sessionOffset = framing.sessionOffset;
  }

  /** The next number to be delivered; 0 before the first packet. */
  get expected(): number {
    return this.withheld?.from ?? this.nextNumber;
  }

  /** The current session, or undefined before the first packet. */
  get session(): string | undefined {
    return this.sessionName;
  }

  /** Whether the session's end has been told. */
  get ended(): boolean {
    return this.endTold;
  }

  /** Whether numbers are missing: `tick` has something to do. */
  get recovering(): boolean {
    return this.gaps.length > 0 || this.withheld !== undefined;
  }

  /** Whether the lowest missing numbers have been waited for in vain: they are being asked for, or given up. */
  get overdue(): boolean {
    if (this.withheld !== undefined) return true;
    if (this.gaps.length === 0) return false;
    const { openedNs, attempts, givenUp } = this.gaps.at(0);
    return openedNs < 0 || attempts > 0 || givenUp !== undefined;
  }

  /** The missing ranges [from, to), ascending. Made anew: for status, not for hot paths. */
  get missing(): { from: number; to: number }[] {
    const open = Array.from({ length: this.gaps.length }, (_, index) => {
      const { from, to } = this.gaps.at(index);
      return { from, to };
    });
    if (this.withheld === undefined) return open;
    const { from, to } = this.withheld;
    return [{ from, to }, ...open];
  }

  /** What waits for missing numbers. */
  get held(): { readonly packets: number; readonly bytes: number } {
    return { packets: this.window.packets, bytes: this.window.bytes };
  }

  /** Another line of the same messages. @returns its index. */
  addLine(name: string): number {
    return this.add(name, false);
  }

  /**
   * Takes one packet. Never throws, whatever the bytes (unless the listener does).
   *
   * @param line index of the line it came on.
   * @param bytes borrowed: not kept after the return.
   * @param length the packet is `bytes[0, length)`.
   * @param nowNs monotonic.
   * @param by of an answer: who has given it, by the name that `answerers` has for it.
   */
  packet(line: number, bytes: Uint8Array, length: number, nowNs: number, by = ''): void {
    const state = this.allLines[line]!;
    const counters = state.counters;
    counters.packets++;
    counters.bytes += length;
    const header = this.header;
    const fault = this.framing.parse(bytes, length, header);
    if (fault !== undefined) {
      this.malformed(state, fault.code, fault.message, bytes, length, fault.context);
      return;
    }
    if (!this.isCurrentSession(bytes) && !this.enterSession(bytes)) {
      counters.foreign++;
      return;
    }
    state.lastHeardNs = nowNs;
    const { seq, count } = header;
    if (
      this.settled &&
      seq === state.next &&
      header.kind === 'data' &&
      count > 0 &&
      !header.restart &&
      state.numbering === this.numbering
    ) {
      // The line is in order. Mostly it brings what is expected, or what the other line brought just before.
      const next = seq + count;
      if (seq === this.nextNumber) {
        state.next = next;
        this.nextNumber = next;
        this.top = next;
        counters.messages += count;
        counters.firsts += count;
        this.counts.messages += count;
        this.listener.onRun(bytes, header.blocksStart, header.blocksEnd, seq, count);
        return;
      }
      if (next <= this.nextNumber) {
        state.next = next;
        counters.messages += count;
        counters.duplicates += count;
        return;
      }
    }
    this.sequence(state, bytes, length, nowNs, by);
    this.proceed(nowNs);
  }

  /**
   * Lets time pass: asks, asks again, gives up. Call it every millisecond or so while `recovering`; when not, it
   * has nothing to do.
   */
  tick(nowNs: number): void {
    if (nowNs >= this.dueNs) this.proceed(nowNs);
  }

  /** Ends the wait: delivers what is held, reports what is missing as lost. For the end of a replay. */
  finish(): void {
    this.giveUpAll('finished');
  }

  /**
   * Forgets the session and all that is missing or held, and tells nobody: the next packet begins a session, at `start`.
   * For a member of a pair that has taken over another one's state.
   *
   * @param session the session that `start` belongs to; another one begins with `newSessionStart`. Left out: any.
   */
  rejoin(start: number | 'first-seen', session?: string): void {
    const { window, gaps } = this;
    while (window.packets > 0) window.release(window.shift());
    while (gaps.length > 0) gaps.shift();
    this.withheld = undefined;
    for (const line of this.allLines) {
      line.next = -1;
      line.numbering = this.numbering;
    }
    this.startAt = start;
    this.startOf = session;
    this.sessionName = undefined;
    this.pastSessions.length = 0;
    this.nextNumber = 0;
    this.top = 0;
    this.end = NEVER;
    this.endTold = false;
    this.settled = false;
    this.dueNs = NEVER;
    this.starved = false;
    this.answersToWait = 0;
    this.unconfirmed = -1;
    this.oldest.clear();
  }

  private add(name: string, repair: boolean): number {
    const { registry, labels = {} } = this.options;
    const counters = registry?.create(LINE_COUNTERS, { ...labels, line: name }) ?? LINE_COUNTERS.create();
    const line = new Line(name, counters, repair);
    line.numbering = this.numbering;
    return this.allLines.push(line) - 1;
  }

  // Sessions

  private isCurrentSession(bytes: Uint8Array): boolean {
    const session = this.sessionBytes;
    const offset = this.sessionOffset;
    for (let i = 0; i < session.length; i++) if (session[i] !== bytes[offset + i]) return false;
    return this.sessionName !== undefined;
  }

  /** Decides on a packet of another session. @returns whether that is now the current one. */
  private enterSession(bytes: Uint8Array): boolean {
    const previous = this.sessionName;
    const incoming = this.framing.formatSession(bytes, this.sessionOffset);
    if (this.pastSessions.includes(incoming) || this.policy(previous, incoming, this.endTold) === 'ignore')
      return false;
    const { seq } = this.header;
    if (previous !== undefined) {
      this.giveUpAll('session-over');
      if (this.pastSessions.push(previous) > PAST_SESSIONS_MAX) this.pastSessions.shift();
    }
    for (let i = 0; i < this.sessionBytes.length; i++) this.sessionBytes[i] = bytes[this.sessionOffset + i]!;
    const isFirst = previous === undefined && (this.startOf === undefined || this.startOf === incoming);
    const from = isFirst ? this.startAt : this.options.newSessionStart;
    this.sessionName = incoming;
    this.counts.sessions++;
    this.begin(from === 'first-seen' ? seq : from, previous);
    // The distance to a start that was given says nothing of plausibility: the stream has been running.
    this.unconfirmed = seq;
    return true;
  }

  /** Starts numbering at `next`. */
  private begin(next: number, previous: string | undefined): void {
    for (const line of this.allLines) line.next = -1;
    this.nextNumber = next;
    this.top = next;
    this.end = NEVER;
    this.endTold = false;
    this.unconfirmed = -1;
    this.dueNs = NEVER;
    this.oldest.clear();
    this.listener.onSession(this.sessionName!, previous, next);
  }

  /**
   * Whether a packet belongs to the current numbering. After a restart, lines that have not announced it go on
   * with the old numbers for a while; a packet is taken for whichever numbering it is nearer to.
   */
  private followsRestart(state: Line, seq: number, restart: boolean): boolean {
    if (state.numbering === this.numbering) return true;
    if (!restart && state.next >= 0 && Math.abs(seq - state.next) <= Math.abs(seq - this.top)) return false;
    state.numbering = this.numbering;
    state.next = -1;
    return true;
  }

  private restart(state: Line, seq: number): void {
    this.giveUpAll('session-over');
    this.counts.restarts++;
    this.numbering++;
    const others = this.allLines.map((line) => line.next);
    this.begin(seq, this.sessionName);
    this.allLines.forEach((line, index) => {
      line.next = others[index]!;
    });
    state.numbering = this.numbering;
    state.next = -1;
  }

  // Numbers

  /** Everything but the expected packet on a settled receiver. */
  private sequence(state: Line, bytes: Uint8Array, length: number, nowNs: number, by: string): void {
    const header = this.header;
    const { seq, count, kind } = header;
    const next = seq + count;
    const behind = state.numbering !== this.numbering;
    if (behind && !this.followsRestart(state, seq, header.restart)) {
      state.counters.stale++;
      if (next > state.next) state.next = next;
      return;
    }
    if (header.restart && !behind && seq < this.nextNumber) this.restart(state, seq);
    if (!this.isPlausible(seq, next)) {
      const furthest = this.top + this.options.jumpMessagesMax;
      this.counts.implausible++;
      this.malformed(
        state,
        'SEQUENCE_IMPLAUSIBLE',
        `expected numbers up to ${furthest}, got ${next}: not believed until another packet confirms it`,
        bytes,
        length,
        { expected: this.nextNumber, seq, count },
      );
      return;
    }
    if (next > this.end) {
      this.counts.afterEnd++;
      this.malformed(
        state,
        'SEQUENCE_AFTER_END',
        `expected nothing after the session's end at ${this.end}, got ${next}`,
        bytes,
        length,
        { seq, count },
      );
      return;
    }
    state.track(seq, next);
    if (kind === 'data' && count > 0) {
      this.data(state, bytes, nowNs);
      return;
    }
    state.counters.heartbeats++;
    if (seq > this.top) this.miss(seq, nowNs);
    else if (state.repair && kind !== 'end') this.refused(seq, by, nowNs);
    if (kind !== 'end') return;
    if (seq < this.top) {
      this.malformed(
        state,
        'SEQUENCE_END_TOO_EARLY',
        `expected the session's end at ${this.top} or later, got ${seq}`,
        bytes,
        length,
        { expected: this.nextNumber, seq },
      );
      return;
    }
    this.end = seq;
  }

  private isPlausible(seq: number, next: number): boolean {
    const { jumpMessagesMax } = this.options;
    if (next - this.top <= jumpMessagesMax) return true;
    const confirmed = this.unconfirmed >= 0 && seq >= this.unconfirmed && seq - this.unconfirmed <= jumpMessagesMax;
    this.unconfirmed = confirmed ? -1 : next;
    return confirmed;
  }

  /** All numbers from `top` up to `to` exist and have not come. */
  private miss(to: number, nowNs: number): void {
    const from = this.top;
    this.top = to;
    this.open(from, to, nowNs, false);
  }

  private open(from: number, to: number, nowNs: number, parked: boolean): void {
    this.gaps.add(from, to, parked ? -1 : nowNs);
    this.counts.gaps++;
    this.counts.missing += to - from;
    this.dueNs = Math.min(this.dueNs, nowNs + this.options.gapWaitNs);
    this.listener.onGap?.(from, to);
  }

  private data(state: Line, bytes: Uint8Array, nowNs: number): void {
    const { seq, count } = this.header;
    const next = seq + count;
    const { counters } = state;
    counters.messages += count;
    if (seq <= this.nextNumber && (this.withheld === undefined || next <= this.nextNumber)) {
      if (state.repair && next <= this.nextNumber) this.late(nowNs);
      let news = 0;
      if (next > this.nextNumber) {
        news = this.know(state, this.nextNumber, next, nowNs);
        this.run(bytes, this.header.blocksStart, this.header.blocksEnd, seq, next);
      }
      counters.firsts += news;
      counters.duplicates += count - news;
      return;
    }
    if (seq > this.top) this.miss(seq, nowNs);
    const news = this.gaps.missingIn(seq, next) + Math.max(0, next - this.top);
    if (news === 0) {
      counters.duplicates += count;
      if (state.repair) this.late(nowNs);
    } else if (this.makeRoom(seq, nowNs)) {
      this.window.insert(seq, next, bytes, this.header.blocksStart, this.header.blocksEnd);
      const firsts = this.know(state, seq, next, nowNs); // `news`, and what has just made room for it.
      counters.firsts += firsts;
      counters.duplicates += count - firsts;
    } else {
      counters.duplicates += count - news;
      this.counts.windowDropped += news;
      this.refuse(seq, next, nowNs);
    }
  }

  /** Notes that [from, next) has come. @returns how much of that is new. */
  private know(state: Line, from: number, next: number, nowNs: number): number {
    if (state.repair) this.answers++;
    let news = 0;
    if (next > this.top) {
      news = next - Math.max(this.top, from);
      this.top = next;
    }
    if (this.gaps.length > 0) {
      const { repairLine, singlePacketAnswers } = this.options;
      const isAnswer = repairLine === undefined || state.repair;
      const answers: Answers = isAnswer ? (singlePacketAnswers ? 'single' : 'many') : 'none';
      const filled = this.gaps.fill(from, next, answers, nowNs);
      // Where answers have no line of their own, what cuts a request short may be no answer.
      if (state.repair && singlePacketAnswers && filled > 0) this.measure(next - from);
      // What an answer left open may be asked for at once, and what had to wait may be so now.
      if (filled > 0 && (this.starved || isAnswer) && --this.answersToWait <= 0) {
        this.dueNs = Math.min(this.dueNs, nowNs);
      }
      news += filled;
    }
    return news;
  }

  /** Notes how many messages an answer has brought. */
  private measure(messages: number): void {
    const { requestMessagesMax } = this.options;
    let fitting = this.answerMessages;
    if (this.gaps.cutShort) fitting = Math.max(messages, Math.ceil(requestMessagesMax / REQUEST_SHARE_MIN));
    else if (messages >= Math.floor(fitting)) fitting += 1 / ANSWERS_A_STEP;
    this.answerMessages = Math.min(requestMessagesMax, fitting);
  }

  /** Delivers what is not yet delivered of blocks `seq` to `next - 1`, at `bytes[start, end)`. */
  private run(bytes: Uint8Array, start: number, end: number, seq: number, next: number): void {
    const from = this.nextNumber;
    if (from > seq) start = skipBlocks(bytes, start, from - seq, this.framing.littleEndianLengths);
    this.nextNumber = next;
    this.counts.messages += next - from;
    this.listener.onRun(bytes, start, end, from, next - from);
  }

  /** Makes room in the window for this packet, at the cost of higher ones. @returns whether there is room. */
  private makeRoom(seq: number, nowNs: number): boolean {
    const { window, header } = this;
    const length = header.blocksEnd - header.blocksStart;
    while (!window.hasRoomFor(length)) {
      const tail = window.tail;
      if (tail === undefined || tail.seq <= seq) return false;
      const from = Math.max(tail.seq, window.nextBeforeTail);
      window.release(window.pop());
      this.counts.windowDropped += tail.next - from;
      this.open(from, tail.next, nowNs, true);
    }
    return true;
  }

  /** The window is full of lower numbers: [seq, next) has to be asked for when there is room. */
  private refuse(seq: number, next: number, nowNs: number): void {
    const from = Math.max(seq, this.top);
    this.gaps.park(seq, next);
    if (next > from) {
      this.top = next;
      this.open(from, next, nowNs, true);
    }
  }

  // Progress

  /** Delivers what can be, and does what is due. */
  private proceed(nowNs: number): void {
    this.deliver();
    while (nowNs >= this.dueNs && this.recover(nowNs)) {
      this.deliver();
      this.dueNs = nowNs; // What was given up has made room for others.
    }
    if (this.gaps.length === 0) {
      this.dueNs = NEVER;
      this.patience = 1;
      if (this.oldest.size > 0) this.oldest.clear();
    }
    if (this.withheld !== undefined) this.dueNs = nowNs;
    this.settled =
      this.withheld === undefined && this.gaps.length === 0 && this.window.packets === 0 && this.end === NEVER;
  }

  /** @param forced why what is missing is lost, whatever the listener says. */
  private deliver(forced?: LostReason): void {
    const { window, gaps, listener } = this;
    for (;;) {
      if (this.withheld !== undefined) {
        const { from, to, reason } = this.withheld;
        if (forced === undefined && listener.mayLose?.(from, to) === false) return;
        this.withheld = undefined;
        this.counts.lost += to - from;
        listener.onLost(from, to, forced ?? reason);
      }
      const held = window.head;
      if (held !== undefined && held.seq <= this.nextNumber) {
        window.shift();
        if (held.next > this.nextNumber) this.run(held.bytes, 0, held.length, held.seq, held.next);
        window.release(held);
        continue;
      }
      if (gaps.length === 0) break;
      const { from, givenUp } = gaps.at(0);
      if (from !== this.nextNumber || givenUp === undefined) break;
      // The parts into which requests have cut it are one loss: whoever is told looks at all items.
      let to = from;
      while (gaps.length > 0 && gaps.at(0).from === to && gaps.at(0).givenUp === givenUp) {
        to = gaps.at(0).to;
        gaps.shift();
      }
      this.nextNumber = to;
      this.withheld = { from, to, reason: givenUp };
    }
    if (this.nextNumber === this.end && !this.endTold) {
      this.endTold = true;
      listener.onEnd(this.end);
    }
  }

  /** Asks and gives up as the time says. @returns whether something was given up. */
  private recover(nowNs: number): boolean {
    const { gaps, options, window } = this;
    const { gapWaitNs, requestAttemptsMax, requestsInFlightMax, lostAfterNs } = options;
    const requestTimeoutNs = this.patience * options.requestTimeoutNs;
    let inFlight = 0;
    for (let index = 0; index < gaps.length; index++) if (gaps.at(index).askedNs >= 0) inFlight++;
    let seen = 0;
    let dueNs = NEVER;
    let gaveUp = false;
    this.starved = false;
    for (let index = 0; index < gaps.length; index++) {
      const gap = gaps.at(index);
      if (gap.givenUp !== undefined) continue;
      // The lowest is always worth asking for: it need not be held.
      const wanted = index === 0 || window.hasRoom;
      if (gap.parked) {
        if (!wanted) {
          this.starved = true;
          continue;
        }
        gap.parked = false;
        if (gap.openedNs < 0) gap.openedNs = nowNs;
      }
      const timedOut = gap.askedNs >= 0 && nowNs >= gap.askedNs + requestTimeoutNs;
      if (nowNs >= gap.openedNs + lostAfterNs) {
        gap.givenUp = 'expired';
      } else if (timedOut && gap.attempts >= requestAttemptsMax) {
        gap.givenUp = 'unanswered';
      }
      if (gap.givenUp !== undefined) {
        if (gap.askedNs >= 0) inFlight--;
        gap.askedNs = -1;
        gaveUp = true;
        continue;
      }
      dueNs = Math.min(dueNs, gap.openedNs + lostAfterNs);
      if (requestAttemptsMax === 0) continue;
      if (timedOut) {
        this.counts.retries++;
        this.ask(index, nowNs);
      } else if (gap.askedNs < 0) {
        if (nowNs < gap.openedNs + gapWaitNs) {
          dueNs = Math.min(dueNs, gap.openedNs + gapWaitNs);
          continue;
        }
        if (!wanted || inFlight >= requestsInFlightMax) {
          this.starved = true;
          // Those behind can't be asked for either, nor can they be given up before this one is.
          if (seen >= inFlight) break;
          continue;
        }
        gaps.shape(index, Math.floor(this.answerMessages));
        inFlight++;
        this.ask(index, nowNs);
      }
      seen++;
      dueNs = Math.min(dueNs, gap.askedNs + requestTimeoutNs);
    }
    this.dueNs = dueNs;
    this.answersToWait = inFlight >= requestsInFlightMax ? Math.ceil(requestsInFlightMax / ANSWERS_SHARE) : 1;
    return gaveUp;
  }

  /** Somebody who was asked has nothing before number `first`. */
  private refused(first: number, by: string, nowNs: number): void {
    this.counts.refusals++;
    const names = this.options.answerers();
    // Whoever else says so has no say, and is not remembered: there may be any number of them.
    if (!this.gaps.asked || !names.includes(by)) return;
    this.oldest.set(by, first);
    let end = first;
    for (const name of names) end = Math.min(end, this.oldest.get(name) ?? 0);
    if (this.gaps.abandon(end)) this.dueNs = Math.min(this.dueNs, nowNs);
  }

  /**
   * An answer has come that is no longer needed: it took so long that it was asked for again. Whoever goes on like that
   * adds to the load that makes the answers late.
   */
  private late(nowNs: number): void {
    this.lateAnswers++;
    if (this.gaps.length === 0 || nowNs < this.patientNs + this.patience * this.options.requestTimeoutNs) return;
    // A few of them: the network doubles packets, and what could not be kept comes again.
    if (this.lateAnswers >= this.answers) this.patience = Math.min(this.patienceMax, 2 * this.patience);
    this.patientNs = nowNs;
    this.answers = 0;
    this.lateAnswers = 0;
  }

  private ask(index: number, nowNs: number): void {
    const gap = this.gaps.at(index);
    const count = gap.to - gap.from;
    const attempt = gap.attempts++;
    gap.askedNs = nowNs;
    this.counts.requests++;
    this.counts.requested += count;
    this.listener.onRequest(this.sessionBytes, gap.from, count, attempt);
  }

  private giveUpAll(reason: LostReason): void {
    for (let index = 0; index < this.gaps.length; index++) {
      const gap = this.gaps.at(index);
      gap.givenUp ??= reason;
    }
    this.deliver(reason);
    this.settled = this.end === NEVER;
  }

  private malformed(
    state: Line,
    code: string,
    message: string,
    bytes: Uint8Array,
    length: number,
    context: Readonly<Record<string, string | number | bigint | boolean | undefined>>,
  ): void {
    state.counters.malformed++;
    this.options.quarantine?.(code, message, bytes.subarray(0, length), { line: state.name, ...context });
  }
}
