import { readFileSync } from 'node:fs';
import { cpus, loadavg, release, totalmem, type } from 'node:os';

/** What the figures were measured on. */
export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGB: number;
  readonly kernel: string;
  readonly node: string;
  readonly v8: string;
  readonly date: string;
  /** Load average of the last minute before the start: above some 0.2, others were using the machine. */
  readonly load: number;
}

/** Looks at the machine. */
export function describeMachine(): Machine {
  const processors = cpus();
  return {
    cpu: processors[0]?.model.trim() ?? 'unknown',
    cores: processors.length,
    memoryGB: Math.round(totalmem() / 2 ** 30),
    kernel: `${type()} ${release()}`,
    node: process.version,
    v8: process.versions.v8,
    date: new Date().toISOString().slice(0, 16),
    load: loadavg()[0]!,
  };
}

/** Processor time that all processes of the machine have used since its start, in ms. */
export function busyMs(): number {
  return cpus().reduce((sum, { times }) => sum + times.user + times.nice + times.sys, 0);
}

/** Ticks a second in /proc (USER_HZ), the same on all of today's Linux systems. */
const TICKS_PER_SECOND = 100;
const UTIME = 11;

/** Processor time that a process has used, in ms; 0 where there is no /proc to read it from. */
export function processMs(pid: number): number {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name may hold anything, closing parentheses too; the numbers follow the last one.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return ((Number(fields[UTIME]) + Number(fields[UTIME + 1])) * 1000) / TICKS_PER_SECOND;
  } catch {
    return 0;
  }
}
