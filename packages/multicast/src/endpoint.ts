import { isIPv4 } from 'node:net';
import { TickerError } from '@tickerplant/core';

/** Where a group's packets go: an IPv4 multicast address and a UDP port. */
export interface Endpoint {
  readonly group: string;
  readonly port: number;
}

/** Whether the text is an IPv4 address in 224.0.0.0/4 (RFC 5771). */
export function isMulticastAddress(text: string): boolean {
  if (!isIPv4(text)) return false;
  const first = Number.parseInt(text, 10);
  return first >= 224 && first <= 239;
}

/**
 * Reads `239.255.1.1:20001`.
 *
 * @throws TickerError `MULTICAST_BAD_ENDPOINT`, `MULTICAST_BAD_GROUP` or `MULTICAST_BAD_PORT`
 */
export function parseEndpoint(text: string): Endpoint {
  const match = /^([^:]*):(\d{1,9})$/.exec(text);
  if (match === null) {
    throw new TickerError('MULTICAST_BAD_ENDPOINT', `expected GROUP:PORT, such as 239.255.1.1:20001, got '${text}'`);
  }
  const endpoint: Endpoint = { group: match[1]!, port: Number(match[2]) };
  checkGroup(endpoint.group);
  checkPort(endpoint.port);
  return endpoint;
}

/** `239.255.1.1:20001` */
export function formatEndpoint(endpoint: Endpoint): string {
  return `${endpoint.group}:${endpoint.port}`;
}

/** @throws TickerError `MULTICAST_BAD_GROUP` */
export function checkGroup(group: string): void {
  if (!isMulticastAddress(group)) {
    throw new TickerError(
      'MULTICAST_BAD_GROUP',
      `expected an IPv4 multicast group from 224.0.0.0 to 239.255.255.255, got '${group}'`,
    );
  }
}

/** @throws TickerError `MULTICAST_BAD_PORT` */
export function checkPort(port: number): void {
  if (!Number.isInteger(port) || port < 1 || port > 65_535) {
    throw new TickerError('MULTICAST_BAD_PORT', `expected a UDP port from 1 to 65535, got ${port}`);
  }
}

/** @throws TickerError `MULTICAST_BAD_ADDRESS` unless the text is the IPv4 address of one host. */
export function checkHost(address: string, what: string): void {
  if (!isIPv4(address) || isMulticastAddress(address)) {
    throw new TickerError('MULTICAST_BAD_ADDRESS', `expected the IPv4 address of a ${what}, got '${address}'`);
  }
}
