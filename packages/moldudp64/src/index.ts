export {
  PUBLISHER_COUNTERS,
  type PublisherCounters,
  REQUEST_COUNTERS,
  type RequestCounters,
  SENDER_COUNTERS,
  type SenderCounters,
} from './counters.ts';
export { MOLD_FRAMING } from './framing.ts';
export {
  COUNT_MAX,
  COUNT_OFFSET,
  END_OF_SESSION_COUNT,
  encodeSession,
  formatSession,
  HEADER_BYTES,
  HEARTBEAT_COUNT,
  OVERHEAD_BYTES,
  PACKET_BYTES_DEFAULT,
  PACKET_BYTES_MAX,
  readCount,
  readSequence,
  SEQUENCE_OFFSET,
  SESSION_LENGTH,
  SESSION_OFFSET,
  writeHeader,
  writeNumbers,
} from './layout.ts';
export { openPublisher, type Publisher, type PublisherOptions } from './publisher.ts';
export { encodeRequest, type MoldRequest, parseRequest } from './request.ts';
export {
  type ClientReport,
  REQUEST_SERVER_DEFAULTS,
  RequestServer,
  type RequestServerOptions,
} from './request-server.ts';
export { openRequestServer, type RequestService, type RequestServiceOptions } from './request-service.ts';
export { HEARTBEAT_NS_DEFAULT, MoldSender, type MoldSenderOptions } from './sender.ts';
export { type Budget, TokenBucket } from './token-bucket.ts';
