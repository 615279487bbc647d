import assert from 'node:assert/strict';
import { Style } from '@tickerplant/pages';
import fc from 'fast-check';
import t from 'tap';
import { encodeImage, encodeUpdate, FRAMES } from '../src/interactive/encoder.ts';
import { PageFormat } from '../src/payload.ts';
import { MS, ServiceWorld } from './service-world.ts';

const encodeStatus = FRAMES.status.bind(FRAMES);

// A client of the page service against the simulated one, in virtual time.

t.setTimeout(120_000);

t.test('a page is asked for when somebody wants it, and is as the service has it from then on', (t) => {
  for (const format of [PageFormat.ANSI, PageFormat.ROW_FIELDS]) {
    const world = new ServiceWorld({ format });
    world.want('FXSP0001');
    t.ok(world.offered.has('FXSP0001'), 'published as an item before there is anything to show');
    world.connect();
    t.same(world.events, ['accepted', 'image FXSP0001']);
    world.want('NEWS0001', 'TSYS0002');
    t.same(world.open, ['FXSP0001', 'NEWS0001', 'TSYS0002']);
    for (let i = 0; i < 200; i++) {
      world.server.step(3, world.ns);
      world.settle();
      world.pass(500);
    }
    for (const name of world.open) {
      t.same(world.lines(name), world.truth(name), name);
      t.equal(world.quality(name), 'LIVE');
    }
    t.same(world.faults, []);
    const style = world.items.page(world.items.rowOf('FXSP0001'))!.style[6 + 4 * 80]! & ~Style.WRAPPED;
    t.equal(style, format === PageFormat.ANSI ? 3 : 0, 'colours come with ANSI, not with row fields');
  }
  t.end();
});

t.test('pages are the vendor’s wherever the stream is cut', async () => {
  const world = new ServiceWorld({});
  world.want('FXSP0001', 'INDX0001', 'METL0001');
  world.connect();
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 50 }), fc.integer({ min: 1, max: 20 }), (pieces, steps) => {
      world.server.step(steps, world.ns);
      world.settle(pieces);
      for (const name of world.open) assert.deepEqual(world.lines(name), world.truth(name));
    }),
  );
  assert.deepEqual(world.faults, []);
});

t.test('a page that nobody looks at is released after a while, and not before', (t) => {
  const world = new ServiceWorld({}, { lingerMs: 1_000 });
  world.connect();
  world.want('FXSP0001', 'DEPO0001');
  world.leave('FXSP0001');
  world.pass(500);
  t.same(world.open, ['DEPO0001', 'FXSP0001'], 'it lingers');
  const images = world.events.filter((event) => event === 'image FXSP0001').length;
  world.want('FXSP0001');
  world.pass(2_000);
  t.same(world.open, ['DEPO0001', 'FXSP0001'], 'and is there at once for those who come back');
  t.equal(world.events.filter((event) => event === 'image FXSP0001').length, images);
  world.leave('FXSP0001');
  world.pass(1_200);
  t.same(world.open, ['DEPO0001']);
  t.equal(world.events.at(-1), 'withdrawn FXSP0001');
  t.equal(world.items.held, 1, 'and forgotten');
  world.want('FXSP0001');
  t.equal(world.events.at(-1), 'image FXSP0001');
  t.same(world.lines('FXSP0001'), world.truth('FXSP0001'));
  t.end();
});

t.test('pinned pages and the pre-fetch list are asked for at the beginning, pinned ones first', (t) => {
  const world = new ServiceWorld({}, { prefetch: ['DEPO0001', 'DEPO0002'], pinned: ['FXSP0001', 'FXSP0002'] });
  world.connect();
  t.same(
    world.asked.map(({ what }) => what),
    ['FXSP0001', 'FXSP0002', 'DEPO0001', 'DEPO0002'],
  );
  world.want('FXSP0001', 'DEPO0001');
  world.leave('FXSP0001', 'DEPO0001');
  world.pass(5_000);
  t.equal(world.open.length, 4, 'and stay open without anybody looking');
  t.end();
});

t.test('at the limit: who was left first goes first, then the pre-fetched; pinned and looked at stay', (t) => {
  const world = new ServiceWorld({ pagesMax: 4 }, { pinned: ['FXSP0001'], prefetch: ['DEPO0001'], lingerMs: 60_000 });
  world.connect();
  world.want('SWAP0001', 'SWAP0002');
  t.same(world.open, ['DEPO0001', 'FXSP0001', 'SWAP0001', 'SWAP0002']);
  world.leave('SWAP0002');
  world.pass(10);
  world.leave('SWAP0001');
  world.pass(10);
  world.want('NEWS0001');
  t.same(world.open, ['DEPO0001', 'FXSP0001', 'NEWS0001', 'SWAP0001'], 'left first');
  world.want('NEWS0002');
  t.same(world.open, ['DEPO0001', 'FXSP0001', 'NEWS0001', 'NEWS0002'], 'left next');
  world.want('NEWS0003');
  t.same(world.open, ['FXSP0001', 'NEWS0001', 'NEWS0002', 'NEWS0003'], 'pre-fetched');
  world.want('NEWS0004', 'NEWS0005');
  t.same(world.open, ['FXSP0001', 'NEWS0001', 'NEWS0002', 'NEWS0003'], 'no room');
  t.equal(world.quality('NEWS0004'), 'STALE vendor-limit');
  t.equal(world.counter('evictions'), 3);
  t.equal(world.counter('limitWaits'), 2);
  const before = world.asked.length;
  world.pass(20_000);
  t.equal(world.asked.length, before, 'nobody asks again and again where there is no room');
  world.leave('NEWS0002');
  world.pass(10);
  t.same(world.open, ['FXSP0001', 'NEWS0001', 'NEWS0003', 'NEWS0004'], 'who waits gets the first room there is');
  t.equal(world.quality('NEWS0004'), 'LIVE');
  t.equal(world.quality('NEWS0005'), 'STALE vendor-limit');
  world.leave('NEWS0005');
  t.notOk(world.offered.has('NEWS0005'), 'who gives up waiting is gone');
  t.end();
});

t.test('a limit that the vendor does not tell of is learned from its refusal', (t) => {
  const world = new ServiceWorld({ pagesMax: 2 });
  // As if the vendor had told of none.
  world.connect();
  world.cut();
  const real = new ServiceWorld({}, { lingerMs: 0 });
  real.connect();
  real.want('FXSP0001', 'DEPO0001', 'TSYS0001');
  real.say(encodeStatus(3, 4, 'no more'));
  t.equal(real.quality('TSYS0001'), 'STALE vendor-limit');
  real.pass(6_000);
  t.equal(real.asked.filter(({ what }) => what === 'TSYS0001').length, 1, 'not asked again while there is no room');
  real.leave('DEPO0001');
  real.pass(100);
  t.equal(real.quality('TSYS0001'), 'LIVE');
  t.end();
});

t.test('requests keep the agreed pace', (t) => {
  const world = new ServiceWorld({ pages: 400, requestsPerSecond: 50 });
  world.connect();
  world.want(...Array.from({ length: 40 }, (_, i) => `FXSP${String(i + 1).padStart(4, '0')}`));
  world.pass(2_000);
  t.equal(world.open.length, 40);
  t.equal(world.counter('refusals'), 0);
  for (let from = 1_000; from < 3_000; from += 100) {
    const inSecond = world.asked.filter(({ at }) => at >= from && at < from + 1_000).length;
    t.ok(inSecond <= 62, `${inSecond} in a second`);
  }
  const own = new ServiceWorld({ pages: 400 }, { requestsPerSecond: 10 });
  own.connect();
  own.want(...Array.from({ length: 30 }, (_, i) => `FXSP${String(i + 1).padStart(4, '0')}`));
  own.pass(1_000);
  t.ok(own.open.length <= 13 && own.open.length >= 9, `the floor file’s own pace: ${own.open.length}`);
  own.pass(2_500);
  t.equal(own.open.length, 30);
  t.end();
});

t.test('refusals: a page that there is not, one that is closed, requests too fast', (t) => {
  const world = new ServiceWorld({});
  world.connect();
  world.want('NOSUCH', 'FXSP0001');
  t.equal(world.quality('NOSUCH'), 'STALE vendor-says');
  t.equal(world.states.get('NOSUCH')?.detail, 'no such page');
  world.pass(30_000);
  t.equal(world.asked.filter(({ what }) => what === 'NOSUCH').length, 1);
  world.pass(31_000);
  t.equal(world.asked.filter(({ what }) => what === 'NOSUCH').length, 2, 'asked again a minute later');
  world.server.closePage('FXSP0001', 'maintenance', world.ns);
  world.settle();
  t.equal(world.quality('FXSP0001'), 'STALE vendor-says');
  world.pass(5_200);
  t.equal(world.quality('FXSP0001'), 'LIVE', 'asked again, and there');
  const before = world.asked.length;
  world.want('DEPO0001');
  world.say(encodeStatus(world.asked.length, 5, 'slower'));
  t.equal(world.asked.length, before + 1);
  world.want('DEPO0002');
  t.equal(world.asked.length, before + 1, 'none for a second');
  world.pass(1_500);
  t.equal(world.quality('DEPO0001'), 'LIVE');
  t.equal(world.quality('DEPO0002'), 'LIVE');
  t.end();
});

t.test('a request that is not answered is made again, and said to be', (t) => {
  const world = new ServiceWorld({}, { answerMs: 2_000 });
  world.connect();
  world.server.setMute(true);
  world.want('FXSP0001');
  world.pass(1_900);
  t.equal(world.quality('FXSP0001'), '');
  world.pass(300);
  t.equal(world.quality('FXSP0001'), 'STALE vendor-missing');
  t.equal(world.counter('unanswered'), 1);
  t.equal(world.asked.filter(({ what }) => what === 'FXSP0001').length, 2);
  world.server.setMute(false);
  world.pass(2_300);
  t.equal(world.quality('FXSP0001'), 'LIVE');
  t.same(world.open, ['FXSP0001'], 'one request is open, not three');
  t.end();
});

t.test('what the vendor says of a page', (t) => {
  const world = new ServiceWorld({});
  world.connect();
  world.want('FXSP0001');
  world.server.setStale('FXSP0001', 'source lost', world.ns);
  world.settle();
  t.equal(world.quality('FXSP0001'), 'STALE vendor-says');
  world.server.setStale('FXSP0001', undefined, world.ns);
  world.settle();
  t.equal(world.quality('FXSP0001'), 'LIVE');
  t.equal(world.events.at(-1), 'refreshed FXSP0001');
  t.end();
});

t.test('garbage is contained to its page, reported, and a new image is asked for', (t) => {
  const world = new ServiceWorld({});
  world.connect();
  world.want('FXSP0001', 'DEPO0001');
  const other = world.lines('DEPO0001');
  world.server.garble('FXSP0001', world.ns);
  world.settle();
  t.match(world.faults[0], /^PAGES_BAD_CONTENT/);
  t.ok(world.events.includes('status FXSP0001'), 'SUSPECT');
  t.equal(world.quality('FXSP0001'), 'LIVE', 'and good again with the new image');
  t.same(world.lines('FXSP0001'), world.truth('FXSP0001'));
  t.same(world.lines('DEPO0001'), other);
  t.equal(world.hangUps.length, 0);
  t.end();
});

t.test('faulty content, each kind: SUSPECT until an image comes; asked again ever less often', (t) => {
  const contents: Record<string, Uint8Array> = {
    'position outside the page': Buffer.from('\x1b[26;01Hxx'),
    'a sequence in a sequence': Buffer.from('\x1b[5;\x1b[1;1Hxx'),
    'an unknown sequence': Buffer.from('\x1b[5xhello'),
    'eight bits': Buffer.from([0x9b, 0x41]),
  };
  for (const [what, content] of Object.entries(contents)) {
    const world = new ServiceWorld({});
    world.connect();
    world.want('FXSP0001');
    const requests = (): number => world.asked.filter(({ what: name }) => name === 'FXSP0001').length;
    world.session.received(encodeUpdate(1, PageFormat.ANSI, content), world.ns);
    t.equal(world.quality('FXSP0001'), 'SUSPECT vendor-fault', what);
    t.equal(requests(), 1);
    world.server.setMute(true);
    world.settle();
    t.equal(requests(), 2, 'asked for at once');
    world.session.received(encodeUpdate(1, PageFormat.ANSI, content), world.ns);
    world.settle();
    t.equal(requests(), 2, 'and not again for each fault');
    world.server.setMute(false);
    world.pass(6_000);
    t.equal(world.quality('FXSP0001'), 'LIVE');
    t.same(world.lines('FXSP0001'), world.truth('FXSP0001'));
  }
  t.end();
});

t.test('an image that is faulty itself is shown, SUSPECT, and does not make the handler ask without end', (t) => {
  const world = new ServiceWorld({});
  world.connect();
  world.server.setMute(true);
  world.want('FXSP0001');
  let answered = 0;
  for (let i = 0; i < 200; i++) {
    for (; answered < world.asked.length; answered++) {
      world.say(encodeImage(1, PageFormat.ANSI, 25, 80, Buffer.from('\x1b[2J\x1b[1;1HHELLO\x1b[99;1HX')));
    }
    world.pass(500);
  }
  t.equal(world.quality('FXSP0001'), 'SUSPECT vendor-fault');
  t.match(world.lines('FXSP0001')[0], /^HELLO/);
  t.ok(world.asked.length >= 3 && world.asked.length < 12, `${world.asked.length} requests in 100 s`);
  t.end();
});

t.test('pages larger than agreed, of an unknown size or format, are refused as a whole', (t) => {
  const world = new ServiceWorld({});
  world.connect();
  world.server.setMute(true);
  world.want('FXSP0001', 'DEPO0001', 'TSYS0001');
  world.say(encodeImage(1, PageFormat.ANSI, 500, 500, Buffer.from('big')));
  t.equal(world.quality('FXSP0001'), 'SUSPECT vendor-fault');
  world.say(encodeImage(2, PageFormat.ROW_FIELDS, 25, 81, Buffer.from([0, 0])));
  t.equal(world.quality('DEPO0001'), 'SUSPECT vendor-fault');
  world.say(encodeImage(3, 7 as PageFormat, 25, 80, Buffer.from('')));
  t.equal(world.quality('TSYS0001'), 'SUSPECT vendor-fault');
  t.equal(world.items.held, 0);
  t.equal(world.hangUps.length, 0);
  t.end();
});

t.test('after a new connection everything that is wanted is asked for again, and nothing else', (t) => {
  const world = new ServiceWorld({}, { pinned: ['FXSP0001'], lingerMs: 60_000 });
  world.connect();
  world.want('DEPO0001', 'TSYS0001');
  world.leave('TSYS0001');
  world.cut();
  t.ok(world.events.includes('withdrawn TSYS0001'), 'what only lingered is gone');
  world.server.page('FXSP0001')!.step();
  world.connect();
  t.same(world.open, ['DEPO0001', 'FXSP0001']);
  t.same(world.events.slice(-3), ['accepted', 'refreshed FXSP0001', 'refreshed DEPO0001']);
  t.same(world.lines('FXSP0001'), world.truth('FXSP0001'));
  t.end();
});

t.test('silence ends a connection; heartbeats keep it up', (t) => {
  const world = new ServiceWorld({});
  world.connect();
  world.pass(20_000);
  t.same(world.hangUps, []);
  world.pass(3_100, true);
  t.match(world.hangUps[0], /nothing heard for 3000 ms/);
  t.end();
});

t.test('names are bounded, and must be names', (t) => {
  const world = new ServiceWorld({});
  t.equal(world.session.interest('', true, 0), false);
  t.equal(world.session.interest('A B', true, 0), false);
  for (let i = 0; i < 1_000; i++) t.ok(world.session.interest(`N${i}`, true, 0));
  t.equal(world.session.interest('ONE-MORE', true, 0), false);
  t.equal(world.counter('namesRefused'), 3);
  t.equal(world.session.interest('N5', true, 0), true, 'known ones may come again');
  t.end();
});

t.test('any bytes at all: no crash, and other pages stay as they are', async () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 200 }), { maxLength: 10 }), fc.boolean(), (pieces, framed) => {
      const world = new ServiceWorld({});
      world.connect();
      world.want('FXSP0001');
      const truth = world.truth('FXSP0001');
      for (const piece of pieces) {
        // A frame of any content, or a content for a page of which there has been no image.
        const frame = framed
          ? Buffer.concat([Buffer.from([piece.length >> 8, piece.length & 255 || 1]), piece])
          : encodeUpdate(2 + (piece[0] ?? 0), PageFormat.ANSI, piece);
        world.say(frame);
      }
      if (!framed) assert.deepEqual(world.lines('FXSP0001'), truth);
    }),
    { numRuns: 300 },
  );
});

t.test('contents of any kind leave a page of its size, and the next image right', async () => {
  for (const format of [PageFormat.ANSI, PageFormat.ROW_FIELDS]) {
    const world = new ServiceWorld({ format });
    world.connect();
    world.want('FXSP0001');
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (content) => {
        world.session.received(encodeUpdate(1, format, content), world.ns);
        world.settle();
        if (world.quality('FXSP0001') !== 'LIVE') return;
        // What drew without a fault may be anything; an image puts it right.
        world.session.interest('FXSP0001', false, world.ns);
        world.pass(1_200);
        world.want('FXSP0001');
        assert.deepEqual(world.lines('FXSP0001'), world.truth('FXSP0001'));
      }),
      { numRuns: 100 },
    );
  }
});

t.test(
  'any order of wants, leaves, answers and cuts: within the limit, and what is wanted is there in the end',
  async () => {
    const names = ['FXSP0001', 'FXSP0002', 'DEPO0001', 'DEPO0002', 'TSYS0001', 'NEWS0001', 'NOSUCH'];
    const move = fc.tuple(fc.constantFrom('want', 'leave', 'wait', 'step', 'cut', 'garble', 'close'), fc.nat(6));
    fc.assert(
      fc.property(fc.array(move, { maxLength: 60 }), fc.integer({ min: 1, max: 7 }), (moves, pagesMax) => {
        const world = new ServiceWorld(
          { pagesMax, requestsPerSecond: 20 },
          { pinned: ['METL0001'], prefetch: ['SWAP0001'], lingerMs: 300 },
        );
        const wanted = new Set<string>();
        world.connect();
        for (const [what, which] of moves) {
          const name = names[which]!;
          if (what === 'want') {
            wanted.add(name);
            world.want(name);
          } else if (what === 'leave') {
            wanted.delete(name);
            world.leave(name);
          } else if (what === 'wait') world.pass(which * 200);
          else if (what === 'step') {
            world.server.step(which, world.ns);
            world.settle();
          } else if (what === 'cut') {
            world.cut();
            world.connect();
          } else if (what === 'garble') world.server.garble(name, world.ns);
          else world.server.closePage(name, 'closed', world.ns);
          assert(world.open.length <= pagesMax);
        }
        world.pass(70_000);
        for (const name of world.open) {
          assert.deepEqual(world.lines(name), world.truth(name));
          assert.equal(world.quality(name), 'LIVE', name);
        }
        const real = [...wanted].filter((name) => name !== 'NOSUCH');
        const open = new Set(world.open);
        // The pinned one first, then those looked at, as many as there is room for.
        assert(open.has('METL0001'));
        assert.equal(real.filter((name) => open.has(name)).length, Math.min(real.length, pagesMax - 1));
        for (const name of wanted) {
          if (!open.has(name)) assert.match(world.quality(name), /^STALE vendor-(limit|says)$/);
        }
        assert.equal(world.counter('refusals') >= 0, true);
        assert.equal(world.ns, world.now * MS);
      }),
      { numRuns: 200 },
    );
  },
);
