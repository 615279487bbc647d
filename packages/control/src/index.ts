export { type ControlConnection, type ControlOptions, connectControl } from './client.ts';
export { CONTROL_COUNTERS } from './counters.ts';
export { doDuty, type PairedProcess } from './duty.ts';
export { FrameParser } from './frame-parser.ts';
export { ImageCursor, ImageWriter } from './images.ts';
export {
  CONTROL_VERSION,
  type ControlFault,
  DUTIES,
  type Duty,
  type DutyReply,
  type DutyRequest,
  type End,
  type ErrorReply,
  type Hello,
  type Images,
  type Ping,
  type Pong,
  type QuarantineReply,
  type QuarantineRequest,
  type Reply,
  type Request,
  type Resync,
  type StatePart,
  type StateRequest,
  type StatusReply,
  type StatusRequest,
  type Subscribe,
  type Subscribed,
  type Unsubscribe,
  type Welcome,
} from './messages.ts';
export { type ProofPurpose, proofOf, proofOfPart } from './proof.ts';
export {
  CONTROL_LIMITS,
  type ControlHandler,
  type ControlLimits,
  type ControlServer,
  type ControlServerOptions,
  openControlServer,
  type PlantRequest,
  type ServerConnection,
} from './server.ts';
export { fetchState, type StateGiver, StateServer, type StateSource } from './state-transfer.ts';
export { decodeReply, decodeRequest, encodeReply, encodeRequest } from './wire.ts';
