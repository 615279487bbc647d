export { ByteReader } from './byte-reader.ts';
export { ChannelSet } from './channel-set.ts';
export { ChannelWriter, type TemplateSpec } from './channel-writer.ts';
export { DayTrades, intOrBlank, type SavedDayTrades, TradeFlag, tradeTemplates, writeTime } from './day-trades.ts';
export type { EpochMemory } from './epochs.ts';
export { FrameParser } from './frame-parser.ts';
export { Handler, type HandlerChannel, type HandlerGiver, type HandlerOptions } from './handler.ts';
export { type HandlerShellOptions, memberOf, openShell, type Place, placeIn } from './handler-shell.ts';
export type {
  InteractiveProtocol,
  SessionContext,
  VendorLink,
  VendorListener,
  VendorSession,
  VendorSessionContext,
} from './interactive-protocol.ts';
export { startInteractiveHandler } from './interactive-shell.ts';
export { type LineQuality, LineWatch } from './line-watch.ts';
export { HandlerMember, type HandlerMemberOptions, type HandlerMemberOutput } from './member.ts';
export { CountingSink, type MessageSink } from './message-sink.ts';
export { OutputChannel, type OutputChannelOptions } from './output-channel.ts';
export { type HandlerProcess, startHandler } from './positioned-shell.ts';
export type { FeedProtocol, Normaliser, NormaliserContext, NormaliserGiver } from './protocol.ts';
export { RecordTable } from './record-table.ts';
export { type LoggedTrade, type SavedTrades, TradeLog } from './trade-log.ts';
export { CombinedItems, RecordItems, type UnpositionedItems } from './unpositioned-items.ts';
export {
  UnpositionedMember,
  type UnpositionedMemberOptions,
  type UnpositionedMemberOutput,
} from './unpositioned-member.ts';
export { type UnpositionedHandlerProcess, UnpositionedShell } from './unpositioned-shell.ts';
export { FrameType, LENGTH_BYTES, RequestStatus, VendorFrames } from './vendor-frames.ts';
export {
  type ClientLink,
  type VendorClient,
  VendorServerLife,
  type VendorServerOptions,
} from './vendor-server-life.ts';
export { UNANSWERED, VendorSessionLife } from './vendor-session-life.ts';
export { VendorShell, type VendorShellOptions } from './vendor-shell.ts';
