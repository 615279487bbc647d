import { errorMessage, TickerError } from '@tickerplant/core';
import { parseEndpoint } from '@tickerplant/multicast';
import { createLogger } from '@tickerplant/telemetry';
import type { Command } from 'commander';
import { FEED_NAMES, feedTool } from '../feeds.ts';
import { readFloor } from '../floors.ts';
import { parseLoss, parseSpeed, parseUnicast } from '../options.ts';
import { replay } from '../replay/replay.ts';
import { openRequestAnswers } from '../vendor/request-answers.ts';
import { openVendorLines, type VendorLine } from '../vendor/vendor-lines.ts';

interface Options {
  readonly floor?: string;
  readonly feed?: string;
  readonly line?: string[];
  readonly requestServer?: string;
  readonly interface: string;
  readonly speed: string;
  readonly only?: string;
  readonly loop?: string | true;
  readonly loss?: string;
  readonly seed: string;
  readonly linger: string;
  readonly json?: true;
}

/** `ticker replay CAPTURE` */
export function addReplay(program: Command): void {
  const collect = (value: string, before: string[] = []): string[] => [...before, value];
  program
    .command('replay')
    .description("send a capture as its vendor did, onto a feed's lines")
    .argument('<capture>', 'pcap, pcapng or a file of bare messages; plain or gzip')
    .option('--floor <file>', 'floor file: lines and request server are those of --feed there')
    .option('--feed <name>', `feed of the floor; without a floor its protocol: ${FEED_NAMES.join(', ')}`)
    .option('--line <group:port>', 'a line, without a floor; give it twice for A and B', collect)
    .option('--request-server <address:port>', 'where to answer requests for missing messages, without a floor')
    .option('--interface <name>', 'interface to send by, without a floor', '127.0.0.1')
    .option('--speed <n|max>', 'multiple of the original pace, or as fast as it goes', '1')
    .option('--only <group:port>', 'only the packets that went there; default: the first stream of the feed')
    .option('--loop [times]', 'send it again and again (or so many times), each time as a new session')
    .option('--loss <A=share,B=share>', 'share of packets to leave out on each line, from 0 to 1')
    .option('--seed <n>', 'seed of the losses', '1')
    .option('--linger <ms>', 'go on with heartbeats and answers for so long', '3000')
    .option('--json', 'print the result as one JSON object')
    .addHelpText(
      'after',
      `
Examples:
  ticker replay day.pcap.gz --floor examples/iex-replay.yaml --feed iex --speed 10
  ticker replay day.pcap.gz --floor examples/iex-replay.yaml --feed iex --speed max --loss A=0.2,B=0.2
  ticker replay 01302019.NASDAQ_ITCH50.gz --feed itch50 --line 239.255.1.1:20001 --line 239.255.1.2:20002
`,
    )
    .action(async (path: string, options: Options) => {
      await runReplay(path, options);
    });
}

async function runReplay(path: string, options: Options): Promise<void> {
  const speed = parseSpeed(options.speed);
  const loss = parseLoss(options.loss);
  const { lines, protocol, requestServer, ttl } = destination(options);
  const logger = createLogger('replay', process.env.TICKER_LOG ?? 'warn');
  const onError = (error: TickerError): void => logger.error({ code: error.code }, errorMessage(error));
  const tool = feedTool(protocol);
  const abort = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => abort.abort());
  const vendorLines = await openVendorLines(lines, { loss, seed: Number(options.seed), ttl, onError });
  try {
    const answers =
      requestServer === undefined
        ? undefined
        : await openRequestAnswers(protocol, tool.protocol.createFraming(), { ...requestServer, onError });
    try {
      const result = await replay({
        path,
        tool,
        lines: vendorLines,
        answers,
        speed,
        only: options.only,
        times: options.loop === undefined ? 1 : options.loop === true ? Number.POSITIVE_INFINITY : Number(options.loop),
        lingerMs: Number(options.linger),
        signal: abort.signal,
      });
      const report = { ...result, lines: vendorLines.counts };
      if (options.json === true) console.log(JSON.stringify(report));
      else {
        console.log(`${result.messages} messages in ${result.packets} packets, ${result.seconds.toFixed(3)} s`);
        for (const { name, sent, dropped } of vendorLines.counts) {
          console.log(`line ${name}: ${sent} packets sent, ${dropped} left out`);
        }
        if (result.skipped > 0) console.log(`${result.skipped} records passed over: not of this feed or stream`);
      }
    } finally {
      await answers?.close();
    }
  } finally {
    await vendorLines.close();
  }
}

interface Destination {
  readonly lines: readonly VendorLine[];
  readonly protocol: string;
  readonly requestServer: { readonly address: string; readonly port: number } | undefined;
  readonly ttl: number;
}

function destination(options: Options): Destination {
  if (options.floor !== undefined) {
    const floor = readFloor(options.floor);
    const names = floor.feeds.map(({ name }) => name).join(', ');
    const feed =
      options.feed === undefined && floor.feeds.length === 1
        ? floor.feeds[0]
        : floor.feeds.find(({ name }) => name === options.feed);
    if (feed === undefined) {
      throw new TickerError('TOOLS_BAD_OPTION', `expected --feed to be one of ${names}, got '${options.feed ?? ''}'`);
    }
    const requestServer = feed.requestServers[0];
    return { lines: feed.lines, protocol: feed.protocol, requestServer, ttl: floor.networks.feed.ttl };
  }
  const { feed, line = [], requestServer } = options;
  if (feed === undefined || line.length === 0) {
    throw new TickerError('TOOLS_BAD_OPTION', 'expected --floor, or --feed and at least one --line');
  }
  const lines = line.map((text, index) => ({
    name: String.fromCharCode(0x41 + index),
    ...parseEndpoint(text),
    interface: options.interface,
  }));
  return { lines, protocol: feed, requestServer: parseUnicast(requestServer), ttl: 0 };
}
