import type { SymbolMapping } from './floor.ts';

const FNV_OFFSET_BASIS = 0x811c9dc5;
const FNV_PRIME = 0x01000193;

/**
 * FNV-1a, 32 bits, over the Latin-1 bytes of a text: for each byte, exclusive-or it in, then multiply by
 * 0x01000193, from 0x811C9DC5. It decides which channel a symbol goes to, so it must never change.
 */
export function fnv1a(text: string): number {
  let hash = FNV_OFFSET_BASIS;
  for (let i = 0; i < text.length; i++) {
    hash ^= text.charCodeAt(i) & 0xff;
    hash = Math.imul(hash, FNV_PRIME);
  }
  return hash >>> 0;
}

/** Symbol → channel name. Symbols are Latin-1 text without padding, as in item names. */
export type SymbolMapper = (symbol: string) => string;

/** Prepares a mapping for many look-ups: constant time for lists and hash, a binary search for ranges. */
export function compileMapping(mapping: SymbolMapping): SymbolMapper {
  switch (mapping.kind) {
    case 'channel': {
      const { channel } = mapping;
      return () => channel;
    }
    case 'hash': {
      const { channels } = mapping;
      return (symbol) => channels[fnv1a(symbol) % channels.length]!;
    }
    case 'lists': {
      const { otherwise } = mapping;
      const bySymbol = new Map<string, string>();
      for (const list of mapping.lists) for (const symbol of list.symbols) bySymbol.set(symbol, list.channel);
      return (symbol) => bySymbol.get(symbol) ?? otherwise;
    }
    case 'ranges': {
      const { otherwise } = mapping;
      // Code units order Latin-1 text as code points do.
      const ranges = [...mapping.ranges].sort((a, b) => (a.from < b.from ? -1 : a.from > b.from ? 1 : 0));
      return (symbol) => {
        let low = 0;
        let high = ranges.length;
        while (low < high) {
          const middle = (low + high) >>> 1;
          if (ranges[middle]!.from <= symbol) low = middle + 1;
          else high = middle;
        }
        const range = ranges[low - 1];
        return range !== undefined && symbol <= range.to ? range.channel : otherwise;
      };
    }
  }
}

/** The channel name for one symbol. For many, compile the mapping once. */
export function channelFor(mapping: SymbolMapping, symbol: string): string {
  return compileMapping(mapping)(symbol);
}

/** Every channel that a mapping can answer with, each once, in the file's order. */
export function channelsOf(mapping: SymbolMapping): string[] {
  switch (mapping.kind) {
    case 'channel':
      return [mapping.channel];
    case 'hash':
      return [...new Set(mapping.channels)];
    case 'ranges':
      return [...new Set([...mapping.ranges.map((range) => range.channel), mapping.otherwise])];
    case 'lists':
      return [...new Set([...mapping.lists.map((list) => list.channel), mapping.otherwise])];
  }
}
