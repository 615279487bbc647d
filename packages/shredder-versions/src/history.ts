// What a list of versions and decisions says. Nothing here knows of files or clocks: the same list says the same to both
// members of a pair.

/** A version of a shredder, as it was written. Never changed, never removed. */
export interface Version {
  /** Name of the shredder. */
  readonly name: string;
  /** From 1; its own within the name. */
  readonly number: number;
  /** SHA-256 of the text, in hexadecimal. */
  readonly hash: string;
  /** The shredder's source. */
  readonly text: string;
  readonly author: string;
  /** Wall clock when it was stored, milliseconds since 1970. */
  readonly writtenMs: number;
  /** What approved pages had in common, as JSON; empty where nothing was learned. */
  readonly fingerprint: string;
  readonly note: string;
}

/**
 * `shadow`: it is to run beside the current one, unpublished; `withdraw` ends either. `accept` is about pages, not a version: somebody
 * has looked, and what is held back there is right.
 */
export type Action = 'approve' | 'shadow' | 'withdraw' | 'accept';

/** What somebody decided about a version. Later ones replace earlier ones about the same version. */
export interface Decision {
  readonly name: string;
  /** 0 where it is about no version. */
  readonly number: number;
  readonly action: Action;
  readonly by: string;
  readonly atMs: number;
  /** Of approvals: the business date from which it holds, `YYYY-MM-DD`; else empty. */
  readonly from: string;
  readonly note: string;
  /** Of `accept`: the page; left out: all that the shredder reads. */
  readonly page?: string | undefined;
}

export type VersionState = 'proposed' | 'approved' | 'shadow' | 'withdrawn';

const STATES: Readonly<Partial<Record<Action, VersionState>>> = {
  approve: 'approved',
  shadow: 'shadow',
  withdraw: 'withdrawn',
};

/**
 * So long after it was taken a decision takes effect in running handlers, in milliseconds: until then all members of a pair have
 * read it, and they go over at the same moment.
 */
export const EFFECT_MS = 2_000;

/** A version that holds, with the decision that made it so. */
export interface CurrentVersion {
  readonly version: Version;
  readonly decision: Decision;
}

/** How a version stands: by the last decision about it; `proposed` where there is none. */
export function versionState(
  version: Version,
  decisions: readonly Decision[],
): { readonly state: VersionState; readonly decision: Decision | undefined } {
  const decision = decisions.findLast((one) => one.name === version.name && one.number === version.number);
  if (decision === undefined) return { state: 'proposed', decision };
  return { state: STATES[decision.action] ?? 'proposed', decision };
}

/** Every version with how it stands, in the order of their numbers. */
export function versionStates(
  versions: readonly Version[],
  decisions: readonly Decision[],
): { readonly version: Version; readonly state: VersionState; readonly decision: Decision | undefined }[] {
  return [...versions]
    .sort((a, b) => a.number - b.number)
    .map((version) => ({ version, ...versionState(version, decisions) }));
}

/**
 * The version of a shredder that holds on a business date: of the approved ones whose date has come the one with the latest
 * date, and of several with that date the one approved last.
 *
 * @param versions those of one shredder.
 * @param decisions in the order in which they were taken.
 * @param day `YYYY-MM-DD`.
 */
export function currentVersion(
  versions: readonly Version[],
  decisions: readonly Decision[],
  day: string,
): CurrentVersion | undefined {
  let found: CurrentVersion | undefined;
  for (const version of versions) {
    const { state, decision } = versionState(version, decisions);
    if (state !== 'approved' || decision === undefined || decision.from > day) continue;
    const isLater =
      found === undefined ||
      decision.from > found.decision.from ||
      (decision.from === found.decision.from && decisions.indexOf(decision) > decisions.indexOf(found.decision));
    if (isLater) found = { version, decision };
  }
  return found;
}

/** The version that runs in shadow: of several the one said last; undefined where none does. */
export function shadowVersion(
  versions: readonly Version[],
  decisions: readonly Decision[],
): CurrentVersion | undefined {
  let found: CurrentVersion | undefined;
  for (const version of versions) {
    const { state, decision } = versionState(version, decisions);
    if (state !== 'shadow' || decision === undefined) continue;
    if (found === undefined || decisions.indexOf(decision) > decisions.indexOf(found.decision))
      found = { version, decision };
  }
  return found;
}

/** Decisions that have taken effect at a time (milliseconds since 1970), in their order. */
export function decisionsInEffect(decisions: readonly Decision[], nowMs: number): readonly Decision[] {
  return decisions.filter(({ atMs }) => atMs + EFFECT_MS <= nowMs);
}

/** What a rollback on a date would do: the version that holds now, and the one that would hold without it. */
export function rollbackTarget(
  versions: readonly Version[],
  decisions: readonly Decision[],
  day: string,
): { readonly now: CurrentVersion; readonly next: CurrentVersion | undefined } | undefined {
  const now = currentVersion(versions, decisions, day);
  if (now === undefined) return undefined;
  const others = versions.filter((version) => version !== now.version);
  return { now, next: currentVersion(others, decisions, day) };
}
