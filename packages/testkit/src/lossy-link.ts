import type { Random } from '@tickerplant/core';

/** Chances from 0 to 1. */
export interface LossyLink {
  /** Packets that never arrive. */
  readonly loss: number;
  /** Packets that arrive twice. */
  readonly duplication: number;
  /** Packets that arrive later than up to `reorderDistance` packets sent after them. */
  readonly reorder: number;
  readonly reorderDistance: number;
}

/** What comes out of a bad link when `packets` go in: the same objects, some missing, doubled or displaced. */
export function lossyLink<T>(packets: readonly T[], link: LossyLink, random: Random): T[] {
  const arrivals: { at: number; order: number; packet: T }[] = [];
  packets.forEach((packet, index) => {
    if (random.next() < link.loss) return;
    const copies = random.next() < link.duplication ? 2 : 1;
    for (let copy = 0; copy < copies; copy++) {
      const late = random.next() < link.reorder ? 1 + random.below(link.reorderDistance) : 0;
      arrivals.push({ at: index + late, order: arrivals.length, packet });
    }
  });
  return arrivals.sort((a, b) => a.at - b.at || a.order - b.order).map((arrival) => arrival.packet);
}
