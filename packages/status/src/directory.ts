import type { Counters } from '@tickerplant/telemetry';
import type { STATUS_COUNTERS } from './counters.ts';
import type { Directory } from './messages.ts';
import type { DirectoryPart } from './wire.ts';

interface Assembly {
  readonly boot: bigint;
  readonly version: number;
  readonly parts: (DirectoryPart | undefined)[];
  missing: number;
}

/**
 * Puts the parts of directories together: for each sender the newest version, at most 256 parts. Parts may come
 * in any order and over several rounds; a complete version is passed on once.
 */
export class DirectoryAssembler {
  readonly #assemblies = new Map<string, Assembly>();
  readonly #sendersMax: number;
  readonly #counters: Counters<(typeof STATUS_COUNTERS)['descriptions']>;

  constructor(sendersMax: number, counters: Counters<(typeof STATUS_COUNTERS)['descriptions']>) {
    this.#sendersMax = sendersMax;
    this.#counters = counters;
  }

  /** Takes a part; answers the directory that it completes. */
  take(sender: string, boot: bigint, part: DirectoryPart): Directory | undefined {
    let assembly = this.#assemblies.get(sender);
    const isOther =
      assembly === undefined ||
      assembly.boot !== boot ||
      part.version > assembly.version ||
      part.parts !== assembly.parts.length;
    if (isOther) {
      if (assembly !== undefined && assembly.boot === boot && part.version < assembly.version) return undefined;
      if (assembly !== undefined && assembly.missing > 0) this.#counters.directoriesDropped++;
      assembly = { boot, version: part.version, parts: new Array(part.parts).fill(undefined), missing: part.parts };
      // Re-inserted, so that the first key is the one longest without news.
      this.#assemblies.delete(sender);
      this.#assemblies.set(sender, assembly);
      if (this.#assemblies.size > this.#sendersMax) this.#assemblies.delete(this.#assemblies.keys().next().value!);
    }
    const { parts } = assembly!;
    if (assembly!.version !== part.version || parts[part.part] !== undefined) {
      this.#counters.directoriesRepeated++;
      return undefined;
    }
    parts[part.part] = part;
    if (--assembly!.missing > 0) return undefined;
    const { floor, silentAfterMs } = part;
    return { kind: 'directory', floor, channels: parts.flatMap((one) => one!.channels), silentAfterMs };
  }
}
