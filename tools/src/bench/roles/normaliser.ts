import { openMessageCapture } from '@tickerplant/capture';
import { TickerError, zoneOffsetNs } from '@tickerplant/core';
import { IEX_TOPS } from '@tickerplant/feed-iex';
import { ITCH_50 } from '@tickerplant/feed-itch';
import {
  ChannelSet,
  ChannelWriter,
  CountingSink,
  type FeedProtocol,
  Handler,
  type HandlerChannel,
  type MessageSink,
} from '@tickerplant/feed-runtime';
import { MoldSender } from '@tickerplant/moldudp64';
import { CounterRegistry, Quarantine } from '@tickerplant/telemetry';
import { measure, type Rates, type Repetition } from '../measure.ts';
import { serveRole } from '../role.ts';
import { IEX_DAY, recordedIexSession, simulatedIexSession, type VendorSession } from '../vendor-session.ts';

/** How to normalise. */
export interface NormaliseOptions extends Repetition {
  readonly feed: 'iex-tops' | 'itch50';
  /** Roles of services to publish: `records`, `depth`. */
  readonly services: readonly string[];
  /** `count`: look at nothing; `packets`: build packets, and let them go. */
  readonly sink: 'count' | 'packets';
  /** A file of bare messages to read each time; undefined: the session loaded. */
  readonly file?: string;
}

/** What was measured. */
export interface NormaliseResult {
  /** In vendor messages. */
  readonly rates: Rates;
  /** Of one run. */
  readonly vendorMessages: number;
  readonly messages: number;
  readonly bytes: number;
  /** Vendor messages that could not be used: there should be none. */
  readonly faults: number;
}

/** Normalises a vendor's messages, without sockets. */
export interface NormaliserRole {
  /** Loads an IEX session: recorded, or simulated with about so many messages. @returns messages and packets */
  load(source: { file?: string; messages: number }): Promise<{ messages: number; packets: number; bytes: number }>;
  normalise(options: NormaliseOptions): Promise<NormaliseResult>;
  /** Reads a file of bare messages and looks at each one's first byte. */
  readFile(options: Repetition & { file: string }): Promise<Rates>;
  /** Goes through the blocks of the session and looks at each message's first byte. */
  walk(repetition: Repetition): Promise<Rates>;
}

const PROTOCOLS: Readonly<Record<string, FeedProtocol>> = { 'iex-tops': IEX_TOPS, itch50: ITCH_50 };

let session: VendorSession | undefined;

class Outlet {
  readonly handler: Handler;
  readonly #sinks: { readonly writer: ChannelWriter; sink: MessageSink; messages(): number; bytes(): number }[] = [];
  readonly #registry = new CounterRegistry();
  readonly #quarantine = new Quarantine();

  constructor(protocol: FeedProtocol, roles: readonly string[], kind: 'count' | 'packets') {
    const channels: HandlerChannel[] = [];
    const services: Record<string, ChannelSet> = {};
    for (const role of roles) {
      const writer = new ChannelWriter(role, protocol.templates);
      channels.push({ writer, open: () => ({ sink: this.#open(writer, kind), session: '', next: 0 }) });
      services[role] = new ChannelSet(role.toUpperCase(), [writer], () => 0);
    }
    this.handler = new Handler({
      protocol,
      littleEndianLengths: protocol.createFraming().littleEndianLengths,
      services,
      channels,
      day: IEX_DAY,
      zoneOffsetNs: zoneOffsetNs(IEX_DAY, protocol.timeZone),
      quarantine: this.#quarantine,
      registry: this.#registry,
      wallNs: () => 0n,
      onEvent: () => {},
    });
    this.handler.begin(1);
  }

  get messages(): number {
    return this.#sinks.reduce((sum, sink) => sum + sink.messages(), 0);
  }

  get bytes(): number {
    return this.#sinks.reduce((sum, sink) => sum + sink.bytes(), 0);
  }

  get faults(): number {
    return Object.values(this.#quarantine.report().counts).reduce((sum, count) => sum + count, 0);
  }

  #open(writer: ChannelWriter, kind: 'count' | 'packets'): MessageSink {
    if (kind === 'count') {
      const sink = new CountingSink();
      this.#sinks.push({ writer, sink, messages: () => sink.messages, bytes: () => sink.bytes });
      return sink;
    }
    const sink = new MoldSender({ session: 'BENCH', emit: () => true });
    this.#sinks.push({ writer, sink, messages: () => sink.next - 1, bytes: () => sink.counters.bytes });
    return sink;
  }
}

function loaded(): VendorSession {
  if (session === undefined) throw new TickerError('BENCH_NO_MESSAGES', 'expected a session to be loaded first');
  return session;
}

/** Feeds what was loaded to a handler, packet by packet. */
function feed(handler: Handler): number {
  const { bytes, starts, counts, end, messages } = loaded();
  let seq = 1;
  for (let i = 0; i < starts.length; i++) {
    const count = counts[i]!;
    handler.onRun(bytes, starts[i]!, i + 1 < starts.length ? starts[i + 1]! : end, seq, count);
    seq += count;
  }
  return messages;
}

/** Feeds a file of bare messages: each record is a block, its length in front. */
async function feedFile(handler: Handler, path: string): Promise<number> {
  const capture = await openMessageCapture(path);
  const { records } = await capture.read((record) => {
    handler.onRun(record.bytes, record.start - 2, record.end, record.number, 1);
  });
  return records;
}

function walkBlocks({ bytes, end }: VendorSession): number {
  let sum = 0;
  for (let at = 0; at < end; ) {
    const length = bytes[at]! | (bytes[at + 1]! << 8);
    sum += bytes[at + 2]!;
    at += 2 + length;
  }
  return sum;
}

const commands: NormaliserRole = {
  async load({ file, messages }) {
    session = file === undefined ? simulatedIexSession(messages) : await recordedIexSession(file);
    return { messages: session.messages, packets: session.starts.length, bytes: session.end };
  },

  async normalise(options) {
    const { feed: name, services, sink, file } = options;
    const protocol = PROTOCOLS[name]!;
    let outlet: Outlet | undefined;
    let vendorMessages = 0;
    const rates = await measure(
      options,
      () => {
        outlet = new Outlet(protocol, services, sink);
        return outlet.handler;
      },
      async (handler) => {
        vendorMessages = file === undefined ? feed(handler) : await feedFile(handler, file);
        return vendorMessages;
      },
    );
    const { messages, bytes, faults } = outlet!;
    return { rates, vendorMessages, messages, bytes, faults };
  },

  readFile: ({ file, ...repetition }) =>
    measure(
      repetition,
      () => openMessageCapture(file),
      async (opening) => {
        let sum = 0;
        const { records } = await (await opening).read((record) => {
          sum += record.bytes[record.start]!;
        });
        if (sum === 0) throw new TickerError('BENCH_NO_MESSAGES', 'expected messages', { file });
        return records;
      },
    ),

  walk(repetition) {
    const blocks = loaded();
    return measure(
      repetition,
      () => {},
      () => (walkBlocks(blocks) > 0 ? blocks.messages : 0),
    );
  },
};

serveRole(commands);
