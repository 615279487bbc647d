import t from 'tap';
import { askedService, FloorError, parseFloor } from '../src/index.ts';

// Feeds of pages, on request and broadcast: what a floor file may say of them.

const PROTOCOLS = {
  asked: { services: ['pages'], simulated: true, interactive: true, pages: true },
  heard: { services: ['pages'], simulated: true, pages: true },
  records: { services: ['pages'], simulated: true, interactive: true },
};

const SERVERS = `
    servers: ["127.0.0.1:20300"]`;
const LINES = `
    lines: [{ name: A, group: 239.255.2.1:20001 }]`;

function floorText(protocol: string, more: string, simulator = ''): string {
  return `
floor: demo
key: sixteen characters
networks: { feed: { status: 239.255.10.1:30000 }, trading: { status: 239.255.20.1:31000 } }
channels: [{ name: X1, id: 1, feed: 239.255.10.11:30011, trading: 239.255.20.11:31011 }]
feeds:
  - name: screens
    protocol: ${protocol}
    services: { pages: SCREEN }${more}
    channels: { pages: { channel: X1 } }
    repair: 127.0.0.1:30300
plants: [{ name: p1, control: 127.0.0.1:32001, repair: 127.0.0.1:32002 }]
${simulator}`;
}

function parse(text: string) {
  return parseFloor(text, 'demo.yaml', { nowMs: 0, protocols: PROTOCOLS });
}

function complaints(text: string): string[] {
  try {
    parse(text);
    return [];
  } catch (error) {
    if (!(error instanceof FloorError)) throw error;
    return error.message.split('\n').map((line) => line.replace(/^[^ ]* /, ''));
  }
}

t.test('pages on request, and broadcast', async (t) => {
  const asked = parse(
    floorText(
      'asked',
      `${SERVERS}
    user: desk
    pages: { pinned: [FXSP0001], prefetch: ["<HOME>"], max: 500, lingerMs: 0 }`,
      'simulators: [{ name: v, feed: screens, control: 127.0.0.1:20999, pages: { count: 40, format: row-fields } }]',
    ),
  );
  t.same(asked.feeds[0]!.pages, {
    pinned: ['FXSP0001'],
    prefetch: ['<HOME>'],
    max: 500,
    cellsMax: 4_000,
    requestsPerSecond: 100,
    lingerMs: 0,
    answerMs: 5_000,
    cache: undefined,
    shredders: [],
  });
  t.same(asked.feeds[0]!.symbols, []);
  t.equal(askedService(asked.feeds[0]!), 'SCREEN');
  t.match(asked.simulators[0], { control: { port: 20_999 }, pages: { count: 40, format: 'row-fields', openMax: 0 } });
  const heard = parse(floorText('heard', `${LINES}\n    pages: { cache: var/pages }`));
  t.equal(heard.feeds[0]!.pages!.cache, 'var/pages');
  t.equal(askedService(heard.feeds[0]!), undefined);
  t.equal(parse(floorText('heard', `${LINES}\n    pages: {}`)).feeds[0]!.pages!.max, 25_000);
});

t.test('what does not go together is told', async (t) => {
  t.match(complaints(floorText('asked', LINES)).join('\n'), /servers: missing/);
  t.match(complaints(floorText('asked', `${SERVERS}\n    symbols: [A]`)), [/symbols: expected .* its items are pages/]);
  t.match(complaints(floorText('heard', `${LINES}\n    firstSequence: 5`)), [/firstSequence: expected .* pages/]);
  t.match(complaints(floorText('records', `${SERVERS}\n    symbols: [A]\n    pages: {}`)), [/pages: expected of feed/]);
  t.match(complaints(floorText('asked', `${SERVERS}\n    pages: { cache: x }`)), [/cache: .*only of broadcast pages/]);
  t.match(complaints(floorText('heard', `${LINES}\n    pages: { pinned: [A] }`)), [
    /pinned .*only of pages on request/,
  ]);
  t.match(complaints(floorText('asked', `${SERVERS}\n    pages: { pinned: [A, A] }`)), [/each page once/]);
  t.match(complaints(floorText('asked', `${SERVERS}\n    pages: { max: 0 }`)), [/a whole number from 1/]);
  const bad = 'simulators: [{ name: v, feed: screens, pages: { format: html } }]';
  t.match(complaints(floorText('asked', `${SERVERS}\n    pages: {}`, bad)), [/expected ansi or row-fields, got/]);
  const twice = 'simulators: [{ name: v, feed: screens, control: 127.0.0.1:20300 }]';
  t.match(complaints(floorText('asked', `${SERVERS}\n    pages: {}`, twice)), [/a TCP address of its own/]);
});
