import { ticker } from './ticker.ts';

// Patient enough for a machine on which other tests run.
const CALM: readonly string[] = [
  '--rate',
  '6000',
  '--symbols',
  '60',
  '--heartbeat',
  '20',
  '--limit',
  '8',
  '--pause',
  '200',
  '--json',
];

/** Of what `ticker drill --json` says. */
export interface DrillReport {
  readonly kills: number;
  readonly lost: number;
  readonly duplicated: number;
  readonly outOfOrder: number;
  readonly failures: readonly string[];
  readonly receipts: readonly { readonly reason: string; readonly member: string; readonly from: string | null }[];
  readonly gapMs: { readonly p50: number; readonly max: number };
  readonly doubts: Readonly<Record<string, number>>;
  /** Undefined where nothing of the kind was measured. */
  readonly detectionMs?: { readonly max: number };
  readonly staleMs?: object;
  readonly liveMs?: object;
}

/** Runs `ticker drill`. @returns its report, also of one that failed */
export async function drill(...args: string[]): Promise<DrillReport> {
  const { code, stdout, stderr } = await ticker('drill', ...args, ...CALM);
  if (code !== 0 && stdout === '') throw new Error(stderr.slice(-2000));
  return JSON.parse(stdout) as DrillReport;
}
