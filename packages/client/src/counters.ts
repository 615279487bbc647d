import { type CounterSet, type Counters, counterSet } from '@tickerplant/telemetry';

const DESCRIPTIONS = {
  updates: 'Updates applied to subscribed items.',
  images: 'Images that became current: first ones and new ones.',
  imagesAsked: 'Requests for images.',
  imagesUseless: 'Images that did not fit the stream (too old, of another session) and were asked for again.',
  imagesFaulty: 'Images that could not be read.',
  imagesUnasked: 'Images that nobody waits for any more.',
  linesSilent: 'Times that one of several groups fell silent.',
  gaps: 'Gaps found in the stream.',
  lost: 'Messages that never came.',
  passedOver: 'Updates of items that nobody here subscribes to, or that are in an image already.',
  emptyMessages: 'Messages of no bytes: they take a number and say nothing.',
  unknownKinds: 'Messages of a kind that this version does not know, passed over.',
  unreadable: 'Messages that could not be read; what they may have touched was put in doubt.',
  itemsRefused: 'Items not taken because the limit of items was reached.',
  foreignStarts: "START messages that name another channel than the directory's.",
  listenerErrors: "Exceptions thrown by the application's own listeners.",
} as const;

/** What a client counts, for each channel. */
export const CLIENT_COUNTERS: CounterSet<typeof DESCRIPTIONS> = counterSet('client', DESCRIPTIONS);
export type ClientCounters = Counters<typeof DESCRIPTIONS>;
