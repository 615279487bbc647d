import type { VendorSession, VendorSessionContext } from '@tickerplant/feed-runtime';
import { Quality, type QualityState, Reason } from '@tickerplant/records';
import { type Counters, counterSet } from '@tickerplant/telemetry';
import { FrameReader } from './decoder.ts';
import { encodeHeartbeat, encodeLogon, encodeLogout, encodeRequest } from './encoder.ts';
import { FrameParser } from './framing.ts';
import { FrameType, ItemStatus } from './messages.ts';
import { InteractiveNormaliser } from './normaliser.ts';

const SESSION_COUNTERS = counterSet('vendorSession', {
  connections: 'Connections on which a logon was sent.',
  frames: 'Frames that came.',
  images: 'Images taken.',
  updates: 'Updates taken.',
  statuses: 'Words about single symbols.',
  requests: 'Requests made.',
  unanswered: 'Requests that the vendor did not answer in time, and that were made again.',
  strangers: 'Frames under a request that was not made.',
  withoutImage: 'Updates of symbols that have had no image; passed over.',
  unknownFields: 'Fields that this program does not know; passed over.',
  unknownFrames: 'Frames of types that this program does not know; passed over.',
  faults: 'Frames that could not be used; the quarantine keeps the newest.',
});

const MS = 1_000_000;
/** How long a vendor may take to answer a logon. */
const LOGON_NS = 5_000 * MS;
/** How long a vendor may take to answer a request before it is made again. */
const ANSWER_NS = 5_000 * MS;
/** Between two looks for requests that are not answered. */
const LOOK_NS = 100 * MS;
/** What a vendor may state as its heartbeat limit. */
const LIMIT_MS_MIN = 100;
const LIMIT_MS_MAX = 60_000;
/** Heartbeats sent within the limit. */
const BEATS = 3;

/** What is known of a symbol on the present connection. */
const Row = { ASKED: 0, OPEN: 1, OFF: 2 } as const;

const FAULTY: QualityState = {
  quality: Quality.SUSPECT,
  reason: Reason.VENDOR_FAULT,
  detail: 'a message of the vendor could not be used; a new image is asked for',
};
const UNANSWERED: QualityState = {
  quality: Quality.STALE,
  reason: Reason.VENDOR_MISSING,
  detail: 'the vendor does not answer the request',
};

/** The client's side of the protocol, without the connection. Request n is of symbol n. */
export class InteractiveSession implements VendorSession {
  readonly #context: VendorSessionContext;
  readonly #counters: Counters<typeof SESSION_COUNTERS.descriptions>;
  readonly #reader = new FrameReader();
  readonly #normaliser = new InteractiveNormaliser();
  readonly #rows: Uint8Array;
  /** By row: when it was last asked for. */
  readonly #askedNs: Float64Array;
  #state: 'down' | 'logging-on' | 'up' = 'down';
  #parser: FrameParser = new FrameParser(() => {});
  #limitNs = LOGON_NS;
  #heardNs = 0;
  #sentNs = 0;
  #lookedNs = 0;
  #nowNs = 0;

  constructor(context: VendorSessionContext) {
    this.#context = context;
    this.#counters = context.registry.create(SESSION_COUNTERS);
    this.#rows = new Uint8Array(context.symbols.length);
    this.#askedNs = new Float64Array(context.symbols.length);
  }

  connected(nowNs: number): void {
    this.#nowNs = nowNs;
    this.#heardNs = nowNs;
    this.#counters.connections++;
    this.#parser = new FrameParser((bytes, start, end) => this.#frame(bytes, start, end));
    this.#limitNs = LOGON_NS;
    this.#state = 'logging-on';
    this.#send(encodeLogon(this.#context.user));
  }

  received(bytes: Uint8Array, nowNs: number): void {
    if (this.#state === 'down') return;
    this.#nowNs = nowNs;
    this.#heardNs = nowNs;
    const fault = this.#parser.push(bytes);
    if (fault === undefined) return;
    this.#fault(fault, bytes, 0, bytes.length);
    this.#hangUp(fault);
  }

  disconnected(): void {
    this.#state = 'down';
  }

  tick(nowNs: number): void {
    this.#nowNs = nowNs;
    if (this.#state === 'down') return;
    if (nowNs - this.#heardNs > this.#limitNs) {
      const what = this.#state === 'up' ? 'nothing heard' : 'no answer to the logon';
      this.#hangUp(`${what} for ${this.#limitNs / MS} ms`);
      return;
    }
    if (this.#state !== 'up') return;
    if (nowNs - this.#sentNs >= this.#limitNs / BEATS) this.#send(encodeHeartbeat());
    if (nowNs - this.#lookedNs < LOOK_NS) return;
    this.#lookedNs = nowNs;
    for (let row = 0; row < this.#rows.length; row++) {
      if (this.#rows[row] !== Row.ASKED || nowNs - this.#askedNs[row]! < ANSWER_NS) continue;
      this.#counters.unanswered++;
      this.#ask(row);
      this.#context.listener.onStatus(row, UNANSWERED);
    }
  }

  logOut(): void {
    if (this.#state === 'up') this.#send(encodeLogout());
    this.#state = 'down';
  }

  #frame(bytes: Uint8Array, start: number, end: number): void {
    this.#counters.frames++;
    const reader = this.#reader;
    reader.reset(bytes, start, end);
    const type = reader.u8();
    if (type === FrameType.HEARTBEAT) return;
    if (this.#state === 'logging-on') this.#answerToLogon(type, bytes, start, end);
    else if (this.#state === 'up') this.#news(type, bytes, start, end);
  }

  #answerToLogon(type: number, bytes: Uint8Array, start: number, end: number): void {
    const reader = this.#reader;
    if (type === FrameType.REJECTED) {
      this.#hangUp(`the vendor refused the logon: ${reader.text()}`);
      return;
    }
    const limitMs = type === FrameType.ACCEPTED ? reader.u32() : 0;
    reader.finish();
    if (type !== FrameType.ACCEPTED || reader.fault !== undefined) {
      this.#fault(reader.fault ?? `expected an answer to the logon, found type ${type}`, bytes, start, end);
      this.#hangUp('no sense in the answer to the logon');
      return;
    }
    this.#limitNs = Math.min(Math.max(limitMs, LIMIT_MS_MIN), LIMIT_MS_MAX) * MS;
    this.#state = 'up';
    this.#context.listener.onAccepted();
    for (let row = 0; row < this.#rows.length; row++) this.#ask(row);
  }

  #news(type: number, bytes: Uint8Array, start: number, end: number): void {
    switch (type) {
      case FrameType.UPDATE:
      case FrameType.IMAGE: {
        const row = this.#row();
        if (row >= 0) this.#values(row, type === FrameType.IMAGE, bytes, start, end);
        return;
      }
      case FrameType.STATUS: {
        const row = this.#row();
        if (row >= 0) this.#status(row, bytes, start, end);
        return;
      }
      case FrameType.LOGOUT:
        this.#hangUp('the vendor logged out');
        return;
      default:
        this.#counters.unknownFrames++;
        this.#context.fault('INTERACTIVE_UNKNOWN', `expected a type of frame, found ${type}`, bytes, start, end);
    }
  }

  /** The row that the frame is about; -1: none. */
  #row(): number {
    const request = this.#reader.u32();
    if (this.#reader.fault === undefined && request < this.#rows.length) return request;
    this.#counters.strangers++;
    return -1;
  }

  #values(row: number, image: boolean, bytes: Uint8Array, start: number, end: number): void {
    if (!image && this.#rows[row] !== Row.OPEN) {
      this.#counters.withoutImage++;
      return;
    }
    const { values, listener } = this.#context;
    const reader = this.#reader;
    const normaliser = this.#normaliser;
    const first = reader.at;
    normaliser.begin(undefined, row);
    reader.fields(normaliser);
    reader.finish();
    const fault = reader.fault ?? normaliser.fault;
    if (fault !== undefined) {
      this.#fault(fault, bytes, start, end);
      // A faulty answer is asked for again when the time for an answer is over, lest it go round and round.
      if (this.#rows[row] === Row.OPEN) this.#ask(row);
      listener.onStatus(row, FAULTY);
      return;
    }
    this.#counters.unknownFields += normaliser.unknown;
    if (image) values.clear(row);
    normaliser.begin(values, row);
    reader.reset(bytes, first, end);
    reader.fields(normaliser);
    if (image) {
      this.#counters.images++;
      this.#rows[row] = Row.OPEN;
      listener.onImage(row);
    } else if (normaliser.fields !== 0) {
      this.#counters.updates++;
      listener.onUpdate(row, normaliser.fields);
    }
  }

  #status(row: number, bytes: Uint8Array, start: number, end: number): void {
    const reader = this.#reader;
    const status = reader.u8();
    const text = reader.text();
    reader.finish();
    if (reader.fault !== undefined) {
      this.#fault(reader.fault, bytes, start, end);
      return;
    }
    this.#counters.statuses++;
    // Of one that the vendor has closed nothing more comes until it is asked for again.
    if (status === ItemStatus.CLOSED) {
      this.#rows[row] = Row.ASKED;
      this.#askedNs[row] = this.#nowNs;
    } else {
      this.#rows[row] = Row.OFF;
    }
    const detail = text === '' ? `status ${status}` : text;
    this.#context.listener.onStatus(row, { quality: Quality.STALE, reason: Reason.VENDOR_SAYS, detail });
  }

  #ask(row: number): void {
    this.#counters.requests++;
    this.#rows[row] = Row.ASKED;
    this.#askedNs[row] = this.#nowNs;
    this.#send(encodeRequest(row, this.#context.symbols[row]!));
  }

  #send(bytes: Uint8Array): void {
    this.#sentNs = this.#nowNs;
    this.#context.link.send(bytes);
  }

  #hangUp(why: string): void {
    this.#parser.stop();
    this.#state = 'down';
    this.#context.link.hangUp(why);
  }

  #fault(what: string, bytes: Uint8Array, start: number, end: number): void {
    this.#counters.faults++;
    this.#context.fault('INTERACTIVE_BAD_FRAME', what, bytes, start, end);
  }
}
