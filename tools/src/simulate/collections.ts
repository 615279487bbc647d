/** A collection that belongs to a machine. */
export interface Found {
  /** `shadow.comparisons[0].claims` */
  readonly path: string;
  readonly entries: number;
}

/**
 * The largest array, map or set that can be reached from a machine through its fields; typed arrays are memory that was taken at once,
 * and what functions hold is somebody else's.
 */
export function largestCollection(root: object): Found {
  let largest: Found = { path: '', entries: 0 };
  const seen = new Set<object>([root]);
  const waiting: { readonly value: object; readonly path: string }[] = [{ value: root, path: '' }];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const { value, path } = next;
    const visit = (part: unknown, name: string): void => {
      if (typeof part !== 'object' || part === null || ArrayBuffer.isView(part) || seen.has(part)) return;
      seen.add(part);
      waiting.push({ value: part, path: path + name });
    };
    const entries = Array.isArray(value) ? value.length : value instanceof Map || value instanceof Set ? value.size : 0;
    if (entries > largest.entries) largest = { path, entries };
    if (value instanceof Map) for (const [key, part] of value) visit(part, `[${String(key)}]`);
    else if (value instanceof Set) for (const part of value) visit(part, '[]');
    else if (Array.isArray(value)) for (let at = 0; at < value.length; at++) visit(value[at], `[${at}]`);
    else for (const name of Object.keys(value)) visit((value as Record<string, unknown>)[name], `.${name}`);
  }
  return largest;
}
