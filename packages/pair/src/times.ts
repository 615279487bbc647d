const MS = 1_000_000;
/** How long to listen for others before beginning, in heartbeats. */
const DISCOVERY_HEARTBEATS = 4;
/** The same for one of several: that another one is primary already must not be missed. */
const DISCOVERY_NS = 500 * MS;

/** A pair's times, in nanoseconds, from the limits of a floor file. */
export function pairTimes(
  limits: { readonly heartbeatMs: number; readonly takeoverAfterMs: number },
  members: number,
): { readonly heartbeatNs: number; readonly takeoverAfterNs: number; readonly coldStartNs: number } {
  const heartbeatNs = limits.heartbeatMs * MS;
  const takeoverAfterNs = limits.takeoverAfterMs * MS;
  const discoveryNs = members > 1 ? DISCOVERY_NS : 0;
  return {
    heartbeatNs,
    takeoverAfterNs,
    coldStartNs: Math.max(DISCOVERY_HEARTBEATS * heartbeatNs, takeoverAfterNs, discoveryNs),
  };
}
