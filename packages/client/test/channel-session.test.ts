import { seededRandom } from '@tickerplant/core';
import { MOLD_FRAMING } from '@tickerplant/moldudp64';
import { FieldsFlag, Kind, Quality } from '@tickerplant/records';
import { CounterRegistry } from '@tickerplant/telemetry';
import t from 'tap';
import { type ChannelEffects, ChannelSession, ClientLine } from '../src/channel-session.ts';
import type { Interest } from '../src/interest.ts';
import { itemState, live } from '../src/item-state.ts';
import { type ClientLimits, fillLimits, SilenceLimit } from '../src/options.ts';
import { FakePlant } from './fake-plant.ts';
import { interest, Recorder, stateText } from './recorder.ts';
import { dictionary, item, message, QUOTE, quality, quote, remove, TRADE, template, trade, update } from './support.ts';

const MS = 1_000_000;
const MONDAY_0 = '0126112300';
const MONDAY_1 = '0126112301';

/** A FIELDS message with a bid. */
function fields(number: number, flags: number, bid: number): Uint8Array {
  return message({ kind: Kind.FIELDS, item: number, flags, fields: [[dictionary.fid('BID'), bid]] });
}

class Harness {
  readonly recorder = new Recorder();
  readonly effects: string[] = [];
  readonly quarantined: string[] = [];
  readonly session: ChannelSession;
  readonly plant = new FakePlant(1, MONDAY_0);
  connected = true;
  completed = 0;
  now = 0;

  constructor(limits: Partial<ClientLimits> = {}) {
    const effects: ChannelEffects = {
      askImages: (_channel, wanted, subjects) => {
        if (!this.connected) return false;
        const what = subjects.length > 0 ? subjects.join(',') : wanted.patterns.map(({ text }) => text).join(',');
        this.effects.push(`images ${what}`);
        return true;
      },
      answerers: () => [''],
      askRepair: (_channel, session, from, count, attempt) => {
        this.effects.push(`repair ${MOLD_FRAMING.formatSession(session, 0)} ${from}+${count} attempt ${attempt}`);
      },
      quarantine: (code) => this.quarantined.push(code),
      listenerFailed: (error) => {
        throw error;
      },
      itemState: () => undefined,
      lineChanged: (_channel, group, heard) => this.effects.push(`group ${group} ${heard ? 'heard' : 'silent'}`),
      complete: () => {
        this.completed++;
      },
      note: () => {},
    };
    this.session = new ChannelSession({
      id: 1,
      name: 'equities',
      dictionary,
      ripple: false,
      limits: fillLimits(limits),
      silence: new SilenceLimit(fillLimits(limits)),
      random: seededRandom(1),
      registry: new CounterRegistry(),
      effects,
      nowNs: 0,
      wallNs: 1_000_000_000_000n,
    });
  }

  want(...patterns: string[]): Interest {
    const wanted = interest(this.recorder, patterns);
    this.session.addInterest(wanted, this.now);
    return wanted;
  }

  hear(packet: Uint8Array, line: number = ClientLine.GROUP): void {
    this.session.packet(line, packet, packet.length, this.now);
  }

  images(wanted: Interest, asOf?: number, perPart?: number): void {
    const patterns = wanted.patterns.map(({ text }) => text);
    for (const part of this.plant.images(1, patterns, asOf, perPart)) this.session.images(wanted, part, this.now);
  }

  wait(ms: number): void {
    this.now += ms * MS;
    this.session.tick(this.now, 1_000_000_000_000n + BigInt(this.now));
  }

  take(): string[] {
    return this.recorder.take();
  }

  state(subject: string): string {
    return stateText(this.session.table.item(subject)!.state);
  }
}

/** A harness that has joined, with two items and one quote each. */
function joined(limits: Partial<ClientLimits> = {}): { h: Harness; wanted: Interest } {
  const h = new Harness(limits);
  h.plant.say(
    template(QUOTE),
    template(TRADE),
    item(0, 'IEX.A'),
    item(1, 'IEX.B'),
    quote(0, 10000, 20000),
    quote(1, 30000, 40000),
  );
  const wanted = h.want('IEX.*');
  h.hear(h.plant.heartbeat());
  h.wait(1);
  h.images(wanted);
  h.take();
  h.effects.length = 0;
  return { h, wanted };
}

t.test('join: the stream is heard first, then images are asked for, then updates follow', async (t) => {
  const h = new Harness();
  h.plant.say(template(QUOTE), item(0, 'IEX.A'), quote(0, 10000, 20000));
  const wanted = h.want('IEX.*');
  h.wait(5);
  t.same(h.effects, [], 'nothing tells yet whether an image would fit');
  h.hear(h.plant.say(quote(0, 10100, 20000)));
  h.wait(1);
  t.same(h.effects, ['images IEX.*']);
  t.same(h.take(), []);
  h.images(wanted);
  t.match(h.take(), ['item IEX.A', 'image IEX.A #4 BID=1.0100', 'quality IEX.A RECOVERING(waiting-for-image) -> LIVE']);
  h.hear(h.plant.say(quote(0, 10200, 20000)));
  t.match(h.take(), ['update IEX.A #5 quote BID=1.0200']);
  t.equal(h.completed, 1);
  t.equal(h.session.wantsImages, false);
});

t.test('late join: an image that is older than the stream heard so far is followed by what came between', async (t) => {
  const h = new Harness();
  h.plant.say(template(QUOTE), item(0, 'IEX.A'), quote(0, 10000, 20000));
  const wanted = h.want('IEX.*');
  h.hear(h.plant.heartbeat());
  h.wait(1);
  h.hear(h.plant.say(quote(0, 10100, 20000), item(1, 'IEX.B')));
  h.hear(h.plant.say(quote(1, 50000, 60000), quote(0, 10200, 20000)));
  t.same(h.take(), []);
  h.images(wanted, 4);
  const lines = h.take();
  t.match(lines, [
    'item IEX.A',
    'image IEX.A #3 BID=1.0000',
    'update IEX.A #4 quote BID=1.0100',
    'update IEX.A #7 quote BID=1.0200',
    'quality IEX.A RECOVERING(waiting-for-image) -> LIVE',
    'item IEX.B',
    'image IEX.B #5 ',
    'quality IEX.B RECOVERING(waiting-for-image) -> LIVE',
    'update IEX.B #6 quote BID=5.0000',
  ]);
  t.equal(lines.length, 9);
});

t.test('an image ahead of the stream: what it holds already is passed over', async (t) => {
  const h = new Harness();
  h.plant.say(template(QUOTE), item(0, 'IEX.A'));
  const wanted = h.want('IEX.*');
  h.hear(h.plant.heartbeat());
  h.wait(1);
  const late = [h.plant.say(quote(0, 10000, 20000)), h.plant.say(quote(0, 10100, 20000))];
  h.images(wanted);
  t.match(h.take(), ['item IEX.A', 'image IEX.A #4 BID=1.0100', 'quality IEX.A']);
  for (const packet of late) h.hear(packet);
  t.same(h.take(), []);
  h.hear(h.plant.say(quote(0, 10300, 20000)));
  t.match(h.take(), ['update IEX.A #5 quote BID=1.0300']);
});

t.test('images in several parts: each item is live with its part', async (t) => {
  const h = new Harness();
  h.plant.say(template(QUOTE), item(0, 'IEX.A'), item(1, 'IEX.B'), item(2, 'IEX.C'));
  const wanted = h.want('>');
  h.hear(h.plant.heartbeat());
  h.wait(1);
  const [first, ...others] = h.plant.images(1, ['>'], undefined, 1);
  h.session.images(wanted, first!, h.now);
  t.same(h.take(), ['item IEX.A'], 'it might go on in the next part');
  for (const part of others) h.session.images(wanted, part, h.now);
  t.equal(h.session.table.size, 3);
  t.same(
    [...h.session.table.items()].map(({ quality }) => quality),
    ['LIVE', 'LIVE', 'LIVE'],
  );
});

t.test('an image older than the kept stream is asked for again', async (t) => {
  const h = new Harness();
  h.plant.say(template(QUOTE), item(0, 'IEX.A'), quote(0, 10000, 20000), quote(0, 10100, 20000));
  const wanted = h.want('IEX.*');
  h.hear(h.plant.heartbeat());
  h.wait(1);
  h.images(wanted, 4);
  t.same(h.take(), []);
  h.wait(1);
  t.equal(h.effects.length, 1, 'not at once');
  h.wait(60);
  t.same(h.effects, ['images IEX.*', 'images IEX.*']);
  h.images(wanted);
  t.match(h.take(), ['item IEX.A', 'image IEX.A #4', 'quality IEX.A']);
});

t.test('a gap: the items are RECOVERING from the moment it is found until it is closed', async (t) => {
  const { h } = joined();
  const lost = h.plant.say(quote(0, 10100, 20000));
  h.hear(h.plant.say(quote(1, 30100, 40000)));
  t.same(h.take(), ['quality IEX.A LIVE -> RECOVERING(channel-gap)', 'quality IEX.B LIVE -> RECOVERING(channel-gap)']);
  h.wait(3);
  t.same(h.effects, [`repair ${MONDAY_0} 7+1 attempt 0`]);
  h.hear(lost, ClientLine.REPAIR);
  t.match(h.take(), [
    'update IEX.A #7 quote BID=1.0100',
    'update IEX.B #8 quote BID=3.0100',
    'quality IEX.A RECOVERING(channel-gap) -> LIVE',
    'quality IEX.B RECOVERING(channel-gap) -> LIVE',
  ]);
});

t.test('a gap at the tail is found by the heartbeat', async (t) => {
  const { h } = joined();
  h.plant.say(quote(0, 10100, 20000));
  h.hear(h.plant.heartbeat());
  t.equal(h.state('IEX.A'), 'RECOVERING(channel-gap)');
  h.wait(1);
  h.hear(h.plant.packet(7, 8), ClientLine.REPAIR);
  t.equal(h.state('IEX.A'), 'LIVE');
});

t.test('repair is asked for again, then the messages are given up and new images are taken', async (t) => {
  const { h, wanted } = joined({ lostAfterMs: 100 });
  h.plant.say(quote(0, 10100, 20000), quote(1, 30100, 40000));
  h.hear(h.plant.say(quote(0, 10200, 20000)));
  h.take();
  for (let i = 0; i < 110; i++) h.wait(1);
  t.match(h.effects[0], /repair .* 7\+2 attempt 0/);
  t.match(h.effects[1], /repair .* 7\+2 attempt 1/);
  t.equal(h.effects.at(-1), 'images IEX.*');
  t.match(h.take(), [
    'gap equities [7,9) expired',
    'quality IEX.A RECOVERING(channel-gap) -> RECOVERING(channel-lost)',
    'quality IEX.B RECOVERING(channel-gap) -> RECOVERING(channel-lost)',
  ]);
  h.hear(h.plant.say(quote(0, 10300, 20000)));
  t.same(h.take(), [], 'no updates to values that do not count');
  h.images(wanted);
  t.match(h.take(), [
    'image IEX.A #10 BID=1.0300',
    'image IEX.B #10 BID=3.0100',
    'quality IEX.A RECOVERING(channel-lost) -> LIVE',
    'quality IEX.B RECOVERING(channel-lost) -> LIVE',
  ]);
});

t.test('images from before the loss are of no use', async (t) => {
  const { h, wanted } = joined({ lostAfterMs: 100 });
  h.plant.say(quote(0, 10100, 20000));
  h.hear(h.plant.say(quote(0, 10200, 20000)));
  for (let i = 0; i < 110; i++) h.wait(1);
  h.take();
  h.images(wanted, 7);
  t.same(h.take(), []);
  t.equal(h.state('IEX.A'), 'RECOVERING(channel-lost)');
});

t.test('a new epoch: everything waits for new images; numbers and templates begin anew', async (t) => {
  const { h, wanted } = joined();
  h.plant.restart(MONDAY_1);
  h.hear(h.plant.say(template(TRADE), item(0, 'IEX.B'), item(1, 'IEX.C'), update(0, TRADE, 55000, 1, 1)));
  t.same(h.take(), [
    'quality IEX.A LIVE -> RECOVERING(new-session)',
    'quality IEX.B LIVE -> RECOVERING(new-session)',
    'item IEX.C',
    'image IEX.C #3 ',
    'quality IEX.C RECOVERING(waiting-for-image) -> LIVE',
    'image IEX.B #3 ',
    'quality IEX.B RECOVERING(new-session) -> LIVE',
    'update IEX.B #4 trade TRDPRC_1=5.5000 TRDVOL_1=1 ACVOL_1=1',
  ]);
  t.equal(h.session.table.item('IEX.A')!.get('BID')!.toString(), '1.0000', 'the old values stay readable');
  h.wait(1);
  t.equal(h.effects.length, 0, 'heard from its beginning: nobody need be asked');
  h.wait(4_990);
  t.equal(h.effects.length, 0);
  for (let i = 0; i < 4; i++) {
    h.hear(h.plant.heartbeat());
    h.wait(5);
  }
  t.equal(h.effects.at(-1), 'images IEX.A', 'what the new session has said nothing of');
  h.take();
  h.images(wanted);
  t.equal(h.take().at(-1), 'remove IEX.A', 'and the plant does not have either');
});

t.test('an item of an unpositioned feed: first values of a new session by image, marked', async (t) => {
  const { h } = joined();
  const marked = FieldsFlag.IMAGE | FieldsFlag.POSSIBLE_DUPLICATE;
  h.plant.restart(MONDAY_1);
  h.hear(h.plant.say(item(0, 'IEX.B'), quality(0, Quality.STALE, 'vendor-says'), fields(0, marked, 31_000)));
  h.hear(h.plant.say(item(1, 'IEX.A'), fields(1, marked, 11_000)));
  t.same(h.take(), [
    'quality IEX.A LIVE -> RECOVERING(new-session)',
    'quality IEX.B LIVE -> RECOVERING(new-session)',
    'quality IEX.B RECOVERING(new-session) -> STALE(vendor-says)',
    'image IEX.B #3 BID=31000',
    'image IEX.A #5 BID=11000',
    'quality IEX.A RECOVERING(new-session) -> LIVE',
  ]);
  const a = h.session.table.item('IEX.A')!;
  t.equal(a.possibleDuplicate, true);
  h.hear(h.plant.say(fields(1, FieldsFlag.POSSIBLE_DUPLICATE, 12_000), fields(1, 0, 13_000)));
  t.same(h.take(), [
    'update IEX.A #6 unspecified BID=12000 (possible duplicate)',
    'update IEX.A #7 unspecified BID=13000',
  ]);
  h.hear(h.plant.say(fields(1, FieldsFlag.IMAGE, 14_000)));
  t.equal(a.possibleDuplicate, false, 'an image of the same session repeats nothing');
  t.equal(h.effects.length, 0);
});

t.test('a loss in a new session, before an item has values: they come by image only', async (t) => {
  const { h, wanted } = joined({ lostAfterMs: 100 });
  h.plant.restart(MONDAY_1);
  h.hear(h.plant.say(template(QUOTE), item(0, 'IEX.A')));
  h.plant.say(quote(0, 10_000, 20_000));
  h.hear(h.plant.say(quote(0, 10_100, 20_000)));
  for (let i = 0; i < 110; i++) h.wait(1);
  h.take();
  h.hear(h.plant.say(quote(0, 10_200, 20_000)));
  t.same(h.take(), [], 'not from what comes after the hole');
  h.images(wanted);
  t.match(h.take(), ['image IEX.A #5 BID=1.0200', 'quality IEX.A RECOVERING(new-session) -> RECOVERING(channel-gap)']);
  h.session.told(h.plant.session, h.plant.next);
  h.wait(1);
  t.match(h.take(), ['quality IEX.A RECOVERING(channel-gap) -> LIVE'], 'when a plant has said that all is well');
});

t.test('a new session says where the one before it ended: what never came is told', async (t) => {
  const start = (previousSession: string, previousNext: number): Uint8Array =>
    message({ kind: Kind.START, channel: 'equities', day: '2026-11-23', epoch: 2, previousSession, previousNext });
  for (const [previous, next, ...told] of [
    [MONDAY_0, 9, 'gap equities [7,9) session-ended'],
    [MONDAY_0, 7],
    [MONDAY_0, 5],
    ['', 0],
    ['0126112200', 50],
    [MONDAY_1, 4, 'gap equities [1,4) session-ended'],
  ] as [string, number, ...string[]][]) {
    const { h } = joined();
    h.plant.restart('0126112302');
    h.hear(h.plant.say(start(previous, next), template(QUOTE), item(0, 'IEX.A'), quote(0, 10_000, 20_000)));
    t.same(
      h.take().filter((line) => line.startsWith('gap')),
      told,
      `${previous} up to ${next}`,
    );
    h.hear(h.plant.say(start(previous, next)));
    t.same(h.take(), [], 'once');
  }
});

t.test('never back to a lower epoch, nor to the session of another channel', async (t) => {
  const { h } = joined();
  const old = new FakePlant(1, '0126112200');
  const foreign = new FakePlant(2, '0226112300');
  h.hear(old.say(quote(0, 1, 1)));
  h.hear(foreign.say(quote(0, 1, 1)));
  t.same(h.take(), []);
  t.equal(h.session.session, MONDAY_0);
  h.hear(h.plant.say(quote(0, 10200, 20000)));
  t.match(h.take(), ['update IEX.A #7']);
});

t.test('images of another session than the stream are of no use', async (t) => {
  const { h, wanted } = joined();
  h.plant.restart(MONDAY_1);
  h.hear(h.plant.say(template(QUOTE), item(0, 'IEX.A')));
  h.take();
  h.wait(1);
  const stale = new FakePlant(1, MONDAY_0);
  stale.say(template(QUOTE), item(0, 'IEX.A'), quote(0, 77, 78));
  for (const part of stale.images(1, ['IEX.*'])) h.session.images(wanted, part, h.now);
  t.same(h.take(), []);
});

t.test('a silent channel is STALE, and LIVE again when it is heard', async (t) => {
  const { h } = joined();
  h.wait(900);
  t.equal(h.state('IEX.A'), 'LIVE');
  h.wait(200);
  t.equal(h.state('IEX.A'), 'STALE(channel-silent)');
  t.equal(h.session.table.item('IEX.A')!.state.since, 1_000_000_000_000n, 'since it was last heard');
  h.take();
  h.now += MS;
  h.hear(h.plant.heartbeat());
  t.match(h.take(), ['quality IEX.A STALE(channel-silent) -> LIVE', 'quality IEX.B STALE(channel-silent) -> LIVE']);
});

t.test('a channel never heard: images are shown all the same, but STALE', async (t) => {
  const h = new Harness();
  h.plant.say(template(QUOTE), item(0, 'IEX.A'), quote(0, 10000, 20000));
  const wanted = h.want('IEX.*');
  h.wait(500);
  t.same(h.effects, []);
  h.wait(600);
  t.same(h.effects, ['images IEX.*']);
  h.images(wanted);
  t.equal(h.session.table.item('IEX.A')!.get('BID')!.toString(), '1.0000');
  t.equal(h.state('IEX.A'), 'STALE(channel-silent)');
  h.now += MS;
  h.hear(h.plant.say(quote(0, 10100, 20000)));
  t.equal(h.state('IEX.A'), 'LIVE', 'it goes on where the image ended');
});

t.test('a channel heard at last, with a hole after the image, needs new images', async (t) => {
  const h = new Harness();
  h.plant.say(template(QUOTE), item(0, 'IEX.A'), quote(0, 10000, 20000));
  const wanted = h.want('IEX.*');
  h.wait(1100);
  h.images(wanted);
  h.plant.say(quote(0, 10100, 20000));
  h.now += MS;
  h.hear(h.plant.say(quote(0, 10200, 20000)));
  t.equal(h.state('IEX.A'), 'RECOVERING(new-session)');
});

t.test("the plants' opinion and silence count, and the worst wins", async (t) => {
  const { h } = joined();
  h.session.setOutside(itemState(Quality.STALE, 'plant-silent', 'p1 not heard any more', 5n), h.now);
  t.equal(h.state('IEX.A'), 'STALE(plant-silent)');
  h.plant.say(quote(0, 10100, 20000));
  h.hear(h.plant.heartbeat());
  t.equal(h.state('IEX.A'), 'STALE(plant-silent)', 'worse than the gap');
  h.now += MS;
  h.session.setOutside(live(9n), h.now);
  t.equal(h.state('IEX.A'), 'RECOVERING(channel-gap)');
});

t.test('the end of the session: the last values are STALE', async (t) => {
  const { h } = joined();
  h.hear(h.plant.end());
  t.equal(h.state('IEX.A'), 'STALE(session-ended)');
});

t.test('items that appear and go in the stream', async (t) => {
  const { h } = joined();
  h.hear(h.plant.say(item(7, 'IEX.NEW'), trade(7, 10000, 1, 1), item(8, 'NASDAQ.X'), remove(0)));
  t.match(h.take(), [
    'item IEX.NEW',
    'image IEX.NEW #7 ',
    'quality IEX.NEW',
    'update IEX.NEW #8 trade TRDPRC_1=1.0000',
    'remove IEX.A',
  ]);
});

t.test(
  'an item that appears while the plant looks for matches, and is not among its images, is not missed',
  async (t) => {
    const h = new Harness();
    h.plant.say(template(QUOTE), item(0, 'IEX.A'));
    const wanted = h.want('IEX.*');
    h.hear(h.plant.heartbeat());
    h.wait(1);
    h.hear(h.plant.say(item(1, 'IEX.B'), quote(1, 10000, 20000)));
    // As of 5, but without IEX.B: the plant had listed its items before that appeared.
    for (const part of h.plant.images(1, ['IEX.A'])) h.session.images(wanted, part, h.now);
    t.match(h.take(), [
      'item IEX.A',
      'image IEX.A #4',
      'quality IEX.A',
      'item IEX.B',
      'image IEX.B #3',
      'quality IEX.B',
      'update IEX.B #4',
    ]);
  },
);

t.test('a message that cannot be read puts the channel in doubt until new images come', async (t) => {
  const { h, wanted } = joined();
  h.hear(h.plant.say(Uint8Array.of(0xc1, 0xc1)));
  t.same(h.take(), ['quality IEX.A LIVE -> SUSPECT(unreadable)', 'quality IEX.B LIVE -> SUSPECT(unreadable)']);
  h.wait(1);
  t.same(h.effects, ['images IEX.*']);
  h.images(wanted, 7);
  t.equal(h.state('IEX.A'), 'SUSPECT(unreadable)', 'an image from before it says nothing');
  h.wait(100);
  h.images(wanted);
  t.equal(h.state('IEX.A'), 'LIVE');
  t.same(h.quarantined, ['CLIENT_UNREADABLE']);
});

t.test('an unreadable update: an image of that item alone is asked for', async (t) => {
  const { h, wanted } = joined();
  const bytes = quote(0, 10100, 20000);
  h.hear(h.plant.say(bytes.slice(0, bytes.length - 1)));
  t.same(h.take(), ['quality IEX.A LIVE -> SUSPECT(unreadable)']);
  h.wait(1);
  t.same(h.effects, ['images IEX.A']);
  h.hear(h.plant.say(quote(0, 10200, 20000)));
  t.match(h.take(), ['quality IEX.A SUSPECT(unreadable) -> LIVE', 'update IEX.A #8 quote BID=1.0200']);
  h.images(wanted);
  t.same(h.take(), [], 'not needed any more');
});

t.test('nobody to ask: asked as soon as there is', async (t) => {
  const h = new Harness();
  h.connected = false;
  h.plant.say(template(QUOTE), item(0, 'IEX.A'));
  const wanted = h.want('IEX.*');
  h.hear(h.plant.heartbeat());
  h.wait(10);
  t.same(h.effects, []);
  h.connected = true;
  h.session.connectionOpened(h.now);
  t.same(h.effects, ['images IEX.*']);
  h.session.connectionLost();
  h.connected = false;
  h.images(wanted);
  t.same(h.take(), [], 'answers of a connection that is gone');
  h.connected = true;
  h.session.connectionOpened(h.now);
  t.equal(h.effects.length, 2);
  h.images(wanted);
  t.equal(h.state('IEX.A'), 'LIVE');
});

t.test('images that stop coming are overdue', async (t) => {
  const h = new Harness({ imagesTimeoutMs: 100 });
  h.plant.say(template(QUOTE), item(0, 'IEX.A'));
  h.want('IEX.*');
  h.hear(h.plant.heartbeat());
  h.wait(1);
  t.equal(h.session.imagesOverdue(h.now), false);
  h.wait(101);
  t.equal(h.session.imagesOverdue(h.now), true);
});

t.test('faulty images are quarantined and asked for again', async (t) => {
  const h = new Harness();
  h.plant.say(template(QUOTE), item(0, 'IEX.A'));
  const wanted = h.want('IEX.*');
  h.hear(h.plant.heartbeat());
  h.wait(1);
  const [part] = h.plant.images(1, ['IEX.*']);
  h.session.images(wanted, { ...part!, blob: part!.blob.slice(0, -3) }, h.now);
  t.same(h.quarantined, ['CLIENT_BAD_IMAGES']);
  h.wait(60);
  t.equal(h.effects.length, 2);
});

t.test('a second subscription to the same items shares their values and gets its own image', async (t) => {
  const { h } = joined();
  const second = h.want('IEX.A');
  t.match(h.take(), ['item IEX.A', 'image IEX.A #6 BID=1.0000']);
  h.wait(1);
  t.same(h.effects, ['images IEX.A']);
  h.images(second);
  t.same(h.take(), []);
  h.session.removeInterest(second);
  h.hear(h.plant.say(quote(0, 10100, 20000)));
  t.match(h.take(), ['update IEX.A #7']);
});

t.test('many gaps in a row: going bad is told at once, getting better no oftener than the items allow', async (t) => {
  const h = new Harness();
  const messages = [template(QUOTE)];
  for (let i = 0; i < 5000; i++) messages.push(item(i, `IEX.S${i}`));
  h.plant.messages.push(...messages);
  const wanted = h.want('IEX.*');
  h.hear(h.plant.heartbeat());
  h.wait(1);
  h.images(wanted);
  h.wait(100);
  h.take();
  let told = 0;
  for (let i = 0; i < 100; i++) {
    const late = h.plant.say(quote(i, 1, 2));
    h.hear(h.plant.say(quote(i + 1, 1, 2)));
    h.hear(late, ClientLine.REPAIR);
    told += h.take().filter((line) => line.startsWith('quality')).length;
    h.now += MS / 10;
  }
  t.equal(told, 3 * 5000, 'over 10 ms: bad, good after 5 ms, bad');
  h.wait(6);
  t.equal(h.take().length, 5000);
  t.equal(h.state('IEX.S0'), 'LIVE');
});
