// Link types (pcap sheet, section 4): which header stands before the network layer.

export const LINK_TYPE_NULL = 0;
export const LINK_TYPE_ETHERNET = 1;
export const LINK_TYPE_RAW = 101;
export const LINK_TYPE_LOOP = 108;
export const LINK_TYPE_LINUX_SLL = 113;
export const LINK_TYPE_IPV4 = 228;
export const LINK_TYPE_IPV6 = 229;
export const LINK_TYPE_LINUX_SLL2 = 276;
/** RAW as some systems number it. */
export const LINK_TYPE_RAW_12 = 12;
export const LINK_TYPE_RAW_14 = 14;

const NAMES: ReadonlyMap<number, string> = new Map([
  [LINK_TYPE_NULL, 'NULL'],
  [LINK_TYPE_ETHERNET, 'ETHERNET'],
  [LINK_TYPE_RAW, 'RAW'],
  [LINK_TYPE_RAW_12, 'RAW'],
  [LINK_TYPE_RAW_14, 'RAW'],
  [LINK_TYPE_LOOP, 'LOOP'],
  [LINK_TYPE_LINUX_SLL, 'LINUX_SLL'],
  [LINK_TYPE_IPV4, 'IPV4'],
  [LINK_TYPE_IPV6, 'IPV6'],
  [LINK_TYPE_LINUX_SLL2, 'LINUX_SLL2'],
]);

/** `1` → `ETHERNET`; a type that this package cannot look into → `link type 147`. */
export function linkTypeName(linkType: number): string {
  return NAMES.get(linkType) ?? `link type ${linkType}`;
}
