export { Comparison, type Verdict } from './comparison.ts';
export { PAIR_COUNTERS } from './counters.ts';
export {
  type MemberListener,
  type MemberOptions,
  type MemberReport,
  type MemberState,
  PairMember,
  type Promotion,
  type TakeoverReason,
} from './member.ts';
export { OutputGate, type OutputGateOptions, type Rebroadcast } from './output-gate.ts';
export { type Receipt, type ReceiptReport, Receipts } from './receipt.ts';
export { Shadow } from './shadow.ts';
export { Steady } from './steady.ts';
export { readTail, type SavedRun, writeTail } from './tail.ts';
export { Takeover, type TakeoverChannel, type TakeoverOptions } from './takeover.ts';
export { pairTimes } from './times.ts';
