import type { MessageRing } from '@tickerplant/sequence';

/** Messages that follow one another, as blocks. */
export interface SavedRun {
  readonly seq: number;
  readonly count: number;
  readonly blocks: Uint8Array;
}

/** Of the latest messages, so much goes along with a channel's state. */
const TAIL_BYTES = 512 * 1024;
/** In pieces of so much, as they would have come in packets: looking for a message walks through one. */
const RUN_BYTES = 16_384;
const RUN_COUNT = 1_000;
/** A block may be longer than what we would like to read at once. */
const buffer = new Uint8Array(65_536 + RUN_BYTES);

/** The latest messages of a channel, for another member of the pair, and the digest of what went before them. */
export function readTail(ring: MessageRing): { readonly digest: number | null; readonly tail: SavedRun[] } {
  const from = ring.firstWithin(TAIL_BYTES);
  const tail: SavedRun[] = [];
  for (let seq = from; seq < ring.nextSeq; ) {
    let { count, end } = ring.read(seq, RUN_COUNT, buffer, 0, RUN_BYTES);
    if (count === 0) ({ count, end } = ring.read(seq, 1, buffer, 0, buffer.length));
    if (count > 0) tail.push({ seq, count, blocks: buffer.slice(0, end) });
    seq = count > 0 ? seq + count : ring.after(seq + 1);
  }
  return { digest: ring.digestAt(from) ?? null, tail };
}

/** Makes a memory for repair what another member's was. `next` is the number that will be appended next. */
export function writeTail(ring: MessageRing, next: number, digest: number | null, tail: readonly SavedRun[]): void {
  ring.clear(tail[0]?.seq ?? next, digest);
  for (const { seq, count, blocks } of tail) ring.append(blocks, 0, blocks.length, seq, count);
}
