import { STOP } from '@tickerplant/capture';
import type { Command } from 'commander';
import { CaptureDecoder, type DecodeCounts, messageLine } from '../decode/decode-capture.ts';
import { EXIT_FAILED } from '../exit.ts';
import { FEED_NAMES, feedTool } from '../feeds.ts';
import { LineOutput } from '../output.ts';

interface Options {
  readonly feed: string;
  readonly json?: true;
  readonly counts?: true;
  readonly limit?: string;
}

/** `ticker decode CAPTURE --feed F [--json|--counts]` */
export function addDecode(program: Command): void {
  program
    .command('decode')
    .description('show what is in a capture: every message, or the counts')
    .argument('<capture>', 'pcap, pcapng or a file of bare messages; plain or gzip; - for standard input')
    .requiredOption('--feed <name>', `the feed's protocol: ${FEED_NAMES.join(', ')}`)
    .option('--json', 'one JSON object a message; with --counts, one object in all')
    .option('--counts', 'count instead of showing messages')
    .option('--limit <n>', 'show at most n messages')
    .addHelpText(
      'after',
      `
Examples:
  ticker decode day.pcap.gz --feed iex-tops --counts
  ticker decode 01302019.NASDAQ_ITCH50.gz --feed itch50 --json | head
`,
    )
    .action(async (path: string, options: Options) => {
      process.exitCode = await decode(path, options);
    });
}

async function decode(path: string, options: Options): Promise<number> {
  const tool = feedTool(options.feed);
  const output = new LineOutput();
  const limit = options.limit === undefined ? Number.POSITIVE_INFINITY : Number(options.limit);
  let shown = 0;
  const decoder = new CaptureDecoder(
    tool,
    options.counts === true
      ? (message) => {
          if (messageLine(tool, message).faulty) decoder.fault();
        }
      : (message) => {
          const { line, faulty } = messageLine(tool, message);
          if (faulty) decoder.fault();
          if (shown++ < limit) output.line(options.json === true ? JSON.stringify(line) : readable(line));
        },
    options.counts === true ? undefined : () => (shown >= limit ? STOP : output.congested ? output.flush() : undefined),
  );
  const counts = await decoder.run(path);
  if (options.counts === true) output.line(options.json === true ? JSON.stringify(counts) : countsText(counts));
  await output.flush();
  if (counts.cut !== null) process.stderr.write(`ticker: ${path}: ${counts.cut}\n`);
  return counts.messages === 0 && Object.keys(counts.undecoded).length > 0 ? EXIT_FAILED : 0;
}

function readable(line: object): string {
  const { n, t, seq, type, fields } = line as Record<string, unknown>;
  const facts = Object.entries(fields as object).map(([name, value]) => `${name}=${JSON.stringify(value)}`);
  return [n, t, seq, type, ...facts].filter((part) => part !== undefined).join('  ');
}

function countsText(counts: DecodeCounts): string {
  const lines = [
    `${counts.file}: ${counts.format}, ${counts.feed}`,
    `packets   ${counts.packets}, ${counts.packetsWithoutMessages} of them without a message`,
    `messages  ${counts.messages}, ${counts.faults} of them not readable`,
    ...Object.entries(counts.messagesByType).map(([type, count]) => `  ${type}  ${count}`),
  ];
  for (const [name, stream] of Object.entries(counts.streams)) {
    lines.push(`stream    ${name}`);
    lines.push(
      `  numbers ${stream.first} to ${stream.last}, ${stream.missing} missing in ${stream.gapCount} gaps, ${stream.backwardJumpCount} jumps back`,
    );
  }
  for (const [reason, count] of Object.entries(counts.undecoded)) lines.push(`undecoded ${count} (${reason})`);
  lines.push(`sha-256   ${counts.messagesSha256}`);
  return lines.join('\n');
}
