export { formatIpv4, formatIpv6, isMulticast, parseIpv4 } from './addresses.ts';
export {
  type CaptureEnd,
  type MessageCapture,
  type PacketCapture,
  type RecordCallback,
  STOP,
} from './capture-reader.ts';
export { CapturedMessage } from './captured-message.ts';
export { CapturedPacket, type CaptureInterface } from './captured-packet.ts';
export { decodePacket, decodeUdp } from './decode-udp.ts';
export { type CaptureFormat, DETECT_BYTES, detectFormat } from './detect.ts';
export type { FileSinkOptions } from './file-sink.ts';
export { FragmentReassembler, type FragmentReassemblerOptions } from './fragment-reassembler.ts';
export {
  LINK_TYPE_ETHERNET,
  LINK_TYPE_IPV4,
  LINK_TYPE_IPV6,
  LINK_TYPE_LINUX_SLL,
  LINK_TYPE_LINUX_SLL2,
  LINK_TYPE_LOOP,
  LINK_TYPE_NULL,
  LINK_TYPE_RAW,
  linkTypeName,
} from './link-types.ts';
export { encodeEndOfSession, encodeMessage, MESSAGE_BYTES_MAX } from './message-encoder.ts';
export { MessageFileParser } from './message-file-parser.ts';
export { createMessageFile, MessageFileWriter } from './message-file-writer.ts';
export {
  type Capture,
  type OpenCaptureOptions,
  openCapture,
  openCaptureStream,
  openMessageCapture,
  openPacketCapture,
} from './open-capture.ts';
export type { PacketEncoder, PacketToWrite } from './packet-encoder.ts';
export { createPacketFile, type PacketFileOptions, PacketFileWriter } from './packet-file-writer.ts';
export { type ParseCaptureOptions, parseMessages, parsePackets } from './parse-capture.ts';
export { PcapEncoder } from './pcap-encoder.ts';
export { PcapParser } from './pcap-parser.ts';
export { type InterfaceToWrite, PcapngEncoder, type PcapngEncoderOptions } from './pcapng-encoder.ts';
export { PcapngParser } from './pcapng-parser.ts';
export type { ParserOptions, RecordParser } from './record-parser.ts';
export { UDP_OUTCOMES, UdpDatagram, type UdpOutcome, VLAN_TAGS_MAX } from './udp-datagram.ts';
export { UdpExtractor, type UdpExtractorOptions } from './udp-extractor.ts';
export {
  synthesizeUdpFrame,
  UDP_FRAME_HEADER_BYTES,
  UDP_PAYLOAD_BYTES_MAX,
  type UdpFlow,
  udpFlow,
} from './udp-frame.ts';
