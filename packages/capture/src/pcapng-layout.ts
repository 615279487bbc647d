// pcapng (pcap sheet, section 3): a run of blocks, each in the byte order of its section.
//
//    0     block type    u32
//    4     total length  u32   whole block, both lengths included; a multiple of 4
//    8     body
//  L - 4   total length  u32   again
//
// Offsets below count from the start of the block.

export const BLOCK_SECTION_HEADER = 0x0a0d0d0a; // the same bytes in both orders
export const BLOCK_INTERFACE = 1;
export const BLOCK_PACKET_OBSOLETE = 2;
export const BLOCK_SIMPLE_PACKET = 3;
export const BLOCK_ENHANCED_PACKET = 6;
export const BLOCK_MIN_BYTES = 12;

// Section header: byte-order magic u32 @8, major u16 @12, minor u16 @14, section length i64 @16, options @24.
export const BYTE_ORDER_MAGIC = 0x1a2b3c4d;
export const SECTION_MAGIC = 8;
export const SECTION_MAJOR = 12;
export const SECTION_MINOR = 14;
export const SECTION_OPTIONS = 24;

// Interface description: link type u16 @8, reserved u16 @10, snap length u32 @12, options @16.
export const INTERFACE_LINK_TYPE = 8;
export const INTERFACE_SNAP_LENGTH = 12;
export const INTERFACE_OPTIONS = 16;

// Enhanced packet: interface u32 @8, time high u32 @12, time low u32 @16, captured u32 @20, original u32 @24,
// data @28. The obsolete packet block differs in @8 only: interface u16, drops u16.
export const PACKET_INTERFACE = 8;
export const PACKET_TIME_HIGH = 12;
export const PACKET_TIME_LOW = 16;
export const PACKET_CAPTURED = 20;
export const PACKET_ORIGINAL = 24;
export const PACKET_DATA = 28;

// Simple packet: original length u32 @8, data @12.
export const SIMPLE_ORIGINAL = 8;
export const SIMPLE_DATA = 12;

// Options: code u16, length u16, value, padding to 4.
export const OPTION_END = 0;
export const OPTION_IF_NAME = 2;
export const OPTION_IF_TSRESOL = 9;
export const OPTION_IF_FCSLEN = 13;
export const OPTION_IF_TSOFFSET = 14;
export const OPTION_PACKET_FLAGS = 2;
export const OPTION_APPLICATION = 4;
