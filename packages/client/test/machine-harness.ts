import { CONTROL_VERSION } from '@tickerplant/control';
import { formatSession } from '@tickerplant/moldudp64';
import type { Directory, Heartbeat, QualityEntry, StatusMessage, StatusOrigin } from '@tickerplant/status';
import { CounterRegistry } from '@tickerplant/telemetry';
import { ClientMachine } from '../src/client-machine.ts';
import { type ClientLimits, fillLimits } from '../src/options.ts';
import type { SubscribeOptions, Subscription } from '../src/subscription.ts';
import { FakePlant } from './fake-plant.ts';
import { dictionary, item, QUOTE, quote, template } from './support.ts';

export const MS = 1_000_000;

/** A client machine, what it wants done as lines, and a floor of two plants. */
export class Harness {
  readonly effects: string[] = [];
  readonly events: object[] = [];
  readonly machine: ClientMachine;
  readonly plant: FakePlant = new FakePlant(1, '0126112300');
  now = 0;
  boots: Record<string, bigint> = { p1: 1n, p2: 2n };
  /** By plant: the boot in which it has said how its channels are. */
  private readonly spoken: Record<string, bigint | undefined> = {};

  private readonly groups: number;

  /** @param groups that carry channel 1: the plant of rank r publishes on the r-th. */
  constructor(limits: Partial<ClientLimits> = {}, groups = 1) {
    this.groups = groups;
    this.machine = new ClientMachine({
      dictionary,
      ripple: false,
      limits: fillLimits({ lookAroundMs: 0, ...limits }),
      // In the order of this one p1 comes before p2.
      instance: '2',
      // No wait is longer than it must be.
      random: { next: () => 0, below: () => 0 },
      registry: new CounterRegistry(),
      nowNs: 0,
      wallNs: 0n,
      effects: {
        join: ({ id, groups }) =>
          this.effects.push(`join ${id} ${groups.map(({ group, port }) => `${group}:${port}`).join(' ')}`),
        leave: (id) => this.effects.push(`leave ${id}`),
        connect: ({ name }, { address, port }) => this.effects.push(`connect ${name} ${address}:${port}`),
        disconnect: () => this.effects.push('disconnect'),
        send: (request) => {
          const { kind, id } = request;
          if (kind === 'subscribe') this.effects.push(`subscribe ${id} ${request.patterns.join(',')}`);
          else if (kind === 'resync') this.effects.push(`resync ${id} channel ${request.channel} ${request.subjects}`);
          else this.effects.push(`unsubscribe ${id}`);
          return true;
        },
        sendRepair: (bytes, length, address, port) => {
          this.effects.push(`repair ${formatSession(bytes, 0)} to ${address}:${port} (${length})`);
          return true;
        },
        quarantine: (code) => this.effects.push(`quarantine ${code}`),
        listenerFailed: (error) => {
          throw error;
        },
        event: ({ at: _, ...event }) => this.events.push(event),
        note: () => {},
      },
    });
  }

  origin(sender: string): StatusOrigin {
    return { sender, boot: this.boots[sender]!, counter: 1, sentWallNs: 0n, sentMonotonicNs: 0 };
  }

  say(sender: string, message: StatusMessage): void {
    this.machine.status(message, this.origin(sender), this.now);
  }

  beat(name: 'p1' | 'p2', state: Heartbeat['state'] = 'primary', term = 0): void {
    const rank = name === 'p1' ? 0 : 1;
    if (this.spoken[name] !== this.boots[name]) this.quality(name, {}, { subject: 'options' });
    this.say(name, {
      kind: 'heartbeat',
      role: 'plant',
      name,
      term,
      rank,
      state,
      control: { address: '10.0.0.1', port: 7000 + rank },
      repair: { address: '10.0.0.1', port: 8000 + rank },
      channels: [{ id: 1, session: this.plant.session, next: this.plant.next }],
    });
  }

  directory(name: 'p1' | 'p2', services: string[] = ['IEX'], port = 20_001): void {
    const channels: Directory['channels'] = [
      {
        id: 1,
        name: 'equities',
        services,
        session: this.plant.session,
        groups: Array.from({ length: this.groups }, (_, rank) => ({ group: '239.255.1.1', port: port + rank })),
      },
      { id: 2, name: 'options', services: ['OPRA'], session: '', groups: [{ group: '239.255.1.2', port: 20_002 }] },
    ];
    this.say(name, { kind: 'directory', floor: 'toy', channels });
  }

  quality(name: 'p1' | 'p2', ...entries: Partial<QualityEntry>[]): void {
    const full = entries.map((entry) => {
      return { scope: 'channel', subject: 'equities', quality: 'LIVE', reason: '', detail: '', sinceNs: 0n, ...entry };
    });
    this.spoken[name] = this.boots[name];
    this.say(name, { kind: 'quality', entries: full as QualityEntry[] });
  }

  welcome(): void {
    this.machine.controlOpened(
      { kind: 'welcome', version: CONTROL_VERSION, plant: 'p1', floor: 'toy', boot: 1n },
      this.now,
    );
  }

  hear(packet: Uint8Array, group = 0): void {
    this.machine.packet(1, group, packet, packet.length, this.now);
  }

  images(id: number, patterns: string[]): void {
    for (const part of this.plant.images(id, patterns)) this.machine.controlReply(part, this.now);
    this.machine.controlReply({ kind: 'end', id, matched: 0 }, this.now);
  }

  wait(ms: number): void {
    for (let left = ms; left > 0; left -= 10) {
      this.now += Math.min(left, 10) * MS;
      this.machine.tick(this.now, BigInt(this.now));
    }
  }

  take(): string[] {
    return this.effects.splice(0);
  }

  subscribe(patterns: string[], options: SubscribeOptions = {}): Subscription {
    return this.machine.subscribe(patterns, options, this.now);
  }
}

/** A harness with one item, live. */
export function joined(limits: Partial<ClientLimits> = {}, groups = 1): { h: Harness; subscription: Subscription } {
  const h = new Harness(limits, groups);
  h.plant.say(template(QUOTE), item(0, 'IEX.A'), quote(0, 10000, 20000));
  const subscription = h.subscribe(['IEX.*']);
  h.beat('p1');
  h.beat('p2', 'standby');
  h.directory('p1');
  h.welcome();
  h.hear(h.plant.heartbeat());
  h.wait(1);
  h.machine.controlReply({ kind: 'subscribed', id: 1, matched: 1 }, h.now);
  h.machine.controlReply({ kind: 'end', id: 1, matched: 1 }, h.now);
  h.images(1, ['IEX.*']);
  return { h, subscription };
}
