import { systemClock } from '@tickerplant/core';
import { openUnicast } from '@tickerplant/multicast';
import { Quarantine } from '@tickerplant/telemetry';
import t from 'tap';
import { encodeGapFillRequest, openGapFillServer } from '../src/index.ts';
import { messagesOf, SMALL_DAY, simulate } from './simulated.ts';

t.test('over UDP: a request is answered to where it came from, and garbage is quarantined', async (t) => {
  const segments = simulate({ ...SMALL_DAY, symbols: 20, regularNs: 1e9 }).filter(({ line }) => line === 0);
  const quarantine = new Quarantine();
  const socket = await openGapFillServer({
    address: '127.0.0.1',
    port: 0,
    clock: systemClock,
    quarantine,
    onError: (error) => t.fail(error.message),
  });
  for (const { bytes } of segments) socket.server.published(bytes, bytes.length);
  const messages = messagesOf(segments.map(({ bytes }) => bytes));

  const answers: Uint8Array[] = [];
  let count = 0;
  let enough = (): void => {};
  const answered = new Promise<void>((resolve) => {
    enough = resolve;
  });
  const client = await openUnicast({
    address: '127.0.0.1',
    port: 0,
    onPacket: (packet) => {
      answers.push(packet);
      count += packet.readUInt16LE(14);
      if (count >= 300) enough();
    },
    onError: (error) => t.fail(error.message),
  });
  client.send(Buffer.from('garbage'), 0, 7, socket.port, socket.address);
  const request = new Uint8Array(32);
  const length = encodeGapFillRequest(segments[0]!.bytes.subarray(2, 12), 11, 300, request);
  client.send(request, 0, length, socket.port, socket.address);
  await answered;
  t.ok(answers.length > 1, 'several segments');
  t.strictSame(messagesOf(answers), messages.slice(10, 310));
  t.strictSame(quarantine.report().counts, { IEX_BAD_REQUEST: 1 });
  await client.close();
  await socket.close();
});
