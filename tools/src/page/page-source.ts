import { createReadStream } from 'node:fs';
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

/** Bound on a line, in characters. */
const LINE_MAX = 1 << 20;

/** The lines of a file that aren't empty, each a JSON value. @throws TickerError `PAGES_CANNOT_READ`, `PAGES_BAD_LINE` */
export async function* readJsonLines(path: string): AsyncGenerator<{ readonly line: number; readonly value: unknown }> {
  const decoder = new TextDecoder();
  let line = 0;
  let rest = '';
  for await (const piece of readPieces(path)) {
    const lines = (rest + decoder.decode(piece, { stream: true })).split('\n');
    rest = lines.pop()!;
    for (const text of lines) {
      line++;
      if (text.trim() !== '') yield { line, value: parse(text, path, line) };
    }
    if (rest.length > LINE_MAX) throw badLine(rest, path, line + 1);
  }
  rest += decoder.decode();
  if (rest.trim() !== '') yield { line: line + 1, value: parse(rest, path, line + 1) };
}

function parse(text: string, file: string, line: number): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw badLine(text, file, line);
  }
}

function badLine(text: string, file: string, line: number): TickerError {
  const got = text.length > 40 ? `${text.slice(0, 40)}…` : text;
  return new TickerError('PAGES_BAD_LINE', `expected a JSON object, got '${got}'`, { file, line });
}

function cannotRead(file: string, error: unknown): unknown {
  if (!isSystemError(error)) return error;
  return new TickerError('PAGES_CANNOT_READ', `expected a file that can be read, got ${error.code}`, { file });
}
