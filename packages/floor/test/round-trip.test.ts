import assert from 'node:assert/strict';
import fc from 'fast-check';
import t from 'tap';
import { stringify } from 'yaml';
import { channelsOf, type Floor, type FloorFeed, parseFloor, type SymbolMapping } from '../src/index.ts';

// Any valid floor, written as YAML in any of the ways the format allows, reads back as itself.

// Plain objects, as the parser makes.
const record: typeof fc.record = ((model: object) => fc.record(model as never, { noNullPrototype: true })) as never;

const lowerName = fc.stringMatching(/^[a-z0-9][a-z0-9-]{0,12}$/);
const channelName = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9_-]{0,12}$/);
const serviceName = fc.stringMatching(/^[A-Z0-9][A-Z0-9-]{0,12}$/);
const symbol = fc.stringMatching(/^[!-~\xa1-\xff]{1,8}$/);
const host = fc.tuple(fc.integer({ min: 1, max: 223 }), fc.nat(255), fc.nat(255), fc.nat(255)).map((p) => p.join('.'));
const sources = fc.uniqueArray(host, { maxLength: 3 });
const networkInterface = fc.oneof(host, fc.constantFrom('lo', 'eth0', 'bond0.17', 'Ethernet'));
const day = fc.integer({ min: 10_957, max: 47_481 });

const ringBytes = fc.oneof(
  fc.constant(64 * 2 ** 20),
  fc.integer({ min: 65_536, max: 2 ** 34 }),
  fc.integer({ min: 1, max: 16 }).map((n) => n * 2 ** 30),
);

const journalBytes = fc.oneof(fc.constant(256 * 2 ** 20), fc.integer({ min: 2 ** 20, max: 2 ** 36 }));

function mapping(channels: readonly string[]): fc.Arbitrary<SymbolMapping> {
  const channel = fc.constantFrom(...channels);
  return fc.oneof(
    record({ kind: fc.constant('channel' as const), channel }),
    record({ kind: fc.constant('hash' as const), channels: fc.shuffledSubarray([...channels], { minLength: 1 }) }),
    record({
      kind: fc.constant('ranges' as const),
      // Ranges apart: pairs of sorted distinct symbols.
      ranges: fc.uniqueArray(symbol, { minLength: 2, maxLength: 6 }).chain((symbols) => {
        const sorted = [...symbols].sort();
        const pairs = Array.from({ length: sorted.length >> 1 }, (_, i) => [sorted[2 * i]!, sorted[2 * i + 1]!]);
        return fc.tuple(...pairs.map(([from, to]) => channel.map((name) => ({ from: from!, to: to!, channel: name }))));
      }),
      otherwise: channel,
    }),
    record({
      kind: fc.constant('lists' as const),
      lists: fc.uniqueArray(symbol, { minLength: 1, maxLength: 6 }).chain((symbols) => {
        const half = Math.ceil(symbols.length / 2);
        const parts = [symbols.slice(0, half), symbols.slice(half)].filter((part) => part.length > 0);
        return fc.tuple(...parts.map((part) => channel.map((name) => ({ symbols: part, channel: name }))));
      }),
      otherwise: channel,
    }),
  );
}

/** Addresses come from counters: no two the same. */
const floorArbitrary: fc.Arbitrary<Floor> = record({
  channelNames: fc.uniqueArray(channelName, { minLength: 2, maxLength: 6 }),
  channelIds: fc.uniqueArray(fc.integer({ min: 1, max: 1295 }), { minLength: 6, maxLength: 6 }),
  serviceNames: fc.uniqueArray(serviceName, { minLength: 4, maxLength: 4 }),
  feedNames: fc.uniqueArray(lowerName, { minLength: 1, maxLength: 2 }),
  plantNames: fc.uniqueArray(lowerName, { minLength: 1, maxLength: 3 }),
  simulated: fc.boolean(),
}).chain(({ channelNames, channelIds, serviceNames, feedNames, plantNames, simulated }) => {
  let next = 0;
  const group = (): { group: string; port: number } => ({
    group: `239.1.${++next >> 8}.${next & 255}`,
    port: 20_000 + next,
  });
  const unicast = (): { address: string; port: number } => ({ address: '127.0.0.1', port: 10_000 + ++next });
  const network = record({
    interface: networkInterface,
    ttl: fc.nat(255),
    status: sources.map((list) => ({ ...group(), sources: list })),
    packetBytes: fc.integer({ min: 512, max: 65_507 }),
  });
  const half = feedNames.length === 1 ? channelNames.length : channelNames.length >> 1;
  const feeds = feedNames.map((name, index) =>
    record({
      name: fc.constant(name),
      protocol: lowerName,
      services: fc.constant({ records: serviceNames[index * 2]!, depth: serviceNames[index * 2 + 1]! }),
      day,
      timeZone: fc.constantFrom('America/New_York', 'UTC', 'Europe/London'),
      lines: fc.tuple(
        ...['A', 'B'].map((line) =>
          record({ interface: networkInterface, sources }).map((rest) => ({ name: line, ...group(), ...rest })),
        ),
      ),
      requestServers: fc.constant([unicast(), unicast()]),
      firstSequence: fc.oneof(fc.constant('first-seen' as const), fc.integer({ min: 1, max: 1e12 })),
      channels: record({
        records: mapping(index === 0 ? channelNames.slice(0, half) : channelNames.slice(half)),
        depth: mapping(index === 0 ? channelNames.slice(0, half) : channelNames.slice(half)),
      }),
      members: fc.oneof(
        fc.constant([{ name, repair: unicast(), control: undefined }]),
        fc.constant([
          { name, repair: unicast(), control: unicast() },
          { name: `${name}-2`, repair: unicast(), control: unicast() },
        ]),
      ),
      ringBytes,
      busyPoll: fc.boolean(),
      servers: fc.constant([] as { address: string; port: number }[]),
      symbols: fc.constant([] as string[]),
      user: fc.constant('ticker'),
      pages: fc.constant(undefined),
    }).chain((feed) => {
      // A simulator with losses wants lines to lose on.
      if (simulated) return fc.constant(feed);
      const servers = [unicast(), unicast()];
      const interactive = fc.uniqueArray(symbol, { minLength: 1, maxLength: 6 }).map((symbols) => ({
        ...feed,
        lines: [],
        requestServers: [],
        firstSequence: 1,
        servers,
        symbols,
        user: 'desk-7',
      }));
      const pageName = symbol.filter((name) => /^[!-~]*$/.test(name));
      const names = fc.uniqueArray(pageName, { maxLength: 4 });
      const held = record({
        pinned: names,
        prefetch: names,
        max: fc.integer({ min: 1, max: 1_000_000 }),
        cellsMax: fc.integer({ min: 1, max: 250_000 }),
        requestsPerSecond: fc.integer({ min: 1, max: 100_000 }),
        lingerMs: fc.integer({ min: 0, max: 100_000 }),
        answerMs: fc.integer({ min: 10, max: 100_000 }),
        cache: fc.constant(undefined),
        versions: fc.constant(undefined),
        evidence: fc.constant(undefined),
        shredders: fc.array(
          record({
            shredder: fc.constantFrom('fx-spot-composite', './mine.yaml'),
            pages: fc.uniqueArray(pageName, { minLength: 1, maxLength: 3 }),
            item: fc.constantFrom('{symbol}', '{page}_{symbol}'),
          }),
          { maxLength: 2 },
        ),
      });
      const paged = fc.tuple(interactive, held).map(([asked, pages]) => ({ ...asked, symbols: [], pages }));
      return fc.oneof(fc.constant(feed), interactive, paged);
    }),
  );
  return record({
    name: lowerName,
    key: fc.string({ minLength: 16, maxLength: 40, unit: 'binary' }).map((text) => Uint8Array.from(Buffer.from(text))),
    networks: record({ feed: network, trading: network }),
    limits: record({
      heartbeatMs: fc.double({ min: 1, max: 100, noNaN: true }),
      takeoverAfterMs: fc.integer({ min: 200, max: 1_000 }),
      channelHeartbeatMs: fc.integer({ min: 1, max: 100 }),
      silentAfterMs: fc.integer({ min: 200, max: 10_000 }),
      lineSilentAfterMs: fc.integer({ min: 200, max: 10_000 }),
      gapWaitMs: fc.integer({ min: 0, max: 50 }),
      repairTimeoutMs: fc.integer({ min: 1, max: 50 }),
      lostAfterMs: fc.integer({ min: 101, max: 10_000 }),
      plantLostAfterMs: fc.integer({ min: 101, max: 60_000 }),
    }),
    channels: fc.tuple(
      ...channelNames.map((name, index) =>
        fc.tuple(sources, sources, fc.boolean()).map(([feed, trading, liveLive]) => ({
          name,
          id: channelIds[index]!,
          feed: { ...group(), sources: feed },
          // Live-live: each plant has its own.
          trading: (liveLive ? plantNames : ['all']).map(() => ({ ...group(), sources: trading })),
        })),
      ),
    ),
    feeds: fc.tuple(...feeds),
    plants: fc.tuple(
      ...plantNames.map((name) =>
        record({ ringBytes, busyPoll: fc.boolean() }).map((rest) => ({
          name,
          control: unicast(),
          repair: unicast(),
          ...rest,
        })),
      ),
    ),
  }).chain((floor) =>
    record({
      seed: fc.integer({ min: 0, max: 0xffff_ffff }),
      symbols: fc.integer({ min: 1, max: 10_000 }),
      rate: fc.integer({ min: 1, max: 10_000_000 }),
      loss: record({ A: fc.double({ min: 0, max: 0.99, noNaN: true }).map((x) => x + 0) }),
      journal: fc.option(record({ dir: fc.constantFrom('var', '/srv/journal', 'a b/c'), bytes: journalBytes }), {
        nil: undefined,
      }),
      state: fc.option(fc.constantFrom('state', '../var/state'), { nil: undefined }),
      pages: record({
        count: fc.integer({ min: 1, max: 100_000 }),
        format: fc.constantFrom('ansi' as const, 'row-fields' as const),
        openMax: fc.integer({ min: 0, max: 1_000_000 }),
        requestsPerSecond: fc.integer({ min: 0, max: 100_000 }),
        basesPerSecond: fc.integer({ min: 1, max: 100_000 }),
      }),
    }).map(({ journal, state, ...simulator }) => ({
      ...floor,
      journal,
      state,
      simulators: simulated
        ? [
            {
              ...simulator,
              name: 'sim',
              protocol: floor.feeds[0]!.protocol,
              feed: floor.feeds[0]!.name,
              requestServer: floor.feeds[0]!.requestServers[1],
              control: unicast(),
            },
          ]
        : [],
    })),
  );
});

interface Style {
  /** Leave out what equals the default. */
  readonly terse: boolean;
  readonly flow: boolean;
  readonly quotes: 'PLAIN' | 'QUOTE_DOUBLE' | 'QUOTE_SINGLE';
}

/** The opposite of the parser, written independently of it. */
function write(floor: Floor, style: Style): string {
  const group = (g: { group: string; port: number }): string => `${g.group}:${g.port}`;
  const host = (u: { address: string; port: number }): string => `${u.address}:${u.port}`;
  const less = (value: unknown, standard: unknown): unknown =>
    style.terse && JSON.stringify(value) === JSON.stringify(standard) ? undefined : value;
  const sourced = (g: { group: string; port: number; sources: readonly string[] }): unknown =>
    g.sources.length === 0 && style.terse ? group(g) : { group: group(g), sources: g.sources };
  const bytes = (n: number): string | number => (n % 2 ** 20 === 0 ? `${n / 2 ** 20}MiB` : n);
  const source = (f: FloorFeed): unknown =>
    f.servers.length > 0
      ? {
          lines: undefined,
          requestServers: undefined,
          firstSequence: undefined,
          servers: f.servers.map(host),
          symbols: f.pages === undefined ? f.symbols : undefined,
        }
      : {
          lines: f.lines.map((l) => ({
            name: l.name,
            group: group(l),
            interface: less(l.interface, '127.0.0.1'),
            sources: less(l.sources, []),
          })),
          requestServers: f.requestServers.map(host),
          servers: undefined,
          symbols: undefined,
          user: undefined,
        };
  const mapped = (m: SymbolMapping): unknown => {
    if (m.kind === 'hash') return { hash: m.channels };
    const { kind, ...rest } = m;
    return rest;
  };
  const document = {
    floor: floor.name,
    key: Buffer.from(floor.key).toString(),
    networks: Object.fromEntries(
      Object.entries(floor.networks).map(([name, n]) => [
        name,
        {
          interface: less(n.interface, '127.0.0.1'),
          ttl: less(n.ttl, 0),
          status: group(n.status),
          sources: less(n.status.sources, []),
          packetBytes: less(n.packetBytes, 1472),
        },
      ]),
    ),
    limits: floor.limits,
    channels: floor.channels.map((c) => ({
      ...c,
      feed: sourced(c.feed),
      trading:
        c.trading.length < floor.plants.length || (style.terse && c.trading.length === 1)
          ? sourced(c.trading[0]!)
          : c.trading.map(sourced),
    })),
    feeds: floor.feeds.map((f) => ({
      ...f,
      day: new Date(f.day * 86_400_000).toISOString().slice(0, 10),
      ...(source(f) as object),
      channels: Object.fromEntries(Object.entries(f.channels).map(([service, m]) => [service, mapped(m)])),
      members: undefined,
      repair: host(f.members[0]!.repair),
      control: f.members[0]!.control && host(f.members[0]!.control),
      standbys: f.members.slice(1).map((member) => ({ repair: host(member.repair), control: host(member.control!) })),
      timeZone: less(f.timeZone, 'America/New_York'),
      ringBytes: less(f.ringBytes, 64 * 2 ** 20) && bytes(f.ringBytes),
      busyPoll: less(f.busyPoll, false),
    })),
    plants: floor.plants.map((p) => ({
      ...p,
      control: host(p.control),
      repair: host(p.repair),
      ringBytes: less(p.ringBytes, 64 * 2 ** 20) && bytes(p.ringBytes),
      busyPoll: less(p.busyPoll, false),
    })),
    simulators: less(
      floor.simulators.map((s) => ({
        ...s,
        protocol: style.terse ? undefined : s.protocol,
        requestServer: s.requestServer && host(s.requestServer),
        control: s.control && host(s.control),
      })),
      [],
    ),
    journal: floor.journal && {
      dir: floor.journal.dir,
      bytes: less(floor.journal.bytes, 256 * 2 ** 20) && bytes(floor.journal.bytes),
    },
    state: floor.state,
  };
  return stringify(document, {
    collectionStyle: style.flow ? 'flow' : 'any',
    defaultStringType: style.quotes,
    defaultKeyType: 'PLAIN',
  });
}

t.test('any valid floor survives being written and read', async () => {
  const style = record({
    terse: fc.boolean(),
    flow: fc.boolean(),
    quotes: fc.constantFrom('PLAIN' as const, 'QUOTE_DOUBLE' as const, 'QUOTE_SINGLE' as const),
  });
  fc.assert(
    fc.property(floorArbitrary, style, (floor, style) => {
      assert.deepEqual(parseFloor(write(floor, style), 'any.yaml', { nowMs: 0 }), floor);
      for (const feed of floor.feeds) {
        const used = Object.values(feed.channels).flatMap(channelsOf);
        assert.ok(used.every((name) => floor.channels.some((channel) => channel.name === name)));
      }
    }),
    { numRuns: 150 },
  );
});
