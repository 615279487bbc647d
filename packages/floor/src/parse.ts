import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { isSystemError, TickerError, zoneOffsetNs } from '@tickerplant/core';
import { checkFloor, type Protocols } from './checks.ts';
import type { Floor, FloorFeed, FloorNetwork, SymbolMapping } from './floor.ts';
import { FloorError, type FloorProblem, formatPath, type PathStep, show, suggestion } from './problems.ts';
import {
  type FeedDocument,
  type FloorDocument,
  floorSchema,
  KEY_LENGTH_MIN,
  type MappingDocument,
  type UnknownKey,
} from './schema.ts';
import { FloorSource } from './source.ts';

/** What reading a floor file needs from outside. */
export interface ParseOptions {
  /** Milliseconds since 1970, for `day: today`. */
  readonly nowMs: number;
  /** The protocols that feeds may name; undefined: any. */
  readonly protocols?: Protocols;
  /**
   * Reads the file that `keyFile` names, a path as written. What it throws is reported as a problem with
   * `keyFile`. Without it `keyFile` is refused.
   */
  readonly readKeyFile?: (path: string) => Uint8Array;
}

/**
 * Reads a floor file's text.
 *
 * @param file its name, for messages.
 * @throws FloorError `FLOOR_INVALID` with every problem: a line `file:line:column key: message` each.
 */
export function parseFloor(text: string, file: string, options: ParseOptions): Floor {
  const source = new FloorSource(text);
  const problems: FloorProblem[] = [...source.problems];
  if (!source.readable) throw new FloorError(file, inOrder(problems));

  const result = floorSchema.safeParse(source.value);
  if (!result.success) problems.push(...schemaProblems(source, result.error.issues));
  checkFloor(source.value, options.protocols, (path, message, at) => {
    problems.push(at === 'key' ? source.keyProblem(path, message) : source.problem(path, message));
  });
  const key = result.success
    ? readKey(result.data, options, (message) => problems.push(source.problem(['keyFile'], message)))
    : undefined;
  if (!result.success || key === undefined || problems.length > 0) throw new FloorError(file, inOrder(problems));
  return build(result.data, key, options.nowMs);
}

const STATE_DEFAULT = 'state';

/**
 * Reads a floor file. `keyFile` and the folders of journal, state (`state`, left out) and page caches are looked up beside it.
 *
 * @throws TickerError `FLOOR_UNREADABLE`; FloorError `FLOOR_INVALID`
 */
export function loadFloor(path: string, options: Partial<ParseOptions> = {}): Floor {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw new TickerError(
      'FLOOR_UNREADABLE',
      `expected a floor file at ${path}, got ${reason(error)}`,
      {},
      { cause: error },
    );
  }
  const floor = parseFloor(text, path, {
    nowMs: Date.now(),
    readKeyFile: (keyPath) => readFileSync(resolve(dirname(path), keyPath)),
    ...options,
  });
  const { journal, state } = floor;
  const beside = (dir: string): string => resolve(dirname(path), dir);
  return {
    ...floor,
    feeds: floor.feeds.map((feed) => {
      const { pages } = feed;
      if (pages === undefined) return feed;
      const { cache, versions, evidence, shredders } = pages;
      const found = (path: string | undefined): string | undefined => path && beside(path);
      // The shipped ones are named without an ending.
      const named = shredders.map((one) =>
        /\.ya?ml$/.test(one.shredder) ? { ...one, shredder: beside(one.shredder) } : one,
      );
      return {
        ...feed,
        pages: {
          ...pages,
          cache: found(cache),
          versions: found(versions),
          evidence: found(evidence),
          shredders: named,
        },
      };
    }),
    journal: journal === undefined ? undefined : { ...journal, dir: beside(journal.dir) },
    state: beside(state ?? STATE_DEFAULT),
  };
}

function reason(error: unknown): string {
  if (!isSystemError(error)) return String(error);
  switch (error.code) {
    case 'ENOENT':
      return 'no such file';
    case 'EACCES':
      return 'no permission to read it';
    case 'EISDIR':
      return 'a folder';
    default:
      return error.message;
  }
}

function inOrder(problems: readonly FloorProblem[]): FloorProblem[] {
  return [...problems].sort((a, b) => a.line - b.line || a.column - b.column);
}

type Issue = {
  readonly code?: string;
  readonly path: readonly PropertyKey[];
  readonly message: string;
  readonly params?: unknown;
};

function schemaProblems(source: FloorSource, issues: readonly Issue[]): FloorProblem[] {
  const problems: FloorProblem[] = [];
  // A misspelt key also looks like a missing one: said once, as misspelt.
  const meant = new Set<string>();
  for (const issue of issues) {
    const known = (issue.params as UnknownKey | undefined)?.known;
    if (known === undefined) continue;
    const path = issue.path as PathStep[];
    const key = String(path.at(-1));
    const near = suggestion(
      key,
      known.filter((candidate) => !source.has([...path.slice(0, -1), candidate])),
    );
    if (near !== undefined) meant.add(formatPath([...path.slice(0, -1), near]));
    const hint = near === undefined ? `expected one of ${known.join(', ')}` : `did you mean ${near}?`;
    problems.push(source.keyProblem(path, `unknown key: ${hint}`));
  }
  for (const issue of issues) {
    if ((issue.params as UnknownKey | undefined)?.known !== undefined) continue;
    const path = issue.path as PathStep[];
    if (!source.has(path)) {
      if (!meant.has(formatPath(path))) problems.push(source.problem(path, `missing: ${issue.message}`));
      continue;
    }
    problems.push(source.problem(path, `${issue.message}, got ${show(valueAt(source.value, path))}`));
  }
  return problems;
}

function valueAt(value: unknown, path: readonly PathStep[]): unknown {
  let found = value;
  for (const step of path) found = (found as Record<PathStep, unknown>)[step];
  return found;
}

function readKey(
  document: FloorDocument,
  options: ParseOptions,
  report: (message: string) => void,
): Uint8Array | undefined {
  if (document.keyFile === undefined) return new TextEncoder().encode(document.key ?? '');
  if (options.readKeyFile === undefined) {
    report('expected key: a key file cannot be read here');
    return undefined;
  }
  try {
    const bytes = options.readKeyFile(document.keyFile);
    // Editors end a file with a newline, which nobody means to be part of the key.
    let end = bytes.length;
    while (end > 0 && (bytes[end - 1] === 0x0a || bytes[end - 1] === 0x0d)) end--;
    if (end >= KEY_LENGTH_MIN) return Uint8Array.from(bytes.subarray(0, end));
    report(`expected a file of at least ${KEY_LENGTH_MIN} bytes, got ${end} in ${show(document.keyFile)}`);
  } catch (error) {
    report(`expected a file that holds the key at ${show(document.keyFile)}, got ${reason(error)}`);
  }
  return undefined;
}

/** Heartbeats of the primary that a standby misses before it takes over, where the floor file doesn't say. */
const TAKEOVER_HEARTBEATS = 3;

function build(document: FloorDocument, key: Uint8Array, nowMs: number): Floor {
  return {
    name: document.floor,
    key,
    networks: { feed: buildNetwork(document.networks.feed), trading: buildNetwork(document.networks.trading) },
    limits: {
      ...document.limits,
      takeoverAfterMs: document.limits.takeoverAfterMs ?? TAKEOVER_HEARTBEATS * document.limits.heartbeatMs,
    },
    channels: document.channels,
    feeds: document.feeds.map((feed) => buildFeed(feed, document.day, nowMs)),
    plants: document.plants,
    simulators: document.simulators.map(({ protocol, requestServer, control, ...rest }) => ({
      ...rest,
      protocol: protocol ?? document.feeds.find((feed) => feed.name === rest.feed)!.protocol,
      requestServer,
      control,
    })),
    journal: document.journal,
    state: document.state,
  };
}

function buildNetwork({ status, sources, ...rest }: FloorDocument['networks']['feed']): FloorNetwork {
  return { ...rest, status: { ...status, sources } };
}

function buildFeed(feed: FeedDocument, floorDay: number | 'today', nowMs: number): FloorFeed {
  const { day, lines = [], servers = [], symbols = [], pages, channels, repair, control, standbys, ...rest } = feed;
  return {
    ...rest,
    day: dayIn(feed.timeZone, day ?? floorDay, nowMs),
    servers,
    symbols,
    pages: pages && { ...pages, cache: pages.cache, versions: pages.versions, evidence: pages.evidence },
    lines: lines.map(({ group, sources, ...line }) => ({ ...line, ...group, sources })),
    channels: Object.fromEntries(
      Object.entries(channels).map(([service, mapping]) => [service, buildMapping(mapping)]),
    ),
    members: [
      { name: feed.name, repair, control },
      ...standbys.map((standby, index) => ({ name: `${feed.name}-${index + 2}`, ...standby })),
    ],
  };
}

/** The day that it is in a zone. */
function dayIn(timeZone: string, day: number | 'today', nowMs: number): number {
  if (day !== 'today') return day;
  const utcDay = Math.floor(nowMs / 86_400_000);
  return Math.floor((nowMs - zoneOffsetNs(utcDay, timeZone) / 1_000_000) / 86_400_000);
}

function buildMapping(mapping: MappingDocument): SymbolMapping {
  const { channel, hash, ranges, lists, otherwise } = mapping;
  if (channel !== undefined) return { kind: 'channel', channel };
  if (hash !== undefined) return { kind: 'hash', channels: hash };
  if (ranges !== undefined) return { kind: 'ranges', ranges, otherwise: otherwise! };
  return { kind: 'lists', lists: lists!, otherwise: otherwise! };
}
