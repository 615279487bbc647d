import { once } from 'node:events';
import { connect, type Server } from 'node:net';
import { createInterface } from 'node:readline';
import { type Clock, errorMessage, TickerError } from '@tickerplant/core';
import { doVendorCommand, type VendorControls } from '@tickerplant/feed-pages';
import type { FloorSimulator } from '@tickerplant/floor';
import type { Logger } from '@tickerplant/telemetry';
import { listenOn } from './listen.ts';

/** Who says nothing for so long is hung up on. */
const SILENCE_MS = 600_000;

/**
 * Takes commands for a simulated vendor on a TCP address, one a line, each answered with a line.
 *
 * @throws TickerError `TOOLS_NO_LISTENER`
 */
export function openVendorControl(
  place: { readonly address: string; readonly port: number },
  controls: VendorControls,
  { clock, logger }: { readonly clock: Clock; readonly logger: Logger },
): Promise<Server> {
  return listenOn(place, (socket) => {
    socket.setTimeout(SILENCE_MS, () => socket.destroy());
    socket.on('error', (error) => logger.debug({}, errorMessage(error)));
    createInterface({ input: socket }).on('line', (line) => {
      const answer = doVendorCommand(line, controls, clock.monotonicNs());
      logger.warn({ command: line, answer }, 'command');
      socket.write(`${answer}\n`);
    });
  });
}

/** @returns what changes the layout of all pages without announcing it, and changes it back the next time. */
export function layoutToggle(
  pages: Pick<VendorControls, 'setLayout'>,
  { clock, logger }: { readonly clock: Clock; readonly logger: Logger },
): () => void {
  let changed = false;
  return () => {
    changed = !changed;
    const layout = changed ? 'changed' : 'usual';
    pages.setLayout('*', layout, clock.monotonicNs());
    logger.warn({ layout }, 'layout of all pages');
  };
}

const ANSWER_MS = 2_000;

/**
 * Says a command to a simulator that runs.
 *
 * @returns its answer.
 * @throws TickerError `TOOLS_NO_CONTROL`: the floor file gives it no address; `TOOLS_NO_ANSWER`; `TOOLS_REFUSED`: it would not
 */
export async function tellVendor({ name, control }: FloorSimulator, command: string): Promise<string> {
  if (control === undefined) {
    throw new TickerError('TOOLS_NO_CONTROL', `expected a control address of simulator ${name} in the floor file`);
  }
  const socket = connect({ host: control.address, port: control.port });
  const timer = setTimeout(() => socket.destroy(new Error(`no answer within ${ANSWER_MS} ms`)), ANSWER_MS);
  try {
    await once(socket, 'connect');
    socket.write(`${command.replaceAll('\n', ' ')}\n`);
    const [answer] = (await once(createInterface({ input: socket }), 'line')) as [string];
    if (!answer.startsWith('ok')) throw new TickerError('TOOLS_REFUSED', answer);
    return answer;
  } catch (error) {
    if (error instanceof TickerError) throw error;
    const text = `expected an answer of simulator ${name} on ${control.address}:${control.port}, got ${errorMessage(error)}`;
    throw new TickerError('TOOLS_NO_ANSWER', text, {}, { cause: error });
  } finally {
    clearTimeout(timer);
    socket.destroy();
  }
}
