import { type Endpoint, type MulticastSender, openSender } from '@tickerplant/multicast';
import { LOOPBACK } from '../bench-floor.ts';
import { median } from '../benchmark.ts';
import { HandlerPrimary } from '../parts/handler-primary.ts';
import { LoopbackGroup } from '../parts/loopback-group.ts';
import { PlantPrimary } from '../parts/plant-primary.ts';
import type { Primary, PrimaryGroups } from '../parts/primary.ts';
import { serveRole } from '../role.ts';

/** How much to do. */
export interface PairWorkOptions {
  /** Where what is published goes, on the loopback interface. */
  readonly to: Endpoint;
  /** Messages that a member is given before it is the other one's turn. */
  readonly messages: number;
  /** Turns of each that don't count, and that do. */
  readonly warmUps: number;
  readonly turns: number;
}

/** What was measured. */
export interface PairWorkResult {
  /** Messages a second of processor time, medians: without others, and as the primary of a pair. */
  readonly alone: number;
  readonly paired: number;
  /** By how much a message takes longer in a pair: median over the turns, each compared with the one beside it. */
  readonly cost: number;
  /** The same in ns a message. */
  readonly costNs: number;
  /** Heartbeats of the other member that the paired one has heard: there must be some. */
  readonly heard: number;
}

/** What it costs a primary to have a standby: with and without, in turns. */
export interface PairWorkRole {
  /** A plant that hears packets and heartbeats through sockets; what sending them costs does not count. */
  plant(options: PairWorkOptions): Promise<PairWorkResult>;
  /** A plant to which both are handed. */
  machinery(options: PairWorkOptions): Promise<PairWorkResult>;
  /** An ITCH handler that hears its line and heartbeats through sockets. */
  handler(options: PairWorkOptions): Promise<PairWorkResult>;
}

const SEND_BUFFER_BYTES = 4 << 20;

/** Compares two primaries. */
async function compare(
  [alone, paired]: readonly [Primary, Primary],
  { messages, warmUps, turns }: PairWorkOptions,
): Promise<PairWorkResult> {
  const tookAlone: number[] = [];
  const tookPaired: number[] = [];
  const inTurn = [
    { primary: alone, took: tookAlone },
    { primary: paired, took: tookPaired },
  ];
  for (let turn = 0; turn < warmUps + turns; turn++) {
    for (const { primary, took } of inTurn) {
      // By processor time: on a machine that others use, two turns side by side have different shares of it.
      const each = await primary.work(messages);
      if (turn >= warmUps) took.push(each);
    }
    // Who goes first takes turns as well.
    inTurn.reverse();
  }
  return {
    alone: 1e9 / median(tookAlone),
    paired: 1e9 / median(tookPaired),
    cost: median(tookAlone.map((ns, turn) => tookPaired[turn]! / ns)) - 1,
    costNs: median(tookAlone.map((ns, turn) => tookPaired[turn]! - ns)),
    heard: paired.heard,
  };
}

function openOut({ to }: PairWorkOptions): Promise<MulticastSender> {
  return openSender({
    ...to,
    interface: LOOPBACK,
    sendBufferBytes: SEND_BUFFER_BYTES,
    onError: (error) => {
      throw error;
    },
  });
}

/** Compares two that hear by sockets of their own. */
async function compareWithSockets(
  make: (paired: boolean, sender: MulticastSender, groups: PrimaryGroups) => Primary,
  options: PairWorkOptions,
): Promise<PairWorkResult> {
  const sender = await openOut(options);
  const opened: LoopbackGroup[] = [];
  const open = async (): Promise<PrimaryGroups> => {
    const groups = { line: new LoopbackGroup(), status: new LoopbackGroup() };
    for (const group of [groups.line, groups.status]) {
      await group.open();
      opened.push(group);
    }
    return groups;
  };
  const primaries = [make(false, sender, await open()), make(true, sender, await open())] as const;
  const result = await compare(primaries, options);
  await Promise.all([sender, ...opened].map((each) => each.close()));
  return result;
}

const commands: PairWorkRole = {
  plant: (options) => compareWithSockets((...primary) => new PlantPrimary(...primary), options),

  async machinery(options) {
    const sender = await openOut(options);
    const result = await compare([new PlantPrimary(false, sender), new PlantPrimary(true, sender)], options);
    await sender.close();
    return result;
  },

  handler: (options) => compareWithSockets((...primary) => new HandlerPrimary(...primary), options),
};

serveRole(commands);
