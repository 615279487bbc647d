import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { TickerError } from '@tickerplant/core';

const LOOPBACK = '127.0.0.1';
/** Below the ports that the kernel gives to outgoing connections: any of those may be taken in the next moment. */
const FIRST = 10_000;
const PORTS = 10_000;

/**
 * Ports that nobody uses at the moment.
 *
 * @throws TickerError `BENCH_NO_PORTS`
 */
export async function freePorts(count: number): Promise<number[]> {
  const start = Math.floor(Math.random() * PORTS);
  const sockets: Socket[] = [];
  for (let tried = 0; sockets.length < count; tried++) {
    if (tried === PORTS) {
      throw new TickerError('BENCH_NO_PORTS', `expected ${count} free ports from ${FIRST} on, got ${sockets.length}`);
    }
    const socket = await bound(FIRST + ((start + tried) % PORTS));
    if (socket !== undefined) sockets.push(socket);
  }
  const ports = sockets.map((socket) => socket.address().port);
  await Promise.all(
    sockets.map(async (socket) => {
      socket.close();
      await once(socket, 'close');
    }),
  );
  return ports;
}

/** Undefined: the port is taken. */
async function bound(port: number): Promise<Socket | undefined> {
  const socket = createSocket('udp4');
  try {
    socket.bind(port, LOOPBACK);
    await once(socket, 'listening');
    return socket;
  } catch {
    socket.close();
    return undefined;
  }
}
