import { TickerError } from '@tickerplant/core';
import type { DutyRequest } from './messages.ts';
import { isProof, proofOf } from './proof.ts';

/** A member of a pair, as far as planned work concerns it. */
export interface PairedProcess {
  readonly pair: { readonly state: string };
  /** @returns who goes on; undefined: nobody can */
  handOver(nowNs: number): string | undefined;
  setDrained(drained: boolean, nowNs: number): void;
}

/**
 * Does planned work on a member of a pair.
 *
 * @param about the server's boot and the connection's nonce, which the proof is made of.
 * @param onEnd called when the process shall end, once the answer has left; whoever watches over it starts it again.
 * @returns what has been done, in words.
 * @throws TickerError `CONTROL_BAD_PROOF`; `CONTROL_NOT_PRIMARY`, `CONTROL_NO_STANDBY`: nothing has been done
 */
export function doDuty(
  member: PairedProcess,
  { duty, proof }: DutyRequest,
  key: Uint8Array,
  about: { readonly boot: bigint; readonly nonce: bigint },
  nowNs: number,
  onEnd: () => void,
): string {
  if (!isProof(proof, proofOf(key, duty, about))) {
    throw new TickerError('CONTROL_BAD_PROOF', "expected a proof made with the floor's key, got another one");
  }
  if (duty === 'join') {
    member.setDrained(false, nowNs);
    return 'takes part again';
  }
  const { state } = member.pair;
  if (state !== 'primary' && duty === 'hand-over') {
    throw new TickerError('CONTROL_NOT_PRIMARY', `expected the primary, this one is ${state}`);
  }
  let text = `was ${state}, nobody has to take over`;
  if (state === 'primary') {
    const to = member.handOver(nowNs);
    if (to === undefined) {
      throw new TickerError('CONTROL_NO_STANDBY', 'expected a fit standby to hand over to, there is none');
    }
    text = `handed over to ${to}`;
  }
  if (duty === 'drain' || duty === 'restart') member.setDrained(true, nowNs);
  if (duty === 'restart') {
    onEnd();
    text += ', and ends to be started anew';
  }
  return text;
}
