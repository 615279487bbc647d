/** How long something must have held before it counts: one that has just caught up may fall behind again at once. */
const STEADY_NS = 200_000_000;

/** Whether something has held for a while without a break. */
export class Steady {
  private sinceNs = -1;

  /** @returns whether it has held long enough by now. */
  look(holds: boolean, nowNs: number): boolean {
    if (!holds) this.sinceNs = -1;
    else if (this.sinceNs < 0) this.sinceNs = nowNs;
    return holds && nowNs - this.sinceNs >= STEADY_NS;
  }
}
