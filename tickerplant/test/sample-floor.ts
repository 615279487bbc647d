import { type Floor, parseFloor } from '@tickerplant/floor';
import { encodeSession, HEADER_BYTES, writeHeader } from '@tickerplant/moldudp64';
import type { Message } from '@tickerplant/records';
import { blocksOf } from './blocks.ts';

/** Two channels, two feeds (one of two lines), two plants. */
export function sampleFloor(ports: readonly number[], lines: readonly string[] = []): Floor {
  const [feedStatus, tradingStatus, feed, trading, vendor, repair, control, plantRepair, control2, repair2] = ports;
  return parseFloor(
    `floor: test
key: sixteen characters
day: 2017-07-10
networks:
  feed: { interface: 127.0.0.1, status: 239.255.91.1:${feedStatus!} }
  trading: { interface: 127.0.0.1, status: 239.255.91.2:${tradingStatus!} }
limits: { heartbeatMs: 10, channelHeartbeatMs: 20, silentAfterMs: 200, gapWaitMs: 1, repairTimeoutMs: 20, lostAfterMs: 400, plantLostAfterMs: 400 }
channels:
  - { name: X1, id: 1, feed: 239.255.91.11:${feed!}, trading: 239.255.91.21:${trading!} }
  - { name: X2, id: 2, feed: 239.255.91.12:${feed!}, trading: 239.255.91.22:${trading!} }
feeds:
  - name: iex
    protocol: iex-tops
    services: { records: IEX }
    lines: [{ name: A, group: 239.255.91.31:${vendor!} }, { name: B, group: 239.255.91.32:${vendor!} }]
    channels: { records: { channel: X1 } }
    repair: 127.0.0.1:${repair!}
  - name: itch
    protocol: itch50
    services: { records: NASDAQ, depth: BOOK }
    lines: [{ name: A, group: 239.255.91.33:${vendor!} }]
    channels: { records: { channel: X2 }, depth: { channel: X2 } }
    repair: 127.0.0.1:${repair! + 1}
plants:
  - { name: p1, control: 127.0.0.1:${control!}, repair: 127.0.0.1:${plantRepair!}, ringBytes: 1MiB }
  - { name: p2, control: 127.0.0.1:${control2!}, repair: 127.0.0.1:${repair2!}, ringBytes: 1MiB }
${lines.join('\n')}
`,
    'test.yaml',
    { nowMs: 0 },
  );
}

/** A MoldUDP64 packet. */
export function packetOf(
  session: string,
  seq: number,
  messages: readonly (Message | Uint8Array)[],
  count?: number,
): Buffer {
  const blocks = blocksOf(messages);
  const bytes = Buffer.alloc(HEADER_BYTES + blocks.length);
  writeHeader(bytes, 0, encodeSession(session), seq, count ?? messages.length);
  bytes.set(blocks, HEADER_BYTES);
  return bytes;
}
