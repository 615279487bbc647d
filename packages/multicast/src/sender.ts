import { createSocket, type Socket } from 'node:dgram';
import { type ErrorContext, TickerError } from '@tickerplant/core';
import { checkGroup, checkPort } from './endpoint.ts';
import { closed, socketError, tooLong, UDP_PAYLOAD_MAX } from './errors.ts';
import { resolveInterface } from './interfaces.ts';
import { bind, closer, connect, sizeBuffer } from './socket.ts';

/** How to send to one group. */
export interface SenderOptions {
  /** IPv4 multicast address. */
  readonly group: string;
  /** 1 to 65535. */
  readonly port: number;
  /** Name or IPv4 address of the interface to send by. */
  readonly interface: string;
  /** How many routers a packet may cross; 0 stays on this host, 1 in the local network. @default 0 */
  readonly ttl?: number;
  /** Whether receivers on this host get the packets too. @default true */
  readonly loopback?: boolean;
  /** Kernel buffer to ask for, in bytes; left out: the system's default. */
  readonly sendBufferBytes?: number;
  /** Port to send from; left out: any. */
  readonly sourcePort?: number;
  /** A packet that could not be sent, each time; sending goes on. */
  readonly onError: (error: TickerError) => void;
  /** `MULTICAST_BUFFER_SMALL`: the kernel granted less than `sendBufferBytes`. */
  readonly onWarning?: (warning: TickerError) => void;
}

/** An open socket with a fixed destination. */
export class MulticastSender {
  /** The address and port that packets come from. */
  readonly address: { readonly address: string; readonly port: number };
  private readonly socket: Socket;
  private readonly context: ErrorContext;
  private readonly onError: (error: TickerError) => void;
  private readonly sent: (cause: Error | null) => void;
  private readonly closeSocket: () => Promise<void>;
  private open = true;

  /** Use `openSender`. */
  constructor(socket: Socket, context: ErrorContext, onError: (error: TickerError) => void) {
    this.socket = socket;
    this.context = context;
    this.onError = onError;
    this.closeSocket = closer(socket);
    const { address, port } = socket.address();
    this.address = { address, port };
    // One callback for all packets: it costs a packet some 0.2 µs, and without it node drops errors silently.
    this.sent = (cause) => {
      if (cause !== null) onError(socketError('send', cause, context));
    };
  }

  /**
   * Sends `bytes[start, end)` as one packet. Never throws: what goes wrong reaches `onError`.
   *
   * @returns true when the kernel has taken everything and the bytes may be overwritten; false while it still
   * refers to them (its buffer was full): build the next packet in another buffer.
   */
  send(bytes: Uint8Array, start: number, end: number): boolean {
    if (!this.open) {
      this.onError(closed(this.context));
      return true;
    }
    if (end - start > UDP_PAYLOAD_MAX) {
      this.onError(tooLong(end - start, this.context));
      return true;
    }
    this.socket.send(bytes, start, end - start, this.sent);
    return this.socket.getSendQueueCount() === 0;
  }

  /** Packets that wait in this process because the kernel's buffer is full. */
  queued(): number {
    return this.open ? this.socket.getSendQueueCount() : 0;
  }

  /** Closes; packets still queued are dropped. */
  close(): Promise<void> {
    this.open = false;
    return this.closeSocket();
  }
}

/**
 * Opens a sender to a group.
 *
 * @throws TickerError `MULTICAST_BAD_GROUP`, `MULTICAST_BAD_PORT`, `MULTICAST_BAD_TTL`,
 * `MULTICAST_NO_INTERFACE`, `MULTICAST_PORT_IN_USE` (of `sourcePort`), `MULTICAST_NOT_PERMITTED`
 */
export async function openSender(options: SenderOptions): Promise<MulticastSender> {
  const { group, port, ttl = 0, loopback = true, sendBufferBytes, sourcePort } = options;
  checkGroup(group);
  checkPort(port);
  checkTtl(ttl);
  if (sourcePort !== undefined) checkPort(sourcePort);
  const local = resolveInterface(options.interface);
  const context: ErrorContext = { group, port, interface: local };
  const socket = createSocket({ type: 'udp4' });
  try {
    // Bound to the interface's address, so that receivers with source-specific membership know the sender.
    await bind(socket, local, sourcePort ?? 0, sourcePort === undefined ? context : { ...context, sourcePort });
    socket.setMulticastInterface(local);
    socket.setMulticastTTL(ttl);
    socket.setMulticastLoopback(loopback);
    if (sendBufferBytes !== undefined) sizeBuffer(socket, 'send', sendBufferBytes, context, options.onWarning);
    await connect(socket, group, port, context);
    socket.on('error', (cause) => options.onError(socketError('send', cause, context)));
    return new MulticastSender(socket, context, options.onError);
  } catch (error) {
    await closer(socket)();
    throw error;
  }
}

function checkTtl(ttl: number): void {
  if (!Number.isInteger(ttl) || ttl < 0 || ttl > 255) {
    throw new TickerError('MULTICAST_BAD_TTL', `expected a time to live from 0 to 255 routers, got ${ttl}`);
  }
}
