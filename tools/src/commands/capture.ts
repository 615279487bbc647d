import {
  createPacketFile,
  synthesizeUdpFrame,
  UDP_FRAME_HEADER_BYTES,
  UDP_PAYLOAD_BYTES_MAX,
  udpFlow,
} from '@tickerplant/capture';
import { errorMessage, systemClock, TickerError } from '@tickerplant/core';
import { type Endpoint, type MulticastReceiver, openReceiver, parseEndpoint } from '@tickerplant/multicast';
import type { Command } from 'commander';
import { readFloor } from '../floors.ts';

interface Options {
  readonly out: string;
  readonly floor?: string;
  readonly network: string;
  readonly interface?: string;
  readonly duration?: string;
  readonly packets?: string;
  readonly json?: true;
}

const FLUSH_MS = 200;

/** `ticker capture [GROUP:PORT…] --out FILE` */
export function addCapture(program: Command): void {
  program
    .command('capture')
    .description('record multicast groups into a pcap or pcapng file')
    .argument('[groups...]', 'group:port, any number; with --floor: channel names, default all')
    .requiredOption('--out <file>', '.pcap or .pcapng, with .gz packed; - for standard output')
    .option('--floor <file>', 'floor file to take channels from')
    .option('--network <name>', "with --floor: feed or trading; or lines, the vendor's", 'trading')
    .option('--interface <name>', 'interface to listen on; default that of the floor, or loopback')
    .option('--duration <seconds>', 'stop after so long')
    .option('--packets <n>', 'stop after so many packets')
    .option('--json', 'print the result as one JSON object')
    .addHelpText(
      'after',
      `
Examples:
  ticker capture 239.255.20.11:31011 --out channel.pcap --duration 10
  ticker capture --floor examples/simulated.yaml --network lines --out day.pcapng.gz
`,
    )
    .action(async (groups: string[], options: Options) => {
      await runCapture(groups, options);
    });
}

async function runCapture(groups: string[], options: Options): Promise<void> {
  const sources = chooseSources(groups, options);
  const file = await createPacketFile(options.out);
  const frame = new Uint8Array(UDP_FRAME_HEADER_BYTES + UDP_PAYLOAD_BYTES_MAX);
  const packetsMax = Number(options.packets ?? Number.POSITIVE_INFINITY);
  const receivers: MulticastReceiver[] = [];
  let stop: (reason: string) => void = () => {};
  const stopped = new Promise<string>((resolve) => {
    stop = resolve;
  });
  try {
    for (const { endpoint, interface: local } of sources) {
      const receiver = await openReceiver({
        ...endpoint,
        interface: local,
        onPacket: (packet, from) => {
          if (file.packets >= packetsMax) return;
          const flow = udpFlow(from.address, from.port, endpoint.group, endpoint.port);
          const end = synthesizeUdpFrame(frame, 0, flow, packet, 0, packet.length);
          file.write(systemClock.wallNs(), frame, 0, end);
          if (file.packets >= packetsMax) stop('enough');
        },
        onError: (error) => process.stderr.write(`ticker: ${errorMessage(error)}\n`),
        onWarning: (warning) => process.stderr.write(`ticker: ${errorMessage(warning)}\n`),
      });
      receivers.push(receiver);
    }
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop(signal));
    const timer =
      options.duration === undefined ? undefined : setTimeout(() => stop('time'), Number(options.duration) * 1000);
    // A recording is worth little when a crash takes its last seconds along.
    const flusher = setInterval(() => file.flush(), FLUSH_MS);
    await stopped;
    clearInterval(flusher);
    clearTimeout(timer);
  } finally {
    await Promise.all(receivers.map((receiver) => receiver.close()));
    await file.close();
  }
  const report = { file: options.out, packets: file.packets, refused: file.refused, bytes: file.bytes };
  const text =
    options.json === true
      ? JSON.stringify(report)
      : `${report.packets} packets, ${report.bytes} bytes in ${report.file}`;
  if (options.out !== '-') console.log(text);
  if (file.refused > 0) {
    throw new TickerError(
      'CAPTURE_TOO_SLOW',
      `expected the disk to keep up, ${file.refused} packets had to be left out`,
    );
  }
}

interface Source {
  readonly endpoint: Endpoint;
  readonly interface: string;
}

function chooseSources(groups: string[], options: Options): Source[] {
  if (options.floor === undefined) {
    if (groups.length === 0) throw new TickerError('TOOLS_BAD_OPTION', 'expected groups to record, or --floor');
    const local = options.interface ?? '127.0.0.1';
    return groups.map((text) => ({ endpoint: parseEndpoint(text), interface: local }));
  }
  const floor = readFloor(options.floor);
  const { network } = options;
  if (network === 'lines') {
    return floor.feeds.flatMap((feed) =>
      feed.lines.map((line) => ({ endpoint: line, interface: options.interface ?? line.interface })),
    );
  }
  if (network !== 'feed' && network !== 'trading') {
    throw new TickerError('TOOLS_BAD_OPTION', `expected --network feed, trading or lines, got '${network}'`);
  }
  const wanted = floor.channels.filter(({ name }) => groups.length === 0 || groups.includes(name));
  const unknown = groups.find((name) => !floor.channels.some((channel) => channel.name === name));
  if (unknown !== undefined) {
    const names = floor.channels.map(({ name }) => name).join(', ');
    throw new TickerError('TOOLS_BAD_OPTION', `expected channels of the floor (${names}), got '${unknown}'`);
  }
  const local = options.interface ?? floor.networks[network].interface;
  return wanted.flatMap((channel) =>
    (network === 'feed' ? [channel.feed] : channel.trading).map((endpoint) => ({ endpoint, interface: local })),
  );
}
