// What a floor file says, in the form the processes use. All addresses are parsed, all defaults filled in.

/** A place to send to or listen on: an IPv4 address and a port from 1 to 65535. */
export interface UnicastAddress {
  readonly address: string;
  readonly port: number;
}

/** A multicast group and port, and whom to accept packets from. */
export interface GroupAddress {
  /** 224.0.0.0 to 239.255.255.255. */
  readonly group: string;
  /** 1 to 65535. */
  readonly port: number;
  /** IPv4 addresses for a source-specific membership; empty: any source. */
  readonly sources: readonly string[];
}

/** One of the two networks of a floor. */
export interface FloorNetwork {
  /** Name or IPv4 address of the network interface. */
  readonly interface: string;
  /** Router hops a packet survives, 0 to 255; 0 keeps it on this host. */
  readonly ttl: number;
  /** The status group: heartbeats, directory, quality, latency samples. */
  readonly status: GroupAddress;
  /** The largest UDP payload to send, in bytes. */
  readonly packetBytes: number;
}

/** The times, in milliseconds, that the floor promises to keep. */
export interface FloorLimits {
  /** Between two heartbeats of a process on the status group. */
  readonly heartbeatMs: number;
  /** Silence of a pair's primary after which the best standby takes over. */
  readonly takeoverAfterMs: number;
  /** Between two packets of an idle channel. */
  readonly channelHeartbeatMs: number;
  /** Silence of a channel, handler or plant after which what it serves is STALE. */
  readonly silentAfterMs: number;
  /** Silence of a vendor's line after which it counts as down; vendors often heartbeat only once a second. */
  readonly lineSilentAfterMs: number;
  /** How long a gap may wait for the other line before a repair is asked for. */
  readonly gapWaitMs: number;
  /** How long to wait for the answer to a repair request before asking again. */
  readonly repairTimeoutMs: number;
  /** Age at which a gap is given up: its messages are declared lost. */
  readonly lostAfterMs: number;
  /** The same for a plant that misses messages of a handler: the handler has them, so patience heals everything. */
  readonly plantLostAfterMs: number;
}

/** A channel: one session, one sequence, its groups on each network. */
export interface FloorChannel {
  readonly name: string;
  /** 1 to 1295: two digits of base 36 in the session name. */
  readonly id: number;
  readonly feed: GroupAddress;
  /** One, on which whichever plant is primary publishes; or as many as there are plants, each with its own: live-live. */
  readonly trading: readonly GroupAddress[];
}

/** One delivery of a vendor's feed. */
export interface FloorLine extends GroupAddress {
  readonly name: string;
  /** Name or IPv4 address of the network interface. */
  readonly interface: string;
}

/** Symbols from `from` to `to`, both inclusive, in code-point order. */
export interface SymbolRange {
  readonly from: string;
  readonly to: string;
  readonly channel: string;
}

/** Symbols listed one by one. */
export interface SymbolList {
  readonly symbols: readonly string[];
  readonly channel: string;
}

/** Which channel (by name) a symbol of a service goes to. */
export type SymbolMapping =
  | { readonly kind: 'channel'; readonly channel: string }
  | { readonly kind: 'hash'; readonly channels: readonly string[] }
  | { readonly kind: 'ranges'; readonly ranges: readonly SymbolRange[]; readonly otherwise: string }
  | { readonly kind: 'lists'; readonly lists: readonly SymbolList[]; readonly otherwise: string };

/** One handler of a feed. */
export interface FloorMember {
  /** The feed's name; of a standby with its place behind: `itch-2`. */
  readonly name: string;
  /** UDP: where it answers the plants' repair requests. */
  readonly repair: UnicastAddress;
  /** TCP: where it answers `ticker status`, and the other members that want its state. */
  readonly control: UnicastAddress | undefined;
}

/** A vendor's feed and the handlers that publish it. */
export interface FloorFeed {
  readonly name: string;
  readonly protocol: string;
  /** What the protocol offers (`records`, `depth`) → the service name that items carry (`NASDAQ`). */
  readonly services: Readonly<Record<string, string>>;
  /** The trading day, in days since 1970-01-01; `today` has been looked up in `timeZone`. */
  readonly day: number;
  /** IANA name of the zone in which the vendor tells the time. */
  readonly timeZone: string;
  /** Of a feed whose messages are numbered; empty for an interactive one. */
  readonly lines: readonly FloorLine[];
  /** The vendor's request servers, asked in turn. */
  readonly requestServers: readonly UnicastAddress[];
  /** Vendor sequence number to begin with; `first-seen`: wherever the lines are when the handler starts. */
  readonly firstSequence: number | 'first-seen';
  /** Of an interactive feed: the vendor's servers, tried in turn; empty for one that comes on lines. */
  readonly servers: readonly UnicastAddress[];
  /** Of an interactive feed: what to request. */
  readonly symbols: readonly string[];
  /** Of an interactive feed: who logs on. */
  readonly user: string;
  /** Of a feed of pages: what it holds of them. */
  readonly pages: FloorPages | undefined;
  /** Symbol → channel, for each key of `services`. */
  readonly channels: Readonly<Record<string, SymbolMapping>>;
  /** The handlers that serve it, by rank: one, a pair, or more. */
  readonly members: readonly FloorMember[];
  /** Bytes of recent messages kept for repair, over all channels of each handler. */
  readonly ringBytes: number;
  /** Whether the handler never sleeps: less latency, for a processor core. */
  readonly busyPoll: boolean;
}

/** What a handler holds of a feed of pages. */
export interface FloorPages {
  /** Of pages on request: those that are always open. */
  readonly pinned: readonly string[];
  /** Of pages on request: those asked for at the beginning, and given up when there is no room. */
  readonly prefetch: readonly string[];
  /** Most pages held; of pages on request: open at a time, unless the vendor allows fewer. */
  readonly max: number;
  /** Largest page, in cells. */
  readonly cellsMax: number;
  /** Of pages on request: most requests in a second, unless the vendor allows fewer. */
  readonly requestsPerSecond: number;
  /** Of pages on request: how long one stays open when nobody looks at it any more. */
  readonly lingerMs: number;
  /** Of pages on request: how long the vendor may take to answer. */
  readonly answerMs: number;
  /** Of broadcast pages: the folder of the file that keeps them over restarts; undefined: nothing is kept. */
  readonly cache: string | undefined;
  /** The file with the versions of shredders that quants approve (`ticker shred approve`); undefined: there is none. */
  readonly versions: string | undefined;
  /** A folder for pages that weren't as their shredder knows them; undefined: they aren't kept. */
  readonly evidence: string | undefined;
  /** What is made of them: elements of the feed's service `elements`. */
  readonly shredders: readonly FloorShredder[];
}

/** A shredder at work on pages. */
export interface FloorShredder {
  /** The name of a shipped one, or a file's path. */
  readonly shredder: string;
  /** Pages that it reads; those on request are always open. */
  readonly pages: readonly string[];
  /** What to call an element: `{symbol}` is the shredder's own name for it, `{page}` the page. */
  readonly item: string;
}

/** A ticker plant. */
export interface FloorPlant {
  readonly name: string;
  /** TCP: subscriptions, snapshots, status. */
  readonly control: UnicastAddress;
  /** UDP: repair requests of subscribers. */
  readonly repair: UnicastAddress;
  /** Bytes of recent messages kept for repair, over all channels. */
  readonly ringBytes: number;
  /** Whether the plant never sleeps: less latency, for a processor core. */
  readonly busyPoll: boolean;
}

/** A stand-in for a vendor, which drives the lines of a feed. */
export interface FloorSimulator {
  readonly name: string;
  readonly protocol: string;
  /** Name of the feed whose lines it drives. */
  readonly feed: string;
  readonly seed: number;
  /** How many symbols it trades. */
  readonly symbols: number;
  /** Messages a second. */
  readonly rate: number;
  /** Line name → share of packets it leaves out, from 0 to below 1; a line not named here loses none. */
  readonly loss: Readonly<Record<string, number>>;
  /** Where it answers the handler's requests; undefined: nowhere, gaps stay. */
  readonly requestServer: UnicastAddress | undefined;
  /** TCP: where it takes commands, a line each; undefined: nowhere. */
  readonly control: UnicastAddress | undefined;
  /** Of a service of pages: what it is like. */
  readonly pages: SimulatedPages;
}

/** What a simulated service of pages is like. */
export interface SimulatedPages {
  /** How many pages it has. */
  readonly count: number;
  readonly format: 'ansi' | 'row-fields';
  /** On request: most pages that a client has open at a time; 0: any number. */
  readonly openMax: number;
  /** On request: most requests of a client in a second; 0: any number. */
  readonly requestsPerSecond: number;
  /** Broadcast: whole pages in a second, in turn. */
  readonly basesPerSecond: number;
}

/** Where processes keep what they need after a restart with no peer. */
export interface FloorJournal {
  /** The folder; a file for each plant and handler. */
  readonly dir: string;
  /** Bytes of recent messages that each plant keeps in it, over all channels; images come on top. */
  readonly bytes: number;
}

/** One whole installation. */
export interface Floor {
  readonly name: string;
  /** Shared key of the status groups' authentication. */
  readonly key: Uint8Array;
  readonly networks: { readonly feed: FloorNetwork; readonly trading: FloorNetwork };
  readonly limits: FloorLimits;
  readonly channels: readonly FloorChannel[];
  readonly feeds: readonly FloorFeed[];
  readonly plants: readonly FloorPlant[];
  readonly simulators: readonly FloorSimulator[];
  /** Undefined: plants and receipts are not kept on disk. */
  readonly journal: FloorJournal | undefined;
  /** Folder of the few bytes that each handler must not forget. Undefined: the floor is of no file, and nothing is kept. */
  readonly state: string | undefined;
}
