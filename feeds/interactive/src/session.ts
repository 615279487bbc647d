import { RequestStatus, UNANSWERED, type VendorSessionContext, VendorSessionLife } from '@tickerplant/feed-runtime';
import { Quality, type QualityState, Reason } from '@tickerplant/records';
import { type Counters, counterSet } from '@tickerplant/telemetry';
import { FrameReader } from './decoder.ts';
import { FRAMES } from './encoder.ts';
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
/** How long a vendor may take to answer a request before it is made again. */
const ANSWER_NS = 5_000 * MS;

/** What is known of a symbol on the present connection. */
const Row = { ASKED: 0, OPEN: 1, OFF: 2 } as const;

const FAULTY: QualityState = {
  quality: Quality.SUSPECT,
  reason: Reason.VENDOR_FAULT,
  detail: 'a message of the vendor could not be used; a new image is asked for',
};

/** The client's side of the protocol, without the connection. Request n is of symbol n. */
export class InteractiveSession extends VendorSessionLife {
  readonly #context: VendorSessionContext;
  readonly #counters: Counters<typeof SESSION_COUNTERS.descriptions>;
  readonly #fields = new FrameReader();
  readonly #normaliser = new InteractiveNormaliser();
  readonly #rows: Uint8Array;
  /** By row: when it was last asked for. */
  readonly #askedNs: Float64Array;

  constructor(context: VendorSessionContext) {
    const counters = context.registry.create(SESSION_COUNTERS);
    super(context, FRAMES, counters);
    this.#context = context;
    this.#counters = counters;
    this.#rows = new Uint8Array(context.symbols.length);
    this.#askedNs = new Float64Array(context.symbols.length);
  }

  protected look(): void {
    for (let row = 0; row < this.#rows.length; row++) {
      if (this.#rows[row] !== Row.ASKED || this.nowNs - this.#askedNs[row]! < ANSWER_NS) continue;
      this.#counters.unanswered++;
      this.#ask(row);
      this.#context.listener.onStatus(row, UNANSWERED);
    }
  }

  protected onAccepted(): void {
    this.#context.listener.onAccepted();
    for (let row = 0; row < this.#rows.length; row++) this.#ask(row);
  }

  protected rowOfRequest(request: number): number {
    return request < this.#rows.length ? request : -1;
  }

  protected onContent(row: number, image: boolean, bytes: Uint8Array, start: number, end: number): void {
    if (!image && this.#rows[row] !== Row.OPEN) {
      this.#counters.withoutImage++;
      return;
    }
    const { values, listener } = this.#context;
    const reader = this.#fields;
    const normaliser = this.#normaliser;
    const first = this.reader.at;
    normaliser.begin(undefined, row);
    reader.reset(bytes, first, end);
    reader.fields(normaliser);
    reader.finish();
    const fault = reader.fault ?? normaliser.fault;
    if (fault !== undefined) {
      this.badFrame(fault, bytes, start, end);
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

  protected onStatus(row: number, status: number, state: QualityState): void {
    // Of one that the vendor has closed nothing more comes until it is asked for again.
    if (status === RequestStatus.CLOSED) {
      this.#rows[row] = Row.ASKED;
      this.#askedNs[row] = this.nowNs;
    } else {
      this.#rows[row] = Row.OFF;
    }
    this.#context.listener.onStatus(row, state);
  }

  #ask(row: number): void {
    this.#counters.requests++;
    this.#rows[row] = Row.ASKED;
    this.#askedNs[row] = this.nowNs;
    this.send(FRAMES.request(row, this.#context.symbols[row]!));
  }
}
