// The worked examples of the pcap sheet, section 9.
import {
  CapturedPacket,
  decodeUdp,
  FragmentReassembler,
  PcapEncoder,
  PcapngEncoder,
  parsePackets,
  synthesizeUdpFrame,
  UdpDatagram,
  udpFlow,
} from '@tickerplant/capture';
import { formatEpochNs, toHex } from '@tickerplant/core';
import t, { type Test } from 'tap';
import { fromHex, join } from './support.ts';

const HELLO_FRAME = fromHex(`
  01 00 5e 01 02 03 02 00 00 00 00 01 08 00 45 00 00 21 00 01 40 00 10 11 6f c6 0a 00 00 01 ef 01
  02 03 9c 40 79 19 00 0d 0b e3 48 45 4c 4c 4f`);
const HELLO_IP = HELLO_FRAME.subarray(14);

function packetsOf(file: Uint8Array): CapturedPacket[] {
  const packets: CapturedPacket[] = [];
  const end = parsePackets(file, (packet) => packets.push(packet.copy()));
  t.equal(end.fault, undefined);
  return packets;
}

function decode(linkType: number, bytes: Uint8Array): UdpDatagram {
  const out = new UdpDatagram();
  decodeUdp(linkType, bytes, 0, bytes.length, out);
  return out;
}

function isHello(t: Test, udp: UdpDatagram): void {
  t.equal(udp.outcome, 'udp');
  t.equal(udp.sourceAddress, '10.0.0.1');
  t.equal(udp.sourcePort, 40_000);
  t.equal(udp.destinationAddress, '239.1.2.3');
  t.equal(udp.destinationPort, 31_001);
  t.equal(Buffer.from(udp.payload()).toString(), 'HELLO');
  t.notOk(udp.isTruncated);
}

t.test('9.1 a pcap file in microseconds, little-endian', (t) => {
  const data = new Uint8Array(82).fill(7);
  const header = fromHex('d4c3b2a1 02000400 00000000 00000000 ffff0000 01000000');
  const [packet, ...others] = packetsOf(join(header, fromHex('3665ff58 81650b00 52000000 52000000'), data));
  t.equal(formatEpochNs(packet!.timeNs!), '2017-04-25T15:03:18.746881000Z');
  t.equal(packet!.length, 82);
  t.equal(packet!.originalLength, 82);
  t.equal(packet!.linkType, 1);
  t.same(packet!.data(), data);
  t.equal(others.length, 0);
  t.end();
});

t.test('9.2 a nanosecond pcap with a VLAN tag', (t) => {
  const frame = join(
    fromHex(`
      01 00 5e 36 0c 6f d4 af f7 cb 20 d5 81 00 00 8d 08 00 45 00 00 45 bb ab 40 00 15 11 66 04 ce c8
      7f 8a e9 36 0c 6f c1 f5 67 6d 00 31 5d f5 30 30 30 30 31 30 30 35 39 42 00 00 00 00 00 e1 2f 5a
      00 01 00 13 44 0d bd 00 00 1f 1a ce d8 5a d8 00`),
    new Uint8Array(7), // the sheet leaves out the tail
  );
  const header = fromHex('4d3cb2a1 02000400 00000000 00000000 00000400 01000000');
  const [packet] = packetsOf(join(header, fromHex('58b8e464 22ea0000 57000000 57000000'), frame));
  t.equal(packet!.timeNs, 1_692_711_000_000_059_938n);
  const udp = decode(packet!.linkType, packet!.data());
  t.equal(udp.outcome, 'udp');
  t.same(udp.vlans, [141]);
  t.equal(udp.sourceAddress, '206.200.127.138');
  t.equal(udp.destinationAddress, '233.54.12.111');
  t.equal(udp.sourcePort, 49_653);
  t.equal(udp.destinationPort, 26_477);
  t.equal(udp.payload().length, 41);
  t.equal(Buffer.from(udp.payload().subarray(0, 10)).toString(), '000010059B');
  t.end();
});

t.test('9.3 Ethernet padding stays out of the payload', (t) => {
  const frame = fromHex(`
    00 00 00 00 00 00 00 00 00 00 00 00 08 00 45 00 00 24 ac c4 40 00 14 11 53 fe 00 00 00 00 e9 82
    7c 84 b1 a9 75 31 00 10 dc 98 08 00 00 01 8e 52 00 00 00 00 00 00 00 00 00 00 00 00`);
  const udp = decode(1, frame);
  t.equal(udp.outcome, 'udp');
  t.equal(toHex(udp.payload()), '080000018e520000');
  t.equal(frame.length - udp.ipEnd, 10);
  t.equal(udp.sourceAddress, '0.0.0.0');
  t.end();
});

t.test('9.4 a big-endian nanosecond pcap', (t) => {
  const header = fromHex('a1b23c4d 00020004 00000000 00000000 0000ffff 00000001');
  const [packet] = packetsOf(join(header, fromHex('6553f100 075bcd15 0000002f 0000002f'), HELLO_FRAME));
  t.equal(packet!.timeNs, 1_700_000_000_123_456_789n);
  isHello(t, decode(packet!.linkType, packet!.data()));
  t.end();
});

t.test('9.4 the same frame is synthesised from the payload and the addresses, checksums included', (t) => {
  const out = new Uint8Array(64);
  const payload = Buffer.from('..HELLO..');
  const flow = udpFlow('10.0.0.1', 40_000, '239.1.2.3', 31_001, 16, 1);
  const end = synthesizeUdpFrame(out, 3, flow, payload, 2, 7);
  t.equal(toHex(out, 3, end), toHex(HELLO_FRAME));
  t.end();
});

t.test('9.5 two VLAN tags', (t) => {
  const frame = join(HELLO_FRAME.subarray(0, 12), fromHex('88a8 00c8 8100 0064 0800'), HELLO_IP);
  const udp = decode(1, frame);
  isHello(t, udp);
  t.same(udp.vlans, [200, 100]);
  t.end();
});

t.test('9.6 a VLAN tag inside a Linux cooked header', (t) => {
  const header = fromHex('00 00 00 01 00 06 00 1c 73 27 41 1c 00 00 81 00 08 b9 08 00');
  const udp = decode(113, join(header, HELLO_IP));
  isHello(t, udp);
  t.same(udp.vlans, [2233]);
  t.end();
});

t.test('9.7 SLL, SLL2, NULL and RAW before the same packet', (t) => {
  isHello(t, decode(113, join(fromHex('00 02 00 01 00 06 02 00 00 00 00 01 00 00 08 00'), HELLO_IP)));
  isHello(t, decode(276, join(fromHex('08 00 00 00 00 00 00 02 00 01 02 06 02 00 00 00 00 01 00 00'), HELLO_IP)));
  isHello(t, decode(0, join(fromHex('02 00 00 00'), HELLO_IP)));
  isHello(t, decode(0, join(fromHex('00 00 00 02'), HELLO_IP)));
  isHello(t, decode(108, join(fromHex('00 00 00 02'), HELLO_IP)));
  for (const raw of [101, 12, 14, 228]) isHello(t, decode(raw, HELLO_IP));
  t.end();
});

t.test('9.8 IP options', (t) => {
  const ip = join(
    fromHex('46 00 00 25 00 02 00 00 10 11 1a bd 0a 00 00 01 ef 01 02 03 94 04 00 00'),
    HELLO_IP.subarray(20),
  );
  isHello(t, decode(101, ip));
  t.end();
});

t.test('9.9 two fragments', (t) => {
  const first = fromHex(`
    45 00 00 2c 12 34 20 00 10 11 7d 88 0a 00 00 01 ef 01 02 03 9c 40 79 19 00 30 71 9d 00 01 02 03
    04 05 06 07 08 09 0a 0b 0c 0d 0e 0f`);
  const second = fromHex(`
    45 00 00 2c 12 34 00 03 10 11 9d 85 0a 00 00 01 ef 01 02 03 10 11 12 13 14 15 16 17 18 19 1a 1b
    1c 1d 1e 1f 20 21 22 23 24 25 26 27`);
  const reassembler = new FragmentReassembler();
  const udp = decode(101, first);
  t.equal(udp.outcome, 'fragment');
  t.notOk(reassembler.add(udp, 0));
  decodeUdp(101, second, 0, second.length, udp);
  t.equal(udp.outcome, 'fragment');
  t.ok(reassembler.add(udp, 0));
  t.equal(udp.outcome, 'udp');
  t.equal(toHex(udp.payload()), Array.from({ length: 40 }, (_, i) => i.toString(16).padStart(2, '0')).join(''));
  t.equal(udp.destinationAddress, '239.1.2.3');
  t.equal(udp.destinationPort, 31_001);
  t.end();
});

t.test('9.10 the start of a real pcapng file', (t) => {
  const file = join(
    fromHex(`
      0a 0d 0d 0a 34 00 00 00 4d 3c 2b 1a 01 00 00 00 ff ff ff ff ff ff ff ff 04 00 0d 00 45 64 69 74
      63 61 70 20 32 2e 30 2e 31 00 00 00 00 00 00 00 34 00 00 00
      01 00 00 00 20 00 00 00 01 00 00 00 00 00 04 00 09 00 01 00 09 00 00 00 00 00 00 00 20 00 00 00
      06 00 00 00 60 00 00 00 00 00 00 00 37 53 86 14 e6 73 7c 9d 40 00 00 00 40 00 00 00`),
    new Uint8Array(64),
    fromHex('60 00 00 00'),
  );
  const [packet] = packetsOf(file);
  t.equal(packet!.timeNs, 1_478_961_025_968_272_358n);
  t.equal(packet!.length, 64);
  t.end();
});

const PCAPNG_HELLO = join(
  fromHex(`
    0a 0d 0d 0a 1c 00 00 00 4d 3c 2b 1a 01 00 00 00 ff ff ff ff ff ff ff ff 1c 00 00 00
    01 00 00 00 20 00 00 00 01 00 00 00 00 00 04 00 09 00 01 00 09 00 00 00 00 00 00 00 20 00 00 00
    06 00 00 00 50 00 00 00 00 00 00 00 fe 9c 97 17 15 cd 85 3d 2f 00 00 00 2f 00 00 00`),
  HELLO_FRAME,
  fromHex('00 50 00 00 00'),
);

t.test('9.11 a minimal pcapng file', (t) => {
  const [packet] = packetsOf(PCAPNG_HELLO);
  t.equal(packet!.timeNs, 1_700_000_000_123_456_789n);
  isHello(t, decode(packet!.linkType, packet!.data()));
  t.end();
});

t.test('9.11 the pcapng encoder makes exactly this file', (t) => {
  const packet = Object.assign(new CapturedPacket(), {
    bytes: HELLO_FRAME,
    end: 47,
    originalLength: 47,
    seconds: 1_700_000_000,
    nanoseconds: 123_456_789,
  });
  const encoder = new PcapngEncoder();
  const out = new Uint8Array(256);
  const end = encoder.encodePacket(out, encoder.encodeHeader(out, 0), packet);
  t.equal(end, encoder.headerBytes + encoder.packetBytes(packet));
  t.equal(toHex(out, 0, end), toHex(PCAPNG_HELLO));
  t.end();
});

t.test('9.2 the pcap encoder makes exactly this file header', (t) => {
  const encoder = new PcapEncoder();
  const out = new Uint8Array(24);
  t.equal(encoder.encodeHeader(out, 0), encoder.headerBytes);
  t.equal(toHex(out), '4d3cb2a1020004000000000000000000' + '0000040001000000');
  t.end();
});
