import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { busyPoll } from '@tickerplant/multicast';
import { LOOPBACK } from '../bench-floor.ts';
import { serveRole } from '../role.ts';

interface Endpoint {
  readonly group: string;
  readonly port: number;
}

/** The least that a plant could do: what comes in on one group goes out on another. No cache, no numbers, no repair. */
export interface RelayRole {
  open(options: { from: Endpoint; to: Endpoint; poll?: boolean }): Promise<void>;
  packets(): number;
}

const BUFFER_BYTES = 4 << 20;

let packets = 0;

async function bind(port: number, address: string): Promise<Socket> {
  const socket = createSocket({ type: 'udp4', reuseAddr: true });
  socket.bind(port, address);
  await once(socket, 'listening');
  return socket;
}

const commands: RelayRole = {
  async open({ from, to, poll = false }) {
    if (poll) busyPoll();
    const out = await bind(0, LOOPBACK);
    out.setMulticastInterface(LOOPBACK);
    out.setMulticastTTL(0);
    out.setSendBufferSize(BUFFER_BYTES);
    out.connect(to.port, to.group);
    await once(out, 'connect');
    const into = await bind(from.port, from.group);
    into.setRecvBufferSize(BUFFER_BYTES);
    into.addMembership(from.group, LOOPBACK);
    into.on('message', (packet) => {
      packets++;
      out.send(packet);
    });
  },

  packets: () => packets,
};

serveRole(commands);
