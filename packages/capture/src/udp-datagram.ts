import { formatIpv4, formatIpv6 } from './addresses.ts';

/** What `decodeUdp` made of a packet, each with its sentence (for counters and reports). */
export const UDP_OUTCOMES = {
  udp: 'a UDP datagram: its payload is there, though perhaps not all of it (see `isTruncated`)',
  'not-ip': 'neither IPv4 nor IPv6: ARP, 802.3 and other protocols',
  'not-udp': 'IP, but not UDP: TCP, IGMP, PIM and others',
  fragment: 'a fragment of a UDP datagram; needs reassembly',
  'unknown-link-type': 'the capture’s link type is none that can be looked into',
  'cut-short': 'ends before its headers do: cut by the snap length, or too short a frame',
  'bad-link-header': 'more VLAN tags than any network stacks',
  'bad-ip-header': 'an IP header that contradicts itself: version, header length or total length',
  'bad-udp-length': 'a UDP length below 8 or beyond the end of the IP datagram',
} as const;

/** See `UDP_OUTCOMES`. */
export type UdpOutcome = keyof typeof UDP_OUTCOMES;

/** Most VLAN tags in one frame that are followed. */
export const VLAN_TAGS_MAX = 8;

/**
 * Where a packet's UDP payload lies, and where it was going. Refilled by each `decodeUdp`; it points into the
 * packet's bytes, so it is *borrowed* as they are.
 */
export class UdpDatagram {
  outcome: UdpOutcome = 'not-ip';
  /** The bytes that all positions here point into. */
  bytes: Uint8Array = new Uint8Array(0);
  /** The payload: `bytes[payloadStart] … bytes[payloadEnd - 1]`. Set when the outcome is `udp`. */
  payloadStart = 0;
  payloadEnd = 0;
  /** Payload bytes that the UDP header promises; more than there are if the packet was cut. */
  payloadLength = 0;
  sourcePort = 0;
  destinationPort = 0;
  /** 4, 6, or 0 if the packet did not get as far as IP. */
  ipVersion = 0;
  /** The IP datagram within `bytes`; what follows `ipEnd` in the packet is padding or frame check sequence. */
  ipStart = 0;
  ipEnd = 0;
  /** IP protocol number (of the innermost known header for IPv6): 17 = UDP. */
  ipProtocol = 0;
  /** IPv4 addresses as unsigned 32-bit integers; 0 for IPv6. */
  source = 0;
  destination = 0;
  /** How many VLAN tags there are, and their ids, outermost first. */
  vlanCount = 0;
  readonly vlanIds: Uint16Array = new Uint16Array(VLAN_TAGS_MAX);

  // Of fragments (IPv4):
  identification = 0;
  /** Position of the fragment's data in the whole datagram, in bytes. */
  fragmentOffset = 0;
  hasMoreFragments = false;
  /** Where the fragment's data starts; it ends at `ipEnd`. */
  fragmentStart = 0;
  /** Whether the capture ends before the IP datagram does. */
  isIpCut = false;

  /** Whether payload bytes are missing: the capture was cut by its snap length. */
  get isTruncated(): boolean {
    return this.payloadEnd - this.payloadStart < this.payloadLength;
  }

  /** Source address as text (made on each call). */
  get sourceAddress(): string {
    return this.ipVersion === 6 ? formatIpv6(this.bytes, this.ipStart + 8) : formatIpv4(this.source);
  }

  /** Destination address as text (made on each call). */
  get destinationAddress(): string {
    return this.ipVersion === 6 ? formatIpv6(this.bytes, this.ipStart + 24) : formatIpv4(this.destination);
  }

  /** VLAN ids, outermost first (made on each call). */
  get vlans(): number[] {
    return Array.from(this.vlanIds.subarray(0, this.vlanCount));
  }

  /** A view of the payload (allocates the view; the bytes stay borrowed). */
  payload(): Uint8Array {
    return this.bytes.subarray(this.payloadStart, this.payloadEnd);
  }
}
