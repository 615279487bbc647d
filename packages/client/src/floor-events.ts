/** Another plant has become primary. Told a moment later, when it is known what it did to the stream. */
export interface TakeoverEvent {
  readonly event: 'takeover';
  /** Names of plants. */
  readonly from: string;
  readonly to: string;
  /** Counts the promotions. */
  readonly term: number;
  /** When this client first heard of it, wall-clock nanoseconds since 1970. */
  readonly at: bigint;
  /**
   * The longest time between two packets of a channel around it, heartbeats included, in milliseconds; undefined when no
   * channel is joined.
   */
  readonly gapMs: number | undefined;
}

/** Another plant, or none, serves this client. */
export interface ServerEvent {
  readonly event: 'server';
  /** Images (over TCP), or repair of missed messages (over UDP). */
  readonly serves: 'images' | 'repair';
  /** The one that did before; undefined: none yet. */
  readonly from: string | undefined;
  /** undefined: none at the moment. */
  readonly to: string | undefined;
  readonly why: string;
  readonly at: bigint;
}

/** Of several groups that carry a channel one has fallen silent, or is heard again. Values are none the worse for it. */
export interface LineEvent {
  readonly event: 'line';
  readonly channel: string;
  /** `group:port` */
  readonly group: string;
  /** The plant that publishes on it, where that is known. */
  readonly plant: string | undefined;
  readonly heard: boolean;
  readonly at: bigint;
}

/** What a client sees happen to the floor, and to how it is served. */
export type FloorEvent = TakeoverEvent | ServerEvent | LineEvent;
