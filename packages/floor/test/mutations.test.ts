import t from 'tap';
import { FloorError, parseFloor } from '../src/index.ts';
import { PROTOCOLS, SAMPLE } from './sample.ts';

function problemsOf(text: string): string[] {
  try {
    parseFloor(text, 'f.yaml', { nowMs: 0, protocols: PROTOCOLS });
    return [];
  } catch (error) {
    if (!(error instanceof FloorError)) throw error;
    t.equal(error.code, 'FLOOR_INVALID');
    t.equal(error.problems.length, error.message.split('\n').length);
    return error.message.split('\n');
  }
}

/**
 * What is replaced in the sample, by what, and the problems that this must give, each with its place: `§` is
 * the place so marked in the replacement (the mark itself is taken out), else line:column.
 */
const MUTATIONS: readonly (readonly [string, string, ...string[]])[] = [
  // Syntax.
  ['floor: demo', 'floor: "demo', '1:13: not valid YAML: missing closing "quote'],
  ['  - name: itch', '§\t- name: itch', '§: not valid YAML: tabs are not allowed as indentation'],
  ['key: sixteen', 'key: §!secret sixteen', '§: not valid YAML: unresolved tag: !secret'],
  ['floor: demo', 'floor: §*name', '§ floor: expected an anchor &name before the alias *name, found none'],
  ['plants:', '§---\nplants:', "§: expected one YAML document, got a second one behind '---'"],
  ['    id: 1295', '    id: 1295\n    §id: 7', '§ channels[1].id: expected each key once in its block, got this again'],
  ['floor: demo', '? §[a]\n: b\nfloor: demo', '§: expected a plain key, got a list or block'],

  // Unknown keys.
  ['limits:', '§limit:', '§ limit: unknown key: did you mean limits?'],
  ['    timeZone:', '    §timezone:', '§ feeds[0].timezone: unknown key: did you mean timeZone?'],
  [
    '    repair: 127.0.0.1:30100',
    '    §repiar: 127.0.0.1:30100',
    '§ feeds[0].repiar: unknown key: did you mean repair?',
  ],
  [
    'ttl: 0, status',
    'ttl: 0, §colour: red, status',
    '§ networks.feed.colour: unknown key: expected one of interface, ttl, status, sources, packetBytes',
  ],
  [
    'id: 3, feed',
    'id: 3, §status: 1, feed',
    '§ channels[2].status: unknown key: expected one of name, id, feed, trading',
  ],

  [
    'floor: demo',
    'floor: demo\njournal: { dir: var, §byte: 1MiB }',
    '§ journal.byte: unknown key: did you mean bytes?',
  ],

  // Missing keys.
  ['floor: demo', 'floor: demo\njournal: §{ bytes: 1MiB }', '§ journal.dir: missing: expected the path of a folder'],
  ['floor: demo\n', '', '1:1 floor: missing: expected a name of up to 32 letters a–z, digits and hyphens'],
  ['key: sixteen characters\n', '', '1:1 key: missing: expected key or keyFile, the shared key of the status groups'],
  [
    '    repair: 127.0.0.1:30200\n',
    '',
    '37:5 feeds[1].repair: missing: expected an IPv4 address and port such as 127.0.0.1:32001',
  ],
  [
    '    status: 239.255.20.1:31000\n',
    '',
    '7:5 networks.trading.status: missing: expected a multicast group and port such as 239.255.1.1:20001',
  ],
  [
    'plants:\n  - { name: p1, control: 127.0.0.1:32001, repair: 127.0.0.1:32002 }\n',
    '',
    '1:1 plants: missing: expected a list of at least one',
  ],
  [
    '      depth:\n',
    '      depth: §{}\n      §other:\n',
    '§ feeds[0].channels.depth: expected exactly one of channel, hash, ranges and lists, got none of them',
    `§ feeds[0].channels.other: expected one of the feed's services: records, depth; got "other"`,
  ],

  // Wrong kinds of values.
  [
    'floor: demo',
    'floor: §Demo Floor',
    '§ floor: expected a name of up to 32 letters a–z, digits and hyphens, got "Demo Floor"',
  ],
  [
    'floor: demo',
    'floor: §12',
    '§ floor: expected a name of up to 32 letters a–z, digits and hyphens; put it in quotes, got 12',
  ],
  ['key: sixteen characters', 'key: §short', '§ key: expected a key of at least 16 characters, got "short"'],
  [
    'day: 2017-07-10',
    'day: §2017-02-30',
    `§ day: expected a date YYYY-MM-DD from 2000 to 2099, or 'today', got "2017-02-30"`,
  ],
  [
    'day: 2017-07-10',
    'day: §1999-12-31',
    `§ day: expected a date YYYY-MM-DD from 2000 to 2099, or 'today', got "1999-12-31"`,
  ],
  [
    'interface: lo',
    'interface: §not an interface',
    '§ networks.trading.interface: expected a network interface by name or IPv4 address, got "not an interface"',
  ],
  [
    'packetBytes: 1472',
    'packetBytes: §100',
    '§ networks.feed.packetBytes: expected a whole number from 512 to 65507, got 100',
  ],
  ['ttl: 0', 'ttl: §256', '§ networks.feed.ttl: expected a whole number from 0 to 255, got 256'],
  ['ttl: 0', 'ttl: §zero', '§ networks.feed.ttl: expected a whole number from 0 to 255, got "zero"'],
  [
    'sources: [10.0.0.1, 10.0.0.2]',
    'sources: §10.0.0.1',
    '§ networks.trading.sources: expected a list, got "10.0.0.1"',
  ],
  [
    'sources: [10.0.0.1, 10.0.0.2]',
    'sources: [10.0.0.1, §239.0.0.1]',
    '§ networks.trading.sources[1]: expected an IPv4 address of a host, got "239.0.0.1"',
  ],
  ['gapWaitMs: 0.5', 'gapWaitMs: §2ms', '§ limits.gapWaitMs: expected milliseconds from 0 to 600000, got "2ms"'],
  ['gapWaitMs: 0.5', 'gapWaitMs: §.nan', '§ limits.gapWaitMs: expected milliseconds from 0 to 600000, got NaN'],
  ['limits: {', 'limits: §3 #{', '§ limits: expected a block of keys, got 3'],
  ['id: 1295', 'id: §1296', '§ channels[1].id: expected a whole number from 1 to 1295, got 1296'],
  [
    'sources: [10.0.0.3]',
    'sources: [§10.0.0]',
    '§ channels[1].feed.sources[0]: expected an IPv4 address of a host, got "10.0.0"',
  ],
  ['sources: [10.0.0.3]', '§source: 10.0.0.3', '§ channels[1].feed.source: unknown key: did you mean sources?'],
  [
    'trading: 239.255.20.12:31012',
    'trading: [§1]',
    '§ channels[1].trading[0]: expected a multicast group and port such as 239.255.1.1:20001, got 1',
  ],
  [
    'trading: 239.255.20.12:31012',
    'trading: §[]',
    '§ channels[1].trading: expected a list of at least one, got an empty list',
  ],
  [
    'trading: 239.255.20.12:31012',
    'trading: §[239.255.20.12:31012, 239.255.20.22:31012]',
    '§ channels[1].trading: expected one group, or as many as there are plants (1): the first plant publishes on the first; got 2 in a list',
  ],
  [
    'trading: 239.255.20.12:31012',
    'trading: [§239.255.20.11:31011]',
    '§ channels[1].trading[0]: expected a group and port of its own, got "239.255.20.11:31011" as at channels[0].trading',
  ],
  [
    'trading: 239.255.20.12:31012',
    '§trading:',
    '§ channels[1].trading: expected a multicast group and port such as 239.255.1.1:20001, got nothing',
  ],
  [
    'group: 239.255.1.2:20001',
    'group: §10.0.0.1',
    '§ feeds[0].lines[1].group: expected a multicast address 224.0.0.0–239.255.255.255, got "10.0.0.1"',
  ],
  [
    'group: 239.255.1.2:20001',
    'group: §10.0.0.1:20001',
    '§ feeds[0].lines[1].group: expected a multicast address 224.0.0.0–239.255.255.255, got "10.0.0.1:20001"',
  ],
  [
    'group: 239.255.1.2:20001',
    'group: §239.255.1.256:1',
    '§ feeds[0].lines[1].group: expected a multicast address 224.0.0.0–239.255.255.255, got "239.255.1.256:1"',
  ],
  [
    'group: 239.255.1.2:20001',
    'group: §239.255.1.2:65536',
    '§ feeds[0].lines[1].group: expected a port from 1 to 65535 behind the colon, got "239.255.1.2:65536"',
  ],
  [
    'group: 239.255.1.2:20001',
    'group: §239.255.1.2',
    '§ feeds[0].lines[1].group: expected a multicast group and port such as 239.255.1.1:20001, got "239.255.1.2"',
  ],
  [
    'control: 127.0.0.1:32001',
    'control: §127.0.0.1:0',
    '§ plants[0].control: expected a port from 1 to 65535 behind the colon, got "127.0.0.1:0"',
  ],
  [
    'control: 127.0.0.1:32001',
    'control: §localhost:1',
    '§ plants[0].control: expected an IPv4 address of a host before the colon, got "localhost:1"',
  ],
  [
    'control: 127.0.0.1:32001',
    'control: §239.0.0.1:1',
    '§ plants[0].control: expected an IPv4 address of a host before the colon, got "239.0.0.1:1"',
  ],
  [
    '["127.0.0.1:20100"]',
    '[§20100]',
    '§ feeds[0].requestServers[0]: expected an IPv4 address and port such as 127.0.0.1:32001, got 20100',
  ],
  [
    'firstSequence: first-seen',
    'firstSequence: §0',
    "§ feeds[0].firstSequence: expected a sequence number from 1, or 'first-seen', got 0",
  ],
  [
    'ringBytes: 1MiB',
    'ringBytes: §1MB',
    '§ feeds[0].ringBytes: expected a size from 64KiB to 16GiB, such as 64KiB or 65536, got "1MB"',
  ],
  [
    'ringBytes: 1MiB',
    'ringBytes: §1000',
    '§ feeds[0].ringBytes: expected a size from 64KiB to 16GiB, such as 64KiB or 65536, got 1000',
  ],
  [
    'timeZone: America/New_York',
    'timeZone: §New York',
    '§ feeds[0].timeZone: expected a time zone such as America/New_York, got "New York"',
  ],
  [
    'to: "TRUE"',
    'to: §TRUE',
    '§ feeds[0].channels.depth.ranges[1].to: expected a symbol of up to 32 visible Latin-1 characters; put it in quotes, got true',
  ],
  [
    'lines: [{ name: A, group: 239.255.2.1:20001 }]',
    'lines: §[]',
    '§ feeds[1].lines: expected a list of at least one, got an empty list',
  ],
  ['loss: { B: 0.2 }', 'loss: { B: §1 }', '§ simulators[0].loss.B: expected a share from 0 to below 1, got 1'],
  [
    'floor: demo',
    'floor: demo\njournal: { dir: var, bytes: §1KiB }',
    '§ journal.bytes: expected a size from 1MiB to 64GiB, such as 1MiB or 1048576, got "1KiB"',
  ],
  ['rate: 5000', 'rate: §0.5', '§ simulators[0].rate: expected a whole number from 1 to 10000000, got 0.5'],

  // Contradictions.
  [
    'key: sixteen characters',
    'key: sixteen characters\n§keyFile: §k',
    '§ keyFile: expected either key or keyFile, got both',
    '§ keyFile: expected key: a key file cannot be read here',
  ],
  ['key: sixteen characters', 'keyFile: §k', '§ keyFile: expected key: a key file cannot be read here'],
  [
    'name: X3',
    'name: §X2',
    '§ channels[2].name: expected a name of its own, got "X2" as at channels[1].name',
    '42:58 feeds[1].channels.records.lists[0].channel: expected the name of a channel: X1, X2; got "X3"',
    '42:76 feeds[1].channels.records.otherwise: expected the name of a channel: X1, X2; got "X3"',
  ],
  ['id: 3', 'id: §1', '§ channels[2].id: expected an id of its own, got 1 as at channels[0].id'],
  ['name: iex', 'name: §itch', '§ feeds[1].name: expected a name of its own, got "itch" as at feeds[0].name'],
  [
    '{ name: B, group',
    '{ name: §A, group',
    '§ feeds[0].lines[1].name: expected a name of its own, got "A" as at feeds[0].lines[0].name',
    '47:68 simulators[0].loss.B: expected a line of feed itch: A; got "B"',
  ],
  [
    'services: { records: IEX }',
    'services: { records: §NASDAQ }',
    '§ feeds[1].services.records: expected a service name of its own, got "NASDAQ" as at feeds[0].services.records',
  ],
  [
    'services: { records: IEX }',
    'services: { records: §Iex }',
    '§ feeds[1].services.records: expected a service name of up to 32 letters A–Z, digits and hyphens, got "Iex"',
  ],
  [
    '      records: { lists',
    '      §record: { lists',
    `§ feeds[1].channels.record: expected one of the feed's services: records; got "record" (did you mean records?)`,
  ],
  [
    'services: { records: IEX }',
    'services: { records: IEX, §depth: IEX-L2 }',
    '§ feeds[1].services.depth: expected what iex-tops offers: records; got "depth"',
    '42:7 feeds[1].channels.depth: missing: expected the channels of service depth',
  ],
  [
    'protocol: iex-tops',
    'protocol: §iex-top',
    '§ feeds[1].protocol: expected a protocol: itch50, iex-tops; got "iex-top" (did you mean iex-tops?)',
  ],
  [
    'id: 1295\n    feed: { group: 239.255.10.12:30011',
    'id: 1295\n    feed: { group: §239.255.10.11:30011',
    '§ channels[1].feed.group: expected a group and port of its own, got "239.255.10.11:30011" as at channels[0].feed',
  ],
  [
    'group: 239.255.2.1:20001',
    'group: §239.255.20.1:31000',
    '§ feeds[1].lines[0].group: expected a group and port of its own, got "239.255.20.1:31000" as at networks.trading.status',
  ],
  [
    'repair: 127.0.0.1:32002',
    'repair: §127.0.0.1:30200',
    '§ plants[0].repair: expected a UDP address of its own, got "127.0.0.1:30200", taken at feeds[1].repair',
  ],
  [
    'repair: 127.0.0.1:32002',
    'repair: §0.0.0.0:30200',
    '§ plants[0].repair: expected a UDP address of its own, got "0.0.0.0:30200", taken at feeds[1].repair',
  ],
  [
    'repair: 127.0.0.1:30200',
    'repair: 127.0.0.1:30200\n    control: 127.0.0.1:32001',
    '46:26 plants[0].control: expected a TCP address of its own, got "127.0.0.1:32001", taken at feeds[1].control',
  ],
  [
    'heartbeatMs: 50',
    'heartbeatMs: 600',
    '10:44 limits.silentAfterMs: expected silentAfterMs to be at least twice heartbeatMs, got 1000 against 600',
  ],
  [
    'gapWaitMs: 0.5',
    'gapWaitMs: §3000',
    '§ limits.gapWaitMs: expected lostAfterMs to be longer than gapWaitMs and repairTimeoutMs together, got 2000 against 3020',
  ],
  [
    'hash: [X1, X2]',
    'hash: [X1, §X9]',
    '§ feeds[0].channels.records.hash[1]: expected the name of a channel: X1, X2, X3; got "X9"',
  ],
  [
    'hash: [X1, X2]',
    'hash: [X1, §X1]',
    '§ feeds[0].channels.records.hash[1]: expected each channel once, got "X1" as at feeds[0].channels.records.hash[0]',
  ],
  [
    'hash: [X1, X2]',
    'hash: [X1, X3]',
    '42:58 feeds[1].channels.records.lists[0].channel: expected a channel with one publisher, got "X3", which feed "itch" uses',
    '42:76 feeds[1].channels.records.otherwise: expected a channel with one publisher, got "X3", which feed "itch" uses',
  ],
  [
    'hash: [X1, X2]',
    'hash: [X1], channel: X2',
    '29:16 feeds[0].channels.records: expected exactly one of channel, hash, ranges and lists, got channel and hash',
  ],
  [
    'hash: [X1, X2]',
    'hash: [X1, X2], §otherwise: X1',
    '§ feeds[0].channels.records.otherwise: expected no otherwise beside hash, which covers every symbol',
  ],
  [
    '        otherwise: X2\n',
    '',
    '31:9 feeds[0].channels.depth.otherwise: missing: expected the channel of all symbols that the ranges leave out',
  ],
  [
    'from: A, to: MZZZ',
    'from: M, to: §A',
    '§ feeds[0].channels.depth.ranges[0].to: expected a symbol from "M" on, in code-point order, got "A"',
  ],
  [
    'from: N,',
    'from: MZZZ,',
    '33:13 feeds[0].channels.depth.ranges[1]: expected ranges apart, got MZZZ to TRUE, which overlaps feeds[0].channels.depth.ranges[0]',
  ],
  [
    'symbols: [SPY, QQQ]',
    'symbols: [SPY, §SPY]',
    '§ feeds[1].channels.records.lists[0].symbols[1]: expected each symbol once, got "SPY" as at feeds[1].channels.records.lists[0].symbols[0]',
  ],
  [
    'feed: itch, rate',
    'feed: §itchh, rate',
    '§ simulators[0].feed: expected the name of a feed: itch, iex; got "itchh" (did you mean itch?)',
  ],
  [
    'protocol: itch50, feed: itch',
    'feed: §iex',
    '§ simulators[0].feed: expected a protocol that has a simulator (itch50), got "iex-tops"',
    '47:49 simulators[0].loss.B: expected a line of feed iex: A; got "B"',
    '47:74 simulators[0].requestServer: expected an address that feed iex asks (its requestServers: none), got "127.0.0.1:20100"',
  ],
  [
    'protocol: itch50, feed',
    'protocol: §iex-tops, feed',
    '§ simulators[0].protocol: expected the protocol of feed "itch", itch50, got "iex-tops"',
  ],
  ['loss: { B: 0.2 }', 'loss: { §C: 0.2 }', '§ simulators[0].loss.C: expected a line of feed itch: A, B; got "C"'],
  [
    'simulators:\n',
    'simulators:\n  - { name: s2, feed: itch }\n',
    '48:42 simulators[1].feed: expected a feed of its own, got "itch" as at simulators[0].feed',
  ],
];

function placeOf(text: string, offset: number): string {
  const before = text.slice(0, offset).split('\n');
  return `${before.length}:${before.at(-1)!.length + 1}`;
}

t.test('the sample itself is valid', async (t) => {
  t.same(problemsOf(SAMPLE), []);
});

for (const [from, to, ...expected] of MUTATIONS) {
  t.test(`${JSON.stringify(from)} → ${JSON.stringify(to)}`, async (t) => {
    t.equal(SAMPLE.split(from).length, 2, 'the mutation applies at one place');
    let text = SAMPLE.replace(from, () => to);
    const places: string[] = [];
    for (let at = text.indexOf('§'); at >= 0; at = text.indexOf('§')) {
      text = text.slice(0, at) + text.slice(at + 1);
      places.push(placeOf(text, at));
    }
    const wanted = expected.map((line) => `f.yaml:${line.replace('§', () => places.shift() ?? '?')}`);
    t.same(problemsOf(text), wanted);
    t.same(places, [], 'every mark is used');
  });
}

t.test('all problems of a file come at once, in the order of its lines', async (t) => {
  const text = SAMPLE.replace('ttl: 0', 'ttl: -1').replace('id: 3', 'id: 1').replace('plants:', 'plant:');
  t.same(
    problemsOf(text).map((line) => line.split(': ')[0]),
    ['f.yaml:5:38 networks.feed.ttl', 'f.yaml:17:21 channels[2].id', 'f.yaml:44:1 plant'],
  );
});

t.test('a document that is no block of keys is one problem', async (t) => {
  t.same(problemsOf(''), ['f.yaml:1:1: expected a block of keys, got nothing']);
  t.same(problemsOf('- a'), ['f.yaml:1:1: expected a block of keys, got a list']);
  t.same(problemsOf('just text'), ['f.yaml:1:1: expected a block of keys, got "just text"']);
});

t.test('anchors that multiply are refused, not expanded', async (t) => {
  let text = 'a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n';
  for (let i = 1; i < 9; i++) text += `a${i}: &a${i} [${`*a${i - 1}, `.repeat(10)}]\n`;
  t.match(problemsOf(text).at(-1), /expected at most 200000 values, nested at most 32 deep/);
});

t.test('a block that contains itself is refused', async (t) => {
  t.match(problemsOf('a: &a\n  b: *a\n').at(-1), /nested at most 32 deep/);
});
