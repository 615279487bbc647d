import { createMessageFile } from '@tickerplant/capture';
import { systemClock, TickerError } from '@tickerplant/core';
import { INTERACTIVE, InteractiveVendor, SimulatedMarket } from '@tickerplant/feed-interactive';
import { MarketSimulator } from '@tickerplant/feed-itch';
import { PAGES, PAGES_BROADCAST, PAGES_TELETEXT, VENDOR_COMMANDS } from '@tickerplant/feed-pages';
import type { Floor, FloorFeed, FloorSimulator } from '@tickerplant/floor';
import { createLogger } from '@tickerplant/telemetry';
import type { Command } from 'commander';
import { readFloor } from '../floors.ts';
import { parseLoss } from '../options.ts';
import { runUntilStopped } from '../process.ts';
import { AskedVendor, HEARTBEAT_LIMIT_MS } from '../vendor/asked-vendor.ts';
import { BroadcastPageVendor } from '../vendor/broadcast-page-vendor.ts';
import { ItchVendor } from '../vendor/itch-vendor.ts';
import { PageVendor } from '../vendor/page-vendor.ts';
import { tellVendor } from '../vendor/vendor-control.ts';

interface Options {
  readonly rate?: string;
  readonly loss?: string;
  readonly seed?: string;
  readonly messages?: string;
  readonly out?: string;
  readonly tell?: string;
}

const DAY_SECONDS = 1800;
const MESSAGES_MIN = 1_000_000;

/** `ticker vendor FLOOR NAME` */
export function addVendor(program: Command): void {
  program
    .command('vendor')
    .description('stand in for a vendor: a simulated exchange on the lines of a feed, or behind its servers')
    .argument('<floor>', 'floor file')
    .argument('[name]', 'name of the simulator; default the first')
    .option('--rate <n>', "messages a second; default the floor's")
    .option('--loss <A=share,B=share>', "share of packets each line loses; default the floor's")
    .option('--seed <n>', "another market; default the floor's")
    .option('--messages <n>', 'messages of a whole trading day; default half an hour at the rate')
    .option('--out <file>', 'write one day into a file of bare messages (.gz packed) instead of sending it')
    .option('--tell <command>', 'say a command to the simulator that runs, a service of pages, and print its answer')
    .addHelpText(
      'after',
      `
Examples:
  ticker vendor examples/simulated.yaml --rate 50000 --loss A=0.2,B=0.2
  ticker vendor examples/simulated.yaml --messages 2000000 --out day.itch.gz

  ticker vendor examples/pages.yaml --tell 'layout changed FXSP0001'

While it runs: kill -USR1 cuts line A, or joins it again; kill -USR2 line B. Of a service of pages kill -USR1 changes all layouts,
or changes them back. Commands:

  ${VENDOR_COMMANDS.join('\n  ')}
`,
    )
    .action(async (path: string, name: string | undefined, options: Options) => {
      await vendor(readFloor(path), name, options);
    });
}

async function vendor(floor: Floor, name: string | undefined, options: Options): Promise<void> {
  const simulator = name === undefined ? floor.simulators[0] : floor.simulators.find((each) => each.name === name);
  if (simulator === undefined) {
    const names = floor.simulators.map((each) => each.name).join(', ');
    throw new TickerError('FLOOR_NO_SIMULATOR', `expected a simulator of the floor (${names}), got '${name ?? ''}'`);
  }
  if (options.tell !== undefined) {
    console.log(await tellVendor(simulator, options.tell));
    return;
  }
  const feed = floor.feeds.find((each) => each.name === simulator.feed)!;
  const rate = Number(options.rate ?? simulator.rate);
  const seed = Number(options.seed ?? simulator.seed);
  if (simulator.protocol === PAGES) return pageVendor(simulator, feed, seed, rate, options);
  if (simulator.protocol === PAGES_BROADCAST || simulator.protocol === PAGES_TELETEXT)
    return broadcastPageVendor(floor, simulator, feed, seed, rate, options);
  if (simulator.protocol === INTERACTIVE.name) return interactiveVendor(simulator, feed, seed, rate, options);
  const messagesADay = Number(options.messages ?? Math.max(MESSAGES_MIN, rate * DAY_SECONDS));
  if (options.out !== undefined) return writeDay(options.out, simulator, seed, messagesADay, feed.day);
  const logger = createLogger(`vendor/${simulator.name}`);
  await runUntilStopped(logger, async () => {
    const running = await ItchVendor.open({
      lines: feed.lines,
      loss: options.loss === undefined ? simulator.loss : parseLoss(options.loss),
      requestServer: simulator.requestServer,
      ttl: floor.networks.feed.ttl,
      seed,
      symbols: simulator.symbols,
      rate,
      messagesADay,
      day: feed.day,
      clock: systemClock,
      logger,
    });
    process.on('SIGUSR1', () => running.toggleLine(0));
    process.on('SIGUSR2', () => running.toggleLine(1));
    return running;
  });
}

/** A vendor that answers requests, in place of one that sends on lines. */
async function interactiveVendor(
  simulator: FloorSimulator,
  { servers, symbols }: FloorFeed,
  seed: number,
  rate: number,
  options: Options,
): Promise<void> {
  refuseOptionsOfLines(options);
  const logger = createLogger(`vendor/${simulator.name}`);
  const market = new SimulatedMarket(symbols, seed);
  const machine = new InteractiveVendor({ market, heartbeatLimitMs: HEARTBEAT_LIMIT_MS });
  await runUntilStopped(logger, () => AskedVendor.open(machine, { servers, rate, clock: systemClock, logger }));
}

/** A service of pages, in place of one that sends on lines. */
async function pageVendor(
  simulator: FloorSimulator,
  { servers, timeZone }: FloorFeed,
  seed: number,
  rate: number,
  options: Options,
): Promise<void> {
  refuseOptionsOfLines(options);
  const logger = createLogger(`vendor/${simulator.name}`);
  const { pages, control } = simulator;
  await runUntilStopped(logger, async () => {
    const running = await PageVendor.open({
      servers,
      pages,
      seed,
      rate,
      control,
      timeZone,
      clock: systemClock,
      logger,
    });
    process.on('SIGUSR1', () => running.toggleLayout());
    return running;
  });
}

/** A broadcast of pages. */
async function broadcastPageVendor(
  floor: Floor,
  simulator: FloorSimulator,
  { lines, timeZone }: FloorFeed,
  seed: number,
  rate: number,
  options: Options,
): Promise<void> {
  if (options.messages !== undefined || options.out !== undefined) {
    throw new TickerError('TOOLS_BAD_OPTION', 'expected --messages and --out only of a simulated exchange, got one');
  }
  const logger = createLogger(`vendor/${simulator.name}`);
  await runUntilStopped(logger, async () => {
    const running = await BroadcastPageVendor.open({
      lines,
      loss: options.loss === undefined ? simulator.loss : parseLoss(options.loss),
      ttl: floor.networks.feed.ttl,
      isTeletext: simulator.protocol === PAGES_TELETEXT,
      packetBytes: Math.max(1_024, floor.networks.feed.packetBytes),
      pages: simulator.pages,
      seed,
      rate,
      control: simulator.control,
      timeZone,
      clock: systemClock,
      logger,
    });
    process.on('SIGUSR1', () => running.toggleLayout());
    return running;
  });
}

/** @throws TickerError `TOOLS_BAD_OPTION` */
function refuseOptionsOfLines(options: Options): void {
  const useless = (['loss', 'messages', 'out'] as const).find((name) => options[name] !== undefined);
  if (useless === undefined) return;
  const text = `expected --${useless} only of a simulator with lines, this one has servers`;
  throw new TickerError('TOOLS_BAD_OPTION', text);
}

/** How many messages to make before the disk gets a chance. */
const BURST = 10_000;

async function writeDay(
  path: string,
  { symbols }: FloorSimulator,
  seed: number,
  messages: number,
  day: number,
): Promise<void> {
  const file = await createMessageFile(path);
  let refused = false;
  const market = new MarketSimulator({ seed, symbols, messages, day }, (bytes, start, length) => {
    refused = !file.write(bytes, start, start + length) || refused;
  });
  while (market.run(BURST) > 0) {
    if (refused) throw new TickerError('CAPTURE_TOO_SLOW', 'expected the disk to take a burst of messages');
    file.flush();
    await file.room();
  }
  file.endSession();
  await file.close();
  console.log(`${market.messages} messages in ${path}`);
}
