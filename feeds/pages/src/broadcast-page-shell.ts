import { join } from 'node:path';
import { TickerError } from '@tickerplant/core';
import { openShell, placeIn, type UnpositionedHandlerProcess } from '@tickerplant/feed-runtime';
import type { Floor } from '@tickerplant/floor';
import { type MulticastReceiver, openReceiver } from '@tickerplant/multicast';
import { type BroadcastListener, BroadcastReceiver } from './broadcast/receiver.ts';
import { CacheFile } from './cache/cache-file.ts';
import { decodeCached, encodeCached, nameOfCached } from './cache/cache-record.ts';
import type { PageItems } from './page-items.ts';
import { type PageHandlerOptions, PagePublisher } from './page-publisher.ts';
import { PageShell } from './page-shell.ts';
import { PAGES_TELETEXT } from './protocol.ts';
import { TeletextReceiver } from './teletext/teletext-receiver.ts';

const MS = 1_000_000;
/** Of a line: a burst of whole pages fits. */
const RECEIVE_BUFFER_BYTES = 8 << 20;
/** Bytes that the cache writes in a second at most: some 2,000 pages. */
const CACHE_BYTES_PER_SECOND = 4 << 20;

/**
 * Runs a handler of a broadcast of pages of a floor: hears the lines, keeps all pages, publishes them on the feed network
 * while it is primary, and keeps them in a file over restarts if the floor file says where.
 *
 * @param memberName the feed's name, or that of one of its standbys: `screens-2`.
 * @throws TickerError `FLOOR_NO_FEED`; `PAGES_TELETEXT_FLOOR`: more than one line or a cache, which teletext cannot have; whatever
 *   the sockets say: `MULTICAST_…`
 */
export async function startBroadcastPageHandler(
  floor: Floor,
  memberName: string,
  options: PageHandlerOptions,
): Promise<UnpositionedHandlerProcess> {
  return openShell(new BroadcastPageShell(floor, placeIn(floor, memberName), options));
}

/** What hears the lines. */
interface Receiver {
  packet(bytes: Uint8Array, nowNs: number): void;
  tick(nowNs: number): void;
  status(): Record<string, unknown>;
}

class BroadcastPageShell extends PageShell {
  readonly #lines: MulticastReceiver[] = [];
  #receiver: Receiver | undefined;
  #cache: CacheFile | undefined;

  async open(): Promise<void> {
    const { feed, clock } = this;
    // A name that was heard once is remembered; twice as many as there may be pages, because pages come and go.
    const desk = await this.openDesk(2 * this.pages.max);
    const { items, member } = desk;
    const publisher = new PagePublisher({
      desk,
      onAccepted: () => this.vendorAccepted(),
      nowNs: () => clock.monotonicNs(),
    });
    const listener = publisher.withBroadcast({
      onComplete: () => member.setComplete(true),
      onAllStatus: (state) => {
        member.onAllStatus(state);
        desk.shredding?.vendorLost(state.detail);
      },
      onSilent: (why) => {
        member.setComplete(false);
        this.vendorLost(why);
        desk.shredding?.vendorLost(why);
      },
    });
    const receiver =
      feed.protocol === PAGES_TELETEXT ? this.#teletext(items, listener) : await this.#broadcast(items, listener);
    this.#receiver = receiver;
    for (const line of feed.lines) {
      this.#lines.push(
        await openReceiver({
          group: line.group,
          port: line.port,
          interface: line.interface,
          sources: line.sources,
          receiveBufferBytes: RECEIVE_BUFFER_BYTES,
          onPacket: (packet) => {
            const nowNs = clock.monotonicNs();
            member.at(nowNs);
            receiver.packet(packet, nowNs);
            this.scheduleFlush();
          },
          onError: this.onError,
          onWarning: this.onError,
        }),
      );
    }
    await this.beginAndTell();
  }

  async #broadcast(items: PageItems, listener: BroadcastListener): Promise<Receiver> {
    const { pages } = this;
    const { limits } = this.floor;
    const receiver = new BroadcastReceiver({
      items,
      listener,
      silentAfterNs: limits.lineSilentAfterMs * MS,
      gapWaitNs: Math.max(limits.gapWaitMs, 1) * MS,
      pagesMax: pages.max,
      registry: this.registry,
      fault: this.#fault,
    });
    if (pages.cache !== undefined) await this.#openCache(join(pages.cache, `${this.self.name}.pages`), items, receiver);
    return receiver;
  }

  #teletext(items: PageItems, listener: BroadcastListener): Receiver {
    const { feed, pages } = this;
    if (feed.lines.length > 1 || pages.cache !== undefined) {
      const text = `expected one line and no cache of feed ${feed.name}: teletext numbers nothing, got more`;
      throw new TickerError('PAGES_TELETEXT_FLOOR', text);
    }
    return new TeletextReceiver({
      items,
      listener,
      silentAfterNs: this.floor.limits.lineSilentAfterMs * MS,
      pagesMax: pages.max,
      registry: this.registry,
      fault: this.#fault,
    });
  }

  readonly #fault = (code: string, message: string, bytes: Uint8Array): void =>
    this.quarantine.put(this.clock.wallNs(), code, message, bytes);

  /** Takes the pages that the file has, and begins to keep what comes. */
  async #openCache(path: string, items: PageItems, receiver: BroadcastReceiver): Promise<void> {
    const cache = new CacheFile({
      path,
      bytesPerSecond: CACHE_BYTES_PER_SECOND,
      registry: this.registry,
      onError: this.onError,
    });
    await cache.load(nameOfCached, (payload) => {
      const cached = decodeCached(payload, items.applier);
      if (cached === undefined) return false;
      const { name, session, sequence, held } = cached;
      return held === undefined || receiver.restore(name, session, sequence, held);
    });
    this.logger.info({ pages: items.held, path }, 'pages from the cache');
    cache.begin({
      next: () => {
        const row = receiver.nextDirty();
        if (row < 0) return undefined;
        const { session, sequence } = receiver.placeOf(row);
        return encodeCached({ name: items.symbol(row), session, sequence, held: items.heldPage(row) });
      },
      all: () => receiver.dirtyAll(),
    });
    this.#cache = cache;
  }

  override status(): Record<string, unknown> {
    return { ...super.status(), pages: this.#receiver?.status(), cache: this.#cache?.status() };
  }

  protected override async closeVendor(): Promise<void> {
    await Promise.all(this.#lines.map((line) => line.close()));
    await this.#cache?.close();
    await super.closeVendor();
  }

  protected override tick(): void {
    super.tick();
    const nowNs = this.clock.monotonicNs();
    this.#receiver!.tick(nowNs);
    this.#cache?.tick(nowNs);
    this.desk?.tick();
    this.scheduleFlush();
  }
}
