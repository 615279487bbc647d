import { encodeMessage, type Message } from '@tickerplant/records';

/** Message blocks (big-endian length, data) one after the other. */
export function blocksOf(messages: readonly (Message | Uint8Array)[]): Uint8Array {
  const encoded = messages.map((message) => (message instanceof Uint8Array ? message : encodeMessage(message)));
  const bytes = new Uint8Array(encoded.reduce((sum, { length }) => sum + 2 + length, 0));
  let at = 0;
  for (const data of encoded) {
    bytes[at] = data.length >>> 8;
    bytes[at + 1] = data.length;
    bytes.set(data, at + 2);
    at += 2 + data.length;
  }
  return bytes;
}
