import { systemClock } from '@tickerplant/core';
import { createLogger } from '@tickerplant/telemetry';
import { BroadcastPageVendor } from '../../vendor/broadcast-page-vendor.ts';
import { readBenchFloor } from '../bench-floor.ts';
import { serveRole } from '../role.ts';

/** What pages to send. */
export interface PageVendorOptions {
  readonly floor: string;
  readonly pages: number;
  /** Whole pages in a second, in turn. */
  readonly basesPerSecond: number;
  /** Changes in a second, of all pages. */
  readonly rate: number;
}

/** The simulated broadcast of pages, as `ticker vendor` runs it. */
export interface PageVendorRole {
  open(options: PageVendorOptions): Promise<void>;
}

const PACKET_BYTES = 1_400;

const commands: PageVendorRole = {
  async open({ floor, pages, basesPerSecond, rate }) {
    await BroadcastPageVendor.open({
      lines: readBenchFloor(floor).feeds[0]!.lines,
      loss: {},
      ttl: 0,
      isTeletext: false,
      packetBytes: PACKET_BYTES,
      pages: { count: pages, format: 'ansi', openMax: 0, requestsPerSecond: 0, basesPerSecond },
      seed: 7,
      rate,
      control: undefined,
      timeZone: 'UTC',
      clock: systemClock,
      logger: createLogger('vendor', 'warn'),
    });
  },
};

serveRole(commands);
