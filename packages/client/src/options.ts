import { type Random, TickerError } from '@tickerplant/core';

/** Bounds and waiting times of a client. Times in milliseconds. */
export interface ClientLimits {
  /**
   * What is silent for so long is STALE: a channel on which nothing comes, not even a heartbeat, and what only a plant
   * forwards that isn't heard. 0: as long as the floor file promises, which plants tell; 1000 until they have.
   * @default 0
   */
  readonly silentAfterMs: number;
  /** How long to wait for packets out of order before asking for what is missing. @default 2 */
  readonly gapWaitMs: number;
  /** How long to wait for an answer to a repair request before asking again, elsewhere. @default 20 */
  readonly repairTimeoutMs: number;
  /** Age at which a gap is given up; the items get new images. @default 2000 */
  readonly lostAfterMs: number;
  /** How long a plant may take over the next part of the images before another is asked. @default 5000 */
  readonly imagesTimeoutMs: number;
  /** How long a connection to a plant may take. @default 2000 */
  readonly connectTimeoutMs: number;
  /** How long to listen for further plants when one is heard, before one is chosen: a heartbeat and a bit. @default 60 */
  readonly lookAroundMs: number;
  /**
   * First wait before connecting or asking again; doubles up to 50 times as much, and is random between half and all of
   * that. When a plant goes, the next one is connected to after up to 10 times as much. @default 50
   */
  readonly retryMs: number;
  /**
   * A client that had to leave the plant that is first in its own order goes back after this to five times as much, at
   * random, from when it is there again; 0: stays where it is. @default 60000
   */
  readonly moveBackMs: number;
  /** Most items of a channel. @default 1000000 */
  readonly itemsMax: number;
  /** Bytes of a channel's stream kept while images are awaited. @default 16 MiB */
  readonly streamBytesMax: number;
  /** Bytes of a channel's packets kept while one before them is missing. @default 8 MiB */
  readonly reorderBytesMax: number;
  /** Kernel buffer to ask for, for each channel. @default 4 MiB */
  readonly receiveBufferBytes: number;
}

/** What applies unless options say otherwise. */
export const CLIENT_LIMITS: Readonly<ClientLimits> = {
  silentAfterMs: 0,
  gapWaitMs: 2,
  repairTimeoutMs: 20,
  lostAfterMs: 2_000,
  imagesTimeoutMs: 5_000,
  connectTimeoutMs: 2_000,
  lookAroundMs: 60,
  retryMs: 50,
  moveBackMs: 60_000,
  itemsMax: 1_000_000,
  streamBytesMax: 16 * 2 ** 20,
  reorderBytesMax: 32 * 2 ** 20,
  receiveBufferBytes: 4 * 2 ** 20,
};

const LEAST: Partial<Record<keyof ClientLimits, number>> = {
  silentAfterMs: 0,
  gapWaitMs: 0,
  lookAroundMs: 0,
  moveBackMs: 0,
  streamBytesMax: 65_536,
  reorderBytesMax: 65_536,
};

/**
 * The limits with defaults for those left out.
 *
 * @throws TickerError `CLIENT_BAD_OPTION`
 */
export function fillLimits(limits: Partial<ClientLimits> = {}): ClientLimits {
  const given = Object.entries(limits).filter(([, value]) => value !== undefined);
  for (const [name, value] of given) {
    if (!(name in CLIENT_LIMITS)) {
      const expected = Object.keys(CLIENT_LIMITS).join(', ');
      throw new TickerError('CLIENT_BAD_OPTION', `expected limits ${expected}, got '${name}'`);
    }
    const least = LEAST[name as keyof ClientLimits] ?? 1;
    if (!Number.isInteger(value) || value < least) {
      throw new TickerError(
        'CLIENT_BAD_OPTION',
        `expected ${name} to be a whole number from ${least} up, got ${value}`,
      );
    }
  }
  return { ...CLIENT_LIMITS, ...Object.fromEntries(given) };
}

const SILENT_AFTER_MS_UNTOLD = 1_000;

/** How long silence may last before values are STALE. */
export class SilenceLimit {
  /** In nanoseconds. */
  ns: number;
  private readonly own: boolean;

  constructor({ silentAfterMs }: ClientLimits) {
    this.own = silentAfterMs > 0;
    this.ns = (silentAfterMs || SILENT_AFTER_MS_UNTOLD) * 1e6;
  }

  /** The floor's own limit, as a plant tells it; of no account where the program has one of its own. */
  tell(silentAfterMs: number | undefined): void {
    if (!this.own && silentAfterMs !== undefined) this.ns = silentAfterMs * 1e6;
  }
}

/**
 * A wait that doubles with every try and falls back when all went well for long enough. Random between half and all of
 * it: those who try the same at the same time shall not do so again.
 */
export class BackOff {
  private readonly firstNs: number;
  private readonly random: Random;
  private stepNs = 0;
  private dueNs: number = Number.NEGATIVE_INFINITY;
  private triedNs: number = Number.NEGATIVE_INFINITY;

  /** @param firstMs longest wait after the first try, in milliseconds. */
  constructor(firstMs: number, random: Random) {
    this.firstNs = firstMs * 1e6;
    this.random = random;
  }

  /** Whether the next try is due. */
  isDue(nowNs: number): boolean {
    return nowNs >= this.dueNs;
  }

  /** Notes a try. The first one after a quiet time costs no wait. */
  tried(nowNs: number): void {
    const quiet = nowNs - this.triedNs > 4 * Math.max(this.stepNs, this.firstNs);
    this.stepNs = quiet ? this.firstNs : Math.min(2 * this.stepNs, 50 * this.firstNs);
    this.triedNs = nowNs;
    this.dueNs = nowNs + this.stepNs * (0.5 + 0.5 * this.random.next());
  }

  /** All went well: the next try needn't wait. */
  reset(): void {
    this.stepNs = 0;
    this.dueNs = Number.NEGATIVE_INFINITY;
    this.triedNs = Number.NEGATIVE_INFINITY;
  }
}
