import { createSocket, type RemoteInfo } from 'node:dgram';
import type { ErrorContext, TickerError } from '@tickerplant/core';
import { checkGroup, checkHost, checkPort } from './endpoint.ts';
import { socketError } from './errors.ts';
import { resolveInterface } from './interfaces.ts';
import { bind, closer, sizeBuffer } from './socket.ts';

/** How to listen to one group. */
export interface ReceiverOptions {
  /** IPv4 multicast address. */
  readonly group: string;
  /** 1 to 65535. */
  readonly port: number;
  /** Name or IPv4 address of the interface that joins. */
  readonly interface: string;
  /** Source-specific membership (RFC 4607): packets of these hosts only. Left out or empty: of any host. */
  readonly sources?: readonly string[];
  /** Kernel buffer to ask for, in bytes. @default 4 MiB */
  readonly receiveBufferBytes?: number;
  /** Each datagram, in a buffer of its own that may be kept. */
  readonly onPacket: (packet: Buffer, from: RemoteInfo) => void;
  /** Trouble after opening; the socket stays open. */
  readonly onError: (error: TickerError) => void;
  /** `MULTICAST_BUFFER_SMALL`: the kernel granted less than `receiveBufferBytes`. */
  readonly onWarning?: (warning: TickerError) => void;
}

/** An open membership. */
export interface MulticastReceiver {
  /** What the kernel granted, in bytes as asked (Linux reports the double). */
  readonly receiveBufferBytes: number;
  /** Leaves the group and closes; no packet comes after it resolves. */
  close(): Promise<void>;
}

export const RECEIVE_BUFFER_BYTES_DEFAULT: number = 4 * 1024 * 1024;

/**
 * Joins a group. Several receivers of one host may share a port, and each gets every packet.
 *
 * The socket is bound to the group's address, so that other groups on the same port do not leak in. Windows
 * cannot do that: there it is bound to all addresses, and gives each group its own port if they must not mix.
 *
 * @throws TickerError `MULTICAST_BAD_GROUP`, `MULTICAST_BAD_PORT`, `MULTICAST_BAD_ADDRESS` (a source),
 * `MULTICAST_NO_INTERFACE`, `MULTICAST_PORT_IN_USE`, `MULTICAST_NOT_PERMITTED`, `MULTICAST_JOIN_FAILED`
 */
export async function openReceiver(options: ReceiverOptions): Promise<MulticastReceiver> {
  const { group, port, sources = [], receiveBufferBytes = RECEIVE_BUFFER_BYTES_DEFAULT } = options;
  checkGroup(group);
  checkPort(port);
  for (const source of sources) checkHost(source, 'source');
  const local = resolveInterface(options.interface);
  const context: ErrorContext = { group, port, interface: local };
  const socket = createSocket({ type: 'udp4', reuseAddr: true });
  const close = closer(socket);
  try {
    await bind(socket, process.platform === 'win32' ? '0.0.0.0' : group, port, context);
    const granted = sizeBuffer(socket, 'receive', receiveBufferBytes, context, options.onWarning);
    // Listen before joining: a joined group's first packet may come at once.
    socket.on('error', (cause) => options.onError(socketError('receive', cause, context)));
    socket.on('message', options.onPacket);
    try {
      if (sources.length === 0) socket.addMembership(group, local);
    } catch (cause) {
      throw socketError('join', cause, context);
    }
    for (const source of sources) {
      try {
        socket.addSourceSpecificMembership(source, group, local);
      } catch (cause) {
        throw socketError('join', cause, { ...context, source });
      }
    }
    return { receiveBufferBytes: granted, close };
  } catch (error) {
    await close();
    throw error;
  }
}
