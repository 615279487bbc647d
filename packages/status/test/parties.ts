import { Quarantine } from '@tickerplant/telemetry';
import { FakeClock } from '@tickerplant/testkit';
import { type StatusMessage, type StatusOrigin, StatusReceiver, StatusSender } from '../src/index.ts';

export const KEY: Uint8Array = new TextEncoder().encode('a key for the tests only');
export const GROUP = '239.255.10.1:30000';

/** A sender whose packets pile up. */
export function sender(
  options: { name?: string; boot?: bigint; key?: Uint8Array; group?: string; packetBytes?: number } = {},
): { packets: Buffer[]; send: (message: StatusMessage, wallNs: bigint, monotonicNs?: number) => Buffer } {
  const packets: Buffer[] = [];
  const machine = new StatusSender({
    key: KEY,
    group: GROUP,
    name: 'plant/p1',
    boot: 0xb001n,
    packetBytes: 1472,
    ...options,
    emit: (packet) => packets.push(packet),
  });
  return {
    packets,
    send: (message, wallNs, monotonicNs = 0) => {
      machine.send(message, wallNs, monotonicNs);
      return packets.at(-1)!;
    },
  };
}

/** A receiver that writes down what it believes. */
export class Listener {
  readonly clock: FakeClock = new FakeClock();
  readonly heard: { message: StatusMessage; origin: StatusOrigin }[] = [];
  readonly quarantine: Quarantine = new Quarantine();
  readonly machine: StatusReceiver;

  constructor(options: { staleAfterNs?: number; sendersMax?: number; ownBoot?: bigint } = {}) {
    this.machine = new StatusReceiver({
      key: KEY,
      group: GROUP,
      quarantine: this.quarantine,
      onMessage: (message, origin) => this.heard.push({ message, origin }),
      ...options,
    });
  }

  take(packet: Uint8Array): void {
    this.machine.packet(packet, packet.length, this.clock.monotonicNs(), this.clock.wallNs());
  }

  /** The counters that aren't zero, `packets` apart. */
  counts(): Record<string, number> {
    return Object.fromEntries(
      Object.entries(this.machine.counters).filter(([name, count]) => name !== 'packets' && count !== 0),
    );
  }
}

export const HEARTBEAT: StatusMessage = {
  kind: 'heartbeat',
  fit: true,
  successor: undefined,
  role: 'plant',
  name: 'p1',
  feed: undefined,
  term: 1,
  rank: 0,
  state: 'primary',
  control: { address: '127.0.0.1', port: 32001 },
  repair: undefined,
  channels: [{ id: 1, session: '0117071000', next: 5_000_000_000, digest: undefined, unsure: false }],
};
