import { type Random, seededRandom } from '@tickerplant/core';
import { parseRequest } from '@tickerplant/moldudp64';
import {
  CellRuns,
  ChangeTracker,
  digestPage,
  Page,
  PageEncoder,
  PageStep,
  PageValue,
  textWord,
} from '@tickerplant/pages';
import {
  decodeMessage,
  FieldsFlag,
  type FieldValue,
  Kind,
  PageMessage,
  Quality,
  RecordKind,
  typedValue,
} from '@tickerplant/records';
import { CounterRegistry } from '@tickerplant/telemetry';
import fc from 'fast-check';
import t from 'tap';
import { ChannelSession, ClientLine } from '../src/channel-session.ts';
import type { Interest } from '../src/interest.ts';
import type { Item } from '../src/item.ts';
import { fillLimits, SilenceLimit } from '../src/options.ts';
import type { Update } from '../src/update.ts';
import { FakePlant } from './fake-plant.ts';
import { interest, Recorder } from './recorder.ts';
import { dictionary, item, message, QUOTE, quality, quote, remove, TRADE, template, trade } from './support.ts';

const MS = 1_000_000;

type Values = ReadonlyMap<string, string>;

/** What the items hold after one message: by item number. */
type Snapshot = ReadonlyMap<number, Known>;

interface Known {
  readonly subject: string;
  readonly values: Values;
  readonly suspect: boolean;
  readonly isPage: boolean;
  /** What the page looks like; undefined before its first image. */
  readonly page: string | undefined;
}

/**
 * What items should hold after each message of a session: plain maps, made one from the other. The messages may
 * grow.
 */
class Model {
  readonly messages: readonly Uint8Array[];
  private readonly snapshots: Snapshot[] = [new Map()];
  /** Subject of the item that a message updates, by number. */
  private readonly touched: (string | undefined)[] = [undefined];
  /** As of the last snapshot. */
  private readonly pages = new Map<number, PageValue>();

  constructor(messages: readonly Uint8Array[]) {
    this.messages = messages;
  }

  at(seq: number): Snapshot {
    while (this.snapshots.length <= seq) this.apply(this.messages[this.snapshots.length - 1]!);
    return this.snapshots[seq]!;
  }

  touchedBy(seq: number): string | undefined {
    this.at(seq);
    return this.touched[seq];
  }

  find(seq: number, subject: string): Known | undefined {
    for (const one of this.at(seq).values()) if (one.subject === subject) return one;
    return undefined;
  }

  private apply(bytes: Uint8Array): void {
    const m = decodeMessage(bytes);
    const next = new Map(this.snapshots.at(-1)!);
    let touched: string | undefined;
    if (m.kind === Kind.ITEM) {
      const isPage = m.recordKind === RecordKind.PAGE;
      next.set(m.item, { subject: m.subject, values: new Map(), suspect: false, isPage, page: undefined });
      this.pages.set(m.item, new PageValue());
    } else if (m.kind === Kind.PAGE_IMAGE || m.kind === Kind.PAGE_UPDATE) {
      const value = this.pages.get(m.item)!;
      const cells = new PageMessage();
      cells.read(bytes, 0, bytes.length);
      const step = value.take(cells);
      const one = next.get(m.item)!;
      if (step === PageStep.PART) {
        this.keep(next, undefined);
        return;
      }
      if (step !== PageStep.IMAGE && step !== PageStep.UPDATE) throw new Error('a bad message');
      next.set(m.item, { ...one, page: digestPage(value.page!) });
      touched = one.subject;
    } else if (m.kind === Kind.REMOVE) {
      next.delete(m.item);
    } else if (m.kind === Kind.UPDATE || m.kind === Kind.FIELDS) {
      const one = next.get(m.item)!;
      touched = one.subject;
      const clear = m.kind === Kind.FIELDS && (m.flags & FieldsFlag.IMAGE) !== 0;
      const values = new Map(clear ? [] : one.values);
      const set = (fid: number, value: FieldValue, exponent: number): void => {
        values.set(dictionary.nameOf(fid), String(typedValue(dictionary.byFid(fid), value, exponent)));
      };
      if (m.kind === Kind.FIELDS) {
        for (const [fid, value] of m.fields) set(fid, value, 0);
      } else {
        const { fids, exponent } = m.template === 0 ? QUOTE : TRADE;
        fids.forEach((fid, index) => {
          set(fid, m.values[index]!, exponent);
        });
      }
      next.set(m.item, { ...one, values });
    } else if (m.kind === Kind.QUALITY && m.item !== undefined) {
      next.set(m.item, { ...next.get(m.item)!, suspect: m.quality !== Quality.LIVE });
    }
    this.keep(next, touched);
  }

  private keep(next: Snapshot, touched: string | undefined): void {
    this.snapshots.push(next);
    this.touched.push(touched);
  }
}

/** Small pages, drawn on at random; what doesn't fit in one packet comes in the next. */
class RandomPages {
  private readonly random: Random;
  private readonly encoder = new PageEncoder(128);
  private readonly tracker = new ChangeTracker();
  private readonly pages = new Map<number, Page>();
  /** Messages that are still to be said, by item. */
  private readonly waiting = new Map<number, Uint8Array[]>();

  constructor(random: Random) {
    this.random = random;
  }

  has(number: number): boolean {
    return this.pages.has(number);
  }

  begin(number: number): void {
    this.pages.set(number, new Page(4, 20));
    this.image(number);
  }

  /** The next message of a page. */
  one(number: number): Uint8Array {
    const waiting = this.waiting.get(number)!;
    if (waiting.length === 0) this.change(number);
    return waiting.shift()!;
  }

  /** All that is begun. */
  rest(numbers: readonly number[]): Uint8Array[] {
    return numbers.flatMap((number) => this.waiting.get(number)?.splice(0) ?? []);
  }

  private change(number: number): void {
    const page = this.pages.get(number)!;
    const { random } = this;
    if (random.next() < 0.2) {
      this.image(number);
      return;
    }
    const changes = new CellRuns();
    this.tracker.begin(page);
    const [row, first, end] = [random.below(4), random.below(20), 1 + random.below(20)];
    for (let at = first; at <= Math.max(first, end - 1); at++) {
      page.put(row, at, textWord(0x41 + random.below(26)), random.below(3), 0);
    }
    this.tracker.end(changes.add);
    if (changes.count === 0 || !this.encoder.update(number, page, changes, this.keep(number))) this.image(number);
  }

  private image(number: number): void {
    this.encoder.image(number, this.pages.get(number)!, 0, this.keep(number));
  }

  private keep(number: number): (bytes: Uint8Array, length: number) => void {
    const waiting = this.waiting.get(number) ?? [];
    this.waiting.set(number, waiting);
    return (bytes, length) => waiting.push(bytes.slice(0, length));
  }
}

/** A feed that says anything at any time. */
class RandomFeed {
  readonly random: Random;
  readonly plant: FakePlant;
  private epoch = 0;
  private numbers: number[] = [];
  private nextNumber = 0;
  private pages: RandomPages;

  constructor(random: Random, plant: FakePlant) {
    this.random = random;
    this.pages = new RandomPages(random);
    this.plant = plant;
  }

  begin(): Uint8Array {
    return this.plant.say(template(QUOTE), template(TRADE));
  }

  /** A few messages in a packet. */
  say(): Uint8Array {
    const messages: Uint8Array[] = [];
    for (let count = 1 + this.random.below(5); count > 0; count--) messages.push(this.one());
    return this.plant.say(...messages);
  }

  /** What is begun and not ended. */
  rest(): Uint8Array {
    return this.plant.say(...this.pages.rest(this.numbers));
  }

  newEpoch(): Uint8Array {
    this.epoch++;
    this.numbers = [];
    this.nextNumber = this.random.below(4);
    this.pages = new RandomPages(this.random);
    this.plant.restart(`01261123${this.epoch.toString(36).toUpperCase().padStart(2, '0')}`);
    return this.begin();
  }

  private one(): Uint8Array {
    const { random, numbers } = this;
    const which = random.below(100);
    if (numbers.length === 0 || (which < 6 && numbers.length < 12)) {
      const number = this.nextNumber++;
      numbers.push(number);
      const isPage = number % 3 === 2;
      if (isPage) this.pages.begin(number);
      const subject = `IEX.S${number % 20}${number >= 20 ? `X${number}` : ''}`;
      return item(number, subject, isPage ? RecordKind.PAGE : RecordKind.RECORD);
    }
    const number = numbers[random.below(numbers.length)]!;
    if (which < 9) {
      numbers.splice(numbers.indexOf(number), 1);
      return remove(number);
    }
    const price = 10_000 + random.below(1000);
    if (this.pages.has(number) && which >= 14) return this.pages.one(number);
    if (which < 14) return quality(number, random.next() < 0.3 ? Quality.SUSPECT : Quality.LIVE, 'vendor-gap');
    if (which < 20) {
      const flags = random.next() < 0.3 ? FieldsFlag.IMAGE : 0;
      return message({ kind: Kind.FIELDS, item: number, flags, fields: [[dictionary.fid('BID'), price]] });
    }
    return which < 45 ? trade(number, price, random.below(100), random.below(10_000)) : quote(number, price, price + 1);
  }
}

interface Chances {
  readonly seed: number;
  readonly loss: number;
  readonly repairLoss: number;
  readonly restart: number;
  readonly perPart: number;
  /** How many groups carry the channel; those of several die and come back. */
  readonly groups: number;
}

function run({ seed, loss, repairLoss, restart, perPart, groups }: Chances): void {
  const random = seededRandom(seed);
  const plant = new FakePlant(1, '0126112300');
  const feed = new RandomFeed(random, plant);
  const request = { seq: 0, count: 0 };
  /** What is on its way to the client, and when it arrives. */
  let onTheWay: { at: number; deliver: () => void }[] = [];
  let now = 0;
  const later = (ms: number, deliver: () => void): void => {
    onTheWay.push({ at: now + ms, deliver });
  };
  let connected = true;
  let connection = 0;
  // The plant answers requests in order, each after a while.
  let requests: (() => void)[] = [];
  let freeAt = 0;
  let lossless = false;
  const session = new ChannelSession({
    id: 1,
    name: 'equities',
    dictionary,
    ripple: false,
    limits: fillLimits({ lostAfterMs: 60, gapWaitMs: 1, repairTimeoutMs: 10, retryMs: 5, streamBytesMax: 65_536 }),
    silence: new SilenceLimit(fillLimits()),
    random,
    registry: new CounterRegistry(),
    nowNs: 0,
    wallNs: 0n,
    effects: {
      lineChanged: () => {},
      askImages: (_session, wanted, subjects) => {
        if (!connected) return false;
        const asked = connection;
        requests.push(() => {
          if (connection !== asked) return;
          const patterns = subjects.length > 0 ? subjects : wanted.patterns.map(({ text }) => text);
          // Sometimes the plant that is asked is behind.
          const behind = random.next() < 0.3 ? random.below(10) : 0;
          const parts = plant.images(1, patterns, Math.max(1, plant.next - behind), perPart);
          freeAt = now + parts.length;
          parts.forEach((part, index) => {
            later(1 + index, () => {
              if (connection === asked) session.images(wanted, part, now * MS);
            });
          });
        });
        return true;
      },
      answerers: () => [''],
      askRepair: (_session, name, from, count) => {
        const bytes = new Uint8Array(20);
        bytes.set(name);
        new DataView(bytes.buffer).setBigUint64(10, BigInt(from));
        new DataView(bytes.buffer).setUint16(18, count);
        if (parseRequest(bytes, 20, request) !== undefined) throw new Error('bad request');
        if (!lossless && random.next() < repairLoss) return;
        if (Buffer.from(name).toString('latin1') !== plant.session) return;
        const to = Math.min(plant.next, from + Math.min(count, 10));
        if (to > from) {
          const answer = plant.packet(from, to);
          later(2, () => session.packet(ClientLine.REPAIR, answer, answer.length, now * MS));
        }
      },
      quarantine: (code, what) => {
        throw new Error(`${code} ${what}`);
      },
      listenerFailed: (error) => {
        throw error;
      },
      itemState: () => undefined,
      complete: () => {},
      note: () => {},
    },
  });

  // What a subscriber is told: every update of an item once and in order, from its image on.
  const models = new Map<string | undefined, Model>();
  const model = (): Model => models.get(session.session)!;
  const listener = (): Recorder => {
    const told = new Recorder();
    const last = new Map<Item, { session: string; seq: number }>();
    told.image = (one) => last.set(one, { session: session.session ?? '', seq: one.seq });
    told.update = (update: Update) => {
      const before = last.get(update.item);
      if (before === undefined) throw new Error(`an update of ${update.subject} before its image`);
      if (before.session !== session.session) throw new Error('an update of another session than the image');
      if (update.seq <= before.seq) throw new Error(`message ${update.seq} after ${before.seq}`);
      for (let seq = before.seq + 1; seq < update.seq; seq++) {
        if (model().touchedBy(seq) === update.subject)
          throw new Error(`message ${seq} of ${update.subject} was not told`);
      }
      before.seq = update.seq;
    };
    return told;
  };

  const check = (): void => {
    for (const one of session.table.items()) {
      if (!one.isLive) continue;
      const asOf = Math.max(one.seq, session.next - 1);
      const expected = model().find(asOf, one.subject);
      const actual = new Map([...one.values()].map(([name, value]) => [name, String(value)]));
      if (expected === undefined) throw new Error(`${one.subject} is LIVE and does not exist`);
      if (expected.isPage && (one.page === undefined || digestPage(one.page) !== expected.page)) {
        throw new Error(`${one.subject} is LIVE with another page than it should have as of ${asOf}`);
      }
      for (const [name, value] of expected.values) {
        if (actual.get(name) !== value) {
          throw new Error(`${one.subject} ${name} is LIVE with ${actual.get(name)}, not ${value}, as of ${asOf}`);
        }
      }
      if (actual.size !== expected.values.size) throw new Error(`${one.subject} has fields that it should not have`);
    }
  };

  const step = (): void => {
    now++;
    const due = onTheWay.filter(({ at }) => at <= now);
    onTheWay = onTheWay.filter(({ at }) => at > now);
    for (const { deliver } of due) deliver();
    if (now >= freeAt && random.next() < 0.4) requests.shift()?.();
    session.tick(now * MS, BigInt(now * MS));
    check();
  };
  const dead: boolean[] = Array.from({ length: groups }, () => false);
  const send = (packet: Uint8Array): void => {
    const { session: name, messages } = plant;
    for (let group = 0; group < groups; group++) {
      if (groups > 1 && random.next() < 0.05) dead[group] = !dead[group];
      if (!lossless && dead[group]) continue;
      // The groups' ways are of different length, and overtake each other and themselves.
      later(1 + (groups > 1 ? random.below(4) : 0), () => {
        if (!lossless && random.next() < loss) return;
        if (!models.has(name)) models.set(name, new Model(messages));
        session.packet(ClientLine.GROUP + group, packet, packet.length, now * MS);
      });
    }
  };
  session.setGroups(groups);

  send(feed.begin());
  const interests: Interest[] = [];
  for (let i = 0; i < 300; i++) {
    if (random.next() < restart) send(feed.newEpoch());
    else if (random.next() < 0.7) send(feed.say());
    else send(plant.heartbeat());
    // What a plant says of the channel on the status group, which goes a way of its own.
    if (random.next() < 0.1) session.told(plant.session, plant.next);
    if (i === 20 || random.next() < 0.01) {
      const wanted = interest(listener(), random.next() < 0.5 ? ['IEX.>'] : ['IEX.S1', 'IEX.S2', 'IEX.S3']);
      interests.push(wanted);
      session.addInterest(wanted, now * MS);
    }
    if (random.next() < 0.02) {
      connected = !connected;
      connection++;
      requests = [];
      if (connected) session.connectionOpened(now * MS);
      else session.connectionLost();
    }
    step();
  }
  // All is well from here on: everything must become live and right.
  lossless = true;
  if (!connected) {
    connected = true;
    session.connectionOpened(now * MS);
  }
  const isDone = (): boolean =>
    onTheWay.length === 0 &&
    !session.wantsImages &&
    session.next === plant.next &&
    session.state.quality === Quality.LIVE &&
    // What a new session says nothing of is asked for after a while.
    [...session.table.items()].every(({ hasImage }) => hasImage);
  send(feed.rest());
  for (let i = 0; i < 2000 && !(i > 20 && isDone()); i++) {
    if (i % 5 === 0) send(plant.heartbeat());
    if (i % 5 === 0) session.told(plant.session, plant.next);
    if (i > 1000) now += 9;
    step();
  }
  const wild = interests.some(({ patterns }) => patterns[0]!.text === 'IEX.>');
  const wantedSubjects = [
    ...model()
      .at(plant.next - 1)
      .values(),
  ]
    .flatMap(({ subject, suspect }) => (suspect ? [] : [subject]))
    .filter((subject) => wild || ['IEX.S1', 'IEX.S2', 'IEX.S3'].includes(subject))
    .sort();
  const live = [...session.table.items()].filter(({ isLive }) => isLive).map(({ subject }) => subject);
  if (JSON.stringify(live.sort()) !== JSON.stringify(wantedSubjects)) {
    throw new Error(`expected ${wantedSubjects} to be live at the end, got ${live}`);
  }
  if (session.wantsImages) throw new Error('images are still wanted at the end');
}

const seed = fc.integer();
const perPart = fc.constantFrom(1, 3, 1000);
const groups = fc.constantFrom(1, 2, 3);

t.test('without loss: every update once and in order; what is LIVE is right', async () => {
  fc.assert(
    fc.property(fc.record({ seed, perPart, groups }), (given) => run({ ...given, loss: 0, repairLoss: 0, restart: 0 })),
    { numRuns: 30 },
  );
});

t.test('with loss and repair: what is LIVE is right, and in the end all is', async () => {
  fc.assert(
    fc.property(fc.record({ seed, perPart, groups, loss: fc.constantFrom(0.02, 0.2) }), (given) =>
      run({ ...given, repairLoss: 0.2, restart: 0 }),
    ),
    { numRuns: 40 },
  );
});

t.test('with loss, no repair and new epochs: what is LIVE is right, and in the end all is', async () => {
  fc.assert(
    fc.property(fc.record({ seed, perPart, groups, loss: fc.constantFrom(0.02, 0.2) }), (given) =>
      run({ ...given, repairLoss: 0.9, restart: 0.01 }),
    ),
    { numRuns: 40 },
  );
});
