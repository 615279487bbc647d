import { errorMessage, type TickerError } from '@tickerplant/core';
import { type MulticastReceiver, openReceiver } from '@tickerplant/multicast';
import { serveRole } from '../../bench/role.ts';
import { readFloor } from '../../floors.ts';
import { openVendorLines, type VendorLines } from '../../vendor/vendor-lines.ts';

/** What stands between the vendor's lines and the handlers', and can cut them. */
export interface LineRelayRole {
  /** @param options.vendor the floor file with the groups that the vendor sends on; `floor`: that the handlers join. */
  open(options: { vendor: string; floor: string }): Promise<void>;
  /** Cuts lines, or joins them again. */
  cut(options: { lines: readonly number[]; cut: boolean }): void;
  close(): Promise<void>;
}

let outgoing: VendorLines;
const incoming: MulticastReceiver[] = [];

function onError(error: TickerError): void {
  process.stderr.write(`line relay: ${errorMessage(error)}\n`);
}

const commands: LineRelayRole = {
  async open({ vendor, floor }) {
    const to = readFloor(floor);
    const { ttl } = to.networks.feed;
    outgoing = await openVendorLines(to.feeds[0]!.lines, { loss: {}, seed: 1, ttl, onError });
    for (const [index, { group, port, interface: name }] of readFloor(vendor).feeds[0]!.lines.entries()) {
      const receiver = await openReceiver({
        group,
        port,
        interface: name,
        receiveBufferBytes: 4 << 20,
        // The packet is a buffer of its own: it may wait for the kernel.
        onPacket: (packet) => void outgoing.sendOn(index, packet, packet.length),
        onError,
      });
      incoming.push(receiver);
    }
  },

  cut({ lines, cut }) {
    for (const line of lines) outgoing.cut(line, cut);
  },

  async close() {
    await Promise.all([outgoing.close(), ...incoming.map((receiver) => receiver.close())]);
  },
};

serveRole(commands);
