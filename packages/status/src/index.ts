export { STATUS_COUNTERS } from './counters.ts';
export { InterestTable, type InterestTableOptions, WANTED_COUNTERS } from './interest-table.ts';
export { INTEREST_COUNTERS, InterestTeller, type InterestTellerOptions } from './interest-teller.ts';
export type {
  Address,
  ChannelProgress,
  Directory,
  DirectoryChannel,
  DirectoryGroup,
  Heartbeat,
  InterestMessage,
  LatencySamples,
  MemberState,
  QualityEntry,
  QualityReport,
  QualityScope,
  Role,
  StatusMessage,
  StatusOrigin,
  VendorProgress,
} from './messages.ts';
export { type Peer, type PeerFault, Peers } from './peers.ts';
export { StatusReceiver, type StatusReceiverOptions } from './receiver.ts';
export { StatusSender, type StatusSenderOptions } from './sender.ts';
export { newBootId, openStatus, type StatusGroup, type StatusOptions } from './shell.ts';
