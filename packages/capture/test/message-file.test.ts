import { encodeEndOfSession, encodeMessage, MessageFileParser, parseMessages } from '@tickerplant/capture';
import t from 'tap';
import { chunksOf, fromHex, join, seenMessage, transcript } from './support.ts';

const END = fromHex('00 00');
const FILE = join(fromHex('0003 535455'), fromHex('0001 41'), fromHex('0002 5858'));

function parse(...parts: readonly Uint8Array[]): ReturnType<typeof transcript> & { endOfSession: boolean } {
  const parser = new MessageFileParser();
  return { ...transcript(parser, [join(...parts)], seenMessage), endOfSession: parser.endOfSession };
}

t.test('messages are numbered from 1', (t) => {
  t.same(parse(FILE), {
    records: [
      { number: 1, hex: '535455', offset: 0 },
      { number: 2, hex: '41', offset: 5 },
      { number: 3, hex: '5858', offset: 8 },
    ],
    fault: undefined,
    problems: 0,
    offset: 12,
    endOfSession: false,
  });
  t.end();
});

t.test('a record of length 0 is the end of the session', (t) => {
  const { records, fault, endOfSession, offset } = parse(FILE, END);
  t.equal(records.length, 3);
  t.equal(fault, undefined);
  t.ok(endOfSession);
  t.equal(offset, 14);
  t.end();
});

t.test('anything after the end of the session is reported, not read', (t) => {
  const { records, fault } = parse(FILE, END, FILE);
  t.equal(records.length, 3);
  t.equal(fault, 'CAPTURE_DATA_AFTER_END');
  t.end();
});

t.test('a file that ends inside a record gives what is complete, and says so', (t) => {
  const ends = [0, 5, 8, 12];
  for (let length = 0; length < FILE.length; length++) {
    const { records, fault } = parse(FILE.subarray(0, length));
    t.equal(records.length, ends.filter((end) => end > 0 && end <= length).length);
    t.equal(fault, ends.includes(length) ? undefined : 'CAPTURE_TRUNCATED', `${length} bytes`);
  }
  t.end();
});

t.test('every split point gives the same', (t) => {
  const file = join(FILE, END);
  const whole = JSON.stringify(transcript(new MessageFileParser(), [file], seenMessage));
  for (let first = 0; first <= file.length; first++) {
    for (let second = first; second <= file.length; second++) {
      const chunks = [file.subarray(0, first), file.subarray(first, second), file.subarray(second)];
      t.equal(JSON.stringify(transcript(new MessageFileParser(), chunks, seenMessage)), whole);
    }
  }
  t.equal(JSON.stringify(transcript(new MessageFileParser(), chunksOf(file, 1), seenMessage)), whole);
  t.end();
});

t.test('what the encoder writes reads back, the longest message too', (t) => {
  const longest = new Uint8Array(65_535).fill(0x5a);
  const out = new Uint8Array(70_000);
  let at = encodeMessage(out, 0, longest, 0, longest.length);
  at = encodeMessage(out, at, fromHex('414243'), 1, 3);
  at = encodeEndOfSession(out, at);
  const lengths: number[] = [];
  const end = parseMessages(out.subarray(0, at), (message) => lengths.push(message.length));
  t.same(lengths, [65_535, 2]);
  t.ok(end.endOfSession);
  t.equal(end.fault, undefined);
  t.end();
});

t.test('the encoder refuses what the format cannot hold', (t) => {
  const out = new Uint8Array(70_000);
  t.throws(() => encodeMessage(out, 0, out, 5, 5), { code: 'CAPTURE_BAD_LENGTH' });
  t.throws(() => encodeMessage(out, 0, out, 0, 65_536), { code: 'CAPTURE_BAD_LENGTH' });
  t.end();
});
