import { type MulticastReceiver, type MulticastSender, openReceiver, openSender } from '@tickerplant/multicast';
import { LOOPBACK } from '../bench-floor.ts';
import { freePorts } from '../ports.ts';

const GROUP = '239.255.77.10';

/** A group on the loopback interface that this process both sends to and listens to. */
export class LoopbackGroup {
  /** Takes what comes: each packet in a buffer of its own that may be kept. */
  hear: (packet: Buffer) => void = () => undefined;
  #sender: MulticastSender | undefined;
  #receiver: MulticastReceiver | undefined;

  /** @throws whatever the sockets say: `MULTICAST_…` */
  async open(): Promise<void> {
    const [port] = await freePorts(1);
    const options = {
      group: GROUP,
      port: port!,
      interface: LOOPBACK,
      onError: (error: Error) => {
        throw error;
      },
    };
    this.#sender = await openSender(options);
    this.#receiver = await openReceiver({ ...options, onPacket: (packet) => this.hear(packet) });
  }

  send(packet: Uint8Array): void {
    this.#sender?.send(packet, 0, packet.length);
  }

  async close(): Promise<void> {
    await Promise.all([this.#sender?.close(), this.#receiver?.close()]);
  }
}
