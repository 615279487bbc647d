import type { Floor } from '@tickerplant/floor';
import { parseFloor, sessionName } from '@tickerplant/floor';
import {
  encodeRequest,
  formatSession,
  HEADER_BYTES,
  MOLD_FRAMING,
  MoldSender,
  RequestServer,
  readCount,
  readSequence,
} from '@tickerplant/moldudp64';
import type { Receipt } from '@tickerplant/pair';
import { RecordKind, UpdateType } from '@tickerplant/records';
import { SequencedReceiver } from '@tickerplant/sequence';
import type { Heartbeat, StatusMessage } from '@tickerplant/status';
import { CounterRegistry, Quarantine } from '@tickerplant/telemetry';
import {
  ChannelSet,
  ChannelWriter,
  type EpochMemory,
  type FeedProtocol,
  Handler,
  HandlerMember,
  type Normaliser,
  type NormaliserContext,
  type NormaliserGiver,
  OutputChannel,
  type TemplateSpec,
} from '../src/index.ts';

const MS = 1_000_000;
const FID_BID = 22;
const TEMPLATES: readonly TemplateSpec[] = [
  { name: 'QUOTE', updateType: UpdateType.QUOTE, exponent: 0, fids: [FID_BID], bytesMax: 30 },
];
const HEARTBEAT_MS = 5;
/** Longer than any of this pair's waits, but for one that isn't fit: see `UNFIT_MS`. */
export const SETTLE_MS = 1_500;
export const UNFIT_MS = 4_000;

const FLOOR: Floor = parseFloor(
  `
floor: pair-of-handlers
key: of-no-use-in-a-test
day: 2026-01-05
networks:
  feed: { status: 239.255.1.1:30000 }
  trading: { status: 239.255.2.1:31000 }
limits: { heartbeatMs: ${HEARTBEAT_MS}, takeoverAfterMs: 15, silentAfterMs: ${UNFIT_MS} }
channels:
  - { name: C1, id: 1, feed: 239.255.1.2:30001, trading: 239.255.2.2:31001 }
feeds:
  - name: h1
    protocol: toy
    services: { records: X }
    timeZone: UTC
    lines: [{ name: A, group: 239.255.3.1:20001 }]
    requestServers: ["127.0.0.1:20100"]
    channels: { records: { hash: [C1] } }
    repair: 127.0.0.1:30100
    control: 127.0.0.1:30101
    standbys: [{ repair: 127.0.0.1:30102, control: 127.0.0.1:30103 }]
plants:
  - { name: p1, control: 127.0.0.1:32001, repair: 127.0.0.1:32002 }
`,
  'the floor of a test',
  { nowMs: 0 },
);

/** A feed of one-letter messages, each a quote of the item that the letter names. */
class LetterNormaliser implements Normaliser {
  readonly #context: NormaliserContext;
  #items = new Map<number, number>();

  constructor(context: NormaliserContext) {
    this.#context = context;
  }

  message(bytes: Uint8Array, start: number, _length: number, position: number): void {
    const letter = bytes[start]!;
    const records = this.#context.services.records!;
    const channel = records.channelOf('');
    let item = this.#items.get(letter);
    if (item === undefined) {
      item = channel.item(records.subject(String.fromCharCode(letter)), RecordKind.RECORD);
      this.#items.set(letter, item);
    }
    channel.update(item, 0).int(position);
    channel.end();
  }

  lost(from: number, to: number): void {
    this.#context.services.records!.suspectAll('vendor-gap', `${from} to ${to - 1}`);
  }

  give(): NormaliserGiver {
    return { piece: () => undefined, rest: () => this.#items };
  }

  restore(state: unknown): void {
    this.#items = new Map(state as ReadonlyMap<number, number>);
  }

  reset(): void {
    this.#items.clear();
  }
}

/** One member of the pair: a process without its sockets. */
export class PairedHandler {
  readonly member: HandlerMember;
  readonly receiver: SequencedReceiver;
  readonly channel: OutputChannel;
  readonly events: string[] = [];
  readonly receipts: Receipt[] = [];
  /** Packets that have left for the channel's group. */
  readonly sent: Uint8Array[] = [];
  /** Another session of the vendor is believed although this one has not been said to be over. */
  linesSilent = false;
  /** Who is to be asked for its state; until it has been given. */
  wants: number | undefined;
  readonly handler: Handler;
  #answers = 0;
  readonly #server = new RequestServer({
    answer: (packet) => {
      this.#answers = readCount(packet, 0);
      return true;
    },
  });

  constructor(rank: number, nowNs: number, say: (message: StatusMessage) => void, memory?: EpochMemory) {
    const registry = new CounterRegistry();
    const feed = FLOOR.feeds[0]!;
    this.channel = new OutputChannel({
      id: 1,
      name: 'C1',
      writer: new ChannelWriter('C1', TEMPLATES),
      send: (packet, length) => {
        this.sent.push(packet.subarray(0, length));
        return false;
      },
      requestServer: this.#server,
      sessionOf: (epoch) => sessionName(1, feed.day, epoch),
      packetBytes: 1_472,
      heartbeatNs: 1_000 * MS,
      ringBytes: 1 << 16,
      digests: true,
      registry,
    });
    this.handler = new Handler({
      protocol: {
        createNormaliser: (context: NormaliserContext) => new LetterNormaliser(context),
      } as unknown as FeedProtocol,
      littleEndianLengths: false,
      services: { records: new ChannelSet('X', [this.channel.writer], () => 0) },
      channels: [this.channel],
      day: feed.day,
      zoneOffsetNs: 0,
      quarantine: new Quarantine(),
      registry,
      wallNs: () => 0n,
      onEvent: (event) => this.events.push(event),
    });
    this.member = new HandlerMember(
      {
        floor: FLOOR,
        feed,
        rank,
        handler: this.handler,
        channels: [this.channel],
        littleEndianLengths: false,
        memory,
        registry,
        nowNs,
      },
      {
        listen: (start, session) => this.receiver.rejoin(start, session),
        fetchState: (from) => {
          this.wants = from;
        },
        say,
        event: (event) => this.events.push(event),
        receipt: (receipt) => this.receipts.push(receipt),
      },
    );
    const { member } = this;
    // As a real one: before it has heard the vendor it can't do its work.
    member.setHealthy(false);
    this.receiver = new SequencedReceiver(
      MOLD_FRAMING,
      {
        onRun: (bytes, start, end, seq, count) => member.onRun(bytes, start, end, seq, count),
        mayLose: (from, to) => member.mayLose(from, to),
        onLost: (from, to, reason) => member.onLost(from, to, reason),
        onSession: (session, previous, next) => member.onSession(session, previous, next),
        onEnd: (next) => member.onEnd(next),
        onRequest: () => undefined,
      },
      {
        lines: ['A'],
        sessionPolicy: (current, _incoming, ended) =>
          current === undefined || ended || this.linesSilent ? 'switch' : 'ignore',
      },
    );
  }

  /** With how many messages it answers when it is asked for one. */
  answered(seq: number): number {
    this.#answers = 0;
    const request = new Uint8Array(HEADER_BYTES);
    encodeRequest(Buffer.from(this.channel.session), seq, 1, request);
    this.#server.packet(request, request.length, 1, '127.0.0.1', 0);
    return this.#answers;
  }

  /** Number of the epoch that it publishes in, or would. */
  get epoch(): number {
    return this.handler.epoch;
  }
}

/** Two handlers that hear each other, and the time, in steps of a millisecond. What the vendor sends is given to each apart. */
export class HandlerPair {
  nowMs = 1_000;
  readonly handlers: (PairedHandler | undefined)[] = [undefined, undefined];
  /** All that was said, by whom. */
  readonly said: { readonly rank: number; readonly message: Heartbeat }[] = [];
  /** Ranks whose words reach nobody. */
  readonly mute: Set<number> = new Set();
  /** Whether a state that is asked for is given. */
  gives = true;

  /** Starts a member, anew if it was there. */
  start(rank: number, memory?: EpochMemory): PairedHandler {
    const handler: PairedHandler = new PairedHandler(
      rank,
      this.nowMs * MS,
      (message) => {
        if (message.kind !== 'heartbeat') return;
        this.said.push({ rank, message });
        const other = this.handlers[1 - rank];
        if (!this.mute.has(rank)) other?.member.heard(message, this.nowMs * MS);
      },
      memory,
    );
    this.handlers[rank] = handler;
    return handler;
  }

  kill(rank: number): void {
    this.handlers[rank] = undefined;
  }

  run(ms: number): void {
    for (const endMs = this.nowMs + ms; this.nowMs < endMs; ) {
      this.nowMs++;
      const nowNs = this.nowMs * MS;
      for (const [rank, handler] of this.handlers.entries()) {
        if (handler === undefined) continue;
        const { member, receiver } = handler;
        receiver.tick(nowNs);
        member.tick(nowNs, BigInt(nowNs));
        member.flush(nowNs);
        if (this.gives) this.give(handler);
        if (this.nowMs % HEARTBEAT_MS === rank) member.beat(nowNs);
      }
    }
  }

  /** Packets of the vendor reach a member. */
  deliver(to: PairedHandler, ...packets: readonly Uint8Array[]): void {
    to.member.setHealthy(true);
    for (const packet of packets) to.receiver.packet(0, packet, packet.length, this.nowMs * MS);
    to.member.flush(this.nowMs * MS);
  }

  private give(to: PairedHandler): void {
    if (to.wants === undefined) return;
    const from = this.handlers[to.wants];
    to.wants = undefined;
    if (from === undefined || from.member.state !== 'primary') {
      to.member.stateArrived(undefined, 'not there', this.nowMs * MS);
      return;
    }
    const giver = from.member.giveState();
    for (let piece = giver.settled(); piece !== undefined; piece = giver.settled()) to.member.settledArrived(piece);
    to.member.stateArrived(giver.rest(), '', this.nowMs * MS);
  }
}

/** A session of the vendor: makes its packets, a message each. */
export class VendorSession {
  readonly #mold: MoldSender;
  #packets: Uint8Array[] = [];

  constructor(session: string) {
    this.#mold = new MoldSender({
      session,
      emit: (buffer, length) => {
        this.#packets.push(buffer.subarray(0, length));
        return false;
      },
    });
  }

  /** Packets with the next messages, a letter each. */
  messages(letters: string): Uint8Array[] {
    for (const letter of Buffer.from(letters)) {
      this.#mold.append(Uint8Array.of(letter), 0, 1);
      this.#mold.flush(0);
    }
    return this.#packets.splice(0);
  }

  /** The packet that ends it. */
  end(): Uint8Array[] {
    this.#mold.end(0);
    return this.#packets.splice(0);
  }
}

/** A primary and a fit standby that have heard the beginning of a vendor's session. */
export function runningPair(vendor: VendorSession): HandlerPair {
  const pair = new HandlerPair();
  const [first, second] = [pair.start(0), pair.start(1)];
  pair.run(SETTLE_MS);
  const packets = vendor.messages('abc');
  pair.deliver(first, ...packets);
  pair.deliver(second, ...packets);
  pair.run(SETTLE_MS);
  return pair;
}

/** Blocks `bytes[start, end)`, from message `seq` on, by session and number. */
function* named(
  session: string,
  seq: number,
  bytes: Uint8Array,
  start: number,
  end: number,
): Generator<[string, string]> {
  for (let at = start, next = seq; at < end; next++) {
    const after = at + 2 + ((bytes[at]! << 8) | bytes[at + 1]!);
    yield [`${session} ${next}`, Buffer.from(bytes.subarray(at, after)).toString('hex')];
    at = after;
  }
}

/** All that a member has published, and all that it would answer requests with. */
function* said({ sent, channel }: PairedHandler): Generator<[string, string]> {
  for (const packet of sent) {
    yield* named(formatSession(packet, 0), readSequence(packet, 0), packet, HEADER_BYTES, packet.length);
  }
  const kept = new Uint8Array(1 << 16);
  const { end } = channel.ring.read(1, 1_000, kept, 0, kept.length);
  yield* named(channel.session, 1, kept, 0, end);
}

/** Names of messages for which there are different bytes. */
export function contradictions(handlers: readonly PairedHandler[]): string[] {
  const known = new Map<string, string>();
  const found: string[] = [];
  for (const handler of handlers) {
    for (const [name, bytes] of said(handler)) {
      if ((known.get(name) ?? bytes) !== bytes) found.push(name);
      known.set(name, bytes);
    }
  }
  return found;
}
