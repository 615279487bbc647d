import { channelsOf, type Floor } from '@tickerplant/floor';
import type { DirectoryChannel, StatusMessage } from '@tickerplant/status';
import type { PlantChannel } from './channel.ts';
import { feedOf } from './feed-watch.ts';

/** The directory is told at once when it changes, and again this often for those who joined later. */
const REPEAT_NS = 250_000_000;

/** Tells subscribers where the floor's channels are, and which services are on them. */
export class DirectoryTeller {
  /** By channel: services that the floor file puts on it. */
  readonly services: readonly (readonly string[])[];
  private readonly floor: Floor;
  private readonly channels: readonly PlantChannel[];
  private readonly say: (message: StatusMessage) => void;
  /** By channel: what the last directory was made of. */
  private readonly told: { readonly session: string | undefined; readonly serviceChanges: number }[];
  private dueNs = 0;

  /** @param channels in the order of the floor's. */
  constructor(floor: Floor, channels: readonly PlantChannel[], say: (message: StatusMessage) => void) {
    this.floor = floor;
    this.channels = channels;
    this.say = say;
    this.services = floor.channels.map(({ name }) => servicesOf(floor, name));
    this.told = channels.map(() => ({ session: undefined, serviceChanges: -1 }));
  }

  /** Services that the floor file puts on a channel, and those of its items. */
  servicesOf(index: number): string[] {
    return [...new Set([...this.services[index]!, ...this.channels[index]!.values.serviceNames()])].sort();
  }

  /** Lets time pass: at every heartbeat. Cheap where nothing is new, which is nearly always. */
  tick(nowNs: number): void {
    let isNew = nowNs >= this.dueNs;
    for (let index = 0; index < this.told.length; index++) {
      const told = this.told[index]!;
      const { session, values } = this.channels[index]!;
      if (told.session === session && told.serviceChanges === values.serviceChanges) continue;
      this.told[index] = { session, serviceChanges: values.serviceChanges };
      isNew = true;
    }
    if (!isNew) return;
    const channels = this.floor.channels.map(
      ({ id, name, trading }, index): DirectoryChannel => ({
        id,
        name,
        services: this.servicesOf(index),
        session: this.channels[index]!.session ?? '',
        groups: trading,
      }),
    );
    this.dueNs = nowNs + REPEAT_NS;
    const { name, limits } = this.floor;
    this.say({ kind: 'directory', floor: name, channels, silentAfterMs: limits.silentAfterMs });
  }
}

function servicesOf(floor: Floor, channel: string): string[] {
  const names = new Set<string>();
  const feed = feedOf(floor, channel);
  for (const [role, mapping] of Object.entries(feed?.channels ?? {})) {
    const service = feed?.services[role];
    if (service !== undefined && channelsOf(mapping).includes(channel)) names.add(service);
  }
  return [...names];
}
