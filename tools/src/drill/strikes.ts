import { askDuty } from '../control.ts';
import { type PairRole, pause, type Stage, wallMs } from './stage.ts';

const AFTER_MS = 150;
/** A subscriber that has got nothing for so long after a takeover gets nothing any more: no gap, but a failure. */
const STREAM_GONE_MS = 5_000;

/** Strikes the primary of one pair again and again. @throws TickerError `DRILL_NOT_READY` */
export async function strikePrimary(stage: Stage, role: PairRole): Promise<void> {
  const { options, watch } = stage;
  const { kills, blow, say } = options;
  say(`${kills} blows to the primary ${role}: ${blow}`);
  for (let round = 1; round <= kills; round++) {
    await stage.rest();
    const before = watch.primary(role)!;
    await stage.observe();
    stage.round = round;
    const atMs = await strike(stage, before);
    stage.asked++;
    await stage.expect(`another ${role} to become primary`, () => {
      const now = watch.primary(role);
      return now !== undefined && now !== before;
    });
    const now = watch.primary(role)!;
    await pause(AFTER_MS);
    const { gapMs, lost } = await stage.observe();
    stage.gap.add(gapMs);
    const receipt = await stage.noteTakeover(now, atMs);
    say(
      `${round}: ${now} for ${receipt?.from ?? 'nobody'} (${receipt?.reason}), ` +
        `the subscriber waited ${gapMs.toFixed(1)} ms, lost ${lost}`,
    );
    if (gapMs > STREAM_GONE_MS) {
      stage.fail(`round ${round}: the subscriber has got no update for ${gapMs.toFixed(0)} ms`);
      return;
    }
    await bringBack(stage, before);
  }
}

/** @returns when, in milliseconds since 1970. */
async function strike(stage: Stage, name: string): Promise<number> {
  const { options, fleet, floor } = stage;
  // Clearing up after a killed process takes the kernel some 15 ms of a core: not the survivors', as if it were another host.
  if (options.blow === 'kill') fleet.unprefer(name);
  const atMs = wallMs();
  switch (options.blow) {
    case 'kill':
      void fleet.end(name, 'SIGKILL');
      break;
    case 'restart':
      void fleet.end(name, 'SIGTERM');
      break;
    case 'stop':
      fleet.signal(name, 'SIGSTOP');
      setTimeout(() => fleet.signal(name, 'SIGCONT'), options.stopMs);
      break;
    case 'handover':
      await askDuty(stage.controlOf(name), floor.key, 'hand-over');
      break;
  }
  return atMs;
}

async function bringBack(stage: Stage, name: string): Promise<void> {
  const { blow, stopMs } = stage.options;
  if (blow === 'stop') await pause(stopMs);
  if (blow === 'kill' || blow === 'restart') {
    stage.watch.forget(name);
    await stage.fleet.end(name, 'SIGKILL');
    await stage.start(name);
  }
  await stage.settle();
  stage.fleet.prefer(name);
}
