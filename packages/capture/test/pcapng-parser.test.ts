import { PcapngParser } from '@tickerplant/capture';
import type { TickerError } from '@tickerplant/core';
import t from 'tap';
import {
  block,
  chunksOf,
  enhanced,
  fromHex,
  interfaceBlock,
  join,
  option,
  section,
  seenPacket,
  transcript,
  u,
} from './support.ts';

const A = fromHex('00 01 02');
const B = fromHex('10 11 12 13 14');
const NS = (littleEndian: boolean): Uint8Array => option(littleEndian, 9, Uint8Array.of(9));
const END = fromHex('00 00 00 00');

function parse(...file: readonly Uint8Array[]): ReturnType<typeof transcript> {
  return transcript(new PcapngParser(), [join(...file)], seenPacket);
}

function problemsOf(...file: readonly Uint8Array[]): {
  problems: string[];
  records: number;
  fault: string | undefined;
} {
  const problems: string[] = [];
  const parser = new PcapngParser({ onProblem: (problem: TickerError) => problems.push(problem.code) });
  const { records, fault } = transcript(parser, [join(...file)], seenPacket);
  t.equal(parser.problems, problems.length);
  return { problems, records: records.length, fault };
}

for (const littleEndian of [true, false]) {
  const le = littleEndian;
  const order = littleEndian ? 'little-endian' : 'big-endian';

  t.test(`enhanced packets, ${order}`, (t) => {
    const file = [
      section(le),
      interfaceBlock(le),
      enhanced(le, 0, 5_000_001n, A),
      enhanced(le, 0, 6_000_000n, B, END, 99),
    ];
    t.same(parse(...file), {
      records: [
        { number: 1, hex: '000102', offset: 48, timeNs: 5_000_001_000n, original: 3, linkType: 1, interfaceId: 0 },
        { number: 2, hex: '1011121314', offset: 84, timeNs: 6_000_000_000n, original: 99, linkType: 1, interfaceId: 0 },
      ],
      fault: undefined,
      problems: 0,
      offset: 128,
    });
    t.end();
  });

  t.test(`simple packets have no time, and are cut at the snap length of interface 0, ${order}`, (t) => {
    const { records, fault } = parse(
      section(le),
      interfaceBlock(le, undefined, 1, 4),
      block(le, 3, join(u(4, le, 3), A)),
      block(le, 3, join(u(4, le, 5), B.subarray(0, 4))),
    );
    t.equal(fault, undefined);
    t.match(records, [
      { hex: '000102', original: 3, timeNs: undefined },
      { hex: '10111213', original: 5, timeNs: undefined },
    ]);
    t.end();
  });

  t.test(`obsolete packet blocks, ${order}`, (t) => {
    const fixed = join(u(2, le, 1, 77), u(4, le, 0, 3_000_000, A.length, A.length));
    const { records } = parse(
      section(le),
      interfaceBlock(le),
      interfaceBlock(le, undefined, 113),
      block(le, 2, join(fixed, A)),
    );
    t.match(records, [{ hex: '000102', timeNs: 3_000_000_000n, interfaceId: 1, linkType: 113 }]);
    t.end();
  });
}

t.test('several sections, each in its own byte order, number their interfaces anew', (t) => {
  const { records, fault } = parse(
    section(true),
    interfaceBlock(true, undefined, 1),
    interfaceBlock(true, undefined, 113),
    enhanced(true, 1, 1n, A),
    section(false),
    interfaceBlock(false, NS(false), 276),
    enhanced(false, 0, 1n, B),
    section(true),
    interfaceBlock(true, undefined, 101),
    enhanced(true, 0, 2n, A),
  );
  t.equal(fault, undefined);
  t.match(records, [
    { number: 1, linkType: 113, interfaceId: 1, timeNs: 1000n },
    { number: 2, linkType: 276, interfaceId: 0, timeNs: 1n },
    { number: 3, linkType: 101, interfaceId: 0, timeNs: 2000n },
  ]);
  t.end();
});

t.test('an interface may be described after the first packets', (t) => {
  const { records } = parse(
    section(true),
    interfaceBlock(true),
    enhanced(true, 0, 1n, A),
    interfaceBlock(true, NS(true)),
    enhanced(true, 1, 1n, A),
    enhanced(true, 0, 1n, A),
  );
  t.match(records, [{ timeNs: 1000n }, { timeNs: 1n }, { timeNs: 1000n }]);
  t.end();
});

const TICKS = 0x1797_9cfe_3d85_cd15n;
const resolutions: [name: string, tsresol: number, ticks: bigint, ns: bigint][] = [
  ['seconds', 0, 1_700_000_000n, 1_700_000_000_000_000_000n],
  ['milliseconds', 3, 1_700_000_000_123n, 1_700_000_000_123_000_000n],
  ['microseconds', 6, 1_700_000_000_123_456n, 1_700_000_000_123_456_000n],
  ['nanoseconds', 9, TICKS, 1_700_000_000_123_456_789n],
  ['tenths of nanoseconds', 10, TICKS, TICKS / 10n],
  ['picoseconds', 12, TICKS, TICKS / 1000n],
  ['the finest decimal', 127, TICKS, 0n],
  ['1/1024 s', 0x80 | 10, 1_700_000_000n * 1024n + 512n, 1_700_000_000_500_000_000n],
  ['2^-20 s', 0x80 | 20, TICKS, (TICKS * 1_000_000_000n) >> 20n],
  ['2^-30 s', 0x80 | 30, TICKS, (TICKS * 1_000_000_000n) >> 30n],
  ['2^-32 s', 0x80 | 32, TICKS, (TICKS * 1_000_000_000n) >> 32n],
  ['2^-36 s', 0x80 | 36, TICKS, (TICKS * 1_000_000_000n) >> 36n],
  ['2^-37 s', 0x80 | 37, TICKS, (TICKS * 1_000_000_000n) >> 37n],
  ['2^-60 s', 0x80 | 60, TICKS, (TICKS * 1_000_000_000n) >> 60n],
  ['the largest count, in nanoseconds', 9, 0xffff_ffff_ffff_ffffn, 0xffff_ffff_ffff_ffffn],
  [
    'the largest count, in 2^-36 s',
    0x80 | 36,
    0xffff_ffff_ffff_ffffn,
    (0xffff_ffff_ffff_ffffn * 1_000_000_000n) >> 36n,
  ],
];
for (const [name, tsresol, ticks, ns] of resolutions) {
  t.test(`time resolution: ${name}`, (t) => {
    const options = join(option(true, 9, Uint8Array.of(tsresol)), END);
    const { records } = parse(section(true), interfaceBlock(true, options), enhanced(true, 0, ticks, A));
    t.equal(records[0]?.timeNs, ns);
    t.end();
  });
}

for (const littleEndian of [true, false]) {
  t.test(`time offset: seconds are added, below zero too, ${littleEndian ? 'little' : 'big'}-endian`, (t) => {
    const at = (offset: number): bigint | undefined => {
      const options = join(NS(littleEndian), option(littleEndian, 14, u(8, littleEndian, offset)));
      return parse(
        section(littleEndian),
        interfaceBlock(littleEndian, options),
        enhanced(littleEndian, 0, 5_000_000_007n, A),
      ).records[0]?.timeNs;
    };
    t.equal(at(1_700_000_000), 1_700_000_005_000_000_007n);
    t.equal(at(-3), 2_000_000_007n);
    t.end();
  });
}

t.test('time offset: one beyond all reason is a problem and counts as 0', (t) => {
  const options = option(true, 14, u(8, true, 1n << 62n));
  const file = [section(true), interfaceBlock(true, options), enhanced(true, 0, 1_000_000n, A)];
  t.same(problemsOf(...file), { problems: ['CAPTURE_BAD_OPTION'], records: 1, fault: undefined });
  t.equal(parse(...file).records[0]?.timeNs, 1_000_000_000n);
  t.end();
});

t.test('interface options: name and frame check sequence, without an end mark', (t) => {
  const parser = new PcapngParser();
  const options = join(option(true, 2, Buffer.from('eth0\0')), option(true, 13, Uint8Array.of(4)), NS(true));
  parser.feed(join(section(true), interfaceBlock(true, options, 1, 0), enhanced(true, 0, 1n, new Uint8Array(64))));
  t.ok(parser.next());
  t.equal(parser.record.fcsLength, 4);
  t.equal(parser.record.timeNs, 1n, 'the last option is read too');
  t.same(parser.interfaces, [{ id: 0, linkType: 1, snapLength: 0, fcsLength: 4, name: 'eth0' }]);
  t.end();
});

t.test('the flags of a packet overrule its interface’s frame check sequence', (t) => {
  const parser = new PcapngParser();
  const comment = option(true, 1, Buffer.from('hello'));
  const flags = join(comment, option(true, 2, u(4, true, 2 << 5)), END);
  parser.feed(
    join(section(true), interfaceBlock(true, option(true, 13, Uint8Array.of(4))), enhanced(true, 0, 1n, B, flags)),
  );
  t.ok(parser.next());
  t.equal(parser.record.fcsLength, 2);
  t.end();
});

t.test('blocks that are not read are skipped by their length', (t) => {
  const { records, fault } = parse(
    section(true, join(option(true, 4, Buffer.from('someone')), END)),
    block(true, 4, new Uint8Array(20)),
    interfaceBlock(true),
    block(true, 5, new Uint8Array(24)),
    enhanced(true, 0, 1n, A),
    block(true, 0x0bad, new Uint8Array(100_000)),
    block(true, 0x4000_0bad, new Uint8Array(0)),
    block(true, 0x7777_7777, new Uint8Array(4)),
    enhanced(true, 0, 2n, B),
    block(true, 10, new Uint8Array(8)),
  );
  t.equal(fault, undefined);
  t.same(
    records.map((record) => record.hex),
    ['000102', '1011121314'],
  );
  t.end();
});

t.test('a skipped block longer than recordBytesMax takes no memory and is no fault', (t) => {
  const parser = new PcapngParser({ recordBytesMax: 1000 });
  const file = join(
    section(true),
    interfaceBlock(true),
    block(true, 0x0bad, new Uint8Array(5000)),
    enhanced(true, 0, 1n, A),
  );
  const { records, fault } = transcript(parser, chunksOf(file, 100), seenPacket);
  t.equal(fault, undefined);
  t.equal(records.length, 1);
  t.end();
});

t.test('a packet block longer than recordBytesMax is a fault before it is held', (t) => {
  const parser = new PcapngParser({ recordBytesMax: 1000 });
  const start = join(u(4, true, 6, 0xffff_fff0), new Uint8Array(8));
  const { fault } = transcript(parser, [join(section(true), interfaceBlock(true), start)], seenPacket);
  t.equal(fault, 'CAPTURE_RECORD_TOO_LONG');
  t.end();
});

t.test(
  'a length that is no multiple of 4: rounded up where the closing copy says so, taken as it is otherwise',
  (t) => {
    const odd = (type: number, body: Uint8Array, padded: boolean): Uint8Array => {
      const length = u(4, true, body.length + 12);
      const padding = new Uint8Array(padded ? (4 - (body.length % 4)) % 4 : 0);
      return join(u(4, true, type), length, body, padding, length);
    };
    const packet = join(u(4, true, 0, 0, 1, B.length, B.length), B);
    const { records, fault } = parse(
      section(true),
      interfaceBlock(true),
      odd(6, packet, true),
      odd(0x0bad, B, false),
      odd(6, packet, false),
      odd(0x0bad, A, true),
      odd(6, packet, false),
    );
    t.equal(fault, undefined);
    t.same(
      records.map((record) => record.hex),
      ['1011121314', '1011121314', '1011121314'],
    );
    t.end();
  },
);

t.test('broken block lengths are faults: nothing after them can be trusted', (t) => {
  const good = join(section(true), interfaceBlock(true), enhanced(true, 0, 1n, A));
  const wrongClosing = enhanced(true, 0, 1n, A);
  wrongClosing[wrongClosing.length - 4]! += 4;
  const wrongClosingSkipped = block(true, 5, new Uint8Array(8));
  wrongClosingSkipped[wrongClosingSkipped.length - 4]! += 4;
  for (const bad of [wrongClosing, wrongClosingSkipped, u(4, true, 6, 8, 8), u(4, true, 5, 0, 0)]) {
    const { records, fault } = parse(good, bad, enhanced(true, 0, 1n, B));
    t.equal(fault, 'CAPTURE_BAD_LENGTH');
    t.equal(records.length, 1, 'what came before is given');
  }
  t.end();
});

t.test('blocks that make no sense within sound lengths are problems, and stepped over', (t) => {
  const head = [section(true), interfaceBlock(true)];
  const tail = enhanced(true, 0, 1n, A);
  const tooLong = join(u(4, true, 0, 0, 1, 50, 50), new Uint8Array(40));
  const cases: [string, Uint8Array][] = [
    ['CAPTURE_UNKNOWN_INTERFACE', enhanced(true, 1, 1n, A)],
    ['CAPTURE_BAD_BLOCK', block(true, 6, tooLong)],
    ['CAPTURE_BAD_BLOCK', block(true, 6, new Uint8Array(8))],
    ['CAPTURE_BAD_BLOCK', block(true, 2, tooLong)],
    ['CAPTURE_BAD_BLOCK', block(true, 3, join(u(4, true, 9), A))],
    ['CAPTURE_BAD_BLOCK', block(true, 3, new Uint8Array(0))],
    ['CAPTURE_BAD_OPTION', interfaceBlock(true, u(2, true, 2, 100))],
  ];
  for (const [code, bad] of cases) {
    t.same(problemsOf(...head, bad, tail), { problems: [code], records: 1, fault: undefined });
  }
  t.end();
});

t.test('a simple packet without any interface is a problem', (t) => {
  const file = [section(true), block(true, 3, join(u(4, true, 3), A)), interfaceBlock(true), enhanced(true, 0, 1n, A)];
  t.same(problemsOf(...file), { problems: ['CAPTURE_UNKNOWN_INTERFACE'], records: 1, fault: undefined });
  t.end();
});

t.test('headers of other kinds and versions are faults', (t) => {
  t.equal(parse(interfaceBlock(true)).fault, 'CAPTURE_BAD_MAGIC', 'no section header');
  const noOrder = section(true);
  noOrder[8] = 0;
  t.equal(parse(noOrder).fault, 'CAPTURE_BAD_MAGIC');
  const version2 = section(true);
  version2[12] = 2;
  t.equal(parse(version2).fault, 'CAPTURE_BAD_VERSION');
  const minor2 = section(true);
  minor2[14] = 2;
  t.equal(parse(minor2).fault, undefined);
  t.equal(parse(block(true, 0x0a0d0d0a, u(4, true, 0x1a2b3c4d))).fault, 'CAPTURE_BAD_LENGTH');
  t.end();
});

t.test('more interfaces than anyone has are a fault', (t) => {
  const parser = new PcapngParser();
  const many = join(...Array.from({ length: 1024 }, () => interfaceBlock(true)));
  const { fault } = transcript(parser, [section(true), ...Array.from({ length: 65 }, () => many)], seenPacket);
  t.equal(fault, 'CAPTURE_TOO_MANY_INTERFACES');
  t.end();
});

const MIXED_BLOCKS = [
  section(true),
  interfaceBlock(true, join(NS(true), END)),
  enhanced(true, 0, 1n, A, join(option(true, 2, u(4, true, 0)), END)),
  block(true, 5, new Uint8Array(9)),
  section(false),
  interfaceBlock(false),
  enhanced(false, 0, 1n, B),
  block(false, 3, join(u(4, false, 3), A)),
];
const MIXED = join(...MIXED_BLOCKS);

t.test('every split point of a file gives the same', (t) => {
  const whole = JSON.stringify(transcript(new PcapngParser(), [MIXED], seenPacket), bigints);
  t.match(whole, /"number":3/);
  for (let first = 0; first <= MIXED.length; first++) {
    for (let second = first; second <= MIXED.length; second++) {
      const chunks = [MIXED.subarray(0, first), MIXED.subarray(first, second), MIXED.subarray(second)];
      const cut = JSON.stringify(transcript(new PcapngParser(), chunks, seenPacket), bigints);
      if (cut !== whole) t.fail(`split at ${first} and ${second}: ${cut}`);
    }
  }
  for (const size of [1, 2, 3, 5, 7, 11]) {
    const cut = JSON.stringify(transcript(new PcapngParser(), chunksOf(MIXED, size), seenPacket), bigints);
    t.equal(cut, whole, `${size} bytes at a time`);
  }
  t.end();
});

t.test('a file that ends anywhere inside a block gives what is complete, and says so', (t) => {
  let end = 0;
  const ends = MIXED_BLOCKS.map((one) => {
    end += one.length;
    return end;
  });
  for (let length = 1; length < MIXED.length; length++) {
    const { fault } = parse(MIXED.subarray(0, length));
    t.equal(fault, ends.includes(length) ? undefined : 'CAPTURE_TRUNCATED', `${length} bytes`);
  }
  t.equal(parse().fault, 'CAPTURE_TRUNCATED', 'no byte at all');
  t.end();
});

function bigints(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? String(value) : value;
}
