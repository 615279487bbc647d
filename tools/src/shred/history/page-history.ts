import { parseSession } from '@tickerplant/floor';
import { MOLD_FRAMING } from '@tickerplant/moldudp64';
import type { CellRuns, Page } from '@tickerplant/pages';
import type { QualityState } from '@tickerplant/records';
import { createPacketHeader } from '@tickerplant/sequence';
import { CapturedChannel } from './captured-channel.ts';

/** A channel whose packets were captured. */
export interface HistoryChannel {
  /** Its id, as its sessions have it: 1 to 1295. */
  readonly id: number;
  /** Trading day of its present session, days since 1970. */
  readonly day: number;
  /** Up to this time all that was sent on it is known. */
  readonly provenNs: number;
}

/** A page of one session of a channel. A page that comes again in another session is another one. */
export interface HistoryPage {
  readonly subject: string;
  readonly channel: HistoryChannel;
  /** As it was at the present moment; undefined while it isn't known. Borrowed: it goes on changing. */
  readonly page: Page | undefined;
  /** What its service said of its quality last. */
  readonly state: QualityState;
}

/** Messages of a channel that no packet of the captures holds. */
export interface CaptureGap {
  readonly channel: number;
  readonly session: string;
  /** Messages [from, to). */
  readonly from: number;
  readonly to: number;
}

/** Told what became of pages. Of one channel in the order of time; channels may be some seconds apart. */
export interface PageHistoryListener {
  /**
   * Nothing was sent on the channel before `untilNs` but what has been told: what was to be done until then may be done with
   * the pages as they are. Told before they change.
   */
  onTime(channel: HistoryChannel, untilNs: number): void;
  /** A page has changed, or is there. @param changes cells that are others than before, or all; borrowed */
  onChanged(page: HistoryPage, changes: CellRuns, atNs: number): void;
  /** Its service says something else of its quality. */
  onJudged(page: HistoryPage, atNs: number): void;
  /** What the page shows isn't known from here on, until it changes again: that is an image. */
  onUnknown(page: HistoryPage, why: string, atNs: number): void;
  /** The page is no item of the channel any more, or its session is over. */
  onGone(page: HistoryPage, atNs: number): void;
  onGap(gap: CaptureGap, atNs: number): void;
}

/** What was in the captures. */
export interface HistoryCounts {
  /** Packets of channels; duplicates too. */
  packets: number;
  /** Packets that are none of a channel: another protocol, or damaged. */
  foreign: number;
}

/** Channels that have not been heard for so long hold up nobody who waits for `settledNs`. */
const SILENT_NS = 10_000_000_000;

/**
 * Rebuilds pages out of captured packets of channels, as they were at each moment. A machine: takes packets with their
 * times, from any of the lines and networks that they were captured on, in the order of time; each message counts once, when it
 * first came. All times in ns, from any beginning.
 *
 * A capture may lack packets that everybody else had. So nothing is said of a moment before the channel's next packet
 * proves that none is missing before it: else a page of which half a change was captured would seem to stand still.
 */
export class PageHistory {
  readonly counts: HistoryCounts = { packets: 0, foreign: 0 };
  readonly #listener: PageHistoryListener;
  readonly #channels = new Map<number, CapturedChannel>();
  readonly #header = createPacketHeader();
  #nowNs = 0;

  constructor(listener: PageHistoryListener) {
    this.#listener = listener;
  }

  /** All channels, by id. */
  get channels(): ReadonlyMap<number, CapturedChannel> {
    return this.#channels;
  }

  /** Nothing more will be told of what was before: but for channels that were silent for long. */
  get settledNs(): number {
    let settled = this.#nowNs;
    for (const { provenNs, heardNs } of this.#channels.values()) {
      if (heardNs >= this.#nowNs - SILENT_NS) settled = Math.min(settled, provenNs);
    }
    return settled;
  }

  /**
   * Takes a packet.
   *
   * @param line what tells it from copies that went another way: `239.255.20.1:31001`.
   * @param bytes borrowed; the packet is `bytes[0, length)`.
   * @param nowNs not before that of the packet before.
   */
  packet(line: string, bytes: Uint8Array, length: number, nowNs: number): void {
    this.#nowNs = nowNs;
    for (const channel of this.#channels.values()) channel.tick(nowNs);
    const header = this.#header;
    const fault = MOLD_FRAMING.parse(bytes, length, header);
    const session = fault === undefined ? MOLD_FRAMING.formatSession(bytes, MOLD_FRAMING.sessionOffset) : '';
    const parts = parseSession(session);
    if (parts === undefined) {
      this.counts.foreign++;
      return;
    }
    this.counts.packets++;
    let channel = this.#channels.get(parts.channelId);
    if (channel === undefined) {
      channel = new CapturedChannel(parts.channelId, line, this.#listener);
      this.#channels.set(parts.channelId, channel);
    }
    channel.packet(line, bytes, length, nowNs);
    if (header.count === 0) channel.heartbeat(session, header.seq, nowNs);
  }

  /** The captures have come to their end: what is missing won't come any more. */
  finish(): void {
    for (const channel of this.#channels.values()) channel.finish();
  }
}
