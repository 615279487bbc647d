import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { setPriority } from 'node:os';

/** Among real-time processes; any will do, as long as all have the same. */
const REAL_TIME = '10';
/** As `nice` counts. */
const PREFERRED = -10;

/**
 * Lets a process go before others, where that is allowed (it takes root): in real time where the system has `chrt`, for the
 * kernel then gives each that wakes up a core that is free at once; else by its `nice` value. With all its threads: node waits
 * for its helpers when it collects garbage. For processes that mostly wait: one that never does would stop all others.
 */
export function prefer(pid: number): void {
  if (chrt('--rr', REAL_TIME, pid)) return;
  for (const thread of threadsOf(pid)) {
    try {
      setPriority(thread, PREFERRED);
    } catch {
      // Not allowed, or the thread is gone.
    }
  }
}

/** Makes a process one like any other again. */
export function unprefer(pid: number): void {
  chrt('--other', '0', pid);
}

function chrt(policy: string, priority: string, pid: number): boolean {
  return spawnSync('chrt', ['--all-tasks', policy, '--pid', priority, String(pid)], { stdio: 'ignore' }).status === 0;
}

/** The process itself where the system doesn't tell. */
function threadsOf(pid: number): readonly number[] {
  try {
    return readdirSync(`/proc/${pid}/task`).map(Number);
  } catch {
    return [pid];
  }
}
