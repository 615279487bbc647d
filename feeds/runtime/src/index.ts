export { ChannelSet } from './channel-set.ts';
export { ChannelWriter, type TemplateSpec } from './channel-writer.ts';
export { DayTrades, intOrBlank, TradeFlag, tradeTemplates, writeTime } from './day-trades.ts';
export { Handler, type HandlerChannel, type HandlerOptions } from './handler.ts';
export { CountingSink, type MessageSink } from './message-sink.ts';
export type { FeedProtocol, Normaliser, NormaliserContext } from './protocol.ts';
export { type LoggedTrade, TradeLog } from './trade-log.ts';
