import { type DutyRequest, doDuty, fetchState, openControlServer, StateServer } from '@tickerplant/control';
import { type Clock, errorMessage, systemClock, TickerError } from '@tickerplant/core';
import { type Floor, type FloorPlant, tradingGroup } from '@tickerplant/floor';
import {
  busyPoll,
  type MulticastSender,
  openReceiver,
  openSender,
  openUnicast,
  resolveInterface,
  type UnicastSocket,
} from '@tickerplant/multicast';
import { type Receipt, Receipts } from '@tickerplant/pair';
import { type Address, newBootId, openStatus, type StatusGroup, type StatusMessage } from '@tickerplant/status';
import { CounterRegistry, type Logger, Quarantine, type QuarantineReport, Trouble } from '@tickerplant/telemetry';
import { FaultGate } from './fault-gate.ts';
import { PlantJournal } from './journal/journal.ts';
import { Plant } from './plant.ts';

/** What a plant needs besides the floor file. */
export interface PlantShellOptions {
  readonly logger: Logger;
  readonly clock?: Clock;
  /** Called when it was told to end, to be started anew: whoever runs the process closes it. */
  readonly onEnd?: () => void;
}

/** A running ticker plant. */
export interface PlantProcess {
  readonly name: string;
  /** How often its timer, which sends the heartbeats, has fired: where it stands still, the process does. */
  readonly beats: number;
  /** The machine: for benchmarks, tests and tools in the same process. */
  readonly plant: Plant;
  /** Everything that `ticker status` shows. */
  status(): Record<string, unknown>;
  quarantine(): QuarantineReport;
  /** Ends everything; the promise resolves when all sockets are closed. */
  close(): Promise<void>;
}

const MS = 1_000_000;
const SEND_BUFFER_BYTES = 4 << 20;
/** Subscribers' requests: small on purpose, a flood of them shall not be worked off while the stream waits. */
const REQUEST_BUFFER_BYTES = 256 * 1024;
/** Packets that may wait for the end of the turn: about what node takes in in one. */
const LEAVING_MAX = 64;
/** Packets of a channel that may wait for the kernel. */
const QUEUED_MAX = 1_024;
/** While messages are missing, time passes in steps of so much. */
const RECOVERY_TICK_MS = 1;
/** From so many packets between two pieces of work for subscribers on, the stream counts as busy. */
const BUSY_PACKETS = 8;

/**
 * Runs a plant of a floor: joins all channels on the feed network, republishes them on the trading network, and
 * serves repair, subscriptions and state.
 *
 * @throws TickerError `FLOOR_NO_PLANT`; whatever the sockets say: `MULTICAST_…`, `CONTROL_…`, `STATUS_…`
 */
export async function startPlant(floor: Floor, plantName: string, options: PlantShellOptions): Promise<PlantProcess> {
  const plant = floor.plants.find(({ name }) => name === plantName);
  if (plant === undefined) {
    const names = floor.plants.map(({ name }) => name).join(', ');
    throw new TickerError('FLOOR_NO_PLANT', `expected a plant of the floor (${names}), got '${plantName}'`);
  }
  const shell = new PlantShell(floor, plant, options);
  try {
    await shell.open();
  } catch (error) {
    await shell.close();
    throw error;
  }
  return shell;
}

class PlantShell implements PlantProcess {
  readonly name: string;
  readonly plant: Plant;
  beats = 0;
  readonly #floor: Floor;
  readonly #self: FloorPlant;
  readonly #logger: Logger;
  readonly #clock: Clock;
  readonly #registry = new CounterRegistry();
  readonly #quarantine = new Quarantine();
  readonly #gate: FaultGate;
  readonly #trouble: Trouble;
  readonly #boot: bigint = newBootId();
  readonly #startedNs: number;
  readonly #closers: { close(): Promise<void> }[] = [];
  private readonly senders: MulticastSender[] = [];
  /** By channel: the kernel has not taken everything yet. */
  private readonly waiting: boolean[] = [];
  /** Packets that leave at the end of this turn of the event loop. */
  private readonly leaving: Uint8Array[] = [];
  private readonly leavingTo: number[] = [];
  private readonly leavingLength: number[] = [];
  #askSocket: UnicastSocket | undefined;
  #repairSocket: UnicastSocket | undefined;
  #feedStatus: StatusGroup | undefined;
  #tradingStatus: StatusGroup | undefined;
  #timer: NodeJS.Timeout | undefined;
  #stopPolling: () => void = () => {};
  #recovery: NodeJS.Timeout | undefined;
  #pumping = false;
  #packets = 0;
  #closed = false;
  readonly #receipts = new Receipts();
  readonly #states: StateServer;
  readonly #onEnd: () => void;
  readonly #journal: PlantJournal | undefined;

  constructor(floor: Floor, self: FloorPlant, options: PlantShellOptions) {
    const { logger, clock = systemClock, onEnd = () => undefined } = options;
    this.#onEnd = onEnd;
    this.name = self.name;
    this.#floor = floor;
    this.#self = self;
    this.#logger = logger;
    this.#clock = clock;
    this.#startedNs = clock.monotonicNs();
    this.#gate = new FaultGate(this.#quarantine, () => clock.wallNs());
    this.#trouble = new Trouble(logger, clock);
    this.#states = new StateServer(floor.key, this.#boot);
    this.plant = new Plant(
      {
        floor,
        plant: self,
        gate: this.#gate,
        registry: this.#registry,
        nowNs: this.#startedNs,
        wallNs: clock.wallNs(),
        report: (kind) => toJson(kind === 'status' ? this.status() : this.quarantine()),
      },
      {
        send: (channel, bytes, length) => this.send(channel, bytes, length),
        ask: ({ address, port }, bytes, length) => {
          // One that waits for the kernel may be overwritten by the next: it is then asked for again.
          this.#askSocket?.send(bytes, 0, length, port, address);
        },
        answer: (bytes, length, port, address) => this.#answer(bytes, length, port, address),
        say: (network, message) => this.#say(network, message),
        fetchState: (from) => void this.#fetchState(from),
        restored: (channel, saved, from) => this.#journal?.restored(channel, saved, from),
        receipt: (receipt) => this.#receipt(receipt),
        event: (event, facts) => logger.info(facts, event),
      },
    );
    const { channels } = this.plant;
    const tailBytes = Math.floor(self.ringBytes / channels.length);
    const { journal } = floor;
    if (journal === undefined) return;
    const registry = this.#registry;
    this.#journal = new PlantJournal({ floor, journal, name: self.name, channels, tailBytes, registry, logger, clock });
  }

  async open(): Promise<void> {
    const { networks, limits, channels } = this.#floor;
    const { feed, trading } = networks;
    const clock = this.#clock;
    const onError = (error: TickerError): void => this.#trouble.report(error);
    const onWarning = (warning: TickerError): void => this.#logger.warn({ code: warning.code }, errorMessage(warning));
    await this.#openJournal();
    for (const [index, channel] of channels.entries()) {
      const sender = await openSender({
        ...tradingGroup(channel, this.#floor.plants.indexOf(this.#self)),
        interface: trading.interface,
        ttl: trading.ttl,
        sendBufferBytes: SEND_BUFFER_BYTES,
        onError: (error) => {
          this.plant.channels[index]!.counters.sendErrors++;
          onError(error);
        },
      });
      this.#closers.push(sender);
      this.senders.push(sender);
      this.waiting.push(false);
    }
    this.#repairSocket = await openUnicast({
      ...this.#self.repair,
      receiveBufferBytes: REQUEST_BUFFER_BYTES,
      onPacket: (packet, from) =>
        this.plant.repairRequest(packet, packet.length, from.port, from.address, clock.monotonicNs()),
      onError,
    });
    this.#closers.push(this.#repairSocket);
    this.#askSocket = await openUnicast({
      address: resolveInterface(feed.interface),
      port: 0,
      receiveBufferBytes: SEND_BUFFER_BYTES,
      onPacket: (packet, from) =>
        this.#take(() => this.plant.repairPacket(packet, packet.length, from, clock.monotonicNs())),
      onError,
    });
    this.#closers.push(this.#askSocket);
    const statusOptions = {
      key: this.#floor.key,
      name: `plant/${this.name}`,
      boot: this.#boot,
      clock,
      registry: this.#registry,
      quarantine: this.#quarantine,
      onError,
    };
    this.#tradingStatus = await openStatus({
      ...statusOptions,
      ...networkOf(trading),
      onMessage: (message) => {
        this.plant.tradingStatus(message, clock.monotonicNs());
        if (!this.plant.takingOver) return;
        this.sendLeaving();
        if (this.#recovery === undefined) this.#recover();
      },
      onDoubt: (fault) => this.#doubt(fault),
    });
    this.#closers.push(this.#tradingStatus);
    this.#feedStatus = await openStatus({
      ...statusOptions,
      ...networkOf(feed),
      onMessage: (message, origin) => this.plant.feedStatus(message, origin, clock.monotonicNs(), clock.wallNs()),
    });
    this.#closers.push(this.#feedStatus);
    const server = await openControlServer({
      ...this.#self.control,
      plant: this.name,
      floor: this.#floor.name,
      boot: this.#boot,
      handler: {
        onOpen: (connection) => this.plant.subscriptions.open(connection, clock.monotonicNs()),
        onRequest: (connection, request) => {
          if (request.kind === 'state-request') {
            this.#states.send(connection, request.proof, () => this.plant.giveState());
            return;
          }
          if (request.kind === 'duty') {
            connection.send({ kind: 'done', text: this.#duty(request, connection.nonce) });
            return;
          }
          this.plant.subscriptions.request(connection, request);
          this.#schedulePump();
        },
        onDrain: (connection) => {
          this.#states.pump(connection);
          this.#schedulePump();
        },
        onClose: (connection, reason) => {
          this.#states.forget(connection);
          this.plant.subscriptions.close(connection);
          this.#logger.info({ client: connection.client, peer: connection.peer, reason }, 'client gone');
        },
      },
      registry: this.#registry,
      quarantine: this.#quarantine,
      clock,
      onError,
    });
    this.#closers.push(server);
    for (const [index, channel] of channels.entries()) {
      this.#closers.push(
        await openReceiver({
          ...channel.feed,
          interface: feed.interface,
          onPacket: (packet) => this.packet(index, packet),
          onError,
          onWarning,
        }),
      );
    }
    const tickMs = Math.max(1, Math.floor(Math.min(limits.heartbeatMs, limits.channelHeartbeatMs) / 4));
    if (this.#self.busyPoll) this.#stopPolling = busyPoll();
    this.#timer = setInterval(() => this.#tick(), tickMs);
    this.#tick();
    const { control, repair } = this.#self;
    this.#logger.info({ plant: this.name, control, repair, channels: channels.map(({ name }) => name) }, 'plant is up');
  }

  /** Before anything is heard: what comes then is asked for from where the journal ends. */
  async #openJournal(): Promise<void> {
    const contents = await this.#journal?.open();
    // A plant alone is primary from the start.
    for (const report of this.#receipts.report()) this.#journal?.receipt(JSON.stringify(report));
    if (contents === undefined) return;
    this.#receipts.restore(contents.receipts);
    this.plant.offerJournal(contents.channels);
  }

  status(): Record<string, unknown> {
    return {
      ...this.plant.status(this.#clock.monotonicNs()),
      journal: this.#journal?.status() ?? null,
      receipts: this.#receipts.report(),
      boot: String(this.#boot),
      uptimeMs: Math.round((this.#clock.monotonicNs() - this.#startedNs) / MS),
      memory: process.memoryUsage(),
      heard: {
        feed: this.#feedStatus?.senders() ?? [],
        trading: this.#tradingStatus?.senders() ?? [],
      },
      counters: this.#registry.snapshot(),
      descriptions: this.#registry.descriptions(),
      quarantine: this.#gate.report().counts,
    };
  }

  quarantine(): QuarantineReport {
    return this.#gate.report();
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    // Whoever stops on purpose hands over first: nobody has to wait for its silence.
    if (this.#timer !== undefined) this.plant.handOver(this.#clock.monotonicNs());
    this.sendLeaving();
    this.#closed = true;
    clearInterval(this.#timer);
    clearInterval(this.#recovery);
    this.#stopPolling();
    await Promise.all(this.#closers.splice(0).map((each) => each.close()));
    await this.#journal?.close();
  }

  /** The hot path: a packet of a channel. */
  private packet(channel: number, packet: Buffer): void {
    this.#packets++;
    this.plant.packet(channel, packet, packet.length, this.#clock.monotonicNs());
    if (this.#recovery === undefined && this.plant.channels[channel]!.receiver.recovering) this.#recover();
  }

  /**
   * Packets leave at the end of the event loop's turn: taking in what has come and sending it on one after the other,
   * in two runs, keeps the code of each in the processor's cache, and wakes a subscriber once for all of them.
   */
  private send(channel: number, bytes: Uint8Array, length: number): boolean {
    this.leaving.push(bytes);
    this.leavingTo.push(channel);
    this.leavingLength.push(length);
    if (this.leaving.length === 1) setImmediate(this.sendLeaving);
    else if (this.leaving.length >= LEAVING_MAX) this.sendLeaving();
    return false;
  }

  private readonly sendLeaving = (): void => {
    const { leaving, leavingTo, leavingLength } = this;
    for (let i = 0; i < leaving.length; i++) this.sendNow(leavingTo[i]!, leaving[i]!, leavingLength[i]!);
    leaving.length = 0;
    leavingTo.length = 0;
    leavingLength.length = 0;
  };

  private sendNow(channel: number, bytes: Uint8Array, length: number): boolean {
    const sender = this.senders[channel]!;
    // Looking at the kernel's queue costs something: only when it was not empty last time.
    if (this.waiting[channel] && sender.queued() >= QUEUED_MAX) {
      this.plant.channels[channel]!.counters.overflow++;
      return true;
    }
    const free = sender.send(bytes, 0, length);
    this.waiting[channel] = !free;
    return free;
  }

  #answer(bytes: Buffer, length: number, port: number, address: string): boolean {
    const socket = this.#repairSocket!;
    return socket.queued() >= QUEUED_MAX || socket.send(bytes, 0, length, port, address);
  }

  #take(packet: () => void): void {
    packet();
    if (this.#recovery === undefined && this.plant.recovering) this.#recover();
  }

  #recover(): void {
    this.#recovery = setInterval(() => {
      this.#tick();
      if (this.plant.recovering || this.plant.takingOver) return;
      clearInterval(this.#recovery);
      this.#recovery = undefined;
    }, RECOVERY_TICK_MS);
  }

  #tick(): void {
    this.beats++;
    this.plant.tick(this.#clock.monotonicNs(), this.#clock.wallNs());
    // What a takeover sends again shall not wait for the packets that have come meanwhile.
    this.sendLeaving();
    // Clients that had used up their budget may go on.
    if (this.plant.subscriptions.pending) this.#schedulePump();
  }

  #schedulePump(): void {
    if (this.#pumping || this.#closed) return;
    this.#pumping = true;
    setImmediate(() => {
      this.#pumping = false;
      const busy = this.#packets >= BUSY_PACKETS;
      this.#packets = 0;
      if (!this.#closed && this.plant.subscriptions.pump(this.#clock.monotonicNs(), busy)) this.#schedulePump();
    });
  }

  #doubt(fault: 'forged' | 'stale'): void {
    if (!this.plant.pair.doubted(this.#clock.monotonicNs())) return;
    const what = fault === 'forged' ? 'with another key' : 'with a clock far from this one';
    const text = `expected the other plants' heartbeats, somebody speaks ${what}: waiting`;
    this.#trouble.report(new TickerError('PLANT_NOT_JOINING', text));
  }

  async #fetchState({ address, port }: Address): Promise<void> {
    let state: Buffer | undefined;
    let why = '';
    try {
      const source = { address, port, key: this.#floor.key, client: `plant/${this.name}` };
      state = await fetchState(source, (piece) => {
        if (!this.#closed) this.plant.settledArrived(piece);
      });
    } catch (error) {
      why = errorMessage(error);
    }
    if (!this.#closed) this.plant.stateArrived(state, why, this.#clock.monotonicNs());
  }

  #duty(request: DutyRequest, nonce: bigint): string {
    this.sendLeaving();
    const about = { boot: this.#boot, nonce };
    return doDuty(this.plant, request, this.#floor.key, about, this.#clock.monotonicNs(), this.#onEnd);
  }

  #receipt(receipt: Receipt): void {
    const report = this.#receipts.add(receipt);
    this.#journal?.receipt(JSON.stringify(report));
    this.#logger.info({ receipt: report }, 'takeover');
  }

  #say(network: 'feed' | 'trading', message: StatusMessage): void {
    try {
      (network === 'feed' ? this.#feedStatus : this.#tradingStatus)?.send(message);
    } catch (error) {
      this.#trouble.report(error as TickerError);
    }
  }
}

function networkOf(network: Floor['networks']['feed']): {
  endpoint: { group: string; port: number };
  interface: string;
  ttl: number;
  sources: readonly string[];
  packetBytes: number;
} {
  const { group, port, sources } = network.status;
  return {
    endpoint: { group, port },
    interface: network.interface,
    ttl: network.ttl,
    sources,
    packetBytes: network.packetBytes,
  };
}

/** JSON with 64-bit numbers as texts. */
function toJson(value: unknown): string {
  return JSON.stringify(value, (_key, each) => (typeof each === 'bigint' ? String(each) : each));
}
