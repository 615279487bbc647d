// Which plant a client asks first. Every client has an order of its own, made from its instance and the plants' names
// (rendezvous hashing): many clients spread evenly over the plants, and when one goes, only those move that had it, and
// they spread over the rest.

/** Weights remembered: more than a floor has plants. */
const WEIGHTS_MAX = 256;

/** What is ordered. */
interface Server {
  readonly name: string;
  /** Whether it does its work, and isn't drained. */
  readonly fit: boolean;
}

/** The plants in a client's own order; those that are not fit behind the others. */
export class OwnOrder<T extends Server> {
  private readonly instance: string;
  private readonly weights = new Map<string, number>();
  private last: readonly T[] | undefined;
  private ordered: readonly T[] = [];

  /** @param instance the client's: no other client has the same. */
  constructor(instance: string) {
    this.instance = instance;
  }

  /** @param plants a list that does not change: for the same one the answer is the same. */
  of(plants: readonly T[]): readonly T[] {
    // Asked at every tick, mostly about the list of the tick before.
    if (plants === this.last) return this.ordered;
    this.ordered = plants.toSorted(
      (a, b) =>
        Number(b.fit) - Number(a.fit) || this.weight(b.name) - this.weight(a.name) || (a.name < b.name ? -1 : 1),
    );
    this.last = plants;
    return this.ordered;
  }

  private weight(name: string): number {
    let weight = this.weights.get(name);
    if (weight === undefined) {
      weight = weightOf(this.instance, name);
      if (this.weights.size >= WEIGHTS_MAX) this.weights.clear();
      this.weights.set(name, weight);
    }
    return weight;
  }
}

/** A hash of 32 bits: FNV-1a, with the last step of MurmurHash3, for names that differ in one character only. */
function weightOf(instance: string, name: string): number {
  const text = `${instance}/${name}`;
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
