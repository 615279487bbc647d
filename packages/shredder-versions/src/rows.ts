import { crc32 } from 'node:zlib';

/** An event as the file has it. */
export interface Row {
  /** 1, 2, 3 … without a gap. */
  readonly id: number;
  readonly kind: 'version' | 'decision';
  readonly name: string;
  readonly number: number;
  /** JSON. */
  readonly body: string;
  readonly crc: number;
}

/**
 * The CRC-32 of an event and of all before it: SQLite finds out that a page's structure is damaged, not that a byte of a value
 * is, and not that a row was taken out.
 */
export function chainCrc(before: number, { id, kind, name, number, body }: Omit<Row, 'crc'>): number {
  return crc32(JSON.stringify([before, id, kind, name, number, body]));
}
