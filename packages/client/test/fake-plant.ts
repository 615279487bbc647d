import { type Images, ImageWriter } from '@tickerplant/control';
import { encodeSession, HEADER_BYTES, writeHeader } from '@tickerplant/moldudp64';
import { compilePattern, decodeMessage, FieldsFlag, Kind, type Message, PageFlag } from '@tickerplant/records';
import { blocks } from './support.ts';

/** What a plant would know of a channel: all messages of a session, and what images follow from them. */
export class FakePlant {
  session: string;
  readonly channel: number;
  /** Message n stands at n - 1. */
  messages: Uint8Array[] = [];

  constructor(channel: number, session: string) {
    this.channel = channel;
    this.session = session;
  }

  get next(): number {
    return this.messages.length + 1;
  }

  /** A new session: numbering begins anew. */
  restart(session: string): void {
    this.session = session;
    this.messages = [];
  }

  /** Says something: the packet with it. */
  say(...messages: Uint8Array[]): Uint8Array {
    const from = this.next;
    this.messages.push(...messages);
    return this.packet(from, this.next);
  }

  /** Messages [from, to) as a packet. */
  packet(from: number, to: number): Uint8Array {
    const body = blocks(...this.messages.slice(from - 1, to - 1));
    const packet = new Uint8Array(HEADER_BYTES + body.length);
    writeHeader(packet, 0, encodeSession(this.session), from, to - from);
    packet.set(body, HEADER_BYTES);
    return packet;
  }

  heartbeat(): Uint8Array {
    return this.control(0);
  }

  end(): Uint8Array {
    return this.control(0xffff);
  }

  private control(count: number): Uint8Array {
    const packet = new Uint8Array(HEADER_BYTES);
    writeHeader(packet, 0, encodeSession(this.session), this.next, count);
    return packet;
  }

  /** Definitions, and the messages that make up each item, as of a number; by subject. */
  private content(asOf: number): { definitions: [number, Uint8Array][]; items: Map<string, [number, Uint8Array][]> } {
    const definitions: [number, Uint8Array][] = [];
    const subjects = new Map<number, string>();
    const slots = new Map<string, Map<string, [number, Uint8Array]>>();
    const put = (item: number, key: string, seq: number): void => {
      const subject = subjects.get(item);
      if (subject === undefined) return;
      const slot = slots.get(subject)!;
      slot.delete(key);
      slot.set(key, [seq, this.messages[seq - 1]!]);
    };
    for (let seq = 1; seq < asOf; seq++) {
      const bytes = this.messages[seq - 1]!;
      let message: Message;
      try {
        message = decodeMessage(bytes);
      } catch {
        continue;
      }
      if (message.kind === Kind.TEMPLATE || message.kind === Kind.START) definitions.push([seq, bytes]);
      else if (message.kind === Kind.ITEM) {
        subjects.set(message.item, message.subject);
        slots.set(message.subject, new Map());
        put(message.item, 'item', seq);
      } else if (message.kind === Kind.UPDATE) put(message.item, `t${message.template}`, seq);
      else if (message.kind === Kind.FIELDS) {
        const subject = subjects.get(message.item)!;
        if ((message.flags & FieldsFlag.IMAGE) !== 0) {
          for (const key of [...slots.get(subject)!.keys()]) if (/^[ft]/.test(key)) slots.get(subject)!.delete(key);
        }
        put(message.item, `f${seq}`, seq);
      } else if (message.kind === Kind.PAGE_UPDATE) {
        put(message.item, `page${seq}`, seq);
      } else if (message.kind === Kind.PAGE_IMAGE) {
        put(message.item, `page${seq}`, seq);
        const slot = slots.get(subjects.get(message.item)!)!;
        // The parts follow one another; all before the first of them is void when the last has come.
        const keys = [...slot.keys()].filter((key) => key.startsWith('page'));
        if ((message.flags & PageFlag.LAST) !== 0) {
          for (const key of keys.slice(0, keys.length - message.part - 1)) slot.delete(key);
        }
      } else if (message.kind === Kind.QUALITY) {
        if (message.item === undefined) definitions.push([seq, bytes]);
        else put(message.item, 'quality', seq);
      } else if (message.kind === Kind.REMOVE) {
        slots.delete(subjects.get(message.item)!);
        subjects.delete(message.item);
      }
    }
    const items = new Map([...slots].map(([subject, slot]) => [subject, [...slot.values()].sort(([a], [b]) => a - b)]));
    return { definitions, items };
  }

  /** The answer to a resync: parts with at most `perPart` items, all as of the same number. */
  images(id: number, patterns: readonly string[], asOf: number = this.next, perPart = 1000): Images[] {
    const { definitions, items } = this.content(asOf);
    const compiled = patterns.map(compilePattern);
    const chosen = [...items].filter(([subject]) => compiled.some((pattern) => pattern.matches(subject)));
    const parts: Images[] = [];
    for (let at = 0; at === 0 || at < chosen.length; at += perPart) {
      const writer = new ImageWriter(1 << 20);
      if (at === 0) for (const [seq, bytes] of definitions) writer.append(seq, bytes, 0, bytes.length);
      for (const [, entries] of chosen.slice(at, at + perPart)) {
        for (const [seq, bytes] of entries) writer.append(seq, bytes, 0, bytes.length);
      }
      const last = at + perPart >= chosen.length;
      parts.push({
        kind: 'images',
        id,
        channel: this.channel,
        session: this.session,
        asOf,
        last,
        blob: writer.blob().slice(),
      });
    }
    return parts;
  }
}
