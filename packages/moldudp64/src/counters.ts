import { type CounterSet, type Counters, counterSet } from '@tickerplant/telemetry';

const sender = {
  packets: 'Data packets sent.',
  messages: 'Messages in them.',
  bytes: 'Bytes in them, headers included.',
  heartbeats: 'Heartbeats sent because there was nothing else to send.',
  ends: 'End-of-session packets sent.',
  buffers: "Buffers taken because the kernel's queue still held the one before.",
} as const;

const publisher = {
  overflow: 'Packets not sent because too many waited for the kernel; receivers ask for what was in them.',
  sendErrors: 'Packets that the system refused; receivers ask for what was in them.',
  resent: 'Packets sent again, for repair or after a takeover.',
} as const;

const requests = {
  requests: 'Packets that reached the request server, good or bad.',
  answered: 'Requests answered with a packet to the one who asked.',
  messages: 'Messages in these answers.',
  bytes: 'Bytes in these answers.',
  malformed: 'Packets that are not requests; they are in the quarantine.',
  unknownSession: 'Requests for a session that is not served.',
  tooOld: 'Requests for numbers no longer kept.',
  notYet: 'Requests for numbers not yet sent.',
  missing: 'Requests for numbers that this server does not have either, or that fit no packet.',
  overClientBudget: 'Requests dropped because the client had used up its budget.',
  overTotalBudget: 'Requests dropped because all clients together had used up the budget.',
  rebroadcasts: 'Packets sent to the group because many asked for them at once.',
  covered: 'Requests dropped because a re-broadcast had just answered them.',
  clientsEvicted: 'Clients forgotten to make room for others in the table.',
} as const;

export const SENDER_COUNTERS: CounterSet<typeof sender> = counterSet('sender', sender);
export const PUBLISHER_COUNTERS: CounterSet<typeof publisher> = counterSet('publisher', publisher);
export const REQUEST_COUNTERS: CounterSet<typeof requests> = counterSet('requests', requests);

export type SenderCounters = Counters<typeof sender>;
export type PublisherCounters = Counters<typeof publisher>;
export type RequestCounters = Counters<typeof requests>;
