import { type Clock, systemClock, TickerError } from '@tickerplant/core';
import { openReceiver, openUnicast, resolveInterface, type UnicastSocket } from '@tickerplant/multicast';
import type { CounterRegistry, Quarantine } from '@tickerplant/telemetry';
import type { Framing } from './framing.ts';
import type { LostReason } from './gaps.ts';
import type { ReceiverOptions } from './options.ts';
import { type SequencedListener, SequencedReceiver } from './receiver.ts';

/** Where a line is heard. */
export interface SubscriberLine {
  /** For counters: `A`. */
  readonly name: string;
  readonly group: string;
  readonly port: number;
  /** Name or IPv4 address. */
  readonly interface: string;
  /** Source-specific membership. */
  readonly sources?: readonly string[];
}

/** How to subscribe. */
export interface SubscriberOptions {
  readonly framing: Framing;
  /**
   * The machine's options; its lines, quarantine and registry are set here. Without request servers `lostAfterNs` is
   * 50 ms unless given.
   */
  readonly receiver?: Omit<ReceiverOptions, 'lines' | 'repairLine' | 'quarantine' | 'registry'>;
  readonly lines: readonly SubscriberLine[];
  /** Whom to ask for what is missing: the first one first, the others in turn when it does not answer. */
  readonly requestServers?: readonly { readonly address: string; readonly port: number }[];
  /** Name or address of the interface to ask by. @default that of the first line */
  readonly requestInterface?: string;
  /** Writes a request for `count` messages from `from` on into `out`. @returns its length. */
  readonly encodeRequest?: (session: Uint8Array, from: number, count: number, out: Uint8Array) => number;
  readonly listener: Omit<SequencedListener, 'onRequest'>;
  /** Kernel buffer to ask for on each line, in bytes. @default 4 MiB */
  readonly receiveBufferBytes?: number;
  /** Trouble with a socket; it stays open. */
  readonly onError: (error: TickerError) => void;
  /** The kernel granted a smaller buffer than asked for. */
  readonly onWarning?: (warning: TickerError) => void;
  readonly registry?: CounterRegistry;
  readonly quarantine?: Quarantine;
  readonly clock?: Clock;
}

/** An open subscription. */
export interface SequencedSubscriber {
  readonly receiver: SequencedReceiver;
  /** Packets that came to the request socket from hosts that were not asked. */
  readonly strangers: number;
  /** Closes the sockets. What is missing is not reported: call `receiver.finish` for that. */
  close(): Promise<void>;
}

/** Longest request: IEX-TP's with one range has 32 bytes, MoldUDP64's 20. */
const REQUEST_BYTES_MAX = 256;
const REPAIR_LINE = 'repair';
const TICK_MS = 1;
/** Where nobody can be asked, only another line can fill a gap: it does so soon or not at all. */
const LOST_AFTER_NS_WITHOUT_REPAIR = 50_000_000;

// The listener that the machine sees: the user's, with requests turned into packets. A class, and not an object
// spread from the user's: the user's may have its methods on a prototype.
class ShellListener implements SequencedListener {
  readonly mayLose?: (from: number, to: number) => boolean;
  readonly onGap?: (from: number, to: number) => void;
  readonly onGapClosed?: (from: number, to: number) => void;
  private readonly user: Omit<SequencedListener, 'onRequest'>;
  private readonly request: SequencedListener['onRequest'];

  constructor(user: Omit<SequencedListener, 'onRequest'>, request: SequencedListener['onRequest']) {
    this.user = user;
    this.request = request;
    if (user.mayLose !== undefined) this.mayLose = (from, to) => user.mayLose!(from, to);
    if (user.onGap !== undefined) this.onGap = (from, to) => user.onGap!(from, to);
    if (user.onGapClosed !== undefined) this.onGapClosed = (from, to) => user.onGapClosed!(from, to);
  }

  onRun(bytes: Uint8Array, start: number, end: number, seq: number, count: number): void {
    this.user.onRun(bytes, start, end, seq, count);
  }

  onLost(from: number, to: number, reason: LostReason): void {
    this.user.onLost(from, to, reason);
  }

  onSession(session: string, previous: string | undefined, next: number): void {
    this.user.onSession(session, previous, next);
  }

  onEnd(next: number): void {
    this.user.onEnd(next);
  }

  onRequest(session: Uint8Array, from: number, count: number, attempt: number): void {
    this.request(session, from, count, attempt);
  }
}

/**
 * A `SequencedReceiver` on sockets: one for each line, and one to ask from, whose answers are packets of a further
 * line named `repair`. Time passes for the machine while something is missing, every millisecond.
 *
 * @throws TickerError those of `openReceiver`, `openUnicast` and `SequencedReceiver`; nothing stays open.
 */
export async function openSubscriber(options: SubscriberOptions): Promise<SequencedSubscriber> {
  const { lines, requestServers = [], encodeRequest, onError, quarantine, registry, clock = systemClock } = options;
  if (lines.length === 0) throw new TickerError('SEQUENCE_BAD_OPTION', 'expected at least one line, got none');
  const canAsk = requestServers.length > 0 && encodeRequest !== undefined;
  const names = requestServers.map(({ address, port }) => `${address}:${port}`);
  let request = Buffer.alloc(REQUEST_BYTES_MAX);
  let requests: UnicastSocket | undefined;
  let timer: NodeJS.Timeout | undefined;
  let strangers = 0;

  const ask: SequencedListener['onRequest'] = (session, from, count, attempt) => {
    if (requests === undefined || encodeRequest === undefined) return;
    const server = requestServers[attempt % requestServers.length]!;
    const length = encodeRequest(session, from, count, request);
    const free = requests.send(request, 0, length, server.port, server.address);
    if (!free) request = Buffer.alloc(REQUEST_BYTES_MAX);
  };
  const receiver = new SequencedReceiver(options.framing, new ShellListener(options.listener, ask), {
    ...(canAsk ? {} : { lostAfterNs: LOST_AFTER_NS_WITHOUT_REPAIR }),
    ...options.receiver,
    ...(canAsk ? { repairLine: lines.length, answerers: () => names } : { requestAttemptsMax: 0 }),
    ...(registry === undefined ? {} : { registry }),
    lines: [...lines.map(({ name }) => name), ...(canAsk ? [REPAIR_LINE] : [])],
    quarantine: (code, message, bytes, context) => quarantine?.put(clock.wallNs(), code, message, bytes, context),
  });

  const tick = (): void => {
    receiver.tick(clock.monotonicNs());
    if (!receiver.recovering) {
      clearInterval(timer);
      timer = undefined;
    }
  };
  const hear = (line: number, packet: Buffer, by?: string): void => {
    receiver.packet(line, packet, packet.length, clock.monotonicNs(), by);
    if (receiver.recovering && timer === undefined) timer = setInterval(tick, TICK_MS);
  };

  const open: { close(): Promise<void> }[] = [];
  const close = async (): Promise<void> => {
    clearInterval(timer);
    await Promise.all(open.map((socket) => socket.close()));
  };
  try {
    if (canAsk) {
      requests = await openUnicast({
        address: resolveInterface(options.requestInterface ?? lines[0]!.interface),
        port: 0,
        onPacket: (packet, from) => {
          const by = `${from.address}:${from.port}`;
          if (names.includes(by)) hear(lines.length, packet, by);
          else strangers++;
        },
        onError,
      });
      open.push(requests);
    }
    for (const [index, { group, port, interface: name, sources }] of lines.entries()) {
      open.push(
        await openReceiver({
          group,
          port,
          interface: name,
          ...(sources === undefined ? {} : { sources }),
          ...(options.receiveBufferBytes === undefined ? {} : { receiveBufferBytes: options.receiveBufferBytes }),
          ...(options.onWarning === undefined ? {} : { onWarning: options.onWarning }),
          onPacket: (packet) => hear(index, packet),
          onError,
        }),
      );
    }
  } catch (error) {
    await close();
    throw error;
  }
  return {
    receiver,
    get strangers() {
      return strangers;
    },
    close,
  };
}
