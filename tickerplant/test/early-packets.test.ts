import t from 'tap';
import { EarlyPackets } from '../src/early-packets.ts';

t.test('packets are given back in order, once', async (t) => {
  const early = new EarlyPackets();
  const [one, two] = [Uint8Array.of(1), Uint8Array.of(2, 2)];
  early.keep(0, one, 1);
  early.keep(1, two, 2);
  t.same(early.take(), [
    { channel: 0, bytes: one, length: 1 },
    { channel: 1, bytes: two, length: 2 },
  ]);
  t.same(early.take(), []);
});

t.test('too many of them go, and it begins anew', async (t) => {
  const early = new EarlyPackets();
  const bytes = new Uint8Array(1 << 20);
  for (let n = 0; n < 8; n++) t.equal(early.keep(0, bytes, bytes.length), 0);
  t.equal(early.keep(0, bytes, bytes.length), 8, 'so many are gone');
  t.equal(early.take().length, 1);
});
