import { type ControlServer, openControlServer, type PlantRequest, type ServerConnection } from '@tickerplant/control';
import { parseRequest } from '@tickerplant/moldudp64';
import { type MulticastSender, openSender, openUnicast, type UnicastSocket } from '@tickerplant/multicast';
import { newBootId, openStatus, type StatusGroup } from '@tickerplant/status';
import type { FakePlant } from './fake-plant.ts';

export const KEY = 'a key for tests only, 32 bytes..';

export interface SocketPlantOptions {
  readonly name: string;
  readonly rank: number;
  readonly statusPort: number;
  readonly dataPort: number;
  readonly plant: FakePlant;
}

/** A small plant on real sockets, on the loopback interface: one channel, named `equities`, service IEX. */
export class SocketPlant {
  readonly plant: FakePlant;
  readonly name: string;
  private readonly options: SocketPlantOptions;
  private sender!: MulticastSender;
  private repair!: UnicastSocket;
  private status!: StatusGroup;
  private control!: ControlServer;
  private timer: NodeJS.Timeout | undefined;
  private readonly patterns = new Map<string, readonly string[]>();
  /** Requests for images and for repair so far. */
  resyncs = 0;
  repairs = 0;

  constructor(options: SocketPlantOptions) {
    this.options = options;
    this.plant = options.plant;
    this.name = options.name;
  }

  async open(): Promise<void> {
    const { name, rank, statusPort, dataPort } = this.options;
    const fail = (error: Error): void => {
      throw error;
    };
    this.sender = await openSender({ group: '239.255.77.1', port: dataPort, interface: '127.0.0.1', onError: fail });
    const request = { seq: 0, count: 0 };
    this.repair = await openUnicast({
      address: '127.0.0.1',
      port: 0,
      onPacket: (packet, from) => {
        if (parseRequest(packet, packet.length, request) !== undefined) return;
        this.repairs++;
        const to = Math.min(this.plant.next, request.seq + request.count);
        if (to <= request.seq) return;
        const answer = this.plant.packet(request.seq, to);
        this.repair.send(answer, 0, answer.length, from.port, from.address);
      },
      onError: fail,
    });
    this.control = await openControlServer({
      address: '127.0.0.1',
      port: 0,
      plant: name,
      floor: 'toy',
      boot: newBootId(),
      handler: { onRequest: (connection, message) => this.answer(connection, message) },
      onError: fail,
    });
    this.status = await openStatus({
      endpoint: { group: '239.255.77.2', port: statusPort },
      interface: '127.0.0.1',
      key: Buffer.from(KEY),
      name,
      onMessage: () => {},
      onError: fail,
    });
    const beat = (): void => {
      const { port } = this.control.address;
      const { session, next } = this.plant;
      this.status.send({
        kind: 'heartbeat',
        role: 'plant',
        name,
        term: 0,
        rank,
        state: 'primary',
        control: { address: '127.0.0.1', port },
        repair: { address: '127.0.0.1', port: this.repair.port },
        channels: [{ id: 1, session, next }],
      });
      this.status.send({
        kind: 'directory',
        floor: 'toy',
        channels: [
          { id: 1, name: 'equities', services: ['IEX'], session, groups: [{ group: '239.255.77.1', port: dataPort }] },
        ],
      });
      this.status.send({
        kind: 'quality',
        entries: [{ scope: 'channel', subject: 'equities', quality: 'LIVE', reason: '', detail: '', sinceNs: 0n }],
      });
      this.send(this.plant.heartbeat());
    };
    this.timer = setInterval(beat, 20);
  }

  /** Sends a packet to the group. */
  send(packet: Uint8Array): void {
    this.sender.send(packet, 0, packet.length);
  }

  /** Sends bytes to the status group's port that are no status message. */
  get statusGroup(): StatusGroup {
    return this.status;
  }

  async close(): Promise<void> {
    clearInterval(this.timer);
    await Promise.all([this.sender.close(), this.repair.close(), this.status.close(), this.control.close()]);
  }

  private answer(connection: ServerConnection, message: PlantRequest): void {
    if (message.kind === 'subscribe') {
      this.patterns.set(`${connection.id} ${message.id}`, message.patterns);
      connection.send({ kind: 'subscribed', id: message.id, matched: 0 });
      connection.send({ kind: 'end', id: message.id, matched: 0 });
    } else if (message.kind === 'resync') {
      this.resyncs++;
      const patterns =
        message.subjects.length > 0 ? message.subjects : this.patterns.get(`${connection.id} ${message.id}`)!;
      for (const part of this.plant.images(message.id, patterns)) connection.send(part);
      connection.send({ kind: 'end', id: message.id, matched: 0 });
    }
  }
}
