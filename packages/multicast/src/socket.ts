import type { Socket } from 'node:dgram';
import { type ErrorContext, TickerError } from '@tickerplant/core';
import { socketError } from './errors.ts';

/** Binds, or rejects with the reason in the suite's words. */
export function bind(socket: Socket, address: string, port: number, context: ErrorContext): Promise<void> {
  return new Promise((resolve, reject) => {
    const failed = (cause: Error): void => reject(socketError('bind', cause, context));
    socket.once('error', failed);
    socket.bind({ address, port, exclusive: true }, () => {
      socket.off('error', failed);
      resolve();
    });
  });
}

/** Fixes the destination, or rejects with the reason. */
export function connect(socket: Socket, address: string, port: number, context: ErrorContext): Promise<void> {
  return new Promise((resolve, reject) => {
    const failed = (cause: Error): void => reject(socketError('connect', cause, context));
    socket.once('error', failed);
    socket.connect(port, address, () => {
      socket.off('error', failed);
      resolve();
    });
  });
}

/** Closes once; later calls wait for the same end. */
export function closer(socket: Socket): () => Promise<void> {
  let closing: Promise<void> | undefined;
  return () => {
    closing ??= new Promise((resolve) => socket.close(() => resolve()));
    return closing;
  };
}

const BUFFERS = {
  receive: { limit: 'net.core.rmem_max', lost: 'bursts will be lost' },
  send: { limit: 'net.core.wmem_max', lost: 'bursts will be queued in this process' },
} as const;

/**
 * Asks the kernel for a buffer and gives what it granted. Linux doubles what it is asked for, for its own
 * overhead, and reports the double: the figure here is the half that was asked for.
 */
export function sizeBuffer(
  socket: Socket,
  which: 'receive' | 'send',
  wanted: number,
  context: ErrorContext,
  onWarning: ((warning: TickerError) => void) | undefined,
): number {
  let refused: unknown;
  try {
    if (which === 'receive') socket.setRecvBufferSize(wanted);
    else socket.setSendBufferSize(wanted);
  } catch (cause) {
    refused = cause; // Linux grants what it can; other systems refuse altogether and keep their default.
  }
  const reported = which === 'receive' ? socket.getRecvBufferSize() : socket.getSendBufferSize();
  const granted = process.platform === 'linux' ? reported / 2 : reported;
  if (granted < wanted) {
    const { limit, lost } = BUFFERS[which];
    const remedy = process.platform === 'linux' ? `; raise ${limit} to ${wanted} or more` : '';
    onWarning?.(
      new TickerError(
        'MULTICAST_BUFFER_SMALL',
        `expected a ${which} buffer of ${wanted} bytes, the kernel granted ${granted}: ${lost}${remedy}`,
        { ...context, expected: wanted, granted },
        refused === undefined ? {} : { cause: refused },
      ),
    );
  }
  return granted;
}
