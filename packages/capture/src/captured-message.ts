/**
 * One message of a message file. The parser refills the same object, and `bytes` is its input or its carry
 * buffer: everything is *borrowed* and good only until the next one is asked for.
 */
export class CapturedMessage {
  /** Position in the file, from 1; in an ITCH daily file that is the message's sequence number. */
  number = 0;
  /** Byte position of the record (its length field) in the (uncompressed) file. */
  offset = 0;
  /** Where the message lies: `bytes[start] … bytes[end - 1]`. Its length field is the 2 bytes right before. */
  bytes: Uint8Array = new Uint8Array(0);
  start = 0;
  end = 0;

  /** Bytes of the message. */
  get length(): number {
    return this.end - this.start;
  }

  /** A view of the message (allocates the view; the bytes stay borrowed). */
  data(): Uint8Array {
    return this.bytes.subarray(this.start, this.end);
  }

  /** A copy that lasts. */
  copy(): CapturedMessage {
    const copy = Object.assign(new CapturedMessage(), this);
    copy.bytes = this.bytes.slice(this.start, this.end);
    copy.start = 0;
    copy.end = copy.bytes.length;
    return copy;
  }
}
