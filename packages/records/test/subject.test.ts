import fc from 'fast-check';
import t from 'tap';
import { compilePattern, serviceOf } from '../src/index.ts';

t.test('wildcards match whole names', async (t) => {
  for (const [pattern, subject, matches] of [
    ['IEX.AAPL', 'IEX.AAPL', true],
    ['IEX.AAPL', 'IEX.AAP', false],
    ['IEX.*', 'IEX.AAPL', true],
    ['IEX.*', 'IEX.BRK.A', false],
    ['IEX.>', 'IEX.BRK.A', true],
    ['IEX.>', 'IEX', false],
    ['*.AAPL', 'IEX.AAPL', true],
    ['*.AAPL', 'IEX.MSFT', false],
    ['>', 'IEX.AAPL', true],
    ['IEX.BRK.*', 'IEX.BRK.A', true],
  ] as const) {
    t.equal(compilePattern(pattern).matches(subject), matches, `${pattern} ${subject}`);
  }
});

t.test('every pattern matches what comparing name by name does', async () => {
  const name = fc.constantFrom('A', 'B', 'AB', '*');
  const subject = fc.array(fc.constantFrom('A', 'B', 'AB', ''), { minLength: 1, maxLength: 4 });
  const pattern = fc.tuple(fc.array(name, { minLength: 1, maxLength: 4 }), fc.boolean());
  fc.assert(
    fc.property(pattern, subject, ([names, open], parts) => {
      const wanted = open ? [...names, '>'] : names;
      const slowly =
        (open ? parts.length > names.length : parts.length === names.length) &&
        names.every((each, index) => each === '*' || each === parts[index]);
      return compilePattern(wanted.join('.')).matches(parts.join('.')) === slowly;
    }),
    { numRuns: 2_000 },
  );
});

t.test('a pattern tells its service, or that any may match', async (t) => {
  t.equal(compilePattern('IEX.>').service, 'IEX');
  t.equal(compilePattern('*.AAPL').service, undefined);
  t.equal(compilePattern('IEX.AAPL').exact, 'IEX.AAPL');
  t.equal(compilePattern('IEX.*').exact, undefined);
  t.equal(serviceOf('IEX.BRK.A'), 'IEX');
});

t.test('a malformed pattern is refused', async (t) => {
  for (const pattern of ['', 'IEX.', '.A', 'IEX.>.A', 'IEX.A*', `IEX.${'A'.repeat(300)}`]) {
    t.throws(() => compilePattern(pattern), { code: 'RECORDS_BAD_PATTERN' });
  }
});
