export { askedService } from './asked-service.ts';
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
  FloorPages,
  FloorPlant,
  FloorSimulator,
  GroupAddress,
  SimulatedPages,
  SymbolList,
  SymbolMapping,
  SymbolRange,
  UnicastAddress,
} from './floor.ts';
export { channelFor, channelsOf, compileMapping, type SymbolMapper } from './mapping.ts';
export { loadFloor, type ParseOptions, parseFloor } from './parse.ts';
export { FloorError, type FloorProblem, formatPath, type PathStep, show, suggestion } from './problems.ts';
export { PAGES_DEFAULT } from './schema.ts';
export { EPOCH_MAX, parseSession, type SessionParts, sessionName } from './session.ts';
export { FloorSource as DocumentSource } from './source.ts';
export { isLiveLive, tradingGroup } from './trading-group.ts';
