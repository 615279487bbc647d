import { randomBytes } from 'node:crypto';
import { createServer, type Server, type Socket } from 'node:net';
import { type Clock, isSystemError, systemClock, TickerError } from '@tickerplant/core';
import { type CounterRegistry, type Counters, Quarantine } from '@tickerplant/telemetry';
import { CONTROL_COUNTERS } from './counters.ts';
import { FrameParser } from './frame-parser.ts';
import { CONTROL_VERSION, type ControlFault, type Hello, type Ping, type Reply, type Request } from './messages.ts';
import { decodeRequest, ERROR_TEXT_MAX, encodeReply } from './wire.ts';

/** What a plant answers itself; hello and ping are answered for it. */
export type PlantRequest = Exclude<Request, Hello | Ping>;

/** The plant's side of its connections. */
export interface ControlHandler {
  /** A client has introduced itself. */
  onOpen?(connection: ServerConnection): void;
  /**
   * A request. A TickerError thrown here is sent to the client as an error about the subscription; the connection
   * stays.
   */
  onRequest(connection: ServerConnection, request: PlantRequest): void;
  /** Everything queued has been taken by the network: more may be sent. */
  onDrain?(connection: ServerConnection): void;
  /** The connection is gone. `reason` is a counter's name, or `closed`. Called once for each `onOpen`. */
  onClose?(connection: ServerConnection, reason: string): void;
}

/** How to serve. */
export interface ControlServerOptions {
  /** IPv4 address to listen on. */
  readonly address: string;
  /** TCP port; 0: any. */
  readonly port: number;
  /** The plant's name. */
  readonly plant: string;
  /** The floor's name. */
  readonly floor: string;
  /** Changes with every start of the plant. */
  readonly boot: bigint;
  readonly handler: ControlHandler;
  /** Trouble with the listening socket. */
  readonly onError: (error: TickerError) => void;
  readonly registry?: CounterRegistry | undefined;
  readonly quarantine?: Quarantine | undefined;
  readonly clock?: Clock | undefined;
  readonly limits?: Partial<ControlLimits> | undefined;
}

/** What a client may use up. */
export interface ControlLimits {
  readonly connectionsMax: number;
  /** Longest request, in bytes. */
  readonly frameBytesMax: number;
  /** A connection is ready for more while less than this many bytes are queued. */
  readonly readyBelowBytes: number;
  /** A client with more than this queued is disconnected. */
  readonly queueBytesMax: number;
  /** Time to introduce oneself. */
  readonly helloMs: number;
  /** A client that lets none of what is queued be finished for this long is disconnected. */
  readonly stalledMs: number;
}

/** What applies unless options say otherwise. */
export const CONTROL_LIMITS: Readonly<ControlLimits> = {
  connectionsMax: 256,
  frameBytesMax: 2 ** 20,
  readyBelowBytes: 2 ** 20,
  queueBytesMax: 8 * 2 ** 20,
  helloMs: 5_000,
  stalledMs: 10_000,
};

/** After an error or a good-bye the other side has this long to take it. */
const PARTING_MS = 1_000;

type ControlCounters = Counters<(typeof CONTROL_COUNTERS)['descriptions']>;

/** One client. */
export class ServerConnection {
  /** Counts from 1. */
  readonly id: number;
  /** Address and port of the client. */
  readonly peer: string;
  /** What the client calls itself; empty before its hello. */
  client = '';
  /** What proofs on this connection are made of. */
  nonce = 0n;
  readonly #server: ControlServer;
  readonly #socket: Socket;
  readonly #parser: FrameParser;
  #reason: string | undefined;
  /** Bytes that the network had taken at the last check, and when that last changed. */
  #takenBytes = 0;
  #takenNs: number;
  readonly #openedNs: number;

  /** Made by the server. */
  constructor(server: ControlServer, socket: Socket, id: number, nowNs: number) {
    this.id = id;
    this.peer = `${socket.remoteAddress}:${socket.remotePort}`;
    this.#server = server;
    this.#socket = socket;
    this.#openedNs = nowNs;
    this.#takenNs = nowNs;
    this.#parser = new FrameParser(server.limits.frameBytesMax, (bytes, start, end) => this.#take(bytes, start, end));
    socket.setNoDelay(true);
    socket.setKeepAlive(true, 10_000);
    socket.on('data', (piece) => {
      const fault = this.#parser.push(piece);
      if (fault !== undefined && this.#reason === undefined) this.#fault('malformed', fault, piece);
    });
    socket.on('drain', () => {
      socket.resume();
      if (this.client !== '' && this.#reason === undefined) server.handler.onDrain?.(this);
    });
    // The reason of an ordinary end is set here, before `close` tells the handler.
    socket.on('end', () => this.#end('closed'));
    socket.on('error', () => this.#end('broken'));
    socket.on('close', () => {
      this.#end('closed');
      server.forget(this, this.#reason ?? 'closed');
    });
  }

  /** Bytes waiting in this process. */
  get queuedBytes(): number {
    return this.#socket.writableLength;
  }

  /** Whether more may be sent now; if not, `onDrain` comes. */
  ready(): boolean {
    return this.#reason === undefined && this.#socket.writableLength < this.#server.limits.readyBelowBytes;
  }

  /**
   * Sends a message. A client that has left too much unread is disconnected instead.
   *
   * @returns whether the connection is ready for more.
   */
  send(reply: Reply): boolean {
    if (this.#reason !== undefined) return false;
    if (this.#socket.writableLength > this.#server.limits.queueBytesMax) {
      this.#drop('slow');
      return false;
    }
    this.#socket.write(encodeReply(reply));
    this.#server.counters.replies++;
    return this.ready();
  }

  /** Ends the connection; what is queued is still sent. */
  close(): void {
    if (this.#end('closed')) this.#part();
  }

  /** Refuses the connection with an error frame. */
  refuse(reason: keyof ControlCounters, code: string, message: string): void {
    if (this.#reason !== undefined) return;
    this.#socket.write(encodeReply({ kind: 'error', id: undefined, code, message }));
    this.#end(reason);
    this.#server.counters[reason]++;
    this.#part();
  }

  /** Looks after a client that doesn't speak or doesn't read. */
  check(nowNs: number): void {
    if (this.#reason !== undefined) return;
    const { helloMs, stalledMs } = this.#server.limits;
    if (this.client === '' && nowNs - this.#openedNs > helloMs * 1e6) {
      this.refuse('silent', 'CONTROL_NO_HELLO', `expected a hello within ${helloMs} ms, got none`);
      return;
    }
    const taken = this.#socket.bytesWritten - this.#socket.writableLength;
    if (taken !== this.#takenBytes || this.#socket.writableLength === 0) {
      this.#takenBytes = taken;
      this.#takenNs = nowNs;
    } else if (nowNs - this.#takenNs > stalledMs * 1e6) {
      this.#drop('stalled');
    }
  }

  /** Ends at once, whatever is queued. */
  destroy(): void {
    this.#end('closed');
    this.#socket.destroy();
  }

  #take(bytes: Uint8Array, start: number, end: number): void {
    const request = decodeRequest(bytes, start, end);
    if (request.kind === 'fault') {
      this.#fault('malformed', request, bytes.subarray(start, end));
      return;
    }
    this.#server.counters.requests++;
    if (this.client === '') this.#greet(request);
    else if (request.kind === 'ping') this.send({ kind: 'pong', token: request.token });
    else if (request.kind === 'hello') {
      this.refuse('malformed', 'CONTROL_MALFORMED', 'expected one hello, got a second one');
    } else this.#answer(request);
    // A client that doesn't read its answers isn't read either.
    if (this.#reason === undefined && !this.ready()) this.#socket.pause();
  }

  #greet(request: Request): void {
    if (request.kind !== 'hello') {
      this.refuse('malformed', 'CONTROL_NO_HELLO', `expected a hello first, got ${request.kind}`);
      return;
    }
    if (request.version !== CONTROL_VERSION) {
      const message = `expected version ${CONTROL_VERSION} of the control protocol, got ${request.version}`;
      this.refuse('version', 'CONTROL_VERSION', message);
      return;
    }
    const { plant, floor, boot, handler } = this.#server;
    this.client = request.client === '' ? this.peer : request.client;
    const nonce = randomBytes(8).readBigUInt64BE();
    this.nonce = nonce;
    this.send({ kind: 'welcome', version: CONTROL_VERSION, plant, floor, boot, nonce });
    handler.onOpen?.(this);
  }

  #answer(request: PlantRequest): void {
    try {
      this.#server.handler.onRequest(this, request);
    } catch (error) {
      if (!(error instanceof TickerError)) throw error;
      this.#server.counters.refused++;
      const id = 'id' in request ? request.id : undefined;
      this.send({ kind: 'error', id, code: error.code, message: error.message.slice(0, ERROR_TEXT_MAX) });
    }
  }

  #fault(reason: keyof ControlCounters, fault: ControlFault, bytes: Uint8Array): void {
    this.#server.report(fault, bytes, this);
    this.refuse(reason, fault.code, fault.message);
  }

  /** @returns whether this was the first reason. */
  #end(reason: string): boolean {
    if (this.#reason !== undefined) return false;
    this.#reason = reason;
    this.#parser.stop();
    this.#server.leave(this);
    if (reason === 'broken') this.#server.counters.broken++;
    return true;
  }

  #drop(reason: 'slow' | 'stalled'): void {
    if (!this.#end(reason)) return;
    this.#server.counters[reason]++;
    this.#socket.resetAndDestroy();
  }

  #part(): void {
    this.#socket.end();
    // Read on, so that the other side's end is noticed; and not for ever.
    this.#socket.resume();
    setTimeout(() => this.#socket.destroy(), PARTING_MS).unref();
  }
}

/** Listens for clients. Nothing that a client does ends it, or holds up the others. */
export class ControlServer {
  readonly plant: string;
  readonly floor: string;
  readonly boot: bigint;
  readonly handler: ControlHandler;
  readonly limits: ControlLimits;
  readonly counters: ControlCounters;
  readonly #server: Server;
  readonly #quarantine: Quarantine;
  readonly #clock: Clock;
  readonly #connections = new Set<ServerConnection>();
  /** Told to go, not gone yet; they take no other's place. */
  readonly #parting = new Set<ServerConnection>();
  readonly #checks: NodeJS.Timeout;
  #nextId = 1;

  /** Use `openControlServer`. */
  constructor(server: Server, options: ControlServerOptions) {
    const { plant, floor, boot, handler, registry, clock = systemClock, quarantine, onError } = options;
    this.plant = plant;
    this.floor = floor;
    this.boot = boot;
    this.handler = handler;
    this.limits = { ...CONTROL_LIMITS, ...options.limits };
    this.counters = registry?.create(CONTROL_COUNTERS) ?? CONTROL_COUNTERS.create();
    this.#server = server;
    this.#quarantine = quarantine ?? new Quarantine();
    this.#clock = clock;
    server.on('connection', (socket) => this.#accept(socket));
    server.on('error', (error) => onError(serverError(error, options)));
    const checkMs = Math.max(10, Math.min(1_000, this.limits.helloMs / 4, this.limits.stalledMs / 4));
    this.#checks = setInterval(() => this.#check(), checkMs);
    this.#checks.unref();
  }

  /** Where it listens. */
  get address(): { readonly address: string; readonly port: number } {
    const { address, port } = this.#server.address() as { address: string; port: number };
    return { address, port };
  }

  /** The clients that have introduced themselves. */
  connections(): ServerConnection[] {
    return [...this.#connections].filter((connection) => connection.client !== '');
  }

  /** Stops listening and ends all connections. */
  async close(): Promise<void> {
    clearInterval(this.#checks);
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    for (const connection of [...this.#connections, ...this.#parting]) connection.destroy();
    await closed;
  }

  /** For connections: takes note of bad input. */
  report(fault: ControlFault, bytes: Uint8Array, from: ServerConnection): void {
    const context = { peer: from.peer, client: from.client, connection: from.id };
    this.#quarantine.put(this.#clock.wallNs(), fault.code, fault.message, bytes, context);
  }

  /** For connections: the end has begun. */
  leave(connection: ServerConnection): void {
    if (this.#connections.delete(connection)) this.#parting.add(connection);
  }

  /** For connections: the socket is closed. */
  forget(connection: ServerConnection, reason: string): void {
    if (this.#parting.delete(connection) && connection.client !== '') this.handler.onClose?.(connection, reason);
  }

  #accept(socket: Socket): void {
    if (this.#parting.size >= this.limits.connectionsMax) {
      // So many that even those being told to go are too many.
      this.counters.crowded++;
      socket.destroy();
      return;
    }
    const connection = new ServerConnection(this, socket, this.#nextId++, this.#clock.monotonicNs());
    this.#connections.add(connection);
    if (this.#connections.size > this.limits.connectionsMax) {
      const message = `expected at most ${this.limits.connectionsMax} connections, got one more`;
      connection.refuse('crowded', 'CONTROL_CROWDED', message);
      return;
    }
    this.counters.connections++;
  }

  #check(): void {
    const nowNs = this.#clock.monotonicNs();
    for (const connection of this.#connections) connection.check(nowNs);
  }
}

/**
 * Listens for clients.
 *
 * @throws TickerError `CONTROL_PORT_IN_USE`, `CONTROL_BAD_ADDRESS`, `CONTROL_NOT_PERMITTED`, `CONTROL_LISTEN_FAILED`
 */
export function openControlServer(options: ControlServerOptions): Promise<ControlServer> {
  const server = createServer();
  return new Promise((resolve, reject) => {
    const failed = (error: Error): void => reject(serverError(error, options));
    server.once('error', failed);
    server.listen({ host: options.address, port: options.port }, () => {
      server.off('error', failed);
      resolve(new ControlServer(server, options));
    });
  });
}

function serverError(cause: Error, { address, port }: ControlServerOptions): TickerError {
  const context = { address, port };
  const code = isSystemError(cause) ? cause.code : undefined;
  switch (code) {
    case 'EADDRINUSE':
      return new TickerError(
        'CONTROL_PORT_IN_USE',
        `expected TCP port ${address}:${port} to be free, another process has it`,
        context,
        { cause },
      );
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return new TickerError('CONTROL_BAD_ADDRESS', `expected an address of this host, got ${address}`, context, {
        cause,
      });
    case 'EACCES':
      return new TickerError('CONTROL_NOT_PERMITTED', `expected permission to listen on ${address}:${port}`, context, {
        cause,
      });
    default:
      return new TickerError(
        'CONTROL_LISTEN_FAILED',
        `expected to listen on ${address}:${port}: ${cause.message}`,
        context,
        {
          cause,
        },
      );
  }
}
