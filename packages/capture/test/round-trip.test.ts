// What the writers make, the parsers read back.
import {
  CapturedPacket,
  decodeUdp,
  LINK_TYPE_ETHERNET,
  type PacketEncoder,
  type PacketToWrite,
  PcapEncoder,
  PcapngEncoder,
  parsePackets,
  synthesizeUdpFrame,
  UDP_FRAME_HEADER_BYTES,
  UdpDatagram,
  udpFlow,
} from '@tickerplant/capture';
import { toHex } from '@tickerplant/core';
import fc from 'fast-check';
import t from 'tap';

const SNAP_LENGTH = 100;
const encoders: [string, () => PacketEncoder, number][] = [
  ['pcap', () => new PcapEncoder(1, SNAP_LENGTH), 1],
  [
    'pcapng',
    () =>
      new PcapngEncoder({
        interfaces: [
          { snapLength: SNAP_LENGTH, name: 'line A' },
          { snapLength: SNAP_LENGTH, linkType: 101 },
          { snapLength: SNAP_LENGTH, name: 'линия Б' },
        ],
        application: 'a test',
      }),
    3,
  ],
];

function encodeAll(encoder: PacketEncoder, packets: readonly PacketToWrite[]): Uint8Array {
  const size = packets.reduce((sum, packet) => sum + encoder.packetBytes(packet), encoder.headerBytes);
  const out = new Uint8Array(size).fill(0xee);
  let at = encoder.encodeHeader(out, 0);
  for (const packet of packets) at = encoder.encodePacket(out, at, packet);
  t.equal(at, size, 'the sizes told before are right');
  return out;
}

for (const [name, make, interfaces] of encoders) {
  const packets = fc.array(
    fc
      .record({
        bytes: fc.uint8Array({ maxLength: 150 }),
        before: fc.nat(10),
        cutBefore: fc.nat(5),
        seconds: fc.oneof(fc.nat(0x7fffffff), fc.constantFrom(0, 0xffffffff)),
        nanoseconds: fc.oneof(fc.nat(999_999_999), fc.constantFrom(0, 999_999_999)),
        interfaceId: fc.nat(interfaces - 1),
      })
      .map(({ before, cutBefore, ...packet }) => ({
        ...packet,
        start: Math.min(before, packet.bytes.length),
        end: packet.bytes.length,
        originalLength: packet.bytes.length - Math.min(before, packet.bytes.length) + cutBefore,
      })),
    { maxLength: 20 },
  );

  t.test(`${name}: time, bytes, lengths and interface come back; long packets are cut at the snap length`, (t) => {
    fc.assert(
      fc.property(packets, (written) => {
        const file = encodeAll(make(), written);
        const read: CapturedPacket[] = [];
        const end = parsePackets(file, (packet) => read.push(packet.copy()));
        if (end.fault !== undefined || end.problems > 0 || read.length !== written.length) return false;
        return written.every((packet, i) => {
          const got = read[i]!;
          return (
            got.seconds === packet.seconds &&
            got.nanoseconds === packet.nanoseconds &&
            got.interfaceId === packet.interfaceId &&
            got.originalLength === packet.originalLength &&
            toHex(got.data()) === toHex(packet.bytes, packet.start, Math.min(packet.end, packet.start + SNAP_LENGTH))
          );
        });
      }),
    );
    t.end();
  });

  t.test(`${name}: a time the format cannot hold is refused`, (t) => {
    const encoder = make();
    const packet = new CapturedPacket();
    for (const [seconds, nanoseconds] of [
      [-1, 0],
      [0x1_0000_0000, 0],
      [0, 1_000_000_000],
      [Number.NaN, 0],
    ] as const) {
      Object.assign(packet, { seconds, nanoseconds });
      t.throws(() => encoder.encodePacket(new Uint8Array(100), 0, packet), { code: 'CAPTURE_BAD_TIME' });
    }
    t.end();
  });
}

t.test('snap lengths that make no sense are refused', (t) => {
  for (const snapLength of [0, -1, 1.5, 2 ** 24, Number.NaN]) {
    t.throws(() => new PcapEncoder(1, snapLength), { code: 'CAPTURE_BAD_OPTION' });
    t.throws(() => new PcapngEncoder({ interfaces: [{ snapLength }] }), { code: 'CAPTURE_BAD_OPTION' });
  }
  t.end();
});

const address = fc.nat(0xffffffff);
const port = fc.nat(65_535);

t.test('a synthesised frame decodes to the same payload, ports and addresses, with right checksums', (t) => {
  const udp = new UdpDatagram();
  fc.assert(
    fc.property(
      address,
      port,
      address,
      port,
      fc.uint8Array({ maxLength: 200 }),
      fc.nat(3),
      (source, sourcePort, destination, destinationPort, payload, at) => {
        const flow = { source, sourcePort, destination, destinationPort, timeToLive: 1, identification: 7 };
        const out = new Uint8Array(at + UDP_FRAME_HEADER_BYTES + payload.length);
        const end = synthesizeUdpFrame(out, at, flow, payload, 0, payload.length);
        decodeUdp(LINK_TYPE_ETHERNET, out, at, end, udp);
        return (
          end === out.length &&
          udp.outcome === 'udp' &&
          udp.source === source &&
          udp.destination === destination &&
          udp.sourcePort === sourcePort &&
          udp.destinationPort === destinationPort &&
          toHex(udp.payload()) === toHex(payload) &&
          onesSum(out.subarray(at + 14, at + 34)) === 0xffff &&
          onesSum(pseudoHeader(out, at), out.subarray(at + 34)) === 0xffff
        );
      },
    ),
  );
  t.end();
});

t.test('a UDP checksum that comes out as 0 is written as 0xffff', (t) => {
  // Found by counting up: one of 65,536 consecutive values must do it.
  const out = new Uint8Array(UDP_FRAME_HEADER_BYTES + 2);
  const flow = udpFlow('0.0.0.0', 0, '0.0.0.0', 0);
  const payload = new Uint8Array(2);
  const seen = new Set<number>();
  for (let value = 0; value <= 0xffff; value++) {
    payload[0] = value >>> 8;
    payload[1] = value;
    synthesizeUdpFrame(out, 0, flow, payload, 0, 2);
    seen.add((out[40]! << 8) | out[41]!);
  }
  t.notOk(seen.has(0));
  t.ok(seen.has(0xffff));
  t.end();
});

t.test('unicast goes to a made-up local address', (t) => {
  const out = new Uint8Array(UDP_FRAME_HEADER_BYTES);
  synthesizeUdpFrame(out, 0, udpFlow('10.0.0.1', 1, '10.0.0.2', 2), out, 0, 0);
  t.equal(toHex(out, 0, 14), '020000000002' + '020000000001' + '0800');
  t.end();
});

t.test('the longest payload fits, a longer one is refused', (t) => {
  const out = new Uint8Array(70_000);
  const flow = udpFlow('10.0.0.1', 1, '239.0.0.1', 2);
  t.equal(synthesizeUdpFrame(out, 0, flow, new Uint8Array(65_507), 0, 65_507), 65_549);
  t.throws(() => synthesizeUdpFrame(out, 0, flow, out, 0, 65_508), { code: 'CAPTURE_BAD_LENGTH' });
  t.end();
});

/** Slow and obvious: one's complement sum of big-endian 16-bit words. */
function onesSum(...parts: readonly Uint8Array[]): number {
  const bytes = Buffer.concat(parts);
  let sum = 0;
  for (let i = 0; i < bytes.length; i += 2) {
    sum += bytes[i]! * 256 + (bytes[i + 1] ?? 0);
    if (sum > 0xffff) sum = (sum % 0x10000) + 1;
  }
  return sum;
}

function pseudoHeader(frame: Uint8Array, at: number): Uint8Array {
  const length = frame.subarray(at + 38, at + 40);
  return Buffer.concat([frame.subarray(at + 26, at + 34), Uint8Array.of(0, 17), length]);
}
