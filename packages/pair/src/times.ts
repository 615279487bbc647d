const MS = 1_000_000;
/** How long to listen for others before beginning, in heartbeats. */
const DISCOVERY_HEARTBEATS = 4;
/** The same for one of several: that another one is primary already must not be missed. */
const DISCOVERY_NS = 500 * MS;

/** A standby that is in step and merely late takes over after so many limits, if no better one does: what it sends is the same. */
const LATE_LIMITS = 2;

export interface PairTimes {
  readonly heartbeatNs: number;
  readonly takeoverAfterNs: number;
  readonly coldStartNs: number;
  /** How long a primary may be silent before a standby that is in step, though late, takes over. */
  readonly lateAfterNs: number;
  /** The same for a member that would have to begin anew. */
  readonly anewAfterNs: number;
}

/** A pair's times, in nanoseconds, from the limits of a floor file. */
export function pairTimes(
  limits: { readonly heartbeatMs: number; readonly takeoverAfterMs: number; readonly silentAfterMs: number },
  members: number,
): PairTimes {
  const heartbeatNs = limits.heartbeatMs * MS;
  const takeoverAfterNs = limits.takeoverAfterMs * MS;
  const discoveryNs = members > 1 ? DISCOVERY_NS : 0;
  return {
    heartbeatNs,
    takeoverAfterNs,
    coldStartNs: Math.max(DISCOVERY_HEARTBEATS * heartbeatNs, takeoverAfterNs, discoveryNs),
    lateAfterNs: LATE_LIMITS * takeoverAfterNs,
    anewAfterNs: limits.silentAfterMs * MS,
  };
}
