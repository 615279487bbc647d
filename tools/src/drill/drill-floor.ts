import { freePorts } from '../bench/ports.ts';

/** What floor to drill on. */
export interface DrillFloorOptions {
  /** Vendor messages a second. */
  readonly rate: number;
  readonly heartbeatMs: number;
  readonly takeoverAfterMs: number;
  readonly symbols: number;
  /** Each plant publishes on groups of its own. */
  readonly liveLive: boolean;
}

const LOOPBACK = '127.0.0.1';

/** A floor file with a pair of handlers and a pair of plants, on groups and ports that nobody else uses. */
export async function drillFloorText(options: DrillFloorOptions): Promise<string> {
  const { rate, heartbeatMs, takeoverAfterMs, symbols, liveLive } = options;
  const ports = await freePorts(23);
  const net = 1 + (process.pid % 250);
  const unicast = (): string => `"${LOOPBACK}:${ports.pop()}"`;
  const group = (index: number): string => `"239.${130 + index}.${net}.1:${ports.pop()}"`;
  const trading = (index: number): string => (liveLive ? `[${group(index)}, ${group(index + 10)}]` : group(index));
  const vendor = unicast();
  return `
floor: drill
key: only-for-practising-failures
networks:
  feed: { interface: ${LOOPBACK}, status: ${group(1)} }
  trading: { interface: ${LOOPBACK}, status: ${group(2)} }
limits: { heartbeatMs: ${heartbeatMs}, takeoverAfterMs: ${takeoverAfterMs}, channelHeartbeatMs: ${heartbeatMs} }
channels:
  - { name: SIM1, id: 1, feed: ${group(3)}, trading: ${trading(4)} }
  - { name: SIM2, id: 2, feed: ${group(5)}, trading: ${trading(6)} }
  - { name: SIM-DEPTH, id: 3, feed: ${group(7)}, trading: ${trading(8)} }
feeds:
  - name: itch
    protocol: itch50
    services: { records: SIM, depth: SIM-L2 }
    lines:
      - { name: A, group: ${group(9)}, interface: ${LOOPBACK} }
      - { name: B, group: ${group(10)}, interface: ${LOOPBACK} }
    requestServers: [${vendor}]
    firstSequence: 1
    channels:
      records: { hash: [SIM1, SIM2] }
      depth: { channel: SIM-DEPTH }
    repair: ${unicast()}
    control: ${unicast()}
    standbys:
      - { repair: ${unicast()}, control: ${unicast()} }
plants:
  - { name: p1, control: ${unicast()}, repair: ${unicast()} }
  - { name: p2, control: ${unicast()}, repair: ${unicast()} }
simulators:
  - { name: exchange, feed: itch, symbols: ${symbols}, rate: ${rate}, requestServer: ${vendor} }
`;
}
