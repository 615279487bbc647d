import type { FloorChannel, GroupAddress } from './floor.ts';

/** Whether each plant publishes the channel on a group of its own, all the time. */
export function isLiveLive({ trading }: FloorChannel): boolean {
  return trading.length > 1;
}

/**
 * The group on which a plant publishes a channel.
 *
 * @param rank the plant's place in the floor file, from 0.
 */
export function tradingGroup(channel: FloorChannel, rank: number): GroupAddress {
  return channel.trading[isLiveLive(channel) ? rank : 0]!;
}
