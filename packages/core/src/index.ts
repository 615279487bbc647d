export { assert, unreachable } from './assert.ts';
export {
  alphaEquals,
  readAlpha,
  readU48BE,
  readU64BE,
  readU64LE,
  toHex,
  writeAlpha,
  writeU48BE,
  writeU64BE,
  writeU64LE,
} from './bytes.ts';
export { type Clock, systemClock } from './clock.ts';
export { Decimal } from './decimal.ts';
export { type ErrorContext, errorMessage, isSystemError, TickerError } from './errors.ts';
export { type Random, seededRandom } from './random.ts';
export {
  dayOfEpochNs,
  formatDay,
  formatEpochNs,
  formatTimeOfDayNs,
  NS_PER_DAY,
  NS_PER_MS,
  NS_PER_SECOND,
  NS_PER_US,
  parseDay,
  zoneOffsetNs,
} from './time.ts';
