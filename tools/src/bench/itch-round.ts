import { writeU48BE } from '@tickerplant/core';
import { MarketSimulator } from '@tickerplant/feed-itch';
import { HEADER_BYTES, MoldSender } from '@tickerplant/moldudp64';
import { blockEndBE } from '@tickerplant/sequence';
import { PacketCollector, PacketRound } from './packet-round.ts';

/** Which day to simulate, and how to cut it into packets. */
export interface ItchRoundOptions {
  readonly symbols: number;
  readonly messages: number;
  /** Messages in a packet; 0: as many as fit. */
  readonly packetMessages: number;
}

/** MoldUDP64 session of the vendor. */
export const VENDOR_SESSION = 'BENCHVENDO';
/** Left out: from the second round on a match number stands for more than one trade. */
const BROKEN_TRADE = 'B'.charCodeAt(0);
/** Where the timestamp stands in a block: after its length, the type, the locate and the tracking number. */
const TIMESTAMP = 2 + 5;

/**
 * A simulated day's packets: directory and states first, then the orders as a round. A day ends with the deletion
 * of all orders that are left, so another one can follow.
 */
export function makeItchRound({ symbols, messages, packetMessages }: ItchRoundOptions): PacketRound {
  const first = new PacketCollector();
  const round = new PacketCollector();
  let sender = new MoldSender({ session: VENDOR_SESSION, ...first });
  let cut = 0;
  const simulator = new MarketSimulator({ seed: 1, symbols, messages }, (bytes, start, length) => {
    if (bytes[start] === BROKEN_TRADE) return;
    sender.append(bytes, start, start + length);
    if (cut > 0 && sender.pending === cut) sender.flush(0);
  });
  simulator.startOfDay();
  sender.flush(0);
  sender = new MoldSender({ session: VENDOR_SESSION, ...round });
  cut = packetMessages;
  while (!simulator.finished) simulator.run(messages);
  sender.flush(0);
  return new PacketRound(first, round);
}

/** Stamps all messages of a packet. @param ns since midnight in the vendor's zone */
export function stampPacket(packet: Buffer, ns: number): void {
  for (let at = HEADER_BYTES; at < packet.length; at = blockEndBE(packet, at)) {
    writeU48BE(packet, at + TIMESTAMP, ns);
  }
}
