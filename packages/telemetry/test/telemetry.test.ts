import { TickerError } from '@tickerplant/core';
import t from 'tap';
import { CounterRegistry, counterSet, LatencyHistogram, type Logger, Quarantine, Trouble } from '../src/index.ts';

t.test('a registry lists every counter with its labels and its sentence', async (t) => {
  const LINE = counterSet('line', { packets: 'Datagrams received.', bytes: 'Their bytes.' });
  const registry = new CounterRegistry();
  const a = registry.create(LINE, { line: 'A' });
  registry.create(LINE, { line: 'B' });
  a.packets += 2;
  t.same(registry.snapshot(), [
    { name: 'line', labels: { line: 'A' }, values: { packets: 2, bytes: 0 } },
    { name: 'line', labels: { line: 'B' }, values: { packets: 0, bytes: 0 } },
  ]);
  t.same(registry.descriptions(), { 'line.packets': 'Datagrams received.', 'line.bytes': 'Their bytes.' });
});

t.test('the quarantine keeps the newest, cut to size, and counts all', async (t) => {
  const quarantine = new Quarantine(2, 3);
  for (let i = 1; i <= 5; i++)
    quarantine.put(BigInt(i), i % 2 ? 'ODD' : 'EVEN', 'bad', new Uint8Array(4).fill(i), { i });
  const report = quarantine.report();
  t.same(report.counts, { ODD: 3, EVEN: 2 });
  t.equal(quarantine.total, 5);
  t.equal(report.dropped, 3);
  t.match(report.entries, [
    { at: 4n, hex: '040404', length: 4, context: { i: 4 } },
    { at: 5n, hex: '050505', length: 4 },
  ]);
});

t.test('the histogram gives percentiles within three digits, and survives odd values', async (t) => {
  const histogram = new LatencyHistogram(1_000_000);
  t.equal(histogram.summary().count, 0);
  for (let i = 1; i <= 1000; i++) histogram.record(i * 10);
  const { p50, p99, max, count } = histogram.summary();
  t.equal(count, 1000);
  t.ok(Math.abs(p50 - 5000) <= 5 && Math.abs(p99 - 9900) <= 10 && Math.abs(max - 10000) <= 10);
  histogram.record(-5);
  histogram.record(5e9);
  t.ok(histogram.summary().max >= 1_000_000);
});

t.test('trouble of one kind is logged once a second, with how often it was not', async (t) => {
  const logged: unknown[] = [];
  const clock = { now: 0, monotonicNs: () => clock.now, wallNs: () => 0n };
  const logger = { error: (context: unknown) => logged.push(context) } as unknown as Logger;
  const trouble = new Trouble(logger, clock);
  for (let ms = 0; ms <= 1_000; ms += 250) {
    clock.now = ms * 1e6;
    trouble.report(new TickerError('A', 'it failed'));
  }
  trouble.report(new TickerError('B', 'something else'));
  t.same(logged, [{ code: 'A' }, { code: 'A', suppressed: 3 }, { code: 'B' }]);
});
