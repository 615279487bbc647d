export type { ProtocolFacts, Protocols } from './checks.ts';
export type {
  Floor,
  FloorChannel,
  FloorFeed,
  FloorJournal,
  FloorLimits,
  FloorLine,
  FloorMember,
  FloorNetwork,
  FloorPlant,
  FloorSimulator,
  GroupAddress,
  SymbolList,
  SymbolMapping,
  SymbolRange,
  UnicastAddress,
} from './floor.ts';
export { channelFor, channelsOf, compileMapping, type SymbolMapper } from './mapping.ts';
export { loadFloor, type ParseOptions, parseFloor } from './parse.ts';
export { FloorError, type FloorProblem, formatPath, type PathStep, show, suggestion } from './problems.ts';
export { formatDay, parseSession, type SessionParts, sessionName } from './session.ts';
export { FloorSource as DocumentSource } from './source.ts';
export { isLiveLive, tradingGroup } from './trading-group.ts';
