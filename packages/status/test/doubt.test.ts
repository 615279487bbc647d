import t from 'tap';
import { StatusReceiver } from '../src/index.ts';
import { GROUP, HEARTBEAT, KEY, sender } from './parties.ts';

t.test('who speaks under another key, or with another clock, is told of', async (t) => {
  const doubts: string[] = [];
  const heard: string[] = [];
  const receiver = new StatusReceiver({
    key: KEY,
    group: GROUP,
    onMessage: ({ kind }) => heard.push(kind),
    onDoubt: (fault) => doubts.push(fault),
  });
  const now = 1_700_000_000_000_000_000n;
  const take = (packet: Uint8Array): void => receiver.packet(packet, packet.length, 1_000, now);
  take(sender({ key: new TextEncoder().encode('another key, as long as it has to be') }).send(HEARTBEAT, now));
  take(sender({ boot: 2n }).send(HEARTBEAT, now - 7_200_000_000_000n));
  take(Uint8Array.of(1, 2, 3));
  take(sender({ boot: 3n }).send(HEARTBEAT, now));
  t.same(doubts, ['forged', 'stale']);
  t.same(heard, ['heartbeat']);
});
