import type { Hmac } from 'node:crypto';
import { TickerError } from '@tickerplant/core';
import { connectControl } from './client.ts';
import { beginProof, isProof, proofOf } from './proof.ts';
import type { ServerConnection } from './server.ts';

/** Bytes of the state in one message. */
const PART_BYTES = 256 * 1024;
const TIMEOUT_MS = 20_000;
const BYTES_MAX = 2 ** 31;
const EMPTY = new Uint8Array(0);

interface Sending {
  readonly state: Uint8Array;
  /** Of what has been sent: made on the way, for that of a large state takes longer than a heartbeat may be late. */
  readonly proof: Hmac;
  at: number;
}

/** Gives a process's state to other members of its pair, as fast as each connection takes it. */
export class StateServer {
  readonly #key: Uint8Array;
  readonly #boot: bigint;
  readonly #sending = new Map<ServerConnection, Sending>();

  constructor(key: Uint8Array, boot: bigint) {
    this.#key = key;
    this.#boot = boot;
  }

  /**
   * Begins to send the state.
   *
   * @param proof the asker's.
   * @throws TickerError `CONTROL_BAD_PROOF`: the asker has not the floor's key; whatever `save` throws.
   */
  send(connection: ServerConnection, proof: Uint8Array, save: () => Uint8Array): void {
    const about = { boot: this.#boot, nonce: connection.nonce };
    if (!isProof(proof, proofOf(this.#key, 'state', about))) {
      throw new TickerError('CONTROL_BAD_PROOF', "expected a proof made with the floor's key, got another one");
    }
    const state = save();
    this.#sending.set(connection, { state, proof: beginProof(this.#key, 'state', about), at: 0 });
    this.pump(connection);
  }

  /** The connection takes more. */
  pump(connection: ServerConnection): void {
    const sending = this.#sending.get(connection);
    if (sending === undefined) return;
    while (connection.ready()) {
      const { state, proof, at } = sending;
      sending.at = Math.min(state.length, at + PART_BYTES);
      const last = sending.at === state.length;
      const blob = state.subarray(at, sending.at);
      proof.update(blob);
      connection.send({ kind: 'state', last, blob, proof: last ? proof.digest() : EMPTY });
      if (!last) continue;
      this.#sending.delete(connection);
      return;
    }
  }

  /** The connection is gone. */
  forget(connection: ServerConnection): void {
    this.#sending.delete(connection);
  }
}

export interface StateSource {
  readonly address: string;
  readonly port: number;
  /** The floor's key. */
  readonly key: Uint8Array;
  /** What to call oneself. */
  readonly client: string;
  /** For the whole of it. @default 20 s */
  readonly timeoutMs?: number;
  /** Most bytes to take. @default 2 GiB */
  readonly bytesMax?: number;
}

/**
 * Gets another member's state.
 *
 * @throws TickerError `CONTROL_NO_STATE` with the reason: not to be had in time, too long, or not made with the floor's key;
 *   the other one's refusal; `CONTROL_…`
 */
export async function fetchState(source: StateSource): Promise<Buffer> {
  const { address, port, key, client, timeoutMs = TIMEOUT_MS, bytesMax = BYTES_MAX } = source;
  const failed = (why: string): TickerError => new TickerError('CONTROL_NO_STATE', why, { address, port });
  const parts: Buffer[] = [];
  let bytes = 0;
  /** The proof that these parts must have. */
  let expected: Hmac | undefined;
  let settle: (error: TickerError | undefined, proof: Uint8Array) => void = () => {};
  const whole = new Promise<Uint8Array>((resolve, reject) => {
    settle = (error, proof) => (error === undefined ? resolve(proof) : reject(error));
  });
  // Looked at below; a failure before that must not count as unhandled.
  whole.catch(() => undefined);
  const connection = await connectControl({
    address,
    port,
    client,
    connectTimeoutMs: timeoutMs,
    onReply: (reply) => {
      if (reply.kind === 'error') settle(new TickerError(reply.code, reply.message, { address, port }), EMPTY);
      if (reply.kind !== 'state' || expected === undefined) return;
      bytes += reply.blob.length;
      if (bytes > bytesMax) settle(failed(`expected a state of at most ${bytesMax} bytes, got more`), EMPTY);
      else parts.push(Buffer.from(reply.blob));
      expected.update(reply.blob);
      if (reply.last) settle(undefined, Uint8Array.from(reply.proof));
    },
    onClose: (error) => settle(error ?? failed('expected the state, the connection was closed'), EMPTY),
  });
  const timer = setTimeout(
    () => settle(failed(`expected the state within ${timeoutMs} ms, got ${bytes} bytes`), EMPTY),
    timeoutMs,
  );
  try {
    const { welcome } = connection;
    expected = beginProof(key, 'state', welcome);
    connection.send({ kind: 'state-request', proof: proofOf(key, 'state', welcome) });
    const proof = await whole;
    if (isProof(proof, expected.digest())) return Buffer.concat(parts);
    throw failed("expected a state made with the floor's key, got another one");
  } finally {
    clearTimeout(timer);
    connection.close();
  }
}
