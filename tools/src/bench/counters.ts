/** What `CounterRegistry.snapshot` gives. */
export type CounterSnapshot = readonly { readonly name: string; readonly values: Readonly<Record<string, number>> }[];

/** A counter's value, summed over all labels; 0 when there is no such counter. */
export function sumCounter(snapshot: CounterSnapshot, family: string, name: string): number {
  return snapshot.reduce((sum, entry) => sum + (entry.name === family ? (entry.values[name] ?? 0) : 0), 0);
}
