import type { RemoteInfo } from 'node:dgram';
import type { Clock, TickerError } from '@tickerplant/core';
import { openUnicast } from '@tickerplant/multicast';
import type { Counters, Quarantine } from '@tickerplant/telemetry';
import { type GapFillCounter, GapFillServer, type GapFillServerOptions } from './gap-fill-server.ts';

/** Where a gap fill server listens, and what it reports to. */
export interface GapFillSocketOptions extends GapFillServerOptions {
  /** IPv4 address to bind. */
  readonly address: string;
  /** Port to bind; 0 for any. */
  readonly port: number;
  readonly clock: Clock;
  readonly quarantine: Quarantine;
  /** Trouble with the socket; it stays open. */
  readonly onError: (error: TickerError) => void;
  /** Where to count; default new counters. */
  readonly counters?: Counters<Record<GapFillCounter, string>>;
}

/** A gap fill server on a UDP socket. */
export interface GapFillSocket {
  /** Tell it what is published. */
  readonly server: GapFillServer<RemoteInfo>;
  readonly address: string;
  readonly port: number;
  close(): Promise<void>;
}

/**
 * Opens a UDP gap fill server: answers go to the address and port a request came from; the budget is per address.
 *
 * @throws TickerError as `openUnicast` does.
 */
export async function openGapFillServer(options: GapFillSocketOptions): Promise<GapFillSocket> {
  const { address, port, clock, quarantine, onError, counters } = options;
  const server = new GapFillServer<RemoteInfo>(
    options,
    (bytes, length, client) => socket.send(bytes, 0, length, client.port, client.address),
    counters,
  );
  const socket = await openUnicast({
    address,
    port,
    onError,
    onPacket: (packet, client) => {
      const fault = server.ask(client, client.address, packet, packet.length, clock.monotonicNs());
      if (fault === undefined) return;
      quarantine.put(clock.wallNs(), fault.code, fault.message, packet, { client: client.address, port: client.port });
    },
  });
  return { server, address: socket.address, port: socket.port, close: () => socket.close() };
}
