import type { Random } from '@tickerplant/core';

/**
 * Draws 0, 1, 2, … with given weights in constant time (Walker's alias method): each place holds a share of its
 * own number and one other's.
 */
export class AliasTable {
  private readonly share: Float64Array;
  private readonly other: Int32Array;

  /** @param weights at least one, none negative, not all 0. */
  constructor(weights: readonly number[]) {
    const count = weights.length;
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    this.share = Float64Array.from(weights, (weight) => (weight * count) / total);
    this.other = Int32Array.from(weights, (_, i) => i);
    const poor: number[] = [];
    const rich: number[] = [];
    this.share.forEach((share, i) => void (share < 1 ? poor : rich).push(i));
    while (poor.length > 0 && rich.length > 0) {
      const small = poor.pop()!;
      const large = rich[rich.length - 1]!;
      this.other[small] = large;
      this.share[large]! -= 1 - this.share[small]!;
      if (this.share[large]! < 1) poor.push(rich.pop()!);
    }
    // What rounding has left over is whole.
    for (const i of [...poor, ...rich]) this.share[i] = 1;
  }

  draw(random: Random): number {
    const point = random.next() * this.share.length;
    const place = Math.floor(point);
    return point - place < this.share[place]! ? place : this.other[place]!;
  }
}
