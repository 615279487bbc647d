import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { isSystemError, TickerError } from '@tickerplant/core';

function open(path: string): Readable {
  return path === '-' ? process.stdin : createReadStream(path);
}

/** The bytes of a file, in pieces; `-` is standard input. @throws TickerError `PAGES_CANNOT_READ` */
export async function* readPieces(path: string): AsyncGenerator<Uint8Array> {
  try {
    for await (const piece of open(path)) yield piece as Uint8Array;
  } catch (error) {
    throw cannotRead(path, error);
  }
}

/** The lines of a file that aren't empty, each a JSON value. @throws TickerError `PAGES_CANNOT_READ`, `PAGES_BAD_LINE` */
export async function* readJsonLines(path: string): AsyncGenerator<{ readonly line: number; readonly value: unknown }> {
  let line = 0;
  const input = open(path);
  const lines = createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY });
  // The interface doesn't pass on the errors of its input.
  let failure: unknown;
  input.on('error', (error) => {
    failure = error;
    lines.close();
  });
  for await (const text of lines) {
    line++;
    if (text.trim() !== '') yield { line, value: parse(text, path, line) };
  }
  if (failure !== undefined) throw cannotRead(path, failure);
}

function parse(text: string, file: string, line: number): unknown {
  try {
    return JSON.parse(text);
  } catch {
    const got = text.length > 40 ? `${text.slice(0, 40)}…` : text;
    throw new TickerError('PAGES_BAD_LINE', `expected a JSON object, got '${got}'`, { file, line });
  }
}

function cannotRead(file: string, error: unknown): unknown {
  if (!isSystemError(error)) return error;
  return new TickerError('PAGES_CANNOT_READ', `expected a file that can be read, got ${error.code}`, { file });
}
