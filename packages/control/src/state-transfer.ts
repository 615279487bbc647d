import { errorMessage, TickerError } from '@tickerplant/core';
import { connectControl } from './client.ts';
import type { StatePart, Welcome } from './messages.ts';
import { isProof, proofOf, proofOfPart } from './proof.ts';
import type { ServerConnection } from './server.ts';

/** Bytes of the rest in one message. */
const PART_BYTES = 256 * 1024;
const TIMEOUT_MS = 20_000;
const BYTES_MAX = 2 ** 31;

/** What a process gives of its state while it goes on working. */
export interface StateGiver {
  /** The next piece of what stays as it is, so that it can be given before the rest; undefined: there are no more. */
  settled(): Uint8Array | undefined;
  /** All the rest, as of now. Asked for once, at the end. @throws TickerError when the state is no longer to be had */
  rest(): Uint8Array;
}

interface Sending {
  readonly giver: StateGiver;
  rest: Uint8Array | undefined;
  /** Bytes of the rest that have been sent. */
  at: number;
  index: number;
  /** The next part waits for the process's other work. */
  waiting: boolean;
}

/**
 * Gives a process's state to other members of its pair, as fast as each connection takes it, and a part in each turn of
 * the event loop: the process has other things to do.
 */
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
   * @throws TickerError `CONTROL_BAD_PROOF`: the asker has not the floor's key; whatever `give` throws.
   */
  send(connection: ServerConnection, proof: Uint8Array, give: () => StateGiver): void {
    if (!isProof(proof, proofOf(this.#key, 'state', this.#about(connection)))) {
      throw new TickerError('CONTROL_BAD_PROOF', "expected a proof made with the floor's key, got another one");
    }
    this.#sending.set(connection, { giver: give(), rest: undefined, at: 0, index: 0, waiting: false });
    this.pump(connection);
  }

  /** The connection takes more. */
  pump(connection: ServerConnection): void {
    const sending = this.#sending.get(connection);
    if (sending === undefined || sending.waiting || !connection.ready()) return;
    try {
      if (this.#sendPart(connection, sending)) {
        this.#sending.delete(connection);
        return;
      }
    } catch (error) {
      this.#sending.delete(connection);
      // Whatever it is, the process has better things to do than to end for somebody's asking.
      const code = error instanceof TickerError ? error.code : 'CONTROL_NO_STATE';
      connection.send({ kind: 'error', id: undefined, code, message: errorMessage(error) });
      return;
    }
    sending.waiting = true;
    setImmediate(() => {
      sending.waiting = false;
      if (this.#sending.get(connection) === sending) this.pump(connection);
    });
  }

  /** The connection is gone. */
  forget(connection: ServerConnection): void {
    this.#sending.delete(connection);
  }

  /** @returns whether it was the last one. */
  #sendPart(connection: ServerConnection, sending: Sending): boolean {
    const index = sending.index++;
    const piece = sending.rest === undefined ? sending.giver.settled() : undefined;
    if (piece !== undefined) {
      this.#say(connection, { index, settled: true, last: false, blob: piece });
      return false;
    }
    sending.rest ??= sending.giver.rest();
    const { rest, at } = sending;
    sending.at = Math.min(rest.length, at + PART_BYTES);
    const last = sending.at === rest.length;
    this.#say(connection, { index, settled: false, last, blob: rest.subarray(at, sending.at) });
    return last;
  }

  #say(connection: ServerConnection, part: Omit<StatePart, 'kind' | 'proof'>): void {
    connection.send({ kind: 'state', ...part, proof: proofOfPart(this.#key, this.#about(connection), part) });
  }

  #about(connection: ServerConnection): { readonly boot: bigint; readonly nonce: bigint | undefined } {
    return { boot: this.#boot, nonce: connection.nonce };
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
 * @param onSettled takes each piece of what stays as it is, in order; they count only when the rest comes as well.
 * @returns the rest.
 * @throws TickerError `CONTROL_NO_STATE` with the reason: not to be had in time, too long, or not made with the floor's key;
 *   the other one's refusal; `CONTROL_…`
 */
export async function fetchState(source: StateSource, onSettled: (piece: Buffer) => void = () => {}): Promise<Buffer> {
  const { address, port, key, client, timeoutMs = TIMEOUT_MS, bytesMax = BYTES_MAX } = source;
  const failed = (why: string): TickerError => new TickerError('CONTROL_NO_STATE', why, { address, port });
  const parts: Buffer[] = [];
  let bytes = 0;
  let index = 0;
  let welcome: Welcome | undefined;
  let settle: (error?: TickerError) => void = () => {};
  const whole = new Promise<void>((resolve, reject) => {
    settle = (error) => (error === undefined ? resolve() : reject(error));
  });
  // Looked at below; a failure before that must not count as unhandled.
  whole.catch(() => undefined);
  let over = false;
  const end = (error?: TickerError): void => {
    over = true;
    settle(error);
  };
  const take = (part: StatePart): void => {
    bytes += part.blob.length;
    if (bytes > bytesMax) end(failed(`expected a state of at most ${bytesMax} bytes, got more`));
    else if (part.index !== index++ || !isProof(part.proof, proofOfPart(key, welcome!, part))) {
      end(failed("expected a state made with the floor's key, got another one"));
    } else if (part.settled) {
      try {
        onSettled(Buffer.from(part.blob));
      } catch (error) {
        end(failed(`expected a piece that can be read, got ${errorMessage(error)}`));
      }
    } else {
      parts.push(Buffer.from(part.blob));
      if (part.last) end();
    }
  };
  const connection = await connectControl({
    address,
    port,
    client,
    connectTimeoutMs: timeoutMs,
    onReply: (reply) => {
      if (over) return;
      if (reply.kind === 'error') end(new TickerError(reply.code, reply.message, { address, port }));
      else if (reply.kind === 'state' && welcome !== undefined) take(reply);
    },
    onClose: (error) => end(error ?? failed('expected the state, the connection was closed')),
  });
  const timer = setTimeout(
    () => end(failed(`expected the state within ${timeoutMs} ms, got ${bytes} bytes`)),
    timeoutMs,
  );
  try {
    welcome = connection.welcome;
    connection.send({ kind: 'state-request', proof: proofOf(key, 'state', welcome) });
    await whole;
    return Buffer.concat(parts);
  } finally {
    clearTimeout(timer);
    connection.close();
  }
}
