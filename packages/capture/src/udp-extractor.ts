import type { CapturedPacket } from './captured-packet.ts';
import { decodePacket } from './decode-udp.ts';
import { FragmentReassembler, type FragmentReassemblerOptions } from './fragment-reassembler.ts';
import { UDP_OUTCOMES, UdpDatagram, type UdpOutcome } from './udp-datagram.ts';

/** How to extract datagrams. */
export interface UdpExtractorOptions {
  /** Put IPv4 fragments together (default), with these limits; false: only count them. */
  readonly reassembly?: FragmentReassemblerOptions | false;
}

/**
 * From packets to UDP datagrams: decodes the headers, puts fragments together, and counts every packet by what
 * it turned out to be, so that nothing is passed over in silence.
 */
export class UdpExtractor {
  /** Refilled by `extract`; borrowed. */
  readonly datagram: UdpDatagram = new UdpDatagram();
  /** Packets by outcome. A reassembled datagram counts once under `udp`, its other packets under `fragment`. */
  readonly counts: Record<UdpOutcome, number> = Object.fromEntries(
    Object.keys(UDP_OUTCOMES).map((outcome) => [outcome, 0]),
  ) as Record<UdpOutcome, number>;
  /** Datagrams whose payload was cut by the snap length (they are given all the same). */
  truncated = 0;
  /** The reassembler, for its counters; undefined when switched off. */
  readonly reassembler: FragmentReassembler | undefined;

  constructor(options: UdpExtractorOptions = {}) {
    const { reassembly } = options;
    this.reassembler = reassembly === false ? undefined : new FragmentReassembler(reassembly);
  }

  /** The packet's datagram, or undefined: `datagram.outcome` then says why. Borrowed until the next call. */
  extract(packet: CapturedPacket): UdpDatagram | undefined {
    const datagram = this.datagram;
    let outcome = decodePacket(packet, datagram);
    if (outcome === 'fragment' && this.reassembler !== undefined) {
      this.reassembler.add(datagram, packet.seconds * 1e9 + packet.nanoseconds);
      outcome = datagram.outcome;
    }
    this.counts[outcome]++;
    if (outcome !== 'udp') return undefined;
    if (datagram.payloadEnd - datagram.payloadStart < datagram.payloadLength) this.truncated++;
    return datagram;
  }
}
