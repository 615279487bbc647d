import type { Random } from '@tickerplant/core';
import type { PlantStanding } from './floor-view.ts';
import { BackOff, type ClientLimits, type SilenceLimit } from './options.ts';
import { OwnOrder } from './own-order.ts';

/** Longest wait before another plant is connected to, in first waits of the back-off. */
const SPREAD_WAITS = 10;
/** A plant that isn't fit is left after this to five times as much, if another one is. */
const UNFIT_NS = 1_000_000_000;
const MOVE_SPREAD = 4;

/**
 * When a client connects to a plant, to which, and when it moves to another one. What befalls one client mostly befalls
 * all of them in the same instant; so all waits are random.
 */
export class PlantChoice {
  private readonly order: OwnOrder<PlantStanding>;
  private readonly limits: ClientLimits;
  private readonly silence: SilenceLimit;
  private readonly random: Random;
  private readonly backOffs = new Map<string, BackOff>();
  private dueNs: number = Number.NEGATIVE_INFINITY;
  /** Since when no plant has been there; undefined: one is. */
  private noneSinceNs: number | undefined;
  /** A move that would be for the better, and when it may be made. */
  private move: { readonly key: string; readonly dueNs: number } | undefined;

  constructor(instance: string, limits: ClientLimits, silence: SilenceLimit, random: Random, nowNs: number) {
    this.order = new OwnOrder(instance);
    this.limits = limits;
    this.silence = silence;
    this.random = random;
    this.noneSinceNs = nowNs;
  }

  /** Takes note of the plants that may be connected to. */
  look(available: readonly PlantStanding[], nowNs: number): void {
    if (available.length === 0) {
      this.noneSinceNs ??= nowNs;
    } else if (this.noneSinceNs !== undefined) {
      // Everybody who has been waiting for a plant hears it now.
      const waited = nowNs - this.noneSinceNs > this.silence.ns;
      this.dueNs = Math.max(this.dueNs, nowNs + this.limits.lookAroundMs * 1e6);
      if (waited) this.spread();
      this.noneSinceNs = undefined;
    }
  }

  /** The plant to connect to now. */
  next(available: readonly PlantStanding[], nowNs: number): PlantStanding | undefined {
    if (nowNs < this.dueNs) return undefined;
    const plant = this.order.of(available).find(({ name }) => this.backOffOf(name).isDue(nowNs));
    if (plant !== undefined) this.backOffOf(plant.name).tried(nowNs);
    return plant;
  }

  /** The connection to a plant is over, and not by this client's own choice. */
  lost(plant: string, nowNs: number): void {
    this.backOffOf(plant).tried(nowNs);
    this.dueNs = nowNs;
    this.spread();
  }

  /**
   * Why the plant that is connected to should be left for another one now; undefined: it should not.
   *
   * @param idle whether nothing is being waited for.
   */
  whyMove(plant: string, available: readonly PlantStanding[], idle: boolean, nowNs: number): string | undefined {
    const best = this.order.of(available)[0];
    const own = available.find(({ name }) => name === plant);
    const better = best !== undefined && own !== undefined && best.name !== plant && best.fit;
    if (!better || (own.fit && this.limits.moveBackMs === 0)) {
      this.move = undefined;
      return undefined;
    }
    const key = own.fit ? best.name : '';
    if (this.move?.key !== key) {
      const leastNs = own.fit ? this.limits.moveBackMs * 1e6 : UNFIT_NS;
      this.move = { key, dueNs: nowNs + leastNs * (1 + MOVE_SPREAD * this.random.next()) };
    }
    if (nowNs < this.move.dueNs || (own.fit && !idle)) return undefined;
    return own.fit ? `${best.name} is there again` : 'it is not fit';
  }

  private spread(): void {
    this.dueNs += this.random.next() * SPREAD_WAITS * this.limits.retryMs * 1e6;
  }

  private backOffOf(plant: string): BackOff {
    let backOff = this.backOffs.get(plant);
    if (backOff === undefined) {
      backOff = new BackOff(this.limits.retryMs, this.random);
      this.backOffs.set(plant, backOff);
    }
    return backOff;
  }
}
