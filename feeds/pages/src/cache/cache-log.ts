import { crc32 } from 'node:zlib';

// The cache's file: a mark that says what it is, then records one after the other; the newest of a page counts.
//
//     u32 5043_4c31 | u32 length | u32 CRC-32 of length and payload | payload

/** What a cache's file begins with. */
export const CACHE_MARK: Buffer = Buffer.from('ticker pages 1\n');
const RECORD_MAGIC = 0x5043_4c31;
const RECORD_HEAD_BYTES = 12;
/** Longest record: a page of 250,000 cells that all look different. */
const RECORD_BYTES_MAX = 8 << 20;

/** A record with its head. */
export function frameRecord(payload: Uint8Array): Buffer {
  const bytes = Buffer.alloc(RECORD_HEAD_BYTES + payload.length);
  bytes.writeUInt32BE(RECORD_MAGIC, 0);
  bytes.writeUInt32BE(payload.length, 4);
  bytes.set(payload, RECORD_HEAD_BYTES);
  bytes.writeUInt32BE(crcOf(bytes, 0, bytes.length), 8);
  return bytes;
}

function crcOf(bytes: Buffer, at: number, end: number): number {
  return crc32(bytes.subarray(at + RECORD_HEAD_BYTES, end), crc32(bytes.subarray(at + 4, at + 8)));
}

/**
 * Reads the records of a file that are good, and passes over what is not.
 *
 * @param onRecord takes each payload, in the file's order; borrowed.
 * @returns bytes that belong to no good record.
 */
export function readRecords(file: Buffer, onRecord: (payload: Buffer) => void): number {
  if (!file.subarray(0, CACHE_MARK.length).equals(CACHE_MARK)) return file.length;
  let damaged = 0;
  let at = CACHE_MARK.length;
  while (at < file.length) {
    const end = recordEnd(file, at);
    if (end < 0) {
      damaged++;
      at++;
      continue;
    }
    onRecord(file.subarray(at + RECORD_HEAD_BYTES, end));
    at = end;
  }
  return damaged;
}

/** Where the record that begins here ends; -1: none does. */
function recordEnd(file: Buffer, at: number): number {
  if (at + RECORD_HEAD_BYTES > file.length || file.readUInt32BE(at) !== RECORD_MAGIC) return -1;
  const length = file.readUInt32BE(at + 4);
  const end = at + RECORD_HEAD_BYTES + length;
  if (length > RECORD_BYTES_MAX || end > file.length || file.readUInt32BE(at + 8) !== crcOf(file, at, end)) return -1;
  return end;
}
