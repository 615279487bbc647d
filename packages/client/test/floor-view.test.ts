import { Quality, Reason } from '@tickerplant/records';
import type { DirectoryChannel, Heartbeat, QualityEntry, StatusOrigin } from '@tickerplant/status';
import * as fc from 'fast-check';
import t from 'tap';
import { FloorView } from '../src/floor-view.ts';
import { CLIENT_LIMITS, SilenceLimit } from '../src/options.ts';

t.test('a plant that is joining is not asked for images: it would know of no items', async (t) => {
  const floor = new FloorView(new SilenceLimit(CLIENT_LIMITS));
  const beat = (rank: number, state: Heartbeat['state']): void => {
    const address = { address: '127.0.0.1', port: 1000 + rank };
    const name = `p${rank}`;
    const origin: StatusOrigin = { sender: name, boot: 1n, counter: 1, sentWallNs: 0n, sentMonotonicNs: 0 };
    const heartbeat = { kind: 'heartbeat', role: 'plant', name, term: 1, rank, state, control: address } as const;
    floor.heartbeat(origin, { ...heartbeat, channels: [] }, 0);
  };
  const names = (): string[] => floor.available(0).map(({ name }) => name);
  beat(1, 'joining');
  t.same(names(), []);
  beat(2, 'standby');
  beat(0, 'primary');
  t.same(names(), ['p0', 'p2']);
  beat(1, 'standby');
  t.same(names(), ['p0', 'p1', 'p2']);
});

t.test(
  'nothing is LIVE because a plant is there: one must have said so, and none of those that publish may have only its journal',
  async (t) => {
    const floor = new FloorView(new SilenceLimit(CLIENT_LIMITS));
    const origin = (name: string, boot = 1n): StatusOrigin => {
      return { sender: name, boot, counter: 1, sentWallNs: 0n, sentMonotonicNs: 0 };
    };
    const beat = (rank: number, state: Heartbeat['state'], boot = 1n): void => {
      const name = `p${rank}`;
      const channels = [{ id: 1, session: '0126112901', next: 1 }];
      floor.heartbeat(
        origin(name, boot),
        { kind: 'heartbeat', role: 'plant', name, term: 1, rank, state, channels },
        0,
      );
    };
    const say = (rank: number, quality: QualityEntry['quality'], reason = '', boot = 1n): void => {
      const entry = { scope: 'channel', subject: 'X', quality, reason, detail: '', sinceNs: 0n } as const;
      floor.quality(origin(`p${rank}`, boot), { kind: 'quality', entries: [entry] }, 0);
    };
    const state = (): string => {
      const { name, reason } = floor.channelState(1, 'X', 0, 0n);
      return `${name} ${reason}`.trim();
    };
    t.equal(state(), 'STALE plant-silent', 'nobody');
    beat(0, 'primary');
    t.equal(state(), 'STALE plant-silent', 'a heartbeat alone');
    say(0, 'LIVE');
    t.equal(state(), 'LIVE');
    t.same(floor.opinions(0), [], 'what is LIVE needs no mention');
    beat(1, 'standby');
    t.equal(state(), 'LIVE', 'a standby need not have spoken');
    beat(0, 'primary', 2n);
    t.equal(state(), 'STALE plant-silent', 'started anew, it has to say it again');
    say(0, 'STALE', Reason.JOURNAL, 2n);
    t.equal(state(), 'STALE journal');
    say(1, 'LIVE');
    t.equal(state(), 'STALE journal', 'a standby has no say');
    beat(1, 'primary');
    t.equal(state(), 'STALE journal', 'images may come from either');
    say(0, 'LIVE', '', 2n);
    t.equal(state(), 'LIVE');
    say(0, 'STALE', Reason.CHANNEL_SILENT, 2n);
    t.equal(state(), 'LIVE', 'of anything else the one that has it best');
  },
);

const originOf = ({ rank, boot }: { rank: number; boot: bigint }): StatusOrigin => {
  return { sender: `p${rank}`, boot, counter: 1, sentWallNs: 0n, sentMonotonicNs: 0 };
};

t.test(
  "of two directories that differ the better plant's counts, also when only who is better has changed",
  async (t) => {
    const floor = new FloorView(new SilenceLimit(CLIENT_LIMITS));
    const say = (rank: number, state: Heartbeat['state']): boolean => {
      const from = originOf({ rank, boot: 1n });
      const session = `012611290${rank}`;
      const channel = { id: 1, name: 'X', services: [], session, groups: [{ group: '239.0.0.1', port: 1 }] };
      floor.heartbeat(
        from,
        { kind: 'heartbeat', role: 'plant', name: `p${rank}`, term: 1, rank, state, channels: [] },
        0,
      );
      return floor.directory(from, { kind: 'directory', floor: 'f', channels: [channel], silentAfterMs: 1_000 }, 0);
    };
    const session = (): string | undefined => floor.channels.get(1)?.session;
    t.equal(say(0, 'primary'), true);
    t.equal(say(1, 'standby'), false);
    t.equal(session(), '0126112900');
    say(0, 'standby');
    t.equal(say(1, 'primary'), true);
    t.equal(session(), '0126112901');
    t.equal(say(1, 'primary'), false);
  },
);

type Step = (floor: FloorView, nowNs: number) => void;

// Few of everything: most that is said repeats what was said before.
const plant = fc.record({ rank: fc.nat(1), boot: fc.constantFrom(1n, 1n, 1n, 2n) });
const beat = fc
  .record({
    plant,
    state: fc.constantFrom('joining', 'standby', 'primary'),
    term: fc.constantFrom(1, 1, 1, 2),
    fit: fc.constantFrom(true, true, true, false),
    control: fc.constantFrom(true, true, true, false),
    carries: fc.boolean(),
  })
  .map(({ plant, state, term, fit, control, carries }): Step => {
    const { rank } = plant;
    const address = { address: '10.0.0.1', port: 1_000 + rank };
    const channels = carries ? [{ id: 1, session: '0126112901', next: 1 }] : [];
    const who = { kind: 'heartbeat', role: 'plant', name: `p${rank}`, rank } as const;
    const message = { ...who, state, term, fit, control: control ? address : undefined, repair: address, channels };
    return (floor, nowNs) => floor.heartbeat(originOf(plant), message, nowNs);
  });
const quality = fc
  .record({
    plant,
    scope: fc.constantFrom('channel', 'item'),
    quality: fc.constantFrom('LIVE', 'STALE'),
    reason: fc.constantFrom('', Reason.JOURNAL),
    sinceNs: fc.bigInt(0n, 1n),
  })
  .map(({ plant, ...rest }): Step => {
    const entry: QualityEntry = { ...rest, subject: 'X', detail: '' };
    return (floor, nowNs) => floor.quality(originOf(plant), { kind: 'quality', entries: [entry] }, nowNs);
  });
const directory = fc
  .record({
    plant,
    services: fc.constantFrom(['A'], ['A'], ['A', 'B']),
    session: fc.constantFrom('0126112901', '0126112902'),
    liveLive: fc.constantFrom(false, false, false, true),
    silentAfterMs: fc.constantFrom(1_000, 1_000, 1_000, 500),
  })
  .map(({ plant, services, session, liveLive, silentAfterMs }): Step => {
    const groups = [{ group: '239.0.0.1', port: 1 }];
    if (liveLive) groups.push({ group: '239.0.0.2', port: 1 });
    const channels: DirectoryChannel[] = [{ id: 1, name: 'X', services, session, groups }];
    const message = { kind: 'directory', floor: 'f', channels, silentAfterMs } as const;
    return (floor, nowNs) => void floor.directory(originOf(plant), message, nowNs);
  });

t.test('what is asked again and again is the same as what is asked for the first time', async () => {
  const step = fc.record({ afterMs: fc.constantFrom(0, 0, 1, 400, 700), does: fc.oneof(beat, quality, directory) });
  const asked = (floor: FloorView, nowNs: number): string => {
    const state = floor.channelState(1, 'X', nowNs, 0n);
    const all = [
      // Since when something is bad that nobody has spoken of is told by the clock.
      state.quality === Quality.LIVE ? state : { ...state, since: undefined },
      floor.itemState('X', nowNs),
      floor.available(nowNs),
      floor.repairers(undefined, nowNs),
      floor.repairers(1, nowNs),
      floor.primary(nowNs),
      floor.plantInfos(nowNs).map(({ heardNs: _, ...standing }) => standing),
      [...floor.channels],
    ];
    return JSON.stringify(all, (_, value) => (typeof value === 'bigint' ? String(value) : value));
  };
  fc.assert(
    fc.property(fc.array(step, { maxLength: 20, size: 'max' }), (steps) => {
      const floor = new FloorView(new SilenceLimit(CLIENT_LIMITS));
      const done: { readonly does: Step; readonly atNs: number }[] = [];
      let nowNs = 0;
      let version = -1;
      let before = '';
      const look = (): void => {
        const fresh = new FloorView(new SilenceLimit(CLIENT_LIMITS));
        for (const { does, atNs } of done) does(fresh, atNs);
        const answer = asked(floor, nowNs);
        if (answer !== asked(fresh, nowNs)) throw new Error(`${answer}, fresh ${asked(fresh, nowNs)}`);
        const isSame = floor.version(nowNs) === version;
        if (isSame && answer !== before) throw new Error(`${answer} after ${before}, and still version ${version}`);
        version = floor.version(nowNs);
        before = answer;
      };
      for (const { afterMs, does } of steps) {
        nowNs += afterMs * 1e6;
        look();
        does(floor, nowNs);
        done.push({ does, atNs: nowNs });
        look();
      }
    }),
    { numRuns: 300 },
  );
});
