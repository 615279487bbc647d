import { BlockReader, BlockWriter, headOf, Kind } from '@tickerplant/records';
import { Packr, Unpackr } from 'msgpackr';
import { measure, type Repetition } from '../measure.ts';
import { serveRole } from '../role.ts';

/** Nanoseconds for one quote, written and read. */
export interface PackResult {
  readonly writeInPlaceNs: number;
  readonly packNs: number;
  readonly readInPlaceNs: number;
  readonly unpackNs: number;
  readonly bytes: number;
}

/** Packs five-field quotes in both ways. */
export interface PackerRole {
  pack(options: Repetition & { quotes: number }): Promise<PackResult>;
}

const FIELDS = 5;
/** Of a quote in the list: the item and the fields. */
const VALUES = 1 + FIELDS;
const TEMPLATE = 1;
const BATCH_BYTES = 1400;
const HEAD = headOf(Kind.UPDATE);

/** Values that nobody can guess in advance: item, bid, bid size, ask, ask size, time. */
function makeQuotes(count: number): Float64Array {
  const quotes = new Float64Array(count * VALUES);
  for (let i = 0; i < count; i++) {
    const at = i * VALUES;
    quotes[at] = i % 5000;
    quotes[at + 1] = 1_000_000 + ((i * 7919) % 900_000);
    quotes[at + 2] = 100 * (1 + (i % 9));
    quotes[at + 3] = 1_000_100 + ((i * 104729) % 900_000);
    quotes[at + 4] = 100 * (1 + (i % 7));
    quotes[at + 5] = 52_477_643_876_560 + i * 1000;
  }
  return quotes;
}

function writeInPlace(writer: BlockWriter, quotes: Float64Array, at: number): void {
  writer.array(3 + FIELDS);
  writer.int(HEAD);
  writer.int(quotes[at]!);
  writer.int(TEMPLATE);
  for (let i = 1; i <= FIELDS; i++) writer.int(quotes[at + i]!);
}

const commands: PackerRole = {
  async pack({ quotes: count, ...repetition }) {
    const time = async (run: () => void): Promise<number> => {
      const { rate } = await measure(
        repetition,
        () => {},
        () => {
          run();
          return count;
        },
      );
      return 1e9 / rate;
    };
    const quotes = makeQuotes(count);
    const packet = Buffer.alloc(2 * BATCH_BYTES);
    const writer = new BlockWriter(packet);
    // Both ways end with the bytes in a packet: that is where they are wanted.
    const writeInPlaceNs = await time(() => {
      for (let quote = 0; quote < quotes.length; quote += VALUES) {
        if (writer.at > BATCH_BYTES) writer.at = 0;
        writeInPlace(writer, quotes, quote);
      }
    });
    const packr = new Packr({ useRecords: false });
    const packNs = await time(() => {
      let at = 0;
      for (let i = 0; i < quotes.length; i += VALUES) {
        if (at > BATCH_BYTES) at = 0;
        // As whole numbers of 64 bits msgpackr writes BigInts only.
        const time = BigInt(quotes[i + 5]!);
        const packed = packr.pack([
          HEAD,
          quotes[i],
          TEMPLATE,
          quotes[i + 1],
          quotes[i + 2],
          quotes[i + 3],
          quotes[i + 4],
          time,
        ]);
        packet.set(packed, at);
        at += packed.length;
      }
    });
    writer.at = 0;
    writeInPlace(writer, quotes, 0);
    const bytes = writer.at;
    const block = Buffer.from(packet.subarray(0, bytes));
    const reader = new BlockReader();
    let sum = 0;
    const readInPlaceNs = await time(() => {
      for (let i = 0; i < count; i++) {
        reader.reset(block, 0, bytes);
        reader.array();
        reader.uint();
        sum += reader.uint() + reader.uint();
        for (let field = 0; field < FIELDS; field++) sum += reader.value() as number;
      }
    });
    const unpackr = new Unpackr({ useRecords: false, int64AsType: 'number' } as never);
    const unpackNs = await time(() => {
      for (let i = 0; i < count; i++) sum += (unpackr.unpack(block) as number[])[1]!;
    });
    if (Number.isNaN(sum)) throw new Error('expected numbers');
    return { writeInPlaceNs, packNs, readInPlaceNs, unpackNs, bytes };
  },
};

serveRole(commands);
