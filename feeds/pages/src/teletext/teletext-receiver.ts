import {
  TELETEXT_PACKET_BYTES,
  TeletextDecoder,
  type TeletextFault,
  type TeletextPage,
  Trust,
} from '@tickerplant/pages';
import { LIVE, Quality, type QualityState, Reason } from '@tickerplant/records';
import { type CounterRegistry, type Counters, counterSet } from '@tickerplant/telemetry';
import type { BroadcastListener } from '../broadcast/receiver.ts';
import type { PageItems } from '../page-items.ts';

const TELETEXT_COUNTERS = counterSet('teletext', {
  packets: 'Packets of 42 bytes taken.',
  transmissions: 'Transmissions of pages taken.',
  pagesRefused: 'Transmissions of pages for which there is no room.',
  damaged: 'Transmissions after which characters of a page are damaged.',
  missing: 'Times that a page had not been sent for too long.',
  unreadable: 'Packets or parts of them that could not be read: addresses, headers, links.',
  parity: 'Characters of wrong parity.',
  cutOff: 'Datagrams that are no whole number of packets; of no use.',
});

/** Kinds of faults that cost a packet; the others are counted where they matter. */
const UNREADABLE: ReadonlySet<TeletextFault> = new Set(['address', 'header', 'no-page', 'links', 'service']);

const SECOND = 1_000_000_000;
const LOOK_NS = SECOND / 10;
/** A page that is not sent for so long is STALE: services send each at least every half minute. */
const MISSING_NS = 120 * SECOND;

const MISSING: QualityState = {
  quality: Quality.STALE,
  reason: Reason.VENDOR_MISSING,
  detail: 'the page has not been sent for two minutes',
};

export interface TeletextReceiverOptions {
  readonly items: PageItems;
  readonly listener: BroadcastListener;
  /** Silence after which the service counts as gone. */
  readonly silentAfterNs: number;
  /** Most subpages. */
  readonly pagesMax: number;
  readonly registry: CounterRegistry;
  /** Takes a datagram that cannot be used; the bytes are borrowed. */
  readonly fault: (code: string, message: string, bytes: Uint8Array) => void;
}

/**
 * Receives teletext, packets of 42 bytes in datagrams of any number of them, and keeps every subpage. Nothing numbers the
 * packets: a row that is lost is as it was before until it is sent again, and nobody can know. A machine.
 */
export class TeletextReceiver {
  readonly #options: TeletextReceiverOptions;
  readonly #counters: Counters<typeof TELETEXT_COUNTERS.descriptions>;
  #decoder: TeletextDecoder;
  /** By row: when the page was sent last; before a silence it counts as never. */
  readonly #sentNs: number[] = [];
  readonly #states: (QualityState | undefined)[] = [];
  /** The page that was heard first since the service is heard: when it comes again, all have. */
  #first = -1;
  #complete = false;
  /** Whether the changes in hand are those of the page that comes next. */
  #collecting = false;
  #heardNs = Number.NEGATIVE_INFINITY;
  #lookedNs = Number.NEGATIVE_INFINITY;
  #nowNs = 0;

  constructor(options: TeletextReceiverOptions) {
    this.#options = options;
    this.#counters = options.registry.create(TELETEXT_COUNTERS);
    this.#decoder = this.#newDecoder();
  }

  /** For `status`. */
  status(): Record<string, unknown> {
    return {
      held: this.#options.items.held,
      live: this.#states.reduce((sum, state) => sum + (state === LIVE ? 1 : 0), 0),
      complete: this.#complete,
    };
  }

  /** Takes a datagram; borrowed. */
  packet(bytes: Uint8Array, nowNs: number): void {
    this.#nowNs = nowNs;
    if (bytes.length % TELETEXT_PACKET_BYTES !== 0) {
      this.#counters.cutOff++;
      const text = `expected packets of ${TELETEXT_PACKET_BYTES} bytes, got ${bytes.length} bytes`;
      this.#options.fault('PAGES_BAD_PACKET', text, bytes);
      return;
    }
    if (this.#heardNs === Number.NEGATIVE_INFINITY) this.#options.listener.onAccepted();
    this.#heardNs = nowNs;
    this.#counters.packets += bytes.length / TELETEXT_PACKET_BYTES;
    this.#decoder.feed(bytes);
  }

  /** Lets time pass: every few milliseconds. */
  tick(nowNs: number): void {
    this.#nowNs = nowNs;
    if (nowNs - this.#lookedNs < LOOK_NS) return;
    this.#lookedNs = nowNs;
    const { listener, silentAfterNs } = this.#options;
    for (let row = 0; row < this.#sentNs.length; row++) {
      if (nowNs - this.#sentNs[row]! < MISSING_NS || this.#states[row] === undefined || this.#states[row] === MISSING) {
        continue;
      }
      this.#counters.missing++;
      this.#states[row] = MISSING;
      listener.onStatus(row, MISSING);
    }
    if (this.#heardNs === Number.NEGATIVE_INFINITY || nowNs - this.#heardNs <= silentAfterNs) return;
    this.#heardNs = Number.NEGATIVE_INFINITY;
    this.#complete = false;
    this.#first = -1;
    this.#states.fill(undefined);
    // Rows may have changed meanwhile that won't be sent again: what comes is drawn on empty pages.
    this.#decoder = this.#newDecoder();
    listener.onSilent(`nothing heard for ${Math.round(silentAfterNs / 1_000_000)} ms`);
  }

  #newDecoder(): TeletextDecoder {
    return new TeletextDecoder({
      onChange: (_subpage, row, first, end) => {
        this.#collect();
        this.#options.items.changes.add(row, first, end);
      },
      onPage: (subpage) => {
        this.#collect();
        this.#page(subpage);
        this.#collecting = false;
      },
      onFault: (kind) => {
        if (kind === 'parity') this.#counters.parity++;
        else if (kind === 'pages-max') this.#counters.pagesRefused++;
        else if (UNREADABLE.has(kind)) this.#counters.unreadable++;
      },
      pagesMax: this.#options.pagesMax,
    });
  }

  #collect(): void {
    if (this.#collecting) return;
    this.#collecting = true;
    this.#options.items.changes.clear();
  }

  /** A transmission of a page is complete. */
  #page(subpage: TeletextPage): void {
    const { items, listener } = this.#options;
    const row = items.add(subpage.name);
    if (row < 0) {
      this.#counters.pagesRefused++;
      return;
    }
    this.#counters.transmissions++;
    if (!items.isOffered(row)) {
      items.offer(row, true);
      listener.onOffered(row);
    }
    const damaged = subpage.page.count(Trust.DAMAGED);
    if (damaged > 0) this.#counters.damaged++;
    const state = damaged === 0 ? LIVE : damagedState(damaged);
    const before = this.#states[row];
    this.#sentNs[row] = this.#nowNs;
    this.#states[row] = state;
    if (items.page(row) !== subpage.page) {
      items.put(row, { format: 'teletext', page: subpage.page, ansi: undefined, rows: undefined });
      listener.onImage(row, state);
    } else if (state === LIVE && before === LIVE) listener.onUpdate(row);
    else listener.onRefreshed(row, state);
    this.#roundOf(row);
  }

  #roundOf(row: number): void {
    if (this.#first < 0) this.#first = row;
    else if (row === this.#first && !this.#complete) {
      this.#complete = true;
      this.#options.listener.onComplete();
    }
  }
}

function damagedState(characters: number): QualityState {
  const detail = `${characters} characters came damaged; the next transmission may put them right`;
  return { quality: Quality.SUSPECT, reason: Reason.VENDOR_FAULT, detail };
}
