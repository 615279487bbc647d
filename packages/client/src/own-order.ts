// Which plant a client asks first. Every client has an order of its own, made from its instance and the plants' names
// (rendezvous hashing): many clients spread evenly over the plants, and when one goes, only those move that had it, and
// they spread over the rest.

/** What is ordered. */
interface Server {
  readonly name: string;
  /** Whether it does its work, and isn't drained. */
  readonly fit: boolean;
}

/**
 * The plants in a client's own order; those that are not fit behind the others.
 *
 * @param instance the client's: no other client has the same.
 */
export function inOwnOrder<T extends Server>(plants: readonly T[], instance: string): T[] {
  return plants
    .map((plant) => ({ plant, weight: weightOf(instance, plant.name) }))
    .sort(
      (a, b) =>
        Number(b.plant.fit) - Number(a.plant.fit) || b.weight - a.weight || (a.plant.name < b.plant.name ? -1 : 1),
    )
    .map(({ plant }) => plant);
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
