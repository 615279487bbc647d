import { subjectOf } from '@tickerplant/records';
import type { ChannelWriter } from './channel-writer.ts';

/** The channels of one service, with the rule that says which symbol goes where. */
export class ChannelSet {
  readonly service: string;
  /** All of them, in the floor file's order. */
  readonly channels: readonly ChannelWriter[];
  readonly #indexOf: (symbol: string) => number;

  /** @param indexOf symbol → index in `channels`. */
  constructor(service: string, channels: readonly ChannelWriter[], indexOf: (symbol: string) => number) {
    this.service = service;
    this.channels = channels;
    this.#indexOf = indexOf;
  }

  /** The channel of a symbol. */
  channelOf(symbol: string): ChannelWriter {
    return this.channels[this.#indexOf(symbol)]!;
  }

  /** `SERVICE.SYMBOL`. */
  subject(symbol: string): string {
    return subjectOf(this.service, symbol);
  }

  /** All items of the service become SUSPECT. */
  suspectAll(reason: string, detail: string): void {
    for (const channel of this.channels) channel.suspectAll(reason, detail);
  }
}
