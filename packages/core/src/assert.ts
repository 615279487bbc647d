/**
 * Guards against our own mistakes (never against bad input, which is an expected event): stays on in
 * production.
 *
 * @throws Error when `condition` is false; the process is expected to end.
 */
export function assert(condition: boolean, message: string): asserts condition {
  if (!condition) throw new Error(`assertion failed: ${message}`);
}

/** Marks a branch that the types say cannot be reached. */
export function unreachable(value: never): never {
  throw new Error(`assertion failed: unreachable case ${String(value)}`);
}
