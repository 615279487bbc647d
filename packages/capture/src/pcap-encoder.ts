import { writeU16LE, writeU32LE } from './integers.ts';
import { LINK_TYPE_ETHERNET } from './link-types.ts';
import {
  checkSnapLength,
  checkTime,
  copyBytes,
  DEFAULT_SNAP_LENGTH,
  type PacketEncoder,
  type PacketToWrite,
} from './packet-encoder.ts';
import { PCAP_FILE_HEADER_BYTES, PCAP_MAGIC_NANO, PCAP_RECORD_HEADER_BYTES } from './pcap-layout.ts';

/** Makes pcap files: little-endian, nanoseconds (pcap sheet, section 2). */
export class PcapEncoder implements PacketEncoder {
  readonly format = 'pcap';
  readonly headerBytes: number = PCAP_FILE_HEADER_BYTES;
  readonly packetBytesMax: number;
  private readonly linkType: number;
  private readonly snapLength: number;

  /** @throws TickerError `CAPTURE_BAD_OPTION` */
  constructor(linkType: number = LINK_TYPE_ETHERNET, snapLength: number = DEFAULT_SNAP_LENGTH) {
    this.linkType = linkType;
    this.snapLength = checkSnapLength(snapLength);
    this.packetBytesMax = PCAP_RECORD_HEADER_BYTES + this.snapLength;
  }

  encodeHeader(out: Uint8Array, at: number): number {
    writeU32LE(out, at, PCAP_MAGIC_NANO);
    writeU16LE(out, at + 4, 2);
    writeU16LE(out, at + 6, 4);
    writeU32LE(out, at + 8, 0);
    writeU32LE(out, at + 12, 0);
    writeU32LE(out, at + 16, this.snapLength);
    writeU32LE(out, at + 20, this.linkType);
    return at + PCAP_FILE_HEADER_BYTES;
  }

  packetBytes(packet: PacketToWrite): number {
    return PCAP_RECORD_HEADER_BYTES + Math.min(packet.end - packet.start, this.snapLength);
  }

  encodePacket(out: Uint8Array, at: number, packet: PacketToWrite): number {
    checkTime(packet);
    const captured = Math.min(packet.end - packet.start, this.snapLength);
    writeU32LE(out, at, packet.seconds);
    writeU32LE(out, at + 4, packet.nanoseconds);
    writeU32LE(out, at + 8, captured);
    writeU32LE(out, at + 12, packet.originalLength);
    const data = at + PCAP_RECORD_HEADER_BYTES;
    copyBytes(packet.bytes, packet.start, packet.start + captured, out, data);
    return data + captured;
  }
}
