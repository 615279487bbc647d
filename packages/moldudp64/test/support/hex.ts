/** Bytes written as hexadecimal digits, with any spacing. */
export function hex(text: string): Buffer {
  return Buffer.from(text.replace(/\s+/g, ''), 'hex');
}
