import { type Floor, parseFloor } from '@tickerplant/floor';
import { freePorts } from './ports.ts';

/** A floor to measure, as a text that can be handed from process to process. */
export interface BenchFloor {
  readonly text: string;
  readonly plant: 'p1';
  readonly feed: 'f';
}

/** What floor to make. */
export interface BenchFloorOptions {
  readonly protocol: 'iex-tops' | 'itch50';
  readonly day: string;
  /** With depth, on the records' channel: a packet of the vendor's then makes one packet, not two. */
  readonly depth?: boolean;
  readonly lines?: number;
  /** Memory for repair of each handler and plant. @default 128MiB */
  readonly ring?: string;
  /** Most bytes in a packet on the floor's networks. @default 1472, what a network of 1500-byte frames carries */
  readonly packetBytes?: number;
  /** Whether the plant never sleeps. @default false */
  readonly busyPoll?: boolean;
}

/** The loopback interface. */
export const LOOPBACK = '127.0.0.1';
/** As large as what a second of full speed needs: a subscriber that fell behind gets all of it again. */
const RING = '128MiB';

let floors = 0;

/** A floor of a benchmark's own: nobody else uses its groups and ports. */
export async function makeFloor(options: BenchFloorOptions): Promise<BenchFloor> {
  const { protocol, day, depth = false, lines = 1, ring = RING, packetBytes = 1472, busyPoll = false } = options;
  const ports = await freePorts(12);
  // Groups of this process and this floor: runs side by side don't meet.
  const net = 1 + (process.pid % 250);
  const host = 10 * (floors++ % 20);
  const unicast = (): string => `"${LOOPBACK}:${ports.pop()}"`;
  const group = (index: number): string => `"239.${100 + index}.${net}.${1 + host}:${ports.pop()}"`;
  const text = `
floor: bench
key: a-key-that-is-no-secret
day: ${day}
networks:
  feed: { interface: ${LOOPBACK}, packetBytes: ${packetBytes}, status: ${group(1)} }
  trading: { interface: ${LOOPBACK}, packetBytes: ${packetBytes}, status: ${group(2)} }
channels:
  - { name: R, id: 1, feed: ${group(3)}, trading: ${group(4)} }
feeds:
  - name: f
    protocol: ${protocol}
    services: { records: REC${depth ? ', depth: L2' : ''} }
    lines:
${['A', 'B']
  .slice(0, lines)
  .map((name, i) => `      - { name: ${name}, group: ${group(5 + i)}, interface: ${LOOPBACK} }`)
  .join('\n')}
    requestServers: [${unicast()}]
    firstSequence: 1
    channels: { records: { channel: R }${depth ? ', depth: { channel: R }' : ''} }
    repair: ${unicast()}
    control: ${unicast()}
    ringBytes: ${ring}
plants:
  - { name: p1, control: ${unicast()}, repair: ${unicast()}, ringBytes: ${ring}, busyPoll: ${busyPoll} }
`;
  // A mistake shows here, and not in some process.
  readBenchFloor(text);
  return { text, plant: 'p1', feed: 'f' };
}

/** The floor that a text describes. */
export function readBenchFloor(text: string): Floor {
  return parseFloor(text, 'the benchmark floor', { nowMs: Date.now() });
}
