import t from 'tap';
import { FloorError, parseFloor } from '../src/index.ts';

// Feeds that are asked, beside those that come on lines: what a floor file may say of either.

const PROTOCOLS = {
  asked: { services: ['records'], simulated: true, interactive: true },
  heard: { services: ['records'], simulated: true },
};

const ASKED = `
    servers: ["127.0.0.1:20300", "127.0.0.1:20301"]
    symbols: [AEX, DAX]`;
const HEARD = `
    lines: [{ name: A, group: 239.255.2.1:20001 }]`;

function floorText(protocol: string, source: string, more = ''): string {
  return `
floor: demo
key: sixteen characters
networks: { feed: { status: 239.255.10.1:30000 }, trading: { status: 239.255.20.1:31000 } }
channels: [{ name: X1, id: 1, feed: 239.255.10.11:30011, trading: 239.255.20.11:31011 }]
feeds:
  - name: page
    protocol: ${protocol}
    services: { records: PAGE }${source}
    channels: { records: { channel: X1 } }
    repair: 127.0.0.1:30300
plants: [{ name: p1, control: 127.0.0.1:32001, repair: 127.0.0.1:32002 }]
${more}`;
}

function problems(text: string, protocols: typeof PROTOCOLS | undefined = PROTOCOLS): string[] {
  try {
    parseFloor(text, 'f.yaml', { nowMs: 0, ...(protocols === undefined ? {} : { protocols }) });
    return [];
  } catch (error) {
    if (!(error instanceof FloorError)) throw error;
    return error.message.split('\n').map((line) => line.replace(/^f\.yaml:\d+:\d+ /, ''));
  }
}

t.test('either kind is valid with its own keys, whether or not the protocol is known', async (t) => {
  t.same(problems(floorText('asked', ASKED)), []);
  t.same(problems(floorText('heard', HEARD)), []);
  t.same(problems(floorText('asked', ASKED), undefined), []);
  t.same(problems(floorText('heard', HEARD), undefined), []);
  const [feed] = parseFloor(floorText('asked', ASKED), 'f.yaml', { nowMs: 0 }).feeds;
  t.match(feed, { lines: [], symbols: ['AEX', 'DAX'], user: 'ticker', servers: [{ port: 20300 }, { port: 20301 }] });
});

t.test('the keys of the other kind are refused where they stand', async (t) => {
  t.same(problems(floorText('asked', `${ASKED}\n    firstSequence: 1`)), [
    'feeds[0].firstSequence: expected of feed "page" servers and symbols: its items are requested',
  ]);
  t.same(problems(floorText('heard', `${HEARD}\n    symbols: [A]`)), [
    'feeds[0].symbols: expected of feed "page" lines: its messages are numbered',
  ]);
  t.same(problems(floorText('asked', HEARD)).sort(), [
    'feeds[0].lines: expected of feed "page" servers and symbols: its items are requested',
    'feeds[0].servers: missing: expected a list of at least one',
    'feeds[0].symbols: missing: expected a list of at least one',
  ]);
  t.same(problems(floorText('heard', '')), ['feeds[0].lines: missing: expected a list of at least one']);
});

t.test('each symbol once, each server an address that is free where a simulator listens on it', async (t) => {
  t.same(problems(floorText('asked', ASKED.replace('DAX', 'AEX'))), [
    'feeds[0].symbols[1]: expected each symbol once, got "AEX" as at feeds[0].symbols[0]',
  ]);
  const taken = ASKED.replace('20301', '32001');
  t.same(problems(floorText('asked', taken)), [], "a vendor's own address is none of ours");
  t.same(problems(floorText('asked', taken, 'simulators: [{ name: v, feed: page }]')), [
    'feeds[0].servers[1]: expected a TCP address of its own, got "127.0.0.1:32001", taken at plants[0].control',
  ]);
  t.match(problems(floorText('asked', ASKED.replace('"127.0.0.1:20300"', 'nowhere'))), [
    /^feeds\[0\]\.servers\[0\]: expected an IPv4 address and port/,
  ]);
});
