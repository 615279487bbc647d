import { freePorts } from '../bench/ports.ts';

/** What floor to drill on. */
export interface DrillFloorOptions {
  /** Vendor messages a second. */
  readonly rate: number;
  readonly heartbeatMs: number;
  readonly takeoverAfterMs: number;
  readonly lineSilentAfterMs: number;
  readonly symbols: number;
  /** Each plant publishes on groups of its own. */
  readonly liveLive: boolean;
  /** Whether something of ours stands between the vendor's lines and the handlers'. */
  readonly relayed: boolean;
}

/** Networks of a floor: the vendor's lines, the handlers' and the plants', the plants' and the clients'. */
export type DrillNetwork = 'lines' | 'feed' | 'trading';

/** Where the processes of a floor are. */
export interface DrillPlaces {
  /** Name or address of everybody's interface on a network. */
  interface(network: DrillNetwork): string;
  /** Of a process's host: `exchange`, `itch`, `itch-2`, `p1`, `p2`. */
  address(host: string, network: DrillNetwork): string;
  /** One that nobody uses. */
  port(): number;
  /** The second number of the groups' addresses: floors that share a network want different ones. */
  readonly groups: number;
  /** Time to live of what is sent. */
  readonly ttl: number;
}

/** The floor file, and the vendor's view of it: where lines are relayed, it sends on groups of its own. */
export interface DrillFloorTexts {
  readonly floor: string;
  readonly vendor: string;
}

const LOOPBACK = '127.0.0.1';
/** On a machine that many processes share, a repair takes its time: giving up is not what is drilled. */
const LOST_AFTER_MS = 10_000;
/** Some seconds. Memory that a process begins with and gives back when it dies costs the others time on the same machine. */
const RING = '16MiB';
/** More than a floor needs. */
const PORTS = 24;

/** Everything on the loopback interface, on groups and ports that nobody else uses. */
export async function loopbackPlaces(): Promise<DrillPlaces> {
  const ports = await freePorts(PORTS);
  return {
    interface: () => LOOPBACK,
    address: () => LOOPBACK,
    port: () => ports.pop()!,
    groups: 1 + (process.pid % 250),
    ttl: 0,
  };
}

/** A floor with a pair of handlers and a pair of plants. */
export function drillFloorTexts(options: DrillFloorOptions, places: DrillPlaces): DrillFloorTexts {
  const { rate, heartbeatMs, takeoverAfterMs, lineSilentAfterMs, symbols, relayed, liveLive } = options;
  const unicast = (host: string, network: DrillNetwork): string =>
    `"${places.address(host, network)}:${places.port()}"`;
  const group = (index: number): string => `"239.${130 + index}.${places.groups}.1:${places.port()}"`;
  const trading = (index: number): string => (liveLive ? `[${group(index)}, ${group(index + 10)}]` : group(index));
  const network = (name: DrillNetwork, index: number): string =>
    `{ interface: ${places.interface(name)}, ttl: ${places.ttl}, status: ${group(index)} }`;
  const line = (name: string, where: string): string =>
    `      - { name: ${name}, group: ${where}, interface: ${places.interface('lines')} }`;
  const vendor = unicast('exchange', 'lines');
  const lines = [line('A', group(9)), line('B', group(10))].join('\n');
  const floor = `
floor: drill
key: only-for-practising-failures
networks:
  feed: ${network('feed', 1)}
  trading: ${network('trading', 2)}
limits:
  heartbeatMs: ${heartbeatMs}
  takeoverAfterMs: ${takeoverAfterMs}
  channelHeartbeatMs: ${heartbeatMs}
  lineSilentAfterMs: ${lineSilentAfterMs}
  lostAfterMs: ${LOST_AFTER_MS}
channels:
  - { name: SIM1, id: 1, feed: ${group(3)}, trading: ${trading(4)} }
  - { name: SIM2, id: 2, feed: ${group(5)}, trading: ${trading(6)} }
  - { name: SIM-DEPTH, id: 3, feed: ${group(7)}, trading: ${trading(8)} }
feeds:
  - name: itch
    protocol: itch50
    services: { records: SIM, depth: SIM-L2 }
    lines:
${lines}
    requestServers: [${vendor}]
    firstSequence: 1
    channels:
      records: { hash: [SIM1, SIM2] }
      depth: { channel: SIM-DEPTH }
    ringBytes: ${RING}
    repair: ${unicast('itch', 'feed')}
    control: ${unicast('itch', 'feed')}
    standbys:
      - { repair: ${unicast('itch-2', 'feed')}, control: ${unicast('itch-2', 'feed')} }
plants:
  - { name: p1, control: ${unicast('p1', 'trading')}, repair: ${unicast('p1', 'trading')}, ringBytes: ${RING} }
  - { name: p2, control: ${unicast('p2', 'trading')}, repair: ${unicast('p2', 'trading')}, ringBytes: ${RING} }
simulators:
  - { name: exchange, feed: itch, symbols: ${symbols}, rate: ${rate}, requestServer: ${vendor} }
`;
  const before = [line('A', group(11)), line('B', group(12))].join('\n');
  return { floor, vendor: relayed ? floor.replace(lines, before) : floor };
}
