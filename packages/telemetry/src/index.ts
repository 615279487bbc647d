export { type CounterDescriptions, CounterRegistry, type CounterSet, type Counters, counterSet } from './counters.ts';
export { LatencyHistogram, type LatencySummary } from './histogram.ts';
export { createLogger, type Logger } from './log.ts';
export { Quarantine, type QuarantineEntry, type QuarantineReport, quarantineJson } from './quarantine.ts';
export { Trouble } from './trouble.ts';
