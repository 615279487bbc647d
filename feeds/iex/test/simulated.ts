import { IexSimulator, type SimulatorOptions } from '../src/index.ts';

export interface SimulatedSegment {
  readonly line: 0 | 1;
  readonly ns: number;
  readonly bytes: Uint8Array;
}

export const SMALL_DAY: SimulatorOptions = { seed: 7, symbols: 45, day: 17_357, eventsPerSecond: 200 };

/** A whole simulated day; `stepNs`: how far to advance at a time, default all at once. */
export function simulate(
  options: SimulatorOptions = SMALL_DAY,
  stepNs: number = Number.POSITIVE_INFINITY,
): SimulatedSegment[] {
  const segments: SimulatedSegment[] = [];
  const simulator = new IexSimulator(options, (line, bytes, length, ns) => {
    segments.push({ line, ns, bytes: bytes.slice(0, length) });
  });
  const { endNs } = simulator;
  // A day lasts about a minute; what is before it is nothing.
  for (let ns = stepNs === Number.POSITIVE_INFINITY ? endNs : endNs - 70e9; !simulator.done; ns += stepNs) {
    simulator.advance(Math.min(ns, endNs));
  }
  return segments;
}

/** The messages of segments that follow on one another, as hexadecimal digits. */
export function messagesOf(segments: readonly Uint8Array[]): string[] {
  return segments.flatMap((bytes) => blocksOf(bytes).map((block) => Buffer.from(block).toString('hex')));
}

/** The messages of a segment, without their lengths. */
export function blocksOf(bytes: Uint8Array): Uint8Array[] {
  const blocks: Uint8Array[] = [];
  for (let at = 40; at < bytes.length; ) {
    const length = bytes[at]! | (bytes[at + 1]! << 8);
    blocks.push(bytes.subarray(at + 2, at + 2 + length));
    at += 2 + length;
  }
  return blocks;
}
