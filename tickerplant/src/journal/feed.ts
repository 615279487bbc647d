import type { TransferListItem } from 'node:worker_threads';
import type { JournalCounters } from '@tickerplant/journal';
import type { PlantChannel, SavedPlantChannel } from '../channel.ts';
import type { JournalBegin, PlantJournalRequest } from './requests.ts';

const MS = 1_000_000;
/** Bytes that may be on their way to the writer; more wait in the memory for repair. */
const IN_FLIGHT_MAX = 16 << 20;
/** Bytes of a channel handed over in one step. */
const STEP_BYTES = 1 << 20;
/** Pieces as they stand in the file: as large as what one plant gives another. */
const PIECE_BYTES = 16_384;
const PIECE_COUNT = 1_000;
/** A block may be longer than a piece. */
const BLOCK_BYTES_MAX = 65_538;
/** Between two images that the plant has to make itself: each holds up the stream for some milliseconds. */
const IMAGE_EVERY_NS = 5_000 * MS;

/** Takes what is to be written. */
export interface JournalTarget {
  /** Whether there is anybody to take it. */
  readonly ready: boolean;
  readonly inFlight: number;
  send(request: PlantJournalRequest, bytes: number, transfer?: readonly TransferListItem[]): void;
}

/** How far a channel has been handed over. */
interface Progress {
  session: string | undefined;
  next: number;
}

/**
 * Hands what a plant's channels take in to the writer of its journal: a copy of what is new in their memory for repair,
 * every few milliseconds. The stream itself knows nothing of it. Where the writer can't keep up the messages wait there;
 * where they had to make room meanwhile the journal would have a hole, and begins anew with an image.
 */
export class JournalFeed {
  private readonly channels: readonly PlantChannel[];
  private readonly target: JournalTarget;
  private readonly counters: JournalCounters;
  private readonly progress: Progress[];
  private readonly buffer: Uint8Array = new Uint8Array(STEP_BYTES + BLOCK_BYTES_MAX);
  private imageDueNs = 0;

  constructor(channels: readonly PlantChannel[], target: JournalTarget, counters: JournalCounters) {
    this.channels = channels;
    this.target = target;
    this.counters = counters;
    this.progress = channels.map(() => ({ session: undefined, next: 0 }));
  }

  /** The writer knows nothing any more: everything anew. */
  reset(): void {
    for (const progress of this.progress) progress.session = undefined;
  }

  /** A channel went on where the journal was. */
  resumed(index: number, { session, next }: SavedPlantChannel): void {
    Object.assign(this.progress[index]!, { session, next });
  }

  /** A channel took over another plant's state. */
  restored(index: number, { session, next, values }: SavedPlantChannel, wallMs: number): void {
    const digest = this.channels[index]!.ring.digestAt(next) ?? null;
    if (session !== '') this.begin(index, { session, next, digest, values, wallMs });
  }

  /** Hands over what is new. */
  step(nowNs: number, wallMs: number): void {
    if (!this.target.ready) return;
    for (let index = 0; index < this.channels.length; index++) this.stepChannel(index, nowNs, wallMs);
  }

  private stepChannel(index: number, nowNs: number, wallMs: number): void {
    const { session, ring, values } = this.channels[index]!;
    const progress = this.progress[index]!;
    // What has holes is not worth keeping: the journal stays what it was before.
    if (session === undefined || values.damaged) return;
    if (progress.session !== session) {
      if (ring.firstSeq === 1) this.begin(index, { session, next: 1, digest: 0, values: undefined, wallMs });
      else this.beginWithImage(index, session, nowNs, wallMs);
      return;
    }
    if (progress.next >= ring.nextSeq) return;
    if (this.target.inFlight >= IN_FLIGHT_MAX) {
      this.counters.lagging++;
      return;
    }
    if (ring.after(progress.next) !== progress.next) {
      this.counters.skipped += ring.after(progress.next) - progress.next;
      progress.session = undefined;
      return;
    }
    this.handOver(index, wallMs);
  }

  private handOver(index: number, wallMs: number): void {
    const { buffer } = this;
    const { ring, id } = this.channels[index]!;
    const progress = this.progress[index]!;
    const seq = progress.next;
    const counts: number[] = [];
    const ends: number[] = [];
    let at = 0;
    while (at < STEP_BYTES && progress.next < ring.nextSeq) {
      let { count, end } = ring.read(progress.next, PIECE_COUNT, buffer, at, at + PIECE_BYTES);
      if (count === 0) ({ count, end } = ring.read(progress.next, 1, buffer, at, buffer.length));
      if (count === 0) break;
      at = end;
      counts.push(count);
      ends.push(at);
      progress.next += count;
    }
    if (counts.length === 0) return;
    const blocks = buffer.slice(0, at);
    this.target.send({ kind: 'runs', channel: id, seq, counts, ends, blocks, wallMs }, at, [blocks.buffer]);
  }

  /** The plant makes the image itself: not often, and not while the writer has enough to do. */
  private beginWithImage(index: number, session: string, nowNs: number, wallMs: number): void {
    const { ring, values } = this.channels[index]!;
    if (nowNs < this.imageDueNs || this.target.inFlight > 0 || values.next !== ring.nextSeq) return;
    this.imageDueNs = nowNs + IMAGE_EVERY_NS;
    this.counters.images++;
    const next = ring.nextSeq;
    this.begin(index, { session, next, digest: ring.digestAt(next) ?? null, values: values.save(), wallMs });
  }

  private begin(index: number, what: Omit<JournalBegin, 'kind' | 'channel'>): void {
    const progress = this.progress[index]!;
    progress.session = this.target.ready ? what.session : undefined;
    progress.next = what.next;
    const channel = this.channels[index]!.id;
    if (what.values === undefined) {
      this.target.send({ kind: 'begin', channel, ...what }, 0);
      return;
    }
    // Copies of just these: they may be views of something much larger, all of which would be handed over.
    const blocks = new Uint8Array(what.values.blocks);
    const seqs = new Float64Array(what.values.seqs);
    const values = { blocks, seqs, next: what.next };
    const bytes = blocks.byteLength + seqs.byteLength;
    this.target.send({ kind: 'begin', channel, ...what, values }, bytes, [blocks.buffer, seqs.buffer]);
  }
}
