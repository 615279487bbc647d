import { errorMessage, type TickerError } from '@tickerplant/core';
import { type MulticastSender, openReceiver, openSender } from '@tickerplant/multicast';
import { LatencyHistogram, type LatencySummary } from '@tickerplant/telemetry';
import { LOOPBACK } from '../bench-floor.ts';
import { nowNs } from '../clock.ts';
import { pace } from '../pace.ts';
import { serveRole } from '../role.ts';

interface Endpoint {
  readonly group: string;
  readonly port: number;
}

/** Sends packets to a relay on schedule and times their return: what two hops cost when nobody does anything. */
export interface BouncerRole {
  open(options: { to: Endpoint; from: Endpoint }): Promise<void>;
  /** @returns from when each packet was due until it was back, in ns; and how many did not come back */
  bounce(options: {
    perSecond: number;
    count: number;
    bytes: number;
  }): Promise<{ backNs: LatencySummary; lost: number }>;
}

const LINGER_MS = 100;
const onError = (error: TickerError): void => void process.stderr.write(`bouncer: ${errorMessage(error)}\n`);

let sender: MulticastSender;
let back = new LatencyHistogram();

const commands: BouncerRole = {
  async open({ to, from }) {
    sender = await openSender({ ...to, interface: LOOPBACK, onError });
    const onPacket = (packet: Buffer): void => back.record(nowNs() - packet.readDoubleLE(0));
    await openReceiver({ ...from, interface: LOOPBACK, onPacket, onError });
  },

  async bounce({ perSecond, count, bytes }) {
    const packet = Buffer.alloc(bytes);
    back = new LatencyHistogram();
    const send = (_index: number, dueNs: number): void => {
      packet.writeDoubleLE(dueNs, 0);
      sender.send(packet, 0, bytes);
    };
    await pace({ startNs: nowNs(), perSecond, count, napNs: 0, congested: () => false, send });
    await new Promise((resolve) => setTimeout(resolve, LINGER_MS));
    const backNs = back.summary();
    return { backNs, lost: count - backNs.count };
  },
};

serveRole(commands);
