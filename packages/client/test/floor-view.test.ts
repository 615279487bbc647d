import type { Heartbeat, StatusOrigin } from '@tickerplant/status';
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
