import { type MulticastSender, openSender } from '@tickerplant/multicast';
import { LatencyHistogram } from '@tickerplant/telemetry';
import { readBenchFloor } from '../bench-floor.ts';
import { nowNs } from '../clock.ts';
import { pace, wakePunctually } from '../pace.ts';
import { PagePackets, packetNumber } from '../parts/page-packets.ts';
import { serveRole } from '../role.ts';
import type { PageSentReport } from './page-desk.ts';

/** A broadcast of pages with packets made in advance. */
export interface PageSenderRole {
  open(options: { floor: string; pages: number }): Promise<void>;
  /** Sends all pages, whole, as they are by now. */
  begin(options: { packetsPerSecond: number }): Promise<void>;
  /** Makes changes. @returns the number of the first packet */
  make(options: { count: number }): number;
  /** Sends the changes made last on schedule. */
  send(options: { startNs: number; perSecond: number }): Promise<PageSentReport>;
}

const QUEUED_MAX = 64;

let sender: MulticastSender;
let packets: PagePackets;
let made: readonly Uint8Array[] = [];

const onError = (error: Error): never => {
  throw error;
};
const congested = (): boolean => sender.queued() >= QUEUED_MAX;

const commands: PageSenderRole = {
  async open({ floor, pages }) {
    const line = readBenchFloor(floor).feeds[0]!.lines[0]!;
    const { group, port, interface: local } = line;
    sender = await openSender({ group, port, interface: local, sendBufferBytes: 4 << 20, onError });
    packets = new PagePackets(pages);
  },

  async begin({ packetsPerSecond }) {
    const whole = packets.whole();
    const send = (index: number): void => void sender.send(whole[index]!, 0, whole[index]!.length);
    await pace({
      startNs: nowNs(),
      perSecond: packetsPerSecond,
      count: whole.length,
      napNs: 1_000_000,
      congested,
      send,
    });
  },

  make({ count }) {
    made = packets.deltas(count);
    return packetNumber(made[0]!);
  },

  async send({ startNs, perSecond }) {
    wakePunctually();
    const late = new LatencyHistogram();
    const paced = await pace({
      startNs,
      perSecond,
      count: made.length,
      congested,
      send: (index, dueNs) => {
        const packet = made[index]!;
        sender.send(packet, 0, packet.length);
        late.record(nowNs() - dueNs);
      },
    });
    return { changes: made.length, seconds: (paced.endNs - paced.startNs) / 1e9, lateNs: late.summary() };
  },
};

serveRole(commands);
