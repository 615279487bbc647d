import { type Clock, systemClock, type TickerError } from '@tickerplant/core';
import { openUnicast, type UnicastSocket } from '@tickerplant/multicast';
import { RequestServer, type RequestServerOptions } from './request-server.ts';

/** How to serve requests. */
export interface RequestServiceOptions extends Omit<RequestServerOptions, 'answer'> {
  /** IPv4 address to bind. */
  readonly address: string;
  /** Port to bind; 0 for any. */
  readonly port: number;
  /**
   * Kernel buffer for requests, in bytes. Small on purpose: with the 32 packets that node reads in a turn it bounds
   * what a flood can take from the live stream. @default 256 KiB
   */
  readonly receiveBufferBytes?: number;
  readonly onError: (error: TickerError) => void;
  readonly clock?: Clock;
}

/** A request server on a socket. */
export interface RequestService {
  readonly server: RequestServer;
  readonly address: string;
  readonly port: number;
  close(): Promise<void>;
}

/**
 * Opens a socket and answers MoldUDP64 requests on it. Sessions are added with `server.openChannel`.
 *
 * @throws TickerError those of `openUnicast`, `MOLD_BAD_OPTION`
 */
export async function openRequestServer(options: RequestServiceOptions): Promise<RequestService> {
  const { address, port, receiveBufferBytes = 256 * 1024, onError, clock = systemClock } = options;
  let socket: UnicastSocket | undefined;
  const server = new RequestServer({
    ...options,
    answer: (packet, length, port, address) => socket!.send(packet, 0, length, port, address),
  });
  socket = await openUnicast({
    address,
    port,
    receiveBufferBytes,
    onPacket: (packet, from) => server.packet(packet, packet.length, from.port, from.address, clock.monotonicNs()),
    onError,
  });
  const opened = socket;
  return { server, address: opened.address, port: opened.port, close: () => opened.close() };
}
