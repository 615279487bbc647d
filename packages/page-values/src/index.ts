export type { MarkOptions, ValueOptions } from './cell-type.ts';
export type { ChangeOptions, ChangeStyle } from './change.ts';
export type { DateOptions } from './date.ts';
export type { DecimalOptions } from './decimal.ts';
export { cellType, TYPE_NAMES } from './declaration.ts';
export type { ByKey, Count } from './declaring.ts';
export {
  anyOf,
  change,
  code,
  date,
  dateTime,
  decimal,
  enumeration,
  fraction,
  fractionQuote,
  fxQuote,
  integer,
  label,
  percent,
  phrase,
  points,
  price,
  quote,
  size,
  tenor,
  text,
  thirtySeconds,
  thirtySecondsQuote,
  time,
  yieldRate,
} from './factories.ts';
export type { FractionOptions, FractionQuoteOptions } from './fraction.ts';
export type { EnumOptions, ListedValues, TenorOptions } from './listed.ts';
export type { NumberOptions, SignRule } from './number-format.ts';
export type { PhraseOptions } from './phrase.ts';
export type { PointsOptions } from './points.ts';
export { proposeTypes, type TypeProposal } from './propose.ts';
export type { FxQuoteOptions, QuoteOptions } from './quote.ts';
export type { SideForm, SideOptions, SideOrder, SideStyle } from './sides.ts';
export type { SizeOptions } from './size.ts';
export type { CodeOptions, TextOptions } from './text.ts';
export type { ThirdDigit, ThirtySecondsOptions, ThirtySecondsQuoteOptions } from './thirty-seconds.ts';
export type { CellPart, CellType, CellValue, ReadContext, Reading, RejectCode, Rejection, TypeInfo } from './types.ts';
