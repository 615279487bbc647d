// pcap file header (pcap sheet, section 2.1), 24 bytes in the writer's byte order:
//
//    0   magic            u32   tells the byte order and the unit of the fractions
//    4   major, minor     u16, u16   2, 4
//    8   reserved         u32, u32
//   16   snap length      u32   0 = unlimited
//   20   link type        u32   low 16 bits; the top 4 count FCS words if bit 0x04000000 is set
//
// Record header (section 2.2), 16 bytes, then the captured bytes without padding:
//
//    0   seconds          u32
//    4   fraction         u32   microseconds or nanoseconds
//    8   captured length  u32
//   12   original length  u32
//   16   "modified" only: interface index u32, protocol u16, packet type u8, pad u8

export const PCAP_MAGIC_MICRO = 0xa1b2c3d4;
export const PCAP_MAGIC_NANO = 0xa1b23c4d;
export const PCAP_MAGIC_MODIFIED = 0xa1b2cd34;
export const PCAP_FILE_HEADER_BYTES = 24;
export const PCAP_RECORD_HEADER_BYTES = 16;
export const PCAP_RECORD_HEADER_BYTES_MODIFIED = 24;
export const PCAP_FCS_PRESENT = 0x0400_0000;
