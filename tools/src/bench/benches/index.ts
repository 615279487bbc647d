import type { Benchmark } from '../benchmark.ts';
import { book } from './book.ts';
import { chain } from './chain.ts';
import { iex } from './iex.ts';
import { itch } from './itch.ts';
import { latency } from './latency.ts';
import { memory } from './memory.ts';
import { pack } from './pack.ts';
import { pages } from './pages.ts';
import { pair } from './pair.ts';
import { plant } from './plant.ts';

/** All benchmarks, in the order in which they run. */
export const BENCHMARKS: readonly Benchmark[] = [pack, book, pages, iex, itch, pair, plant, chain, latency, memory];
