import { connect, type Socket } from 'node:net';
import { isSystemError, TickerError } from '@tickerplant/core';
import { FrameParser } from './frame-parser.ts';
import { CONTROL_VERSION, type Hello, type Reply, type Request, type Welcome } from './messages.ts';
import { decodeReply, encodeRequest } from './wire.ts';

/** How to reach a plant. */
export interface ControlOptions {
  readonly address: string;
  readonly port: number;
  /** What to call oneself; not empty. */
  readonly client: string;
  /** Time for connecting and the plant's welcome together. @default 2000 */
  readonly connectTimeoutMs?: number | undefined;
  /** Longest message to take, in bytes. @default 64 MiB */
  readonly frameBytesMax?: number | undefined;
  /** Most bytes of requests to queue. @default 4 MiB */
  readonly queueBytesMax?: number | undefined;
  /** Each message of the plant after its welcome; a blob in it is borrowed. */
  readonly onReply: (reply: Exclude<Reply, Welcome>) => void;
  /** The connection has ended; once. `error` is undefined if `close` was called. */
  readonly onClose: (error: TickerError | undefined) => void;
}

const CONNECT_TIMEOUT_MS_DEFAULT = 2_000;
const FRAME_BYTES_MAX_DEFAULT = 64 * 2 ** 20;
const QUEUE_BYTES_MAX_DEFAULT = 4 * 2 ** 20;

/** A client's connection to a plant. It does not reconnect: that is for the owner to decide. */
export class ControlConnection {
  readonly #options: ControlOptions;
  readonly #socket: Socket;
  readonly #parser: FrameParser;
  readonly #timer: NodeJS.Timeout;
  #welcome: Welcome | undefined;
  #error: TickerError | undefined;
  #closed = false;

  /** Use `connectControl`. */
  constructor(options: ControlOptions, settled: (error: TickerError | undefined) => void) {
    const { address, port, client, frameBytesMax = FRAME_BYTES_MAX_DEFAULT } = options;
    this.#options = options;
    this.#parser = new FrameParser(frameBytesMax, (bytes, start, end) => this.#take(bytes, start, end, settled));
    this.#socket = connect({ host: address, port, noDelay: true, keepAlive: true, keepAliveInitialDelay: 10_000 });
    const socket = this.#socket;
    const timeoutMs = options.connectTimeoutMs ?? CONNECT_TIMEOUT_MS_DEFAULT;
    this.#timer = setTimeout(() => {
      this.#fail('CONTROL_TIMEOUT', `expected a welcome of the plant within ${timeoutMs} ms, got none`);
    }, timeoutMs);
    socket.on('connect', () => socket.write(encodeRequest({ kind: 'hello', version: CONTROL_VERSION, client })));
    socket.on('data', (piece) => {
      const fault = this.#parser.push(piece);
      if (fault !== undefined) this.#fail(fault.code, fault.message);
    });
    socket.on('error', (cause) => {
      const code = this.#welcome === undefined ? 'CONTROL_UNREACHABLE' : 'CONTROL_BROKEN';
      const what = isSystemError(cause) ? cause.code : cause.message;
      this.#fail(code, `expected a plant at ${address}:${port}, got ${what}`, cause);
    });
    socket.on('close', () => {
      clearTimeout(this.#timer);
      if (!this.#closed) this.#fail('CONTROL_CLOSED', 'expected the plant to keep the connection, it closed it');
      if (this.#welcome === undefined) settled(this.#error ?? new TickerError('CONTROL_CLOSED', 'closed by this side'));
      else options.onClose(this.#error);
    });
  }

  /** The plant's introduction. */
  get welcome(): Welcome {
    if (this.#welcome === undefined) throw new TickerError('CONTROL_CLOSED', 'expected a connection with a welcome');
    return this.#welcome;
  }

  /**
   * Sends a request.
   *
   * @returns false when it was not sent: the connection is closed, or too much is queued.
   */
  send(request: Exclude<Request, Hello>): boolean {
    const queueBytesMax = this.#options.queueBytesMax ?? QUEUE_BYTES_MAX_DEFAULT;
    if (this.#closed || this.#socket.writableLength > queueBytesMax) return false;
    this.#socket.write(encodeRequest(request));
    return true;
  }

  /** Ends the connection; `onClose` follows. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#parser.stop();
    this.#socket.destroy();
  }

  #take(bytes: Uint8Array, start: number, end: number, settled: (error: TickerError | undefined) => void): void {
    const reply = decodeReply(bytes, start, end);
    if (reply.kind === 'fault') {
      this.#fail(reply.code, reply.message);
    } else if (this.#welcome !== undefined) {
      if (reply.kind !== 'welcome') this.#options.onReply(reply);
    } else if (reply.kind === 'welcome') {
      this.#welcome = reply;
      clearTimeout(this.#timer);
      settled(undefined);
    } else if (reply.kind === 'error') {
      this.#fail(reply.code, reply.message);
    } else {
      this.#fail('CONTROL_MALFORMED', `expected a welcome first, got ${reply.kind}`);
    }
  }

  #fail(code: string, message: string, cause?: unknown): void {
    if (this.#closed) return;
    this.#closed = true;
    const { address, port } = this.#options;
    this.#error = new TickerError(code, message, { address, port }, cause === undefined ? {} : { cause });
    this.#parser.stop();
    this.#socket.destroy();
  }
}

/**
 * Connects to a plant and waits for its welcome.
 *
 * @throws TickerError `CONTROL_UNREACHABLE`, `CONTROL_TIMEOUT`, `CONTROL_CLOSED`, `CONTROL_MALFORMED`,
 * `CONTROL_BAD_LENGTH`, or the code that the plant refuses with (`CONTROL_VERSION`, `CONTROL_CROWDED`)
 */
export function connectControl(options: ControlOptions): Promise<ControlConnection> {
  return new Promise((resolve, reject) => {
    const connection = new ControlConnection(options, (error) => {
      if (error === undefined) resolve(connection);
      else reject(error);
    });
  });
}
