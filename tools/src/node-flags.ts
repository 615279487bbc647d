/**
 * What node is told for handlers, plants and other processes that work on packets, which make many small, short-lived
 * objects. A young generation of 2 MiB stays in the processor's cache, where the default of 16 MiB does not; and it is
 * collected in some 0.2 ms, too little to wake other threads for. Together a third more throughput of a whole chain on
 * two cores, and a shorter tail of latencies.
 */
export const DATA_PATH_FLAGS: readonly string[] = ['--max-semi-space-size=2', '--no-parallel-scavenge'];
