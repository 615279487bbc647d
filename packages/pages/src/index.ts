export { AnsiDecoder, type AnsiDecoderOptions, type AnsiFault } from './ansi-decoder.ts';
export { type AttributeRun, attributeRuns } from './attribute-runs.ts';
export {
  backgroundOf,
  codePointOf,
  Fade,
  foregroundOf,
  Size,
  Style,
  setOf,
  sizeOf,
  Trust,
  textWord,
  trustOf,
  Width,
  widthOf,
  withBackground,
  withForeground,
} from './cell.ts';
export { type ChangeListener, ChangeTracker } from './changes.ts';
export { BASIC, INDEXED, nearestIndex, TRUE_COLOUR, UNSET } from './colour.ts';
export { type FaultListener, Faults } from './faults.ts';
export { COLUMNS_MAX, Page, ROWS_MAX } from './page.ts';
export { encodeScreen, type ScreenDialect } from './screen-encoder.ts';
export { sgrParameters } from './sgr.ts';
export { TerminalDecoder, type TerminalDecoderOptions, type TerminalFault } from './terminal-decoder.ts';
