import { errorMessage } from '@tickerplant/core';
import { parseSession } from '@tickerplant/floor';
import { MOLD_FRAMING } from '@tickerplant/moldudp64';
import { CellRuns, type Page, PageStep, PageValue } from '@tickerplant/pages';
import {
  decodeMessage,
  headOf,
  Kind,
  LIVE,
  type Message,
  PageMessage,
  type QualityState,
  RecordKind,
  WIRE_VERSION,
} from '@tickerplant/records';
import { type LineState, type SequencedListener, SequencedReceiver } from '@tickerplant/sequence';
import type { HistoryChannel, HistoryPage, PageHistoryListener } from './page-history.ts';

/** Kinds that say something of pages, besides the pages' own. */
const KINDS: ReadonlySet<number> = new Set([Kind.ITEM, Kind.QUALITY, Kind.REMOVE]);
const PAGE_IMAGE_HEAD = headOf(Kind.PAGE_IMAGE);
const PAGE_UPDATE_HEAD = headOf(Kind.PAGE_UPDATE);
/**
 * What comes by the other network, through a plant, has been under way for longer. So long before a heartbeat came, what it says
 * was surely so; and a message that the usually faster line didn't bring may have been sent so much earlier.
 */
const UNDER_WAY_NS = 20_000_000;
/** Bound on item numbers that are remembered because nothing named them. */
const UNNAMED_MAX = 10_000;

const pageMessage = new PageMessage();
const changes = new CellRuns();

class CapturedPage implements HistoryPage {
  readonly subject: string;
  readonly channel: CapturedChannel;
  readonly value = new PageValue();
  state: QualityState = LIVE;
  /** What has been told of it. */
  isKnown = false;
  told: QualityState = LIVE;
  /** What has changed and could not be told yet. */
  readonly pending = new CellRuns();

  constructor(subject: string, channel: CapturedChannel) {
    this.subject = subject;
    this.channel = channel;
  }

  get page(): Page | undefined {
    return this.value.isSound ? this.value.page : undefined;
  }
}

/** One channel of the captures: each message once and in order, and the pages that they make. */
export class CapturedChannel implements HistoryChannel, SequencedListener {
  readonly id: number;
  day = 0;
  provenNs = 0;
  /** When a packet of it last came. */
  heardNs = 0;
  /** Messages that are in no packet of the captures, and in how many gaps. */
  lost = 0;
  gaps = 0;
  /** Items with pages whose names are not in the captures: they began after them. */
  readonly unnamed: Set<number> = new Set();
  readonly #listener: PageHistoryListener;
  readonly #receiver: SequencedReceiver;
  readonly #lines = new Map<string, number>();
  #pages = new Map<number, CapturedPage>();
  /** Items that are no pages. */
  #others = new Set<number>();
  /** Pages of which something could not be told yet. */
  readonly #waiting = new Set<CapturedPage>();
  #nowNs = 0;
  /** The line of the present packet. */
  #line = 0;
  /** Whether nothing is missing. While something is, the order in which the rest happened is known, but not the times. */
  #isCertain = true;

  /** @param line the first one */
  constructor(id: number, line: string, listener: PageHistoryListener) {
    this.id = id;
    this.#listener = listener;
    this.#lines.set(line, 0);
    this.#receiver = new SequencedReceiver(MOLD_FRAMING, this, {
      lines: [line],
      // A channel's sessions sort by day and epoch, and it never goes back.
      sessionPolicy: (current, incoming) => (current === undefined || incoming > current ? 'switch' : 'ignore'),
      // Nobody is there to be asked. What comes late came by another network, or was repeated.
      requestAttemptsMax: 0,
    });
  }

  get lines(): readonly LineState[] {
    return this.#receiver.lines;
  }

  get session(): string | undefined {
    return this.#receiver.session;
  }

  packet(name: string, bytes: Uint8Array, length: number, nowNs: number): void {
    let line = this.#lines.get(name);
    if (line === undefined) {
      line = this.#receiver.addLine(name);
      this.#lines.set(name, line);
    }
    this.#nowNs = nowNs;
    this.#line = line;
    this.heardNs = nowNs;
    this.#receiver.packet(line, bytes, length, nowNs);
    this.#settle();
  }

  /** A packet without messages, which names the number that comes next, has been taken. */
  heartbeat(session: string, next: number, nowNs: number): void {
    const receiver = this.#receiver;
    if (this.#isCertain && session === receiver.session && next === receiver.expected) {
      this.#prove(nowNs - UNDER_WAY_NS);
    }
  }

  /** Gives up what has been missing for too long. */
  tick(nowNs: number): void {
    if (this.#isCertain) return;
    this.#nowNs = nowNs;
    this.#receiver.tick(nowNs);
    this.#settle();
  }

  /** Nothing will come any more. */
  finish(): void {
    this.#receiver.finish();
    this.#settle();
  }

  // — the receiver's listener ——————————————————————————————————————————————————————————————————————————————

  onRun(bytes: Uint8Array, start: number, _end: number, _seq: number, count: number): void {
    if (this.#isCertain) this.#prove(this.#isFast(this.#line) ? this.#nowNs : this.#nowNs - UNDER_WAY_NS);
    let at = start;
    for (let n = 0; n < count; n++) {
      const from = at + 2;
      at = from + ((bytes[at]! << 8) | bytes[at + 1]!);
      if (at > from) this.#message(bytes, from, at);
    }
    if (this.#isCertain) this.provenNs = this.#nowNs;
  }

  onGap(): void {
    this.#isCertain = false;
  }

  onLost(from: number, to: number): void {
    this.lost += to - from;
    this.gaps++;
    const { provenNs } = this;
    this.#listener.onGap({ channel: this.id, session: this.#receiver.session ?? '', from, to }, provenNs);
    const which = to - from === 1 ? `message ${from} is` : `messages ${from} to ${to - 1} are`;
    this.#loseAll(`${which} not in the capture`);
  }

  onSession(session: string): void {
    for (const page of this.#pages.values()) this.#listener.onGone(page, this.provenNs);
    this.#pages = new Map();
    this.#others = new Set();
    this.#waiting.clear();
    this.day = parseSession(session)!.day;
    this.provenNs = this.#nowNs;
  }

  onEnd(): void {}

  onRequest(): void {}

  /** Whether a line is the one that mostly brings messages first. */
  #isFast(line: number): boolean {
    const { firsts } = this.lines[line]!.counters;
    return this.lines.every(({ counters }, index) => index === line || counters.firsts < firsts);
  }

  // — messages —————————————————————————————————————————————————————————————————————————————————————————————

  #message(bytes: Uint8Array, from: number, to: number): void {
    // A short array has one byte of its own before the head, a long one three.
    const head = bytes[(bytes[from]! & 0xf0) === 0x90 ? from + 1 : from + 3]!;
    if (head === PAGE_UPDATE_HEAD || head === PAGE_IMAGE_HEAD) this.#pageMessage(bytes, from, to);
    else if (head >> 4 !== WIRE_VERSION) this.#unreadable(`expected version ${WIRE_VERSION}, found ${head >> 4}`);
    else if (KINDS.has(head & 0x0f)) this.#rare(bytes, from, to);
  }

  #rare(bytes: Uint8Array, from: number, to: number): void {
    let message: Message;
    try {
      message = decodeMessage(bytes, from, to);
    } catch (error) {
      this.#unreadable(errorMessage(error));
      return;
    }
    if (message.kind === Kind.ITEM) this.#define(message.item, message.subject, message.recordKind);
    else if (message.kind === Kind.REMOVE) this.#remove(message.item);
    else if (message.kind === Kind.QUALITY) {
      const { item, quality, reason, detail } = message;
      for (const page of item === undefined ? this.#pages.values() : this.#pageOf(item)) {
        page.state = { quality, reason, detail };
        this.#touch(page);
      }
    }
  }

  #pageOf(item: number): CapturedPage[] {
    const page = this.#pages.get(item);
    return page === undefined ? [] : [page];
  }

  #define(item: number, subject: string, kind: RecordKind): void {
    this.unnamed.delete(item);
    if (kind !== RecordKind.PAGE) {
      this.#others.add(item);
      return;
    }
    if (this.#pages.get(item)?.subject === subject) return;
    for (const [number, page] of this.#pages) if (number === item || page.subject === subject) this.#remove(number);
    this.#pages.set(item, new CapturedPage(subject, this));
  }

  #remove(item: number): void {
    const page = this.#pages.get(item);
    if (page === undefined) return;
    this.#pages.delete(item);
    this.#waiting.delete(page);
    this.#listener.onGone(page, this.#nowNs);
  }

  #pageMessage(bytes: Uint8Array, from: number, to: number): void {
    const fault = pageMessage.read(bytes, from, to);
    const page = this.#pages.get(pageMessage.item);
    if (fault !== undefined) {
      if (page === undefined) this.#unreadable(fault);
      else this.#lose(page, fault, this.#nowNs);
      return;
    }
    if (page === undefined) {
      const { item } = pageMessage;
      if (!this.#others.has(item) && this.unnamed.size < UNNAMED_MAX) this.unnamed.add(item);
      return;
    }
    changes.clear();
    const { value } = page;
    const step = value.take(pageMessage, changes);
    if (step === PageStep.FAULT) this.#lose(page, value.fault!, this.#nowNs);
    else if (step === PageStep.OUT_OF_ORDER) {
      this.#lose(page, `expected the next part of an image, found part ${pageMessage.part}`, this.#nowNs);
    } else if (step === PageStep.UPDATE || step === PageStep.IMAGE) {
      for (let run = 0; run < changes.count; run++) {
        page.pending.add(changes.row(run), changes.first(run), changes.end(run));
      }
      this.#touch(page);
    }
  }

  // — telling ——————————————————————————————————————————————————————————————————————————————————————————————

  /** Something has become of a page. It is told at once, unless something is missing. */
  #touch(page: CapturedPage): void {
    if (this.#isCertain) this.#tell(page);
    else this.#waiting.add(page);
  }

  #tell(page: CapturedPage): void {
    const { pending } = page;
    const isNew = !page.isKnown && page.page !== undefined;
    if (page.told !== page.state) {
      page.told = page.state;
      this.#listener.onJudged(page, this.#nowNs);
    }
    if (page.page !== undefined && (isNew || pending.count > 0)) {
      page.isKnown = true;
      this.#listener.onChanged(page, pending, this.#nowNs);
    }
    pending.clear();
  }

  /** When nothing is missing any more: tells what had to wait. When between then and now it happened, nobody knows. */
  #settle(): void {
    if (this.#isCertain || this.#receiver.recovering) return;
    this.#isCertain = true;
    for (const page of this.#waiting) this.#tell(page);
    this.#waiting.clear();
    this.provenNs = Math.max(this.provenNs, this.#nowNs);
  }

  #prove(untilNs: number): void {
    if (untilNs <= this.provenNs) return;
    this.#listener.onTime(this, untilNs);
    this.provenNs = untilNs;
  }

  #unreadable(what: string): void {
    this.#loseAll(`a message could not be read: ${what}`);
  }

  #loseAll(why: string): void {
    for (const page of this.#pages.values()) this.#lose(page, why, this.provenNs);
  }

  /** What the page shows isn't known until its next image. */
  #lose(page: CapturedPage, why: string, atNs: number): void {
    page.value.clear();
    page.pending.clear();
    if (!page.isKnown) return;
    page.isKnown = false;
    this.#listener.onUnknown(page, why, atNs);
  }
}
