import { messageLayout } from '@tickerplant/feed-itch';
import * as fc from 'fast-check';

/** What a bad day does to a stream: a message, a loss, or a new session. */
export type Event = Uint8Array | 'lost' | 'session';

interface Damage {
  readonly kind: string;
  /** Where, modulo the length of the stream. */
  readonly at: number;
  readonly a: number;
  readonly b: number;
  readonly bytes: Uint8Array;
}

const damage = (kinds: readonly string[]): fc.Arbitrary<Damage> =>
  fc.record({
    kind: fc.constantFrom(...kinds),
    at: fc.nat(1_000_000),
    a: fc.nat(1_000_000),
    b: fc.nat(255),
    bytes: fc.uint8Array({ maxLength: 60 }),
  });

const ANY = ['mutate', 'mutate', 'mutate', 'cut', 'random', 'insert', 'repeat', 'swap', 'drop', 'lost', 'session'];

/**
 * Anything at all: bytes changed, messages cut short, replaced by random bytes, repeated, displaced, left out without
 * a word, losses, sessions that begin anew.
 */
export function anyDamage(stream: fc.Arbitrary<Uint8Array[]>): fc.Arbitrary<Event[]> {
  return fc.tuple(stream, fc.array(damage(ANY), { minLength: 1, maxLength: 6 })).map(([messages, damages]) => {
    const events: Event[] = messages.map((message) => message.slice());
    for (const { kind, at: where, a, b, bytes } of damages) {
      if (events.length === 0) break;
      const at = where % events.length;
      const event = events[at]!;
      if (typeof event === 'string') continue;
      switch (kind) {
        case 'mutate':
          if (event.length > 0) event[a % event.length] = b;
          break;
        case 'cut':
          events[at] = event.slice(0, a % (event.length + 1));
          break;
        case 'random':
          events[at] = bytes;
          break;
        case 'insert':
          events.splice(at, 0, bytes);
          break;
        case 'repeat':
          events.splice(a % events.length, 0, event.slice());
          break;
        case 'swap': {
          const other = a % events.length;
          events[at] = events[other]!;
          events[other] = event;
          break;
        }
        case 'drop':
          events.splice(at, 1);
          break;
        case 'lost':
          events[at] = 'lost';
          break;
        case 'session':
          events.splice(at, 0, 'session');
          break;
      }
    }
    return events;
  });
}

/** A message of the undamaged stream, and what came of it: other bytes, or nothing (its loss is announced). */
export interface Delivery {
  readonly sent: Uint8Array;
  readonly came: Uint8Array | undefined;
  /** Messages of types that ITCH 5.0 doesn't have, before it. */
  readonly strange: readonly Uint8Array[];
}

/** Fields by which a message can be told to be impossible, with the bytes to put there. */
const IMPOSSIBLE: readonly (readonly [fields: RegExp, bytes: readonly number[]])[] = [
  [/^timestamp$/, [0x4e, 0x94, 0x91, 0x4f, 0x00, 0x00]],
  [/eferenceNumber$/, [0x00, 0x20]],
  [/^(matchNumber|crossShares)$/, [0xff]],
  [/price$|collar$/i, [0x77, 0x35, 0x94, 0x01]],
  [/^(buySellIndicator|printable|breachedLevel)$/, [0x3f]],
  [/^executedShares$/, [0, 0, 0, 0]],
  [/^ipoQuotationReleaseTime$/, [0, 1, 0x51, 0x80]],
];

/**
 * Only what a receiver can notice: messages cut short, given impossible values, or lost and reported so; and others
 * between them that are to be passed over.
 */
export function noticeableDamage(stream: fc.Arbitrary<Uint8Array[]>): fc.Arbitrary<Delivery[]> {
  const kinds = ['cut', 'impossible', 'impossible', 'impossible', 'strange', 'lost'];
  return fc.tuple(stream, fc.array(damage(kinds), { maxLength: 3 })).map(([messages, damages]) => {
    const deliveries = messages.map((sent) => ({
      sent,
      came: sent as Uint8Array | undefined,
      strange: [] as Uint8Array[],
    }));
    for (const { kind, at, a, bytes } of damages) {
      const delivery = deliveries[at % deliveries.length];
      if (delivery === undefined) break;
      const { sent } = delivery;
      if (kind === 'cut') delivery.came = sent.slice(0, a % sent.length);
      if (kind === 'lost' && a % 4 === 0) delivery.came = undefined;
      if (kind === 'impossible') delivery.came = impossible(sent, a) ?? delivery.came;
      if (kind === 'strange') delivery.strange.push(Uint8Array.of(0x7a, ...bytes));
    }
    return deliveries;
  });
}

function impossible(message: Uint8Array, which: number): Uint8Array | undefined {
  const layout = messageLayout(message[0]!)!;
  const choices = layout.fields.flatMap(({ name, offset }) =>
    IMPOSSIBLE.filter(([fields]) => fields.test(name)).map(([, bytes]) => ({ offset, bytes })),
  );
  if ('AFECXDUR'.includes(layout.type)) choices.push({ offset: 1, bytes: [0, 0] });
  // A hidden trade's side is not used: it is always B.
  const usable = choices.filter(({ offset }) => layout.type !== 'P' || offset !== 19);
  const { offset, bytes } = usable[which % usable.length]!;
  const changed = message.slice();
  changed.set(bytes, offset);
  return changed;
}
