// Hostile input: parsers and decoders never throw, never read outside their bytes, and always come to an end.
import {
  CapturedPacket,
  decodeUdp,
  MessageFileParser,
  PcapngParser,
  PcapParser,
  type RecordParser,
  UDP_OUTCOMES,
  UdpDatagram,
  UdpExtractor,
} from '@tickerplant/capture';
import fc from 'fast-check';
import t from 'tap';
import {
  block,
  chunksOf,
  enhanced,
  fromHex,
  interfaceBlock,
  join,
  option,
  pcapHeader,
  pcapRecord,
  section,
  seenMessage,
  seenPacket,
  transcript,
  u,
} from './support.ts';

const RUNS = { numRuns: 3000 };
const DATA = fromHex('0102030405');
const FRAGMENT = fromHex(`
  00000000 00000000 00000000 8100 0001 0800 4500 002c 1234 2000 1011 7d88 0a000001 ef010203 9c40 7919 0030 719d
  000102030405060708090a0b0c0d0e0f`);
const V6 = join(
  fromHex('60000000 0018 3c40 20010db8000000000000000000000001 ff0e0000000000000001000000000002'),
  fromHex('1100 000000000000 0001 0002 0010 0000 4142434445464748'),
);
const PCAP = join(
  pcapHeader(true),
  pcapRecord(true, 1, 1, FRAGMENT),
  pcapRecord(true, 1, 1, DATA),
  pcapRecord(true, 3, 3, DATA),
);
const PCAPNG = join(
  section(true),
  interfaceBlock(true, join(option(true, 9, Uint8Array.of(9)), option(true, 14, u(8, true, 5)), option(true, 2, DATA))),
  enhanced(true, 0, 1n, FRAGMENT, option(true, 2, u(4, true, 0x80))),
  block(true, 5, new Uint8Array(12)),
  block(true, 3, join(u(4, true, 5), DATA)),
  section(false),
  interfaceBlock(false),
  enhanced(false, 0, 1n, DATA),
);
const MESSAGES = join(fromHex('0003 414243'), fromHex('0001 44'), fromHex('0000'));

/** A file with some bytes changed, a piece cut out, or all of it random. */
function damaged(sound: Uint8Array): fc.Arbitrary<Uint8Array> {
  const change = fc.tuple(fc.nat(sound.length - 1), fc.constantFrom(0, 1, 4, 0x7f, 0x80, 0xff, 0x0a));
  const changed = fc.array(change, { minLength: 1, maxLength: 6 }).map((changes) => {
    const bytes = sound.slice();
    for (const [at, value] of changes) bytes[at] = value;
    return bytes;
  });
  const cut = fc.tuple(fc.nat(sound.length), fc.nat(sound.length)).map(([a, b]) => {
    return join(sound.subarray(0, Math.min(a, b)), sound.subarray(Math.max(a, b)));
  });
  return fc.oneof(changed, cut, fc.uint8Array({ maxLength: 400 }));
}

function neverThrows<Record>(
  sound: Uint8Array,
  make: () => RecordParser<Record>,
  see: Parameters<typeof transcript<Record>>[2],
): void {
  fc.assert(
    fc.property(damaged(sound), fc.integer({ min: 1, max: 50 }), (bytes, size) => {
      const whole = transcript(make(), [bytes], see);
      const cut = transcript(make(), chunksOf(bytes, size), see);
      const isSame = JSON.stringify(cut, bigints) === JSON.stringify(whole, bigints); // however it is cut
      return isSame && whole.records.length <= bytes.length && whole.offset <= bytes.length;
    }),
    RUNS,
  );
}

t.test('damaged pcap files', (t) => {
  neverThrows(PCAP, () => new PcapParser({ recordBytesMax: 4096 }), seenPacket);
  t.pass('no exception');
  t.end();
});

t.test('damaged pcapng files', (t) => {
  neverThrows(PCAPNG, () => new PcapngParser({ recordBytesMax: 4096 }), seenPacket);
  t.pass('no exception');
  t.end();
});

t.test('damaged message files', (t) => {
  neverThrows(MESSAGES, () => new MessageFileParser(), seenMessage);
  t.pass('no exception');
  t.end();
});

t.test('damaged frames of every link type stay within their bytes', (t) => {
  const linkTypes = fc.constantFrom(0, 1, 12, 14, 101, 108, 113, 228, 229, 276, 147);
  const out = new UdpDatagram();
  fc.assert(
    fc.property(fc.oneof(damaged(FRAGMENT), damaged(V6)), linkTypes, fc.nat(8), (frame, linkType, before) => {
      const bytes = join(new Uint8Array(before), frame, new Uint8Array(80).fill(0x45));
      const end = before + frame.length;
      const outcome = decodeUdp(linkType, bytes, before, end, out);
      const isInside = out.payloadStart <= out.payloadEnd && out.payloadEnd <= end && out.ipEnd <= end;
      return outcome in UDP_OUTCOMES && isInside && out.vlans.length <= 8 && out.sourceAddress !== '';
    }),
    RUNS,
  );
  t.pass('no exception');
  t.end();
});

t.test('damaged fragments', (t) => {
  const extractor = new UdpExtractor({ reassembly: { datagramsMax: 4 } });
  const packet = Object.assign(new CapturedPacket(), { linkType: 1 });
  let packets = 0;
  fc.assert(
    fc.property(damaged(FRAGMENT), (frame) => {
      packet.bytes = frame;
      packet.end = frame.length;
      extractor.extract(packet);
      packets++;
    }),
    RUNS,
  );
  t.equal(
    Object.values(extractor.counts).reduce((sum, count) => sum + count),
    packets,
    'every one is counted',
  );
  t.ok(extractor.reassembler!.unfinished <= 4);
  t.end();
});

function bigints(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? String(value) : value;
}
