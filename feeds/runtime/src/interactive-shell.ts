import type { Floor } from '@tickerplant/floor';
import { Reason } from '@tickerplant/records';
import type { QualityEntry } from '@tickerplant/status';
import { HandlerShell, type HandlerShellOptions, type Place, placeIn } from './handler-shell.ts';
import type { InteractiveProtocol } from './interactive-protocol.ts';
import { RecordTable } from './record-table.ts';
import { UnpositionedMember } from './unpositioned-member.ts';
import { VendorShell } from './vendor-shell.ts';

/** A running handler of an interactive feed. */
export interface InteractiveHandlerProcess {
  /** Heartbeats so far: where they stand still, the process does. */
  readonly beats: number;
  /** Everything that `ticker status` shows. */
  status(): Record<string, unknown>;
  close(): Promise<void>;
}

/** Quality is told at once when it changes, and again this often for those who joined later. */
const QUALITY_REPEAT_NS = 500_000_000;

/**
 * Runs a handler of an interactive feed of a floor: connects to the vendor, requests the floor file's symbols, keeps
 * their values, publishes them on the feed network while it is primary, and tells the status group how things stand.
 *
 * @param memberName the feed's name, or that of one of its standbys: `page-2`.
 * @throws TickerError `FLOOR_NO_FEED`; whatever the sockets say: `MULTICAST_…`
 */
export async function startInteractiveHandler(
  floor: Floor,
  memberName: string,
  protocol: InteractiveProtocol,
  options: HandlerShellOptions,
): Promise<InteractiveHandlerProcess> {
  const shell = new InteractiveShell(floor, placeIn(floor, memberName), protocol, options);
  try {
    await shell.open();
  } catch (error) {
    await shell.close();
    throw error;
  }
  return shell;
}

class InteractiveShell extends HandlerShell<UnpositionedMember> implements InteractiveHandlerProcess {
  readonly #protocol: InteractiveProtocol;
  #vendor: VendorShell | undefined;
  #quality: QualityEntry;
  #qualityToldNs: number = Number.NEGATIVE_INFINITY;

  constructor(floor: Floor, place: Place, protocol: InteractiveProtocol, options: HandlerShellOptions) {
    super(floor, place, options);
    this.#protocol = protocol;
    this.#quality = this.#judgement('STALE', 'not connected to the vendor yet');
  }

  async open(): Promise<void> {
    const { feed, clock, registry, quarantine, outputs } = this;
    // Vendors send what has changed, and field by field it goes on.
    await this.openOutputs([], false);
    const values = new RecordTable(feed.symbols.length, this.#protocol.fids);
    const member = new UnpositionedMember(
      {
        floor: this.floor,
        feed,
        rank: this.rank,
        channels: outputs.channels,
        service: Object.values(outputs.services)[0]!,
        values,
        memory: this.memory,
        registry,
        nowNs: clock.monotonicNs(),
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
    const vendor = new VendorShell(
      {
        servers: feed.servers,
        clock,
        onTime: (nowNs) => member.at(nowNs),
        onWorked: () => this.scheduleFlush(),
        onLost: (server, why) => this.#vendorLost(`${server.address}:${server.port}: ${why}`),
      },
      (link) =>
        this.#protocol.createSession({
          symbols: feed.symbols,
          user: feed.user,
          values,
          link,
          registry,
          listener: {
            onAccepted: () => {
              vendor.accepted();
              this.#quality = this.#judgement('LIVE', '');
              this.#qualityToldNs = Number.NEGATIVE_INFINITY;
              member.onAccepted();
            },
            onImage: (row) => member.onImage(row),
            onUpdate: (row, fields) => member.onUpdate(row, fields),
            onStatus: (row, state) => member.onStatus(row, state),
          },
          fault: (code, message, bytes, start, end) =>
            quarantine.put(clock.wallNs(), code, message, bytes.subarray(start, end), {
              server: vendor.server.address,
            }),
        }),
    );
    this.#vendor = vendor;
    vendor.open();
    await this.begin();
    this.logger.info(
      { feed: feed.name, member: this.self.name, state: member.state, epoch: member.epoch },
      'handler is up',
    );
  }

  override status(): Record<string, unknown> {
    return {
      ...super.status(),
      protocol: this.#protocol.name,
      epoch: this.member?.epoch,
      lines: [{ ...this.#quality, sinceNs: String(this.#quality.sinceNs) }],
    };
  }

  protected async closeVendor(): Promise<void> {
    await this.#vendor?.close();
  }

  protected override tick(): void {
    super.tick();
    this.#vendor!.tick();
  }

  protected beat(nowNs: number): void {
    this.member!.beat(nowNs);
    if (nowNs - this.#qualityToldNs >= QUALITY_REPEAT_NS) this.#tellQuality();
  }

  #vendorLost(why: string): void {
    if (this.#quality.quality === 'LIVE' || this.#quality.detail !== why) {
      this.#quality = this.#judgement('STALE', why);
      this.logger.warn({ why }, 'no connection to the vendor');
    }
    this.member!.vendorLost(why, this.clock.monotonicNs());
    this.#tellQuality();
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
