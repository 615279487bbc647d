import type { Update } from '@tickerplant/client';
import { COUNT_MAX, formatSession, HEADER_BYTES, readCount, readSequence } from '@tickerplant/moldudp64';
import type { ClientNode, VendorNode } from './nodes.ts';
import { shownBy } from './toy-pages.ts';
import type { SimNode, World } from './world.ts';

/** What was found to be wrong. */
export interface Failure {
  readonly invariant: string;
  readonly message: string;
}

/** LIVE values may lag behind the vendor's for so long: what the floor file promises, and the time to find out. */
const TIMELY_MS = 8_000;
const LOOK_NS = 250_000_000;
const RESUMED_NS = 2_000_000_000;

/**
 * What must hold at any time:
 *
 * - same number, same bytes, whoever sends it;
 * - each client gets an item's updates once and in order;
 * - a value shown as LIVE is the item's own, and not long outdated;
 * - nobody keeps more than bounds allow (`SimFloor.checkMemory`).
 */
export class Invariants {
  readonly items: readonly number[];
  failure: Failure | undefined;
  private readonly world: World;
  vendor!: VendorNode;
  /** By session: each message's bytes, by number. */
  private readonly sessions = new Map<string, (string | undefined)[]>();
  /** By client and item: number and session of the last update. */
  private readonly last = new Map<string, Map<string, { seq: number; session: string; position: number }>>();
  private readonly lookedNs = new Map<string, number>();
  published_ = 0;
  updates = 0;

  constructor(world: World, items: readonly number[]) {
    this.world = world;
    this.items = items;
  }

  failed(invariant: string, message: string): void {
    if (this.failure !== undefined) return;
    this.failure = { invariant, message };
    this.world.log('CHECK', `${invariant}: ${message}`);
  }

  /** A packet that a handler or plant sends. */
  published(by: SimNode, packet: Uint8Array): void {
    const count = readCount(packet, 0);
    if (count === 0 || count > COUNT_MAX) return;
    const session = formatSession(packet, 0);
    let known = this.sessions.get(session);
    if (known === undefined) {
      known = [];
      this.sessions.set(session, known);
    }
    let seq = readSequence(packet, 0);
    for (let at = HEADER_BYTES, left = count; left > 0; left--, seq++) {
      const end = at + 2 + ((packet[at]! << 8) | packet[at + 1]!);
      const bytes = Buffer.from(packet.buffer, packet.byteOffset + at, end - at).toString('latin1');
      const before = known[seq];
      this.published_++;
      if (before === undefined) known[seq] = bytes;
      else if (before !== bytes) {
        this.failed('same-bytes', `${by.name} sends other bytes as message ${seq} of ${session}`);
      }
      at = end;
    }
  }

  clientStarts(client: ClientNode): void {
    this.last.set(client.name, new Map());
  }

  /** A client is told of an update. */
  update(client: ClientNode, { item, seq }: Update): void {
    this.updates++;
    const last = this.last.get(client.name)!;
    const session = client.machine.sessionOfChannel(item.channel) ?? '';
    const position = shownBy(item)?.position ?? Number.NaN;
    const before = last.get(item.subject);
    if (before !== undefined && before.session === session) {
      const what = `${client.name} ${item.subject}`;
      if (seq <= before.seq) this.failed('once-in-order', `${what}: ${seq} after ${before.seq} of ${session}`);
      if (!(position > before.position)) {
        this.failed('once-in-order', `${what}: the vendor's ${position} after its ${before.position}`);
      }
    }
    last.set(item.subject, { seq, session, position });
  }

  /** Looks at what a client shows. */
  look(client: ClientNode): void {
    const { nowNs } = this.world;
    if (nowNs - (this.lookedNs.get(client.name) ?? 0) < LOOK_NS) return;
    this.lookedNs.set(client.name, nowNs);
    // A process that was stopped shows what it showed; it must find out soon.
    const justResumed = nowNs - client.resumedNs < RESUMED_NS;
    for (const item of client.items) {
      if (!item.isLive) continue;
      const shown = shownBy(item);
      if (shown === undefined) {
        this.failed('no-wrong-value', `${client.name} shows ${item.subject} LIVE without a value`);
        continue;
      }
      const { position, own } = shown;
      if (this.vendor.history[position] !== own || item.subject !== `SIM.ITEM${own}`) {
        this.failed(
          'no-wrong-value',
          `${client.name} shows ${item.subject} LIVE with message ${position}, item ${own}`,
        );
      }
      const newer = this.nextOf(own, position);
      if (!justResumed && newer !== undefined && nowNs - this.vendor.sentNs[newer]! > TIMELY_MS * 1e6) {
        const ageMs = Math.round((nowNs - this.vendor.sentNs[newer]!) / 1e6);
        this.failed(
          'timely',
          `${client.name} shows ${item.subject} LIVE with ${position}; ${newer} is ${ageMs} ms old`,
        );
      }
    }
  }

  /** The next vendor message about an item, after a position. */
  private nextOf(item: number, position: number): number | undefined {
    const { history } = this.vendor;
    for (let at = position + 1; at < history.length; at++) if (history[at] === item) return at;
    return undefined;
  }

  /** The last vendor message about an item; 0: there was none. */
  lastOf(item: number): number {
    return this.vendor.history.lastIndexOf(item, this.vendor.history.length - 1);
  }
}
