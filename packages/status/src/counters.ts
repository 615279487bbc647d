import { type CounterSet, counterSet } from '@tickerplant/telemetry';

const DESCRIPTIONS = {
  packets: 'Datagrams received on the status group.',
  messages: 'Messages passed on: genuine, fresh and well-formed.',
  own: 'Packets of this process itself, come back by loopback.',
  malformed: 'Packets that are no status packets, or whose content does not follow the format.',
  version: 'Packets of another version of the format.',
  unknown: 'Genuine packets of a kind that this version does not know.',
  forged: 'Packets whose authentication code does not fit the key and the group.',
  replayed: 'Genuine packets that came again, or out of order, or from an earlier start of their sender.',
  stale: 'Genuine packets that were too long on the way, or whose sender or receiver has a wrong clock.',
  crowded: 'Genuine packets of one sender too many to keep track of.',
  directoriesRepeated: 'Directory packets of a version that was complete already.',
  directoriesDropped: 'Incomplete directories given up for a newer version.',
} as const;

/** What is counted on a status group. */
export const STATUS_COUNTERS: CounterSet<typeof DESCRIPTIONS> = counterSet('status', DESCRIPTIONS);
