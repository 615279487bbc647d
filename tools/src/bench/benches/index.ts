import type { Benchmark } from '../benchmark.ts';
import { iex } from './iex.ts';
import { pack } from './pack.ts';

/** All benchmarks, in the order in which they run. */
export const BENCHMARKS: readonly Benchmark[] = [pack, iex];
