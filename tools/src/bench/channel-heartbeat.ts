import { encodeSession, HEADER_BYTES, HEARTBEAT_COUNT, writeHeader } from '@tickerplant/moldudp64';
import type { MulticastSender } from '@tickerplant/multicast';

const EVERY_MS = 20;

/** Tells listeners every 20 ms what the next number is, so that they know when the last packet was lost. */
export function beat(senders: readonly MulticastSender[], session: string, next: () => number): void {
  const sessionBytes = encodeSession(session);
  setInterval(() => {
    const packet = Buffer.alloc(HEADER_BYTES);
    writeHeader(packet, 0, sessionBytes, next(), HEARTBEAT_COUNT);
    for (const sender of senders) sender.send(packet, 0, packet.length);
  }, EVERY_MS);
}
