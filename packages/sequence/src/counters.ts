import { type CounterSet, type Counters, counterSet } from '@tickerplant/telemetry';

const line = {
  packets: 'Datagrams received on the line, good or bad.',
  bytes: 'Bytes of these datagrams.',
  messages: 'Messages in them that belong to the session.',
  firsts: 'Messages that this line brought first, or again after they were dropped for want of room.',
  duplicates: 'Messages that had come before, on this line or another.',
  heartbeats: 'Heartbeats and end-of-session packets.',
  missed: 'Numbers this line skipped, judged by its own packets; of these it may have brought some late.',
  late: 'Messages that came out of order on this line, or again.',
  malformed: 'Packets that were not what the protocol prescribes; they are in the quarantine.',
  foreign: 'Well-formed packets of a session other than the current one.',
  stale: 'Packets of the numbering before a restart that this line had not yet followed.',
} as const;

const receiver = {
  messages: 'Messages delivered.',
  gaps: 'Gaps opened.',
  missing: 'Numbers that were in a gap when it opened.',
  recovered: 'Numbers that were in a gap and came after all.',
  requests: 'Requests for missing numbers, repeated ones included.',
  requested: 'Numbers asked for in these requests.',
  retries: 'Requests repeated because no answer came in time.',
  refusals: 'Answers that whoever was asked does not have so old a message any more.',
  lost: 'Numbers given up and reported as lost.',
  windowDropped: 'Messages dropped because the reorder window was full; they are asked for again.',
  implausible: 'Packets whose number was so far ahead that a second one had to confirm it.',
  afterEnd: 'Packets that continue a session after its end.',
  sessions: 'Sessions begun.',
  restarts: 'Times the numbering began anew within a session.',
} as const;

/** Counts for one line. */
export const LINE_COUNTERS: CounterSet<typeof line> = counterSet('line', line);
/** Counts for a receiver as a whole. */
export const RECEIVER_COUNTERS: CounterSet<typeof receiver> = counterSet('receiver', receiver);

export type LineCounters = Counters<typeof line>;
export type ReceiverCounters = Counters<typeof receiver>;
