// The shells: opening, detecting, unpacking, standard input, writing; and what they say when it goes wrong.
import { spawn } from 'node:child_process';
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join as joinPath } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import {
  type CapturedPacket,
  type CaptureEnd,
  createMessageFile,
  createPacketFile,
  detectFormat,
  openCapture,
  openCaptureStream,
  openMessageCapture,
  openPacketCapture,
  parseMessages,
  parsePackets,
  STOP,
} from '@tickerplant/capture';
import { seededRandom, type TickerError, toHex } from '@tickerplant/core';
import t from 'tap';
import { chunksOf, enhanced, fromHex, interfaceBlock, join, pcapHeader, pcapRecord, section } from './support.ts';

const A = fromHex('00 01 02');
const B = fromHex('10 11 12 13 14');
const PCAP = join(pcapHeader(true), pcapRecord(true, 1, 1, A), pcapRecord(true, 2, 2, B));
const PCAPNG = join(section(false), interfaceBlock(false), enhanced(false, 0, 1n, A), enhanced(false, 0, 2n, B));
const MESSAGES = join(fromHex('0003 535455'), fromHex('0001 41'), fromHex('0002 5858'));
const folder = t.testdir();

function save(name: string, bytes: Uint8Array): string {
  const path = joinPath(folder, name);
  writeFileSync(path, bytes);
  return path;
}

async function read(path: string, options = {}): Promise<{ hex: string[]; end: CaptureEnd; format: string }> {
  const capture = await openCapture(path, options);
  const hex: string[] = [];
  const see = (record: { bytes: Uint8Array; start: number; end: number }): void => {
    hex.push(toHex(record.bytes, record.start, record.end));
  };
  const end = capture.kind === 'packets' ? await capture.read(see) : await capture.read(see);
  return { hex, end, format: capture.format };
}

t.test('formats are known by their first bytes, whatever the name says', async (t) => {
  for (const [format, bytes] of [
    ['pcap', PCAP],
    ['pcapng', PCAPNG],
    ['binaryfile', MESSAGES],
  ] as const) {
    const want = format === 'binaryfile' ? ['535455', '41', '5858'] : ['000102', '1011121314'];
    for (const file of [bytes, gzipSync(bytes)]) {
      const got = await read(save('wrong.txt', file));
      t.equal(got.format, format);
      t.same(got.hex, want);
      t.equal(got.end.fault, undefined);
      t.equal(got.end.bytes, bytes.length);
    }
  }
});

t.test('every magic number is known', (t) => {
  for (const [hex, format] of [
    ['d4c3b2a1', 'pcap'],
    ['a1b2c3d4', 'pcap'],
    ['4d3cb2a1', 'pcap'],
    ['a1b23c4d', 'pcap'],
    ['34cdb2a1', 'pcap'],
    ['a1b2cd34', 'pcap'],
    ['0a0d0d0a', 'pcapng'],
    ['1f8b', 'gzip'],
    ['000c53', 'binaryfile'],
    ['000253440000', 'binaryfile'],
    ['000168', 'binaryfile'],
    ['', undefined],
    ['0000', undefined],
    ['000c', undefined],
    ['000c01', undefined],
    ['010c53', undefined],
    ['0001530001', 'binaryfile'],
    ['000153000101', undefined],
    ['000153010153', undefined],
  ] as const) {
    t.equal(detectFormat(fromHex(hex)), format, hex);
  }
  t.end();
});

t.test('a message file that cannot be guessed is read when its format is given', async (t) => {
  const path = save('odd.bin', fromHex('0001 01 0002 0203'));
  await t.rejects(read(path), { code: 'CAPTURE_UNKNOWN_FORMAT', context: { file: path } });
  t.same((await read(path, { format: 'binaryfile' })).hex, ['01', '0203']);
  t.same((await read(save('odd.gz', gzipSync(fromHex('0001 01'))), { format: 'binaryfile' })).hex, ['01']);
  t.same((await read(save('empty.bin', new Uint8Array(0)), { format: 'binaryfile' })).hex, []);
});

t.test('a wrong format given is a fault of the content', async (t) => {
  t.equal((await read(save('a.pcap', PCAP), { format: 'pcapng' })).end.fault?.code, 'CAPTURE_BAD_MAGIC');
  t.equal((await read(save('a.pcapng', PCAPNG), { format: 'pcap' })).end.fault?.code, 'CAPTURE_BAD_MAGIC');
});

t.test('what cannot be opened is said plainly', async (t) => {
  const missing = joinPath(folder, 'missing.pcap');
  await t.rejects(openCapture(missing), {
    code: 'CAPTURE_NOT_FOUND',
    message: `cannot read ${missing}: no such file`,
    context: { file: missing },
  });
  await t.rejects(openCapture(folder), { code: 'CAPTURE_IS_DIRECTORY' });
  await t.rejects(openCapture(save('empty', new Uint8Array(0))), { code: 'CAPTURE_EMPTY' });
  await t.rejects(openCapture(save('text', Buffer.from('hello, this is text'))), {
    code: 'CAPTURE_UNKNOWN_FORMAT',
    message: /got bytes 68 65 6c 6c 6f 2c 20 74$/,
  });
  await t.rejects(openCapture(save('zstd', fromHex('28b52ffd 00000000'))), { message: /zstd-compressed data; unpack/ });
  await t.rejects(openCapture(save('twice', gzipSync(gzipSync(PCAP)))), { message: /twice gzip-compressed/ });
  await t.rejects(openCapture(save('nothing.gz', gzipSync(new Uint8Array(0)))), { code: 'CAPTURE_EMPTY' });
  await t.rejects(openCapture(save('cut.gz', gzipSync(PCAP).subarray(0, 5))), { code: 'CAPTURE_GZIP_TRUNCATED' });
  await t.rejects(openCapture(save('bad.gz', fromHex('1f8b ffff ffff ffff'))), { code: 'CAPTURE_GZIP_CORRUPT' });
});

const isRoot = process.getuid?.() === 0;
t.test('no permission to read', { skip: isRoot ? 'needs a user other than root' : false }, async (t) => {
  const path = save('secret', PCAP);
  chmodSync(path, 0);
  await t.rejects(openCapture(path), { code: 'CAPTURE_NO_PERMISSION' });
});

t.test('packets are not messages', async (t) => {
  await t.rejects(openMessageCapture(save('a.pcap', PCAP)), { code: 'CAPTURE_NOT_MESSAGES' });
  await t.rejects(openPacketCapture(save('a.itch', MESSAGES)), { code: 'CAPTURE_NOT_PACKETS' });
  t.throws(() => parsePackets(MESSAGES, () => {}), { code: 'CAPTURE_NOT_PACKETS' });
});

/** A file large enough for many chunks, of bytes that hardly pack. */
function large(): Uint8Array {
  const random = seededRandom(1);
  const records = Array.from({ length: 3000 }, (_, i) => {
    return pcapRecord(
      true,
      i,
      0,
      Uint8Array.from({ length: 200 + random.below(100) }, () => random.below(256)),
    );
  });
  return join(pcapHeader(true), ...records);
}
const LARGE = large();

t.test('chunks of any size give the same', async (t) => {
  const path = save('large.pcap', LARGE);
  const want = await read(path);
  t.equal(want.hex.length, 3000);
  t.equal(want.end.fault, undefined);
  for (const chunkBytes of [4096, 1000, 333]) {
    const got = await read(path, { chunkBytes });
    t.same(got, want, `${chunkBytes} bytes`);
  }
  const packed = await read(save('large.pcap.gz', gzipSync(LARGE)), { chunkBytes: 777 });
  t.same(packed, want, 'packed');
});

t.test('several gzip members in a row are one file; zeros after them are passed over', async (t) => {
  const halves = [LARGE.subarray(0, 300_000), LARGE.subarray(300_000)].map((half) => gzipSync(half));
  t.equal((await read(save('members.gz', join(...halves)))).end.records, 3000);
  const trailing = await read(save('trailing.gz', join(gzipSync(LARGE), new Uint8Array(100_000))));
  t.equal(trailing.end.records, 3000);
  t.equal(trailing.end.fault, undefined);
  const garbage = await read(save('garbage.gz', join(gzipSync(LARGE), fromHex('010203'))));
  t.equal(garbage.end.fault?.code, 'CAPTURE_GZIP_CORRUPT');
});

t.test('a gzip file cut short gives all that can be unpacked, and says so', async (t) => {
  const packed = gzipSync(LARGE);
  for (const length of [packed.length - 1, packed.length - 9, packed.length >> 1, 200_001, 1000]) {
    const cut = packed.subarray(0, length);
    const whole = parsePackets(gunzipSync(cut, { finishFlush: 2 }), () => {});
    const path = save('cut.pcap.gz', cut);
    const { end } = await read(path);
    t.equal(end.records, whole.records, `${length} of ${packed.length} bytes: ${end.records} records`);
    t.match(end.fault, { code: 'CAPTURE_GZIP_TRUNCATED', context: { file: path, packedOffset: length } });
    const inMemory = parsePackets(cut, () => {});
    t.equal(inMemory.records, whole.records);
    t.equal(inMemory.fault?.code, 'CAPTURE_GZIP_TRUNCATED');
  }
});

t.test('a corrupt gzip file gives what comes before the damage, and says so', async (t) => {
  const second = gzipSync(LARGE.subarray(400_000));
  second.fill(0xff, 10, 20); // a kind of block that there is not
  const packed = join(gzipSync(LARGE.subarray(0, 400_000)), second);
  const path = save('corrupt.pcap.gz', packed);
  const { end } = await read(path);
  t.ok(end.records > 1000 && end.records < 1600, `${end.records} of the 1500 or so records`);
  t.match(end.fault, { code: 'CAPTURE_GZIP_CORRUPT', context: { file: path } });
  t.throws(() => parsePackets(packed, () => {}), { code: 'CAPTURE_GZIP_CORRUPT' });
});

t.test('gzip in memory is bounded', (t) => {
  t.throws(() => parsePackets(gzipSync(LARGE), () => {}, { unpackedBytesMax: 1000 }), { code: 'CAPTURE_TOO_LARGE' });
  t.end();
});

t.test('a file cut inside a record: what is complete, then the fault', async (t) => {
  const path = save('cut.pcap', PCAP.subarray(0, PCAP.length - 1));
  const { hex, end } = await read(path);
  t.same(hex, ['000102']);
  t.match(end.fault, { code: 'CAPTURE_TRUNCATED', context: { file: path, record: 2, offset: 43 } });
});

t.test('problems inside the file are told as they come', async (t) => {
  const path = save(
    'p.pcapng',
    join(section(true), interfaceBlock(true), enhanced(true, 9, 1n, A), enhanced(true, 0, 1n, B)),
  );
  const problems: TickerError[] = [];
  const { hex, end } = await read(path, { onProblem: (problem: TickerError) => problems.push(problem) });
  t.same(hex, ['1011121314']);
  t.equal(end.problems, 1);
  t.match(problems, [{ code: 'CAPTURE_UNKNOWN_INTERFACE', context: { file: path, record: 1, offset: 48 } }]);
});

t.test('a callback ends the reading with STOP', async (t) => {
  const numbers: number[] = [];
  const capture = await openPacketCapture(save('large.pcap', LARGE));
  const end = await capture.read((packet) => {
    numbers.push(packet.number);
    return packet.number === 2 ? STOP : false;
  });
  t.same(numbers, [1, 2]);
  t.match(end, { records: 2, stopped: true, fault: undefined });
  const inMemory = parsePackets(LARGE, () => STOP);
  t.match(inMemory, { records: 1, stopped: true });
  t.match(
    parseMessages(MESSAGES, () => STOP),
    { records: 1, stopped: true, endOfSession: false },
  );
});

t.test('an error of the callback comes through, and the file is closed', async (t) => {
  const capture = await openPacketCapture(save('a.pcap', PCAP));
  await t.rejects(
    capture.read(() => {
      throw new Error('mine');
    }),
    { message: 'mine' },
  );
});

t.test('record by record, with waits between: every record is intact until the next', async (t) => {
  const capture = await openPacketCapture(save('large.pcap', LARGE), { chunkBytes: 1000 });
  const want = (await read(joinPath(folder, 'large.pcap'))).hex;
  let i = 0;
  for await (const packet of capture) {
    if (i % 100 === 0) await new Promise((resolve) => setImmediate(resolve));
    if (toHex(packet.data()) !== want[i]) t.fail(`packet ${packet.number} differs`);
    i++;
  }
  t.equal(i, 3000);
  t.match(capture.summary(), { records: 3000, stopped: false, fault: undefined });
});

t.test('record by record, broken off', async (t) => {
  const capture = await openPacketCapture(save('a.pcap', PCAP));
  let seen: CapturedPacket | undefined;
  for await (const packet of capture) {
    seen = packet;
    break;
  }
  t.equal(seen?.number, 1);
  t.match(capture.summary(), { records: 1, stopped: true });
});

t.test('a capture can be read once', async (t) => {
  const capture = await openPacketCapture(save('a.pcap', PCAP));
  await capture.read(() => {});
  await t.rejects(
    capture.read(() => {}),
    { code: 'CAPTURE_ALREADY_READ' },
  );
});

t.test('a capture that is not read can be closed', async (t) => {
  const capture = await openCapture(save('a.pcap', PCAP));
  await capture.close();
  t.match(capture.summary(), { records: 0 });
  await (await openCapture(save('a.gz', gzipSync(MESSAGES)), { format: 'binaryfile' })).close();
});

t.test('a stream in chunks of one byte, whose buffer is used again', async (t) => {
  const again = async function* (bytes: Uint8Array): AsyncGenerator<Uint8Array, void, void> {
    const buffer = new Uint8Array(1);
    for (const byte of bytes) {
      buffer[0] = byte;
      yield buffer;
    }
  };
  for (const [bytes, records] of [
    [PCAP, 2],
    [PCAPNG, 2],
    [MESSAGES, 3],
    [gzipSync(PCAPNG), 2],
  ] as const) {
    const capture = await openCaptureStream(again(bytes), 'a stream');
    const end = capture.kind === 'packets' ? await capture.read(() => {}) : await capture.read(() => {});
    t.match(end, { records, fault: undefined });
  }
});

t.test('an error of the stream comes through with its name', async (t) => {
  const failing = async function* (): AsyncGenerator<Uint8Array, void, void> {
    yield* chunksOf(PCAP, 50);
    throw Object.assign(new Error('EIO: i/o error'), { code: 'EIO', syscall: 'read' });
  };
  const capture = (await openCaptureStream(failing(), 'tape')) as Awaited<ReturnType<typeof openPacketCapture>>;
  await t.rejects(
    capture.read(() => {}),
    { code: 'CAPTURE_READ_FAILED', message: 'cannot read tape: EIO: i/o error', context: { offset: PCAP.length } },
  );
});

const CHILD = `
  import { openCapture } from '@tickerplant/capture';
  const capture = await openCapture('-');
  const end = await capture.read(() => {});
  console.log(JSON.stringify({ format: capture.format, name: capture.name, records: end.records }));
`;

t.test('standard input', async (t) => {
  const child = spawn(process.execPath, ['--input-type=module', '-e', CHILD], { cwd: import.meta.dirname });
  child.stdin.write(PCAP.subarray(0, 3));
  setImmediate(() => child.stdin.end(PCAP.subarray(3)));
  let text = '';
  for await (const chunk of child.stdout) text += chunk;
  t.same(JSON.parse(text), { format: 'pcap', name: '(standard input)', records: 2 });
});

t.test('packet files: what is written is read back, plain and packed', async (t) => {
  for (const name of ['w.pcap', 'w.pcapng', 'w.pcap.gz', 'w.pcapng.gz']) {
    const path = joinPath(folder, name);
    const writer = await createPacketFile(path);
    t.ok(writer.write(1_700_000_000_123_456_789n, join(A, B), 3, 8));
    parsePackets(PCAP, (packet) => t.ok(writer.writePacket(packet)));
    t.equal(writer.packets, 3);
    await writer.close();
    const bytes = name.endsWith('.gz') ? gunzipSync(readFileSync(path)) : readFileSync(path);
    t.equal(writer.bytes, bytes.length);
    const capture = await openPacketCapture(path);
    t.equal(capture.isCompressed, name.endsWith('.gz'));
    const times: (bigint | undefined)[] = [];
    const end = await capture.read((packet) => times.push(packet.timeNs));
    t.same(times, [1_700_000_000_123_456_789n, 1_000_000_001n, 2_000_000_002n]);
    t.equal(end.fault, undefined);
    t.equal(capture.format, name.includes('pcapng') ? 'pcapng' : 'pcap');
  }
});

t.test('message files: what is written is read back', async (t) => {
  for (const name of ['w.itch', 'w.itch.gz']) {
    const path = joinPath(folder, name);
    const writer = await createMessageFile(path);
    t.ok(writer.write(B, 0, 2));
    t.ok(writer.write(B, 2, 5));
    await writer.endSession();
    await writer.close();
    const got = await read(path, { format: 'binaryfile' });
    t.same(got.hex, ['1011', '121314']);
    t.ok(got.end.endOfSession);
    t.equal(writer.bytes, got.end.bytes);
  }
});

t.test('writing faster than the disk: refused and counted, and there is room again later', async (t) => {
  const path = joinPath(folder, 'fast.itch');
  const writer = await createMessageFile(path, { queueBytesMax: 1 });
  const message = new Uint8Array(60_000).fill(0x41);
  let refused = 0;
  for (let i = 0; i < 100; i++) {
    while (!writer.write(message, 0, message.length)) {
      refused++;
      await writer.room();
    }
  }
  await writer.close();
  t.ok(refused > 0);
  t.equal(writer.refused, refused);
  t.equal(writer.messages, 100);
  t.equal((await read(path, { format: 'binaryfile' })).end.records, 100);
});

t.test('flush sends on what is held back', async (t) => {
  const path = joinPath(folder, 'flushed.itch');
  const writer = await createMessageFile(path);
  writer.write(B, 0, 5);
  t.equal(readFileSync(path).length, 0);
  writer.flush();
  while (readFileSync(path).length === 0) await new Promise((resolve) => setImmediate(resolve));
  t.equal(readFileSync(path).length, 7);
  await writer.close();
});

t.test('a full disk', { skip: existsSync('/dev/full') ? false : 'needs /dev/full' }, async (t) => {
  const told: string[] = [];
  const writer = await createPacketFile('/dev/full', { format: 'pcap', onError: (error) => told.push(error.code) });
  writer.write(1n, B, 0, 5);
  await t.rejects(writer.close(), {
    code: 'CAPTURE_DISK_FULL',
    message: 'cannot write /dev/full: the disk is full',
    context: { file: '/dev/full' },
  });
  t.same(told, ['CAPTURE_DISK_FULL']);
  t.notOk(writer.write(1n, B, 0, 5), 'nothing more is taken');
  t.equal(writer.refused, 1);
  await t.rejects(writer.room(), { code: 'CAPTURE_DISK_FULL' });
  await t.rejects(writer.close(), { code: 'CAPTURE_DISK_FULL' });
});

t.test(
  'a full disk, met while writing on and packing',
  { skip: existsSync('/dev/full') ? false : 'needs /dev/full' },
  async (t) => {
    const writer = await createMessageFile('/dev/full', { gzip: true });
    const random = seededRandom(3);
    const message = Uint8Array.from({ length: 60_000 }, () => random.below(256));
    const writeOn = async (): Promise<void> => {
      for (;;) if (!writer.write(message, 0, message.length)) await writer.room();
    };
    await t.rejects(writeOn(), { code: 'CAPTURE_DISK_FULL' });
    await t.rejects(writer.close(), { code: 'CAPTURE_DISK_FULL' });
  },
);

t.test('files that cannot be made are said plainly', async (t) => {
  const path = joinPath(folder, 'no', 'folder', 'x.pcap');
  await t.rejects(createPacketFile(path), {
    code: 'CAPTURE_NOT_FOUND',
    message: `cannot write ${path}: no such folder`,
  });
  await t.rejects(createPacketFile(folder), { code: 'CAPTURE_IS_DIRECTORY' });
  const told: string[] = [];
  const options = { exclusive: true, onError: (error: TickerError) => told.push(error.code) };
  await t.rejects(createMessageFile(save('there', A), options), { code: 'CAPTURE_EXISTS' });
  t.same(told, [], 'told once, by the rejection');
});

t.test('a closed writer takes nothing', async (t) => {
  const writer = await createMessageFile(joinPath(folder, 'closed.itch'));
  await writer.close();
  t.notOk(writer.write(B, 0, 5));
  await t.rejects(writer.room(), { code: 'CAPTURE_CLOSED' });
  await t.rejects(writer.endSession(), { code: 'CAPTURE_CLOSED' });
  await writer.close();
});

const WRITING_CHILD = `
  import { createPacketFile } from '@tickerplant/capture';
  const writer = await createPacketFile('-');
  for (let i = 0; i < 10000; i++) while (!writer.write(1n, Buffer.alloc(100), 0, 100)) await writer.room();
  await writer.close();
`;

t.test('standard output', async (t) => {
  const child = spawn(process.execPath, ['--input-type=module', '-e', WRITING_CHILD], { cwd: import.meta.dirname });
  const capture = await openCaptureStream(child.stdout, 'child');
  t.equal(capture.kind, 'packets');
  if (capture.kind !== 'packets') return;
  t.match(await capture.read(() => {}), { records: 10_000, fault: undefined });
});
