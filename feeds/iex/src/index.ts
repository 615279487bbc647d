export { IexMessage, type MessageFault } from './decoder.ts';
export {
  type DescribedFlags,
  type DescribedHeader,
  type DescribedMessage,
  type DescribedValue,
  describeHeader,
  describeMessage,
} from './describe.ts';
export { type AuctionInformation, encodeMessage, IexEncoder } from './encoder.ts';
export { formatProtocol, IexTpFraming, type IexTpOptions } from './framing.ts';
export {
  appendGapFillRange,
  encodeGapFillRequest,
  GAP_FILL_MESSAGES_MAX,
  GAP_FILL_REQUEST_BYTES_MAX,
  GapFillRequest,
} from './gap-fill-request.ts';
export {
  GAP_FILL_COUNTERS,
  type GapFillCounter,
  type GapFillEmit,
  GapFillServer,
  type GapFillServerOptions,
} from './gap-fill-server.ts';
export { type GapFillSocket, type GapFillSocketOptions, openGapFillServer } from './gap-fill-socket.ts';
export { type EpochBase, epochBase, midnightBase } from './int64.ts';
export {
  type FieldKind,
  type FieldLayout,
  type FlagLayout,
  MESSAGES,
  type MessageLayout,
  MessageType,
  messageLayout,
  PRICE_EXPONENT,
  Protocol,
} from './messages.ts';
export { IEX_TEMPLATES, IexNormaliser } from './normaliser.ts';
export { IEX_TOPS } from './protocol.ts';
export { encodeSegmentHeader, HEADER_LENGTH, type StreamIdentity } from './segment.ts';
export { IexSimulator, type SimulatedLine, type SimulatorEmit, type SimulatorOptions } from './simulator.ts';
export { StreamStore } from './stream-store.ts';
export { SymbolIndex } from './symbols.ts';
