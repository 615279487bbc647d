import { type ControlConnection, connectControl } from '@tickerplant/control';
import { type Clock, errorMessage, seededRandom, systemClock, TickerError } from '@tickerplant/core';
import {
  type Endpoint,
  formatEndpoint,
  openReceiver,
  openUnicast,
  parseEndpoint,
  resolveInterface,
  type UnicastSocket,
} from '@tickerplant/multicast';
import { type FieldDictionary, standardDictionary } from '@tickerplant/records';
import {
  type Address,
  type DirectoryChannel,
  type DirectoryGroup,
  newBootId,
  type QualityEntry,
  type StatusMessage,
  type StatusOrigin,
  StatusReceiver,
} from '@tickerplant/status';
import { CounterRegistry, createLogger, type Logger, Quarantine } from '@tickerplant/telemetry';
import { type ChannelInfo, ClientMachine, type Serving } from './client-machine.ts';
import type { FloorEvent, TakeoverEvent } from './floor-events.ts';
import type { PlantInfo, PlantStanding } from './floor-view.ts';
import type { Item } from './item.ts';
import { type ClientLimits, fillLimits } from './options.ts';
import type { SubscribeOptions, Subscription } from './subscription.ts';

/** How to connect: the trading network's status group is all that must be known. */
export interface ClientOptions {
  /** Group and port of the status group: `239.255.20.1:31000`. */
  readonly status: string | Endpoint;
  /** Name or IPv4 address of the network interface. */
  readonly interface: string;
  /** The floor's shared key, at least 16 bytes; text stands for its UTF-8 bytes. */
  readonly key: Uint8Array | string;
  /** For a source-specific membership of the status group; empty: any source. */
  readonly sources?: readonly string[] | undefined;
  /** What to call oneself to the plants. @default `client/` and the process id */
  readonly name?: string | undefined;
  /** @default the suite's own */
  readonly dictionary?: FieldDictionary | undefined;
  /** Move old values along the dictionary's ripple chains: BID to BID_1 and so on. @default false */
  readonly ripple?: boolean | undefined;
  /** How old a status packet may be and how far clocks may differ at first contact. @default 5000 ms */
  readonly statusStaleMs?: number | undefined;
  readonly limits?: Partial<ClientLimits> | undefined;
  /** @default warnings and errors, to standard error */
  readonly logger?: Logger | undefined;
  /** Where the counters are listed. @default one of its own */
  readonly registry?: CounterRegistry | undefined;
  /** Where bad input is kept. @default one of its own */
  readonly quarantine?: Quarantine | undefined;
  readonly clock?: Clock | undefined;
  /** What a listener throws, and trouble with sockets. @default it is logged */
  readonly onError?: ((error: unknown) => void) | undefined;
  /** Takeovers among the plants, changes of who serves this client, groups that fall silent. */
  readonly onEvent?: ((event: FloorEvent) => void) | undefined;
  /** Every message of the status group, after the client has seen it. */
  readonly onStatus?: ((message: StatusMessage, origin: StatusOrigin) => void) | undefined;
}

const TICK_MS = 10;
/** While messages are missing. */
const URGENT_TICK_MS = 1;
const KEY_BYTES_MIN = 16;

interface Closable {
  close(): Promise<void>;
}

/** A connected client: subscriptions, and a view of the floor. Open one with `connect`. */
export class Client {
  /** Resolves when the channels are known: a plant has been heard. Rejects when the client is closed before. */
  readonly ready: Promise<void>;
  readonly registry: CounterRegistry;
  readonly quarantine: Quarantine;
  private readonly options: ClientOptions;
  private readonly machine: ClientMachine;
  private readonly clock: Clock;
  private readonly log: Logger;
  private readonly name: string;
  /** Groups that are open, being opened, or to be opened again, by channel id. */
  private readonly groups = new Map<number, GroupListener[]>();
  private readonly closing = new Set<Promise<void>>();
  private statusReceiver: Closable | undefined;
  private repair: UnicastSocket | undefined;
  /** The connection, or the attempt, that counts; replies of others are late. */
  private attempt = 0;
  private control: ControlConnection | undefined;
  private timer: NodeJS.Timeout | undefined;
  private timerMs = 0;
  private closed: Promise<void> | undefined;
  private settleReady: (error?: Error) => void = () => {};

  /** Use `connect`. */
  constructor(options: ClientOptions) {
    this.options = options;
    this.clock = options.clock ?? systemClock;
    this.log = options.logger ?? createLogger('client', process.env.TICKER_LOG ?? 'warn');
    this.name = options.name ?? `client/${process.pid}`;
    this.registry = options.registry ?? new CounterRegistry();
    this.quarantine = options.quarantine ?? new Quarantine();
    this.ready = new Promise((resolve, reject) => {
      this.settleReady = (error) => (error === undefined ? resolve() : reject(error));
    });
    this.ready.catch(() => {});
    const boot = newBootId();
    this.machine = new ClientMachine({
      instance: String(boot),
      random: seededRandom(Number(boot & 0xffff_ffffn)),
      dictionary: options.dictionary ?? standardDictionary(),
      ripple: options.ripple ?? false,
      limits: fillLimits(options.limits),
      registry: this.registry,
      nowNs: this.clock.monotonicNs(),
      wallNs: this.clock.wallNs(),
      effects: {
        join: (channel) => this.join(channel),
        leave: (channel) => this.leave(channel),
        connect: (plant, address) => this.connectTo(plant, address),
        disconnect: () => this.disconnect(),
        send: (request) => this.control?.send(request) ?? false,
        sendRepair: (bytes, length, address, port) => this.repair?.send(bytes, 0, length, port, address) ?? true,
        quarantine: (code, message, bytes, context) =>
          this.quarantine.put(this.clock.wallNs(), code, message, bytes, context),
        listenerFailed: (error) => this.failed(error, 'a listener threw'),
        event: (event) => this.tell(event),
        note: (level, what, context) => this.log[level](context, what),
      },
    });
    this.machine.onDirectory = () => this.settleReady();
  }

  /**
   * Subscribes to items: names (`IEX.AAPL`) or patterns, `*` for one name, `>` for one or more (`NASDAQ.>`).
   *
   * @throws TickerError `RECORDS_BAD_PATTERN`, `CLIENT_BAD_OPTION`, `CLIENT_CLOSED`
   */
  subscribe(patterns: string | readonly string[], options: SubscribeOptions = {}): Subscription {
    if (this.closed !== undefined) throw new TickerError('CLIENT_CLOSED', 'expected an open client');
    const list = typeof patterns === 'string' ? [patterns] : patterns;
    return this.machine.subscribe(list, options, this.clock.monotonicNs());
  }

  /** A subscribed item. */
  item(subject: string): Item | undefined {
    return this.machine.item(subject);
  }

  /** The floor's name; empty until a plant has been heard. */
  get floor(): string {
    return this.machine.floor.name;
  }

  /** The plants heard, the best first. */
  get plants(): PlantInfo[] {
    return this.machine.floor.plantInfos(this.clock.monotonicNs());
  }

  /** Which plants serve this client, and which is primary. */
  get serving(): Serving {
    return this.machine.serving(this.clock.monotonicNs());
  }

  /** The newest takeovers among the plants that this client has seen, the oldest first; at most 64. */
  get takeovers(): readonly TakeoverEvent[] {
    return this.machine.takeovers;
  }

  /** The floor's channels and how those in use are doing. */
  get channels(): ChannelInfo[] {
    return this.machine.channelInfos();
  }

  /** Names of the services with items on any of the floor's channels. */
  get services(): string[] {
    const { channels } = this.machine.floor;
    return [...new Set([...channels.values()].flatMap(({ services }) => services))];
  }

  /** What the plants say of lines, feeds, channels and items that are not LIVE. */
  get quality(): QualityEntry[] {
    return this.machine.floor.opinions(this.clock.monotonicNs());
  }

  get dictionary(): FieldDictionary {
    return this.machine.dictionary;
  }

  /** Ends all subscriptions and closes all sockets and timers. */
  close(): Promise<void> {
    this.closed ??= this.closeAll();
    return this.closed;
  }

  /** For `connect`. */
  async open(): Promise<void> {
    const { status, sources = [], statusStaleMs = 5_000, onStatus } = this.options;
    const endpoint = typeof status === 'string' ? parseEndpoint(status) : status;
    const local = resolveInterface(this.options.interface);
    const receiver = new StatusReceiver({
      key: keyBytes(this.options.key),
      group: formatEndpoint(endpoint),
      staleAfterNs: statusStaleMs * 1e6,
      registry: this.registry,
      quarantine: this.quarantine,
      onMessage: (message, origin) => {
        this.machine.status(message, origin, this.clock.monotonicNs());
        onStatus?.(message, origin);
      },
    });
    this.repair = await openUnicast({
      address: local,
      port: 0,
      receiveBufferBytes: 1024 * 1024,
      onPacket: (packet, from) => {
        this.machine.repairPacket(packet, packet.length, from.address, from.port, this.clock.monotonicNs());
      },
      onError: (error) => this.failed(error, 'repair socket'),
    });
    this.statusReceiver = await openReceiver({
      ...endpoint,
      interface: local,
      sources,
      onPacket: (packet) => receiver.packet(packet, packet.length, this.clock.monotonicNs(), this.clock.wallNs()),
      onError: (error) => this.failed(error, 'status group'),
    });
    this.setTimer(TICK_MS);
  }

  private async closeAll(): Promise<void> {
    clearInterval(this.timer);
    this.disconnect();
    this.machine.close();
    for (const id of [...this.groups.keys()]) this.leave(id);
    this.settleReady(new TickerError('CLIENT_CLOSED', 'the client was closed before a plant was heard'));
    await Promise.all([this.statusReceiver?.close(), this.repair?.close(), ...this.closing]);
  }

  private setTimer(ms: number): void {
    if (this.timerMs === ms || this.closed !== undefined) return;
    clearInterval(this.timer);
    this.timerMs = ms;
    this.timer = setInterval(() => {
      const urgent = this.machine.tick(this.clock.monotonicNs(), this.clock.wallNs());
      this.setTimer(urgent ? URGENT_TICK_MS : TICK_MS);
    }, ms);
  }

  private join(channel: DirectoryChannel): void {
    const { id, name, groups } = channel;
    const listeners = groups.map((group, index) => this.listenTo(id, name, group, index));
    this.groups.set(id, listeners);
    for (const listener of listeners) void listener.open((error) => this.failed(error, `joining channel ${name}`));
  }

  private listenTo(
    id: number,
    channel: string,
    { group, port, sources = [] }: DirectoryGroup,
    index: number,
  ): GroupListener {
    const { receiveBufferBytes } = fillLimits(this.options.limits);
    return new GroupListener(() =>
      openReceiver({
        group,
        port,
        interface: this.options.interface,
        sources,
        receiveBufferBytes,
        onPacket: (packet) => {
          const urgent = this.machine.packet(id, index, packet, packet.length, this.clock.monotonicNs());
          if (urgent && this.timerMs !== URGENT_TICK_MS) this.setTimer(URGENT_TICK_MS);
        },
        onError: (error) => this.failed(error, `group ${group}:${port} of channel ${channel}`),
        onWarning: (warning) => this.log.warn({ ...warning.context, code: warning.code }, warning.message),
      }),
    );
  }

  private leave(channel: number): void {
    const listeners = this.groups.get(channel) ?? [];
    this.groups.delete(channel);
    for (const listener of listeners) {
      const closing = listener.close().finally(() => this.closing.delete(closing));
      this.closing.add(closing);
    }
  }

  private tell(event: FloorEvent): void {
    try {
      this.options.onEvent?.(event);
    } catch (error) {
      this.failed(error, 'a listener threw');
    }
  }

  private connectTo(_plant: PlantStanding, { address, port }: Address): void {
    const attempt = ++this.attempt;
    const { connectTimeoutMs } = fillLimits(this.options.limits);
    const over = (error: TickerError | undefined): void => {
      if (attempt !== this.attempt) return;
      this.control = undefined;
      this.machine.controlClosed(error, this.clock.monotonicNs());
    };
    const opening = connectControl({
      address,
      port,
      client: this.name,
      connectTimeoutMs,
      onReply: (reply) => {
        if (attempt === this.attempt) this.machine.controlReply(reply, this.clock.monotonicNs());
      },
      onClose: over,
    }).then(
      (connection) => {
        if (attempt !== this.attempt) {
          connection.close();
          return;
        }
        this.control = connection;
        this.machine.controlOpened(connection.welcome, this.clock.monotonicNs());
      },
      (error: TickerError) => over(error),
    );
    const settled = opening.finally(() => this.closing.delete(settled));
    this.closing.add(settled);
  }

  private disconnect(): void {
    this.attempt++;
    this.control?.close();
    this.control = undefined;
  }

  private failed(error: unknown, where: string): void {
    if (this.options.onError !== undefined) this.options.onError(error);
    else this.log.error({ where, error: errorMessage(error) }, 'error');
  }
}

const REOPEN_MS = 1_000;

/** A group's socket that is opened until it works, unless it is closed before. */
class GroupListener {
  private readonly opener: () => Promise<Closable>;
  private socket: Closable | undefined;
  private opening: Promise<void> | undefined;
  private timer: NodeJS.Timeout | undefined;
  private isClosed = false;

  constructor(opener: () => Promise<Closable>) {
    this.opener = opener;
  }

  /** Opens; when that fails, says so and tries again every second. */
  open(onFailure: (error: unknown) => void): Promise<void> {
    this.opening = this.opener().then(
      (socket) => {
        this.socket = socket;
      },
      (error: unknown) => {
        onFailure(error);
        if (!this.isClosed) this.timer = setTimeout(() => void this.open(onFailure), REOPEN_MS);
      },
    );
    return this.opening;
  }

  async close(): Promise<void> {
    this.isClosed = true;
    clearTimeout(this.timer);
    await this.opening;
    clearTimeout(this.timer);
    await this.socket?.close();
  }
}

function keyBytes(key: Uint8Array | string): Uint8Array {
  const bytes = typeof key === 'string' ? Buffer.from(key, 'utf8') : key;
  if (bytes.length < KEY_BYTES_MIN) {
    throw new TickerError(
      'CLIENT_BAD_OPTION',
      `expected a key of at least ${KEY_BYTES_MIN} bytes, got ${bytes.length}`,
    );
  }
  return bytes;
}

/**
 * Opens a client. It finds everything else by the status group; `client.ready` tells when a plant has been heard,
 * but subscriptions may be made at once.
 *
 * @throws TickerError `CLIENT_BAD_OPTION`, and what sockets may throw: `MULTICAST_…`
 */
export async function connect(options: ClientOptions): Promise<Client> {
  const client = new Client(options);
  try {
    await client.open();
  } catch (error) {
    await client.close();
    throw error;
  }
  return client;
}
