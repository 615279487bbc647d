import { TickerError } from '@tickerplant/core';
import { compileYaml, type Fingerprint, type Plan } from '@tickerplant/shredder';
import {
  currentVersion,
  type Decision,
  decisionsInEffect,
  EFFECT_MS,
  shadowVersion,
  type Version,
  VersionStore,
} from '@tickerplant/shredder-versions';

/** A version of a shredder, ready to run. */
export interface LoadedVersion {
  readonly plan: Plan;
  /** Text that never changed on approved pages. */
  readonly fingerprint: Fingerprint | undefined;
}

/** What holds of a shredder from now on. */
export interface VersionChange {
  readonly kind: 'version';
  readonly name: string;
  /** Undefined: none is approved; what the floor file names holds. */
  readonly current: LoadedVersion | undefined;
  /** Runs beside it, unpublished; undefined: none does. */
  readonly shadow: LoadedVersion | undefined;
}

/** Somebody has looked at pages of a shredder, and what is held back there is right. */
export interface Acceptance {
  readonly kind: 'accepted';
  readonly name: string;
  /** Undefined: all of its pages. */
  readonly page: string | undefined;
  readonly by: string;
}

export interface VersionWatchOptions {
  /** The file with the versions; it need not be there yet. */
  readonly path: string;
  /** Shredders to watch. */
  readonly names: readonly string[];
  /** Business date, `YYYY-MM-DD`. */
  readonly day: string;
  /** A version cannot be used, or the file can't: what held before still does. */
  readonly onFault: (error: unknown) => void;
}

/** Between two looks at the file. */
const LOOK_MS = 500;

/** What somebody decided last, and what came of it. */
interface Held {
  /** Of the version; empty: none. */
  hash: string;
  loaded: LoadedVersion | undefined;
}

/**
 * Finds out which versions of shredders hold. A decision takes effect `EFFECT_MS` after it was taken, for whoever reads the same
 * file: the members of a pair go over at the same moment of their wall clocks.
 */
export class VersionWatch {
  readonly #options: VersionWatchOptions;
  readonly #held = new Map<string, { readonly current: Held; readonly shadow: Held }>();
  /** By shredder: how often somebody has accepted what is held, as far as that has been told. */
  readonly #accepted = new Map<string, number>();
  /** When it first looked: what was accepted before is none of what this process holds back. */
  #sinceMs: number | undefined;
  #store: VersionStore | undefined;
  #dueMs = 0;
  #fault = '';

  constructor(options: VersionWatchOptions) {
    this.#options = options;
    const none = (): Held => ({ hash: '', loaded: undefined });
    for (const name of options.names) this.#held.set(name, { current: none(), shadow: none() });
  }

  /** When `look` has something to do, milliseconds since 1970. */
  get dueMs(): number {
    return this.#dueMs;
  }

  /** What has changed by now, if anything. */
  look(nowMs: number): (VersionChange | Acceptance)[] {
    if (nowMs < this.#dueMs) return [];
    this.#dueMs = nowMs + LOOK_MS;
    try {
      this.#read();
      this.#fault = '';
    } catch (error) {
      this.#complain(error);
    }
    this.#sinceMs ??= nowMs;
    const changes: (VersionChange | Acceptance)[] = [];
    for (const [name, { current, shadow }] of this.#held) {
      const decided = this.#decided(name, nowMs);
      const before = this.#accepted.get(name) ?? 0;
      for (const { page, by } of decided.accepted.slice(before)) changes.push({ kind: 'accepted', name, page, by });
      this.#accepted.set(name, decided.accepted.length);
      const isNew = this.#take(current, decided.current, current.loaded);
      // A shadow that can't be used is none: it would be taken for the one that was asked for.
      if (this.#take(shadow, decided.shadow, undefined) || isNew) {
        changes.push({ kind: 'version', name, current: current.loaded, shadow: shadow.loaded });
      }
    }
    return changes;
  }

  close(): void {
    this.#store?.close();
  }

  #read(): void {
    if (this.#store !== undefined && !this.#store.changed) return;
    // A file that wasn't there at first is opened when it is.
    if (this.#store?.isOpen === true) this.#store.reload();
    else this.#store = new VersionStore(this.#options.path, 'read');
  }

  /** What holds by the file, at a time. */
  #decided(
    name: string,
    nowMs: number,
  ): {
    readonly current?: Version | undefined;
    readonly shadow?: Version | undefined;
    readonly accepted: readonly Decision[];
  } {
    const store = this.#store;
    if (store === undefined) return { accepted: [] };
    const versions = store.versions(name);
    const all = store.decisions(name);
    for (const { atMs } of all) {
      const effectMs = atMs + EFFECT_MS;
      if (effectMs > nowMs) this.#dueMs = Math.min(this.#dueMs, effectMs);
    }
    const decisions = decisionsInEffect(all, nowMs);
    return {
      current: currentVersion(versions, decisions, this.#options.day)?.version,
      shadow: shadowVersion(versions, decisions)?.version,
      accepted: decisions.filter(({ action, atMs }) => action === 'accept' && atMs + EFFECT_MS > this.#sinceMs!),
    };
  }

  /** @param otherwise what holds where the version cannot be used; it isn't tried again. @returns whether something else holds */
  #take(held: Held, version: Version | undefined, otherwise: LoadedVersion | undefined): boolean {
    const hash = version?.hash ?? '';
    if (hash === held.hash) return false;
    const before = held.loaded;
    held.hash = hash;
    held.loaded = undefined;
    if (version !== undefined) {
      try {
        held.loaded = load(version);
      } catch (error) {
        held.loaded = otherwise;
        this.#options.onFault(error);
      }
    }
    return held.loaded !== before;
  }

  /** Once, while it is the same. */
  #complain(error: unknown): void {
    const text = String(error);
    if (text === this.#fault) return;
    this.#fault = text;
    this.#options.onFault(error);
  }
}

/** @throws ShredderError `SHRED_INVALID`; TickerError `PAGES_BAD_VERSION` */
function load({ name, number, text, fingerprint }: Version): LoadedVersion {
  const plan = compileYaml(text, `${name}@${number}`);
  if (plan.name !== name || plan.version !== number) {
    const got = `${plan.name} ${plan.version}`;
    throw new TickerError('PAGES_BAD_VERSION', `expected the text of ${name} ${number}, got that of ${got}`);
  }
  return { plan, fingerprint: fingerprint === '' ? undefined : (JSON.parse(fingerprint) as Fingerprint) };
}
