export { BlockReader, type WireValue } from './block-reader.ts';
export { BlockWriter } from './block-writer.ts';
export {
  dictionaryWith,
  type EnumValue,
  type Field,
  FieldDictionary,
  type FieldType,
  standardDictionary,
} from './dictionary.ts';
export {
  decodeMessage,
  encodeMessage,
  type FieldsMessage,
  type ItemMessage,
  type Message,
  type PageImageMessage,
  type PageUpdateMessage,
  type QualityMessage,
  type RemoveMessage,
  type StartMessage,
  type Template,
  type TemplateMessage,
  type UpdateMessage,
  writeMessage,
  writeValue,
} from './messages.ts';
export {
  IMAGE_ELEMENTS,
  PAGE_COLUMNS_MAX,
  PAGE_OWN_COLOUR,
  PAGE_ROWS_MAX,
  RunWidth,
  SORT_LOOK_MASK,
  SORT_WIDTH_SHIFT,
  UPDATE_ELEMENTS,
} from './page-layout.ts';
export { PageMessage, type PageRun } from './page-message.ts';
export { LIVE, type QualityState, qualityName, Reason, worse } from './quality.ts';
export { compilePattern, type SubjectPattern, serviceOf, subjectOf } from './subject.ts';
export { type FieldValue, formatValue, jsonValue, typedValue } from './values.ts';
export {
  FieldsFlag,
  headOf,
  ITEM_MAX,
  Kind,
  MESSAGE_BYTES_MAX,
  PageFlag,
  QUALITY_NAMES,
  Quality,
  type QualityName,
  RecordKind,
  TEMPLATE_FIELDS_MAX,
  TEMPLATE_MAX,
  UPDATE_TYPE_NAMES,
  UpdateType,
  WIRE_VERSION,
} from './wire.ts';
