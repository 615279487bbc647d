import { type CounterSet, type Counters, counterSet } from '@tickerplant/telemetry';

const cache = {
  messages: 'Messages taken in, good or bad.',
  updates: 'Updates kept.',
  definitions: 'Declarations of templates and items, repeated ones included.',
  fields: 'Messages with single fields or images.',
  qualities: 'Quality messages.',
  removed: 'Items removed by their feed.',
  cleared: 'Times all values were dropped because a new session or epoch began.',
  unknownItem: 'Messages for an item that was never declared or has been removed; in the quarantine.',
  unknownTemplate: 'Updates of a template that was never declared; in the quarantine.',
  wrongCount: 'Updates with more or fewer values than their template has fields; in the quarantine.',
  conflicting: 'Declarations that contradict an earlier one; the earlier one stands, the message is in the quarantine.',
  malformed: 'Messages that are not of the normalised form, or too long; in the quarantine.',
} as const;

/** What the current values of one channel went through. */
export const CACHE_COUNTERS: CounterSet<typeof cache> = counterSet('plant.cache', cache);
export type CacheCounters = Counters<typeof cache>;
