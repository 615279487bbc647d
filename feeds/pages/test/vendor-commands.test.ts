import t from 'tap';
import { doVendorCommand, type VendorControls } from '../src/index.ts';

// What can be said to a simulated vendor while it runs.

function controls(): { calls: unknown[]; vendor: VendorControls } {
  const calls: unknown[] = [];
  const noted =
    (name: string, result: unknown) =>
    (...args: unknown[]): never => {
      calls.push([name, ...args]);
      return result as never;
    };
  const vendor: VendorControls = {
    setLayout: noted('layout', 3),
    setRate: noted('rate', undefined),
    garble: (name) => {
      calls.push(['garble', name]);
      return name === 'FXSP0001';
    },
    setStale: noted('stale', true),
    closePage: noted('close', true),
    setMute: noted('mute', undefined),
    restart: noted('restart', undefined),
  };
  return { calls, vendor };
}

t.test('commands do what they say', async (t) => {
  const { calls, vendor } = controls();
  const say = (line: string): string => doVendorCommand(line, vendor, 7);
  t.equal(say('layout changed FXSP'), 'ok: pages changed at once: 3');
  t.equal(say('  layout   usual *  '), 'ok: pages changed at once: 3');
  t.equal(say('rate 250.5'), 'ok');
  t.equal(say('garble FXSP0001'), 'ok');
  t.equal(say('stale FXSP0001 no source today'), 'ok');
  t.equal(say('fresh FXSP0001'), 'ok');
  t.equal(say('close FXSP0001'), 'ok');
  t.equal(say('mute on'), 'ok');
  t.equal(say('restart'), 'ok');
  t.same(calls, [
    ['layout', 'FXSP', 'changed', 7],
    ['layout', '*', 'usual', 7],
    ['rate', 250.5],
    ['garble', 'FXSP0001'],
    ['stale', 'FXSP0001', 'no source today', 7],
    ['stale', 'FXSP0001', undefined, 7],
    ['close', 'FXSP0001', 'closed', 7],
    ['mute', true],
    ['restart', 7],
  ]);
});

t.test('what cannot be done is refused in words', async (t) => {
  const { calls, vendor } = controls();
  for (const line of ['layout other *', 'layout changed', 'rate', 'rate -1', 'rate x', 'mute perhaps', 'dance', '']) {
    t.match(doVendorCommand(line, vendor, 0), /^error: expected .*got/, line);
  }
  t.same(calls, []);
  t.match(doVendorCommand('garble NOSUCH', vendor, 0), /^error: expected a page, got 'NOSUCH'/);
  // A broadcast has no requests to close or answer.
  const { setLayout, setRate, garble, restart } = vendor;
  for (const line of ['stale A', 'fresh A', 'close A', 'mute on']) {
    t.match(doVendorCommand(line, { setLayout, setRate, garble, restart }, 0), /this kind of service/, line);
  }
});
