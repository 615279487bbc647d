import type { PlantStanding } from './floor-view.ts';
import { OwnOrder } from './own-order.ts';

/** After so long a plant that did not answer is asked first again. */
const FORGIVEN_NS = 1_000_000_000;
/** Of requests that may go unanswered before a plant counts as not answering: the network loses some. */
const TIMEOUTS = 2;

/** Whom to ask for missed messages: the plants in the client's own order, those that don't answer behind the others. */
export class RepairServers {
  private readonly order: OwnOrder<PlantStanding>;
  private readonly patienceNs: number;
  /** By plant: since when it has been asked and has not answered. */
  private readonly unanswered = new Map<string, number>();

  /** @param timeoutMs how long an answer to a request may take. */
  constructor(instance: string, timeoutMs: number) {
    this.order = new OwnOrder(instance);
    this.patienceNs = TIMEOUTS * timeoutMs * 1e6;
  }

  /** @param plants those that may be asked: a list that does not change. */
  inOrder(plants: readonly PlantStanding[], nowNs: number): readonly PlantStanding[] {
    const mute = (plant: PlantStanding): boolean => this.isMute(plant.name, nowNs);
    if (this.unanswered.size === 0 || !plants.some(mute)) return this.order.of(plants);
    return this.order.of(plants.map((plant) => (mute(plant) ? { ...plant, fit: false } : plant)));
  }

  asked(plant: string, nowNs: number): void {
    const since = this.unanswered.get(plant);
    if (since === undefined || nowNs - since > FORGIVEN_NS) this.unanswered.set(plant, nowNs);
  }

  answered(plant: string): void {
    this.unanswered.delete(plant);
  }

  private isMute(plant: string, nowNs: number): boolean {
    const since = this.unanswered.get(plant);
    return since !== undefined && nowNs - since >= this.patienceNs && nowNs - since <= FORGIVEN_NS;
  }
}
