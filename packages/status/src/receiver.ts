import { TickerError } from '@tickerplant/core';
import { type CounterRegistry, type Counters, Quarantine } from '@tickerplant/telemetry';
import { STATUS_COUNTERS } from './counters.ts';
import { DirectoryAssembler } from './directory.ts';
import type { StatusMessage, StatusOrigin } from './messages.ts';
import { type Peer, type PeerFault, Peers } from './peers.ts';
import { BODY_OFFSET, Seal, type SealFault } from './seal.ts';
import { decodeBody, decodeMessage } from './wire.ts';

/** How a process listens to a status group. */
export interface StatusReceiverOptions {
  /** The floor's shared key, at least 16 bytes. */
  readonly key: Uint8Array;
  /** `GROUP:PORT`; part of what is authenticated. */
  readonly group: string;
  /** This process's own boot id: its packets come back by loopback and are passed over. */
  readonly ownBoot?: bigint | undefined;
  /** How long a packet may have been on the way, and how far clocks may differ at first contact. @default 5 s */
  readonly staleAfterNs?: number | undefined;
  /** How many senders to keep track of. @default 256 */
  readonly sendersMax?: number | undefined;
  readonly registry?: CounterRegistry | undefined;
  readonly quarantine?: Quarantine | undefined;
  readonly onMessage: (message: StatusMessage, origin: StatusOrigin) => void;
  /**
   * Somebody speaks who isn't believed: under another key (`forged`), or with a clock too far from this one (`stale`).
   * Whoever hears nobody else may be the one whose key or clock is wrong.
   */
  readonly onDoubt?: ((fault: 'forged' | 'stale') => void) | undefined;
}

const STALE_AFTER_NS_DEFAULT = 5_000_000_000;
const SENDERS_MAX_DEFAULT = 256;

const FAULTS: Readonly<Record<SealFault | PeerFault, readonly [code: string, message: string]>> = {
  malformed: ['STATUS_MALFORMED', 'expected a status packet, got something else'],
  version: ['STATUS_VERSION', 'expected a status packet of version 1, got another'],
  forged: ['STATUS_FORGED', "expected the authentication code of this floor's key and group, got another"],
  replayed: ['STATUS_REPLAYED', 'expected a packet later than the last of its sender and kind, got an earlier one'],
  stale: ['STATUS_STALE', 'expected a packet sent just now, got an old one; or the clocks of the hosts differ'],
  crowded: ['STATUS_CROWDED', 'expected one of the known senders, got one too many'],
};

/**
 * Decides which packets of a status group to believe. A machine: packets and times go in, messages come out.
 * Whatever else arrives is dropped, counted by kind and quarantined; nothing makes it throw.
 */
export class StatusReceiver {
  readonly counters: Counters<(typeof STATUS_COUNTERS)['descriptions']>;
  readonly #seal: Seal;
  readonly #peers: Peers;
  readonly #directories: DirectoryAssembler;
  readonly #quarantine: Quarantine;
  readonly #ownBoot: bigint | undefined;
  readonly #onMessage: StatusReceiverOptions['onMessage'];
  readonly #onDoubt: StatusReceiverOptions['onDoubt'];

  /** @throws TickerError `STATUS_BAD_KEY` */
  constructor(options: StatusReceiverOptions) {
    const { staleAfterNs = STALE_AFTER_NS_DEFAULT, sendersMax = SENDERS_MAX_DEFAULT, registry } = options;
    this.counters = registry?.create(STATUS_COUNTERS, { group: options.group }) ?? STATUS_COUNTERS.create();
    this.#seal = new Seal(options.key, options.group);
    this.#peers = new Peers(staleAfterNs, sendersMax);
    this.#directories = new DirectoryAssembler(sendersMax, this.counters);
    this.#quarantine = options.quarantine ?? new Quarantine();
    this.#ownBoot = options.ownBoot;
    this.#onMessage = options.onMessage;
    this.#onDoubt = options.onDoubt;
  }

  /**
   * Takes a datagram.
   *
   * @param length how many of the bytes belong to it.
   * @param nowNs this process's monotonic clock.
   * @param wallNs this host's wall clock, nanoseconds since 1970.
   */
  packet(bytes: Uint8Array, length: number, nowNs: number, wallNs: bigint): void {
    this.counters.packets++;
    const sealFault = this.#seal.check(bytes, length);
    if (sealFault !== undefined) {
      this.#refuse(sealFault, bytes, length, wallNs, {});
      return;
    }
    const heard = this.#read(bytes, length, nowNs, wallNs);
    if (heard === undefined) return;
    this.counters.messages++;
    this.#onMessage(heard.message, heard.origin);
  }

  /** Everybody heard, for `status`. */
  senders(): Peer[] {
    return this.#peers.list();
  }

  /** What a sealed packet says, if it is to be believed and complete. */
  #read(
    bytes: Uint8Array,
    length: number,
    nowNs: number,
    wallNs: bigint,
  ): { message: StatusMessage; origin: StatusOrigin } | undefined {
    try {
      const { origin, kind, content } = decodeBody(bytes, BODY_OFFSET, length);
      if (origin.boot === this.#ownBoot) {
        this.counters.own++;
        return undefined;
      }
      const fault = this.#peers.admit(origin, kind, nowNs, wallNs);
      if (fault !== undefined) {
        const { sender, boot, counter, sentWallNs } = origin;
        this.#refuse(fault, bytes, length, wallNs, { sender, boot, counter, ageNs: wallNs - sentWallNs });
        return undefined;
      }
      const message = decodeMessage(kind, content);
      if (message === undefined) {
        this.counters.unknown++;
        this.#quarantine.put(wallNs, 'STATUS_UNKNOWN', `expected a known kind, got ${kind}`, bytes.subarray(0, length));
        return undefined;
      }
      if (message.kind !== 'directory-part') return { message, origin };
      const directory = this.#directories.take(origin.sender, origin.boot, message);
      return directory === undefined ? undefined : { message: directory, origin };
    } catch (error) {
      if (!(error instanceof TickerError)) throw error;
      this.counters.malformed++;
      this.#quarantine.put(wallNs, error.code, error.message, bytes.subarray(0, length), error.context);
      return undefined;
    }
  }

  #refuse(
    fault: SealFault | PeerFault,
    bytes: Uint8Array,
    length: number,
    wallNs: bigint,
    context: Readonly<Record<string, string | number | bigint>>,
  ): void {
    this.counters[fault]++;
    const [code, message] = FAULTS[fault];
    if (fault === 'forged' || fault === 'stale') this.#onDoubt?.(fault);
    this.#quarantine.put(wallNs, code, message, bytes.subarray(0, length), context);
  }
}
