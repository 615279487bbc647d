export { CurrentValues, type ImageSink, type MessageFault } from './cache.ts';
export {
  ChannelLine,
  type ChannelOptions,
  type ChannelOutput,
  type Loss,
  PlantChannel,
  type SavedPlantChannel,
} from './channel.ts';
export {
  CACHE_COUNTERS,
  type CacheCounters,
  CHANNEL_COUNTERS,
  type ChannelCounters,
  CLIENT_COUNTERS,
  type ClientCounters,
} from './counters.ts';
export { digestValues, type ItemValues } from './digest.ts';
export { FaultGate } from './fault-gate.ts';
export { Interest } from './interest.ts';
export { Plant, type PlantOptions, type PlantOutput } from './plant.ts';
export { type PlantProcess, type PlantShellOptions, startPlant } from './shell.ts';
export {
  type ClientConnection,
  SUBSCRIPTION_LIMITS,
  type SubscriptionLimits,
  type SubscriptionOptions,
  Subscriptions,
} from './subscriptions.ts';
