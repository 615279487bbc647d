import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Duty } from './messages.ts';

/** What a proof is about. */
export type ProofPurpose = 'state' | Duty;

/**
 * Shows that whoever says something on a control connection has the floor's key, and says it on this connection.
 *
 * @param boot of the server, and `nonce` of the connection, as its welcome names them.
 * @param content what is said, where it is more than the request itself.
 */
export function proofOf(
  key: Uint8Array,
  purpose: ProofPurpose,
  { boot, nonce = 0n }: { readonly boot: bigint; readonly nonce?: bigint | undefined },
  content: Uint8Array = new Uint8Array(0),
): Buffer {
  return createHmac('sha256', key).update(`${purpose} ${boot} ${nonce} `).update(content).digest();
}

/** Whether a proof is right. */
export function isProof(proof: Uint8Array, expected: Uint8Array): boolean {
  return proof.length === expected.length && timingSafeEqual(proof, expected);
}
