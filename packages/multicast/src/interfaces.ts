import { isIPv4 } from 'node:net';
import { type NetworkInterfaceInfo, networkInterfaces } from 'node:os';
import { TickerError } from '@tickerplant/core';

/** An interface of this host that has an IPv4 address. */
export interface Interface {
  readonly name: string;
  readonly address: string;
}

type HostInterfaces = Readonly<Record<string, readonly NetworkInterfaceInfo[] | undefined>>;

/** The interfaces that are up and have an IPv4 address, in the system's order. */
export function listInterfaces(host: HostInterfaces = networkInterfaces()): Interface[] {
  return Object.entries(host).flatMap(([name, addresses]) =>
    (addresses ?? []).filter(({ family }) => family === 'IPv4').map(({ address }) => ({ name, address })),
  );
}

/**
 * The IPv4 address that stands for an interface in membership and sending. Multicast always names its
 * interface: left to the routing table, a feed leaves by whichever card has the default route.
 *
 * @param nameOrAddress `eth1` (its first IPv4 address is taken) or `10.1.2.3`.
 * @param host what the system says of its interfaces; for tests.
 * @throws TickerError `MULTICAST_NO_INTERFACE`, listing what exists.
 */
export function resolveInterface(nameOrAddress: string, host: HostInterfaces = networkInterfaces()): string {
  const all = listInterfaces(host);
  const found = all.find(({ name, address }) => name === nameOrAddress || address === nameOrAddress);
  if (found !== undefined) return found.address;
  const existing = all.map(({ name, address }) => `${name} ${address}`).join(', ');
  const wanted = isIPv4(nameOrAddress) ? 'no interface has the address' : 'no interface with an IPv4 address is named';
  throw new TickerError(
    'MULTICAST_NO_INTERFACE',
    `${wanted} '${nameOrAddress}'; this host has: ${existing === '' ? 'none' : existing}`,
    { interface: nameOrAddress },
  );
}
