import assert from 'node:assert/strict';
import fc from 'fast-check';
import t from 'tap';
import { channelFor, channelsOf, compileMapping, type SymbolMapping } from '../src/index.ts';
import { fnv1a } from '../src/mapping.ts';

t.test('FNV-1a gives the values that its authors publish', async (t) => {
  t.equal(fnv1a(''), 0x811c9dc5);
  t.equal(fnv1a('a'), 0xe40c292c);
  t.equal(fnv1a('b'), 0xe70c2de5);
  t.equal(fnv1a('foobar'), 0xbf9cf968);
});

t.test('the hash of a symbol stays what it was', async (t) => {
  const mapping: SymbolMapping = { kind: 'hash', channels: ['X', 'Y', 'Z'] };
  t.equal(fnv1a('\xe9'), Number(((0x811c9dc5n ^ 0xe9n) * 0x01000193n) & 0xffffffffn), 'one byte a Latin-1 character');
  t.same(
    ['AAPL', 'MSFT', 'SPY', 'BRK.A', 'ZVZZT'].map((symbol) => channelFor(mapping, symbol)),
    ['AAPL', 'MSFT', 'SPY', 'BRK.A', 'ZVZZT'].map((symbol) => {
      let hash = 0x811c9dc5n;
      for (const byte of Buffer.from(symbol, 'latin1')) hash = ((hash ^ BigInt(byte)) * 0x01000193n) % 2n ** 32n;
      return mapping.channels[Number(hash % 3n)];
    }),
  );
});

t.test('ranges include both ends, and what lies between them goes elsewhere', async (t) => {
  const map = compileMapping({
    kind: 'ranges',
    ranges: [
      { from: 'N', to: 'P', channel: 'Y' },
      { from: 'A', to: 'MZZZ', channel: 'X' },
    ],
    otherwise: 'Z',
  });
  t.same(['A', 'AAPL', 'MZZZ', 'MZZZA', 'N', 'P', 'PA', '@', 'a', ''].map(map), [
    'X',
    'X',
    'X',
    'Z',
    'Y',
    'Y',
    'Z',
    'Z',
    'Z',
    'Z',
  ]);
});

t.test('a compiled mapping answers like a plain search through the file', async () => {
  const symbol = fc.stringMatching(/^[A-D]{1,4}$/);
  fc.assert(
    fc.property(fc.uniqueArray(symbol, { minLength: 2, maxLength: 12 }), fc.array(symbol), (ends, asked) => {
      const sorted = [...ends].sort();
      const ranges = Array.from({ length: sorted.length >> 1 }, (_, i) => ({
        from: sorted[2 * i]!,
        to: sorted[2 * i + 1]!,
        channel: `R${i}`,
      }));
      const lists = sorted.map((one, i) => ({ symbols: [one], channel: `L${i}` }));
      const byRange = compileMapping({ kind: 'ranges', ranges: [...ranges].reverse(), otherwise: 'rest' });
      const byList = compileMapping({ kind: 'lists', lists, otherwise: 'rest' });
      for (const one of [...asked, ...ends]) {
        const range = ranges.find(
          ({ from, to }) =>
            Buffer.compare(Buffer.from(from), Buffer.from(one)) <= 0 &&
            Buffer.compare(Buffer.from(one), Buffer.from(to)) <= 0,
        );
        assert.equal(byRange(one), range?.channel ?? 'rest');
        assert.equal(byList(one), lists.find(({ symbols }) => symbols.includes(one))?.channel ?? 'rest');
      }
    }),
  );
});

t.test('channelsOf names each channel once, the rest included', async (t) => {
  const ranges = [
    { from: 'A', to: 'B', channel: 'X' },
    { from: 'C', to: 'D', channel: 'X' },
  ];
  t.same(channelsOf({ kind: 'ranges', ranges, otherwise: 'Y' }), ['X', 'Y']);
  t.same(channelsOf({ kind: 'lists', lists: [{ symbols: ['A'], channel: 'X' }], otherwise: 'X' }), ['X']);
  t.same(channelsOf({ kind: 'hash', channels: ['X', 'Y'] }), ['X', 'Y']);
  t.same(channelsOf({ kind: 'channel', channel: 'X' }), ['X']);
});
