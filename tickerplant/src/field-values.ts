import { decodeMessage, encodeMessage, FieldsFlag, type FieldsMessage } from '@tickerplant/records';

/** A FIELDS message that is still the latest to carry some of its fields. */
export interface KeptFields {
  readonly seq: number;
  readonly bytes: Uint8Array;
  readonly fids: readonly number[];
}

const NONE: readonly KeptFields[] = [];

/**
 * The FIELDS messages of items, as far as they still count among themselves: of each field the latest carrier
 * only. Kept as messages with their own numbers, because an update with a number between two of them counts
 * before the one and after the other. Bounded by the number of different fields.
 */
export class FieldValues {
  private readonly byRow = new Map<number, readonly KeptFields[]>();

  /** In the order of numbers. */
  of(row: number): readonly KeptFields[] {
    return this.byRow.get(row) ?? NONE;
  }

  /** @param bytes the message's own; kept. */
  put(row: number, message: FieldsMessage, bytes: Uint8Array, seq: number): void {
    const fids = message.fields.map(([fid]) => fid);
    const kept: KeptFields[] = [];
    if ((message.flags & FieldsFlag.IMAGE) === 0) {
      const replaced = new Set(fids);
      for (const entry of this.of(row)) {
        const rest = without(entry, replaced);
        if (rest !== undefined) kept.push(rest);
      }
    }
    if (fids.length > 0) kept.push({ seq, bytes, fids });
    if (kept.length === 0) this.byRow.delete(row);
    else this.byRow.set(row, kept);
  }

  delete(row: number): void {
    this.byRow.delete(row);
  }

  clear(): void {
    this.byRow.clear();
  }
}

/** The entry less some fields: itself, shorter, or undefined when nothing is left. */
function without(entry: KeptFields, replaced: ReadonlySet<number>): KeptFields | undefined {
  const fids = entry.fids.filter((fid) => !replaced.has(fid));
  if (fids.length === entry.fids.length) return entry;
  if (fids.length === 0) return undefined;
  const message = decodeMessage(entry.bytes) as FieldsMessage;
  const fields = message.fields.filter(([fid]) => !replaced.has(fid));
  return { seq: entry.seq, bytes: encodeMessage({ ...message, fields }), fids };
}
