import type { Random } from '@tickerplant/core';
import { type HandlerNode, type PlantNode, pairOf } from './nodes.ts';
import type { SimFloor } from './sim-floor.ts';
import type { SimNode, Weather } from './world.ts';
import { FAIR } from './world.ts';

/** Something that goes wrong for a while. */
export interface Fault {
  readonly atMs: number;
  readonly forMs: number;
  readonly kind: (typeof KINDS)[number];
  /** Whom or what it concerns: names of nodes and networks. */
  readonly what: readonly string[];
  /** How much: a share, or milliseconds. */
  readonly amount: number;
}

const KINDS = [
  'kill',
  'pause',
  'isolate',
  'cut',
  'loss',
  'duplicate',
  'delay',
  'line',
  'clock',
  'handover',
  'freeze',
  'blackout',
  'disk',
  'rolling',
  'day-end',
  'vendor-gap',
] as const;

const FAULTS_MAX = 12;
/** Of eight runs one is about what handlers can't know of each other and of the vendor: it takes several troubles at once. */
const NARROW = 8;
const NARROW_KINDS: readonly Fault['kind'][] = [
  'vendor-gap',
  'vendor-gap',
  'vendor-gap',
  'kill',
  'pause',
  'isolate',
  'cut',
  'loss',
  'handover',
  'rolling',
  'day-end',
];
const NARROW_FAULTS_MAX = 40;
/** Long enough for handlers to give up what they ask for. */
const GAP_MUTE_MS = 4_000;
/** Of a rolling restart: how long it may take, how long a process is gone, and how often to look whether the pair is well again. */
const ROLLING_MS = 20_000;
const ROLLING_GONE_MS = 300;
const ROLLING_LOOK_MS = 500;

/** What goes wrong in a run, from its seed: within `[0, untilMs)`, so that the rest is for getting well again. */
export function planFaults(random: Random, floor: SimFloor, untilMs: number): Fault[] {
  const narrow = random.below(NARROW) === 0;
  const kinds = narrow ? NARROW_KINDS : KINDS;
  const count = 1 + random.below(narrow ? NARROW_FAULTS_MAX : FAULTS_MAX);
  const handlers = floor.handlers.map(({ name }) => name);
  const plants = floor.plants.map(({ name }) => name);
  const servers = narrow ? handlers : [...handlers, ...plants];
  const all = narrow ? [...handlers, ...plants] : [...servers, ...floor.clients.map(({ name }) => name)];
  const networks = narrow ? ['feed network'] : ['feed network', 'trading network'];
  const bad = random.below(untilMs * 0.7);
  const any = (names: readonly string[]): string => names[random.below(names.length)]!;
  const make = (): Fault => {
    const kind = kinds[random.below(kinds.length)]!;
    // Trouble seldom comes alone: half of it comes together.
    const atMs = random.next() < 0.5 ? random.below(untilMs * 0.8) : bad + random.below(600);
    const forMs = Math.min(untilMs - atMs, 50 + random.below(random.next() < 0.3 ? 15_000 : 2_500));
    const fault = (what: readonly string[], amount = 0): Fault => ({ atMs, forMs, kind, what, amount });
    switch (kind) {
      case 'kill':
        return fault([any(random.next() < 0.9 ? servers : all)]);
      case 'pause':
        return fault([any(all)]);
      case 'isolate':
        return fault([any(networks), any(servers)]);
      case 'cut':
        return fault([any(networks), any(all), any(all)]);
      case 'loss':
        return fault([any([...networks, 'line A', 'line B'])], random.next() < 0.5 ? 0.05 : 0.4);
      case 'duplicate':
        return fault([any(networks)], 0.3);
      case 'delay':
        return fault([any([...networks, 'line A', 'line B'])], 1 + random.below(120));
      case 'line':
        return fault([any(['line A', 'line B'])]);
      case 'clock':
        // One clock, or those of all that ask the same wrong time server.
        return fault(random.next() < 0.7 ? [any(all)] : all, random.below(7_200_000) - 3_600_000);
      case 'handover':
        return fault([any(servers)]);
      case 'freeze':
        return fault([]);
      case 'blackout':
        return fault([any(['plants', 'handlers', 'plants and handlers'])]);
      case 'disk':
        return fault([any(plants)]);
      case 'rolling':
        return { ...fault([any(['plants', 'handlers'])]), forMs: Math.min(untilMs - atMs, ROLLING_MS) };
      case 'day-end':
        return fault([any(['said', 'unsaid'])]);
      case 'vendor-gap':
        return { ...fault([any([...handlers, handlers.join(' ')])], 20 + random.below(400)), forMs: GAP_MUTE_MS };
    }
  };
  return Array.from({ length: count }, make).sort((a, b) => a.atMs - b.atMs);
}

/** As one reads it. */
export function describeFault({ atMs, forMs, kind, what, amount }: Fault): string {
  const much = amount === 0 ? '' : ` ${amount}`;
  return `${(atMs / 1000).toFixed(3)} s: ${kind} ${what.join(' ')}${much} for ${forMs} ms`;
}

/** Lets a fault begin, and end when its time is over. */
export function inject(floor: SimFloor, fault: Fault): void {
  const { world } = floor;
  const { kind, what, amount } = fault;
  world.log('FAULT', describeFault(fault));
  const end = (undo: () => void): void => world.after(fault.forMs * 1e6, undo);
  const network = world.networks.find(({ name }) => name === what[0]);
  const change = (weather: Partial<Weather>): void => {
    Object.assign(network!.weather, weather);
    end(() => Object.assign(network!.weather, FAIR));
  };
  switch (kind) {
    case 'kill': {
      const node = floor.node(what[0]!);
      node.kill();
      end(() => node.start());
      return;
    }
    case 'pause': {
      const node = floor.node(what[0]!);
      node.pause();
      world.log(node.name, 'is stopped');
      end(() => node.resume());
      return;
    }
    case 'isolate': {
      const cuts: string[] = [];
      for (const { name } of floor.nodes.values()) {
        if (name !== what[1]) cuts.push(`${name}>${what[1]}`, `${what[1]}>${name}`);
      }
      cut(network!, cuts, end);
      return;
    }
    case 'cut':
      cut(network!, [`${what[1]}>${what[2]}`], end);
      return;
    case 'loss':
      change({ loss: amount });
      return;
    case 'duplicate':
      change({ duplicate: amount });
      return;
    case 'delay':
      change({ jitterNs: amount * 1e6 });
      return;
    case 'line': {
      const index = what[0] === 'line A' ? 0 : 1;
      floor.vendor.lineCut[index] = true;
      end(() => {
        floor.vendor.lineCut[index] = false;
      });
      return;
    }
    case 'clock': {
      const step = (ms: number): void => {
        for (const name of what) (floor.node(name) as SimNode).wallOffsetNs += BigInt(ms) * 1_000_000n;
      };
      step(amount);
      end(() => step(-amount));
      return;
    }
    case 'handover':
      floor.handOver(what[0]!);
      return;
    case 'blackout':
      for (const node of [...floor.plants, ...floor.handlers]) {
        if (!what[0]!.includes(floor.plants.includes(node as PlantNode) ? 'plants' : 'handlers')) continue;
        node.kill();
        // Not all in the same instant.
        world.after(fault.forMs * 1e6 * (0.5 + world.random.next() / 2), () => node.start());
      }
      return;
    case 'rolling':
      // Each twice: whoever gives its state then has another's itself.
      roll(floor, what[0] === 'plants' ? floor.plants : floor.handlers, 4, world.nowNs + fault.forMs * 1e6);
      return;
    case 'disk': {
      const plant = floor.node(what[0]!) as PlantNode;
      plant.diskStuck = true;
      end(() => {
        plant.diskStuck = false;
      });
      return;
    }
    case 'day-end':
      floor.vendor.endSession(what[0] === 'said');
      end(() => floor.vendor.beginSession());
      return;
    case 'vendor-gap': {
      // For a moment a handler hears neither line, and for longer the vendor repeats nothing.
      for (const name of what[0]!.split(' ')) {
        for (const line of [world.vendorA, world.vendorB]) {
          cut(line, [`vendor>${name}`], (undo) => world.after(amount * 1e6, undo));
        }
      }
      floor.vendor.mute = true;
      end(() => {
        floor.vendor.mute = false;
      });
      return;
    }
    case 'freeze':
      floor.vendor.frozen = true;
      end(() => {
        floor.vendor.frozen = false;
      });
      return;
  }
}

function cut(network: { readonly cuts: Set<string> }, cuts: readonly string[], end: (undo: () => void) => void): void {
  for (const each of cuts) network.cuts.add(each);
  end(() => {
    for (const each of cuts) network.cuts.delete(each);
  });
}

/** Restarts one after the other, so many times in all; the next one only while both are well, as one does it. */
function roll(floor: SimFloor, pair: readonly (HandlerNode | PlantNode)[], times: number, untilNs: number): void {
  const { world } = floor;
  const again = (): void => {
    if (times === 0 || world.nowNs >= untilNs) return;
    if (!pair.every((node) => node.alive && !node.paused && pairOf(node).fit)) {
      world.after(ROLLING_LOOK_MS * 1e6, again);
      return;
    }
    const node = pair[times % pair.length]!;
    node.kill();
    world.after(ROLLING_GONE_MS * 1e6, () => node.start());
    world.after(ROLLING_LOOK_MS * 1e6, () => roll(floor, pair, times - 1, untilNs));
  };
  again();
}
