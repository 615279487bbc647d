import { CapturedPacket, decodeUdp, formatIpv6, parseIpv4, UdpDatagram, UdpExtractor } from '@tickerplant/capture';
import t from 'tap';
import { fromHex, join, u } from './support.ts';

const DATA = Buffer.from('market data!');

interface Ip {
  protocol?: number;
  totalLength?: number;
  flags?: number;
  versionAndLength?: number;
}

function udpHeader(payload: Uint8Array, length: number = payload.length + 8): Uint8Array {
  return join(u(2, false, 1111, 2222, length, 0), payload);
}

function ipv4(data: Uint8Array, ip: Ip = {}): Uint8Array {
  const header = join(
    Uint8Array.of(ip.versionAndLength ?? 0x45, 0),
    u(2, false, ip.totalLength ?? 20 + data.length, 99, ip.flags ?? 0),
    Uint8Array.of(64, ip.protocol ?? 17, 0, 0),
    fromHex('0a000001 ef010203'),
  );
  return join(header, data);
}

function ipv6(next: number, data: Uint8Array, payloadLength: number = data.length): Uint8Array {
  const source = fromHex('20010db8 00000000 00000000 00000001');
  const group = fromHex('ff0e0000 00000000 00010000 00000002');
  return join(fromHex('60000000'), u(2, false, payloadLength), Uint8Array.of(next, 64), source, group, data);
}

function ethernet(type: number, data: Uint8Array): Uint8Array {
  return join(new Uint8Array(12), u(2, false, type), data);
}

function decode(linkType: number, bytes: Uint8Array, out: UdpDatagram = new UdpDatagram()): UdpDatagram {
  const padded = join(new Uint8Array(5).fill(0x45), bytes, new Uint8Array(5).fill(0x45));
  decodeUdp(linkType, padded, 5, 5 + bytes.length, out);
  return out;
}

t.test('UDP over IPv4 over Ethernet', (t) => {
  const udp = decode(1, ethernet(0x0800, ipv4(udpHeader(DATA))));
  t.equal(udp.outcome, 'udp');
  t.equal(udp.ipVersion, 4);
  t.equal(udp.source, 0x0a000001);
  t.equal(udp.destination, 0xef010203);
  t.equal(udp.sourcePort, 1111);
  t.equal(udp.destinationPort, 2222);
  t.same(Buffer.from(udp.payload()), DATA);
  t.same(udp.vlans, []);
  t.end();
});

t.test('padding and frame check sequence after the datagram stay out', (t) => {
  const udp = decode(1, join(ethernet(0x0800, ipv4(udpHeader(DATA))), new Uint8Array(10).fill(0xcc)));
  t.same(Buffer.from(udp.payload()), DATA);
  t.end();
});

t.test('a UDP length below that of the IP datagram ends the payload', (t) => {
  const udp = decode(101, ipv4(udpHeader(DATA, 8 + 6)));
  t.equal(udp.outcome, 'udp');
  t.equal(Buffer.from(udp.payload()).toString(), 'market');
  t.notOk(udp.isTruncated);
  t.end();
});

t.test('total length 0, left to the network card: the captured length holds', (t) => {
  const udp = decode(101, ipv4(udpHeader(DATA), { totalLength: 0 }));
  t.equal(udp.outcome, 'udp');
  t.same(Buffer.from(udp.payload()), DATA);
  t.end();
});

t.test('an empty payload is a datagram too', (t) => {
  const udp = decode(101, ipv4(udpHeader(new Uint8Array(0))));
  t.equal(udp.outcome, 'udp');
  t.equal(udp.payload().length, 0);
  t.end();
});

t.test('a packet cut in its payload gives what is there, marked', (t) => {
  const whole = ipv4(udpHeader(DATA));
  const udp = decode(101, whole.subarray(0, whole.length - 5));
  t.equal(udp.outcome, 'udp');
  t.equal(Buffer.from(udp.payload()).toString(), 'market ');
  t.ok(udp.isTruncated);
  t.equal(udp.payloadLength, 12);
  const offloaded = ipv4(udpHeader(DATA), { totalLength: 0 });
  t.ok(decode(101, offloaded.subarray(0, offloaded.length - 5)).isTruncated);
  t.end();
});

t.test('a packet cut in its headers is too short, wherever the cut is', (t) => {
  const frames: [number, Uint8Array][] = [
    [1, ethernet(0x8100, join(fromHex('0001 0800'), ipv4(udpHeader(DATA))))],
    [1, ethernet(0x86dd, ipv6(0, join(fromHex('11 00 00 00 00 00 00 00'), udpHeader(DATA))))],
    [113, join(new Uint8Array(14), fromHex('0800'), ipv4(udpHeader(DATA)))],
    [276, join(fromHex('0800'), new Uint8Array(18), ipv4(udpHeader(DATA)))],
    [0, join(fromHex('02000000'), ipv4(udpHeader(DATA)))],
    [101, ipv4(udpHeader(DATA))],
    [229, ipv6(17, udpHeader(DATA))],
  ];
  for (const [linkType, frame] of frames) {
    t.equal(decode(linkType, frame).outcome, 'udp');
    for (let length = 0; length < frame.length - DATA.length; length++) {
      t.equal(
        decode(linkType, frame.subarray(0, length)).outcome,
        'cut-short',
        `link type ${linkType}, ${length} bytes`,
      );
    }
  }
  t.end();
});

t.test('frames that carry no IP', (t) => {
  t.equal(decode(1, ethernet(0x0806, new Uint8Array(46))).outcome, 'not-ip', 'ARP');
  t.equal(decode(1, ethernet(0x0026, new Uint8Array(46))).outcome, 'not-ip', '802.3');
  t.equal(decode(0, join(fromHex('07000000'), ipv4(udpHeader(DATA)))).outcome, 'not-ip', 'another address family');
  t.equal(decode(0, join(fromHex('02030000'), ipv4(udpHeader(DATA)))).outcome, 'not-ip', 'no address family');
  t.equal(decode(101, fromHex('00112233')).outcome, 'not-ip', 'raw, of another version');
  t.equal(decode(147, ipv4(udpHeader(DATA))).outcome, 'unknown-link-type');
  t.end();
});

t.test('all three kinds of VLAN tag are followed; the priority bits are not part of the id', (t) => {
  const tags = fromHex('9100 f001 88a8 0fff 8100 2064 0800');
  const udp = decode(1, join(new Uint8Array(12), tags, ipv4(udpHeader(DATA))));
  t.equal(udp.outcome, 'udp');
  t.same(udp.vlans, [1, 4095, 100]);
  t.end();
});

t.test('VLAN tags without end are a fault', (t) => {
  const tags = join(...Array.from({ length: 9 }, () => fromHex('8100 0001')));
  t.equal(decode(1, join(new Uint8Array(12), tags, fromHex('0800'), ipv4(udpHeader(DATA)))).outcome, 'bad-link-header');
  t.end();
});

t.test('IP that is not UDP still shows its addresses and its end', (t) => {
  const udp = decode(1, join(ethernet(0x0800, ipv4(DATA, { protocol: 6 })), new Uint8Array(4)));
  t.equal(udp.outcome, 'not-udp');
  t.equal(udp.ipProtocol, 6);
  t.equal(udp.destinationAddress, '239.1.2.3');
  t.equal(udp.bytes.length - 5 - udp.ipEnd, 4);
  t.equal(decode(229, ipv6(6, DATA)).outcome, 'not-udp');
  t.end();
});

t.test('IPv4 headers that contradict themselves', (t) => {
  t.equal(decode(101, ipv4(udpHeader(DATA), { versionAndLength: 0x44 })).outcome, 'bad-ip-header', 'IHL 4');
  t.equal(decode(228, ipv4(udpHeader(DATA), { versionAndLength: 0x55 })).outcome, 'bad-ip-header', 'version 5');
  t.equal(decode(101, ipv4(udpHeader(DATA), { totalLength: 19 })).outcome, 'bad-ip-header', 'total length 19');
  t.end();
});

t.test('UDP lengths that cannot be', (t) => {
  t.equal(decode(101, ipv4(udpHeader(DATA, 7))).outcome, 'bad-udp-length', 'below 8');
  t.equal(decode(101, ipv4(udpHeader(DATA, 21))).outcome, 'bad-udp-length', 'beyond the IP datagram');
  t.equal(decode(101, ipv4(fromHex('00010002'))).outcome, 'bad-udp-length', 'no room for a header');
  t.end();
});

t.test('fragments are not taken for datagrams; those of other protocols do not count as fragments', (t) => {
  t.equal(decode(101, ipv4(udpHeader(DATA), { flags: 0x2000 })).outcome, 'fragment', 'the first');
  const later = decode(101, ipv4(udpHeader(DATA), { flags: 0x2003 }));
  t.equal(later.outcome, 'fragment', 'a later one');
  t.equal(later.fragmentOffset, 24);
  t.equal(later.identification, 99);
  t.ok(later.hasMoreFragments);
  t.equal(decode(101, ipv4(udpHeader(DATA), { flags: 0x0001 })).hasMoreFragments, false, 'the last');
  t.equal(decode(101, ipv4(udpHeader(DATA), { flags: 0x4000 })).outcome, 'udp', 'don’t fragment');
  t.equal(decode(101, ipv4(udpHeader(DATA), { flags: 0x2000, protocol: 6 })).outcome, 'not-udp');
  t.end();
});

t.test('IPv6, by EtherType, by link type and by address family', (t) => {
  const ip = ipv6(17, udpHeader(DATA));
  const families = [24, 28, 30, 10].flatMap((family) => [u(4, true, family), u(4, false, family)]);
  const datagrams = [
    decode(1, ethernet(0x86dd, join(ip, new Uint8Array(4)))),
    decode(229, ip),
    decode(101, ip),
    ...families.map((family) => decode(0, join(family, ip))),
  ];
  for (const udp of datagrams) {
    t.equal(udp.outcome, 'udp');
    t.equal(udp.ipVersion, 6);
    t.equal(udp.sourceAddress, '2001:db8::1');
    t.equal(udp.destinationAddress, 'ff0e::1:0:0:2');
    t.same(Buffer.from(udp.payload()), DATA);
  }
  t.end();
});

t.test('IPv6 extension headers before UDP', (t) => {
  const hopByHop = fromHex('3c 00 050200000000');
  const destination = fromHex('2b 01 0000000000000000000000000000');
  const routing = fromHex('33 00 000000000000');
  const authentication = fromHex('2c 01 0000 00000000 00000000');
  const wholeFragment = fromHex('11 00 0000 00000001');
  const chain = join(hopByHop, destination, routing, authentication, wholeFragment, udpHeader(DATA));
  const udp = decode(229, ipv6(0, chain));
  t.equal(udp.outcome, 'udp');
  t.equal(udp.ipProtocol, 17);
  t.same(Buffer.from(udp.payload()), DATA);
  t.end();
});

t.test('IPv6 fragments are known as such', (t) => {
  const udp = decode(229, ipv6(44, join(fromHex('11 00 0019 00000007'), udpHeader(DATA))));
  t.equal(udp.outcome, 'fragment');
  t.equal(udp.fragmentOffset, 24);
  t.ok(udp.hasMoreFragments);
  t.equal(udp.identification, 7);
  t.equal(decode(229, ipv6(44, join(fromHex('06 00 0019 00000007'), DATA))).outcome, 'not-udp');
  t.end();
});

t.test('an IPv6 header chain that runs out of its datagram is a fault', (t) => {
  t.equal(decode(229, ipv6(0, fromHex('11 09 0000 00000000'))).outcome, 'bad-udp-length');
  t.equal(decode(229, ipv6(0, fromHex('3c 00 0000 00000000'))).outcome, 'bad-ip-header');
  t.end();
});

t.test('a reused result holds nothing of the packet before', (t) => {
  const out = new UdpDatagram();
  decode(1, ethernet(0x8100, join(fromHex('0001 0800'), ipv4(udpHeader(DATA)))), out);
  decode(1, ethernet(0x0806, new Uint8Array(28)), out);
  t.equal(out.outcome, 'not-ip');
  t.equal(out.vlanCount, 0);
  t.equal(out.payload().length, 0);
  t.equal(out.sourcePort, 0);
  t.equal(out.destination, 0);
  t.equal(out.ipVersion, 0);
  t.end();
});

t.test('addresses as text', (t) => {
  const six = (hex: string): string => formatIpv6(fromHex(hex), 0);
  t.equal(six('00000000000000000000000000000000'), '::');
  t.equal(six('00000000000000000000000000000001'), '::1');
  t.equal(six('20010db8000000010001000100010001'), '2001:db8:0:1:1:1:1:1');
  t.equal(six('20010db8000000000001000000000001'), '2001:db8::1:0:0:1');
  t.equal(six('fe800000000000000000000000000000'), 'fe80::');
  t.equal(parseIpv4('239.1.2.3'), 0xef010203);
  for (const bad of ['', '1.2.3', '1.2.3.4.5', '1.2.3.256', '1.2.3.x', '1.2.3.-4', ' 1.2.3.4', '1..2.3', '1.2.3.0x1']) {
    t.throws(() => parseIpv4(bad), { code: 'CAPTURE_BAD_ADDRESS' }, bad);
  }
  t.end();
});

function packet(bytes: Uint8Array, seconds = 0, fcsLength = 0): CapturedPacket {
  return Object.assign(new CapturedPacket(), { bytes, end: bytes.length, linkType: 101, seconds, fcsLength });
}

t.test('the extractor counts every packet by what it was', (t) => {
  const extractor = new UdpExtractor();
  t.ok(extractor.extract(packet(ipv4(udpHeader(DATA)))));
  t.ok(extractor.extract(packet(ipv4(udpHeader(DATA)).subarray(0, 35))), 'a cut one is given all the same');
  t.notOk(extractor.extract(packet(ipv4(DATA, { protocol: 6 }))));
  t.notOk(extractor.extract(packet(fromHex('00'))));
  t.match(extractor.counts, { udp: 2, 'not-udp': 1, 'not-ip': 1, fragment: 0 });
  t.equal(extractor.truncated, 1);
  t.end();
});

t.test('the extractor takes a known frame check sequence off where the IP length is unknown', (t) => {
  const extractor = new UdpExtractor();
  const bytes = join(ipv4(udpHeader(DATA), { totalLength: 0 }), new Uint8Array(4));
  t.equal(extractor.extract(packet(bytes, 0, 4))!.ipEnd, bytes.length - 4);
  t.end();
});

t.test('the extractor puts fragments together, unless told not to', (t) => {
  const data = udpHeader(DATA);
  const fragments = [
    packet(ipv4(data.subarray(0, 16), { flags: 0x2000 })),
    packet(ipv4(data.subarray(16), { flags: 0x0002 })),
  ];
  const extractor = new UdpExtractor();
  t.notOk(extractor.extract(fragments[1]!));
  t.same(Buffer.from(extractor.extract(fragments[0]!)!.payload()), DATA);
  t.match(extractor.counts, { udp: 1, fragment: 1 });
  const counting = new UdpExtractor({ reassembly: false });
  for (const fragment of fragments) t.notOk(counting.extract(fragment));
  t.match(counting.counts, { udp: 0, fragment: 2 });
  t.end();
});
