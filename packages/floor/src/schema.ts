import { z } from 'zod';
import type {
  FloorChannel,
  FloorJournal,
  FloorLimits,
  FloorPages,
  FloorPlant,
  FloorShredder,
  GroupAddress,
  SimulatedPages,
  SymbolList,
  SymbolRange,
  UnicastAddress,
} from './floor.ts';
import {
  Expected,
  type Reader,
  readBytes,
  readDay,
  readFirstSequence,
  readGroup,
  readHost,
  readInterface,
  readMs,
  readOne,
  readShare,
  readText,
  readTimeZone,
  readTruth,
  readUnicast,
  readWhole,
} from './values.ts';

// The shape of a floor file: which keys stand where, which may be left out, and what each value may be. What
// holds between values (names that must exist, addresses used twice) is in checks.ts.

/** An issue's `params` where a key is not known: the keys that are. */
export interface UnknownKey {
  readonly known: readonly string[];
}

/** A symbol mapping as written: exactly one of the first four keys (see checks.ts). */
export interface MappingDocument {
  readonly channel?: string | undefined;
  readonly hash?: readonly string[] | undefined;
  readonly ranges?: readonly SymbolRange[] | undefined;
  readonly lists?: readonly SymbolList[] | undefined;
  readonly otherwise?: string | undefined;
}

interface NetworkDocument {
  readonly interface: string;
  readonly ttl: number;
  readonly status: GroupAddress;
  readonly sources: readonly string[];
  readonly packetBytes: number;
}

interface LineDocument {
  readonly name: string;
  readonly group: GroupAddress;
  readonly interface: string;
  readonly sources: readonly string[];
}

export interface FeedDocument {
  readonly name: string;
  readonly protocol: string;
  readonly services: Readonly<Record<string, string>>;
  readonly day?: number | 'today' | undefined;
  readonly timeZone: string;
  readonly lines?: readonly LineDocument[] | undefined;
  readonly requestServers: readonly UnicastAddress[];
  readonly firstSequence: number | 'first-seen';
  readonly servers?: readonly UnicastAddress[] | undefined;
  readonly symbols?: readonly string[] | undefined;
  readonly user: string;
  readonly pages?: PagesDocument | undefined;
  readonly channels: Readonly<Record<string, MappingDocument>>;
  readonly repair: UnicastAddress;
  readonly control?: UnicastAddress | undefined;
  readonly standbys: readonly StandbyDocument[];
  readonly ringBytes: number;
  readonly busyPoll: boolean;
}

/** Paths that may be left out. */
type PagesPath = 'cache' | 'versions' | 'evidence';
type PagesDocument = Omit<FloorPages, PagesPath> & { readonly [path in PagesPath]?: string | undefined };

interface StandbyDocument {
  readonly repair: UnicastAddress;
  readonly control: UnicastAddress;
}

interface SimulatorDocument {
  readonly name: string;
  readonly protocol?: string | undefined;
  readonly feed: string;
  readonly seed: number;
  readonly symbols: number;
  readonly rate: number;
  readonly loss: Readonly<Record<string, number>>;
  readonly requestServer?: UnicastAddress | undefined;
  readonly control?: UnicastAddress | undefined;
  readonly pages: SimulatedPages;
}

/** Left out, `takeoverAfterMs` is three heartbeats. */
type LimitsDocument = Omit<FloorLimits, 'takeoverAfterMs'> & { readonly takeoverAfterMs?: number | undefined };

/** A floor file whose every value is of the right kind. */
export interface FloorDocument {
  readonly floor: string;
  readonly key?: string | undefined;
  readonly keyFile?: string | undefined;
  readonly day: number | 'today';
  readonly networks: { readonly feed: NetworkDocument; readonly trading: NetworkDocument };
  readonly limits: LimitsDocument;
  readonly channels: readonly FloorChannel[];
  readonly feeds: readonly FeedDocument[];
  readonly plants: readonly FloorPlant[];
  readonly simulators: readonly SimulatorDocument[];
  readonly journal?: FloorJournal | undefined;
  readonly state?: string | undefined;
}

/** What a floor file that leaves them out gets. */
export const LIMITS_DEFAULT: Readonly<Omit<FloorLimits, 'takeoverAfterMs'>> = {
  heartbeatMs: 50,
  channelHeartbeatMs: 20,
  silentAfterMs: 1000,
  lineSilentAfterMs: 3000,
  gapWaitMs: 2,
  repairTimeoutMs: 20,
  lostAfterMs: 2000,
  plantLostAfterMs: 30_000,
};

/** Bytes of a UDP payload in a 1500-byte Ethernet frame: 1500 less 20 (IPv4) and 8 (UDP). */
const PACKET_BYTES_DEFAULT = 1472;
const RING_BYTES_DEFAULT = 64 * 2 ** 20;
const JOURNAL_BYTES_DEFAULT = 256 * 2 ** 20;

/** Shortest shared key, in characters or bytes: below, guessing is too easy. */
export const KEY_LENGTH_MIN = 16;

function value<T>(read: Reader<T>): z.ZodType<T> {
  return z.unknown().transform((input, context): T => {
    const result = read(input);
    if (!(result instanceof Expected)) return result;
    context.issues.push({ code: 'custom', message: `expected ${result.what}`, input });
    return z.NEVER;
  });
}

function block<T>(shape: z.core.$ZodLooseShape): z.ZodType<T> {
  const params: UnknownKey = { known: Object.keys(shape) };
  return z
    .object(shape, { error: 'expected a block of keys' })
    .catchall(z.custom(() => false, { params: { ...params } })) as unknown as z.ZodType<T>;
}

function list<T>(element: z.ZodType<T>, least: number): z.ZodType<T[]> {
  const what = least === 0 ? 'expected a list' : 'expected a list of at least one';
  return z.array(element, { error: what }).min(least, { error: what });
}

function table<T>(element: z.ZodType<T>): z.ZodType<Record<string, T>> {
  return z.record(z.string(), element, { error: 'expected a block of keys' });
}

const lowerName = value(readText(/^[a-z0-9][a-z0-9-]{0,31}$/, 'a name of up to 32 letters a–z, digits and hyphens'));
const anyName = value(
  readText(/^[A-Za-z0-9][\w-]{0,31}$/, 'a name of up to 32 letters, digits, hyphens and underscores'),
);
const serviceName = value(
  readText(/^[A-Z0-9][A-Z0-9-]{0,31}$/, 'a service name of up to 32 letters A–Z, digits and hyphens'),
);
const symbol = value(readText(/^[!-~\xa1-\xff]{1,32}$/, 'a symbol of up to 32 visible Latin-1 characters'));
const unicast = value(readUnicast);
const sources = list(value(readHost), 0).default([]);
const networkInterface = value(readInterface);
const busyPoll = value(readTruth).default(false);
const ringBytes = value(readBytes('64KiB', '16GiB')).default(RING_BYTES_DEFAULT);

/** A group where no key for its sources stands beside it: plain, or `{ group, sources }`. */
const groupWithSources: z.ZodType<GroupAddress> = z.unknown().transform((input, context): GroupAddress => {
  const plain = typeof input !== 'object' || input === null || Array.isArray(input);
  const result = plain ? value(readGroup).safeParse(input) : sourcedGroup.safeParse(input);
  if (result.success) return result.data;
  context.issues.push(...(result.error.issues as unknown as z.core.$ZodRawIssue[]));
  return z.NEVER;
});

const sourcedGroup: z.ZodType<GroupAddress> = block<{ group: GroupAddress; sources: string[] }>({
  group: value(readGroup),
  sources,
}).transform((document) => ({ ...document.group, sources: document.sources }));

/** One group, or a list of them: for each plant its own. */
const groups: z.ZodType<GroupAddress[]> = z.unknown().transform((input, context): GroupAddress[] => {
  const result = Array.isArray(input) ? list(groupWithSources, 1).safeParse(input) : groupWithSources.safeParse(input);
  if (result.success) return Array.isArray(result.data) ? result.data : [result.data];
  context.issues.push(...(result.error.issues as unknown as z.core.$ZodRawIssue[]));
  return z.NEVER;
});

const network = block<NetworkDocument>({
  interface: networkInterface.default('127.0.0.1'),
  ttl: value(readWhole(0, 255)).default(0),
  status: value(readGroup),
  sources,
  packetBytes: value(readWhole(512, 65_507)).default(PACKET_BYTES_DEFAULT),
});

const duration = (least: number, key: keyof typeof LIMITS_DEFAULT): z.ZodType<number> =>
  value(readMs(least, 600_000)).default(LIMITS_DEFAULT[key]);

const limits = block<LimitsDocument>({
  heartbeatMs: duration(1, 'heartbeatMs'),
  takeoverAfterMs: value(readMs(2, 600_000)).optional(),
  channelHeartbeatMs: duration(1, 'channelHeartbeatMs'),
  silentAfterMs: duration(1, 'silentAfterMs'),
  lineSilentAfterMs: duration(1, 'lineSilentAfterMs'),
  gapWaitMs: duration(0, 'gapWaitMs'),
  repairTimeoutMs: duration(1, 'repairTimeoutMs'),
  lostAfterMs: duration(1, 'lostAfterMs'),
  plantLostAfterMs: duration(1, 'plantLostAfterMs'),
});

const channel = block<FloorChannel>({
  name: anyName,
  id: value(readWhole(1, 1295)),
  feed: groupWithSources,
  trading: groups,
});

const line = block<LineDocument>({
  name: anyName,
  group: value(readGroup),
  interface: networkInterface.default('127.0.0.1'),
  sources,
});

const mapping = block<MappingDocument>({
  channel: anyName.optional(),
  hash: list(anyName, 1).optional(),
  ranges: list(block<SymbolRange>({ from: symbol, to: symbol, channel: anyName }), 1).optional(),
  lists: list(block<SymbolList>({ symbols: list(symbol, 1), channel: anyName }), 1).optional(),
  otherwise: anyName.optional(),
});

/** What a feed of pages that says nothing of it gets. */
export const PAGES_DEFAULT: FloorPages = {
  pinned: [],
  prefetch: [],
  max: 25_000,
  cellsMax: 4_000,
  requestsPerSecond: 100,
  lingerMs: 30_000,
  answerMs: 5_000,
  cache: undefined,
  versions: undefined,
  evidence: undefined,
  shredders: [],
};

const pageName = value(readText(/^[!-~]{1,32}$/, 'a page of up to 32 visible ASCII characters'));

const pages = block<PagesDocument>({
  pinned: list(pageName, 0).default([]),
  prefetch: list(pageName, 0).default([]),
  max: value(readWhole(1, 1_000_000)).default(PAGES_DEFAULT.max),
  cellsMax: value(readWhole(1, 250_000)).default(PAGES_DEFAULT.cellsMax),
  requestsPerSecond: value(readWhole(1, 100_000)).default(PAGES_DEFAULT.requestsPerSecond),
  lingerMs: value(readMs(0, 86_400_000)).default(PAGES_DEFAULT.lingerMs),
  answerMs: value(readMs(10, 600_000)).default(PAGES_DEFAULT.answerMs),
  cache: value(readText(/./, 'the path of a folder')).optional(),
  versions: value(readText(/./, 'the path of a file')).optional(),
  evidence: value(readText(/./, 'the path of a folder')).optional(),
  shredders: list(
    block<FloorShredder>({
      shredder: value(readText(/./, 'the name of a shipped shredder, or the path of a file')),
      pages: list(pageName, 1),
      item: value(readText(/^[!-~]*\{symbol\}[!-~]*$/, 'a name with {symbol} in it')).default('{symbol}'),
    }),
    0,
  ).default([]),
});

const feed = block<FeedDocument>({
  name: lowerName,
  protocol: lowerName,
  services: table(serviceName),
  day: value(readDay).optional(),
  timeZone: value(readTimeZone).default('America/New_York'),
  lines: list(line, 1).optional(),
  requestServers: list(unicast, 0).default([]),
  firstSequence: value(readFirstSequence).default(1),
  servers: list(unicast, 1).optional(),
  symbols: list(symbol, 1).optional(),
  user: value(readText(/^[!-~]{1,32}$/, 'a user name of up to 32 visible ASCII characters')).default('ticker'),
  pages: pages.optional(),
  channels: table(mapping),
  repair: unicast,
  control: unicast.optional(),
  standbys: list(block<StandbyDocument>({ repair: unicast, control: unicast }), 0).default([]),
  ringBytes,
  busyPoll,
});

const plant = block<FloorPlant>({ name: lowerName, control: unicast, repair: unicast, ringBytes, busyPoll });

const simulatedPages = block<SimulatedPages>({
  count: value(readWhole(1, 100_000)).default(400),
  format: value(readOne(['ansi', 'row-fields'])).default('ansi'),
  openMax: value(readWhole(0, 1_000_000)).default(0),
  requestsPerSecond: value(readWhole(0, 100_000)).default(0),
  basesPerSecond: value(readWhole(1, 100_000)).default(50),
});

const simulator = block<SimulatorDocument>({
  name: lowerName,
  protocol: lowerName.optional(),
  feed: lowerName,
  seed: value(readWhole(0, 0xffff_ffff)).default(1),
  symbols: value(readWhole(1, 10_000)).default(300),
  rate: value(readWhole(1, 10_000_000)).default(20_000),
  loss: table(value(readShare)).default({}),
  requestServer: unicast.optional(),
  control: unicast.optional(),
  pages: simulatedPages.prefault({}),
});

const journal = block<FloorJournal>({
  dir: value(readText(/./, 'the path of a folder')),
  bytes: value(readBytes('1MiB', '64GiB')).default(JOURNAL_BYTES_DEFAULT),
});

/** The whole file. */
export const floorSchema: z.ZodType<FloorDocument> = block<FloorDocument>({
  floor: lowerName,
  key: value(
    readText(new RegExp(`^[^]{${KEY_LENGTH_MIN},}$`), `a key of at least ${KEY_LENGTH_MIN} characters`),
  ).optional(),
  keyFile: value(readText(/./, 'the path of a file that holds the key')).optional(),
  day: value(readDay).default('today'),
  networks: block<FloorDocument['networks']>({ feed: network, trading: network }),
  limits: limits.prefault({}),
  channels: list(channel, 1),
  feeds: list(feed, 1),
  plants: list(plant, 1),
  simulators: list(simulator, 0).default([]),
  journal: journal.optional(),
  state: value(readText(/./, 'the path of a folder')).optional(),
});
