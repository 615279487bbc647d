import { errorMessage, isSystemError, TickerError } from '@tickerplant/core';

const READ_ERRORS: ReadonlyMap<string, readonly [code: string, message: string]> = new Map([
  ['ENOENT', ['CAPTURE_NOT_FOUND', 'no such file']],
  ['EACCES', ['CAPTURE_NO_PERMISSION', 'no permission to read']],
  ['EPERM', ['CAPTURE_NO_PERMISSION', 'no permission to read']],
  ['EISDIR', ['CAPTURE_IS_DIRECTORY', 'expected a file, got a directory']],
]);

const WRITE_ERRORS: ReadonlyMap<string, readonly [code: string, message: string]> = new Map([
  ['ENOSPC', ['CAPTURE_DISK_FULL', 'the disk is full']],
  ['EDQUOT', ['CAPTURE_DISK_FULL', 'the disk quota is used up']],
  ['EFBIG', ['CAPTURE_DISK_FULL', 'the file has reached the largest size allowed']],
  ['ENOENT', ['CAPTURE_NOT_FOUND', 'no such folder']],
  ['ENOTDIR', ['CAPTURE_NOT_FOUND', 'part of the path is not a folder']],
  ['EACCES', ['CAPTURE_NO_PERMISSION', 'no permission to write']],
  ['EPERM', ['CAPTURE_NO_PERMISSION', 'no permission to write']],
  ['EROFS', ['CAPTURE_NO_PERMISSION', 'the file system is read-only']],
  ['EISDIR', ['CAPTURE_IS_DIRECTORY', 'expected a file, got a directory']],
  ['EEXIST', ['CAPTURE_EXISTS', 'the file is there already']],
  ['EPIPE', ['CAPTURE_PIPE_CLOSED', 'the reader of the pipe has gone']],
]);

/** The operating system's error on reading, said plainly. */
export function readError(error: unknown, file: string, offset?: number): TickerError {
  return translate(error, READ_ERRORS, 'CAPTURE_READ_FAILED', `cannot read ${file}`, { file, offset });
}

/** The operating system's error on writing, said plainly. */
export function writeError(error: unknown, file: string, offset?: number): TickerError {
  return translate(error, WRITE_ERRORS, 'CAPTURE_WRITE_FAILED', `cannot write ${file}`, { file, offset });
}

function translate(
  error: unknown,
  table: ReadonlyMap<string, readonly [string, string]>,
  otherCode: string,
  what: string,
  context: { file: string; offset: number | undefined },
): TickerError {
  if (error instanceof TickerError) return error;
  const known = isSystemError(error) ? table.get(error.code!) : undefined;
  const [code, message] = known ?? [otherCode, errorMessage(error)];
  return new TickerError(code, `${what}: ${message}`, context, { cause: error });
}
