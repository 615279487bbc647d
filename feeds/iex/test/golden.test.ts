import { createHash } from 'node:crypto';
import { createPacketHeader } from '@tickerplant/sequence';
import t from 'tap';
import { describeHeader, describeMessage, encodeMessage, IexMessage, IexTpFraming } from '../src/index.ts';
import { readLines, readSegments, readTruth, skipWithoutCaptures, type TruthMessage } from './captured.ts';

// Real captures against what an independent decoder says is in them.

interface DecodedFile {
  packets: number;
  empty: number;
  messages: number;
  byType: Record<string, number>;
  sums: Record<string, Record<string, number>>;
  symbols: Set<string>;
  hash: string;
  /** [packet, expected, got] */
  backwardJumps: [number, number, number][];
  restarts: number;
  gaps: number;
  lastSeq: number;
  /** Messages of the truth's lines, by number. */
  described: Map<number, unknown>;
}

function decodeFile(name: string, wanted: ReadonlySet<number>): DecodedFile {
  const framing = new IexTpFraming();
  const header = createPacketHeader();
  const message = new IexMessage();
  const hash = createHash('sha256');
  const file: DecodedFile = {
    packets: 0,
    empty: 0,
    messages: 0,
    byType: {},
    sums: {},
    symbols: new Set(),
    hash: '',
    backwardJumps: [],
    restarts: 0,
    gaps: 0,
    lastSeq: 0,
    described: new Map(),
  };
  let expected = 1;
  for (const { packet, bytes } of readSegments(name)) {
    // The framing also checks that the stream offset goes on wherever the sequence number does.
    const fault = framing.parse(bytes, bytes.length, header);
    if (fault !== undefined) throw new Error(`packet ${packet}: ${fault.code} ${fault.message}`);
    file.packets++;
    if (header.count === 0) file.empty++;
    if (header.seq < expected) {
      file.backwardJumps.push([packet, expected, header.seq]);
      if (header.restart) file.restarts++;
    } else if (header.seq > expected) file.gaps++;
    expected = header.seq + header.count;
    let at = header.blocksStart;
    for (let i = 0; i < header.count; i++) {
      const length = bytes[at]! | (bytes[at + 1]! << 8);
      hash.update(bytes.subarray(at, at + 2 + length));
      const bad = message.wrap(bytes, at + 2, length);
      if (bad !== undefined) throw new Error(`packet ${packet}: ${bad.code} ${bad.message}`);
      const described = describeMessage(bytes, at + 2, length)!;
      file.messages++;
      file.byType[described.type] = (file.byType[described.type] ?? 0) + 1;
      for (const [field, value] of Object.entries(described.fields)) {
        if (field === 'symbol') file.symbols.add(value as string);
        if (!/size|shares/i.test(field)) continue;
        file.sums[described.type] ??= {};
        const sums = file.sums[described.type]!;
        sums[field.toLowerCase()] = (sums[field.toLowerCase()] ?? 0) + (value as number);
      }
      if (wanted.has(file.messages)) {
        const raw = Buffer.from(bytes.subarray(at, at + 2 + length)).toString('hex');
        const seq = header.seq + i;
        file.described.set(file.messages, { pkt: packet, seq, hdr: describeHeader(bytes), ...described, raw });
      }
      at += 2 + length;
    }
  }
  file.lastSeq = expected - 1;
  file.hash = hash.digest('hex');
  return file;
}

/** The one-message files are described by another tool, which names bits and types a little differently. */
function asSingleMessageTruth(fields: Readonly<Record<string, unknown>>, flags: object | undefined): unknown {
  const same: Record<string, unknown> = { ...fields };
  for (const [name, value] of Object.entries(same)) {
    // It leaves out the flags' text, and the TOPS 1.5 layout lacks the bit of the single-price cross.
    if (typeof value !== 'object') continue;
    const known = Object.keys((flags as Record<string, object>)[name]!);
    same[name] = Object.fromEntries(Object.entries(value!).filter(([bit]) => known.includes(bit)));
  }
  return same;
}

interface SinglePacket {
  readonly file: string;
  readonly pkt: number;
  readonly payload: string;
  readonly decoded: { readonly iextpHeader: Record<string, unknown>; readonly message?: unknown };
}

t.test('the single-message files decode as their ground truth says', skipWithoutCaptures, (t) => {
  const packets = readLines<SinglePacket>('single-messages/truth.jsonl').filter(({ file }) => file.startsWith('Iex/'));
  t.equal(packets.length, 13);
  for (const { file, pkt, payload, decoded } of packets) {
    const bytes = readSegments(`single-messages/${file}`).find(({ packet }) => packet === pkt)!.bytes;
    t.equal(Buffer.from(bytes).toString('hex'), payload, file);
    const header = createPacketHeader();
    t.equal(new IexTpFraming().parse(bytes, bytes.length, header), undefined);
    const { session, channel, streamOffset, sendTime } = describeHeader(bytes);
    t.match(decoded.iextpHeader, { sessionId: session, channelId: channel, streamOffset, sendTime });
    t.match(decoded.iextpHeader, { messageCount: header.count, firstMessageSequenceNumber: header.seq });
    const messages = [decoded.message ?? []].flat() as Record<string, Record<string, unknown>>[];
    t.equal(messages.length, header.count);
    let at = header.blocksStart;
    for (const truth of messages) {
      const length = bytes[at]! | (bytes[at + 1]! << 8);
      const described = describeMessage(bytes, at + 2, length)!;
      const name = Object.keys(truth).find((key) => key !== 'messageIndex' && key !== 'messageHeader')!;
      const { messageHeader } = truth;
      t.equal(
        described.type
          .replace(/ \(.\)$/, '')
          .replaceAll(' ', '')
          .toLowerCase(),
        name.toLowerCase(),
      );
      t.strictSame(
        { ...messageHeader, messageType: `${messageHeader!.messageType}` },
        {
          messageLength: length,
          messageType: described.type.at(-2),
        },
      );
      t.strictSame(asSingleMessageTruth(described.fields, truth[name]), truth[name], `${file}: ${described.type}`);
      at += 2 + length;
    }
  }
  t.end();
});

const files = [
  { capture: 'iex-tops16-2017-07-10.pcapng.gz', base: 'iex-tops16-2017-07-10', lines: ['first200', 'bytype'] },
  {
    capture: 'iex-tops16-2018-01-03.two-packets.pcapng',
    base: 'iex-tops16-2018-01-03.two-packets',
    lines: ['first200'],
  },
  {
    capture: 'iex-deep10-2017-04-25.first20000.pcap.gz',
    base: 'iex-deep10-2017-04-25.first20000',
    lines: ['first200', 'bytype'],
  },
];

for (const { capture, base, lines } of files) {
  t.test(`${base} decodes as the ground truth says`, skipWithoutCaptures, (t) => {
    const truth = readTruth(`${base}.truth.json`);
    const messages = lines.flatMap((part) => readLines<TruthMessage>(`${base}.${part}.jsonl`));
    const file = decodeFile(capture, new Set(messages.map(({ n }) => n)));
    t.equal(file.packets, truth.packets);
    t.equal(file.empty, truth.packetsWithoutMessages);
    t.equal(file.messages, truth.messages);
    t.strictSame(file.byType, truth.messagesByType);
    t.equal(file.hash, truth.messagesSha256, 'the raw bytes, with the blocks’ lengths');
    t.equal(file.symbols.size, truth.symbols.symbol.count);
    const sorted = [...file.symbols].sort().join('\n');
    t.equal(createHash('sha256').update(sorted).digest('hex'), truth.symbols.symbol.sha256);
    t.strictSame(file.sums, truth.sumsByType);
    const [stream] = Object.values(truth.streams);
    t.equal(file.gaps, 0);
    t.equal(file.lastSeq, stream!.lastSeq);
    t.strictSame(file.backwardJumps, stream!.backwardJumps);
    t.equal(file.restarts, stream!.backwardJumps.length, 'each jump back is announced');
    t.equal(file.described.size, messages.length);
    for (const { n, pkt, seq, type, hdr, fields, raw } of messages) {
      t.strictSame(file.described.get(n), { pkt, seq, type, hdr, fields, raw }, `message ${n}`);
    }
    t.end();
  });

  t.test(`${base}: what is described encodes to the same bytes`, skipWithoutCaptures, (t) => {
    const out = Buffer.alloc(128);
    for (const part of lines) {
      for (const { n, type, fields, raw } of readLines<TruthMessage>(`${base}.${part}.jsonl`)) {
        const length = encodeMessage({ type, fields: fields as never }, out, 0);
        t.equal(out.toString('hex', 0, length), raw.slice(4), `message ${n}`);
      }
    }
    t.end();
  });
}
