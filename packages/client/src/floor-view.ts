import { Quality, type QualityName, Reason } from '@tickerplant/records';
import type {
  Address,
  Directory,
  DirectoryChannel,
  Heartbeat,
  QualityEntry,
  QualityReport,
  StatusOrigin,
} from '@tickerplant/status';
import { sameChannels } from './directory-channels.ts';
import { type ItemState, itemState, live, worst } from './item-state.ts';
import type { SilenceLimit } from './options.ts';
import { type PrimaryClaim, TakeoverWatch } from './takeovers.ts';

/** Where a plant stands, as its heartbeats show it. */
export interface PlantStanding {
  readonly name: string;
  readonly state: Heartbeat['state'];
  /** Place in the order of succession; the lower one goes first. */
  readonly rank: number;
  readonly term: number;
  /** Of a standby: it could take over. Of a primary: it does its work. Not so while it is drained. */
  readonly fit: boolean;
  readonly control: Address | undefined;
  readonly repair: Address | undefined;
  /** Not heard within the limit. */
  readonly silent: boolean;
}

/** A plant as its heartbeats show it. */
export interface PlantInfo extends PlantStanding {
  /** When it was last heard, monotonic ns. */
  readonly heardNs: number;
}

/** What follows from where the plants stand. */
interface Standings {
  readonly version: number;
  readonly available: readonly PlantStanding[];
  readonly repairers: readonly PlantStanding[];
  readonly primary: string | undefined;
}

interface Plant {
  readonly boot: bigint;
  heartbeat: Heartbeat;
  heardNs: number;
  /** Ids of the channels it forwards. */
  readonly channels: Set<number>;
  directory: Directory | undefined;
  /** By scope and subject. */
  readonly opinions: Map<string, QualityEntry>;
}

/** Senders kept track of, and opinions of each: more than a floor has. */
const PLANTS_MAX = 64;
const OPINIONS_MAX = 16_384;

/** Stands for a plant whose first heartbeat hasn't come yet. */
const UNKNOWN: Heartbeat = {
  kind: 'heartbeat',
  role: 'plant',
  name: '',
  term: 0,
  rank: Number.MAX_SAFE_INTEGER,
  state: 'joining',
  channels: [],
};

const QUALITY_OF: Readonly<Record<QualityName, Quality>> = Quality;

/**
 * What the status group says of the floor: who the plants are, where the channels are found, what is said of
 * their quality. No sockets, timers or clocks.
 */
export class FloorView {
  /** The floor's name; empty until a directory has come. */
  name = '';
  /** Who has taken over from whom. */
  readonly takeovers: TakeoverWatch = new TakeoverWatch();
  private readonly silence: SilenceLimit;
  /** By the sender's name. */
  private readonly plants = new Map<string, Plant>();
  private channelsById: ReadonlyMap<number, DirectoryChannel> = new Map();
  private changes = 0;
  /** Until then nobody falls silent. */
  private heardUntilNs: number = Number.NEGATIVE_INFINITY;
  private standings: Standings | undefined;
  /** The version that the channels were last put together from. */
  private channelsVersion = -1;

  constructor(silence: SilenceLimit) {
    this.silence = silence;
  }

  /** The channels, by id; a new map whenever something about them changes. */
  get channels(): ReadonlyMap<number, DirectoryChannel> {
    return this.channelsById;
  }

  /**
   * Another number whenever something may have changed of what is known of plants and channels: something new has been said,
   * or somebody has fallen silent. Nearly all that is said repeats what was said before; so it is worked out anew only then.
   */
  version(nowNs: number): number {
    if (nowNs > this.heardUntilNs) {
      this.changes++;
      this.heardUntilNs = Number.POSITIVE_INFINITY;
      for (const plant of this.plants.values()) {
        if (this.isSilent(plant, nowNs)) continue;
        this.heardUntilNs = Math.min(this.heardUntilNs, plant.heardNs + this.silence.ns);
      }
    }
    return this.changes;
  }

  private changed(): void {
    this.heardUntilNs = Number.NEGATIVE_INFINITY;
  }

  /** A plant is there. */
  heartbeat(from: StatusOrigin, message: Heartbeat, nowNs: number): void {
    if (message.role !== 'plant') return;
    const plant = this.plantOf(from, nowNs);
    if (plant === undefined) return;
    if (this.isSilent(plant, nowNs) || !sameStanding(plant.heartbeat, message)) this.changed();
    plant.heartbeat = message;
    plant.heardNs = nowNs;
    this.carry(plant, message.channels);
    if (message.state !== 'primary') return;
    const claim = { name: message.name, boot: from.boot, term: message.term };
    this.takeovers.claims(claim, (known) => this.isStillPrimary(known, nowNs), nowNs);
  }

  /** @returns whether the channels changed. */
  directory(from: StatusOrigin, message: Directory, nowNs: number): boolean {
    const plant = this.plantOf(from, nowNs);
    if (plant === undefined) return false;
    const before = plant.directory;
    plant.directory = message;
    const limitNs = this.silence.ns;
    this.silence.tell(message.silentAfterMs);
    if (this.silence.ns !== limitNs) this.changed();
    this.carry(plant, message.channels);
    this.name = message.floor;
    const isNew = before === undefined || !sameChannels(before.channels, message.channels);
    if (!isNew && this.version(nowNs) === this.channelsVersion) return false;
    this.channelsVersion = this.version(nowNs);
    const channels = new Map<number, DirectoryChannel>();
    for (const { directory } of this.ranked()) {
      for (const channel of directory?.channels ?? []) {
        const known = channels.get(channel.id);
        channels.set(channel.id, known === undefined ? channel : merged(known, channel));
      }
    }
    if (sameChannels([...channels.values()], [...this.channelsById.values()])) return false;
    this.channelsById = channels;
    this.changed();
    return true;
  }

  quality(from: StatusOrigin, message: QualityReport, nowNs: number): void {
    const opinions = this.plantOf(from, nowNs)?.opinions;
    if (opinions === undefined) return;
    for (const entry of message.entries) {
      const key = `${entry.scope} ${entry.subject}`;
      // That a channel is LIVE somebody must have said; of all else only what isn't counts.
      const known = opinions.get(key);
      if (entry.quality === 'LIVE' && entry.scope !== 'channel') {
        if (opinions.delete(key)) this.changed();
      } else if (known === undefined ? opinions.size < OPINIONS_MAX : !sameOpinion(known, entry)) {
        opinions.set(key, entry);
        this.changed();
      }
    }
  }

  /** The plants, the best first: primary before standby, then by rank. */
  plantInfos(nowNs: number): PlantInfo[] {
    return this.ranked().map((plant) => ({ ...this.standingOf(plant, nowNs), heardNs: plant.heardNs }));
  }

  /** Name of the primary, as far as one is heard. */
  primary(nowNs: number): string | undefined {
    return this.standing(nowNs).primary;
  }

  /** Name of the plant of a rank. */
  plantOfRank(rank: number): string | undefined {
    for (const { heartbeat } of this.plants.values()) if (heartbeat.rank === rank) return heartbeat.name;
    return undefined;
  }

  /**
   * Plants that are heard and may be asked, the best first; the same list while nothing changes. One that is joining has
   * nothing yet: its images would be empty.
   */
  available(nowNs: number): readonly PlantStanding[] {
    return this.standing(nowNs).available;
  }

  /** Plants that may be asked for missed messages: of a channel, or at all. One that is joining has none. */
  repairers(channel: number | undefined, nowNs: number): readonly PlantStanding[] {
    const { repairers } = this.standing(nowNs);
    return channel === undefined ? repairers : repairers.filter(({ name }) => this.carries(name, channel));
  }

  private standing(nowNs: number): Standings {
    const version = this.version(nowNs);
    if (this.standings?.version === version) return this.standings;
    const all = this.ranked().map((plant) => this.standingOf(plant, nowNs));
    const working = all.filter(({ silent, state }) => !silent && state !== 'joining');
    this.standings = {
      version,
      available: working.filter(({ control }) => control !== undefined),
      repairers: working.filter(({ repair }) => repair !== undefined),
      primary: working.find(({ state }) => state === 'primary')?.name,
    };
    return this.standings;
  }

  private standingOf(plant: Plant, nowNs: number): PlantStanding {
    const { name, state, rank, term, fit = true, control, repair } = plant.heartbeat;
    return { name, state, rank, term, fit, control, repair, silent: this.isSilent(plant, nowNs) };
  }

  private ranked(): Plant[] {
    return [...this.plants.values()].sort(inOrder);
  }

  /** Name of the plant that answers repair requests at an address. */
  repairerAt(address: string, port: number): string | undefined {
    for (const { heartbeat } of this.plants.values()) {
      if (heartbeat.repair?.address === address && heartbeat.repair.port === port) return heartbeat.name;
    }
    return undefined;
  }

  /** Everything said of quality by plants that are heard, for status. */
  opinions(nowNs: number): QualityEntry[] {
    const all = this.speakers(nowNs).flatMap(({ opinions }) => [...opinions.values()]);
    return all.filter(({ quality }) => quality !== 'LIVE');
  }

  /**
   * What the status group says of a channel: whether a plant that forwards it is heard, and what those say.
   *
   * @param wallNs wall-clock time of `nowNs`.
   */
  channelState(id: number, name: string, nowNs: number, wallNs: bigint): ItemState {
    const ofChannel = [...this.plants.values()].filter(({ channels }) => channels.has(id));
    const heard = ofChannel.filter((plant) => !this.isSilent(plant, nowNs));
    if (heard.length === 0) {
      const last = ofChannel.reduce((latest, { heardNs }) => Math.max(latest, heardNs), 0);
      const names = ofChannel.map(({ heartbeat }) => heartbeat.name).join(', ');
      const detail = names === '' ? 'no plant has been heard' : `${names} not heard any more`;
      return itemState(Quality.STALE, Reason.PLANT_SILENT, detail, wallNs - BigInt(Math.round(nowNs - last)));
    }
    const key = `channel ${name}`;
    const speakers = this.speakersFor(id, key, heard);
    // One that has just started may hold nothing but its journal, and images may come from it: whatever another one says,
    // nothing is LIVE before it has spoken, or while it says so.
    const silent = speakers.find(({ opinions }) => !opinions.has(key));
    if (speakers.length === 0 || silent !== undefined) {
      const detail = `${(silent ?? heard[0]!).heartbeat.name} has not said how the channel is`;
      return itemState(Quality.STALE, Reason.PLANT_SILENT, detail, wallNs);
    }
    const journal = speakers.find(({ opinions }) => opinions.get(key)!.reason === Reason.JOURNAL);
    return this.opinion(journal === undefined ? speakers : [journal], key);
  }

  /** The plants whose word on a channel counts: those that publish it; where none does, all that have said something. */
  private speakersFor(id: number, key: string, heard: readonly Plant[]): readonly Plant[] {
    const spoken = ({ opinions }: Plant): boolean => opinions.has(key);
    const liveLive = (this.channelsById.get(id)?.groups.length ?? 1) > 1;
    if (!liveLive) return heard.some(isPrimary) ? heard.filter(isPrimary) : heard.filter(spoken);
    // Each speaks for what it publishes itself; of one that has just started the others' word will do.
    const publishers = heard.filter(({ heartbeat }) => heartbeat.state !== 'joining');
    return (publishers.length > 0 ? publishers : heard).filter(spoken);
  }

  /** What plants say of a single item beyond what is in its channel's messages; undefined: nothing. */
  itemState(subject: string, nowNs: number): ItemState | undefined {
    const state = this.opinion(primariesOf(this.speakers(nowNs)), `item ${subject}`);
    return state.quality === Quality.LIVE ? undefined : state;
  }

  /** Subjects of items that something is said about. */
  itemSubjects(): Set<string> {
    const subjects = new Set<string>();
    for (const { opinions } of this.plants.values()) {
      for (const { scope, subject } of opinions.values()) if (scope === 'item') subjects.add(subject);
    }
    return subjects;
  }

  /**
   * Plants speak for what they publish; of several the one that has it best, since what they publish is the same and the
   * receiver takes it from whoever brings it.
   */
  private opinion(publishers: readonly Plant[], key: string): ItemState {
    let best: ItemState | undefined;
    for (const { opinions } of publishers) {
      const entry = opinions.get(key);
      if (entry === undefined) return live(0n);
      const state = itemState(QUALITY_OF[entry.quality], entry.reason, entry.detail, entry.sinceNs);
      best = best === undefined || worst(best, state) === best ? state : best;
    }
    return best ?? live(0n);
  }

  /** Of a sender seen for the first time, or started anew, nothing is known but what it says now. */
  private plantOf(from: StatusOrigin, nowNs: number): Plant | undefined {
    const known = this.plants.get(from.sender);
    if (known?.boot === from.boot) return known;
    if (known === undefined && this.plants.size >= PLANTS_MAX) return undefined;
    const plant: Plant = {
      boot: from.boot,
      heartbeat: { ...UNKNOWN, name: from.sender },
      heardNs: nowNs,
      channels: new Set(),
      directory: known?.directory,
      opinions: new Map(),
    };
    this.plants.set(from.sender, plant);
    this.changed();
    return plant;
  }

  private carry(plant: Plant, channels: readonly { readonly id: number }[]): void {
    const before = plant.channels.size;
    for (const { id } of channels) plant.channels.add(id);
    if (plant.channels.size !== before) this.changed();
  }

  private isStillPrimary({ name, boot, term }: PrimaryClaim, nowNs: number): boolean {
    for (const plant of this.plants.values()) {
      const { heartbeat } = plant;
      if (heartbeat.name !== name || plant.boot !== boot) continue;
      return heartbeat.state === 'primary' && heartbeat.term === term && !this.isSilent(plant, nowNs);
    }
    return false;
  }

  private carries(name: string, channel: number): boolean {
    for (const { heartbeat, channels } of this.plants.values()) {
      if (heartbeat.name === name) return channels.has(channel);
    }
    return false;
  }

  private speakers(nowNs: number): Plant[] {
    return [...this.plants.values()].filter((plant) => !this.isSilent(plant, nowNs));
  }

  private isSilent(plant: Plant, nowNs: number): boolean {
    return nowNs - plant.heardNs > this.silence.ns;
  }
}

/** Whether two heartbeats of one plant say the same of it. */
function sameStanding(a: Heartbeat, b: Heartbeat): boolean {
  return (
    a.state === b.state &&
    a.term === b.term &&
    a.rank === b.rank &&
    a.name === b.name &&
    (a.fit ?? true) === (b.fit ?? true) &&
    sameAddress(a.control, b.control) &&
    sameAddress(a.repair, b.repair)
  );
}

function sameAddress(a: Address | undefined, b: Address | undefined): boolean {
  return a === b || (a?.address === b?.address && a?.port === b?.port);
}

function sameOpinion(a: QualityEntry, b: QualityEntry): boolean {
  return (
    a === b || (a.quality === b.quality && a.reason === b.reason && a.detail === b.detail && a.sinceNs === b.sinceNs)
  );
}

function isPrimary({ heartbeat }: Plant): boolean {
  return heartbeat.state === 'primary';
}

function inOrder(a: Plant, b: Plant): number {
  const [x, y] = [a.heartbeat, b.heartbeat];
  const primary = Number(y.state === 'primary') - Number(x.state === 'primary');
  // Of two that say they are primary, the lower term has not heard of the other yet.
  const term = x.state === 'primary' && y.state === 'primary' ? y.term - x.term : 0;
  return primary || term || x.rank - y.rank || compare(x.name, y.name);
}

/** The primaries among plants; all, where there is none. */
function primariesOf(plants: readonly Plant[]): readonly Plant[] {
  const primaries = plants.filter(isPrimary);
  return primaries.length > 0 ? primaries : plants;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** The first one's word stands; services are known by whoever has seen an item of them. */
function merged(first: DirectoryChannel, second: DirectoryChannel): DirectoryChannel {
  return { ...first, services: [...new Set([...first.services, ...second.services])].sort() };
}
