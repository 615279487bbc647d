import assert from 'node:assert/strict';
import fc from 'fast-check';
import t from 'tap';
import { SymbolIndex } from '../src/index.ts';

const bytesOf = (symbol: string): Uint8Array => Uint8Array.from(Buffer.from(`..${symbol.padEnd(8)}..`, 'latin1'));

t.test('symbols are numbered in the order of first sight, as a map would', (t) => {
  const symbol = fc.string({ unit: fc.constantFrom(...'AB. '), maxLength: 8 }).map((s) => s.trimEnd());
  t.doesNotThrow(() =>
    fc.assert(
      fc.property(fc.array(symbol, { maxLength: 300 }), (symbols) => {
        const index = new SymbolIndex();
        const model = new Map<string, number>();
        for (const name of symbols) {
          assert.equal(index.find(bytesOf(name), 2), model.get(name) ?? -1);
          if (!model.has(name)) model.set(name, model.size);
          assert.equal(index.index(bytesOf(name), 2), model.get(name));
          assert.equal(index.add(name), model.get(name));
          assert.equal(index.name(model.get(name)!), name);
          assert.equal(index.size, model.size);
        }
      }),
    ),
  );
  t.end();
});

t.test('many symbols keep their numbers while the table grows', (t) => {
  const index = new SymbolIndex();
  const names = Array.from({ length: 20_000 }, (_, i) => i.toString(36).toUpperCase());
  for (const name of names) index.add(name);
  t.equal(index.size, names.length);
  t.ok(names.every((name, i) => index.find(bytesOf(name), 2) === i && index.name(i) === name));
  t.equal(index.name(names.length), undefined);
  t.end();
});

t.test('beyond the bound a new symbol gets no number, and the known keep theirs', (t) => {
  const index = new SymbolIndex(2);
  t.equal(index.add('A'), 0);
  t.equal(index.add('B'), 1);
  t.equal(index.add('C'), -1);
  t.equal(index.add('B'), 1);
  t.equal(index.size, 2);
  t.end();
});
