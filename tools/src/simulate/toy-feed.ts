import type { FeedProtocol, Normaliser, NormaliserContext, TemplateSpec } from '@tickerplant/feed-runtime';
import { encodeRequest, MOLD_FRAMING } from '@tickerplant/moldudp64';
import { RecordKind, standardDictionary, UpdateType } from '@tickerplant/records';

const dictionary = standardDictionary();

/** BID is the vendor's number of the message that set it, BIDSIZE the item: whatever is shown can be checked. */
const TEMPLATES: readonly TemplateSpec[] = [
  {
    name: 'QUOTE',
    updateType: UpdateType.QUOTE,
    exponent: 0,
    fids: [dictionary.fid('BID'), dictionary.fid('BIDSIZE')],
    bytesMax: 40,
  },
];

/** The item of a vendor message: one byte of it. */
function symbolOf(item: number): string {
  return `ITEM${item}`;
}

/** A feed of one-byte messages, each a quote of the item that the byte names. */
class ToyNormaliser implements Normaliser {
  readonly #context: NormaliserContext;
  #items = new Map<number, number>();

  constructor(context: NormaliserContext) {
    this.#context = context;
  }

  message(bytes: Uint8Array, start: number, _length: number, position: number): void {
    const records = this.#context.services.records!;
    const symbol = bytes[start]!;
    const channel = records.channelOf(symbolOf(symbol));
    let item = this.#items.get(symbol);
    if (item === undefined) {
      item = channel.item(records.subject(symbolOf(symbol)), RecordKind.RECORD);
      this.#items.set(symbol, item);
    }
    const writer = channel.update(item, 0);
    writer.int(position);
    writer.int(symbol);
    channel.end();
    channel.live(item);
  }

  lost(from: number, to: number): void {
    this.#context.services.records!.suspectAll('vendor-gap', `vendor messages ${from} to ${to - 1} are missing`);
  }

  reset(): void {
    this.#items = new Map();
  }

  save(): Map<number, number> {
    return this.#items;
  }

  restore(state: unknown): void {
    this.#items = new Map(state as Map<number, number>);
  }
}

/** The simulator's feed: positioned, with MoldUDP64 as its transport. */
export const TOY_FEED: FeedProtocol = {
  name: 'toy',
  createFraming: () => MOLD_FRAMING,
  roles: ['records'],
  templates: TEMPLATES,
  timeZone: 'UTC',
  requestMessagesMax: 64,
  singlePacketAnswers: true,
  encodeRequest,
  createNormaliser: (context) => new ToyNormaliser(context),
};
