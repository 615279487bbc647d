import { TickerError } from '@tickerplant/core';

/** An IPv4 address, held as an unsigned 32-bit integer, as text: `0xe9360c6f` → `233.54.12.111`. */
export function formatIpv4(address: number): string {
  return `${address >>> 24}.${(address >>> 16) & 255}.${(address >>> 8) & 255}.${address & 255}`;
}

/**
 * `233.54.12.111` → `0xe9360c6f`.
 *
 * @throws TickerError `CAPTURE_BAD_ADDRESS`
 */
export function parseIpv4(text: string): number {
  const parts = text.split('.');
  let address = 0;
  for (const part of parts) {
    if (!/^\d{1,3}$/.test(part) || Number(part) > 255) parts.length = 0;
    address = address * 256 + Number(part);
  }
  if (parts.length !== 4) throw new TickerError('CAPTURE_BAD_ADDRESS', `expected an IPv4 address, got '${text}'`);
  return address;
}

/** The 16 bytes of an IPv6 address as text: small letters, the longest run of zero groups as `::` (RFC 5952). */
export function formatIpv6(bytes: Uint8Array, at: number): string {
  const groups: number[] = [];
  for (let i = 0; i < 16; i += 2) groups.push((bytes[at + i]! << 8) | bytes[at + i + 1]!);
  let runAt = 0;
  let runLength = 1; // a single zero group is not shortened
  for (let i = 0; i < 8; i++) {
    let zeros = 0;
    while (i + zeros < 8 && groups[i + zeros] === 0) zeros++;
    if (zeros > runLength) {
      runAt = i;
      runLength = zeros;
    }
  }
  const text = (from: number, to: number): string =>
    groups
      .slice(from, to)
      .map((group) => group.toString(16))
      .join(':');
  return runLength === 1 ? text(0, 8) : `${text(0, runAt)}::${text(runAt + runLength, 8)}`;
}

/** Whether an IPv4 address is a multicast group (224.0.0.0/4). */
export function isMulticast(address: number): boolean {
  return address >>> 28 === 14;
}
