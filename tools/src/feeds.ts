import { TickerError } from '@tickerplant/core';
import { describeHeader, describeMessage as describeIex, IEX_TOPS } from '@tickerplant/feed-iex';
import { INTERACTIVE } from '@tickerplant/feed-interactive';
import { describeMessage as describeItch, ITCH_50 } from '@tickerplant/feed-itch';
import { PAGE_ROLES, PAGES, PAGES_BROADCAST, PAGES_TELETEXT } from '@tickerplant/feed-pages';
import type { FeedProtocol, InteractiveProtocol } from '@tickerplant/feed-runtime';

/** A message in full, for people. */
interface Description {
  readonly type: string;
  readonly fields: Readonly<Record<string, unknown>>;
  readonly fault?: unknown;
}

/** What the tools know of a feed besides its protocol. */
export interface FeedTool {
  readonly protocol: FeedProtocol;
  /** Undefined when the bytes are no message of the feed. */
  describe(bytes: Uint8Array, start: number, length: number): Description | undefined;
  /** Facts of the packet header that stand beside each message. */
  describeHeader?(packet: Uint8Array): object;
  /** Facts of the packet header that name its stream. */
  streamOf(session: string, packet: Uint8Array): string;
  /** Extension-free name of the bare file format, when the feed has one. */
  readonly messageFiles: boolean;
}

const TOOLS: readonly FeedTool[] = [
  {
    protocol: IEX_TOPS,
    describe: describeIex,
    describeHeader,
    streamOf: (_session, packet) => {
      const { session, channel } = describeHeader(packet);
      return `session=${session}/channel=${channel}`;
    },
    messageFiles: false,
  },
  { protocol: ITCH_50, describe: describeItch, streamOf: (session) => `session=${session}`, messageFiles: true },
];

/** Feeds that a vendor simulator drives. */
export const SIMULATED_FEEDS: readonly string[] = ['itch50', INTERACTIVE.name, PAGES, PAGES_BROADCAST, PAGES_TELETEXT];

/** Names for `--feed`: feeds whose messages are numbered. */
export const FEED_NAMES: readonly string[] = TOOLS.map((tool) => tool.protocol.name);

/** Feeds whose items are requested. */
export const INTERACTIVE_FEEDS: readonly InteractiveProtocol[] = [INTERACTIVE];

/** Feeds of pages: what floor files may say of them. */
export const PAGE_FEEDS: readonly { name: string; roles: readonly string[]; interactive: boolean }[] = [
  { name: PAGES, roles: PAGE_ROLES, interactive: true },
  { name: PAGES_BROADCAST, roles: PAGE_ROLES, interactive: false },
  { name: PAGES_TELETEXT, roles: PAGE_ROLES, interactive: false },
];

/** @throws TickerError `TOOLS_UNKNOWN_FEED` */
export function feedTool(name: string): FeedTool {
  const tool = TOOLS.find((candidate) => candidate.protocol.name === name);
  if (tool === undefined) {
    throw new TickerError('TOOLS_UNKNOWN_FEED', `expected a feed of ${FEED_NAMES.join(', ')}, got '${name}'`);
  }
  return tool;
}
