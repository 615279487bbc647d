import { createServer, type Server, type Socket } from 'node:net';
import { errorMessage, TickerError } from '@tickerplant/core';

/**
 * Listens on a TCP address.
 *
 * @throws TickerError `TOOLS_NO_LISTENER`
 */
export async function listenOn(
  { address, port }: { readonly address: string; readonly port: number },
  onSocket: (socket: Socket) => void,
): Promise<Server> {
  const listener = createServer({ noDelay: true }, onSocket);
  await new Promise<void>((resolve, reject) => {
    listener.once('error', (error) => {
      const text = `expected to listen on ${address}:${port}, got ${errorMessage(error)}`;
      reject(new TickerError('TOOLS_NO_LISTENER', text, {}, { cause: error }));
    });
    listener.listen(port, address, () => resolve());
  });
  return listener;
}
