import { type ControlConnection, connectControl, type Duty, proofOf } from '@tickerplant/control';
import { TickerError } from '@tickerplant/core';

const ANSWER_MS = 2_000;

interface Address {
  readonly address: string;
  readonly port: number;
}

/**
 * Asks a process for its state or its quarantine, as JSON.
 *
 * @throws TickerError `TOOLS_NO_ANSWER`, `CONTROL_…`
 */
export function askControl(control: Address, kind: 'status' | 'quarantine'): Promise<string> {
  return converse(control, (connection, reply) => {
    connection.send({ kind });
    return reply;
  });
}

/**
 * Asks a handler of pages where an element's field comes from; the answer is JSON.
 *
 * @throws TickerError `TOOLS_NO_ANSWER`, `CONTROL_…`; the process's refusal
 */
export function askWhy(control: Address, subject: string, field: string): Promise<string> {
  return converse(control, (connection, reply) => {
    connection.send({ kind: 'why', subject, field });
    return reply;
  });
}

/**
 * Has a member of a pair do planned work.
 *
 * @returns what it has done, in words.
 * @throws TickerError `TOOLS_NO_ANSWER`, `CONTROL_…`; the process's refusal
 */
export function askDuty(control: Address, key: Uint8Array, duty: Duty): Promise<string> {
  return converse(control, (connection, reply) => {
    connection.send({ kind: 'duty', duty, proof: proofOf(key, duty, connection.welcome) });
    return reply;
  });
}

async function converse(
  control: Address,
  ask: (connection: ControlConnection, reply: Promise<string>) => Promise<string>,
): Promise<string> {
  let settle: (text: string | undefined, error?: Error) => void = () => {};
  const reply = new Promise<string>((resolve, reject) => {
    settle = (text, error) => (text === undefined ? reject(error) : resolve(text));
  });
  reply.catch(() => undefined);
  const timer = setTimeout(
    () => settle(undefined, new TickerError('TOOLS_NO_ANSWER', `expected an answer within ${ANSWER_MS} ms`)),
    ANSWER_MS,
  );
  let connection: ControlConnection | undefined;
  try {
    connection = await connectControl({
      ...control,
      client: `ticker/${process.pid}`,
      onReply: (message) => {
        if (message.kind === 'status-reply' || message.kind === 'quarantine-reply' || message.kind === 'why-reply') {
          settle(message.json);
        } else if (message.kind === 'done') settle(message.text);
        else if (message.kind === 'error') settle(undefined, new TickerError(message.code, message.message));
      },
      onClose: (error) => settle(undefined, error ?? new TickerError('TOOLS_NO_ANSWER', 'the connection was closed')),
    });
    return await ask(connection, reply);
  } finally {
    clearTimeout(timer);
    connection?.close();
  }
}
