export { BLOCK_HEADER_BYTES, blockEndBE, blockEndLE, skipBlocks } from './blocks.ts';
export { LINE_COUNTERS, type LineCounters, RECEIVER_COUNTERS, type ReceiverCounters } from './counters.ts';
export { createPacketHeader, type Framing, type PacketFault, type PacketHeader } from './framing.ts';
export type { LostReason } from './gaps.ts';
export { RECEIVER_DEFAULTS, type ReceiverOptions, type SessionDecision, type SessionPolicy } from './options.ts';
export { Reach } from './reach.ts';
export { type LineState, type SequencedListener, SequencedReceiver } from './receiver.ts';
export { MessageRing, type MessageStore, type ReadResult } from './ring.ts';
export { openSubscriber, type SequencedSubscriber, type SubscriberLine, type SubscriberOptions } from './subscriber.ts';
