import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { CounterRegistry, Quarantine } from '@tickerplant/telemetry';
import type { Test } from 'tap';
import {
  CONTROL_VERSION,
  type ControlHandler,
  type ControlLimits,
  type ControlServer,
  decodeReply,
  encodeRequest,
  FrameParser,
  openControlServer,
  type Reply,
} from '../src/index.ts';

/** A server on a free port of the loopback interface, closed after the test. */
export async function serve(
  t: Test,
  handler: ControlHandler = { onRequest: () => {} },
  limits: Partial<ControlLimits> = {},
): Promise<{ server: ControlServer; port: number; quarantine: Quarantine; counts: () => Record<string, number> }> {
  const registry = new CounterRegistry();
  const quarantine = new Quarantine();
  const server = await openControlServer({
    address: '127.0.0.1',
    port: 0,
    plant: 'p1',
    floor: 'demo',
    boot: 0xb007n,
    handler,
    limits,
    registry,
    quarantine,
    onError: (error) => t.fail(error.message),
  });
  t.teardown(() => server.close());
  const counts = (): Record<string, number> =>
    Object.fromEntries(Object.entries(registry.snapshot()[0]!.values).filter(([, count]) => count !== 0));
  return { server, port: server.address.port, quarantine, counts };
}

/** A client that sends what it likes. */
export class RawClient {
  readonly socket: Socket;
  readonly replies: Reply[] = [];
  readonly closed: Promise<unknown>;

  constructor(t: Test, port: number) {
    this.socket = connect({ host: '127.0.0.1', port });
    const parser = new FrameParser(2 ** 26, (bytes, start, end) => {
      const reply = decodeReply(bytes, start, end);
      if (reply.kind === 'fault') t.fail(reply.message);
      else this.replies.push(reply);
    });
    this.socket.on('data', (piece) => parser.push(piece));
    this.socket.on('error', () => {});
    this.closed = new Promise((resolve) => this.socket.on('close', resolve));
    t.teardown(() => this.socket.destroy());
  }

  /** Introduces itself and waits for the welcome. */
  async greet(client = 'raw'): Promise<this> {
    this.socket.write(encodeRequest({ kind: 'hello', version: CONTROL_VERSION, client }));
    await this.until(() => this.replies.length > 0);
    return this;
  }

  /** Waits until something holds after a piece of data. */
  async until(condition: () => boolean): Promise<void> {
    while (!condition()) await once(this.socket, 'data');
  }
}

/** Waits until something holds; the test's own time limit ends a wait in vain. */
export async function eventually(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 2));
}
