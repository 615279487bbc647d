import { seededRandom } from '@tickerplant/core';
import { describeFault, type Fault, inject, planFaults } from './faults.ts';
import { SimFloor } from './sim-floor.ts';

/** Of a run: no faults while the floor comes up; then faults; then time to get well, the last bit of it in silence. */
const COME_UP_MS = 8_000;
const GET_WELL_MS = 25_000;
const QUIET_MS = 1_500;
/** Between two looks at how much everybody keeps. */
const MEMORY_SECONDS = 10;

/** How a run ended. */
export interface SimRun {
  readonly seed: number;
  readonly seconds: number;
  readonly faults: readonly Fault[];
  readonly failure: { readonly invariant: string; readonly message: string } | undefined;
  readonly transcript: readonly string[];
  readonly events: number;
  readonly updates: number;
}

/**
 * Runs a whole floor from a seed: the same seed, the same run.
 *
 * @param seconds of faults; the run lasts half a minute longer.
 * @param faults what goes wrong; left out, the seed says.
 */
export function simulate(seed: number, seconds: number, faults?: readonly Fault[]): SimRun {
  const floor = new SimFloor(seed, (COME_UP_MS + GET_WELL_MS + QUIET_MS) / 1000 + seconds);
  const { world, invariants } = floor;
  const planned = faults ?? planFaults(seededRandom(seed ^ 0x5eed), floor, seconds * 1000);
  const done = (): SimRun => ({
    seed,
    seconds: world.nowNs / 1e9,
    faults: planned,
    failure: invariants.failure,
    transcript: world.transcript,
    events: world.events,
    updates: invariants.updates,
  });
  try {
    floor.start();
    world.run(COME_UP_MS);
    for (const fault of planned) world.after(fault.atMs * 1e6, () => inject(floor, fault));
    for (let second = 1; second <= seconds && invariants.failure === undefined; second++) {
      world.run(1_000);
      if (second % MEMORY_SECONDS === 0) floor.checkMemory(false);
    }
    floor.heal();
    for (let ms = 0; ms < GET_WELL_MS && invariants.failure === undefined; ms += 1_000) world.run(1_000);
    // What is under way arrives; nothing new comes.
    floor.vendor.frozen = true;
    if (invariants.failure === undefined) world.run(QUIET_MS);
    if (invariants.failure === undefined) floor.checkWell();
    if (invariants.failure === undefined) floor.checkMemory(true);
  } catch (error) {
    invariants.failed('exception', error instanceof Error ? (error.stack ?? error.message) : String(error));
  }
  return done();
}

/** Leaves out what isn't needed for a failure: the same invariant must still fail. */
export function shrink(run: SimRun, seconds: number): SimRun {
  let best = run;
  for (let size = Math.ceil(best.faults.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let at = 0; at < best.faults.length; ) {
      const fewer = best.faults.toSpliced(at, size);
      const again = simulate(run.seed, seconds, fewer);
      if (again.failure?.invariant === run.failure?.invariant) best = again;
      else at += size;
    }
  }
  return best;
}

/** A failure, as one reads it. */
export function describeRun({ seed, faults, failure, transcript }: SimRun): string {
  return [
    `seed ${seed}: ${failure?.invariant}: ${failure?.message}`,
    'faults:',
    ...faults.map((fault) => `  ${describeFault(fault)}`),
    'transcript:',
    ...transcript.map((line) => `  ${line}`),
  ].join('\n');
}
