import { nowNs } from '../bench/clock.ts';
import type { Cabling, CutKind } from './cabling.ts';
import type { DrillNetwork } from './drill-floor.ts';
import { allLive } from './line-cuts.ts';
import { type PairRole, pause, type Stage, wallMs } from './stage.ts';

/** A cut, and what must come of it. */
interface Cut {
  readonly of: 'primary plant' | 'standby plant' | 'primary handler' | 'client';
  readonly from: readonly DrillNetwork[];
  /** The pair whose other member must take over; undefined: nobody need. */
  readonly takesOver?: PairRole;
}

const CUTS: readonly Cut[] = [
  { of: 'primary plant', from: ['trading'], takesOver: 'plant' },
  { of: 'primary handler', from: ['feed'], takesOver: 'handler' },
  { of: 'client', from: ['trading'] },
  { of: 'primary plant', from: ['feed'], takesOver: 'plant' },
  { of: 'primary handler', from: ['lines'], takesOver: 'handler' },
  { of: 'standby plant', from: ['trading'] },
  { of: 'primary plant', from: ['feed', 'trading'], takesOver: 'plant' },
  { of: 'standby plant', from: ['feed'] },
];
const KINDS: readonly CutKind[] = ['cable', 'interface'];
const AFTER_MS = 150;

/** Cuts hosts off their networks, one after the other, and joins them again. @throws TickerError `DRILL_NOT_READY` */
export async function cutCables(stage: Stage, cabling: Cabling): Promise<void> {
  const { kills, say, stopMs } = stage.options;
  say(`${kills} cuts of cables, of ${stopMs} ms or until another one has taken over`);
  for (let round = 1; round <= kills; round++) {
    const cut = CUTS[(round - 1) % CUTS.length]!;
    // The other way in the next turn.
    const kind = KINDS[(round + Math.floor((round - 1) / CUTS.length) + 1) % KINDS.length]!;
    await stage.rest();
    const member = memberOf(stage, cut);
    await stage.observe();
    const what = `${round}: ${member ?? 'the client'} (${cut.of}) cut off from ${cut.from.join(' and ')} (${kind})`;
    stage.round = round;
    const [atMs, atNs] = [wallMs(), nowNs()];
    for (const network of cut.from) cabling.set(hostOf(member), network, kind, 'down');
    const by = cut.takesOver === undefined ? undefined : await awaitTakeover(stage, cut.takesOver, member!, atMs);
    await pause(Math.max(AFTER_MS, stopMs - (wallMs() - atMs)));
    const during = await stage.observe();
    const joinedNs = nowNs();
    for (const network of cut.from) cabling.set(hostOf(member), network, kind, 'up');
    if (member === undefined) {
      if (during.doubtedNs < 0) stage.fail(`the client was cut off, and none of its items ceased to be LIVE`);
      else stage.stale.add((during.doubtedNs - atNs) / 1e6);
    } else {
      stage.gap.add(during.gapMs);
      // What it said before is history.
      stage.watch.forget(member);
      await stage.settle();
    }
    await allLive(stage, joinedNs);
    const { lost } = await stage.observer.call('glance');
    const then = by === undefined ? '' : `${by} took over, `;
    say(`${what}: ${then}the subscriber waited ${during.gapMs.toFixed(1)} ms, lost ${lost}`);
  }
}

function memberOf({ members, watch }: Stage, { of }: Cut): string | undefined {
  switch (of) {
    case 'primary plant':
      return watch.primary('plant');
    case 'primary handler':
      return watch.primary('handler');
    case 'standby plant':
      return members.find((name) => name.startsWith('plant/') && name !== watch.primary('plant'));
    case 'client':
      return undefined;
  }
}

function hostOf(member: string | undefined): string {
  return member?.split('/')[1] ?? 'client';
}

/** @returns who has. */
async function awaitTakeover(stage: Stage, role: PairRole, from: string, atMs: number): Promise<string> {
  const other = (): string | undefined => stage.watch.primaries(role).find((name) => name !== from);
  await stage.expect(`another ${role} to become primary`, () => other() !== undefined);
  const by = other()!;
  stage.asked++;
  await pause(AFTER_MS);
  await stage.noteTakeover(by, atMs);
  return by;
}
