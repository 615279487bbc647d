import { createHmac, type Hmac, timingSafeEqual } from 'node:crypto';
import type { Duty } from './messages.ts';

/** What a proof is about. */
export type ProofPurpose = 'state' | Duty;

/** What a proof is made of: the server's boot and the connection's nonce, as its welcome names them. */
export interface ProofContext {
  readonly boot: bigint;
  readonly nonce?: bigint | undefined;
}

/** A proof in the making: `update` it with what is said, piece by piece; its `digest` is the proof. */
export function beginProof(key: Uint8Array, purpose: ProofPurpose, { boot, nonce = 0n }: ProofContext): Hmac {
  return createHmac('sha256', key).update(`${purpose} ${boot} ${nonce} `);
}

/**
 * Shows that whoever says something on a control connection has the floor's key, and says it on this connection.
 *
 * @param content what is said, where it is more than the request itself.
 */
export function proofOf(
  key: Uint8Array,
  purpose: ProofPurpose,
  about: ProofContext,
  content: Uint8Array = new Uint8Array(0),
): Buffer {
  return beginProof(key, purpose, about).update(content).digest();
}

/** Whether a proof is right. */
export function isProof(proof: Uint8Array, expected: Uint8Array): boolean {
  return proof.length === expected.length && timingSafeEqual(proof, expected);
}
