import { LIVE, Quality, type QualityState, Reason, worse } from '@tickerplant/records';
import type { StatusMessage } from '@tickerplant/status';
import type { PlantChannel } from './channel.ts';
import type { FeedWatch } from './feed-watch.ts';
import { QualityBoard } from './quality-board.ts';

/** Besides news: a client takes nothing for LIVE of which it has heard no word. */
const REPEAT_NS = 250_000_000;

export interface QualityTellerOptions {
  readonly channels: readonly PlantChannel[];
  /** What handlers say of their feeds. */
  readonly watch: FeedWatch;
  /** Silence of a channel after which its values are STALE. */
  readonly silentAfterNs: number;
  readonly nowNs: number;
  /** To subscribers. */
  readonly say: (message: StatusMessage) => void;
  /** To operators. */
  readonly event: (event: string, facts: Record<string, unknown>) => void;
}

/** Judges how good a plant's channels are, and tells subscribers. */
export class QualityTeller {
  /** All that is in doubt: channels, and what handlers said of lines and feeds. */
  readonly board: QualityBoard = new QualityBoard();
  private readonly options: QualityTellerOptions;
  /** By channel: how it was when it was last judged. */
  private readonly judged: QualityState[] = [];
  /** By channel: where its first gap began at the last heartbeat. */
  private readonly gapFrom: (number | undefined)[] = [];
  private readonly startedNs: number;
  private dueNs = 0;
  private nowNs: number;

  constructor(options: QualityTellerOptions) {
    this.options = options;
    this.startedNs = options.nowNs;
    this.nowNs = options.nowNs;
  }

  /** Whether a channel, by its index, is other than LIVE, or has never been judged. */
  isUnsure(index: number): boolean {
    return this.judged[index]?.quality !== Quality.LIVE;
  }

  /** All of it is told at the next `tell`, for those who haven't heard it yet. */
  repeat(): void {
    this.dueNs = 0;
  }

  /** Judges all channels, and says what is new: at every heartbeat. @param wallNs since 1970 */
  tell(nowNs: number, wallNs: bigint): void {
    this.nowNs = nowNs;
    const { channels, event, say } = this.options;
    for (let index = 0; index < channels.length; index++) {
      const state = this.judge(index);
      // At most heartbeats all is LIVE, as it was.
      if (state === LIVE && this.judged[index] === LIVE) continue;
      this.judged[index] = state;
      this.board.set('channel', channels[index]!.name, state, wallNs);
    }
    const news = this.board.takeNews();
    for (const { scope, subject, quality, reason, detail } of news) {
      event('quality', { scope, subject, quality, reason, detail });
    }
    const all = nowNs >= this.dueNs;
    if (all) this.dueNs = nowNs + REPEAT_NS;
    const entries = all ? this.board.all() : news;
    if (entries.length > 0) say({ kind: 'quality', entries });
  }

  /** A channel's quality: the worst of what its handlers, their lines and its own packets say. */
  private judge(index: number): QualityState {
    const { channels, watch, silentAfterNs, event } = this.options;
    const channel = channels[index]!;
    const { name, values, losses, heardNs, receiver, asOfMs } = channel;
    let worst = watch.judge(index, this.nowNs);
    if (worst.reason === Reason.HANDLER_SILENT) channel.unheard();
    else if (worst.quality !== Quality.LIVE) channel.doubt();
    else if (!channel.reached()) {
      // It may have worked through hours since: what has come here is not yet what it is sure of.
      const detail = 'not all has come yet that its handler speaks of';
      worst = { quality: Quality.RECOVERING, reason: Reason.CHANNEL_GAP, detail };
    }
    if (asOfMs !== undefined && channel.caughtUp()) {
      event('the journal has been caught up with', { channel: name, next: channel.next });
    } else if (asOfMs !== undefined) {
      const detail = `values from the journal, as of ${new Date(asOfMs).toISOString()}`;
      worst = worse({ quality: Quality.STALE, reason: Reason.JOURNAL, detail }, worst);
    }
    const silentNs = this.nowNs - (heardNs < 0 ? this.startedNs : heardNs);
    if (silentNs >= silentAfterNs) {
      const detail = heardNs < 0 ? 'nothing has been heard of the channel' : 'nothing is heard of the channel any more';
      worst = worse(worst, { quality: Quality.STALE, reason: Reason.CHANNEL_SILENT, detail });
    } else if (heardNs < 0) {
      const detail = 'nothing has been heard of the channel yet';
      worst = worse(worst, { quality: Quality.RECOVERING, reason: Reason.WAITING_FOR_IMAGE, detail });
    }
    if (values.damaged) {
      const { from, to } = losses.at(-1)!;
      const detail = `messages ${from} to ${to - 1} lost; ${values.damagedItems} items have had no image since`;
      worst = worse(worst, { quality: Quality.SUSPECT, reason: Reason.CHANNEL_LOST, detail });
    }
    // Most gaps close between two heartbeats: not worth telling.
    const gap = receiver.recovering ? receiver.missing[0] : undefined;
    const before = this.gapFrom[index];
    this.gapFrom[index] = gap?.from;
    if (gap !== undefined && gap.from === before) {
      const detail = `messages from ${gap.from} on are being asked for`;
      worst = worse(worst, { quality: Quality.RECOVERING, reason: Reason.CHANNEL_GAP, detail });
    }
    return worst;
  }
}
