import type { Framing, PacketFault, PacketHeader } from '@tickerplant/sequence';
import { fitsNumber, readI64, readU16, readU32 } from './int64.ts';
import { Protocol } from './messages.ts';
import {
  BLOCK_LENGTH_SIZE,
  HEADER_CHANNEL,
  HEADER_FIRST_SEQUENCE,
  HEADER_LENGTH,
  HEADER_MESSAGE_COUNT,
  HEADER_PAYLOAD_LENGTH,
  HEADER_PROTOCOL,
  HEADER_SEND_TIME,
  HEADER_SESSION,
  HEADER_STREAM_OFFSET,
  HEADER_VERSION,
  HEARTBEAT_INTERVAL_NS,
  SESSION_LENGTH,
  SESSION_OFFSET,
  TRANSPORT_VERSION,
} from './segment.ts';

/** No message yet in this numbering. */
const NOTHING_SENT = Number.POSITIVE_INFINITY;

/** What a framing may be told. */
export interface IexTpOptions {
  /** Message protocol ids to accept; others are faults. Default: TOPS 1.5, TOPS 1.6, DEEP 1.0. */
  readonly protocols?: readonly number[];
}

/**
 * IEX-TP segments for the sequencing machine. The session is protocol id, channel and session id together
 * (bytes 2 to 12 of the header, and of a gap fill request): a sequence number means nothing without any of them.
 *
 * A vendor may start again at sequence 1 and offset 0 under the same session id. Only an empty segment announces
 * it, and one that a lagging line sent before the first message looks the same. Send times tell them apart: a
 * heartbeat follows a heartbeat interval of silence, so a real one was sent at least that long after the last message.
 *
 * The stream offset is an independent check: a segment that goes on at the sequence number where the one before
 * it ended must go on at its offset as well.
 *
 * For both a framing remembers what it saw: one instance serves all lines of one receiver, and no other.
 */
export class IexTpFraming implements Framing {
  readonly name = 'IEX-TP 1';
  readonly sessionOffset: number = SESSION_OFFSET;
  readonly sessionLength: number = SESSION_LENGTH;
  readonly littleEndianLengths = true;

  private readonly protocols: readonly number[];
  // The stream that the rest belongs to.
  private protocol = 0;
  private channel = 0;
  private session = 0;
  /** When the last message was sent: ns since 1970 as a double, good to 256 ns. */
  private lastSent = NOTHING_SENT;
  // Where the segment before this one ended.
  private nextSeq = 1;
  private nextOffset = 0;

  constructor(options: IexTpOptions = {}) {
    this.protocols = options.protocols ?? Object.values(Protocol);
  }

  /** `TOPS 1.6/1/0x43cd0000`: protocol, channel, session id. */
  formatSession(bytes: Uint8Array, at: number): string {
    const channel = readU32(bytes, at + HEADER_CHANNEL - HEADER_PROTOCOL);
    const session = readU32(bytes, at + HEADER_SESSION - HEADER_PROTOCOL);
    return `${formatProtocol(readU16(bytes, at))}/${channel}/0x${session.toString(16).padStart(8, '0')}`;
  }

  /**
   * Checks the header and the length of every block. Faults: `IEX_TP_TRUNCATED`, `IEX_TP_BAD_VERSION`,
   * `IEX_TP_FOREIGN_PROTOCOL`, `IEX_TP_BAD_LENGTH` (payload length, counts or block lengths that don't add up),
   * `IEX_TP_BAD_SEQUENCE` (below 1 or beyond 2^53), `IEX_TP_BAD_OFFSET` (the sequence number goes on, the stream
   * offset does not).
   *
   * `out.restart` is set on an empty segment at the very beginning of a numbering: of the first, which means nothing,
   * or of a later one.
   */
  parse(bytes: Uint8Array, length: number, out: PacketHeader): PacketFault | undefined {
    if (length < HEADER_LENGTH) {
      return fault('TRUNCATED', `expected at least ${HEADER_LENGTH} bytes, got ${length}`);
    }
    if (bytes[HEADER_VERSION] !== TRANSPORT_VERSION) {
      return fault('BAD_VERSION', `expected version ${TRANSPORT_VERSION}, got ${bytes[HEADER_VERSION]}`);
    }
    const protocol = readU16(bytes, HEADER_PROTOCOL);
    if (!this.protocols.includes(protocol)) {
      const expected = this.protocols.map(formatProtocol).join(' or ');
      return fault('FOREIGN_PROTOCOL', `expected ${expected}, got ${formatProtocol(protocol)}`);
    }
    const payload = readU16(bytes, HEADER_PAYLOAD_LENGTH);
    if (payload !== length - HEADER_LENGTH) {
      return fault('BAD_LENGTH', `expected ${payload} bytes of payload, got ${length - HEADER_LENGTH}`);
    }
    const count = readU16(bytes, HEADER_MESSAGE_COUNT);
    const seq = readI64(bytes, HEADER_FIRST_SEQUENCE);
    const offset = readI64(bytes, HEADER_STREAM_OFFSET);
    if (seq < 1 || !Number.isSafeInteger(seq + count) || offset < 0 || !fitsNumber(bytes, HEADER_STREAM_OFFSET)) {
      return fault('BAD_SEQUENCE', `expected sequence from 1, offset from 0, got ${seq}, ${offset}`);
    }
    const badBlocks = checkBlocks(bytes, length, count);
    if (badBlocks !== undefined) return badBlocks;

    this.followSession(bytes, protocol);
    const sent = readI64(bytes, HEADER_SEND_TIME);
    const silent = this.lastSent === NOTHING_SENT || sent >= this.lastSent + HEARTBEAT_INTERVAL_NS;
    const restart = count === 0 && seq === 1 && offset === 0 && silent;
    if (restart) this.forget();
    if (seq === this.nextSeq && offset !== this.nextOffset) {
      return fault('BAD_OFFSET', `expected stream offset ${this.nextOffset} at sequence ${seq}, got ${offset}`);
    }
    // The first numbered heartbeat tells as well that messages have been sent.
    if (this.lastSent === NOTHING_SENT ? seq + count > 1 : count > 0 && sent > this.lastSent) this.lastSent = sent;
    this.nextSeq = seq + count;
    this.nextOffset = offset + payload;

    out.seq = seq;
    out.count = count;
    out.kind = count === 0 ? 'heartbeat' : 'data';
    out.blocksStart = HEADER_LENGTH;
    out.blocksEnd = length;
    out.restart = restart;
    return undefined;
  }

  /** Forgets the stream before, when the segment is of another one. */
  private followSession(bytes: Uint8Array, protocol: number): void {
    const channel = readU32(bytes, HEADER_CHANNEL);
    const session = readU32(bytes, HEADER_SESSION);
    if (protocol === this.protocol && channel === this.channel && session === this.session) return;
    this.protocol = protocol;
    this.channel = channel;
    this.session = session;
    this.forget();
  }

  private forget(): void {
    this.lastSent = NOTHING_SENT;
    this.nextSeq = 1;
    this.nextOffset = 0;
  }
}

/** `TOPS 1.6` for 0x8003; the number for an unknown one. */
export function formatProtocol(protocol: number): string {
  switch (protocol) {
    case Protocol.TOPS_1_5:
      return 'TOPS 1.5';
    case Protocol.TOPS_1_6:
      return 'TOPS 1.6';
    case Protocol.DEEP_1_0:
      return 'DEEP 1.0';
    default:
      return `0x${protocol.toString(16).padStart(4, '0')}`;
  }
}

function checkBlocks(bytes: Uint8Array, length: number, count: number): PacketFault | undefined {
  let at = HEADER_LENGTH;
  for (let i = 0; i < count; i++) {
    if (at + BLOCK_LENGTH_SIZE > length) {
      return fault('BAD_LENGTH', `expected ${count} blocks, got ${i}`);
    }
    at += BLOCK_LENGTH_SIZE + readU16(bytes, at);
    if (at > length) return fault('BAD_LENGTH', `expected block ${i} of ${count} to end by ${length}, got ${at}`);
  }
  if (at !== length) return fault('BAD_LENGTH', `expected ${count} blocks to end at ${length}, got ${at}`);
  return undefined;
}

function fault(kind: string, message: string): PacketFault {
  return { code: `IEX_TP_${kind}`, message, context: {} };
}
