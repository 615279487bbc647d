// tshark reads what the writers make.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { createPacketFile, synthesizeUdpFrame, udpFlow } from '@tickerplant/capture';
import t from 'tap';

const isThere = spawnSync('tshark', ['--version']).status === 0;
const needed = { skip: isThere ? false : 'needs tshark' };
const folder = t.testdir();

const FIELDS = [
  'frame.time_epoch',
  'eth.dst',
  'ip.src',
  'ip.dst',
  'ip.checksum.status',
  'udp.srcport',
  'udp.dstport',
  'udp.checksum.status',
  'data',
];

for (const name of ['w.pcap', 'w.pcapng', 'w.pcapng.gz']) {
  t.test(`tshark reads ${name}: times to the nanosecond, interfaces, good checksums, payloads`, needed, async (t) => {
    const path = join(folder, name);
    const isNg = name.includes('pcapng');
    const writer = await createPacketFile(
      path,
      isNg ? { interfaces: [{ name: 'A' }, { name: 'B' }], application: 'test' } : {},
    );
    const frame = new Uint8Array(2000);
    const start = 1_700_000_000_123_456_789n;
    const expected: string[] = [];
    for (let i = 0; i < 50; i++) {
      const payload = Buffer.alloc(1 + i * 20, i + 1);
      const end = synthesizeUdpFrame(
        frame,
        0,
        udpFlow('10.0.0.1', 40_000 + i, '239.129.2.3', 31_001),
        payload,
        0,
        payload.length,
      );
      const port = isNg ? i % 2 : 0;
      t.ok(writer.write(start + BigInt(i) * 999_999_999n, frame, 0, end, port));
      const time = String(start + BigInt(i) * 999_999_999n);
      expected.push(
        [
          `${time.slice(0, -9)}.${time.slice(-9)}`,
          '01:00:5e:01:02:03',
          '10.0.0.1',
          '239.129.2.3',
          1,
          40_000 + i,
          31_001,
          1,
          payload.toString('hex'),
          ...(isNg ? [port] : []),
        ].join('\t'),
      );
    }
    await writer.close();
    const checks = ['-o', 'ip.check_checksum:TRUE', '-o', 'udp.check_checksum:TRUE', '-d', 'udp.port==31001,data'];
    const { stdout, status } = spawnSync(
      'tshark',
      [
        '-r',
        path,
        ...checks,
        '-T',
        'fields',
        ...[...FIELDS, ...(isNg ? ['frame.interface_id'] : [])].flatMap((field) => ['-e', field]),
      ],
      { encoding: 'utf8' },
    );
    t.equal(status, 0);
    t.same(stdout.trimEnd().split('\n'), expected);
  });
}
