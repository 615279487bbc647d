import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { decodePacket, parsePackets, UdpDatagram } from '@tickerplant/capture';
import { sharedDir } from '@tickerplant/testkit';

/** A UDP payload of a capture file. */
export interface CapturedSegment {
  /** Record number in the file, from 1. */
  readonly packet: number;
  readonly bytes: Uint8Array;
}

/** A line of the ground truth. */
export interface TruthMessage {
  readonly n: number;
  readonly pkt: number;
  readonly seq: number;
  readonly type: string;
  readonly hdr: unknown;
  readonly fields: unknown;
  readonly raw: string;
}

/** The facts about a whole file that the tests compare. */
export interface TruthFile {
  readonly packets: number;
  readonly messages: number;
  readonly packetsWithoutMessages: number;
  readonly messagesByType: Record<string, number>;
  readonly messagesSha256: string;
  readonly sumsByType: Record<string, Record<string, number>>;
  readonly symbols: { symbol: { count: number; sha256: string } };
  readonly streams: Record<string, { firstSeq: number; lastSeq: number; backwardJumps: [number, number, number][] }>;
}

const captures: string | undefined = sharedDir('captures');

/** Give it to `t.test`: skips, saying why, where the shared captures are absent. */
export const skipWithoutCaptures: { skip?: string } = captures === undefined ? { skip: 'needs shared captures' } : {};

/** Every UDP payload of a capture, copied. */
export function readSegments(name: string): CapturedSegment[] {
  const segments: CapturedSegment[] = [];
  const datagram = new UdpDatagram();
  parsePackets(readFileSync(join(captures!, name)), (packet) => {
    if (decodePacket(packet, datagram) === 'udp') {
      segments.push({ packet: packet.number, bytes: datagram.payload().slice() });
    }
  });
  return segments;
}

export function readTruth(name: string): TruthFile {
  return JSON.parse(readFileSync(join(captures!, name), 'utf8'));
}

export function readLines<Line>(name: string): Line[] {
  const lines = readFileSync(join(captures!, name), 'utf8').trimEnd().split('\n');
  return lines.map((line) => JSON.parse(line));
}
