import { createSocket } from 'node:dgram';
import { once } from 'node:events';

const LOOPBACK = '127.0.0.1';

/** Ports that nobody uses at the moment. */
export async function freePorts(count: number): Promise<number[]> {
  const sockets = Array.from({ length: count }, () => createSocket('udp4'));
  await Promise.all(
    sockets.map(async (socket) => {
      socket.bind(0, LOOPBACK);
      await once(socket, 'listening');
    }),
  );
  const ports = sockets.map((socket) => socket.address().port);
  await Promise.all(
    sockets.map(async (socket) => {
      socket.close();
      await once(socket, 'close');
    }),
  );
  return ports;
}
