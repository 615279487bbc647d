import { median } from './benchmark.ts';
import { nowNs } from './clock.ts';

/** How often to repeat: at least `runs` times and for `seconds`, after so many runs that don't count. */
export interface Repetition {
  readonly warmUps: number;
  readonly runs: number;
  readonly seconds: number;
}

/** How fast something went, in units of work a second; medians over the runs. */
export interface Rates {
  readonly rate: number;
  /** The fastest run's. */
  readonly best: number;
  /** By the processor time that the whole process took: what `rate` would be if nobody else used the machine. */
  readonly cpuRate: number;
  readonly runs: number;
}

/**
 * Repeats a piece of work.
 *
 * @param prepare makes what a run needs; not measured.
 * @param work does it and returns how many units it did.
 */
export async function measure<P>(
  { warmUps, runs, seconds }: Repetition,
  prepare: () => P,
  work: (prepared: P) => number | Promise<number>,
): Promise<Rates> {
  const rates: number[] = [];
  const cpuRates: number[] = [];
  let endNs = 0;
  for (let run = 0; run < warmUps + runs || nowNs() < endNs; run++) {
    if (run === warmUps) endNs = nowNs() + seconds * 1e9;
    const prepared = prepare();
    const cpu = process.cpuUsage();
    const startedNs = nowNs();
    const units = await work(prepared);
    const tookNs = nowNs() - startedNs;
    const { user, system } = process.cpuUsage(cpu);
    if (run < warmUps) continue;
    rates.push((units * 1e9) / tookNs);
    cpuRates.push((units * 1e6) / (user + system));
  }
  return { rate: median(rates), best: Math.max(...rates), cpuRate: median(cpuRates), runs: rates.length };
}
