import { Reason } from '@tickerplant/records';
import type { Heartbeat, QualityEntry, StatusOrigin } from '@tickerplant/status';
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
