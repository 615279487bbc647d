import { type BenchFloor, LOOPBACK } from './bench-floor.ts';
import { freePorts } from './ports.ts';

/** What floor of pages to make. */
export interface PageFloorOptions {
  /** Most pages. */
  readonly pages: number;
  /** Memory for repair, of all channels of the handler. */
  readonly ring: string;
}

let floors = 0;

/** A floor with a handler of a broadcast of pages on one line: pages and elements each on a channel of their own. */
export async function makePageFloor({ pages, ring }: PageFloorOptions): Promise<BenchFloor> {
  const ports = await freePorts(11);
  const net = 1 + (process.pid % 250);
  const host = 1 + (floors++ % 250);
  const unicast = (): string => `"${LOOPBACK}:${ports.pop()}"`;
  const group = (index: number): string => `"239.${110 + index}.${net}.${host}:${ports.pop()}"`;
  const text = `
floor: bench
key: a-key-that-is-no-secret
day: 2026-01-05
networks:
  feed: { interface: ${LOOPBACK}, status: ${group(1)} }
  trading: { interface: ${LOOPBACK}, status: ${group(2)} }
channels:
  - { name: SCREEN, id: 1, feed: ${group(3)}, trading: ${group(4)} }
  - { name: RATES, id: 2, feed: ${group(5)}, trading: ${group(6)} }
feeds:
  - name: f
    protocol: pages-broadcast
    services: { pages: SCREEN, elements: RATES }
    timeZone: UTC
    lines: [{ name: A, group: ${group(7)}, interface: ${LOOPBACK} }]
    pages: { max: ${pages} }
    channels: { pages: { channel: SCREEN }, elements: { channel: RATES } }
    repair: ${unicast()}
    control: ${unicast()}
    ringBytes: ${ring}
plants:
  - { name: p1, control: ${unicast()}, repair: ${unicast()} }
`;
  return { text, plant: 'p1', feed: 'f' };
}
