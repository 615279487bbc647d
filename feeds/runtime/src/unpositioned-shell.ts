import type { Floor } from '@tickerplant/floor';
import { Reason } from '@tickerplant/records';
import type { QualityEntry } from '@tickerplant/status';
import { HandlerShell, type HandlerShellOptions, type Place } from './handler-shell.ts';
import type { UnpositionedItems } from './unpositioned-items.ts';
import { UnpositionedMember } from './unpositioned-member.ts';

/** Quality is told at once when it changes, and again this often for those who joined later. */
const QUALITY_REPEAT_NS = 500_000_000;

/** A running handler of a feed without positions. */
export interface UnpositionedHandlerProcess {
  /** Heartbeats so far: where they stand still, the process does. */
  readonly beats: number;
  /** Everything that `ticker status` shows. */
  status(): Record<string, unknown>;
  close(): Promise<void>;
}

/** What the processes of all handlers of feeds without positions have in common: the member, and the feed's quality. */
export abstract class UnpositionedShell extends HandlerShell<UnpositionedMember> implements UnpositionedHandlerProcess {
  readonly #protocol: string;
  #quality: QualityEntry;
  #qualityToldNs: number = Number.NEGATIVE_INFINITY;

  constructor(floor: Floor, place: Place, protocol: string, options: HandlerShellOptions) {
    super(floor, place, options);
    this.#protocol = protocol;
    this.#quality = this.#judgement('STALE', 'not connected to the vendor yet');
  }

  /** Makes the member; the outputs must be open. */
  protected createMember(items: UnpositionedItems): UnpositionedMember {
    const { outputs } = this;
    const member = new UnpositionedMember(
      {
        floor: this.floor,
        feed: this.feed,
        rank: this.rank,
        channels: outputs.channels,
        items,
        memory: this.memory,
        registry: this.registry,
        nowNs: this.clock.monotonicNs(),
      },
      {
        say: (message) => this.say(message),
        event: (event, facts) => this.logger.info(facts, event),
        receipt: (receipt) => {
          this.receipts.add(receipt);
          this.#tellQuality();
        },
      },
    );
    this.member = member;
    return member;
  }

  /** Joins in, and says so. */
  protected async beginAndTell(): Promise<void> {
    await this.begin();
    const { state, epoch } = this.member!;
    this.logger.info({ feed: this.feed.name, member: this.self.name, state, epoch }, 'handler is up');
  }

  /** The vendor has let us in. */
  protected vendorAccepted(): void {
    this.#quality = this.#judgement('LIVE', '');
    this.#qualityToldNs = Number.NEGATIVE_INFINITY;
    this.member!.onAccepted();
  }

  /** The vendor is gone. */
  protected vendorLost(why: string): void {
    if (this.#quality.quality === 'LIVE' || this.#quality.detail !== why) {
      this.#quality = this.#judgement('STALE', why);
      this.logger.warn({ why }, 'no connection to the vendor');
    }
    this.member!.vendorLost(why, this.clock.monotonicNs());
    this.#tellQuality();
  }

  override status(): Record<string, unknown> {
    return {
      ...super.status(),
      protocol: this.#protocol,
      epoch: this.member?.epoch,
      lines: [{ ...this.#quality, sinceNs: String(this.#quality.sinceNs) }],
    };
  }

  protected beat(nowNs: number): void {
    this.member!.beat(nowNs);
    if (nowNs - this.#qualityToldNs >= QUALITY_REPEAT_NS) this.#tellQuality();
  }

  #judgement(quality: 'LIVE' | 'STALE', detail: string): QualityEntry {
    const reason = quality === 'LIVE' ? '' : Reason.VENDOR_DOWN;
    return { scope: 'feed', subject: this.feed.name, quality, reason, detail, sinceNs: this.clock.wallNs() };
  }

  /** The primary speaks for the feed: a standby may be cut off from another of the vendor's servers. */
  #tellQuality(): void {
    if (this.member!.state !== 'primary') return;
    this.#qualityToldNs = this.clock.monotonicNs();
    this.say({ kind: 'quality', entries: [this.#quality] });
  }
}
