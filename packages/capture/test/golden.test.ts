// Real captures against their independent ground truth.

import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import {
  openMessageCapture,
  openPacketCapture,
  parsePackets,
  type UdpDatagram,
  UdpExtractor,
} from '@tickerplant/capture';
import { toHex } from '@tickerplant/core';
import { sharedDir } from '@tickerplant/testkit';
import t from 'tap';

interface Truth {
  file: string;
  packets?: number;
  messages: number;
  messagesSha256: string;
  firstTime?: string;
  lastTime?: string;
  timestampsGoingBackwards?: number;
  trailingBytesAfterIp?: Record<string, number>;
  vlanIds?: Record<string, number>;
  fragmentedPackets?: number;
  uncompressedBytes?: number;
  bytes: number;
  streams?: Record<string, { packets?: number }>;
}

interface SinglePacket {
  file: string;
  pkt: number;
  t: string;
  src?: string;
  dst?: string;
  dport?: number;
  payload?: string;
}

const captures = sharedDir('captures');
const needed = { skip: captures === undefined ? 'needs shared captures' : false };

function truthOf(name: string): Truth {
  return JSON.parse(readFileSync(join(captures!, `${name}.truth.json`), 'utf8')) as Truth;
}

/** `1409537199.282409000` → nanoseconds. */
function epochNs(text: string): bigint {
  const [seconds, fraction] = text.split('.');
  return BigInt(seconds!) * 1_000_000_000n + BigInt(fraction!.padEnd(9, '0'));
}

function count(counts: Record<string, number>, key: string | number): void {
  counts[key] = (counts[key] ?? 0) + 1;
}

/** Streams of the truth files are named `source>group:port/…`. */
function flow(udp: UdpDatagram): string {
  return `${udp.sourceAddress}>${udp.destinationAddress}:${udp.destinationPort}`;
}

const PACKET_FILES = [
  'bats-pitch-2014-09-01-realtime',
  'cfe-pitch-1.1.6-2019-05-01.first6000',
  'cme-mdp3-v6-2016-11-12-ab',
  'cme-mdp3-v9-2018-09-12-multichannel',
  'ice-impact-1.1.33-2018-08-21',
  'iex-deep10-2017-04-25.first20000',
  'iex-tops16-2017-07-10',
  'iex-tops16-2018-01-03.two-packets',
  'miax-tom19-2016-10-18-vlan',
  'nyse-xdp-imbalances-2017-09-29',
];

for (const name of PACKET_FILES) {
  t.test(`${name}: packets, times, VLANs, padding and streams as in the ground truth`, needed, async (t) => {
    const truth = truthOf(name);
    const capture = await openPacketCapture(join(captures!, truth.file));
    const extractor = new UdpExtractor();
    const trailing: Record<string, number> = {};
    const vlans: Record<string, number> = {};
    const flows: Record<string, number> = {};
    const expected: Record<string, number> = {};
    let first: bigint | undefined;
    let last = 0n;
    let backwards = 0;
    const end = await capture.read((packet) => {
      const time = packet.timeNs!;
      if (time < last) backwards++;
      first ??= time;
      last = time;
      const udp = extractor.extract(packet);
      count(trailing, packet.end - extractor.datagram.ipEnd);
      for (const vlan of extractor.datagram.vlans) count(vlans, vlan);
      if (udp !== undefined) count(flows, flow(udp));
    });
    t.equal(end.records, truth.packets);
    t.equal(first, epochNs(truth.firstTime!));
    t.equal(last, epochNs(truth.lastTime!));
    t.equal(backwards, truth.timestampsGoingBackwards);
    t.same(trailing, truth.trailingBytesAfterIp);
    t.same(vlans, truth.vlanIds);
    t.equal(extractor.counts.fragment, truth.fragmentedPackets);
    t.equal(extractor.truncated, 0);
    const isWhole = !name.endsWith('two-packets');
    t.equal(end.fault?.code, isWhole ? undefined : 'CAPTURE_TRUNCATED');
    if (isWhole) t.equal(end.bytes, truth.uncompressedBytes ?? truth.bytes);
    t.equal(end.problems, 0);
    t.equal(capture.isCompressed, truth.file.endsWith('.gz'));
    const notUdp = name.startsWith('cme-mdp3-v9') ? 1 : 0; // packet 74 is PIM
    t.equal(extractor.counts.udp, truth.packets! - notUdp);
    for (const [stream, { packets }] of Object.entries(truth.streams!)) {
      const name = stream.split('/')[0]!;
      if (packets === undefined) t.ok(flows[name]! > 0, `stream ${name}`);
      else expected[name] = (expected[name] ?? 0) + packets;
    }
    t.match(flows, expected, 'packets of each stream');
  });
}

t.test('the file that ends inside a record: two packets, then record 3 is said to be cut', needed, async (t) => {
  const path = join(captures!, truthOf('iex-tops16-2018-01-03.two-packets').file);
  const end = await (await openPacketCapture(path)).read(() => {});
  t.match(end, { records: 2, fault: { code: 'CAPTURE_TRUNCATED', context: { file: path, record: 3 } } });
});

t.test('a TCP capture: every packet is there, none is UDP', needed, async (t) => {
  const truth = truthOf('bats-pitch-2014-09-01-gap-request-tcp');
  const extractor = new UdpExtractor();
  const capture = await openPacketCapture(join(captures!, truth.file));
  const end = await capture.read((packet) => extractor.extract(packet));
  t.equal(end.records, truth.packets);
  t.equal(extractor.counts['not-udp'], truth.packets);
});

t.test('the ITCH daily file: messages and their digest as in the ground truth', needed, async (t) => {
  const truth = truthOf('nasdaq-itch50-start-of-day');
  const capture = await openMessageCapture(join(captures!, truth.file));
  t.equal(capture.format, 'binaryfile', 'guessed');
  const digest = createHash('sha256');
  const end = await capture.read((message) => digest.update(message.bytes.subarray(message.start - 2, message.end)));
  t.equal(end.records, truth.messages);
  t.equal(end.fault, undefined);
  t.notOk(end.endOfSession);
  t.equal(digest.digest('hex'), truth.messagesSha256);
});

t.test('single messages: time, addresses and payload of each packet', needed, (t) => {
  const folder = join(captures!, 'single-messages');
  const lines = readFileSync(join(folder, 'truth.jsonl'), 'utf8').trim().split('\n');
  const expected = new Map<string, SinglePacket[]>();
  for (const line of lines) {
    const one = JSON.parse(line) as SinglePacket;
    expected.set(one.file, [...(expected.get(one.file) ?? []), one]);
  }
  let compared = 0;
  let files = 0;
  for (const path of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    if (!path.endsWith('.pcap')) continue;
    files++;
    const truths = expected.get(path);
    if (truths === undefined) t.fail(`${path} has no truth`);
    const extractor = new UdpExtractor();
    const end = parsePackets(
      readFileSync(join(folder, path)),
      (packet) => {
        const truth = truths?.find((one) => one.pkt === packet.number);
        if (truth === undefined) return;
        const udp = extractor.extract(packet);
        const { datagram } = extractor;
        const got = {
          t: packet.timeNs,
          src: datagram.sourceAddress,
          dst: datagram.destinationAddress,
          dport: udp?.destinationPort,
          payload: udp && toHex(udp.payload()),
        };
        const isUdp = truth.dport !== undefined && udp !== undefined;
        const want = {
          t: epochNs(truth.t),
          src: truth.src,
          dst: truth.dst,
          dport: isUdp ? truth.dport : undefined,
          payload: isUdp ? truth.payload : undefined,
        };
        t.same(got, want, `${basename(path)} packet ${packet.number}`);
        if (udp === undefined) t.equal(datagram.outcome, 'not-udp', `${path} is TCP`);
        compared++;
      },
      { name: path },
    );
    t.equal(end.fault, undefined);
  }
  t.equal(compared, lines.length);
  t.equal(compared, 251);
  t.equal(files, 176);
  t.end();
});
