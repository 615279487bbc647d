import { assert } from '@tickerplant/core';
import { FileSink, type FileSinkOptions } from './file-sink.ts';
import type { PacketEncoder, PacketToWrite } from './packet-encoder.ts';
import { PcapEncoder } from './pcap-encoder.ts';
import { type InterfaceToWrite, PcapngEncoder } from './pcapng-encoder.ts';

/** How to write a packet file. */
export interface PacketFileOptions extends FileSinkOptions {
  /** Default: pcapng if the path ends in `.pcapng` or `.pcapng.gz`, else pcap; both in nanoseconds. */
  readonly format?: 'pcap' | 'pcapng';
  /** The interfaces; pcap takes one. Default: one Ethernet interface. */
  readonly interfaces?: readonly InterfaceToWrite[];
  /** pcapng: name of the writing program. */
  readonly application?: string;
}

/** Writes packets into a file. Made by `createPacketFile`. */
export class PacketFileWriter {
  /** Packets taken. */
  packets = 0;
  /** Packets refused because the disk was too slow or the file failed. */
  refused = 0;
  readonly #encoder: PacketEncoder;
  readonly #sink: FileSink;
  // Scratch of `write`.
  readonly #packet = {
    bytes: new Uint8Array(0) as Uint8Array,
    start: 0,
    end: 0,
    originalLength: 0,
    seconds: 0,
    nanoseconds: 0,
    interfaceId: 0,
  };

  constructor(encoder: PacketEncoder, sink: FileSink) {
    this.#encoder = encoder;
    this.#sink = sink;
    const isReserved = sink.reserve(encoder.headerBytes);
    assert(isReserved, 'a new sink has room for the file header');
    sink.at = encoder.encodeHeader(sink.buffer, sink.at);
  }

  /** Bytes of the file so far (before packing), those that wait for the disk included. */
  get bytes(): number {
    return this.#sink.bytesWritten + this.#sink.at;
  }

  /**
   * Takes a packet (copies it).
   *
   * @returns false if it could not be taken: too much waits for the disk (see `room`), or the file failed (see
   * `close`). It is counted in `refused`.
   * @throws TickerError `CAPTURE_BAD_TIME`
   */
  writePacket(packet: PacketToWrite): boolean {
    const sink = this.#sink;
    if (!sink.reserve(this.#encoder.packetBytes(packet))) {
      this.refused++;
      return false;
    }
    sink.at = this.#encoder.encodePacket(sink.buffer, sink.at, packet);
    this.packets++;
    return true;
  }

  /**
   * Takes a packet that lies at `bytes[start] … bytes[end - 1]` (copies it); otherwise as `writePacket`.
   *
   * @param timeNs nanoseconds since 1970-01-01 UTC.
   */
  write(timeNs: bigint, bytes: Uint8Array, start: number, end: number, interfaceId = 0): boolean {
    const packet = this.#packet;
    packet.bytes = bytes;
    packet.start = start;
    packet.end = end;
    packet.originalLength = end - start;
    packet.seconds = Number(timeNs / 1_000_000_000n);
    packet.nanoseconds = Number(timeNs % 1_000_000_000n);
    packet.interfaceId = interfaceId;
    return this.writePacket(packet);
  }

  /** Sends on to the disk what is held back to make larger writes. */
  flush(): void {
    this.#sink.flush();
  }

  /** Resolves when a refused packet may be taken. @throws TickerError if the file cannot be written on */
  room(): Promise<void> {
    return this.#sink.room();
  }

  /** Writes all out and closes the file. @throws TickerError if not all could be written */
  close(): Promise<void> {
    return this.#sink.close();
  }
}

/**
 * Makes a pcap or pcapng file.
 *
 * @param path of the file; `-` = standard output.
 * @throws TickerError `CAPTURE_NOT_FOUND` (no such folder), `CAPTURE_NO_PERMISSION`, `CAPTURE_IS_DIRECTORY`,
 * `CAPTURE_EXISTS`, `CAPTURE_DISK_FULL`, `CAPTURE_WRITE_FAILED`, `CAPTURE_BAD_OPTION`
 */
export async function createPacketFile(path: string, options: PacketFileOptions = {}): Promise<PacketFileWriter> {
  const encoder = chooseEncoder(path, options);
  const recordBytesMax = Math.max(encoder.headerBytes, encoder.packetBytesMax);
  return new PacketFileWriter(encoder, await FileSink.open(path, options, recordBytesMax));
}

function chooseEncoder(path: string, options: PacketFileOptions): PacketEncoder {
  const { interfaces } = options;
  const format = options.format ?? (/\.pcapng(\.gz)?$/.test(path) ? 'pcapng' : 'pcap');
  if (format === 'pcapng') return new PcapngEncoder(options);
  assert(interfaces === undefined || interfaces.length === 1, 'a pcap file has one interface');
  return new PcapEncoder(interfaces?.[0]?.linkType, interfaces?.[0]?.snapLength);
}
