import { TEMPLATE_MAX } from '@tickerplant/records';
import type { Layout } from './layout.ts';
import type { MessageView } from './message-view.ts';

// The last UPDATE of each item and template. An object and a Uint8Array for each would cost several times their
// content, and a walk through many cache lines for every update: of a hundred thousand items with three
// templates there are 300,000. So messages lie in large chunks, in places of whole units of 16 bytes:
//
//     0        1        2         3          4              12
//     +--------+--------+---------+----------+--------------+---------------------
//     |     length      | values  | capacity |    stamp     | the message …
//     +--------+--------+---------+----------+--------------+---------------------
//                         where    in units
//                         values
//                         begin
//
// A position is a place's number in units, counted through all chunks; 0 stands for none.

const UNIT = 16;
const HEADER = 12;
const CHUNK_UNITS_LOG2 = 16;
const CHUNK_UNITS = 1 << CHUNK_UNITS_LOG2;
/** Longest message that is copied word by word (32 bytes in 35 ns); beyond it, `set` is faster in spite of its view. */
const WORDS_BYTES_MAX = 224;

/** Values of a channel's items in one session, by item number and template. */
export class ValueStore {
  /** By template number. */
  readonly layouts: (Layout | undefined)[] = new Array(TEMPLATE_MAX + 1).fill(undefined);
  /** By field number, as far as they were asked for. */
  private readonly carriers = new Map<number, readonly Layout[]>();
  private readonly chunks: Uint8Array[] = [];
  /** The chunks again, to write and read words. */
  private readonly views: DataView[] = [];
  /** Positions: `stride` for each item. */
  private positions: Int32Array = new Int32Array(0);
  private strideLog2 = 2;
  private items = 0;
  private next = CHUNK_UNITS;
  /** Positions of places given back, by capacity. */
  private readonly free: number[][] = [];

  /** Bytes taken from the system. */
  get bytesHeld(): number {
    return this.chunks.length * CHUNK_UNITS * UNIT + this.positions.byteLength;
  }

  /** Takes a template, new or changed. */
  define(layout: Layout): void {
    this.layouts[layout.id] = layout;
    this.carriers.clear();
    this.reserve(0, layout.id + 1);
    const carriers = new Map<number, number>();
    for (const fid of this.layouts.flatMap((one) => one?.fids ?? [])) carriers.set(fid, (carriers.get(fid) ?? 0) + 1);
    for (const one of this.layouts) {
      if (one !== undefined) one.overlaps = one.fids.some((fid) => carriers.get(fid)! > 1);
    }
  }

  /** The templates that carry a field. */
  layoutsWith(fid: number): readonly Layout[] {
    let carriers = this.carriers.get(fid);
    if (carriers === undefined) {
      carriers = this.layouts.filter((layout) => layout !== undefined && layout.indexOfFid(fid) >= 0) as Layout[];
      this.carriers.set(fid, carriers);
    }
    return carriers;
  }

  /** Makes room for item numbers below `items`, and template numbers below `templates`. */
  reserve(items: number, templates = 0): void {
    let { strideLog2 } = this;
    while (1 << strideLog2 < templates) strideLog2++;
    if (items <= this.items && strideLog2 === this.strideLog2) return;
    const count = items <= this.items ? this.items : Math.max(items, this.items * 2, 64);
    const positions = new Int32Array(count << strideLog2);
    if (strideLog2 === this.strideLog2) {
      positions.set(this.positions);
    } else {
      for (let i = 0; i < this.positions.length; i++) {
        const template = i & ((1 << this.strideLog2) - 1);
        positions[((i >> this.strideLog2) << strideLog2) | template] = this.positions[i]!;
      }
    }
    this.positions = positions;
    this.strideLog2 = strideLog2;
    this.items = count;
  }

  /** Where the message of an item and template lies; 0: nowhere. Both must be within what was reserved. */
  position(item: number, template: number): number {
    return this.positions[(item << this.strideLog2) | template]!;
  }

  /** Order of arrival: the higher, the later. */
  stamp(position: number): number {
    const view = this.views[(position >>> CHUNK_UNITS_LOG2) - 1]!;
    const at = (position & (CHUNK_UNITS - 1)) * UNIT;
    return view.getUint32(at + 4) * 0x1_0000_0000 + view.getUint32(at + 8);
  }

  /** Points a view at the message. */
  view(position: number, layout: Layout, view: MessageView): void {
    const chunk = this.chunks[(position >>> CHUNK_UNITS_LOG2) - 1]!;
    const at = (position & (CHUNK_UNITS - 1)) * UNIT;
    const start = at + HEADER;
    view.point(chunk, start, start + chunk[at + 2]!, start + ((chunk[at]! << 8) | chunk[at + 1]!), layout);
  }

  /**
   * Keeps the message `[start, end)` of `source`, whose values begin at `values`, in the place of the one before.
   *
   * @param stamp a whole number, higher than any before.
   */
  write(
    item: number,
    template: number,
    source: DataView,
    start: number,
    values: number,
    end: number,
    stamp: number,
  ): void {
    const index = (item << this.strideLog2) | template;
    const length = end - start;
    let position = this.positions[index]!;
    let chunk = this.chunks[(position >>> CHUNK_UNITS_LOG2) - 1];
    let at = (position & (CHUNK_UNITS - 1)) * UNIT;
    if (chunk === undefined || length + HEADER > chunk[at + 3]! * UNIT) {
      position = this.move(position, length);
      this.positions[index] = position;
      chunk = this.chunks[(position >>> CHUNK_UNITS_LOG2) - 1]!;
      at = (position & (CHUNK_UNITS - 1)) * UNIT;
    }
    chunk[at] = length >>> 8;
    chunk[at + 1] = length;
    chunk[at + 2] = values - start;
    const view = this.views[(position >>> CHUNK_UNITS_LOG2) - 1]!;
    view.setUint32(at + 4, stamp / 0x1_0000_0000);
    view.setUint32(at + 8, stamp);
    let to = at + HEADER;
    if (length > WORDS_BYTES_MAX) {
      chunk.set(new Uint8Array(source.buffer, source.byteOffset + start, length), to);
      return;
    }
    let from = start;
    for (const last = end - 4; from <= last; from += 4, to += 4) view.setInt32(to, source.getInt32(from));
    for (; from < end; from++, to++) chunk[to] = source.getUint8(from);
  }

  /** Forgets what there is of an item. */
  clear(item: number): void {
    for (let template = 0; template < 1 << this.strideLog2; template++) this.clearOne(item, template);
  }

  clearOne(item: number, template: number): void {
    const index = (item << this.strideLog2) | template;
    this.release(this.positions[index]!);
    this.positions[index] = 0;
  }

  private release(position: number): void {
    if (position === 0) return;
    const chunk = this.chunks[(position >>> CHUNK_UNITS_LOG2) - 1]!;
    const capacity = chunk[(position & (CHUNK_UNITS - 1)) * UNIT + 3]!;
    this.free[capacity] ??= [];
    this.free[capacity].push(position);
  }

  /** Gives a place of sufficient size in exchange for `position`. */
  private move(position: number, length: number): number {
    this.release(position);
    // A few bytes of room: sizes and times grow by a byte or two in the course of a day.
    const capacity = Math.ceil((length + HEADER + UNIT / 4) / UNIT);
    const reused = this.free[capacity]?.pop();
    if (reused !== undefined) return reused;
    const chunksEnd = (this.chunks.length + 1) * CHUNK_UNITS;
    if (this.next + capacity > chunksEnd) {
      const chunk = new Uint8Array(CHUNK_UNITS * UNIT);
      this.chunks.push(chunk);
      this.views.push(new DataView(chunk.buffer));
      this.next = chunksEnd;
    }
    const fresh = this.next;
    this.next += capacity;
    this.chunks[(fresh >>> CHUNK_UNITS_LOG2) - 1]![(fresh & (CHUNK_UNITS - 1)) * UNIT + 3] = capacity;
    return fresh;
  }
}
