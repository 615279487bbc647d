import { PcapParser } from '@tickerplant/capture';
import t from 'tap';
import { chunksOf, fromHex, join, pcapHeader, pcapRecord, seenPacket, transcript, u } from './support.ts';

const MICRO = 0xa1b2c3d4;
const NANO = 0xa1b23c4d;
const MODIFIED = 0xa1b2cd34;
const A = fromHex('00 01 02');
const B = fromHex('10 11 12 13 14');

function parse(...file: readonly Uint8Array[]): ReturnType<typeof transcript> {
  return transcript(new PcapParser(), [join(...file)], seenPacket);
}

for (const littleEndian of [true, false]) {
  const order = littleEndian ? 'little-endian' : 'big-endian';

  t.test(`microseconds, ${order}`, (t) => {
    const file = [
      pcapHeader(littleEndian, MICRO),
      pcapRecord(littleEndian, 7, 8, A),
      pcapRecord(littleEndian, 9, 1, B, 500),
    ];
    t.same(parse(...file), {
      records: [
        { number: 1, hex: '000102', offset: 24, timeNs: 7_000_008_000n, original: 3, linkType: 1, interfaceId: 0 },
        {
          number: 2,
          hex: '1011121314',
          offset: 43,
          timeNs: 9_000_001_000n,
          original: 500,
          linkType: 1,
          interfaceId: 0,
        },
      ],
      fault: undefined,
      problems: 0,
      offset: 64,
    });
    t.end();
  });

  t.test(`nanoseconds, ${order}`, (t) => {
    const { records } = parse(pcapHeader(littleEndian, NANO), pcapRecord(littleEndian, 4_294_967_295, 999_999_999, A));
    t.equal(records[0]?.timeNs, 4_294_967_295_999_999_999n);
    t.end();
  });

  t.test(`modified records carry an interface index in longer headers, ${order}`, (t) => {
    const record = join(u(4, littleEndian, 7, 8, 3, 3, 42), u(2, littleEndian, 0x0800), fromHex('04 00'), A);
    const { records, fault } = parse(pcapHeader(littleEndian, MODIFIED), record, record);
    t.equal(fault, undefined);
    t.equal(records.length, 2);
    t.match(records[1], { hex: '000102', interfaceId: 42, timeNs: 7_000_008_000n });
    t.end();
  });
}

t.test('every split point of a file gives the same', (t) => {
  const file = join(
    pcapHeader(true, NANO),
    pcapRecord(true, 1, 1, A),
    pcapRecord(true, 2, 2, new Uint8Array(0)),
    pcapRecord(true, 3, 3, B),
  );
  const whole = transcript(new PcapParser(), [file], seenPacket);
  t.equal(whole.records.length, 3);
  for (let first = 0; first <= file.length; first++) {
    for (let second = first; second <= file.length; second++) {
      const chunks = [file.subarray(0, first), file.subarray(first, second), file.subarray(second)];
      const cut = transcript(new PcapParser(), chunks, seenPacket);
      if (JSON.stringify(cut, bigints) !== JSON.stringify(whole, bigints)) t.fail(`split at ${first} and ${second}`);
    }
  }
  t.same(transcript(new PcapParser(), chunksOf(file, 1), seenPacket), whole, 'one byte at a time');
  t.end();
});

t.test('a file that ends anywhere inside a record gives what is complete, and says so', (t) => {
  const whole = join(pcapHeader(true), pcapRecord(true, 1, 1, A), pcapRecord(true, 2, 2, B));
  for (let length = 0; length < whole.length; length++) {
    const { records, fault } = parse(whole.subarray(0, length));
    const isBetween = length === 24 || length === 43;
    t.equal(fault, isBetween ? undefined : 'CAPTURE_TRUNCATED', `${length} bytes`);
    t.equal(records.length, length < 43 ? 0 : 1);
  }
  t.end();
});

t.test('the fault says file, record and offset', (t) => {
  const parser = new PcapParser({ name: 'x.pcap' });
  parser.feed(join(pcapHeader(true), pcapRecord(true, 1, 1, A), pcapRecord(true, 2, 2, B).subarray(0, 18)));
  while (parser.next());
  parser.end();
  t.notOk(parser.next());
  t.match(parser.fault, {
    code: 'CAPTURE_TRUNCATED',
    message: 'the file ends inside a record: expected 21 bytes, got 18',
    context: { file: 'x.pcap', record: 2, offset: 43 },
  });
  t.end();
});

t.test('a file of a header only is valid', (t) => {
  t.same(parse(pcapHeader(true)), { records: [], fault: undefined, problems: 0, offset: 24 });
  t.end();
});

t.test('a second and more in the fraction is carried over', (t) => {
  const { records } = parse(pcapHeader(true, MICRO), pcapRecord(true, 10, 2_500_000, A));
  t.equal(records[0]?.timeNs, 12_500_000_000n);
  t.end();
});

t.test('captured length: up to 262,144 whatever the snap length', (t) => {
  t.equal(parse(pcapHeader(true, NANO, 100), pcapRecord(true, 1, 1, new Uint8Array(262_144))).records.length, 1);
  const { records, fault } = parse(pcapHeader(true, NANO, 100), pcapRecord(true, 1, 1, new Uint8Array(262_145)));
  t.equal(records.length, 0);
  t.equal(fault, 'CAPTURE_BAD_LENGTH');
  t.end();
});

t.test('captured length: above 262,144 if the snap length allows it, or is 0', (t) => {
  for (const snapLength of [300_000, 0]) {
    const { records, fault } = parse(
      pcapHeader(true, NANO, snapLength),
      pcapRecord(true, 1, 1, new Uint8Array(300_000)),
    );
    t.equal(fault, undefined);
    t.equal(records.length, 1);
  }
  t.end();
});

t.test('captured length: no more than recordBytesMax, however large the snap length', (t) => {
  for (const snapLength of [0, 0xffffffff]) {
    const parser = new PcapParser({ recordBytesMax: 1000 });
    const record = u(4, true, 1, 1, 0xfffffff0, 0xfffffff0);
    const { fault } = transcript(parser, [join(pcapHeader(true, NANO, snapLength), record)], seenPacket);
    t.equal(fault, 'CAPTURE_RECORD_TOO_LONG');
  }
  t.end();
});

t.test('link type: the upper bits are taken off, and the frame check sequence they tell of is known', (t) => {
  const parser = new PcapParser();
  const record = pcapRecord(true, 1, 1, new Uint8Array(64));
  const cut = pcapRecord(true, 1, 1, new Uint8Array(62), 64);
  const cutMore = pcapRecord(true, 1, 1, new Uint8Array(50), 64);
  parser.feed(join(pcapHeader(true, NANO, 65_535, 0x2400_0001), record, cut, cutMore));
  t.ok(parser.next());
  t.equal(parser.record.linkType, 1);
  t.equal(parser.record.fcsLength, 4);
  t.ok(parser.next());
  t.equal(parser.record.fcsLength, 2, 'a cut took two of its bytes');
  t.ok(parser.next());
  t.equal(parser.record.fcsLength, 0, 'a cut took it all');
  t.same(parser.interfaces, [{ id: 0, linkType: 1, snapLength: 65_535, fcsLength: 4, name: undefined }]);
  t.end();
});

t.test('link type: upper bits without the mark say nothing', (t) => {
  const parser = new PcapParser();
  parser.feed(join(pcapHeader(true, NANO, 65_535, 0x2000_0001), pcapRecord(true, 1, 1, new Uint8Array(64))));
  t.ok(parser.next());
  t.equal(parser.record.linkType, 1);
  t.equal(parser.record.fcsLength, 0);
  t.end();
});

t.test('a wrong magic number or version is a fault', (t) => {
  t.equal(parse(new Uint8Array(24)).fault, 'CAPTURE_BAD_MAGIC');
  const header = pcapHeader(true);
  header[4] = 3;
  t.equal(parse(header).fault, 'CAPTURE_BAD_VERSION');
  t.end();
});

t.test('a borrowed packet can be copied to keep it', (t) => {
  const parser = new PcapParser();
  const file = join(pcapHeader(true), pcapRecord(true, 5, 6, A));
  parser.feed(file);
  t.ok(parser.next());
  const copy = parser.record.copy();
  file.fill(0xee);
  t.same(copy.data(), A);
  t.equal(copy.timeNs, 5_000_000_006n);
  t.equal(copy.length, 3);
  t.end();
});

function bigints(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? String(value) : value;
}
