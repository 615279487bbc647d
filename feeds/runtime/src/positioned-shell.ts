import { fetchState, StateServer } from '@tickerplant/control';
import { errorMessage, zoneOffsetNs } from '@tickerplant/core';
import type { Floor } from '@tickerplant/floor';
import { busyPoll } from '@tickerplant/multicast';
import { openSubscriber, type SequencedSubscriber } from '@tickerplant/sequence';
import type { Address } from '@tickerplant/status';
import { Handler } from './handler.ts';
import { HandlerShell, type HandlerShellOptions, openShell, type Place, placeIn } from './handler-shell.ts';
import { LineWatch } from './line-watch.ts';
import { HandlerMember } from './member.ts';
import type { FeedProtocol } from './protocol.ts';

/** A running feed handler. */
export interface HandlerProcess {
  /** Heartbeats so far: where they stand still, the process does. */
  readonly beats: number;
  /** Everything that `ticker status` shows. */
  status(): Record<string, unknown>;
  /**
   * Takes a packet as if it had come on a line, by its place in the floor file: for measuring without the way there.
   * It is borrowed.
   */
  receive(line: number, packet: Uint8Array): void;
  close(): Promise<void>;
}

const MS = 1_000_000;
/** Quality is told at once when it changes, and again this often for those who joined later. */
const QUALITY_REPEAT_NS = 500 * MS;

/**
 * Runs a handler of one feed of a floor: joins the vendor's lines, repairs, normalises, publishes on the feed
 * network, answers the plants' repair requests, and tells the status group how things stand. One of several handlers of
 * a feed does all but publish while another one is primary.
 *
 * @param memberName the feed's name, or that of one of its standbys: `itch-2`.
 * @throws TickerError `FLOOR_NO_FEED`; whatever the sockets say: `MULTICAST_…`
 */
export async function startHandler(
  floor: Floor,
  memberName: string,
  protocol: FeedProtocol,
  options: HandlerShellOptions,
): Promise<HandlerProcess> {
  return openShell(new PositionedShell(floor, placeIn(floor, memberName), protocol, options));
}

class PositionedShell extends HandlerShell<HandlerMember> implements HandlerProcess {
  readonly #protocol: FeedProtocol;
  readonly #watch: LineWatch;
  readonly #states: StateServer;
  #subscriber: SequencedSubscriber | undefined;
  #handler: Handler | undefined;
  #stopPolling: () => void = () => {};
  #qualityToldNs = 0;

  constructor(floor: Floor, place: Place, protocol: FeedProtocol, options: HandlerShellOptions) {
    super(floor, place, options);
    this.#protocol = protocol;
    this.#states = new StateServer(floor.key, this.boot);
    this.#watch = new LineWatch(place.feed.name, floor.limits.lineSilentAfterMs * MS);
  }

  async open(): Promise<void> {
    const { feed, clock, registry, quarantine, onError, outputs } = this;
    const { limits } = this.floor;
    await this.openOutputs(this.#protocol.templates, feed.members.length > 1);
    const framing = this.#protocol.createFraming();
    const { littleEndianLengths } = framing;
    const onEvent = (event: string, facts: Record<string, unknown>): void => this.logger.info(facts, event);
    const handler = new Handler({
      protocol: this.#protocol,
      littleEndianLengths,
      services: outputs.services,
      channels: outputs.channels,
      day: feed.day,
      zoneOffsetNs: zoneOffsetNs(feed.day, feed.timeZone),
      quarantine,
      registry,
      wallNs: () => clock.wallNs(),
      onEvent,
    });
    const member = new HandlerMember(
      {
        floor: this.floor,
        feed,
        rank: this.rank,
        handler,
        channels: outputs.channels,
        littleEndianLengths,
        memory: this.memory,
        registry,
        nowNs: clock.monotonicNs(),
      },
      {
        listen: (start, session) => this.#subscriber?.receiver.rejoin(start, session),
        fetchState: (rank, from) => void this.#fetchState(rank, from),
        say: (message) => this.say(message),
        event: onEvent,
        receipt: (receipt) => this.receipts.add(receipt),
      },
    );
    this.#handler = handler;
    this.member = member;
    this.#subscriber = await openSubscriber({
      framing,
      lines: feed.lines,
      requestServers: feed.requestServers,
      encodeRequest: this.#protocol.encodeRequest,
      listener: {
        onRun: (bytes, start, end, seq, count) => {
          member.onRun(bytes, start, end, seq, count);
          this.scheduleFlush();
        },
        mayLose: (from, to) => member.mayLose(from, to),
        onLost: (from, to, reason) => {
          member.onLost(from, to, reason);
          this.scheduleFlush();
        },
        onSession: (session, previous, next) => {
          member.onSession(session, previous, next);
          this.scheduleFlush();
        },
        onEnd: (next) => member.onEnd(next),
      },
      receiver: {
        start: 'first-seen',
        sessionPolicy: (current, _incoming, ended) =>
          current === undefined || ended || this.#linesSilent() ? 'switch' : 'ignore',
        gapWaitNs: limits.gapWaitMs * MS,
        requestTimeoutNs: limits.repairTimeoutMs * MS,
        requestMessagesMax: this.#protocol.requestMessagesMax,
        singlePacketAnswers: this.#protocol.singlePacketAnswers,
        lostAfterNs: limits.lostAfterMs * MS,
        reorderBytesMax: feed.ringBytes,
        requestAttemptsMax: Math.max(1, Math.ceil(limits.lostAfterMs / limits.repairTimeoutMs)),
      },
      registry,
      quarantine,
      clock,
      onError,
      onWarning: (warning) => this.logger.warn({ code: warning.code }, errorMessage(warning)),
    });
    if (feed.busyPoll) this.#stopPolling = busyPoll();
    await this.begin({ server: this.#states, give: () => member.giveState() });
    this.logger.info(
      {
        feed: feed.name,
        member: this.self.name,
        state: member.state,
        epoch: handler.epoch,
        channels: outputs.channels.map(({ name, session }) => ({ name, session })),
      },
      'handler is up',
    );
  }

  override status(): Record<string, unknown> {
    return {
      ...super.status(),
      protocol: this.#protocol.name,
      epoch: this.#handler?.epoch,
      lines: this.#watch.all.map((entry) => ({ ...entry, sinceNs: String(entry.sinceNs) })),
      missing: this.#subscriber?.receiver.missing,
    };
  }

  receive(line: number, packet: Uint8Array): void {
    this.#subscriber!.receiver.packet(line, packet, packet.length, this.clock.monotonicNs());
  }

  protected async closeVendor(): Promise<void> {
    this.#stopPolling();
    await this.#subscriber?.close();
  }

  protected beat(nowNs: number): void {
    const { feed } = this;
    const member = this.member!;
    const receiver = this.#subscriber?.receiver;
    const lines = receiver?.lines.filter((line) => feed.lines.some(({ name }) => name === line.name));
    const changes = this.#watch.look(
      lines ?? [],
      nowNs,
      this.clock.wallNs(),
      receiver && member.missing(receiver, nowNs),
    );
    for (const change of changes) this.logger.info({ ...change, sinceNs: String(change.sinceNs) }, 'quality');
    member.setHealthy(this.#watch.all.every(({ scope, quality }) => scope !== 'feed' || quality !== 'STALE'));
    member.beat(nowNs);
    // The primary speaks for the feed: a standby may see other lines silent.
    if (member.state === 'primary' && (changes.length > 0 || nowNs - this.#qualityToldNs >= QUALITY_REPEAT_NS)) {
      this.#qualityToldNs = nowNs;
      this.say({ kind: 'quality', entries: this.#watch.all });
    }
  }

  async #fetchState(rank: number, { address, port }: Address): Promise<void> {
    const source = { address, port, key: this.floor.key, client: `handler/${this.self.name}` };
    let state: Buffer | undefined;
    let why = '';
    try {
      state = await fetchState(source, (piece) => {
        if (!this.closed) this.member!.settledArrived(piece);
      });
    } catch (error) {
      why = errorMessage(error);
    }
    if (this.closed) return;
    this.logger.debug({ from: this.feed.members[rank]?.name, bytes: state?.length }, 'state fetched');
    this.member!.stateArrived(state, why, this.clock.monotonicNs());
    this.scheduleFlush();
  }

  /** A stray packet must not end a session that is going on: another one is believed when this one is silent. */
  #linesSilent(): boolean {
    const limitNs = this.floor.limits.lineSilentAfterMs * MS;
    const now = this.clock.monotonicNs();
    return this.#subscriber?.receiver.lines.every(({ lastHeardNs }) => now - lastHeardNs > limitNs) ?? true;
  }
}
