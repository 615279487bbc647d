import { type CounterSet, counterSet } from '@tickerplant/telemetry';

const DESCRIPTIONS = {
  connections: 'Connections accepted.',
  crowded: 'Connections refused because there were as many as allowed.',
  requests: 'Requests of clients, hello and ping included.',
  refused: 'Requests answered by an error.',
  replies: 'Messages sent to clients.',
  malformed: 'Connections closed because of bytes that are no requests.',
  version: 'Connections closed because the client speaks another version.',
  silent: 'Connections closed because no hello came in time.',
  slow: 'Connections closed because the client left too much unread.',
  stalled: 'Connections closed because the client read nothing for too long.',
  broken: 'Connections that ended by an error of the network.',
} as const;

/** What is counted by a control server. */
export const CONTROL_COUNTERS: CounterSet<typeof DESCRIPTIONS> = counterSet('control', DESCRIPTIONS);
