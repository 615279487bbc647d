import type { CapturedMessage, CapturedPacket, RecordParser } from '@tickerplant/capture';
import { toHex } from '@tickerplant/core';

/** Bytes from hexadecimal digits; spaces and line breaks do not matter. */
export function fromHex(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text.replace(/\s/g, ''), 'hex'));
}

/** One byte sequence out of several. */
export function join(...parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts));
}

/** Unsigned integers in either byte order: `u(4, true, 1, 2)` is two 32-bit ones, little-endian. */
export function u(size: 1 | 2 | 4 | 8, littleEndian: boolean, ...values: readonly (number | bigint)[]): Uint8Array {
  const view = new DataView(new ArrayBuffer(size * values.length));
  values.forEach((value, i) => {
    if (size === 8) view.setBigUint64(i * 8, BigInt.asUintN(64, BigInt(value)), littleEndian);
    else if (size === 4) view.setUint32(i * 4, Number(value), littleEndian);
    else if (size === 2) view.setUint16(i * 2, Number(value), littleEndian);
    else view.setUint8(i, Number(value));
  });
  return new Uint8Array(view.buffer);
}

/** pcap file header. */
export function pcapHeader(littleEndian: boolean, magic = 0xa1b23c4d, snapLength = 65_535, linkType = 1): Uint8Array {
  return join(u(4, littleEndian, magic), u(2, littleEndian, 2, 4), u(4, littleEndian, 0, 0, snapLength, linkType));
}

/** pcap record. */
export function pcapRecord(
  littleEndian: boolean,
  seconds: number,
  fraction: number,
  data: Uint8Array,
  original: number = data.length,
): Uint8Array {
  return join(u(4, littleEndian, seconds, fraction, data.length, original), data);
}

/** pcapng block around a body, which is padded. */
export function block(littleEndian: boolean, type: number, body: Uint8Array): Uint8Array {
  const padded = Math.ceil(body.length / 4) * 4;
  const length = u(4, littleEndian, padded + 12);
  return join(u(4, littleEndian, type), length, body, new Uint8Array(padded - body.length), length);
}

/** pcapng option. */
export function option(littleEndian: boolean, code: number, value: Uint8Array): Uint8Array {
  const padding = new Uint8Array((4 - (value.length % 4)) % 4);
  return join(u(2, littleEndian, code, value.length), value, padding);
}

export function section(littleEndian: boolean, options: Uint8Array = new Uint8Array(0)): Uint8Array {
  const fixed = join(u(4, littleEndian, 0x1a2b3c4d), u(2, littleEndian, 1, 0), u(8, littleEndian, -1));
  return block(littleEndian, 0x0a0d0d0a, join(fixed, options));
}

export function interfaceBlock(
  littleEndian: boolean,
  options: Uint8Array = new Uint8Array(0),
  linkType = 1,
  snapLength = 262_144,
): Uint8Array {
  return block(littleEndian, 1, join(u(2, littleEndian, linkType, 0), u(4, littleEndian, snapLength), options));
}

export function enhanced(
  littleEndian: boolean,
  interfaceId: number,
  time: bigint,
  data: Uint8Array,
  options: Uint8Array = new Uint8Array(0),
  original: number = data.length,
): Uint8Array {
  const high = Number(time >> 32n);
  const low = Number(time & 0xffffffffn);
  const fixed = u(4, littleEndian, interfaceId, high, low, data.length, original);
  const padding = new Uint8Array(options.length > 0 ? (4 - (data.length % 4)) % 4 : 0);
  return block(littleEndian, 6, join(fixed, data, padding, options));
}

/** What a test looks at of a record. */
export interface Seen {
  number: number;
  hex: string;
  offset: number;
  timeNs?: bigint | undefined;
  original?: number;
  linkType?: number;
  interfaceId?: number;
}

export function seenPacket(packet: CapturedPacket): Seen {
  return {
    number: packet.number,
    hex: toHex(packet.bytes, packet.start, packet.end),
    offset: packet.offset,
    timeNs: packet.timeNs,
    original: packet.originalLength,
    linkType: packet.linkType,
    interfaceId: packet.interfaceId,
  };
}

export function seenMessage(message: CapturedMessage): Seen {
  return { number: message.number, hex: toHex(message.bytes, message.start, message.end), offset: message.offset };
}

/** All that a parser makes of a file that comes in these chunks. Each chunk is wiped once the parser is done with it. */
export function transcript<Record>(
  parser: RecordParser<Record>,
  chunks: readonly Uint8Array[],
  see: (record: Record) => Seen,
): { records: Seen[]; fault: string | undefined; problems: number; offset: number } {
  const records: Seen[] = [];
  for (const chunk of chunks) {
    const borrowed = chunk.slice();
    parser.feed(borrowed);
    while (parser.next()) records.push(see(parser.record));
    borrowed.fill(0xee);
  }
  parser.end();
  while (parser.next()) records.push(see(parser.record));
  return { records, fault: parser.fault?.code, problems: parser.problems, offset: parser.offset };
}

/** The bytes cut into chunks of `size`. */
export function chunksOf(bytes: Uint8Array, size: number): Uint8Array[] {
  const chunks: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; at += size) chunks.push(bytes.subarray(at, at + size));
  return chunks;
}
