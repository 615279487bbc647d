import fc from 'fast-check';
import t from 'tap';
import {
  Decimal,
  errorMessage,
  formatEpochNs,
  formatTimeOfDayNs,
  parseDay,
  readAlpha,
  readU48BE,
  readU64BE,
  readU64LE,
  seededRandom,
  systemClock,
  TickerError,
  toHex,
  writeAlpha,
  writeU48BE,
  writeU64BE,
  writeU64LE,
  zoneOffsetNs,
} from '../src/index.ts';

const mantissa = fc.oneof(fc.maxSafeInteger(), fc.bigInt({ min: -(2n ** 80n), max: 2n ** 80n }));
const decimal = fc.tuple(mantissa, fc.integer({ min: -14, max: 7 })).map(([m, e]) => new Decimal(m, e));

t.test('a decimal reads back from its own text, scale and all', async (t) => {
  fc.assert(
    fc.property(decimal, (value) => {
      const back = Decimal.parse(value.toString());
      t.ok(back.equals(value));
      if (value.exponent <= 0) t.same(back, value);
    }),
  );
});

t.test('comparing and subtracting decimals is exact', async (t) => {
  fc.assert(
    fc.property(decimal, decimal, (a, b) => {
      const scale = 14;
      const at = (d: Decimal): bigint => BigInt(d.mantissa) * 10n ** BigInt(d.exponent + scale);
      t.equal(Math.sign(a.compare(b)), at(a) < at(b) ? -1 : at(a) > at(b) ? 1 : 0);
      t.equal(at(a.minus(b)), at(a) - at(b));
    }),
  );
});

t.test('a decimal shows every digit of its scale, or none that says nothing', async (t) => {
  t.equal(new Decimal(990500, -4).toString(), '99.0500');
  t.equal(new Decimal(990500, -4).toShortString(), '99.05');
  t.equal(new Decimal(-5, -4).toString(), '-0.0005');
  t.equal(new Decimal(100, 2).toString(), '10000');
  t.equal(new Decimal(0, 2).toString(), '0');
  t.equal(JSON.stringify(new Decimal(15, -1)), '"1.5"');
  t.equal(new Decimal(10n, 0).mantissa, 10, 'a small bigint becomes a number');
});

t.test('what is no decimal is refused', async (t) => {
  for (const text of ['', '1.', '.5', '1e3', ' 1', '1,5', '--1']) {
    t.throws(() => Decimal.parse(text), { code: 'CORE_BAD_DECIMAL' }, text);
  }
  t.throws(() => new Decimal(1.5, 0), { code: 'CORE_BAD_DECIMAL' });
  t.throws(() => new Decimal(1, 19), { code: 'CORE_BAD_DECIMAL' });
});

t.test('wide integers survive the round trip and agree with DataView', async (t) => {
  const bytes = new Uint8Array(16);
  const view = new DataView(bytes.buffer);
  fc.assert(
    fc.property(fc.maxSafeNat(), fc.nat(7), (value, at) => {
      writeU64BE(bytes, at, value);
      t.equal(view.getBigUint64(at), BigInt(value));
      t.equal(readU64BE(bytes, at), value);
      writeU64LE(bytes, at, value);
      t.equal(view.getBigUint64(at, true), BigInt(value));
      t.equal(readU64LE(bytes, at), value);
      const u48 = value % 2 ** 48;
      writeU48BE(bytes, at, u48);
      t.equal(readU48BE(bytes, at), u48);
    }),
  );
});

t.test('text fields are padded and stripped', async (t) => {
  const bytes = new Uint8Array(8);
  writeAlpha(bytes, 0, 8, 'AAPL');
  t.equal(toHex(bytes), '4141504c20202020');
  t.equal(readAlpha(bytes, 0, 8), 'AAPL');
  writeAlpha(bytes, 0, 4, 'TOOLONG');
  t.equal(readAlpha(bytes, 0, 4), 'TOOL');
});

t.test('times are shown with all their nanoseconds', async (t) => {
  t.equal(formatEpochNs(1499697155788781087n), '2017-07-10T14:32:35.788781087Z');
  t.equal(formatTimeOfDayNs(34199999894278), '09:29:59.999894278');
  t.equal(parseDay('2017-07-10'), 17357);
  for (const bad of ['2017-7-10', '2017-02-30', 'today']) t.throws(() => parseDay(bad), { code: 'CORE_BAD_DATE' });
});

t.test('New York is four hours behind Greenwich in summer and five in winter', async (t) => {
  t.equal(zoneOffsetNs(parseDay('2017-07-10'), 'America/New_York'), 4 * 3600 * 1e9);
  t.equal(zoneOffsetNs(parseDay('2018-01-03'), 'America/New_York'), 5 * 3600 * 1e9);
  t.equal(zoneOffsetNs(parseDay('2018-01-03'), 'Asia/Tokyo'), -9 * 3600 * 1e9);
});

t.test('randomness repeats from its seed and fills its range', async (t) => {
  const draw = (seed: number): number[] => {
    const random = seededRandom(seed);
    return Array.from({ length: 1000 }, () => random.below(10));
  };
  t.same(draw(7), draw(7));
  t.notSame(draw(7), draw(8));
  t.equal(new Set(draw(7)).size, 10);
});

t.test('the clocks run, and the wall clock is right', async (t) => {
  const before = systemClock.monotonicNs();
  t.ok(systemClock.monotonicNs() >= before);
  t.ok(Math.abs(Number(systemClock.wallNs() / 1_000_000n) - Date.now()) < 1000);
});

t.test('an error tells what, where and its code in one line', async (t) => {
  const error = new TickerError('X_Y', 'expected a, got b', { file: 'f', offset: 3, none: undefined });
  t.equal(errorMessage(error), 'expected a, got b (file f, offset 3) [X_Y]');
  t.equal(errorMessage('text'), 'text');
});
