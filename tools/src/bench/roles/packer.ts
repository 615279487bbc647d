import { BlockReader, BlockWriter, headOf, Kind } from '@tickerplant/records';
import { Packr, Unpackr } from 'msgpackr';
import { median } from '../benchmark.ts';
import { nowNs } from '../clock.ts';
import { serveRole } from '../role.ts';

/** Nanoseconds for one quote, written and read. */
export interface PackResult {
  readonly writeInPlaceNs: number;
  readonly packNs: number;
  readonly readInPlaceNs: number;
  readonly unpackNs: number;
  readonly bytes: number;
  readonly packedBytes: number;
}

/** Packs five-field quotes in both ways. */
export interface PackerRole {
  pack(options: { runs: number; quotes: number }): PackResult;
}

const FIELDS = 5;
const TEMPLATE = 1;
const BATCH_BYTES = 1400;
const HEAD = headOf(Kind.UPDATE);

/** Values that nobody can guess in advance: item, bid, bid size, ask, ask size, time. */
function makeQuotes(count: number): Float64Array[] {
  return Array.from({ length: count }, (_, i) =>
    Float64Array.of(
      i % 5000,
      1_000_000 + ((i * 7919) % 900_000),
      100 * (1 + (i % 9)),
      1_000_100 + ((i * 104729) % 900_000),
      100 * (1 + (i % 7)),
      52_477_643_876_560 + i * 1000,
    ),
  );
}

function writeInPlace(writer: BlockWriter, quote: Float64Array): void {
  writer.array(3 + FIELDS);
  writer.int(HEAD);
  writer.int(quote[0]!);
  writer.int(TEMPLATE);
  for (let i = 1; i <= FIELDS; i++) writer.int(quote[i]!);
}

function measure(runs: number, count: number, run: () => void): number {
  const times: number[] = [];
  for (let i = 0; i < runs + 3; i++) {
    const startedNs = nowNs();
    run();
    times.push((nowNs() - startedNs) / count);
  }
  return median(times.slice(3));
}

const commands: PackerRole = {
  pack({ runs, quotes: count }) {
    const quotes = makeQuotes(count);
    const packet = Buffer.alloc(2 * BATCH_BYTES);
    const writer = new BlockWriter(packet);
    // Both ways end with the bytes in a packet: that is where they are wanted.
    const writeInPlaceNs = measure(runs, count, () => {
      for (const quote of quotes) {
        if (writer.at > BATCH_BYTES) writer.at = 0;
        writeInPlace(writer, quote);
      }
    });
    const packr = new Packr({ useRecords: false });
    const packNs = measure(runs, count, () => {
      let at = 0;
      for (const quote of quotes) {
        if (at > BATCH_BYTES) at = 0;
        const time = BigInt(quote[5]!);
        const packed = packr.pack([HEAD, quote[0], TEMPLATE, quote[1], quote[2], quote[3], quote[4], time]);
        packet.set(packed, at);
        at += packed.length;
      }
    });
    writer.at = 0;
    writeInPlace(writer, quotes[0]!);
    const bytes = writer.at;
    const block = Buffer.from(packet.subarray(0, bytes));
    const reader = new BlockReader();
    let sum = 0;
    const readInPlaceNs = measure(runs, count, () => {
      for (let i = 0; i < count; i++) {
        reader.reset(block, 0, bytes);
        reader.array();
        reader.uint();
        sum += reader.uint() + reader.uint();
        for (let field = 0; field < FIELDS; field++) sum += reader.value() as number;
      }
    });
    const unpackr = new Unpackr({ useRecords: false, int64AsType: 'number' } as never);
    const unpackNs = measure(runs, count, () => {
      for (let i = 0; i < count; i++) sum += (unpackr.unpack(block) as number[])[1]!;
    });
    const first = quotes[0]!;
    const packedBytes = packr.pack([HEAD, ...first]).length;
    if (Number.isNaN(sum)) throw new Error('expected numbers');
    return { writeInPlaceNs, packNs, readInPlaceNs, unpackNs, bytes, packedBytes };
  },
};

serveRole(commands);
