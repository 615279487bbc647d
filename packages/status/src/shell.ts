import { randomBytes } from 'node:crypto';
import { type Clock, systemClock, type TickerError } from '@tickerplant/core';
import { type Endpoint, formatEndpoint, openReceiver, openSender } from '@tickerplant/multicast';
import type { CounterRegistry, Quarantine } from '@tickerplant/telemetry';
import type { StatusMessage, StatusOrigin } from './messages.ts';
import type { Peer } from './peers.ts';
import { StatusReceiver } from './receiver.ts';
import { StatusSender } from './sender.ts';

/** How to take part in a status group. */
export interface StatusOptions {
  readonly endpoint: Endpoint;
  /** Name or IPv4 address of the network interface. */
  readonly interface: string;
  /** Router hops a packet survives. @default 0 */
  readonly ttl?: number | undefined;
  /** For a source-specific membership; empty: any source. */
  readonly sources?: readonly string[] | undefined;
  /** The floor's shared key, at least 16 bytes. */
  readonly key: Uint8Array;
  /** This process's name on the group: `plant/p1`. */
  readonly name: string;
  /** Largest UDP payload, in bytes. @default 1472 */
  readonly packetBytes?: number | undefined;
  /** How long a packet may have been on the way, and how far clocks may differ at first contact. @default 5 s */
  readonly staleAfterNs?: number | undefined;
  /** A number of 64 bits that no earlier start of this process had. @default random */
  readonly boot?: bigint | undefined;
  readonly clock?: Clock | undefined;
  readonly registry?: CounterRegistry | undefined;
  readonly quarantine?: Quarantine | undefined;
  readonly onMessage: (message: StatusMessage, origin: StatusOrigin) => void;
  /** As in `StatusReceiverOptions`. */
  readonly onDoubt?: ((fault: 'forged' | 'stale') => void) | undefined;
  /** Trouble with the sockets after opening; the group stays open. */
  readonly onError: (error: TickerError) => void;
}

/** A process's place in a status group. */
export interface StatusGroup {
  readonly boot: bigint;
  /**
   * Sends a message now, in as many packets as it needs.
   *
   * @throws TickerError `STATUS_TOO_LONG`
   */
  send(message: StatusMessage): number;
  /** Everybody heard. */
  senders(): Peer[];
  close(): Promise<void>;
}

/** Bytes of a UDP payload in a 1500-byte frame. */
const PACKET_BYTES_DEFAULT = 1472;

/** A boot id: 64 random bits. */
export function newBootId(): bigint {
  return randomBytes(8).readBigUInt64BE();
}

/**
 * Joins a status group, to listen and to speak.
 *
 * @throws TickerError `STATUS_BAD_KEY`, and what the sockets may throw: `MULTICAST_…`
 */
export async function openStatus(options: StatusOptions): Promise<StatusGroup> {
  const { endpoint, key, name, packetBytes = PACKET_BYTES_DEFAULT, clock = systemClock, onError } = options;
  const boot = options.boot ?? newBootId();
  const group = formatEndpoint(endpoint);
  const receiver = new StatusReceiver({
    key,
    group,
    ownBoot: boot,
    staleAfterNs: options.staleAfterNs,
    registry: options.registry,
    quarantine: options.quarantine,
    onMessage: options.onMessage,
    onDoubt: options.onDoubt,
  });
  const outgoing = await openSender({ ...endpoint, interface: options.interface, ttl: options.ttl ?? 0, onError });
  try {
    const incoming = await openReceiver({
      ...endpoint,
      interface: options.interface,
      sources: options.sources ?? [],
      onPacket: (packet) => receiver.packet(packet, packet.length, clock.monotonicNs(), clock.wallNs()),
      onError,
    });
    const sender = new StatusSender({
      key,
      group,
      name,
      boot,
      packetBytes,
      emit: (packet) => outgoing.send(packet, 0, packet.length),
    });
    return {
      boot,
      send: (message) => sender.send(message, clock.wallNs(), clock.monotonicNs()),
      senders: () => receiver.senders(),
      close: async () => {
        await Promise.all([incoming.close(), outgoing.close()]);
      },
    };
  } catch (error) {
    await outgoing.close();
    throw error;
  }
}
