import assert from 'node:assert/strict';
import { seededRandom } from '@tickerplant/core';
import { RequestStatus as ItemStatus, RecordTable, type VendorLink } from '@tickerplant/feed-runtime';
import { BlockReader, BlockWriter, type QualityState } from '@tickerplant/records';
import { CounterRegistry } from '@tickerplant/telemetry';
import fc from 'fast-check';
import t from 'tap';
import { encodeImage, encodeUpdate, FRAMES, type VendorValue } from '../src/encoder.ts';
import { FIDS, INTERACTIVE, InteractiveVendor, SimulatedMarket } from '../src/index.ts';
import { ValueKind } from '../src/messages.ts';

const encodeClose = FRAMES.release.bind(FRAMES);
const encodeStatus = FRAMES.status.bind(FRAMES);

const MS = 1_000_000;
const SYMBOLS = ['A', 'B', 'C'];

/** A session and a vendor with a connection between them that carries bytes when told to. */
class Harness {
  readonly told: string[] = [];
  readonly faults: string[] = [];
  readonly values: RecordTable;
  readonly registry = new CounterRegistry();
  readonly market = new SimulatedMarket(SYMBOLS, 3);
  readonly vendor = new InteractiveVendor({ market: this.market, heartbeatLimitMs: 1_000 });
  readonly session;
  hungUp: string | undefined;
  ended = false;
  now = 0;
  toVendor: Uint8Array[] = [];
  toSession: Uint8Array[] = [];
  readonly link: VendorLink = {
    send: (bytes) => void this.toVendor.push(bytes),
    hangUp: (why) => {
      this.hungUp = why;
    },
  };
  readonly client = {
    send: (bytes: Uint8Array) => void this.toSession.push(bytes),
    hangUp: () => {
      this.ended = true;
    },
  };

  constructor(symbols: readonly string[] = SYMBOLS) {
    this.values = new RecordTable(symbols.length, FIDS);
    this.session = INTERACTIVE.createSession({
      symbols,
      user: 'desk',
      values: this.values,
      link: this.link,
      registry: this.registry,
      listener: {
        onAccepted: () => this.told.push('accepted'),
        onImage: (row) => this.told.push(`image ${symbols[row]}`),
        onUpdate: (row) => this.told.push(`update ${symbols[row]}`),
        onStatus: (row, { reason, detail }: QualityState) =>
          this.told.push(`status ${symbols[row]} ${reason} ${detail}`),
      },
      fault: (code, message) => this.faults.push(`${code} ${message}`),
    });
  }

  connect(): void {
    this.toSession = [];
    this.toVendor = [];
    this.hungUp = undefined;
    this.ended = false;
    this.vendor.opened(this.client, this.now);
    this.session.connected(this.now);
    this.carry();
  }

  carry(cut: (bytes: Uint8Array) => Uint8Array[] = (bytes) => [bytes]): void {
    while (this.toVendor.length + this.toSession.length > 0) {
      for (const bytes of this.toVendor.splice(0)) this.vendor.received(this.client, bytes, this.now);
      const bytes = Buffer.concat(this.toSession.splice(0));
      if (bytes.length > 0) for (const piece of cut(bytes)) this.session.received(piece, this.now);
    }
  }

  wait(ms: number): void {
    this.now += ms * MS;
    this.session.tick(this.now);
    this.vendor.tick(this.now);
    this.carry();
  }

  /** Values of a symbol: fid → value as text. */
  shown(row: number): Record<string, string> {
    const writer = new BlockWriter(new Uint8Array(2_000));
    this.values.write(writer, row, this.values.known(row));
    const reader = new BlockReader();
    reader.reset(writer.bytes, 0, writer.at);
    const values: Record<string, string> = {};
    while (reader.at < writer.at) values[String(reader.value())] = String(reader.value());
    return values;
  }

  true(row: number): Record<string, string> {
    const text = (value: VendorValue): string => {
      if (value.kind === ValueKind.BLANK) return 'null';
      if (value.kind === ValueKind.WHOLE) return String(value.value);
      if (value.kind === ValueKind.TEXT) return value.text;
      return `${(value.mantissa / 100).toFixed(2)}`;
    };
    return Object.fromEntries([...this.market.record(row)].map(([id, value]) => [String(FIDS[id - 1]), text(value)]));
  }

  counter(name: string): number {
    return this.registry.snapshot()[0]!.values[name]!;
  }
}

t.test('logs on, requests everything, gets images and then what changes', async (t) => {
  const h = new Harness();
  h.connect();
  t.same(h.told, ['accepted', 'image A', 'image B', 'image C']);
  h.told.length = 0;
  h.vendor.step(50, h.now);
  h.carry();
  t.equal(h.told.length, 50);
  for (let row = 0; row < SYMBOLS.length; row++) t.same(h.shown(row), h.true(row));
  t.same(h.faults, []);
});

t.test('values are the vendor’s wherever the stream is cut', async () => {
  fc.assert(
    fc.property(fc.integer(), fc.integer({ min: 1, max: 40 }), (seed, most) => {
      const random = seededRandom(seed);
      const h = new Harness();
      h.connect();
      for (let i = 0; i < 20; i++) {
        h.vendor.step(5, h.now);
        h.carry((bytes) => {
          const pieces: Uint8Array[] = [];
          for (let at = 0; at < bytes.length; ) {
            const length = 1 + random.below(most);
            pieces.push(bytes.subarray(at, at + length));
            at += length;
          }
          return pieces;
        });
      }
      for (let row = 0; row < SYMBOLS.length; row++) assert.deepEqual(h.shown(row), h.true(row));
      assert.deepEqual(h.faults, []);
    }),
    { numRuns: 50 },
  );
});

t.test('garbage in the stream never crashes: it is kept, or ends the connection', async () => {
  fc.assert(
    fc.property(
      fc.array(fc.uint8Array({ minLength: 1, maxLength: 60 }), { maxLength: 10 }),
      fc.boolean(),
      (pieces, framed) => {
        const h = new Harness();
        h.connect();
        for (const piece of pieces) {
          const frame = Buffer.concat([Buffer.from([0, piece.length]), piece]);
          h.session.received(framed ? frame : piece, h.now);
          h.session.tick(h.now);
        }
        if (h.hungUp === undefined) return;
        h.session.disconnected();
        h.connect();
        for (let row = 0; row < SYMBOLS.length; row++) assert.deepEqual(h.shown(row), h.true(row));
      },
    ),
    { numRuns: 300 },
  );
});

t.test('a message that cannot be used is taken as a whole or not at all, and a new image is asked for', async (t) => {
  const h = new Harness();
  h.connect();
  const before = h.shown(1);
  h.told.length = 0;
  h.session.received(
    encodeUpdate(1, [
      [3, { kind: ValueKind.WHOLE, value: 7 }],
      [2, { kind: ValueKind.TEXT, text: 'not a price' }],
    ]),
    h.now,
  );
  t.same(h.shown(1), before);
  t.match(h.told, [/^status B vendor-fault/]);
  t.match(h.faults, [/INTERACTIVE_BAD_FRAME expected kind 2 for field BID, found 3/]);
  h.session.received(encodeUpdate(1, [[3, { kind: ValueKind.WHOLE, value: 8 }]]), h.now);
  t.same(h.shown(1), before, 'nothing until the image');
  h.carry();
  t.equal(h.told.at(-1), 'image B');
});

t.test('fields that it does not know are passed over, requests that it did not make too', async (t) => {
  const h = new Harness();
  h.connect();
  h.told.length = 0;
  h.session.received(
    encodeUpdate(0, [
      [99, { kind: ValueKind.BLANK }],
      [3, { kind: ValueKind.WHOLE, value: 8 }],
    ]),
    h.now,
  );
  h.session.received(encodeImage(77, []), h.now);
  t.same(h.told, ['update A']);
  t.equal(h.shown(0)['30'], '8');
  t.match([h.counter('unknownFields'), h.counter('strangers')], [1, 1]);
});

t.test('what the vendor says of a symbol', async (t) => {
  const h = new Harness(['A', 'NONE', 'B']);
  h.connect();
  t.ok(h.told.includes('status NONE vendor-says no such symbol'));
  h.vendor.setStale('B', 'not priced');
  h.carry();
  t.equal(h.told.at(-1), 'status B vendor-says not priced');
  h.told.length = 0;
  h.session.received(encodeUpdate(2, [[3, { kind: ValueKind.WHOLE, value: 8 }]]), h.now);
  t.same(h.told, [], 'no update ends it');
  h.vendor.setStale('B', undefined);
  h.carry();
  t.same(h.told, ['image B']);
  h.session.received(encodeStatus(0, ItemStatus.CLOSED, 'over'), h.now);
  t.equal(h.told.at(-1), 'status A vendor-says over');
  for (let i = 0; i < 52; i++) h.wait(100);
  t.equal(h.told.at(-1), 'image A', 'asked for again after a while');
});

t.test('a request that is closed gets no more updates', async (t) => {
  const h = new Harness();
  h.connect();
  h.link.send(encodeClose(1));
  h.carry();
  h.told.length = 0;
  h.vendor.step(100, h.now);
  h.carry();
  t.ok(h.told.includes('update A'));
  t.notOk(h.told.includes('update B'));
});

t.test('a symbol is open under one number: that of the latest request', async (t) => {
  const h = new Harness();
  h.connect();
  h.link.send(FRAMES.request(7, 'B'));
  h.link.send(encodeClose(1));
  h.carry();
  t.equal(h.counter('strangers'), 1, 'the image under 7, which the session has not asked for');
  h.vendor.step(100, h.now);
  h.carry();
  t.ok(h.counter('strangers') > 1, 'and the updates');
});

t.test('heartbeats keep a connection up; silence ends it, on either side', async (t) => {
  const h = new Harness();
  h.connect();
  for (let i = 0; i < 50; i++) h.wait(100);
  t.equal(h.hungUp, undefined);
  t.equal(h.vendor.clients, 1);
  for (let i = 0; i < 12; i++) {
    h.now += 100 * MS;
    h.session.tick(h.now);
  }
  t.equal(h.hungUp, 'nothing heard for 1000 ms');
  h.vendor.tick(h.now);
  t.equal(h.ended, true, 'the vendor has heard nothing either');
  h.session.disconnected();
  h.told.length = 0;
  h.connect();
  t.same(h.told, ['accepted', 'image A', 'image B', 'image C'], 'everything anew');
});

t.test('a logon that is refused, or not answered, or answered with nonsense', async (t) => {
  const refusing = new Harness();
  const full = new InteractiveVendor({ market: refusing.market, heartbeatLimitMs: 1_000, clientsMax: 0 });
  full.opened(refusing.client, 0);
  refusing.session.connected(0);
  full.received(refusing.client, Buffer.concat(refusing.toVendor), 0);
  refusing.session.received(Buffer.concat(refusing.toSession), 0);
  t.equal(refusing.hungUp, 'the vendor refused the logon: too many clients');

  const silent = new Harness();
  silent.session.connected(0);
  silent.session.tick(6_000 * MS);
  t.equal(silent.hungUp, 'no answer to the logon for 5000 ms');

  const odd = new Harness();
  odd.session.connected(0);
  odd.session.received(encodeImage(1, []), 0);
  t.equal(odd.hungUp, 'no sense in the answer to the logon');
  t.same(odd.faults, ['INTERACTIVE_BAD_FRAME expected an answer to the logon, found type 73']);
});

t.test('a request that is not answered is made again, and said to be', async (t) => {
  const h = new Harness();
  h.vendor.opened(h.client, 0);
  h.session.connected(0);
  for (const bytes of h.toVendor.splice(0)) h.vendor.received(h.client, bytes, 0);
  h.session.received(Buffer.concat(h.toSession.splice(0)), 0);
  // The requests are lost on the way, the connection is alive.
  h.toVendor = [];
  for (let i = 0; i < 52; i++) h.wait(100);
  t.ok(h.told.includes('status B vendor-missing the vendor does not answer the request'));
  t.equal(h.counter('unanswered'), 3);
  t.equal(h.told.at(-1), 'image C');
});
