import { assert } from '@tickerplant/core';
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
import {
  BLOCK_ENHANCED_PACKET,
  BLOCK_INTERFACE,
  BLOCK_SECTION_HEADER,
  BYTE_ORDER_MAGIC,
  INTERFACE_OPTIONS,
  OPTION_APPLICATION,
  OPTION_END,
  OPTION_IF_NAME,
  OPTION_IF_TSRESOL,
  PACKET_DATA,
  SECTION_OPTIONS,
} from './pcapng-layout.ts';

/** One interface of a file to write. */
export interface InterfaceToWrite {
  /** Default Ethernet. */
  readonly linkType?: number;
  /** Default 262,144. */
  readonly snapLength?: number;
  /** Shown by other tools; say, the name of the line. */
  readonly name?: string;
}

/** What a pcapng file says about itself. */
export interface PcapngEncoderOptions {
  /** Default: one Ethernet interface. */
  readonly interfaces?: readonly InterfaceToWrite[];
  /** Name of the writing program. */
  readonly application?: string;
}

const TWO_16 = 0x1_0000;
const TWO_32 = 0x1_0000_0000;
const NANOSECONDS = 9;

/** Makes pcapng files: one little-endian section, nanoseconds on every interface (pcap sheet, section 3.8). */
export class PcapngEncoder implements PacketEncoder {
  readonly format = 'pcapng';
  readonly headerBytes: number;
  readonly packetBytesMax: number;
  private readonly header: Uint8Array;
  private readonly snapLengths: readonly number[];

  /** @throws TickerError `CAPTURE_BAD_OPTION` */
  constructor(options: PcapngEncoderOptions = {}) {
    const interfaces = options.interfaces ?? [{}];
    assert(interfaces.length > 0, 'a pcapng file needs an interface');
    this.snapLengths = interfaces.map((one) => checkSnapLength(one.snapLength ?? DEFAULT_SNAP_LENGTH));
    this.header = Buffer.concat([
      sectionHeader(options.application),
      ...interfaces.map((one, id) => interfaceBlock(one, this.snapLengths[id]!)),
    ]);
    this.headerBytes = this.header.length;
    this.packetBytesMax = PACKET_DATA + roundUp(Math.max(...this.snapLengths)) + 4;
  }

  encodeHeader(out: Uint8Array, at: number): number {
    out.set(this.header, at);
    return at + this.header.length;
  }

  packetBytes(packet: PacketToWrite): number {
    return PACKET_DATA + roundUp(this.captured(packet)) + 4;
  }

  encodePacket(out: Uint8Array, at: number, packet: PacketToWrite): number {
    checkTime(packet);
    const captured = this.captured(packet);
    const length = PACKET_DATA + roundUp(captured) + 4;
    writeU32LE(out, at, BLOCK_ENHANCED_PACKET);
    writeU32LE(out, at + 4, length);
    writeU32LE(out, at + 8, packet.interfaceId);
    writeTime(out, at + 12, packet.seconds, packet.nanoseconds);
    writeU32LE(out, at + 20, captured);
    writeU32LE(out, at + 24, packet.originalLength);
    copyBytes(packet.bytes, packet.start, packet.start + captured, out, at + PACKET_DATA);
    const end = at + length;
    for (let i = at + PACKET_DATA + captured; i < end - 4; i++) out[i] = 0;
    writeU32LE(out, end - 4, length);
    return end;
  }

  private captured(packet: PacketToWrite): number {
    const snapLength = this.snapLengths[packet.interfaceId];
    assert(snapLength !== undefined, `the file has no interface ${packet.interfaceId}`);
    return Math.min(packet.end - packet.start, snapLength);
  }
}

/** Nanoseconds since 1970 as two words, high first, without BigInt: seconds in two parts so that all stays exact. */
function writeTime(out: Uint8Array, at: number, seconds: number, nanoseconds: number): void {
  const secondsHigh = Math.floor(seconds / TWO_16);
  const upper = secondsHigh * 1e9; // counts 2^16 ns
  const lower = (seconds - secondsHigh * TWO_16) * 1e9 + nanoseconds;
  const upperHigh = Math.floor(upper / TWO_16);
  const rest = (upper - upperHigh * TWO_16) * TWO_16 + lower;
  writeU32LE(out, at, upperHigh + Math.floor(rest / TWO_32));
  writeU32LE(out, at + 4, rest % TWO_32);
}

function sectionHeader(application: string | undefined): Uint8Array {
  const options = application === undefined ? [] : [textOption(OPTION_APPLICATION, application), optionEnd()];
  const fixed = new Uint8Array(SECTION_OPTIONS - 8);
  writeU32LE(fixed, 0, BYTE_ORDER_MAGIC);
  writeU16LE(fixed, 4, 1);
  fixed.fill(0xff, 8); // section length unknown
  return block(BLOCK_SECTION_HEADER, [fixed, ...options]);
}

function interfaceBlock(one: InterfaceToWrite, snapLength: number): Uint8Array {
  const fixed = new Uint8Array(INTERFACE_OPTIONS - 8);
  writeU16LE(fixed, 0, one.linkType ?? LINK_TYPE_ETHERNET);
  writeU32LE(fixed, 4, snapLength);
  const name = one.name === undefined ? [] : [textOption(OPTION_IF_NAME, one.name)];
  return block(BLOCK_INTERFACE, [fixed, ...name, option(OPTION_IF_TSRESOL, Uint8Array.of(NANOSECONDS)), optionEnd()]);
}

function block(type: number, parts: readonly Uint8Array[]): Uint8Array {
  const length = parts.reduce((sum, part) => sum + part.length, 12);
  const out = new Uint8Array(length);
  writeU32LE(out, 0, type);
  writeU32LE(out, 4, length);
  let at = 8;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  writeU32LE(out, at, length);
  return out;
}

function textOption(code: number, text: string): Uint8Array {
  return option(code, Buffer.from(text, 'utf8').subarray(0, 0xffff));
}

function option(code: number, value: Uint8Array): Uint8Array {
  const out = new Uint8Array(4 + roundUp(value.length));
  writeU16LE(out, 0, code);
  writeU16LE(out, 2, value.length);
  out.set(value, 4);
  return out;
}

function optionEnd(): Uint8Array {
  return option(OPTION_END, new Uint8Array(0));
}

function roundUp(length: number): number {
  return Math.ceil(length / 4) * 4;
}
