import { errorMessage, type TickerError } from '@tickerplant/core';
import { encodeRequest, MOLD_FRAMING } from '@tickerplant/moldudp64';
import { openSubscriber, type SequencedSubscriber } from '@tickerplant/sequence';
import { LOOPBACK } from '../bench-floor.ts';
import { nowNs } from '../clock.ts';
import { serveRole } from '../role.ts';

/** Where to listen, and whom to ask for what is missing. */
export interface ListenerOptions {
  readonly group: string;
  readonly port: number;
  readonly requestServer?: { readonly address: string; readonly port: number };
}

/** What has been heard. */
export interface ListenerReport {
  /** Messages in order, repaired ones included. */
  readonly messages: number;
  readonly packets: number;
  readonly repaired: number;
  readonly lost: number;
  /** The number that comes next. */
  readonly next: number;
}

/** Receives one channel in order and counts. */
export interface ListenerRole {
  open(options: ListenerOptions): Promise<void>;
  report(): ListenerReport;
  /** Waits until all messages before a number have come or are lost. @returns whether, and how long it took */
  reached(options: { next: number; withinMs: number }): Promise<{ reached: boolean; waitedMs: number }>;
}

const LOOK_MS = 2;

let subscriber: SequencedSubscriber;
let messages = 0;
let lost = 0;

const commands: ListenerRole = {
  async open({ group, port, requestServer }) {
    subscriber = await openSubscriber({
      framing: MOLD_FRAMING,
      lines: [{ name: 'A', group, port, interface: LOOPBACK }],
      ...(requestServer === undefined ? {} : { requestServers: [requestServer], encodeRequest }),
      receiver: { start: 1, gapWaitNs: 2_000_000, requestTimeoutNs: 20_000_000, requestAttemptsMax: 100 },
      listener: {
        onRun: (_bytes, _start, _end, _seq, count) => {
          messages += count;
        },
        onLost: (from, to) => {
          lost += to - from;
        },
        onSession: () => {},
        onEnd: () => {},
      },
      onError: (error: TickerError) => void process.stderr.write(`listener: ${errorMessage(error)}\n`),
      onWarning: (warning) => void process.stderr.write(`listener: ${errorMessage(warning)}\n`),
    });
  },

  report() {
    const { receiver } = subscriber;
    const packets = receiver.lines.reduce((sum, line) => sum + line.counters.packets, 0);
    return { messages, packets, repaired: receiver.counters.recovered, lost, next: receiver.expected };
  },

  async reached({ next, withinMs }) {
    const startedNs = nowNs();
    const waitedMs = (): number => (nowNs() - startedNs) / 1e6;
    while (subscriber.receiver.expected < next && waitedMs() < withinMs) {
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    }
    return { reached: subscriber.receiver.expected >= next, waitedMs: waitedMs() };
  },
};

serveRole(commands);
