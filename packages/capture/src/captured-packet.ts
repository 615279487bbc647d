import { LINK_TYPE_ETHERNET } from './link-types.ts';

/** One interface a capture was taken on. A pcap file has exactly one, number 0. */
export interface CaptureInterface {
  /** Number of the interface within its section. */
  readonly id: number;
  /** What the first header of its packets is: see `linkTypeName`. */
  readonly linkType: number;
  /** Most bytes kept per packet; 0 = no limit. */
  readonly snapLength: number;
  /** Bytes of frame check sequence at the end of its packets. */
  readonly fcsLength: number;
  /** pcapng `if_name`, where given. */
  readonly name: string | undefined;
}

/**
 * One packet of a capture. The parser refills the same object, and `bytes` is its input or its carry buffer:
 * everything is *borrowed* and good only until the next one is asked for. `copy()` keeps it.
 */
export class CapturedPacket {
  /** Position in the file, from 1. */
  number = 0;
  /** Byte position of the record in the (uncompressed) file. */
  offset = 0;
  /** Where the packet lies: `bytes[start] … bytes[end - 1]`. */
  bytes: Uint8Array = new Uint8Array(0);
  start = 0;
  end = 0;
  /** Bytes on the wire; more than were captured if the packet was cut. */
  originalLength = 0;
  linkType: number = LINK_TYPE_ETHERNET;
  /** pcapng: the interface within the section; "modified" pcap: the interface index; pcap: 0. */
  interfaceId = 0;
  /** How many of the last *captured* bytes are frame check sequence. */
  fcsLength = 0;
  /** False for pcapng simple packets, which carry no time. */
  hasTime = false;
  /** Capture time: whole seconds since 1970-01-01 UTC … */
  seconds = 0;
  /** … and nanoseconds, 0 to 999,999,999. */
  nanoseconds = 0;

  /** Capture time, nanoseconds since 1970-01-01 UTC; undefined where the file has none. */
  get timeNs(): bigint | undefined {
    return this.hasTime ? BigInt(this.seconds) * 1_000_000_000n + BigInt(this.nanoseconds) : undefined;
  }

  /** Bytes captured. */
  get length(): number {
    return this.end - this.start;
  }

  /** Whether the capture kept fewer bytes than were on the wire. */
  get isCut(): boolean {
    return this.end - this.start < this.originalLength;
  }

  /** A view of the captured bytes (allocates the view; the bytes stay borrowed). */
  data(): Uint8Array {
    return this.bytes.subarray(this.start, this.end);
  }

  /** A copy that lasts. */
  copy(): CapturedPacket {
    const copy = Object.assign(new CapturedPacket(), this);
    copy.bytes = this.bytes.slice(this.start, this.end);
    copy.start = 0;
    copy.end = copy.bytes.length;
    return copy;
  }
}

/**
 * How many of the captured bytes are frame check sequence: those of the sequence that a snap-length cut left.
 */
export function capturedFcs(fcsLength: number, captured: number, original: number): number {
  return fcsLength === 0 ? 0 : Math.min(captured, Math.max(0, fcsLength - Math.max(0, original - captured)));
}
