/**
 * The system's monotonic clock, in ns: the same for all processes of a machine (CLOCK_MONOTONIC on Linux), so that
 * one process can tell another when something is due.
 */
export function nowNs(): number {
  return Number(process.hrtime.bigint());
}
