export { compile, compileYaml } from './declare.ts';
export { type DriftedCells, driftOf } from './drift.ts';
export { type Coverage, coverage, type Explanation, explain, type Placed } from './explain.ts';
export type { FieldValue, Printed } from './fields.ts';
export { type Fingerprint, learnFingerprint, type StaticText, staticShare } from './fingerprint.ts';
export type { ItemQuality, ItemState, ItemView } from './items.ts';
export { judge, type Verdict, type WrongValue } from './judge.ts';
export type { ShredderMemory } from './moves.ts';
export { MUTATION_KINDS, type Mutation, mutationsOf } from './mutations.ts';
export { PageReader } from './page-reader.ts';
export { PageSet } from './page-set.ts';
export { type PageAttributes, pageFromText } from './page-text.ts';
export type { Field, Plan, Table } from './plan.ts';
export { ShredderError, type SourceProblem } from './problems.ts';
export { type Reason, type ReasonCode, reasonText } from './reasons.ts';
export { isProvenByMemory, type ShreddedItem, type ShreddedPage, shown, shredAfter, shredPage } from './run-once.ts';
export {
  type Alert,
  type CellChange,
  type Effects,
  type MatchState,
  type RecordChange,
  Shredder,
  type ShredderOptions,
  type StateChange,
} from './shredder.ts';
export type {
  AnchorSource,
  CaseSource,
  ColumnSource,
  ConditionSource,
  CustomItem,
  CustomSource,
  FieldSource,
  GuardSource,
  HeaderSource,
  HeadingSource,
  PanelSource,
  RegionView,
  ShredderSource,
  TableSource,
} from './source.ts';
export { defineShredder, table } from './source.ts';
export { columnsOf, type FieldOrigin, type Origin, whyField } from './why.ts';
