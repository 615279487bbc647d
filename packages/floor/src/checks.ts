import { formatPath, type PathStep, show, suggestion } from './problems.ts';
import { LIMITS_DEFAULT } from './schema.ts';
import { Expected, readGroup, readUnicast } from './values.ts';

// What must hold between the values of a floor file. These checks read the file as written, not the result of
// the schema, so that all problems of a file come out at once: what a check cannot use has been complained
// about by the schema and is passed over in silence.

/** What a caller knows about a protocol. */
export interface ProtocolFacts {
  /** The keys that `services` may have: what a feed of the protocol can publish. */
  readonly services: readonly string[];
  /** Whether there is a simulator for it. */
  readonly simulated: boolean;
  /** Whether its items are requested from servers, and nothing is numbered. @default false: it comes on lines */
  readonly interactive?: boolean;
  /** Whether its items are pages: on request, or broadcast on lines without numbers. @default false */
  readonly pages?: boolean;
}

/** Name → facts; undefined: any name is accepted. */
export type Protocols = Readonly<Record<string, ProtocolFacts>>;

/** Takes a problem with the value at a path, or with the key itself. */
export type Report = (path: readonly PathStep[], message: string, at?: 'value' | 'key') => void;

type Block = Readonly<Record<string, unknown>>;

const asBlock = (value: unknown): Block =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Block) : {};
const asList = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
const keysOf = (value: unknown): string[] => Object.keys(asBlock(value));

/** Reports every contradiction in a document. */
export function checkFloor(document: unknown, protocols: Protocols | undefined, report: Report): void {
  const floor = asBlock(document);
  if (floor !== document) return;
  checkKey(floor, report);
  checkLimits(floor, report);
  for (const section of ['channels', 'feeds', 'plants', 'simulators']) {
    once(floor, section, 'name', report);
  }
  once(floor, 'channels', 'id', report);
  checkServices(floor, protocols, report);
  checkGroups(floor, report);
  checkSources(floor, protocols, report);
  checkMappings(floor, report);
  checkSimulators(floor, protocols, report);
  checkAddresses(floor, report);
}

/** Remembers where a value first stood, to name both sides of a clash. */
class FirstUse {
  readonly #places = new Map<string, string>();

  /** Where the value stood before, or undefined the first time. */
  take(value: string, path: readonly PathStep[]): string | undefined {
    const before = this.#places.get(value);
    if (before === undefined) this.#places.set(value, formatPath(path));
    return before;
  }
}

function once(floor: Block, section: string, key: string, report: Report): void {
  const seen = new FirstUse();
  asList(floor[section]).forEach((entry, index) => {
    const value = asBlock(entry)[key];
    if (typeof value !== 'string' && typeof value !== 'number') return;
    const path = [section, index, key];
    const before = seen.take(String(value), path);
    if (before !== undefined)
      report(path, `expected ${key === 'id' ? 'an id' : 'a name'} of its own, got ${show(value)} as at ${before}`);
  });
}

function checkKey(floor: Block, report: Report): void {
  const both = 'key' in floor && 'keyFile' in floor;
  if (both) report(['keyFile'], 'expected either key or keyFile, got both', 'key');
  if (!('key' in floor || 'keyFile' in floor)) {
    report(['key'], 'missing: expected key or keyFile, the shared key of the status groups');
  }
}

function checkLimits(floor: Block, report: Report): void {
  const written = asBlock(floor.limits);
  const limit = (key: keyof typeof LIMITS_DEFAULT): number =>
    typeof written[key] === 'number' ? written[key] : LIMITS_DEFAULT[key];
  // Both sides may come from the defaults; the blame goes to one that is written.
  const place = (...keys: string[]): PathStep[] => ['limits', keys.find((key) => key in written) ?? keys[0]!];
  for (const beat of ['heartbeatMs', 'channelHeartbeatMs'] as const) {
    if (limit('silentAfterMs') < 2 * limit(beat)) {
      report(
        place('silentAfterMs', beat),
        `expected silentAfterMs to be at least twice ${beat}, got ${limit('silentAfterMs')} against ${limit(beat)}`,
      );
    }
  }
  const takeover = written.takeoverAfterMs;
  if (typeof takeover === 'number' && takeover < 2 * limit('heartbeatMs')) {
    report(
      ['limits', 'takeoverAfterMs'],
      `expected takeoverAfterMs to be at least twice heartbeatMs, got ${takeover} against ${limit('heartbeatMs')}`,
    );
  }
  const answer = limit('gapWaitMs') + limit('repairTimeoutMs');
  if (limit('lostAfterMs') <= answer) {
    report(
      place('lostAfterMs', 'gapWaitMs', 'repairTimeoutMs'),
      `expected lostAfterMs to be longer than gapWaitMs and repairTimeoutMs together, ` +
        `got ${limit('lostAfterMs')} against ${answer}`,
    );
  }
}

/** A channel's groups on the trading network: one, or as many as there are plants. */
function checkGroups(floor: Block, report: Report): void {
  const plants = asList(floor.plants).length;
  asList(floor.channels).forEach((channel, index) => {
    const groups = asList(asBlock(channel).trading);
    if (groups.length === 0 || plants === 0 || groups.length === plants) return;
    const expected = `one group, or as many as there are plants (${plants}): the first plant publishes on the first`;
    report(['channels', index, 'trading'], `expected ${expected}; got ${groups.length} in a list`);
  });
}

function checkServices(floor: Block, protocols: Protocols | undefined, report: Report): void {
  const names = new FirstUse();
  asList(floor.feeds).forEach((entry, index) => {
    const feed = asBlock(entry);
    const here = ['feeds', index];
    checkProtocol(feed.protocol, [...here, 'protocol'], protocols, report);
    const facts = typeof feed.protocol === 'string' ? protocols?.[feed.protocol] : undefined;
    const services = keysOf(feed.services);
    const strays = keysOf(feed.channels).filter((service) => !services.includes(service));
    if ('services' in feed && services.length === 0) report([...here, 'services'], 'expected at least one service');
    for (const service of services) {
      const path = [...here, 'services', service];
      if (facts !== undefined && !facts.services.includes(service)) {
        report(path, `expected what ${String(feed.protocol)} offers: ${choices(service, facts.services)}`, 'key');
      }
      const name = asBlock(feed.services)[service];
      const before = typeof name === 'string' ? names.take(name, path) : undefined;
      if (before !== undefined) report(path, `expected a service name of its own, got ${show(name)} as at ${before}`);
      const mapped = typeof feed.channels !== 'object' || service in asBlock(feed.channels);
      // A misspelt service also looks like a missing one: said once, as misspelt.
      if (!mapped && !strays.some((stray) => suggestion(stray, services) === service)) {
        report([...here, 'channels', service], `missing: expected the channels of service ${service}`);
      }
    }
    for (const stray of 'services' in feed ? strays : []) {
      report([...here, 'channels', stray], `expected one of the feed's services: ${choices(stray, services)}`, 'key');
    }
    const lines = new FirstUse();
    asList(feed.lines).forEach((line, lineIndex) => {
      const { name } = asBlock(line);
      const path = [...here, 'lines', lineIndex, 'name'];
      const before = typeof name === 'string' ? lines.take(name, path) : undefined;
      if (before !== undefined) report(path, `expected a name of its own, got ${show(name)} as at ${before}`);
    });
  });
}

/** Keys that only one kind of feed has. */
const OF_LINES = ['lines', 'requestServers', 'firstSequence'] as const;
const OF_SERVERS = ['servers', 'symbols', 'user'] as const;
/** Keys of feeds of numbered messages, or of listed symbols, that those of pages don't have. */
const NOT_OF_PAGES = ['requestServers', 'firstSequence', 'symbols'] as const;
/** Keys of pages that are asked for. */
const OF_REQUESTS = ['pinned', 'prefetch', 'requestsPerSecond', 'lingerMs', 'answerMs'] as const;

/** A feed comes on numbered lines, or is requested from servers; one of pages is either, without numbers and symbols. */
function checkSources(floor: Block, protocols: Protocols | undefined, report: Report): void {
  asList(floor.feeds).forEach((entry, index) => {
    const feed = asBlock(entry);
    if (feed !== entry) return;
    const here = ['feeds', index];
    const facts = typeof feed.protocol === 'string' ? protocols?.[feed.protocol] : undefined;
    const interactive = facts === undefined ? !('lines' in feed) && 'servers' in feed : facts.interactive === true;
    for (const key of interactive ? OF_LINES : OF_SERVERS) {
      if (!(key in feed)) continue;
      const instead = interactive ? 'servers and symbols: its items are requested' : 'lines: its messages are numbered';
      report([...here, key], `expected of feed ${show(feed.name)} ${instead}`, 'key');
    }
    const pages = facts === undefined ? 'pages' in feed : facts.pages === true;
    for (const key of pages ? NOT_OF_PAGES : (['pages'] as const)) {
      if (!(key in feed) || (pages && (interactive ? OF_LINES : OF_SERVERS).some((other) => other === key))) continue;
      const what = pages ? 'nothing of the kind: its items are pages' : 'pages only where its items are pages';
      report([...here, key], `expected of feed ${show(feed.name)} ${what}`, 'key');
    }
    checkPages(asBlock(feed.pages), interactive, [...here, 'pages'], report);
    const needed = !interactive ? ['lines'] : pages ? ['servers'] : ['servers', 'symbols'];
    for (const key of needed) {
      if (!(key in feed)) report([...here, key], 'missing: expected a list of at least one');
    }
    const seen = new FirstUse();
    asList(feed.symbols).forEach((symbol, at) => {
      const path = [...here, 'symbols', at];
      const before = typeof symbol === 'string' ? seen.take(symbol, path) : undefined;
      if (before !== undefined) report(path, `expected each symbol once, got ${show(symbol)} as at ${before}`);
    });
  });
}

/** What pages on request have, and broadcast ones, and no page twice. */
function checkPages(pages: Block, interactive: boolean, here: readonly PathStep[], report: Report): void {
  for (const key of interactive ? (['cache'] as const) : OF_REQUESTS) {
    if (!(key in pages)) continue;
    const only = interactive ? 'broadcast pages' : 'pages on request';
    report([...here, key], `expected ${key} only of ${only}`, 'key');
  }
  for (const list of ['pinned', 'prefetch']) {
    const seen = new FirstUse();
    asList(pages[list]).forEach((page, at) => {
      const path = [...here, list, at];
      const before = typeof page === 'string' ? seen.take(page, path) : undefined;
      if (before !== undefined) report(path, `expected each page once, got ${show(page)} as at ${before}`);
    });
  }
}

function checkProtocol(
  protocol: unknown,
  path: readonly PathStep[],
  protocols: Protocols | undefined,
  report: Report,
): void {
  if (protocols === undefined || typeof protocol !== 'string' || Object.hasOwn(protocols, protocol)) return;
  report(path, `expected a protocol: ${choices(protocol, Object.keys(protocols))}`);
}

/** Every place in a mapping where a channel's name stands. */
function* references(mapping: Block): Generator<{ path: PathStep[]; name: unknown }> {
  if ('channel' in mapping) yield { path: ['channel'], name: mapping.channel };
  for (const [index, name] of asList(mapping.hash).entries()) yield { path: ['hash', index], name };
  for (const kind of ['ranges', 'lists']) {
    for (const [index, entry] of asList(mapping[kind]).entries()) {
      if ('channel' in asBlock(entry)) yield { path: [kind, index, 'channel'], name: asBlock(entry).channel };
    }
  }
  if ('otherwise' in mapping) yield { path: ['otherwise'], name: mapping.otherwise };
}

function checkMappings(floor: Block, report: Report): void {
  const known = asList(floor.channels).map((channel) => asBlock(channel).name);
  const owners = new Map<string, { index: number; name: unknown }>();
  asList(floor.feeds).forEach((entry, index) => {
    const feed = asBlock(entry);
    for (const service of keysOf(feed.channels)) {
      const written = asBlock(feed.channels)[service];
      if (typeof written !== 'object' || written === null || Array.isArray(written)) continue;
      const mapping = asBlock(written);
      const here = ['feeds', index, 'channels', service];
      checkMappingKind(mapping, here, report);
      checkRanges(mapping, here, report);
      checkLists(mapping, here, report);
      const hashed = new FirstUse();
      for (const { path, name } of references(mapping)) {
        if (typeof name !== 'string') continue;
        const place = [...here, ...path];
        if (!known.includes(name)) {
          const names = known.filter((other) => typeof other === 'string');
          report(place, `expected the name of a channel: ${choices(name, names)}`);
          continue;
        }
        const before = path[0] === 'hash' ? hashed.take(name, place) : undefined;
        if (before !== undefined) report(place, `expected each channel once, got ${show(name)} as at ${before}`);
        const owner = owners.get(name) ?? { index, name: feed.name };
        owners.set(name, owner);
        if (owner.index !== index) {
          report(
            place,
            `expected a channel with one publisher, got ${show(name)}, which feed ${show(owner.name)} uses`,
          );
        }
      }
    }
  });
}

function checkMappingKind(mapping: Block, here: readonly PathStep[], report: Report): void {
  const kinds = ['channel', 'hash', 'ranges', 'lists'].filter((kind) => kind in mapping);
  if (kinds.length !== 1) {
    const got = kinds.length === 0 ? 'none of them' : kinds.join(' and ');
    report(here, `expected exactly one of channel, hash, ranges and lists, got ${got}`);
    return;
  }
  const needsRest = kinds[0] === 'ranges' || kinds[0] === 'lists';
  if (needsRest && !('otherwise' in mapping)) {
    report([...here, 'otherwise'], `missing: expected the channel of all symbols that the ${kinds[0]} leave out`);
  }
  if (!needsRest && 'otherwise' in mapping) {
    report([...here, 'otherwise'], `expected no otherwise beside ${kinds[0]}, which covers every symbol`, 'key');
  }
}

function checkRanges(mapping: Block, here: readonly PathStep[], report: Report): void {
  const ranges: { from: string; to: string; path: PathStep[] }[] = [];
  asList(mapping.ranges).forEach((entry, index) => {
    const { from, to } = asBlock(entry);
    if (typeof from !== 'string' || typeof to !== 'string') return;
    const path = [...here, 'ranges', index];
    if (to < from) {
      report([...path, 'to'], `expected a symbol from ${show(from)} on, in code-point order, got ${show(to)}`);
      return;
    }
    const other = ranges.find((range) => range.from <= to && from <= range.to);
    if (other !== undefined) {
      report(path, `expected ranges apart, got ${from} to ${to}, which overlaps ${formatPath(other.path)}`);
    }
    ranges.push({ from, to, path });
  });
}

function checkLists(mapping: Block, here: readonly PathStep[], report: Report): void {
  const seen = new FirstUse();
  asList(mapping.lists).forEach((entry, index) => {
    asList(asBlock(entry).symbols).forEach((symbol, at) => {
      if (typeof symbol !== 'string') return;
      const path = [...here, 'lists', index, 'symbols', at];
      const before = seen.take(symbol, path);
      if (before !== undefined) report(path, `expected each symbol once, got ${show(symbol)} as at ${before}`);
    });
  });
}

function checkSimulators(floor: Block, protocols: Protocols | undefined, report: Report): void {
  const feeds = asList(floor.feeds).map(asBlock);
  const names = feeds.map((feed) => feed.name).filter((name) => typeof name === 'string');
  const driven = new FirstUse();
  asList(floor.simulators).forEach((entry, index) => {
    const simulator = asBlock(entry);
    const here = ['simulators', index];
    checkProtocol(simulator.protocol, [...here, 'protocol'], protocols, report);
    if (typeof simulator.feed !== 'string') return;
    const feed = feeds.find((candidate) => candidate.name === simulator.feed);
    if (feed === undefined) {
      report([...here, 'feed'], `expected the name of a feed: ${choices(simulator.feed, names)}`);
      return;
    }
    const before = driven.take(simulator.feed, [...here, 'feed']);
    if (before !== undefined) {
      report([...here, 'feed'], `expected a feed of its own, got ${show(simulator.feed)} as at ${before}`);
    }
    checkSimulated(simulator, feed, here, protocols, report);
    const lines = asList(feed.lines).map((line) => asBlock(line).name);
    for (const line of keysOf(simulator.loss)) {
      if (lines.includes(line)) continue;
      const known = lines.filter((name) => typeof name === 'string');
      report([...here, 'loss', line], `expected a line of feed ${simulator.feed}: ${choices(line, known)}`, 'key');
    }
    const server = simulator.requestServer;
    const asked = asList(feed.requestServers);
    const readable = [server, ...asked].every((address) => !(readUnicast(address) instanceof Expected));
    if (readable && !asked.includes(server)) {
      const servers = asked.length === 0 ? 'none' : asked.map(show).join(', ');
      report(
        [...here, 'requestServer'],
        `expected an address that feed ${simulator.feed} asks (its requestServers: ${servers}), got ${show(server)}`,
      );
    }
  });
}

function checkSimulated(
  simulator: Block,
  feed: Block,
  here: readonly PathStep[],
  protocols: Protocols | undefined,
  report: Report,
): void {
  const { protocol } = feed;
  if (typeof protocol !== 'string') return;
  const place = 'protocol' in simulator ? [...here, 'protocol'] : [...here, 'feed'];
  if (typeof simulator.protocol === 'string' && simulator.protocol !== protocol) {
    const isKnown = protocols === undefined || Object.hasOwn(protocols, simulator.protocol);
    if (!isKnown) return;
    report(place, `expected the protocol of feed ${show(feed.name)}, ${protocol}, got ${show(simulator.protocol)}`);
  } else if (protocols?.[protocol]?.simulated === false) {
    const able = Object.keys(protocols).filter((name) => protocols[name]!.simulated);
    report(place, `expected a protocol that has a simulator (${able.join(', ')}), got ${show(protocol)}`);
  }
}

function checkAddresses(floor: Block, report: Report): void {
  const groups = new FirstUse();
  const group = (value: unknown, path: readonly PathStep[]): void => {
    if (Array.isArray(value)) {
      for (const [index, each] of value.entries()) group(each, [...path, index]);
      return;
    }
    const place = typeof value === 'object' ? [...path, 'group'] : path;
    const address = readGroup(typeof value === 'object' ? asBlock(value).group : value);
    if (address instanceof Expected) return;
    const text = `${address.group}:${address.port}`;
    const before = groups.take(text, place);
    if (before !== undefined) report(place, `expected a group and port of its own, got "${text}" as at ${before}`);
  };
  const listeners = { TCP: new Map<string, string>(), UDP: new Map<string, string>() };
  const listen = (protocol: 'TCP' | 'UDP', value: unknown, path: readonly PathStep[]): void => {
    const address = readUnicast(value);
    if (address instanceof Expected) return;
    const taken = listeners[protocol];
    const own = `${address.address}:${address.port}`;
    // 0.0.0.0 takes the port on every address.
    const clash =
      address.address === '0.0.0.0'
        ? [...taken.keys()].find((other) => other.endsWith(`:${address.port}`))
        : [own, `0.0.0.0:${address.port}`].find((other) => taken.has(other));
    if (clash === undefined) taken.set(own, formatPath(path));
    else report(path, `expected a ${protocol} address of its own, got "${own}", taken at ${taken.get(clash)!}`);
  };

  for (const network of ['feed', 'trading']) {
    group(asBlock(asBlock(floor.networks)[network]).status, ['networks', network, 'status']);
  }
  asList(floor.channels).forEach((channel, index) => {
    for (const network of ['feed', 'trading']) group(asBlock(channel)[network], ['channels', index, network]);
  });
  asList(floor.feeds).forEach((entry, index) => {
    const feed = asBlock(entry);
    asList(feed.lines).forEach((line, at) => {
      group(asBlock(line).group, ['feeds', index, 'lines', at, 'group']);
    });
    listen('UDP', feed.repair, ['feeds', index, 'repair']);
    listen('TCP', feed.control, ['feeds', index, 'control']);
    const standbys = asList(feed.standbys);
    standbys.forEach((standby, at) => {
      listen('UDP', asBlock(standby).repair, ['feeds', index, 'standbys', at, 'repair']);
      listen('TCP', asBlock(standby).control, ['feeds', index, 'standbys', at, 'control']);
    });
    if (standbys.length > 0 && !('control' in feed)) {
      report(['feeds', index, 'control'], 'missing: expected the address where the standbys get its state');
    }
  });
  asList(floor.plants).forEach((plant, index) => {
    listen('TCP', asBlock(plant).control, ['plants', index, 'control']);
    listen('UDP', asBlock(plant).repair, ['plants', index, 'repair']);
  });
  asList(floor.simulators).forEach((simulator, index) => {
    listen('UDP', asBlock(simulator).requestServer, ['simulators', index, 'requestServer']);
    listen('TCP', asBlock(simulator).control, ['simulators', index, 'control']);
    // A simulator listens where the feed connects.
    const driven = asList(floor.feeds).findIndex((feed) => asBlock(feed).name === asBlock(simulator).feed);
    asList(asBlock(asList(floor.feeds)[driven]).servers).forEach((server, at) => {
      listen('TCP', server, ['feeds', driven, 'servers', at]);
    });
  });
}

/** The tail of a message about a word that is none of the known ones. */
function choices(got: string, known: readonly string[]): string {
  const near = suggestion(got, known);
  const all = known.length === 0 ? 'there is none' : [...new Set(known)].join(', ');
  return `${all}; got ${show(got)}${near === undefined ? '' : ` (did you mean ${near}?)`}`;
}
