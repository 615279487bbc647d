import { type ErrorContext, errorMessage, isSystemError, TickerError } from '@tickerplant/core';

/** The largest UDP payload over IPv4: 65535 less the IP and UDP headers. */
export const UDP_PAYLOAD_MAX = 65_507;

/** What was being done; the answer when the system's own error code says nothing more specific. */
export type Action = 'bind' | 'join' | 'connect' | 'send' | 'receive';

const FALLBACK: Readonly<Record<Action, readonly [code: string, message: string]>> = {
  bind: ['MULTICAST_BIND_FAILED', 'cannot bind the socket'],
  join: ['MULTICAST_JOIN_FAILED', 'cannot join the group on this interface'],
  connect: ['MULTICAST_CONNECT_FAILED', 'cannot set the destination'],
  send: ['MULTICAST_SEND_FAILED', 'the system refused a packet'],
  receive: ['MULTICAST_RECEIVE_FAILED', 'the socket reported an error'],
};

const SPECIFIC: Readonly<Record<string, readonly [code: string, message: string]>> = {
  EADDRINUSE: [
    'MULTICAST_PORT_IN_USE',
    'the port is taken by a program that does not share it; stop that program or choose another port',
  ],
  EADDRNOTAVAIL: ['MULTICAST_NO_INTERFACE', 'the address is none of this host'],
  ENODEV: ['MULTICAST_NO_INTERFACE', 'no interface of this host has the address'],
  EACCES: ['MULTICAST_NOT_PERMITTED', 'the system does not permit it (a port below 1024, or a firewall)'],
  EPERM: ['MULTICAST_NOT_PERMITTED', 'the system does not permit it (a port below 1024, or a firewall)'],
  ENOBUFS: ['MULTICAST_NO_BUFFER', "the system's buffers are full"],
  ENOMEM: ['MULTICAST_NO_BUFFER', "the system's buffers are full"],
  EMSGSIZE: ['MULTICAST_TOO_LONG', `the packet is longer than the system takes (at most ${UDP_PAYLOAD_MAX} bytes)`],
  ECONNREFUSED: ['MULTICAST_REFUSED', 'nobody listens at the destination'],
  ENETUNREACH: ['MULTICAST_UNREACHABLE', 'no route to the destination from this interface'],
  EHOSTUNREACH: ['MULTICAST_UNREACHABLE', 'no route to the destination from this interface'],
};

// Joining gives EADDRINUSE or EADDRNOTAVAIL when the socket has joined already and ENOBUFS when the host's
// limit of memberships is reached: these are not about ports, addresses or buffers.
const JOINING: Readonly<Record<string, string>> = {
  EADDRINUSE: 'the group is already joined',
  EADDRNOTAVAIL: 'the source is listed twice, or the interface has lost its address',
  ENOBUFS: "the host's limit of memberships is reached (Linux: net.ipv4.igmp_max_memberships, igmp_max_msf)",
  EINVAL: 'the system does not take this group, source and interface together',
};

/** The system's error in the suite's words, with the system's own code and sentence in the context. */
export function socketError(action: Action, cause: unknown, context: ErrorContext): TickerError {
  const system = isSystemError(cause) || cause instanceof Error ? (cause as NodeJS.ErrnoException).code : undefined;
  const facts: ErrorContext = { ...context, system: system ?? errorMessage(cause) };
  if (action === 'join' && system !== undefined && system in JOINING) {
    return new TickerError('MULTICAST_JOIN_FAILED', JOINING[system]!, facts, { cause });
  }
  const [code, message] = (system === undefined ? undefined : SPECIFIC[system]) ?? FALLBACK[action];
  return new TickerError(code, message, facts, { cause });
}

/** A packet that cannot fit in a datagram. */
export function tooLong(size: number, context: ErrorContext): TickerError {
  return new TickerError(
    'MULTICAST_TOO_LONG',
    `expected a packet of at most ${UDP_PAYLOAD_MAX} bytes, got ${size}`,
    context,
  );
}

/** Use after close. */
export function closed(context: ErrorContext): TickerError {
  return new TickerError('MULTICAST_CLOSED', 'the socket is closed: the packet was not sent', context);
}
