/** Deepest nesting that any message has: an array in the message's array. */
const DEPTH_MAX = 2;

/** Bytes of the fixed-size types from 0xc0 on, the type's own included; 0: not allowed or of variable size. */
const FIXED: Uint8Array = new Uint8Array(0x40);
for (const [type, size] of [
  [0xc0, 1],
  [0xc2, 1],
  [0xc3, 1],
  [0xca, 5],
  [0xcb, 9],
  [0xcc, 2],
  [0xcd, 3],
  [0xce, 5],
  [0xcf, 9],
  [0xd0, 2],
  [0xd1, 3],
  [0xd2, 5],
  [0xd3, 9],
] as const) {
  FIXED[type - 0xc0] = size;
}

/**
 * Looks through one MessagePack value before it is decoded: only nil, booleans, numbers, texts, bytes and arrays,
 * all within the range, nothing behind them. Maps and extensions – which could ask the decoder for much more
 * than reading – are not part of the protocol. Allocates nothing, whatever lengths are claimed.
 *
 * @returns what is wrong, or undefined.
 */
export function plainFault(bytes: Uint8Array, start: number, end: number): string | undefined {
  const left = new Array<number>(DEPTH_MAX + 1).fill(0);
  let depth = 0;
  let at = start;
  left[0] = 1;
  const length = (size: number): number => {
    let value = 0;
    for (let i = 1; i <= size; i++) value = value * 256 + (bytes[at + i] ?? 0);
    return value;
  };
  for (;;) {
    while (left[depth] === 0) {
      if (depth === 0) return at === end ? undefined : `expected nothing behind the message, got ${end - at} bytes`;
      depth--;
    }
    left[depth]!--;
    if (at >= end) return 'expected more elements, got the end of the message';
    const type = bytes[at]!;
    let elements = -1;
    if (type < 0x80 || type >= 0xe0) at += 1;
    else if (type >= 0xa0 && type < 0xc0) at += 1 + (type & 0x1f);
    else if (type >= 0x90 && type < 0xa0) {
      elements = type & 0x0f;
      at += 1;
    } else if (type >= 0xc0 && FIXED[type - 0xc0]! > 0) at += FIXED[type - 0xc0]!;
    else if (type >= 0xc4 && type <= 0xc6) at += 1 + (1 << (type - 0xc4)) + length(1 << (type - 0xc4));
    else if (type >= 0xd9 && type <= 0xdb) at += 1 + (1 << (type - 0xd9)) + length(1 << (type - 0xd9));
    else if (type === 0xdc || type === 0xdd) {
      elements = length(type === 0xdc ? 2 : 4);
      at += type === 0xdc ? 3 : 5;
    } else return `expected plain values, got MessagePack type 0x${type.toString(16)}`;
    if (at > end) return 'expected a value within the message, got one that ends behind it';
    if (elements < 0) continue;
    if (elements > end - at) return `expected at most ${end - at} elements, got ${elements}`;
    if (++depth > DEPTH_MAX) return `expected arrays at most ${DEPTH_MAX} deep`;
    left[depth] = elements;
  }
}
