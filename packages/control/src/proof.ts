import { createHmac, type Hmac, timingSafeEqual } from 'node:crypto';
import type { Duty, StatePart } from './messages.ts';

/** What a proof is about. */
export type ProofPurpose = 'state' | Duty;

/** What a proof is made of: the server's boot and the connection's nonce, as its welcome names them. */
export interface ProofContext {
  readonly boot: bigint;
  readonly nonce?: bigint | undefined;
}

function begin(key: Uint8Array, purpose: ProofPurpose, { boot, nonce = 0n }: ProofContext): Hmac {
  return createHmac('sha256', key).update(`${purpose} ${boot} ${nonce} `);
}

/** Shows that whoever says something on a control connection has the floor's key, and says it on this connection. */
export function proofOf(key: Uint8Array, purpose: ProofPurpose, about: ProofContext): Buffer {
  return begin(key, purpose, about).digest();
}

/** The same of a part of a state: of all that it is, and of its place. */
export function proofOfPart(key: Uint8Array, about: ProofContext, part: Omit<StatePart, 'kind' | 'proof'>): Buffer {
  const { index, settled, last, blob } = part;
  return begin(key, 'state', about).update(`${index} ${settled} ${last} `).update(blob).digest();
}

/** Whether a proof is right. */
export function isProof(proof: Uint8Array, expected: Uint8Array): boolean {
  return proof.length === expected.length && timingSafeEqual(proof, expected);
}
