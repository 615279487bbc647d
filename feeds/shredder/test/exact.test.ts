// The short ways of exact arithmetic say what the long ones do.
import fc from 'fast-check';
import t from 'tap';
import { absolute, add, compare, type Exact, exactFromText, exactText, isWithin, multiply } from '../src/exact.ts';

const mantissa = fc.oneof(
  fc.integer({ min: -200, max: 200 }),
  fc.maxSafeInteger(),
  fc.bigInt({ min: -(10n ** 24n), max: 10n ** 24n }),
);
const exact: fc.Arbitrary<Exact> = fc.record({ mantissa, exponent: fc.integer({ min: -6, max: 2 }) });
const share: fc.Arbitrary<Exact> = fc.record({
  mantissa: fc.oneof(fc.nat(300), fc.maxSafeNat()),
  exponent: fc.integer({ min: -4, max: 1 }),
});

t.test('whether a value is within a share of another', async (t) => {
  const near = fc
    .tuple(exact, fc.integer({ min: -30, max: 30 }))
    .map(([one, by]): readonly [Exact, Exact] => [add(one, { mantissa: by, exponent: one.exponent }), one]);
  fc.assert(
    fc.property(fc.oneof(near, fc.tuple(exact, exact)), share, ([value, other], part) => {
      const away = absolute(add(value, other, -1));
      return isWithin(value, other, part) === compare(away, multiply(absolute(other), part)) <= 0;
    }),
    { numRuns: 5_000 },
  );
  t.ok(isWithin({ mantissa: 102, exponent: 0 }, { mantissa: 100, exponent: 0 }, { mantissa: 2, exponent: -2 }));
  t.notOk(
    isWithin({ mantissa: 10201, exponent: -2 }, { mantissa: 10000, exponent: -2 }, { mantissa: 2, exponent: -2 }),
  );
});

t.test('what is written is read again, and nothing else is', async (t) => {
  fc.assert(fc.property(exact, (value) => compare(exactFromText(exactText(value))!, value) === 0));
  fc.assert(
    fc.property(fc.string(), (text) => {
      const read = exactFromText(text);
      return read === undefined || /^-?\d*\.?\d*$/.test(text);
    }),
  );
  for (const text of ['', '-', '.', '1.2.3', '1e5', '--1', ' 1', '0x1']) t.equal(exactFromText(text), undefined, text);
});
