import { TickerError } from '@tickerplant/core';
import { askControl, askDuty } from './control.ts';

/** A process that takes part in a pair. */
export interface Member {
  /** `plant/p1` */
  readonly name: string;
  readonly control: { readonly address: string; readonly port: number };
}

/** As far as it matters here, what a process says of itself. */
interface State {
  readonly boot: string;
  readonly state: string;
  readonly fit: boolean;
}

const BACK_WITHIN_MS = 60_000;
const LOOK_MS = 100;

/**
 * Restarts members one after the other, each when the one before could take over again: standbys first, so that each
 * pair hands over once.
 *
 * @throws TickerError `TOOLS_NOT_BACK`; `CONTROL_NO_STANDBY` and others: the one that refused was not restarted, nor those after it
 */
export async function rollingRestart(
  members: readonly Member[],
  key: Uint8Array,
  say: (text: string) => void,
): Promise<void> {
  const known = await Promise.all(members.map(async (member) => ({ member, state: await stateOf(member) })));
  const standbysFirst = known.sort((a, b) => Number(a.state.state === 'primary') - Number(b.state.state === 'primary'));
  for (const { member, state } of standbysFirst) {
    say(`${member.name} ${await askDuty(member.control, key, 'restart')}`);
    await back(member, state.boot);
    say(`${member.name} is back, and could take over`);
  }
}

async function back({ name, control }: Member, bootBefore: string): Promise<void> {
  const untilMs = performance.now() + BACK_WITHIN_MS;
  let seen = 'nobody answers';
  while (performance.now() < untilMs) {
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    try {
      const { boot, state, fit } = await stateOf({ name, control });
      if (boot !== bootBefore && fit) return;
      seen = boot === bootBefore ? 'it has not ended' : `it is ${state}, not fit`;
    } catch (error) {
      // While it is away nobody answers.
      if (!(error instanceof TickerError)) throw error;
    }
  }
  throw new TickerError(
    'TOOLS_NOT_BACK',
    `expected ${name} to be started again and fit within ${BACK_WITHIN_MS / 1000} s; ${seen}`,
  );
}

async function stateOf({ control }: Member): Promise<State> {
  return JSON.parse(await askControl(control, 'status')) as State;
}
