import { Quality, type QualityState, Reason } from '@tickerplant/records';
import { ByteReader } from './byte-reader.ts';
import { FrameParser } from './frame-parser.ts';
import type { SessionContext, VendorSession } from './interactive-protocol.ts';
import { FrameType, type VendorFrames } from './vendor-frames.ts';

const MS = 1_000_000;
/** How long a vendor may take to answer a logon. */
const LOGON_NS = 5_000 * MS;
/** Between two looks for what time alone brings about. */
const LOOK_NS = 100 * MS;
/** What a vendor may state as its heartbeat limit. */
const LIMIT_MS_MIN = 100;
const LIMIT_MS_MAX = 60_000;
/** Heartbeats sent within the limit. */
const BEATS = 3;

/** Of a row that was asked for in vain. */
export const UNANSWERED: QualityState = {
  quality: Quality.STALE,
  reason: Reason.VENDOR_MISSING,
  detail: 'the vendor does not answer the request',
};

/** Counters that every session has. */
export interface SessionCounters {
  connections: number;
  frames: number;
  statuses: number;
  strangers: number;
  unknownFrames: number;
  faults: number;
}

/**
 * What all clients of vendors that are asked have in common, without the connection: logon, heartbeats, silence, goodbye; and which
 * row a frame is about. A machine that is used again for the next connection.
 */
export abstract class VendorSessionLife implements VendorSession {
  protected nowNs = 0;
  /** Of the frame at hand. */
  protected readonly reader: ByteReader = new ByteReader();
  readonly #context: SessionContext;
  readonly #frames: VendorFrames;
  readonly #counters: SessionCounters;
  #state: 'down' | 'logging-on' | 'up' = 'down';
  #parser: FrameParser = new FrameParser(() => {});
  #limitNs = LOGON_NS;
  #heardNs = 0;
  #sentNs = 0;
  #lookedNs = 0;

  constructor(context: SessionContext, frames: VendorFrames, counters: SessionCounters) {
    this.#context = context;
    this.#frames = frames;
    this.#counters = counters;
  }

  /** Whether the vendor has let us in. */
  protected get isUp(): boolean {
    return this.#state === 'up';
  }

  /** The vendor has let us in. @param limits what it says of them, as many as the dialect has */
  protected abstract onAccepted(limits: readonly number[]): void;

  /** @returns the row that was asked for under this number; -1: none */
  protected abstract rowOfRequest(request: number): number;

  /** An image or an update: `reader` stands behind the request's number. */
  protected abstract onContent(row: number, isImage: boolean, bytes: Uint8Array, start: number, end: number): void;

  /** The vendor says something of a row. @param state what that makes of it */
  protected abstract onStatus(row: number, status: number, state: QualityState): void;

  /** Time has passed: several times a second while the vendor lets us in. */
  protected abstract look(): void;

  connected(nowNs: number): void {
    this.nowNs = nowNs;
    this.#heardNs = nowNs;
    this.#counters.connections++;
    this.#parser = new FrameParser(
      (bytes, start, end) => this.#frame(bytes, start, end),
      this.#frames.dialect.frameBytesMax,
    );
    this.#limitNs = LOGON_NS;
    this.#state = 'logging-on';
    this.send(this.#frames.logon(this.#context.user));
  }

  received(bytes: Uint8Array, nowNs: number): void {
    if (this.#state === 'down') return;
    this.nowNs = nowNs;
    this.#heardNs = nowNs;
    const fault = this.#parser.push(bytes);
    if (fault === undefined) return;
    this.badFrame(fault, bytes, 0, bytes.length);
    this.#hangUp(fault);
  }

  disconnected(): void {
    this.#state = 'down';
  }

  tick(nowNs: number): void {
    this.nowNs = nowNs;
    if (this.#state === 'down') return;
    if (nowNs - this.#heardNs > this.#limitNs) {
      const what = this.isUp ? 'nothing heard' : 'no answer to the logon';
      this.#hangUp(`${what} for ${this.#limitNs / MS} ms`);
      return;
    }
    if (!this.isUp) return;
    if (nowNs - this.#sentNs >= this.#limitNs / BEATS) this.send(this.#frames.heartbeat());
    if (nowNs - this.#lookedNs < LOOK_NS) return;
    this.#lookedNs = nowNs;
    this.look();
  }

  logOut(): void {
    if (this.isUp) this.send(this.#frames.logout());
    this.#state = 'down';
  }

  protected send(bytes: Uint8Array): void {
    this.#sentNs = this.nowNs;
    this.#context.link.send(bytes);
  }

  /** A frame that cannot be used. */
  protected badFrame(what: string, bytes: Uint8Array, start: number, end: number): void {
    this.#counters.faults++;
    this.#context.fault(this.#frames.dialect.codes.badFrame, what, bytes, start, end);
  }

  #frame(bytes: Uint8Array, start: number, end: number): void {
    this.#counters.frames++;
    this.reader.reset(bytes, start, end);
    const type = this.reader.u8();
    if (type === FrameType.HEARTBEAT) return;
    if (this.#state === 'logging-on') this.#answerToLogon(type, bytes, start, end);
    else if (this.isUp) this.#news(type, bytes, start, end);
  }

  #answerToLogon(type: number, bytes: Uint8Array, start: number, end: number): void {
    const { reader } = this;
    const { dialect } = this.#frames;
    if (type === FrameType.REJECTED) {
      this.#hangUp(`the vendor refused the logon: ${reader.text(dialect.textBytesMax)}`);
      return;
    }
    if (type !== FrameType.ACCEPTED) reader.fault = `expected an answer to the logon, found type ${type}`;
    const limitMs = reader.u32();
    const limits = Array.from({ length: dialect.limits }, () => reader.u32());
    reader.finish();
    if (reader.fault !== undefined) {
      this.badFrame(reader.fault, bytes, start, end);
      this.#hangUp('no sense in the answer to the logon');
      return;
    }
    this.#limitNs = Math.min(Math.max(limitMs, LIMIT_MS_MIN), LIMIT_MS_MAX) * MS;
    this.#state = 'up';
    this.onAccepted(limits);
  }

  #news(type: number, bytes: Uint8Array, start: number, end: number): void {
    switch (type) {
      case FrameType.UPDATE:
      case FrameType.IMAGE: {
        const row = this.#row();
        if (row >= 0) this.onContent(row, type === FrameType.IMAGE, bytes, start, end);
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
      default: {
        this.#counters.unknownFrames++;
        const { unknownFrame } = this.#frames.dialect.codes;
        this.#context.fault(unknownFrame, `expected a type of frame, found ${type}`, bytes, start, end);
      }
    }
  }

  /** The row that the frame is about; -1: none. */
  #row(): number {
    const request = this.reader.u32();
    const row = this.reader.fault === undefined ? this.rowOfRequest(request) : -1;
    if (row < 0) this.#counters.strangers++;
    return row;
  }

  #status(row: number, bytes: Uint8Array, start: number, end: number): void {
    const { reader } = this;
    const status = reader.u8();
    const text = reader.text(this.#frames.dialect.textBytesMax);
    reader.finish();
    if (reader.fault !== undefined) {
      this.badFrame(reader.fault, bytes, start, end);
      return;
    }
    this.#counters.statuses++;
    const detail = text === '' ? `status ${status}` : text;
    this.onStatus(row, status, { quality: Quality.STALE, reason: Reason.VENDOR_SAYS, detail });
  }

  #hangUp(why: string): void {
    this.#parser.stop();
    this.#state = 'down';
    this.#context.link.hangUp(why);
  }
}
