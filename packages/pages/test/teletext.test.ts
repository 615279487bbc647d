// World System Teletext: codings, headers, rows, display, links, service data, damage.
import {
  ANY_SUBCODE,
  attributeRuns,
  CODE_DAMAGED,
  encodeTeletext,
  encodeTeletextFiller,
  noFlags,
  Size,
  setOf,
  sizeOf,
  TeletextDecoder,
  type TeletextDecoderOptions,
  TeletextPage,
  type TeletextService,
  Trust,
  trustOf,
} from '@tickerplant/pages';
import fc from 'fast-check';
import t from 'tap';
import { halvesMatch, pieces, words } from './support.ts';

/** As in the fact sheet, not as in the code. */
const HAMMING = [0x15, 0x02, 0x49, 0x5e, 0x64, 0x73, 0x38, 0x2f, 0xd0, 0xc7, 0x8c, 0x9b, 0xa1, 0xb6, 0xfd, 0xea];
const SAMPLE = Buffer.from('0215 1515 ea2f ea5e 1515'.replaceAll(' ', ''), 'hex');

function odd(code: number): number {
  let bits = 0;
  for (let bit = 0; bit < 7; bit++) bits += (code >> bit) & 1;
  return bits % 2 === 0 ? code | 0x80 : code;
}

function text(characters: string): Uint8Array {
  return Uint8Array.from(characters.padEnd(40).slice(0, 40), (character) => odd(character.charCodeAt(0)));
}

function packet(magazine: number, row: number, bytes: Uint8Array): Uint8Array {
  const address = [HAMMING[(magazine & 7) | ((row & 1) << 3)]!, HAMMING[row >> 1]!];
  return Uint8Array.from([...address, ...bytes]);
}

/** The header of page 100 as the fact sheet spells it, other pages likewise. */
function header(
  units = 0,
  tens = 0,
  magazine = 1,
  flags: readonly number[] = [0, 0, 0, 0],
  subcode = 0x3f7f,
): Uint8Array {
  const nibbles = [
    units,
    tens,
    subcode & 15,
    ((subcode >> 4) & 7) | flags[0]!,
    (subcode >> 8) & 15,
    ((subcode >> 12) & 3) | flags[1]!,
    flags[2]!,
    flags[3]!,
  ];
  return packet(magazine, 0, Uint8Array.from([...nibbles.map((n) => HAMMING[n]!), ...text('HEAD').subarray(0, 32)]));
}

function row(number: number, characters: string, magazine = 1): Uint8Array {
  return packet(magazine, number, text(characters));
}

function received(packets: readonly Uint8Array[], options: TeletextDecoderOptions = {}): TeletextDecoder {
  const decoder = new TeletextDecoder(options);
  for (const one of packets) decoder.feed(one);
  decoder.end();
  return decoder;
}

function only(decoder: TeletextDecoder): TeletextPage {
  return [...decoder.pages.values()][0]!;
}

const ERASE = 8;
const SERIAL = 1;

t.test('the header of the fact sheet', (t) => {
  t.same(header().subarray(0, 10), SAMPLE);
  const page = only(received([header(), row(1, 'HELLO')]));
  t.equal(page.name, '100/3F7F');
  t.equal(page.subcode, ANY_SUBCODE);
  t.same(page.flags, noFlags());
  t.equal(page.rowCodes(1), 'HELLO'.padEnd(40));
  t.equal(page.page.rowText(0), '   P100 HEAD'.padEnd(40));
  t.equal(page.page.rowText(1), 'HELLO'.padEnd(40));
  t.equal(page.rowCodes(2), undefined);
  t.equal(trustOf(page.page.text[80]!), Trust.NEVER_SET);
  t.same(
    Buffer.from(encodeTeletext(page)).subarray(0, 10).toString('hex'),
    '02151515eaeaea5e1515',
    'the encoder adds the erase flag: S2 7 becomes F',
  );
  t.end();
});

t.test('Hamming: one wrong bit is corrected, two are found', (t) => {
  for (let bit = 0; bit < 8; bit++) {
    const packet = header();
    packet[2]! ^= 1 << bit;
    const one = received([packet, row(1, 'X')]);
    t.equal(only(one).name, '100/3F7F');
    t.equal(one.faults.counts.corrected, 1);
    packet[2]! ^= 1 << ((bit + 3) % 8);
    const two = received([packet, row(1, 'X')]);
    t.equal(two.pages.size, 0);
    t.match(two.faults.counts, { header: 1, 'no-page': 1 }, 'rows that follow have no page');
  }
  const bad = row(1, 'X');
  bad[0]! ^= 3;
  t.equal(received([header(), bad]).faults.counts.address, 1);
  t.end();
});

t.test('a header that cannot be read ends the page, so that no row gets into the wrong one', (t) => {
  const broken = header(1);
  broken[3]! ^= 3;
  const page = only(received([header(), row(1, 'GOOD'), broken, row(1, 'BAD')]));
  t.equal(page.rowCodes(1), 'GOOD'.padEnd(40));
  const serial = header(0, 0, 1, [0, 0, 0, SERIAL]);
  broken[0] = HAMMING[2]!;
  t.equal(only(received([serial, row(1, 'GOOD'), broken, row(1, 'BAD')])).rowCodes(1), 'GOOD'.padEnd(40));
  t.end();
});

t.test('wrong parity keeps the old character and marks it', (t) => {
  const damaged = row(1, 'WORLD');
  damaged[2]! ^= 0x04;
  const decoder = received([header(), row(1, 'HELLO'), header(), damaged]);
  const page = only(decoder);
  t.equal(page.rowCodes(1), 'HORLD'.padEnd(40));
  t.equal(page.codes[40], 0x48 | CODE_DAMAGED);
  t.equal(trustOf(page.page.text[40]!), Trust.DAMAGED);
  t.equal(trustOf(page.page.text[41]!), Trust.OK);
  t.same(decoder.faults.counts.parity, 1);
  const healed = only(received([header(), damaged, header(), row(1, 'AGAIN')]));
  t.equal(trustOf(healed.page.text[40]!), Trust.OK);
  t.end();
});

t.test('magazines: parallel ones go on side by side, serial ones end each other', (t) => {
  const parallel = received([header(0, 0, 1), header(0, 0, 2), row(1, 'ONE', 1), row(1, 'TWO', 2)]);
  t.same(
    [...parallel.pages.values()].map((page) => page.rowCodes(1)?.trimEnd()),
    ['ONE', 'TWO'],
  );
  const flags = [0, 0, 0, SERIAL];
  const serial = received([header(0, 0, 1, flags), header(0, 0, 2, flags), row(1, 'ONE', 1), row(1, 'TWO', 2)]);
  t.same(
    [...serial.pages.values()].map((page) => page.rowCodes(1)?.trimEnd()),
    [undefined, 'TWO'],
  );
  t.equal(serial.faults.counts['no-page'], 1);
  t.equal(only(received([header(0, 0, 8), row(3, 'X', 8)])).name, '800/3F7F', 'magazine 0 is 8');
  t.end();
});

t.test('time filling headers end a page and begin none', (t) => {
  const told: string[] = [];
  const decoder = new TeletextDecoder({ onPage: (page, cells) => told.push(`${page.name} ${cells}`) });
  decoder.feed(header());
  decoder.feed(row(1, 'AB'));
  t.same(told, [], 'a page is told when it is whole');
  decoder.feed(header(15, 15));
  t.same(told, ['100/3F7F 1000']);
  decoder.feed(row(2, 'CD'));
  decoder.feed(new Uint8Array(42));
  t.equal(decoder.faults.counts['no-page'], 1);
  t.equal(decoder.faults.total, 1, 'packets of zeros are nothing');
  t.end();
});

t.test('without the erase flag rows stay, with it they go', (t) => {
  const first = [header(), row(1, 'ONE'), row(2, 'TWO')];
  const kept = only(received([...first, header(), row(1, 'NEW')]));
  t.equal(kept.rowCodes(2), 'TWO'.padEnd(40));
  const erased = only(received([...first, header(0, 0, 1, [ERASE, 0, 0, 0]), row(1, 'NEW')]));
  t.equal(erased.rowCodes(2), ' '.repeat(40));
  t.equal(erased.page.count(Trust.NEVER_SET), 0);
  t.end();
});

t.test('subpages are pages of their own; there is room for so many', (t) => {
  const packets = [1, 2, 3].flatMap((subcode) => [header(0, 0, 1, [0, 0, 0, 0], subcode), row(1, `SUB ${subcode}`)]);
  const decoder = received(packets, { pagesMax: 2 });
  t.same(
    [...decoder.pages.values()].map((page) => [page.name, page.rowCodes(1)?.trimEnd()]),
    [
      ['100/0001', 'SUB 1'],
      ['100/0002', 'SUB 2'],
    ],
  );
  t.match(decoder.faults.counts, { 'pages-max': 1, 'no-page': 1 });
  t.end();
});

/** A row as it is shown, on a page with these flags. */
function shown(characters: string, flags: readonly number[] = [0, 0, 0, 0]): TeletextPage {
  return only(received([header(0, 0, 1, flags), row(1, characters), row(2, 'below')]));
}

t.test('attributes of a row', (t) => {
  const { page } = shown('a\x01b\x08c\x09d\x18e\x02f\x1dg\x1ch\x07');
  t.equal(page.rowText(1).trimEnd(), 'a b c d e f g h');
  t.same(attributeRuns(page, 1), [
    [0, 2, 'White', 'Black', ''],
    [2, 2, 'Red', 'Black', ''],
    [4, 1, 'Red', 'Black', 'BLINK'],
    [5, 2, 'Red', 'Black', ''],
    [7, 3, 'Red', 'Black', 'HIDDEN'],
    [10, 1, 'Green', 'Black', ''],
    [11, 2, 'Green', 'Green', ''],
    [13, 3, 'Green', 'Black', ''],
    [16, 24, 'White', 'Black', ''],
  ]);
  t.end();
});

t.test('mosaics, held and separated', (t) => {
  const { page } = shown('\x11\x7f\x35\x6a@\x1e\x12\x1a\x21\x1f\x01!');
  const cells = Array.from(page.text.subarray(40, 52));
  // The code that holds and the colour behind it show the last mosaic, ▐.
  t.equal(page.rowText(1).trimEnd(), ' █▌▐@▐▐▐🬀🬀 !');
  t.same(cells.map(setOf), [0, 0x76, 0x76, 0x76, 0, 0x76, 0x76, 0x76, 0x77, 0x77, 0, 0]);
  t.end();
});

t.test('national options', (t) => {
  const codes = '#$@[\\]^_`{|}~\x7f';
  const expected = ['£$@←½→↑#—¼‖¾÷■', '#$§ÄÖÜ^_°äöüß■'];
  t.equal(shown(codes).page.rowText(1).trimEnd(), expected[0]);
  // C12 C13 C14 = 0 0 1 is German.
  t.equal(shown(codes, [0, 0, 0, 8]).page.rowText(1).trimEnd(), expected[1]);
  t.equal(shown(codes, [0, 0, 0, 2]).page.rowText(1).trimEnd(), 'éïàëêùî#èâôûç■', 'French is 1 0 0');
  t.end();
});

t.test('double height hides the row below, double width the cell beside', (t) => {
  const { page } = shown('a\x0dbc\x0cd');
  t.equal(page.rowText(1).trimEnd(), 'a bc d');
  t.equal(page.rowText(2).trimEnd(), '  bc');
  t.equal(sizeOf(page.extra[42]!), Size.HEIGHT_TOP);
  t.equal(sizeOf(page.extra[82]!), Size.HEIGHT_BOTTOM);
  const wide = shown('\x0eabcd').page;
  t.equal(wide.rowText(1).trimEnd(), ' ac');
  t.ok(halvesMatch(wide));
  t.equal(sizeOf(wide.extra[41]!), Size.DOUBLE_WIDTH);
  const back = received([header(), row(1, '\x0dTALL'), row(2, 'below'), header(), row(1, 'small')]);
  t.equal(only(back).page.rowText(2).trimEnd(), 'below', 'what was hidden comes back');
  t.end();
});

t.test('links of packet 27', (t) => {
  const link = (units: number, tens: number, relative: number): number[] =>
    [units, tens, 15, 7 | ((relative & 1) << 3), 15, 3 | ((relative >> 1) << 2)].map((n) => HAMMING[n]!);
  const none = link(15, 15, 0);
  const bytes = [
    HAMMING[0]!,
    ...link(1, 0, 0),
    ...link(0, 5, 2),
    ...link(0, 0, 1),
    ...none,
    ...none,
    ...none,
    0x15,
    0,
    0,
  ];
  const links = Uint8Array.from(bytes);
  const decoder = received([header(), packet(1, 27, links)]);
  t.same(only(decoder).links, [
    { number: 0x101, subcode: ANY_SUBCODE },
    { number: 0x350, subcode: ANY_SUBCODE },
    { number: 0x800, subcode: ANY_SUBCODE },
    undefined,
    undefined,
    undefined,
  ]);
  links[1]! ^= 3;
  const broken = received([header(), packet(1, 27, links), row(26, 'X'), row(28, 'X')]);
  t.equal(only(broken).links, undefined);
  t.match(broken.faults.counts, { links: 1, 'not-shown': 2 });
  t.end();
});

t.test('broadcast service data', (t) => {
  const services: TeletextService[] = [];
  const nibbles = [0, 0, 0, 15, 7, 15, 3].map((n) => HAMMING[n]!);
  // Network 2C 7F sent first bit first; half an hour east; MJD 45 000 at 12:34:56, digits increased by one.
  const time = [0x34, 0xfe, 0x02, 0x05, 0x61, 0x11, 0x23, 0x45, 0x67];
  const status = Array.from('TEST SERVICE'.padEnd(20), (character) => odd(character.charCodeAt(0)));
  const bytes = Uint8Array.from([...nibbles, ...time, 0, 0, 0, 0, ...status]);
  const decoder = received([packet(8, 30, bytes)], { onService: (service) => services.push(service) });
  t.same(services, [
    {
      initialPage: { number: 0x800, subcode: ANY_SUBCODE },
      network: 0x2c7f,
      timeNs: BigInt(Date.UTC(1982, 0, 31, 12, 34, 56)) * 1_000_000n,
      zoneMinutes: 30,
      status: 'TEST SERVICE',
    },
  ]);
  t.equal(decoder.faults.total, 0);
  bytes[0] = HAMMING[9]!;
  t.equal(received([packet(8, 30, bytes)]).faults.counts.service, 1);
  t.end();
});

/** Sizes more often than by chance: they reach into the row below. */
const CODE = fc.oneof(
  { weight: 4, arbitrary: fc.nat(127) },
  { weight: 1, arbitrary: fc.integer({ min: 0xc, max: 0xf }) },
);
const CODES = fc.array(fc.tuple(fc.nat(24), fc.nat(39), CODE, fc.integer({ min: 1, max: 40 })), {
  maxLength: 20,
});

function edit(page: TeletextPage, edits: readonly (readonly [number, number, number, number])[]): void {
  for (const [row, column, code, length] of edits) {
    const from = row === 0 ? Math.max(8, column) : column;
    page.codes.fill(code, row * 40 + from, row * 40 + Math.min(40, from + length));
  }
}

function blankPage(): TeletextPage {
  const page = new TeletextPage(0x1a5, 0x0012);
  page.codes.fill(0x20, 8);
  return page;
}

const FLAGS = fc.record({
  newsflash: fc.boolean(),
  subtitle: fc.boolean(),
  suppressHeader: fc.boolean(),
  update: fc.boolean(),
  interrupted: fc.boolean(),
  inhibitDisplay: fc.boolean(),
  serial: fc.boolean(),
  nationalOption: fc.nat(7),
});

t.test('what is encoded is decoded: base, then changes', (t) => {
  fc.assert(
    fc.property(fc.array(CODES, { minLength: 1, maxLength: 4 }), FLAGS, (steps, flags) => {
      const page = blankPage();
      Object.assign(page.flags, flags);
      let before: TeletextPage | undefined;
      const decoder = new TeletextDecoder();
      for (const step of steps) {
        edit(page, step);
        decoder.feed(encodeTeletext(page, before));
        decoder.feed(encodeTeletextFiller(1, false));
        const got = only(decoder);
        if (got.name !== page.name || Buffer.compare(got.codes.subarray(8), page.codes.subarray(8)) !== 0) return false;
        t.match(got.flags, flags);
        before = blankPage();
        before.codes.set(page.codes);
      }
      return decoder.faults.total === 0 && decoder.pages.size === 1;
    }),
    { numRuns: 200 },
  );
  const page = blankPage();
  t.equal(encodeTeletext(page, page).length, 42, 'the header alone where nothing has changed');
  t.end();
});

t.test('what is shown depends on the codes alone, not on what was shown before', (t) => {
  fc.assert(
    fc.property(fc.array(fc.tuple(CODES, fc.nat(1)), { minLength: 2, maxLength: 5 }), (edits) => {
      const page = blankPage();
      const decoder = new TeletextDecoder();
      for (const [codes, option] of edits) {
        edit(page, codes);
        page.flags.nationalOption = option;
        decoder.feed(encodeTeletext(page));
      }
      decoder.end();
      const fresh = received([encodeTeletext(page)]);
      return (
        JSON.stringify(words(only(decoder).page)) === JSON.stringify(words(only(fresh).page)) &&
        halvesMatch(only(fresh).page)
      );
    }),
    { numRuns: 300 },
  );
  t.pass();
  t.end();
});

t.test('damaged and hostile streams never throw, and come to the same in any pieces', (t) => {
  const page = blankPage();
  edit(page, [
    [1, 0, 0x41, 40],
    [5, 3, 0x0d, 1],
    [9, 0, 0x1e, 9],
  ]);
  const sound = Buffer.concat([encodeTeletext(page), row(7, 'SEVEN', 1), header(2, 3, 4), row(4, 'FOUR', 4)]);
  const flips = fc.array(fc.tuple(fc.nat(sound.length - 1), fc.nat(7)), { maxLength: 60 });
  const damaged = flips.map((flips) => {
    const bytes = new Uint8Array(sound);
    for (const [at, bit] of flips) bytes[at]! ^= 1 << bit;
    return bytes;
  });
  const hamming = fc.array(fc.constantFrom(...HAMMING), { maxLength: 42 * 12 }).map((bytes) => Uint8Array.from(bytes));
  const streams = fc.oneof(damaged, hamming, fc.uint8Array({ maxLength: 500 }));
  fc.assert(
    fc.property(streams, fc.array(fc.nat(1000), { maxLength: 5 }), (bytes, cuts) => {
      const offsets: number[] = [];
      const options = { pagesMax: 20, onFault: (_kind: string, offset: number) => offsets.push(offset) };
      const whole = new TeletextDecoder(options);
      whole.feed(bytes);
      whole.end();
      const cut = received(pieces(bytes, cuts), { pagesMax: 20 });
      t.same(cut.faults, whole.faults);
      t.same(
        [...cut.pages].map(([key, page]) => [key, words(page.page)]),
        [...whole.pages].map(([key, page]) => [key, words(page.page)]),
      );
      return whole.pages.size <= 20 && offsets.every((offset) => offset >= 0 && offset < Math.max(1, bytes.length));
    }),
    { numRuns: 500 },
  );
  t.end();
});

t.test('every split point of a stream', (t) => {
  const bytes = Buffer.concat([header(), row(1, 'ONE'), new Uint8Array(42), row(2, 'TWO')]);
  const whole = only(received([bytes]));
  for (let at = 0; at <= bytes.length; at++) {
    const decoder = received([bytes.subarray(0, at), bytes.subarray(at)]);
    t.same(words(only(decoder).page), words(whole.page), `cut at ${at}`);
  }
  const short = received([bytes.subarray(0, 50)]);
  t.equal(short.faults.counts['cut-off'], 1);
  t.end();
});
