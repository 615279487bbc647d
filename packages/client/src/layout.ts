import {
  type Field,
  type FieldDictionary,
  type Template,
  UPDATE_TYPE_NAMES,
  type UpdateType,
} from '@tickerplant/records';

/** A template made ready for reading: its fields looked up once, not once a message. */
export class Layout {
  readonly id: number;
  readonly name: string;
  readonly updateType: UpdateType;
  readonly exponent: number;
  readonly fids: readonly number[];
  /** The dictionary's entries, in the fields' order; undefined where it has none. */
  readonly fields: readonly (Field | undefined)[];
  /** Names in the fields' order, `#` and the number where the dictionary has none. */
  readonly names: readonly string[];
  readonly typeName: string;
  /** Whether a field of it has a ripple chain. */
  readonly ripples: boolean;
  /** Whether other templates of the channel carry fields of it too. */
  overlaps = false;
  private readonly indexByName: Map<string, number>;
  private readonly indexByFid: Map<number, number>;

  constructor(template: Template, dictionary: FieldDictionary) {
    this.id = template.id;
    this.name = template.name;
    this.updateType = template.updateType;
    this.exponent = template.exponent;
    this.fids = template.fids;
    this.fields = template.fids.map((fid) => dictionary.byFid(fid));
    this.names = template.fids.map((fid) => dictionary.nameOf(fid));
    this.typeName = UPDATE_TYPE_NAMES[template.updateType] ?? UPDATE_TYPE_NAMES[0]!;
    this.ripples = this.fields.some((field) => field?.ripplesTo !== undefined);
    this.indexByName = new Map(this.names.map((name, index) => [name, index]));
    this.indexByFid = new Map(template.fids.map((fid, index) => [fid, index]));
  }

  /** Where a field stands, or -1. */
  indexOf(name: string): number {
    return this.indexByName.get(name) ?? -1;
  }

  /** Where a field stands, or -1. */
  indexOfFid(fid: number): number {
    return this.indexByFid.get(fid) ?? -1;
  }

  /** Whether a template says the same: definitions are repeated in images. */
  equals(template: Template): boolean {
    return (
      this.id === template.id &&
      this.exponent === template.exponent &&
      this.updateType === template.updateType &&
      this.fids.length === template.fids.length &&
      this.fids.every((fid, index) => fid === template.fids[index])
    );
  }
}
