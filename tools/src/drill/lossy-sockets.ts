import { Socket } from 'node:dgram';
import { seededRandom } from '@tickerplant/core';

// Loaded before a process of a drill (`node --import`): the datagrams that come to its multicast sockets are lost with
// the probability of TICKER_DRILL_LOSS, as a bad network would lose them. The process itself knows nothing of it.

const share = Number(process.env.TICKER_DRILL_LOSS ?? 0);
const random = seededRandom(process.pid);

if (share > 0) {
  const members = new WeakSet<Socket>();
  const { addMembership, emit } = Socket.prototype;
  Socket.prototype.addMembership = function (this: Socket, group: string, local?: string): void {
    members.add(this);
    addMembership.call(this, group, local);
  };
  Socket.prototype.emit = function (this: Socket, event: string | symbol, ...args: unknown[]): boolean {
    if (event === 'message' && members.has(this) && random.next() < share) return true;
    return (emit as (event: string | symbol, ...args: unknown[]) => boolean).call(this, event, ...args);
  } as typeof emit;
}
