import { hammingByte, oddParity } from './hamming.ts';
import { TELETEXT_PACKET_BYTES } from './teletext-decoder.ts';
import {
  CODE_NEVER_SET,
  noFlags,
  TELETEXT_COLUMNS,
  TELETEXT_ROWS,
  type TeletextFlags,
  type TeletextPage,
} from './teletext-page.ts';

const BLANK = 0x20;
const HEADER_TEXT_AT = 10;

/**
 * The packets of a subpage: the header and the rows that differ from before. Without a page before, or with the erase
 * flag, the receiver empties the page first, and rows that are blank are left out. Cells never set are sent as blanks, in rows of which something was set.
 * The receiver takes the page as whole when the next header comes.
 */
export function encodeTeletext(after: TeletextPage, before?: TeletextPage): Uint8Array {
  const isBase = before === undefined || after.flags.erase;
  const packets = [header(after, isBase)];
  for (let row = 1; row < TELETEXT_ROWS; row++) {
    const codes = rowOf(after, row);
    if (isBase ? codes.some((code) => code !== BLANK) : differs(after, before, row)) {
      const packet = addressed(after.number >> 8, row);
      for (let column = 0; column < TELETEXT_COLUMNS; column++) packet[2 + column] = oddParity(codes[column]!);
      packets.push(packet);
    }
  }
  return Buffer.concat(packets);
}

/** A header that ends a page without beginning another. */
export function encodeTeletextFiller(magazine: number, isSerial: boolean): Uint8Array {
  const flags = { ...noFlags(), serial: isSerial };
  return headerPacket(magazine, 0xff, 0x3f7f, flags, new Uint8Array(TELETEXT_COLUMNS).fill(BLANK));
}

function differs(after: TeletextPage, before: TeletextPage, row: number): boolean {
  const first = row * TELETEXT_COLUMNS;
  for (let at = first; at < first + TELETEXT_COLUMNS; at++) if (after.codes[at] !== before.codes[at]) return true;
  return false;
}

/** The codes of a row as they are sent. */
function rowOf({ codes }: TeletextPage, row: number): Uint8Array {
  const sent = codes.slice(row * TELETEXT_COLUMNS, (row + 1) * TELETEXT_COLUMNS);
  return sent.map((code) => (code === CODE_NEVER_SET ? BLANK : code & 0x7f));
}

function header(page: TeletextPage, isBase: boolean): Uint8Array {
  const flags = { ...page.flags, erase: isBase };
  return headerPacket(page.number >> 8, page.number & 0xff, page.subcode, flags, rowOf(page, 0));
}

function headerPacket(
  magazine: number,
  number: number,
  subcode: number,
  flags: TeletextFlags,
  text: Uint8Array,
): Uint8Array {
  const packet = addressed(magazine, 0);
  const bit = (flag: boolean, value: number): number => (flag ? value : 0);
  const option = flags.nationalOption;
  const nibbles = [
    number & 15,
    number >> 4,
    subcode & 15,
    ((subcode >> 4) & 7) | bit(flags.erase, 8),
    (subcode >> 8) & 15,
    ((subcode >> 12) & 3) | bit(flags.newsflash, 4) | bit(flags.subtitle, 8),
    bit(flags.suppressHeader, 1) | bit(flags.update, 2) | bit(flags.interrupted, 4) | bit(flags.inhibitDisplay, 8),
    bit(flags.serial, 1) | ((option & 4) >> 1) | ((option & 2) << 1) | ((option & 1) << 3),
  ];
  for (const [i, nibble] of nibbles.entries()) packet[2 + i] = hammingByte(nibble);
  for (let column = 8; column < TELETEXT_COLUMNS; column++) {
    packet[HEADER_TEXT_AT + column - 8] = oddParity(text[column]!);
  }
  return packet;
}

function addressed(magazine: number, row: number): Uint8Array {
  const packet = new Uint8Array(TELETEXT_PACKET_BYTES);
  packet[0] = hammingByte((magazine & 7) | ((row & 1) << 3));
  packet[1] = hammingByte(row >> 1);
  return packet;
}
