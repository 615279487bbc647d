import { seededRandom } from '@tickerplant/core';
import fc from 'fast-check';
import t from 'tap';
import type { PlantInfo } from '../src/floor-view.ts';
import { type ClientLimits, fillLimits, SilenceLimit } from '../src/options.ts';
import { OwnOrder } from '../src/own-order.ts';
import { PlantChoice } from '../src/plant-choice.ts';

const MS = 1_000_000;

interface Choosing {
  readonly choice: PlantChoice;
  /** The plant it has a connection to. */
  plant: string | undefined;
  /** When it last asked for one, ms. */
  askedMs: number;
  connects: number;
}

/** Many clients, as far as their choice of a plant goes, and plants that accept every connection while they are up. */
class Crowd {
  readonly clients: Choosing[];
  readonly unfit: Set<string> = new Set();
  nowMs = 0;
  private readonly up: Set<string>;
  private readonly names: readonly string[];

  constructor(seed: number, size: number, names: readonly string[], limits: Partial<ClientLimits> = {}) {
    this.names = names;
    this.up = new Set(names);
    const filled = fillLimits(limits);
    const silence = new SilenceLimit(filled);
    this.clients = Array.from({ length: size }, (_, index) => ({
      choice: new PlantChoice(`${seed}-${index}`, filled, silence, seededRandom(index), 0),
      plant: undefined,
      askedMs: 0,
      connects: 0,
    }));
  }

  start(plant: string): void {
    this.up.add(plant);
  }

  /** A plant is killed: connections to it break for everybody in the same instant. */
  kill(plant: string): void {
    this.up.delete(plant);
    for (const one of this.clients) {
      if (one.plant !== plant) continue;
      one.plant = undefined;
      one.choice.lost(plant, this.nowMs * MS);
    }
  }

  /** Lets time pass in steps of `stepMs`. */
  pass(ms: number, stepMs = 10): void {
    for (const endMs = this.nowMs + ms; this.nowMs < endMs; this.nowMs += stepMs) {
      const heard = this.names.filter((name) => this.up.has(name)).map((name) => this.infoOf(name));
      for (const one of this.clients) this.step(one, heard);
    }
  }

  /** How many clients each plant has. */
  shares(): Record<string, number> {
    const shares: Record<string, number> = {};
    for (const { plant = 'none' } of this.clients) shares[plant] = (shares[plant] ?? 0) + 1;
    return shares;
  }

  private step(one: Choosing, heard: readonly PlantInfo[]): void {
    const nowNs = this.nowMs * MS;
    one.choice.look(heard, nowNs);
    if (one.plant !== undefined) {
      if (one.choice.whyMove(one.plant, heard, true, nowNs) === undefined) return;
      one.plant = undefined;
    }
    one.plant = one.choice.next(heard, nowNs)?.name;
    if (one.plant === undefined) return;
    one.askedMs = this.nowMs;
    one.connects++;
  }

  private infoOf(name: string): PlantInfo {
    const rank = this.names.indexOf(name);
    const address = { address: '10.0.0.1', port: 7000 + rank };
    return {
      name,
      state: rank === 0 ? 'primary' : 'standby',
      rank,
      term: 1,
      fit: !this.unfit.has(name),
      control: address,
      repair: address,
      silent: false,
      heardNs: this.nowMs * MS,
    };
  }
}

const plants = (count: number): string[] => Array.from({ length: count }, (_, index) => `p${index + 1}`);

t.test('own order: even shares, and only those move whose plant is gone', async () => {
  const names = fc.uniqueArray(fc.stringMatching(/^[a-z0-9-]{1,12}$/), { minLength: 2, maxLength: 4 });
  fc.assert(
    fc.property(names, fc.nat(), (names, base) => {
      const servers = names.map((name) => ({ name, fit: true }));
      const first = new Map<string, number>();
      const moved = new Map<string, number>();
      for (let client = 0; client < 1_000; client++) {
        const instance = String(base + client);
        const order = new OwnOrder<(typeof servers)[number]>(instance);
        const [best] = order.of(servers);
        first.set(best!.name, (first.get(best!.name) ?? 0) + 1);
        const [left] = order.of(servers.slice(1));
        if (best!.name !== names[0] && left !== best) throw new Error(`client ${instance} moved without need`);
        if (best!.name === names[0]) moved.set(left!.name, (moved.get(left!.name) ?? 0) + 1);
      }
      // Six standard deviations of a fair draw.
      const fair = (counts: Map<string, number>, total: number, among: readonly string[]): void => {
        const share = total / among.length;
        for (const name of among) {
          const count = counts.get(name) ?? 0;
          if (Math.abs(count - share) > 6 * Math.sqrt(share)) throw new Error(`${name}: ${count} of ${total}`);
        }
      };
      fair(first, 1_000, names);
      fair(moved, first.get(names[0]!) ?? 0, names.slice(1));
    }),
    { numRuns: 40 },
  );
});

t.test('those that are not fit come last, in the same order among themselves', async (t) => {
  const own = new OwnOrder('c');
  const ordered = (isFit: (name: string) => boolean): string[] =>
    own.of(plants(4).map((name) => ({ name, fit: isFit(name) }))).map(({ name }) => name);
  const order = ordered(() => true);
  t.same(
    ordered((name) => name === order[2] || name === order[3]),
    [order[2], order[3], order[0], order[1]],
  );
});

for (const count of [2, 3, 4]) {
  t.test(`1,000 clients and ${count} plants, one of which dies and comes back`, async (t) => {
    const crowd = new Crowd(count, 1_000, plants(count), { moveBackMs: 2_000 });
    crowd.pass(100);
    const before = crowd.shares();
    for (const name of plants(count)) {
      t.ok(Math.abs(before[name]! - 1_000 / count) < 110, `${name} has ${before[name]} of 1000`);
    }
    const had = crowd.clients.map(({ plant }) => plant);
    const killedMs = crowd.nowMs;
    crowd.kill('p2');
    crowd.pass(600);
    t.equal(crowd.shares().none, undefined, 'everybody is served');
    t.equal(crowd.shares().p2, undefined);
    const waits: number[] = [];
    let movedInVain = 0;
    crowd.clients.forEach(({ connects, askedMs }, index) => {
      if (had[index] === 'p2') waits.push(askedMs - killedMs);
      else if (connects > 1) movedInVain++;
    });
    t.equal(movedInVain, 0, 'who had another plant stays');
    // Up to half a second, in steps of ten milliseconds: a fair share in each is 2 %.
    const perStep = new Map<number, number>();
    for (const wait of waits) perStep.set(wait, (perStep.get(wait) ?? 0) + 1);
    t.ok(Math.max(...perStep.values()) < waits.length * 0.08, `at most ${Math.max(...perStep.values())} at a time`);
    t.ok(Math.max(...waits) <= 600, `within ${Math.max(...waits)} ms`);

    crowd.start('p2');
    crowd.pass(1_900, 100);
    t.equal(crowd.shares().p2, undefined, 'nobody jumps');
    crowd.pass(2_000, 100);
    const some = crowd.shares().p2 ?? 0;
    t.ok(some > 0 && some < before.p2!, `${some} have moved back after two more seconds`);
    crowd.pass(8_000, 100);
    t.same(crowd.shares(), before, 'in the end it is as it was');
  });
}

t.test('all plants gone: when one is back, not everybody comes in the same instant', async (t) => {
  const crowd = new Crowd(9, 400, ['p1', 'p2']);
  crowd.pass(1_000);
  crowd.kill('p1');
  crowd.kill('p2');
  crowd.pass(5_000, 100);
  t.same(crowd.shares(), { none: 400 });
  const startMs = crowd.nowMs;
  crowd.start('p2');
  crowd.pass(1_500);
  t.same(crowd.shares(), { p2: 400 });
  const perStep = new Map<number, number>();
  for (const { askedMs } of crowd.clients) perStep.set(askedMs - startMs, (perStep.get(askedMs - startMs) ?? 0) + 1);
  t.ok(Math.max(...perStep.values()) < 40, `at most ${Math.max(...perStep.values())} of 400 at a time`);
});

t.test('a plant that is drained loses its clients within five seconds, one after the other', async (t) => {
  const crowd = new Crowd(5, 300, ['p1', 'p2']);
  crowd.pass(1_000);
  const had = crowd.shares().p2!;
  crowd.unfit.add('p2');
  crowd.pass(900);
  t.equal(crowd.shares().p2, had);
  crowd.pass(2_000);
  const left = crowd.shares().p2!;
  t.ok(left > 0 && left < had, `${left} of ${had} are left`);
  crowd.pass(2_500);
  t.same(crowd.shares(), { p1: 300 });
});

t.test('told to, clients stay where they are', async (t) => {
  const crowd = new Crowd(6, 50, ['p1', 'p2'], { moveBackMs: 0 });
  crowd.pass(1_000);
  crowd.kill('p2');
  crowd.pass(1_000);
  crowd.start('p2');
  crowd.pass(60_000, 100);
  t.same(crowd.shares(), { p1: 50 });
});
