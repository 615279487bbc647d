import { ChangeTracker } from './changes.ts';
import { type FaultListener, Faults } from './faults.ts';
import { hammingNibble, isCorrected, parityCharacter, UNCORRECTABLE } from './hamming.ts';
import { drawTeletext } from './teletext-display.ts';
import { CODE_DAMAGED, CODE_NEVER_SET, TELETEXT_COLUMNS, TELETEXT_ROWS, TeletextPage } from './teletext-page.ts';
import { readLinks, readService, type TeletextService } from './teletext-service.ts';

/** A packet as `.t42` files have it. */
export const TELETEXT_PACKET_BYTES = 42;

const KINDS = [
  'address',
  'header',
  'parity',
  'corrected',
  'no-page',
  'pages-max',
  'links',
  'service',
  'not-shown',
  'cut-off',
] as const;

/**
 * What is counted: packets whose address or header cannot be read; characters of wrong parity; bytes of which a bit was
 * corrected; rows of a page that nobody announced or that there is no room for; links and service data that cannot be
 * read; packets that level 1 doesn't show; an end within a packet.
 */
export type TeletextFault = (typeof KINDS)[number];

export interface TeletextDecoderOptions {
  /** Told of a subpage when the last of its rows is in, and how many cells differ from before. */
  readonly onPage?: (subpage: TeletextPage, cells: number) => void;
  /** Told before that of the cells that differ. */
  readonly onChange?: (subpage: TeletextPage, row: number, first: number, end: number) => void;
  readonly onService?: (service: TeletextService) => void;
  readonly onFault?: FaultListener<TeletextFault>;
  /** Bound on subpages kept; those beyond are counted and not kept. @default 4096 (about 50 MB) */
  readonly pagesMax?: number;
}

const PAGES_MAX = 4096;
const TEXT_AT = 2;
const HEADER_TEXT_AT = 10;

/**
 * Receives World System Teletext, level 1: keeps every subpage it hears of, and tells of each when it has come whole.
 * Takes packets of 42 bytes one after another, in any pieces. No input throws.
 */
export class TeletextDecoder {
  readonly faults: Faults<TeletextFault>;
  /** All subpages, by page number * 65536 + subcode. */
  readonly pages: ReadonlyMap<number, TeletextPage>;
  readonly #pages = new Map<number, TeletextPage>();
  readonly #options: TeletextDecoderOptions;
  readonly #pagesMax: number;
  readonly #tracker = new ChangeTracker();
  /** By magazine, 0 for 8: the page whose rows are coming. */
  readonly #open: (TeletextPage | undefined)[] = new Array(8).fill(undefined);
  readonly #partial = new Uint8Array(TELETEXT_PACKET_BYTES);
  #held = 0;
  /** Offset of the packet in hand. */
  #offset = 0;

  constructor(options: TeletextDecoderOptions = {}) {
    this.#options = options;
    this.#pagesMax = options.pagesMax ?? PAGES_MAX;
    this.faults = new Faults(KINDS, options.onFault);
    this.pages = this.#pages;
  }

  /** Takes a piece of the stream. */
  feed(bytes: Uint8Array): void {
    let at = 0;
    while (at < bytes.length) {
      if (this.#held === 0 && bytes.length - at >= TELETEXT_PACKET_BYTES) {
        this.#packet(bytes, at);
        at += TELETEXT_PACKET_BYTES;
        continue;
      }
      const taken = Math.min(TELETEXT_PACKET_BYTES - this.#held, bytes.length - at);
      this.#partial.set(bytes.subarray(at, at + taken), this.#held);
      this.#held += taken;
      at += taken;
      if (this.#held < TELETEXT_PACKET_BYTES) return;
      this.#held = 0;
      this.#packet(this.#partial, 0);
    }
  }

  /** Says that nothing more comes: the pages that are open are as whole as they will be. */
  end(): void {
    if (this.#held > 0) this.faults.add('cut-off', this.#offset);
    this.#held = 0;
    for (let magazine = 0; magazine < 8; magazine++) this.#close(magazine);
  }

  #fault(kind: TeletextFault, at: number): void {
    this.faults.add(kind, this.#offset + at);
  }

  #packet(bytes: Uint8Array, base: number): void {
    if (!isFiller(bytes, base)) this.#take(bytes, base);
    this.#offset += TELETEXT_PACKET_BYTES;
  }

  #take(bytes: Uint8Array, base: number): void {
    const low = this.#nibble(bytes[base]!, 0);
    const high = this.#nibble(bytes[base + 1]!, 1);
    if (low === UNCORRECTABLE || high === UNCORRECTABLE) {
      this.#fault('address', 0);
      return;
    }
    const magazine = low & 7;
    const row = (low >> 3) | (high << 1);
    if (row === 0) this.#header(bytes.subarray(base, base + TELETEXT_PACKET_BYTES), magazine);
    else if (row === 30 && magazine === 0) this.#service(bytes.subarray(base, base + TELETEXT_PACKET_BYTES));
    else if (row >= TELETEXT_ROWS && row !== 27) this.#fault('not-shown', 0);
    else {
      const subpage = this.#open[magazine];
      if (subpage === undefined) this.#fault('no-page', 0);
      else if (row === 27) this.#links(bytes.subarray(base, base + TELETEXT_PACKET_BYTES), magazine, subpage);
      else this.#text(bytes, base, TEXT_AT, subpage, row * TELETEXT_COLUMNS, TELETEXT_COLUMNS);
    }
  }

  /** @param at where the byte stands in the packet */
  #nibble(byte: number, at: number): number {
    if (isCorrected(byte)) this.#fault('corrected', at);
    return hammingNibble(byte);
  }

  #header(packet: Uint8Array, magazine: number): void {
    const nibbles: number[] = [];
    for (let at = 2; at < HEADER_TEXT_AT; at++) nibbles.push(this.#nibble(packet[at]!, at));
    if (nibbles.includes(UNCORRECTABLE)) {
      // Rows that follow may be another page's: better none than in the wrong place.
      this.#fault('header', 2);
      for (let other = 0; other < 8; other++) {
        if (other === magazine || this.#open[other]?.flags.serial === true) this.#close(other);
      }
      return;
    }
    const [units = 0, tens = 0, s1 = 0, s2 = 0, s3 = 0, s4 = 0, c7 = 0, c11 = 0] = nibbles;
    const isSerial = (c11 & 1) !== 0;
    for (let other = 0; other < 8; other++) if (isSerial || other === magazine) this.#close(other);
    if (units === 15 && tens === 15) return; // time filling: no page
    const number = ((magazine || 8) << 8) | (tens << 4) | units;
    const subcode = s1 | ((s2 & 7) << 4) | (s3 << 8) | ((s4 & 3) << 12);
    const subpage = this.#subpage(number, subcode);
    if (subpage === undefined) return;
    const { flags } = subpage;
    flags.erase = (s2 & 8) !== 0;
    flags.newsflash = (s4 & 4) !== 0;
    flags.subtitle = (s4 & 8) !== 0;
    flags.suppressHeader = (c7 & 1) !== 0;
    flags.update = (c7 & 2) !== 0;
    flags.interrupted = (c7 & 4) !== 0;
    flags.inhibitDisplay = (c7 & 8) !== 0;
    flags.serial = isSerial;
    flags.nationalOption = ((c11 & 2) << 1) | ((c11 & 4) >> 1) | ((c11 & 8) >> 3);
    if (flags.erase) {
      subpage.codes.fill(0x20, TELETEXT_COLUMNS);
      subpage.links = undefined;
    }
    this.#open[magazine] = subpage;
    this.#text(packet, 0, HEADER_TEXT_AT, subpage, 8, TELETEXT_COLUMNS - 8);
  }

  #subpage(number: number, subcode: number): TeletextPage | undefined {
    const key = number * 65_536 + subcode;
    const known = this.#pages.get(key);
    if (known !== undefined) return known;
    if (this.#pages.size >= this.#pagesMax) {
      this.#fault('pages-max', 2);
      return undefined;
    }
    const subpage = new TeletextPage(number, subcode);
    this.#pages.set(key, subpage);
    return subpage;
  }

  #text(bytes: Uint8Array, base: number, from: number, { codes }: TeletextPage, to: number, count: number): void {
    for (let i = 0; i < count; i++) {
      const code = parityCharacter(bytes[base + from + i]!);
      if (code >= 0) {
        codes[to + i] = code;
        continue;
      }
      this.#fault('parity', from + i);
      const old = codes[to + i]!;
      codes[to + i] = old === CODE_NEVER_SET ? CODE_DAMAGED | 0x20 : old | CODE_DAMAGED;
    }
  }

  #links(packet: Uint8Array, magazine: number, subpage: TeletextPage): void {
    const designation = this.#nibble(packet[2]!, 2);
    const links = designation === 0 ? readLinks(packet, magazine) : undefined;
    if (links !== undefined) subpage.links = links;
    else this.#fault(designation > 0 ? 'not-shown' : 'links', 2);
  }

  #service(packet: Uint8Array): void {
    const service = readService(packet);
    if (service === undefined) this.#fault('service', 2);
    else this.#options.onService?.(service);
  }

  /** Ends the page that a magazine is sending: shows it, and tells of it. */
  #close(magazine: number): void {
    const subpage = this.#open[magazine];
    if (subpage === undefined) return;
    this.#open[magazine] = undefined;
    this.#tracker.begin(subpage.page);
    drawTeletext(subpage);
    const { onChange, onPage } = this.#options;
    const cells = this.#tracker.end(
      onChange === undefined ? undefined : (row, first, end) => onChange(subpage, row, first, end),
    );
    onPage?.(subpage, cells);
  }
}

function isFiller(bytes: Uint8Array, base: number): boolean {
  for (let at = 0; at < TELETEXT_PACKET_BYTES; at++) if (bytes[base + at] !== 0) return false;
  return true;
}
