import { CONTROL_VERSION } from '@tickerplant/control';
import { TickerError } from '@tickerplant/core';
import t from 'tap';
import { fillLimits } from '../src/options.ts';
import { Harness, joined, MS } from './machine-harness.ts';
import { stateText } from './recorder.ts';
import { item, QUOTE, quote, template } from './support.ts';

t.test('from the status group alone to a live item', async (t) => {
  const h = new Harness();
  h.plant.say(template(QUOTE), item(0, 'IEX.A'), quote(0, 10000, 20000));
  const subscription = h.subscribe(['IEX.*']);
  t.same(h.take(), []);
  h.beat('p1');
  t.same(h.take(), [], 'no channel is known that images could be asked for');
  h.directory('p1');
  t.same(
    h.take(),
    ['join 1 239.255.1.1:20001', 'connect p1 10.0.0.1:7000'],
    'only the channel that carries the service',
  );
  h.welcome();
  t.same(h.take(), []);
  h.hear(h.plant.heartbeat());
  h.wait(1);
  t.same(h.take(), ['subscribe 1 IEX.*', 'resync 1 channel 1 ']);
  h.machine.controlReply({ kind: 'subscribed', id: 1, matched: 1 }, h.now);
  h.machine.controlReply({ kind: 'end', id: 1, matched: 1 }, h.now);
  h.images(1, ['IEX.*']);
  await subscription.ready;
  t.equal(h.machine.item('IEX.A')!.get('BID')!.toString(), '1.0000');
  t.equal(h.machine.item('IEX.A')!.quality, 'LIVE');
  t.same(
    subscription.items.map(({ subject }) => subject),
    ['IEX.A'],
  );
  t.equal(h.machine.floor.name, 'toy');
});

t.test('the directory may come before the heartbeat, and the subscription after both', async (t) => {
  const h = new Harness();
  h.directory('p1');
  h.beat('p1');
  t.same(h.take(), [], 'nobody wants anything yet');
  h.subscribe(['IEX.A']);
  t.same(h.take(), ['join 1 239.255.1.1:20001']);
  h.beat('p1');
  t.same(h.take(), ['connect p1 10.0.0.1:7000']);
});

t.test('a service that appears later is joined then', async (t) => {
  const h = new Harness();
  h.beat('p1');
  const early = h.subscribe(['IEX.A']);
  let ready = false;
  void early.ready.then(() => {
    ready = true;
  });
  await Promise.resolve();
  t.notOk(ready, 'nothing is known of the floor yet');
  h.directory('p1', []);
  await early.ready;
  t.same(early.items, []);
  await h.subscribe(['IEX.B']).ready;
  t.same(
    h.take().filter((line) => line.startsWith('join')),
    [],
  );
  h.directory('p1', ['IEX']);
  t.ok(h.take().includes('join 1 239.255.1.1:20001'));
});

t.test('a wildcard for the service joins every channel', async (t) => {
  const h = new Harness();
  h.beat('p1');
  h.directory('p1');
  h.subscribe(['*.A']);
  t.same(
    h.take().filter((line) => line.startsWith('join')),
    ['join 1 239.255.1.1:20001', 'join 2 239.255.1.2:20002'],
  );
});

t.test('a channel that moved is left and joined again', async (t) => {
  const { h } = joined();
  h.take();
  h.directory('p1', ['IEX'], 20_009);
  t.same(h.take(), ['leave 1', 'join 1 239.255.1.1:20009']);
});

t.test('in its own order, whoever is primary; the next one when a plant cannot be reached; back-off', async (t) => {
  const h = new Harness();
  h.subscribe(['IEX.A']);
  h.beat('p1', 'standby');
  h.beat('p2', 'primary');
  h.directory('p2');
  t.same(h.take(), ['join 1 239.255.1.1:20001', 'connect p1 10.0.0.1:7000']);
  h.machine.controlClosed(new TickerError('CONTROL_UNREACHABLE', 'refused'), h.now);
  t.same(h.take(), ['connect p2 10.0.0.1:7001']);
  h.machine.controlClosed(new TickerError('CONTROL_UNREACHABLE', 'refused'), h.now);
  t.same(h.take(), [], 'both have just been tried');
  h.wait(60);
  t.equal(h.take().length, 1);
});

t.test('when the connection drops, the stream goes on and only what is needed is asked for again', async (t) => {
  const { h } = joined();
  h.take();
  h.machine.controlClosed(new TickerError('CONTROL_BROKEN', 'reset'), h.now);
  t.same(h.take(), ['connect p2 10.0.0.1:7001'], 'the one that dropped is not the first to be tried again');
  h.hear(h.plant.say(quote(0, 10100, 20000)));
  t.equal(h.machine.item('IEX.A')!.get('BID')!.toString(), '1.0100');
  t.equal(h.machine.item('IEX.A')!.quality, 'LIVE');
  h.welcome();
  h.wait(1);
  t.same(h.take(), []);
});

t.test('a plant that says no more on the status group is left', async (t) => {
  const { h } = joined();
  h.take();
  for (let i = 0; i < 12; i++) {
    h.wait(100);
    h.beat('p2', 'standby');
    h.hear(h.plant.heartbeat());
  }
  t.same(h.take(), ['disconnect', 'connect p2 10.0.0.1:7001']);
  t.equal(h.machine.item('IEX.A')!.quality, 'LIVE', 'the other plant is there and the stream goes on');
});

for (const [whose, limits, ms] of [
  ["the floor's", {}, 300],
  ["the program's own", { silentAfterMs: 700 }, 700],
] as const) {
  t.test(`silence shows within ${whose} limit`, async (t) => {
    const { h } = joined(limits);
    h.say('p1', {
      kind: 'directory',
      floor: 'toy',
      channels: [...h.machine.floor.channels.values()],
      silentAfterMs: 300,
    });
    const quality = (): string => h.machine.item('IEX.A')!.quality;
    for (let waited = 0; waited < ms; waited += 50) {
      t.equal(quality(), 'LIVE', `after ${waited} ms`);
      h.wait(50);
    }
    h.wait(20);
    t.equal(quality(), 'STALE');
  });
}

t.test('all plants silent: STALE, until one is heard again', async (t) => {
  const { h } = joined();
  for (let i = 0; i < 12; i++) {
    h.wait(100);
    h.hear(h.plant.heartbeat());
  }
  const one = h.machine.item('IEX.A')!;
  t.equal(stateText(one.state), 'STALE(plant-silent)');
  t.equal(one.state.detail, 'p1, p2 not heard any more');
  h.beat('p1');
  h.wait(1);
  t.equal(one.quality, 'LIVE');
});

t.test('a process that was held up does not take that for silence', async (t) => {
  const { h } = joined();
  h.take();
  h.now += 5_000 * MS;
  h.machine.tick(h.now, BigInt(h.now));
  t.equal(h.machine.item('IEX.A')!.quality, 'LIVE');
  h.beat('p1');
  h.hear(h.plant.heartbeat());
  h.wait(10);
  t.equal(h.machine.item('IEX.A')!.quality, 'LIVE');
  t.same(h.take(), []);
  h.now += 5_000 * MS;
  h.machine.tick(h.now, BigInt(h.now));
  h.wait(10);
  t.equal(stateText(h.machine.item('IEX.A')!.state), 'STALE(plant-silent)', 'nothing had come');
});

t.test('a plant that does not answer is left for another', async (t) => {
  const h = new Harness({ imagesTimeoutMs: 200 });
  h.plant.say(template(QUOTE), item(0, 'IEX.A'));
  h.subscribe(['IEX.*']);
  h.beat('p1');
  h.beat('p2');
  h.directory('p1');
  h.welcome();
  h.hear(h.plant.heartbeat());
  h.wait(1);
  h.take();
  h.wait(201);
  t.same(h.take(), ['disconnect', 'connect p2 10.0.0.1:7001']);
  h.welcome();
  t.same(h.take(), ['subscribe 1 IEX.*', 'resync 1 channel 1 ']);
});

t.test('a plant that refuses is left for another', async (t) => {
  const h = new Harness();
  h.plant.say(template(QUOTE));
  h.subscribe(['IEX.*']);
  h.beat('p1');
  h.beat('p2');
  h.directory('p1');
  h.welcome();
  h.hear(h.plant.heartbeat());
  h.wait(1);
  h.take();
  h.machine.controlReply({ kind: 'error', id: 1, code: 'PLANT_TOO_MANY', message: 'expected fewer' }, h.now);
  h.wait(1);
  t.same(h.take(), ['disconnect', 'connect p2 10.0.0.1:7001']);
});

t.test('what the plants say of the channel counts; of two primaries the better opinion', async (t) => {
  const { h } = joined();
  const one = h.machine.item('IEX.A')!;
  const stale = { quality: 'STALE', reason: 'lines-silent', detail: 'no line of iex is heard', sinceNs: 77n } as const;
  h.quality('p2', stale);
  t.equal(one.quality, 'LIVE', 'the opinion of a standby');
  h.quality('p1', stale);
  t.equal(stateText(one.state), 'STALE(lines-silent)');
  t.equal(one.state.since, 77n);
  h.beat('p2', 'primary');
  h.quality('p2', {});
  h.wait(1);
  t.equal(stateText(one.state), 'RECOVERING(channel-gap)', 'as long as nobody says how far the channel is');
  h.beat('p2', 'primary');
  h.beat('p2', 'primary');
  h.wait(1);
  t.equal(one.quality, 'LIVE');
});

t.test(
  'after trouble, what the plant speaks of must have come: a tail that is lost is no gap to be seen',
  async (t) => {
    const { h } = joined();
    const one = h.machine.item('IEX.A')!;
    h.quality('p1', { quality: 'RECOVERING', reason: 'vendor-missing' });
    const lost = h.plant.say(quote(0, 10100, 20000));
    h.quality('p1', {});
    for (let i = 0; i < 4; i++) {
      h.beat('p1');
      h.wait(1);
      t.equal(stateText(one.state), 'RECOVERING(channel-gap)');
    }
    h.hear(lost);
    h.wait(1);
    t.equal(one.quality, 'LIVE');
    t.equal(one.get('BID')!.toString(), '1.0100');
  },
);

t.test('what the plants say of single items counts, also of items to come', async (t) => {
  const { h } = joined();
  const suspect = { scope: 'item', quality: 'SUSPECT', reason: 'vendor-says' } as const;
  h.quality('p1', { ...suspect, subject: 'IEX.A' }, { ...suspect, subject: 'IEX.B' });
  t.equal(stateText(h.machine.item('IEX.A')!.state), 'SUSPECT(vendor-says)');
  h.hear(h.plant.say(item(1, 'IEX.B')));
  t.equal(stateText(h.machine.item('IEX.B')!.state), 'SUSPECT(vendor-says)');
  h.quality('p1', { ...suspect, subject: 'IEX.A', quality: 'LIVE', reason: '' });
  t.equal(h.machine.item('IEX.A')!.quality, 'LIVE');
});

t.test('a plant started anew: what its former self said counts no more', async (t) => {
  const { h } = joined();
  h.quality('p1', { quality: 'SUSPECT', reason: 'channel-lost' });
  t.equal(h.machine.item('IEX.A')!.quality, 'SUSPECT');
  h.boots.p1 = 9n;
  h.beat('p1');
  h.beat('p1');
  h.wait(1);
  t.equal(h.machine.item('IEX.A')!.quality, 'LIVE');
});

t.test('repair is asked of the plants in turn; strangers are not listened to', async (t) => {
  const { h } = joined();
  h.take();
  const lost = h.plant.say(quote(0, 10100, 20000));
  h.hear(h.plant.say(quote(0, 10200, 20000)));
  for (let i = 0; i < 30; i++) h.wait(1);
  t.same(h.take(), ['repair 0126112300 to 10.0.0.1:8000 (20)', 'repair 0126112300 to 10.0.0.1:8001 (20)']);
  h.machine.repairPacket(lost, lost.length, '10.6.6.6', 8000, h.now);
  t.equal(h.machine.item('IEX.A')!.quality, 'RECOVERING');
  t.same(h.take(), ['quarantine CLIENT_STRANGER']);
  h.machine.repairPacket(lost.subarray(0, 5), 5, '10.0.0.1', 8000, h.now);
  t.same(h.take(), ['quarantine CLIENT_TRUNCATED']);
  h.machine.repairPacket(lost, lost.length, '10.0.0.1', 8000, h.now);
  t.equal(h.machine.item('IEX.A')!.get('BID')!.toString(), '1.0200');
  t.equal(h.machine.item('IEX.A')!.quality, 'LIVE');
});

t.test('many subscriptions: the plant is left with a bounded number of requests', async (t) => {
  const h = new Harness();
  h.plant.say(template(QUOTE));
  for (let i = 0; i < 300; i++) h.subscribe([`IEX.S${i}`]);
  h.beat('p1');
  h.directory('p1');
  h.welcome();
  h.hear(h.plant.heartbeat());
  h.wait(1);
  const first = h.take().filter((line) => /^(subscribe|resync)/.test(line)).length;
  t.ok(first <= 65, `${first} requests at first`);
  let rounds = 0;
  const answered = new Set<number>();
  while (answered.size < 300 && rounds++ < 100) {
    for (let id = 1; id <= 300; id++) {
      if (answered.has(id) || !asked.has(id)) continue;
      h.machine.controlReply({ kind: 'end', id, matched: 0 }, h.now);
      h.images(id, [`IEX.S${id - 1}`]);
      answered.add(id);
    }
    h.wait(1);
    for (const line of h.take()) if (line.startsWith('resync')) asked.add(Number(line.split(' ')[1]));
  }
  t.equal(answered.size, 300);
});
const asked = new Set<number>(Array.from({ length: 32 }, (_, i) => i + 1));

t.test('the last subscription of a channel takes the channel with it', async (t) => {
  const { h, subscription } = joined();
  const second = h.subscribe(['IEX.A']);
  h.take();
  subscription.close();
  t.same(h.take(), ['unsubscribe 1']);
  second.close();
  t.same(h.take(), ['unsubscribe 2', 'leave 1']);
  t.equal(h.machine.item('IEX.A'), undefined);
  h.hear(h.plant.say(quote(0, 1, 2)));
  t.same(
    h.machine.channelInfos().map(({ joined }) => joined),
    [false, false],
  );
});

t.test('closing ends the loops and rejects what is not ready', async (t) => {
  const h = new Harness();
  const subscription = h.subscribe(['IEX.A']);
  const loop = (async () => {
    for await (const _ of subscription) t.fail('nothing came');
    return 'ended';
  })();
  h.machine.close();
  t.equal(await loop, 'ended');
  await t.rejects(subscription.ready, { code: 'CLIENT_CLOSED' });
});

t.test('a listener from the beginning, one added later, and single functions', async (t) => {
  const lines: string[] = [];
  const h = new Harness();
  h.plant.say(template(QUOTE), item(0, 'IEX.A'), quote(0, 10000, 20000));
  const subscription = h.subscribe(['IEX.*'], {
    listener: {
      onItem: ({ subject }) => lines.push(`1 item ${subject}`),
      onImage: ({ subject }) => lines.push(`1 image ${subject}`),
      onUpdate: ({ subject, seq }) => lines.push(`1 update ${subject} ${seq}`),
    },
  });
  h.beat('p1');
  h.directory('p1');
  h.welcome();
  h.hear(h.plant.heartbeat());
  h.wait(1);
  h.machine.controlReply({ kind: 'end', id: 1, matched: 1 }, h.now);
  h.images(1, ['IEX.*']);
  const stop = subscription.listen({ onImage: ({ subject }) => lines.push(`2 image ${subject}`) });
  const onUpdate = (): void => {
    lines.push('3 update');
  };
  subscription.on('update', onUpdate).on('image', ({ subject }) => lines.push(`3 image ${subject}`));
  h.hear(h.plant.say(quote(0, 10100, 20000)));
  stop();
  subscription.off('update', onUpdate);
  h.hear(h.plant.say(quote(0, 10100, 20000)));
  t.same(lines, [
    '1 item IEX.A',
    '1 image IEX.A',
    '2 image IEX.A',
    '3 image IEX.A',
    '1 update IEX.A 4',
    '3 update',
    '1 update IEX.A 5',
  ]);
  t.throws(() => subscription.on('updates' as 'update', () => {}), { code: 'CLIENT_BAD_OPTION' });
  t.throws(() => h.subscribe([]), { code: 'CLIENT_BAD_OPTION' });
  t.throws(() => h.subscribe(['IEX.>.A']), { code: 'RECORDS_BAD_PATTERN' });
  t.throws(() => h.subscribe(['IEX.A'], { fields: ['NO_SUCH'] }), { code: 'CLIENT_BAD_OPTION' });
});

t.test('limits: defaults, and what is refused', async (t) => {
  t.equal(fillLimits().repairTimeoutMs, 20);
  t.equal(fillLimits({ retryMs: 7 }).retryMs, 7);
  t.throws(() => fillLimits({ retryMs: 0 }), { code: 'CLIENT_BAD_OPTION' });
  t.throws(() => fillLimits({ nonsense: 1 } as never), { code: 'CLIENT_BAD_OPTION' });
});

t.test('plants heard a moment later are waited for, so that each has its share', async (t) => {
  const h = new Harness({ lookAroundMs: 60 });
  h.subscribe(['IEX.*']);
  h.beat('p2', 'standby');
  h.directory('p2');
  h.wait(40);
  h.beat('p1');
  h.wait(10);
  t.same(h.take(), ['join 1 239.255.1.1:20001']);
  h.wait(10);
  t.same(h.take(), ['connect p1 10.0.0.1:7000']);
});

t.test('repair is asked first of the plant that answers', async (t) => {
  const { h } = joined();
  const repairs = (): string[] => h.take().flatMap((line) => /^repair .* to \S+:(\d+)/.exec(line)?.[1] ?? []);
  const lose = (): Uint8Array => {
    const lost = h.plant.say(quote(0, 10100, 20000));
    h.hear(h.plant.say(quote(0, 10200, 20000)));
    return lost;
  };
  repairs();
  const first = lose();
  for (let i = 0; i < 60; i++) h.wait(1);
  t.same(repairs(), ['8000', '8001', '8001'], 'p1, first in order, has not answered twice');
  t.equal(h.machine.serving(h.now).repair, 'p2');
  h.machine.repairPacket(first, first.length, '10.0.0.1', 8001, h.now);
  lose();
  for (let i = 0; i < 10; i++) h.wait(1);
  t.same(repairs(), ['8001']);
  for (let i = 0; i < 12; i++) {
    h.wait(100);
    h.beat('p1');
    h.beat('p2', 'standby');
  }
  t.equal(h.machine.serving(h.now).repair, 'p1', 'after a second it is asked again');
});

t.test('a takeover is told when it is over, with what it did to the stream', async (t) => {
  const { h } = joined();
  h.events.length = 0;
  const beats = (name: 'p1' | 'p2', term: number, ms: number): void => {
    for (let at = 0; at < ms; at += 10) {
      h.beat(name, 'primary', term);
      h.hear(h.plant.heartbeat());
      h.wait(10);
    }
  };
  beats('p1', 0, 1_100);
  t.same(h.machine.takeovers, [], 'the first primary has taken over from nobody');
  h.wait(80);
  beats('p2', 1, 240);
  const told = (): unknown[] => h.events.filter((event) => (event as { event: string }).event === 'takeover');
  t.same(told(), []);
  h.beat('p1', 'primary', 0);
  beats('p2', 1, 20);
  t.same(told(), [{ event: 'takeover', from: 'p1', to: 'p2', term: 1, gapMs: 90 }], 'the old one is not believed');
  t.equal(h.machine.serving(h.now).primary, 'p2');
  h.boots.p1 = 7n;
  h.wait(1_500);
  beats('p1', 1, 300);
  t.match(h.machine.takeovers, [{ to: 'p2' }, { from: 'p2', to: 'p1', term: 1 }], 'a floor started anew counts anew');
});

t.test('each change of server is told', async (t) => {
  const { h } = joined();
  const told = h.events.splice(0);
  t.match(told, [
    { event: 'server', serves: 'images', from: undefined, to: 'p1' },
    { event: 'server', serves: 'repair', from: undefined, to: 'p1' },
  ]);
  h.machine.controlClosed(new TickerError('CONTROL_BROKEN', 'reset'), h.now);
  h.machine.controlOpened({ kind: 'welcome', version: CONTROL_VERSION, plant: 'p2', floor: 'toy', boot: 1n }, h.now);
  t.match(h.events, [
    { event: 'server', serves: 'images', from: 'p1', to: undefined, why: 'reset' },
    { event: 'server', serves: 'images', from: 'p1', to: 'p2', why: 'connected' },
  ]);
});
