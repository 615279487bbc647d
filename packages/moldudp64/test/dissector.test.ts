import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MessageRing } from '@tickerplant/sequence';
import t from 'tap';
import { encodeRequest, encodeSession, MoldSender, RequestServer } from '../src/index.ts';

const PORT = 26_477;
const absent = spawnSync('tshark', ['--version']).status !== 0 && 'tshark is not installed: no second opinion';

/** A pcap file of UDP packets in bare IPv4. */
function pcap(payloads: readonly Buffer[]): Buffer {
  const file = Buffer.alloc(24);
  file.writeUInt32LE(0xa1b2c3d4, 0);
  file.writeUInt16LE(2, 4);
  file.writeUInt16LE(4, 6);
  file.writeUInt32LE(65_535, 16);
  file.writeUInt32LE(228, 20); // LINKTYPE_IPV4
  const records = payloads.map((payload, index) => {
    const length = 28 + payload.length;
    const head = Buffer.alloc(16 + 28);
    head.writeUInt32LE(index, 0);
    head.writeUInt32LE(length, 8);
    head.writeUInt32LE(length, 12);
    head.set([0x45, 0], 16);
    head.writeUInt16BE(length, 18);
    head.set([1, 17], 24);
    head.set([127, 0, 0, 1, 239, 255, 0, 1], 28);
    head.writeUInt16BE(PORT, 36);
    head.writeUInt16BE(PORT, 38);
    head.writeUInt16BE(8 + payload.length, 40);
    return Buffer.concat([head, payload]);
  });
  return Buffer.concat([file, ...records]);
}

/** The fields as tshark reads them, a line for each packet. */
function dissect(payloads: readonly Buffer[], fields: readonly string[]): string[] {
  const folder = mkdtempSync(join(tmpdir(), 'moldudp64-'));
  try {
    const file = join(folder, 'packets.pcap');
    writeFileSync(file, pcap(payloads));
    const args = ['-n', '-r', file, '-d', `udp.port==${PORT},moldudp64`, '-T', 'fields', '-E', 'separator=|'];
    const text = execFileSync('tshark', [...args, ...fields.flatMap((field) => ['-e', field])], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    return text.trimEnd().split('\n');
  } finally {
    rmSync(folder, { recursive: true });
  }
}

t.test('a standard dissector reads our packets as we do', { skip: absent }, async (t) => {
  const packets: Buffer[] = [];
  const ring = new MessageRing(65_536, 19_009_117);
  const sender = new MoldSender({
    session: '000010059B',
    next: 19_009_117,
    heartbeatNs: 100,
    onData: (bytes, start, end, seq, count) => ring.append(bytes, start, end, seq, count),
    emit: (buffer, length) => {
      packets.push(Buffer.from(buffer.subarray(0, length)));
      return true;
    },
  });
  const server = new RequestServer({
    answer: (packet, length) => {
      packets.push(Buffer.from(packet.subarray(0, length)));
      return true;
    },
  });
  server.openChannel('000010059B', ring);

  for (let i = 0; i < 40; i++) sender.append(Buffer.alloc(40, i), 0, i === 39 ? 0 : 40); // 34 × 42 bytes, then 6.
  sender.flush(0);
  sender.tick(100);
  const request = Buffer.alloc(20);
  encodeRequest(encodeSession('000010059B'), 19_009_155, 2, request);
  packets.push(request);
  server.packet(request, 20, PORT, '127.0.0.1', 0);
  sender.end(200);

  const fields = ['session', 'sequence', 'count', 'msglen', 'msgseq', 'msglen.invalid', 'count.invalid'];
  const lines = dissect(
    packets,
    fields.map((field) => `moldudp64.${field}`),
  );
  const numbers = (from: number, count: number): string => Array.from({ length: count }, (_, i) => from + i).join(',');
  const lengths = (...counts: number[]): string =>
    counts.flatMap((count, index) => Array<number>(count).fill(index === 0 ? 40 : 0)).join(',');
  t.same(lines, [
    `000010059B|19009117|34|${lengths(34)}|${numbers(19_009_117, 34)}||`,
    `000010059B|19009151|6|${lengths(5, 1)}|${numbers(19_009_151, 6)}||`,
    '000010059B|19009157|0||||',
    '000010059B|19009155|2||||',
    `000010059B|19009155|2|${lengths(1, 1)}|${numbers(19_009_155, 2)}||`,
    '000010059B|19009157|65535||||',
  ]);
});
