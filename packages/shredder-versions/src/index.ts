export {
  type Action,
  type CurrentVersion,
  currentVersion,
  type Decision,
  decisionsInEffect,
  EFFECT_MS,
  rollbackTarget,
  shadowVersion,
  type Version,
  type VersionState,
  versionState,
  versionStates,
} from './history.ts';
export { hashOf, type Proposal, VersionStore } from './store.ts';
