export { busyPoll } from './busy-poll.ts';
export { type Endpoint, formatEndpoint, isMulticastAddress, parseEndpoint } from './endpoint.ts';
export { UDP_PAYLOAD_MAX } from './errors.ts';
export { type Interface, listInterfaces, resolveInterface } from './interfaces.ts';
export {
  type MulticastReceiver,
  openReceiver,
  RECEIVE_BUFFER_BYTES_DEFAULT,
  type ReceiverOptions,
} from './receiver.ts';
export { type MulticastSender, openSender, type SenderOptions } from './sender.ts';
export { openUnicast, type UnicastOptions, type UnicastSocket } from './unicast.ts';
