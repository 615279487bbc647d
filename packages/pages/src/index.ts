export { AnsiDecoder, type AnsiDecoderOptions, type AnsiFault, type AnsiState } from './ansi-decoder.ts';
export { type AttributeRun, attributeRuns } from './attribute-runs.ts';
export {
  backgroundOf,
  codePointOf,
  Fade,
  fadeBackgroundOf,
  fadeForegroundOf,
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
export { CellRuns } from './cell-runs.ts';
export { type ChangeListener, ChangeTracker } from './changes.ts';
export { BASIC, INDEXED, nearestIndex, TRUE_COLOUR, TRUE_COLOURS_MAX, UNSET } from './colour.ts';
export { type FaultListener, Faults } from './faults.ts';
export { COLUMNS_MAX, Page, ROWS_MAX } from './page.ts';
export { digestPage } from './page-digest.ts';
export { PageEncoder, type PageMessageSink } from './page-encoder.ts';
export { PageOrder, PageStep } from './page-order.ts';
export { PageValue } from './page-value.ts';
export { encodeRowField, RowBytes, type RowFieldFault, type RowFieldResult } from './row-field.ts';
export {
  encodeRowUpdate,
  ROW_FORMS,
  type RowField,
  type RowForm,
  RowPage,
  type RowPageFault,
  type RowPageOptions,
  type RowValues,
  rowFieldOfName,
  rowFieldOfNumber,
} from './row-page.ts';
export { encodeScreen, type ScreenDialect } from './screen-encoder.ts';
export { sgrParameters } from './sgr.ts';
export {
  TELETEXT_PACKET_BYTES,
  TeletextDecoder,
  type TeletextDecoderOptions,
  type TeletextFault,
} from './teletext-decoder.ts';
export { drawTeletext, MOSAICS, SEPARATED_MOSAICS } from './teletext-display.ts';
export { encodeTeletext, encodeTeletextFiller } from './teletext-encoder.ts';
export {
  ANY_SUBCODE,
  CODE_DAMAGED,
  CODE_NEVER_SET,
  noFlags,
  TELETEXT_COLUMNS,
  TELETEXT_ROWS,
  type TeletextFlags,
  type TeletextLink,
  TeletextPage,
} from './teletext-page.ts';
export type { TeletextService } from './teletext-service.ts';
export { TerminalDecoder, type TerminalDecoderOptions, type TerminalFault } from './terminal-decoder.ts';
