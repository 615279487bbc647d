import { TickerError } from '@tickerplant/core';

/** Bounds and waiting times of a client. Times in milliseconds. */
export interface ClientLimits {
  /** A plant not heard for so long counts as silent; what only it forwards is STALE. @default 1000 */
  readonly plantSilentMs: number;
  /** A channel on which nothing comes for so long, not even a heartbeat, is STALE. @default 1000 */
  readonly channelSilentMs: number;
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
  /** First wait before connecting or asking again; doubles up to 50 times as much. @default 50 */
  readonly retryMs: number;
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
  plantSilentMs: 1_000,
  channelSilentMs: 1_000,
  gapWaitMs: 2,
  repairTimeoutMs: 20,
  lostAfterMs: 2_000,
  imagesTimeoutMs: 5_000,
  connectTimeoutMs: 2_000,
  retryMs: 50,
  itemsMax: 1_000_000,
  streamBytesMax: 16 * 2 ** 20,
  reorderBytesMax: 32 * 2 ** 20,
  receiveBufferBytes: 4 * 2 ** 20,
};

const LEAST: Partial<Record<keyof ClientLimits, number>> = {
  gapWaitMs: 0,
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

/** A wait that doubles with every try and falls back when all went well for long enough. */
export class BackOff {
  private readonly firstNs: number;
  private waitNs = 0;
  private triedNs: number = Number.NEGATIVE_INFINITY;

  /** @param firstMs wait after the first try, in milliseconds. */
  constructor(firstMs: number) {
    this.firstNs = firstMs * 1e6;
  }

  /** Whether the next try is due. */
  isDue(nowNs: number): boolean {
    return nowNs >= this.triedNs + this.waitNs;
  }

  /** Notes a try. The first one after a quiet time costs no wait. */
  tried(nowNs: number): void {
    const quiet = nowNs - this.triedNs > 4 * Math.max(this.waitNs, this.firstNs);
    this.waitNs = quiet ? this.firstNs : Math.min(2 * this.waitNs, 50 * this.firstNs);
    this.triedNs = nowNs;
  }

  /** All went well: the next try needn't wait. */
  reset(): void {
    this.waitNs = 0;
    this.triedNs = Number.NEGATIVE_INFINITY;
  }
}
