import type { Benchmark } from '../benchmark.ts';
import { book } from './book.ts';
import { chain } from './chain.ts';
import { ansi, teletext } from './decode.ts';
import { iex } from './iex.ts';
import { itch } from './itch.ts';
import { latency } from './latency.ts';
import { memory } from './memory.ts';
import { pack } from './pack.ts';
import { pageLatency } from './page-latency.ts';
import { pageMemory } from './page-memory.ts';
import { pages } from './pages.ts';
import { pair } from './pair.ts';
import { plant } from './plant.ts';
import { shred } from './shred.ts';

/** All benchmarks, in the order in which they run. */
export const BENCHMARKS: readonly Benchmark[] = [
  pack,
  book,
  ansi,
  teletext,
  pages,
  shred,
  iex,
  itch,
  pair,
  plant,
  chain,
  latency,
  pageLatency,
  memory,
  pageMemory,
];
