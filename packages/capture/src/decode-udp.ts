import type { CapturedPacket } from './captured-packet.ts';
import {
  LINK_TYPE_ETHERNET,
  LINK_TYPE_IPV4,
  LINK_TYPE_IPV6,
  LINK_TYPE_LINUX_SLL,
  LINK_TYPE_LINUX_SLL2,
  LINK_TYPE_LOOP,
  LINK_TYPE_NULL,
  LINK_TYPE_RAW,
  LINK_TYPE_RAW_12,
  LINK_TYPE_RAW_14,
} from './link-types.ts';
import { type UdpDatagram, type UdpOutcome, VLAN_TAGS_MAX } from './udp-datagram.ts';

// Headers from the link down to UDP, pcap sheet sections 4 to 8. Network headers are big-endian.

const ETHERTYPE_IPV4 = 0x0800;
const ETHERTYPE_IPV6 = 0x86dd;
const ETHERTYPE_VLAN = 0x8100;
const ETHERTYPE_VLAN_OUTER = 0x88a8;
const ETHERTYPE_VLAN_OLD = 0x9100;

const PROTOCOL_UDP = 17;
const IPV6_HOP_BY_HOP = 0;
const IPV6_ROUTING = 43;
const IPV6_FRAGMENT = 44;
const IPV6_AUTHENTICATION = 51;
const IPV6_DESTINATION = 60;
const IPV6_MOBILITY = 135;

const FRAGMENT_MORE = 0x2000;
const FRAGMENT_OFFSET_MASK = 0x1fff;

/** Stands for a datagram whose end no header tells. */
const UNKNOWN_END = Number.MAX_SAFE_INTEGER;

/**
 * Finds the UDP payload of one packet, whatever its link layer, and fills `out`. Never throws and never reads
 * outside `start … end`. The payload is cut at the UDP length and the IP length, so that padding and frame
 * check sequences stay out of it; checksums are not looked at, since captures on the sending host often have
 * wrong ones.
 *
 * @param linkType of the packet, see `CapturedPacket.linkType`.
 * @param start where the packet begins in `bytes`.
 * @param end where its captured bytes end, without the frame check sequence if that is known.
 * @returns `out.outcome`
 */
export function decodeUdp(
  linkType: number,
  bytes: Uint8Array,
  start: number,
  end: number,
  out: UdpDatagram,
): UdpOutcome {
  out.bytes = bytes;
  out.payloadStart = end;
  out.payloadEnd = end;
  out.payloadLength = 0;
  out.sourcePort = 0;
  out.destinationPort = 0;
  out.ipVersion = 0;
  out.ipStart = end;
  out.ipEnd = end;
  out.ipProtocol = 0;
  out.source = 0;
  out.destination = 0;
  out.vlanCount = 0;
  out.isIpCut = false;
  const outcome = decodeLink(linkType, bytes, start, end, out);
  out.outcome = outcome;
  return outcome;
}

/** `decodeUdp` of a captured packet, with its frame check sequence cut off. */
export function decodePacket(packet: CapturedPacket, out: UdpDatagram): UdpOutcome {
  return decodeUdp(packet.linkType, packet.bytes, packet.start, packet.end - packet.fcsLength, out);
}

function decodeLink(linkType: number, bytes: Uint8Array, at: number, end: number, out: UdpDatagram): UdpOutcome {
  switch (linkType) {
    case LINK_TYPE_ETHERNET:
      return decodeEtherType(bytes, at + 12, end, out);
    case LINK_TYPE_LINUX_SLL:
      return decodeEtherType(bytes, at + 14, end, out);
    case LINK_TYPE_LINUX_SLL2:
      return decodeSll2(bytes, at, end, out);
    case LINK_TYPE_NULL:
    case LINK_TYPE_LOOP:
      return decodeFamily(bytes, at, end, out);
    case LINK_TYPE_RAW:
    case LINK_TYPE_RAW_12:
    case LINK_TYPE_RAW_14:
      return decodeRaw(bytes, at, end, out);
    case LINK_TYPE_IPV4:
      return decodeIpv4(bytes, at, end, out);
    case LINK_TYPE_IPV6:
      return decodeIpv6(bytes, at, end, out);
    default:
      return 'unknown-link-type';
  }
}

/** From an EtherType field on, through any VLAN tags: 2 bytes of tag and the next EtherType each. */
function decodeEtherType(bytes: Uint8Array, at: number, end: number, out: UdpDatagram): UdpOutcome {
  if (at + 2 > end) return 'cut-short';
  return decodeNetwork((bytes[at]! << 8) | bytes[at + 1]!, bytes, at + 2, end, out);
}

function decodeNetwork(type: number, bytes: Uint8Array, at: number, end: number, out: UdpDatagram): UdpOutcome {
  while (type === ETHERTYPE_VLAN || type === ETHERTYPE_VLAN_OUTER || type === ETHERTYPE_VLAN_OLD) {
    if (at + 4 > end) return 'cut-short';
    if (out.vlanCount === VLAN_TAGS_MAX) return 'bad-link-header';
    out.vlanIds[out.vlanCount++] = ((bytes[at]! & 0x0f) << 8) | bytes[at + 1]!;
    type = (bytes[at + 2]! << 8) | bytes[at + 3]!;
    at += 4;
  }
  if (type === ETHERTYPE_IPV4) return decodeIpv4(bytes, at, end, out);
  if (type === ETHERTYPE_IPV6) return decodeIpv6(bytes, at, end, out);
  return 'not-ip'; // below 0x0600 it is the length of an 802.3 frame
}

function decodeSll2(bytes: Uint8Array, at: number, end: number, out: UdpDatagram): UdpOutcome {
  if (at + 20 > end) return 'cut-short';
  return decodeNetwork((bytes[at]! << 8) | bytes[at + 1]!, bytes, at + 20, end, out);
}

/** The address family: LOOP has it big-endian, NULL in the order of whichever host captured it. */
function decodeFamily(bytes: Uint8Array, at: number, end: number, out: UdpDatagram): UdpOutcome {
  if (at + 4 > end) return 'cut-short';
  const isLow = bytes[at] === 0 && bytes[at + 1] === 0 && bytes[at + 2] === 0;
  const isHigh = bytes[at + 1] === 0 && bytes[at + 2] === 0 && bytes[at + 3] === 0;
  if (!isLow && !isHigh) return 'not-ip';
  const family = isLow ? bytes[at + 3]! : bytes[at]!;
  if (family === 2) return decodeIpv4(bytes, at + 4, end, out);
  if (family === 24 || family === 28 || family === 30 || family === 10) return decodeIpv6(bytes, at + 4, end, out);
  return 'not-ip';
}

function decodeRaw(bytes: Uint8Array, at: number, end: number, out: UdpDatagram): UdpOutcome {
  if (at >= end) return 'cut-short';
  const version = bytes[at]! >> 4;
  if (version === 4) return decodeIpv4(bytes, at, end, out);
  return version === 6 ? decodeIpv6(bytes, at, end, out) : 'not-ip';
}

function decodeIpv4(bytes: Uint8Array, at: number, end: number, out: UdpDatagram): UdpOutcome {
  if (at + 20 > end) return 'cut-short';
  const headerLength = (bytes[at]! & 15) * 4;
  if (bytes[at]! >> 4 !== 4 || headerLength < 20) return 'bad-ip-header';
  const totalLength = (bytes[at + 2]! << 8) | bytes[at + 3]!;
  if (totalLength !== 0 && totalLength < headerLength) return 'bad-ip-header';
  // Total length 0: the capturing host left it to its network card; the captured length has to do.
  const declaredEnd = totalLength === 0 ? UNKNOWN_END : at + totalLength;
  out.ipVersion = 4;
  out.ipStart = at;
  out.ipEnd = Math.min(declaredEnd, end);
  out.isIpCut = totalLength !== 0 && declaredEnd > end;
  out.ipProtocol = bytes[at + 9]!;
  out.source = readAddress(bytes, at + 12);
  out.destination = readAddress(bytes, at + 16);
  if (at + headerLength > end) return 'cut-short';
  if (out.ipProtocol !== PROTOCOL_UDP) return 'not-udp';
  const fragment = (bytes[at + 6]! << 8) | bytes[at + 7]!;
  if ((fragment & (FRAGMENT_MORE | FRAGMENT_OFFSET_MASK)) !== 0) {
    out.identification = (bytes[at + 4]! << 8) | bytes[at + 5]!;
    out.fragmentOffset = (fragment & FRAGMENT_OFFSET_MASK) * 8;
    out.hasMoreFragments = (fragment & FRAGMENT_MORE) !== 0;
    out.fragmentStart = at + headerLength;
    return 'fragment';
  }
  return decodeUdpHeader(bytes, at + headerLength, declaredEnd, end, out);
}

/** IPv6 and the extension headers before UDP: each begins with the number of the next, then its own length. */
function decodeIpv6(bytes: Uint8Array, at: number, end: number, out: UdpDatagram): UdpOutcome {
  if (at + 40 > end) return 'cut-short';
  if (bytes[at]! >> 4 !== 6) return 'bad-ip-header';
  const payloadLength = (bytes[at + 4]! << 8) | bytes[at + 5]!;
  const declaredEnd = payloadLength === 0 ? UNKNOWN_END : at + 40 + payloadLength;
  out.ipVersion = 6;
  out.ipStart = at;
  out.ipEnd = Math.min(declaredEnd, end);
  out.isIpCut = payloadLength !== 0 && declaredEnd > end;
  let next = bytes[at + 6]!;
  let header = at + 40;
  while (next !== PROTOCOL_UDP) {
    out.ipProtocol = next;
    if (!isExtension(next)) return 'not-udp';
    if (header + 8 > out.ipEnd) return out.isIpCut ? 'cut-short' : 'bad-ip-header';
    if (next === IPV6_FRAGMENT && isRealFragment(bytes, header)) {
      return bytes[header] === PROTOCOL_UDP ? noteIpv6Fragment(bytes, header, out) : 'not-udp';
    }
    next = bytes[header]!;
    header += extensionLength(out.ipProtocol, bytes[header + 1]!);
  }
  out.ipProtocol = PROTOCOL_UDP;
  return decodeUdpHeader(bytes, header, declaredEnd, end, out);
}

function isExtension(next: number): boolean {
  return (
    next === IPV6_HOP_BY_HOP ||
    next === IPV6_ROUTING ||
    next === IPV6_FRAGMENT ||
    next === IPV6_AUTHENTICATION ||
    next === IPV6_DESTINATION ||
    next === IPV6_MOBILITY
  );
}

function extensionLength(kind: number, length: number): number {
  if (kind === IPV6_FRAGMENT) return 8;
  return kind === IPV6_AUTHENTICATION ? (length + 2) * 4 : (length + 1) * 8;
}

/** A fragment header with offset 0 and nothing to follow stands before a whole datagram. */
function isRealFragment(bytes: Uint8Array, header: number): boolean {
  return bytes[header + 2] !== 0 || (bytes[header + 3]! & 0xf9) !== 0;
}

function noteIpv6Fragment(bytes: Uint8Array, header: number, out: UdpDatagram): UdpOutcome {
  out.ipProtocol = PROTOCOL_UDP;
  out.identification = readAddress(bytes, header + 4);
  out.fragmentOffset = ((bytes[header + 2]! << 8) | bytes[header + 3]!) & 0xfff8;
  out.hasMoreFragments = (bytes[header + 3]! & 1) !== 0;
  out.fragmentStart = header + 8;
  return 'fragment';
}

function decodeUdpHeader(
  bytes: Uint8Array,
  at: number,
  declaredEnd: number,
  end: number,
  out: UdpDatagram,
): UdpOutcome {
  if (at + 8 > declaredEnd) return 'bad-udp-length';
  if (at + 8 > end) return 'cut-short';
  const length = (bytes[at + 4]! << 8) | bytes[at + 5]!;
  if (length < 8 || at + length > declaredEnd) return 'bad-udp-length';
  out.sourcePort = (bytes[at]! << 8) | bytes[at + 1]!;
  out.destinationPort = (bytes[at + 2]! << 8) | bytes[at + 3]!;
  out.payloadStart = at + 8;
  out.payloadEnd = Math.min(at + length, end);
  out.payloadLength = length - 8;
  return 'udp';
}

function readAddress(bytes: Uint8Array, at: number): number {
  return ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0;
}
