import { nowNs } from '../bench/clock.ts';
import type { Role } from '../bench/runner.ts';
import type { LineRelayRole } from './roles/line-relay.ts';
import { pause, type Stage, wallMs } from './stage.ts';

/** Every so many rounds both lines are cut. */
const BOTH_EVERY = 3;
const RECOVERED_MS = 10_000;
const LOOK_MS = 10;

/**
 * Cuts the vendor's lines: A, B, then both for longer than may pass unnoticed, but not for longer than the vendor can
 * repeat what went by.
 *
 * @param relay what the lines go through.
 * @throws TickerError `DRILL_NOT_READY`
 */
export async function cutLines(stage: Stage, relay: Role<LineRelayRole>): Promise<void> {
  const { options, floor } = stage;
  const { kills, say, stopMs } = options;
  const feed = floor.feeds[0]!;
  say(
    `${kills} cuts of vendor lines, of ${stopMs} ms; a line counts as silent after ${floor.limits.lineSilentAfterMs} ms`,
  );
  for (let round = 1; round <= kills; round++) {
    await stage.rest();
    await stage.observe();
    const lines = round % BOTH_EVERY === 0 ? [0, 1] : [(round - 1) % BOTH_EVERY];
    const names = lines.map((line) => feed.lines[line]!.name);
    stage.round = round;
    const [atMs, atNs] = [wallMs(), nowNs()];
    await relay.call('cut', { lines, cut: true });
    for (const name of names) {
      const subject = `line ${feed.name}/${name}`;
      await stage.expect(`${subject} to be STALE`, () => stage.watch.quality(subject)?.quality === 'STALE');
      stage.detection.add(Number(stage.watch.quality(subject)!.sinceNs) / 1e6 - atMs);
    }
    await pause(Math.max(0, stopMs - (wallMs() - atMs)));
    const during = await stage.observe();
    const joinedNs = nowNs();
    await relay.call('cut', { lines, cut: false });
    for (const name of names) {
      const subject = `line ${feed.name}/${name}`;
      await stage.expect(`${subject} to be heard again`, () => stage.watch.quality(subject)?.quality === 'LIVE');
    }
    if (lines.length > 1) {
      await bothBack(stage, during.doubts, during.doubtedNs - atNs, joinedNs);
    } else {
      stage.gap.add(during.gapMs);
      if (during.doubts['lines-silent'] !== undefined) {
        stage.fail(`items ceased to be LIVE though only line ${names[0]} was cut`);
      }
    }
    const { lost } = await stage.observer.call('glance');
    say(`${round}: ${names.join(' and ')} cut, the subscriber waited ${during.gapMs.toFixed(1)} ms, lost ${lost}`);
  }
}

/** Both lines were cut and are joined again: it must have shown, and must not show any more. */
async function bothBack(
  stage: Stage,
  doubts: Readonly<Record<string, number>>,
  staleNs: number,
  joinedNs: number,
): Promise<void> {
  if (doubts['lines-silent'] === undefined) {
    stage.fail(`both lines were cut, and no item was STALE (lines-silent) but ${JSON.stringify(doubts)}`);
  } else stage.stale.add(staleNs / 1e6);
  await allLive(stage, joinedNs);
}

/**
 * Waits until the subscriber has nothing in doubt any more.
 *
 * @param sinceNs when what had been cut was joined, monotonic.
 */
export async function allLive(stage: Stage, sinceNs: number): Promise<void> {
  const untilNs = nowNs() + RECOVERED_MS * 1e6;
  let { doubtful } = await stage.observer.call('glance');
  while (doubtful > 0 && nowNs() < untilNs) {
    await pause(LOOK_MS);
    ({ doubtful } = await stage.observer.call('glance'));
  }
  const { liveNs, doubtful: reasons } = await stage.observe();
  if (doubtful > 0) stage.fail(`${doubtful} items still in doubt after ${RECOVERED_MS} ms: ${JSON.stringify(reasons)}`);
  else if (liveNs >= 0) stage.live.add((liveNs - sinceNs) / 1e6);
}
