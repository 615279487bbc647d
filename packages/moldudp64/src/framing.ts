import type { Framing, PacketFault, PacketHeader } from '@tickerplant/sequence';
import {
  END_OF_SESSION_COUNT,
  formatSession,
  HEADER_BYTES,
  HEARTBEAT_COUNT,
  readCount,
  readSequence,
  SEQUENCE_OFFSET,
  SESSION_LENGTH,
  SESSION_OFFSET,
} from './layout.ts';

/** MoldUDP64 for `SequencedReceiver`. A packet that is not exactly as long as its blocks say is refused whole. */
export const MOLD_FRAMING: Framing = {
  name: 'moldudp64',
  sessionOffset: SESSION_OFFSET,
  sessionLength: SESSION_LENGTH,
  littleEndianLengths: false,
  formatSession,

  parse(bytes: Uint8Array, length: number, out: PacketHeader): PacketFault | undefined {
    if (length < HEADER_BYTES) return tooShort(length);
    const seq = readSequence(bytes, 0);
    const count = readCount(bytes, 0);
    if (seq < 0 || seq + count > Number.MAX_SAFE_INTEGER) return tooLarge(bytes);
    out.seq = seq;
    out.restart = false;
    out.blocksStart = HEADER_BYTES;
    if (count === HEARTBEAT_COUNT || count === END_OF_SESSION_COUNT) {
      out.kind = count === HEARTBEAT_COUNT ? 'heartbeat' : 'end';
      out.count = 0;
      out.blocksEnd = HEADER_BYTES;
      return length === HEADER_BYTES ? undefined : leftOver(length, HEADER_BYTES, seq, count);
    }
    out.kind = 'data';
    out.count = count;
    let at = HEADER_BYTES;
    for (let block = 0; block < count; block++) {
      if (at + 2 > length) return truncated(length, at, at + 2, seq, count, block);
      const end = at + 2 + ((bytes[at]! << 8) | bytes[at + 1]!);
      if (end > length) return truncated(length, at, end, seq, count, block);
      at = end;
    }
    out.blocksEnd = at;
    return at === length ? undefined : leftOver(length, at, seq, count);
  },
};

function tooShort(length: number): PacketFault {
  return {
    code: 'MOLD_SHORT',
    message: `expected a header of ${HEADER_BYTES} bytes, got a packet of ${length}`,
    context: { length },
  };
}

function tooLarge(bytes: Uint8Array): PacketFault {
  const seq = new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(SEQUENCE_OFFSET);
  return {
    code: 'MOLD_SEQUENCE_TOO_LARGE',
    message: `expected numbers up to ${Number.MAX_SAFE_INTEGER}, got ${seq}`,
    context: { seq, count: readCount(bytes, 0) },
  };
}

function truncated(length: number, at: number, end: number, seq: number, count: number, block: number): PacketFault {
  return {
    code: 'MOLD_TRUNCATED',
    message: `expected message ${seq + block}, ${block + 1} of ${count}, to end by byte ${length}, got ${end}`,
    context: { seq, count, offset: at, length },
  };
}

function leftOver(length: number, end: number, seq: number, count: number): PacketFault {
  return {
    code: 'MOLD_LEFT_OVER',
    message: `expected the packet to end at byte ${end}, with its last message, got ${length} bytes`,
    context: { seq, count, offset: end, length },
  };
}
