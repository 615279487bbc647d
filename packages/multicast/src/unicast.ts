import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import type { ErrorContext, TickerError } from '@tickerplant/core';
import { checkHost, checkPort } from './endpoint.ts';
import { closed, socketError, tooLong, UDP_PAYLOAD_MAX } from './errors.ts';
import { bind, closer, sizeBuffer } from './socket.ts';

/** How to open a socket for requests and answers. */
export interface UnicastOptions {
  /** IPv4 address to bind; 0.0.0.0 for all. */
  readonly address: string;
  /** Port to bind; 0 for any. */
  readonly port: number;
  /** Kernel buffer to ask for, in bytes; left out: the system's default. */
  readonly receiveBufferBytes?: number;
  /** Each datagram, in a buffer of its own that may be kept. */
  readonly onPacket: (packet: Buffer, from: RemoteInfo) => void;
  /** Trouble with a packet or the socket; the socket stays open. */
  readonly onError: (error: TickerError) => void;
  /** `MULTICAST_BUFFER_SMALL`. */
  readonly onWarning?: (warning: TickerError) => void;
}

/** An open socket that sends to and hears from anybody. */
export class UnicastSocket {
  /** The address bound. */
  readonly address: string;
  /** The port bound. */
  readonly port: number;
  private readonly socket: Socket;
  private readonly context: ErrorContext;
  private readonly onError: (error: TickerError) => void;
  private readonly sent: (cause: Error | null) => void;
  private readonly closeSocket: () => Promise<void>;
  private open = true;

  /** Use `openUnicast`. */
  constructor(socket: Socket, onError: (error: TickerError) => void) {
    const { address, port } = socket.address();
    this.address = address;
    this.port = port;
    this.socket = socket;
    this.context = { address, port };
    this.onError = onError;
    this.closeSocket = closer(socket);
    this.sent = (cause) => {
      if (cause !== null) onError(socketError('send', cause, this.context));
    };
  }

  /**
   * Sends `bytes[start, end)` as one packet. Never throws: what goes wrong reaches `onError`.
   *
   * @param address an IPv4 address (names are not looked up).
   * @returns true when the bytes may be overwritten; false while the kernel still refers to them.
   */
  send(bytes: Uint8Array, start: number, end: number, port: number, address: string): boolean {
    if (!this.open) {
      this.onError(closed(this.context));
      return true;
    }
    if (end - start > UDP_PAYLOAD_MAX) {
      this.onError(tooLong(end - start, this.context));
      return true;
    }
    try {
      this.socket.send(bytes, start, end - start, port, address, this.sent);
    } catch (cause) {
      // node throws for a port outside 1 to 65535; a datagram from port 0 is legal, and gets no answer.
      this.onError(socketError('send', cause, { ...this.context, to: `${address}:${port}` }));
      return true;
    }
    return this.socket.getSendQueueCount() === 0;
  }

  /** Packets that wait in this process because the kernel's buffer is full. */
  queued(): number {
    return this.open ? this.socket.getSendQueueCount() : 0;
  }

  close(): Promise<void> {
    this.open = false;
    return this.closeSocket();
  }
}

// Addresses only: node's default look-up answers on a later tick, and until then it would hold on to bytes
// that the caller believes sent.
function sameAddress(
  address: string,
  _family: unknown,
  callback: (error: null, address: string, family: number) => void,
): void {
  callback(null, address, 4);
}

/**
 * Opens a unicast socket.
 *
 * @throws TickerError `MULTICAST_BAD_ADDRESS`, `MULTICAST_BAD_PORT`, `MULTICAST_NO_INTERFACE`,
 * `MULTICAST_PORT_IN_USE`, `MULTICAST_NOT_PERMITTED`
 */
export async function openUnicast(options: UnicastOptions): Promise<UnicastSocket> {
  const { address, port, receiveBufferBytes } = options;
  checkHost(address, 'host to bind');
  if (port !== 0) checkPort(port);
  const context: ErrorContext = { address, port };
  const socket = createSocket({ type: 'udp4', lookup: sameAddress });
  try {
    await bind(socket, address, port, context);
    if (receiveBufferBytes !== undefined) sizeBuffer(socket, 'receive', receiveBufferBytes, context, options.onWarning);
    socket.on('error', (cause) => options.onError(socketError('receive', cause, context)));
    socket.on('message', options.onPacket);
    return new UnicastSocket(socket, options.onError);
  } catch (error) {
    await closer(socket)();
    throw error;
  }
}
