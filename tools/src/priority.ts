import { readdirSync } from 'node:fs';
import { setPriority } from 'node:os';

/** As `nice` counts. */
const PREFERRED = -10;

/**
 * Lets a process go before others, where that is allowed (it takes root): with all its threads, for node waits for its
 * helpers when it collects garbage, and those would be put off by every process that goes before.
 */
export function prefer(pid: number): void {
  for (const thread of threadsOf(pid)) {
    try {
      setPriority(thread, PREFERRED);
    } catch {
      // Not allowed, or the thread is gone.
    }
  }
}

/** The process itself where the system doesn't tell. */
function threadsOf(pid: number): readonly number[] {
  try {
    return readdirSync(`/proc/${pid}/task`).map(Number);
  } catch {
    return [pid];
  }
}
