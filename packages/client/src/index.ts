export { Client, type ClientOptions, connect } from './client.ts';
export {
  type ChannelInfo,
  type ClientEffects,
  ClientMachine,
  type ClientMachineOptions,
  type LineInfo,
  type Serving,
} from './client-machine.ts';
export { CLIENT_COUNTERS } from './counters.ts';
export type { EventQueue, EventQueueOptions, OverrunRule, SubscriptionEvent } from './event-queue.ts';
export type { FloorEvent, LineEvent, ServerEvent, TakeoverEvent } from './floor-events.ts';
export type { PlantInfo } from './floor-view.ts';
export type { GapNotice } from './interest.ts';
export type { Item, ItemJson, PageJson } from './item.ts';
export type { ItemState } from './item-state.ts';
export { CLIENT_LIMITS, type ClientLimits, fillLimits } from './options.ts';
export type { SubscribeOptions, Subscription, SubscriptionEvents, SubscriptionListener } from './subscription.ts';
export type { CellsJson, Update, UpdateJson } from './update.ts';
