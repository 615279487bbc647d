import { type Floor, parseFloor } from '@tickerplant/floor';

/** Between two heartbeats of a member. */
export const HEARTBEAT_MS = 5;
/** The floor's trading day. */
export const DAY = '2026-01-05';
/** Key of the status groups. */
export const KEY: Uint8Array = Buffer.from('a-key-that-is-no-secret');

/** A floor with two channels, a feed and a plant: one of each, or two. */
export function makePairFloor(paired: boolean): Floor {
  const text = `
floor: bench
key: a-key-that-is-no-secret
day: ${DAY}
networks: { feed: { status: 239.1.1.1:30000 }, trading: { status: 239.1.2.1:31000 } }
limits: { heartbeatMs: ${HEARTBEAT_MS} }
channels:
  - { name: R, id: 1, feed: 239.1.1.2:30001, trading: 239.1.2.2:31001 }
  - { name: D, id: 2, feed: 239.1.1.3:30002, trading: 239.1.2.3:31002 }
feeds:
  - name: f
    protocol: itch50
    services: { records: REC, depth: L2 }
    lines: [{ name: A, group: 239.1.3.1:20001 }]
    channels: { records: { channel: R }, depth: { channel: D } }
    repair: 127.0.0.1:30100
    control: 127.0.0.1:30101
    standbys: [${paired ? '{ repair: "127.0.0.1:30102", control: "127.0.0.1:30103" }' : ''}]
plants:
  - { name: p1, control: 127.0.0.1:32001, repair: 127.0.0.1:32002 }
${paired ? '  - { name: p2, control: 127.0.0.1:32003, repair: 127.0.0.1:32004 }' : ''}
`;
  return parseFloor(text, 'the benchmark floor', { nowMs: Date.now() });
}
