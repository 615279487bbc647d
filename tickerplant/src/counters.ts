import { type CounterSet, type Counters, counterSet } from '@tickerplant/telemetry';

const cache = {
  messages: 'Messages taken in, good or bad.',
  updates: 'Updates kept.',
  definitions: 'Declarations of templates and items, repeated ones included.',
  fields: 'Messages with single fields or images.',
  qualities: 'Quality messages.',
  pageImages: 'Images of pages completed.',
  pageUpdates: 'Changes of pages.',
  pageFolds: 'Times the changes of a page had grown too long to be kept beside its image, and were drawn into it.',
  pageFaults:
    'Messages of pages that could not be used, and voided their page until its next image; in the quarantine.',
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

const channel = {
  forwarded: 'Packets sent on exactly as they came.',
  reframed: 'Packets sent with a header of our own, because what came was partly known, held back or too large.',
  messages: 'Messages sent on.',
  bytes: 'Bytes of these packets, headers included.',
  heartbeats: 'Heartbeats sent because there was nothing to send on.',
  ends: 'End-of-session packets sent.',
  overflow: 'Packets not sent because too many waited for the kernel; subscribers ask for what was in them.',
  sendErrors: 'Packets that the system refused; subscribers ask for what was in them.',
  lost: 'Messages lost for good: the sequence has a hole there.',
  losses: 'Such holes.',
  foreignSession: 'Sessions refused: not of this channel, or older than the current one.',
} as const;

/** What a plant did with one channel. */
export const CHANNEL_COUNTERS: CounterSet<typeof channel> = counterSet('plant.channel', channel);
export type ChannelCounters = Counters<typeof channel>;

const clients = {
  subscribes: 'Subscriptions asked for.',
  unsubscribes: 'Subscriptions given up by their clients.',
  resyncs: 'Requests for images anew.',
  refused: 'Requests refused because they were faulty or beyond a bound.',
  images: 'Images of items sent.',
  imageFrames: 'Messages with images sent.',
  imageBytes: 'Bytes of images sent.',
  imagesTooLarge: 'Images left out because no message could hold them.',
  restarts: 'Times the images of a channel had to be begun anew because its session changed meanwhile.',
  overBudget: 'Times a client had to wait because it had used up its budget.',
  notReady: 'Times a client had to wait because it had not read what was sent.',
} as const;

/** What clients asked of a plant. */
export const CLIENT_COUNTERS: CounterSet<typeof clients> = counterSet('plant.clients', clients);
export type ClientCounters = Counters<typeof clients>;
