// Time per book operation with a million live orders over 500 symbols, on one core:
//
//     node packages/book/build/bench/order-books.js [live orders] [symbols] [operations]
//
// "typical": some symbols busy (Zipf), most orders near the touch, mostly young orders taken away, as in real flow.
// "scattered": every symbol, price and live order alike: the worst case for the processor's caches.
import { seededRandom } from '@tickerplant/core';
import { OrderBooks, type Side } from '../src/index.ts';

const live = Number(process.argv[2] ?? 1_000_000);
const symbols = Number(process.argv[3] ?? 500);
const operations = Number(process.argv[4] ?? 4_000_000);

/** Operations timed together; the median slice is reported, as other work on the machine comes and goes. */
const SLICE = 20_000;

const ADD = 0;
const DELETE = 1;
const REPLACE = 2;
const EXECUTE = 3;

/** Processor time, so that waiting for the processor does not count. */
function cpuNs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) * 1000;
}

/** Operations made beforehand, so that only the books are timed. */
interface Script {
  kind: Uint8Array;
  reference: Float64Array;
  newReference: Float64Array;
  book: Uint16Array;
  side: Uint8Array;
  shares: Uint32Array;
  price: Float64Array;
}

function makeScript(size: number, typical: boolean): Script {
  const random = seededRandom(1);
  const total = live + size;
  const script: Script = {
    kind: new Uint8Array(total),
    reference: new Float64Array(total),
    newReference: new Float64Array(total),
    book: new Uint16Array(total),
    side: new Uint8Array(total),
    shares: new Uint32Array(total),
    price: new Float64Array(total),
  };
  const references: number[] = [];
  let next = 1;
  const price = (side: number): number => {
    const near = typical && random.next() < 0.8;
    const ticks = Math.floor(-Math.log(1 - random.next()) * (near ? 3 : 60));
    return side === 0 ? 1_000_000 - 100 * ticks : 1_000_100 + 100 * ticks;
  };
  const cumulative = new Float64Array(symbols);
  let weight = 0;
  for (let i = 0; i < symbols; i++) {
    weight += typical ? 1 / (i + 1) : 1;
    cumulative[i] = weight;
  }
  const symbol = (): number => {
    const target = random.next() * weight;
    let low = 0;
    for (let high = symbols - 1; low < high; ) {
      const middle = (low + high) >> 1;
      if (cumulative[middle]! > target) high = middle;
      else low = middle + 1;
    }
    return low;
  };
  const sides = new Map<number, number>();
  for (let i = 0; i < total; i++) {
    const dice = i < live ? 0 : random.next();
    const side = random.below(2);
    if (dice < 0.44 || references.length === 0) {
      next += 1 + random.below(4);
      script.kind[i] = ADD;
      script.reference[i] = next;
      script.book[i] = symbol();
      script.side[i] = side;
      script.shares[i] = 1000;
      script.price[i] = price(side);
      sides.set(next, side);
      references.push(next);
      continue;
    }
    // Typical ages: as many orders die between 1 and 10 orders old as between 10 and 100, and so on.
    const age = typical ? references.length ** random.next() - 1 : random.next() * references.length;
    const at = references.length - 1 - Math.floor(age);
    const reference = references[at]!;
    script.reference[i] = reference;
    if (dice < 0.88) {
      script.kind[i] = DELETE;
      references[at] = references[references.length - 1]!;
      references.pop();
    } else if (dice < 0.96) {
      next += 1 + random.below(4);
      script.kind[i] = REPLACE;
      script.newReference[i] = next;
      script.shares[i] = 1000;
      script.price[i] = price(sides.get(reference)!);
      sides.set(next, sides.get(reference)!);
      references[at] = next;
    } else {
      script.kind[i] = EXECUTE;
      script.shares[i] = 1;
    }
  }
  return script;
}

function play(books: OrderBooks, script: Script, from: number, to: number): number {
  let faults = 0;
  for (let i = from; i < to; i++) {
    const reference = script.reference[i]!;
    const kind = script.kind[i]!;
    const change =
      kind === ADD
        ? books.add(reference, script.book[i]!, script.side[i] as Side, script.shares[i]!, script.price[i]!)
        : kind === DELETE
          ? books.delete(reference)
          : kind === REPLACE
            ? books.replace(reference, script.newReference[i]!, script.shares[i]!, script.price[i]!)
            : books.execute(reference, script.shares[i]!);
    if (change.fault !== 0) faults++;
  }
  return faults;
}

/** What the machine gives at this moment: a chain of multiplications, and one of accesses all over 64 MiB. */
function yardsticks(): string {
  const steps = 2_000_000;
  let x = 1;
  const arithmeticStart = cpuNs();
  for (let i = 0; i < steps * 10; i++) x = (Math.imul(x, 1664525) + 1013904223) | 0;
  const arithmeticNs = (cpuNs() - arithmeticStart) / steps / 10;
  const memory = new Uint32Array(1 << 24).fill(3);
  const memoryStart = cpuNs();
  for (let i = 0; i < steps; i++) x = (Math.imul(x, 1664525) + memory[x >>> 8]!) | 0;
  const memoryNs = (cpuNs() - memoryStart) / steps;
  return `one multiply and add ${arithmeticNs.toFixed(1)} ns, one access to far memory ${memoryNs.toFixed(0)} ns (${x & 1})`;
}

console.log(yardsticks());
for (const typical of [true, false]) {
  const script = makeScript(operations, typical);
  const books = new OrderBooks();
  let longestNs = 0;
  const fillStart = process.hrtime.bigint();
  for (let i = 0; i < live; i += 1000) {
    const before = process.hrtime.bigint();
    play(books, script, i, Math.min(live, i + 1000));
    longestNs = Math.max(longestNs, Number(process.hrtime.bigint() - before));
  }
  const fillNs = Number(process.hrtime.bigint() - fillStart);
  const sliceNs: number[] = [];
  let faults = 0;
  for (let at = live; at < live + operations; at += SLICE) {
    const start = cpuNs();
    faults += play(books, script, at, at + SLICE);
    sliceNs.push((cpuNs() - start) / SLICE);
  }
  sliceNs.sort((a, b) => a - b);
  const quantile = (q: number): string => sliceNs[Math.floor(q * (sliceNs.length - 1))]!.toFixed(0);
  let levels = 0;
  for (let book = 0; book < symbols; book++) levels += books.book(book).bids.length + books.book(book).asks.length;
  console.log(
    `${typical ? 'typical  ' : 'scattered'}: ${quantile(0.5)} ns per operation (tenth of slices ${quantile(0.1)}, nine tenths ${quantile(0.9)}); ` +
      `filling ${(fillNs / live).toFixed(0)} ns an order, longest thousand ${(longestNs / 1e6).toFixed(2)} ms; ` +
      `${books.orders} live orders, ${(levels / symbols / 2).toFixed(0)} levels a side, ${faults} faults`,
  );
}
