import { type Random, seededRandom } from '@tickerplant/core';
import { ChannelWriter, type TemplateSpec } from '@tickerplant/feed-runtime';
import { MoldSender } from '@tickerplant/moldudp64';
import { RecordKind, standardDictionary, UpdateType } from '@tickerplant/records';
import { PacketCollector, PacketRound } from './packet-round.ts';

/** Which normalised messages to make. */
export interface ChannelRoundOptions {
  /** MoldUDP64 session. */
  readonly session: string;
  readonly channel: string;
  /** `2026-01-05` */
  readonly day: string;
  readonly packetBytes: number;
  readonly items: number;
  /** Fields of each template: every item gets an update of the first, then every item one of the second, … */
  readonly templates: readonly (readonly string[])[];
  /** Updates of a round. */
  readonly updates: number;
}

/** Fields of a small quote. */
export const QUOTE_FIELDS: readonly string[] = ['BID', 'BIDSIZE', 'ASK', 'ASKSIZE', 'QUOTIM_MS'];
/** Fields of a quote and of a trade: together 20. */
export const RECORD_FIELDS: readonly (readonly string[])[] = [
  ['BID', 'BIDSIZE', 'NUM_BIDS', 'ASK', 'ASKSIZE', 'NUM_ASKS', 'QUOTIM_NS', 'QUOTE_DATE'],
  [
    'TRDPRC_1',
    'TRDVOL_1',
    'PRCTCK_1',
    'SALTIM_NS',
    'TRADE_DATE',
    'ACVOL_1',
    'NUM_MOVES',
    'OPEN_PRC',
    'HIGH_1',
    'LOW_1',
    'ELIG_PRC',
    'ELIG_VOL',
  ],
];

/** Items are named in groups of so many, first `REC.G0.S0` to `REC.G0.S9999`: a pattern can ask for a group. */
export const GROUP_ITEMS = 10_000;
const SERVICE = 'REC';
const NUMBER_BYTES_MAX = 9;
const CENTS = -2;

/** A channel's packets as a handler would send them: the definitions, and a round of updates with random values. */
export function makeChannelRound(options: ChannelRoundOptions): PacketRound {
  const { session, channel, day, packetBytes, items, templates, updates } = options;
  const writer = new ChannelWriter(
    channel,
    templates.map((fields, index) => templateSpec(`T${index}`, fields)),
  );
  const first = new PacketCollector();
  const definitions = new MoldSender({ session, packetBytesMax: packetBytes, ...first });
  writer.attach(definitions);
  writer.begin(day, 1);
  for (let item = 0; item < items; item++) {
    writer.item(`${SERVICE}.G${Math.floor(item / GROUP_ITEMS)}.S${item % GROUP_ITEMS}`, RecordKind.RECORD);
  }
  definitions.flush(0);
  const round = new PacketCollector();
  const sender = new MoldSender({ session, packetBytesMax: packetBytes, ...round });
  writer.attach(sender);
  const random = seededRandom(1);
  for (let i = 0; i < updates; i++) {
    const template = Math.floor(i / items) % templates.length;
    const out = writer.update(i % items, template);
    for (const field of templates[template]!) out.int(drawValue(field, random));
    writer.end();
  }
  sender.flush(0);
  return new PacketRound(first, round);
}

function templateSpec(name: string, fields: readonly string[]): TemplateSpec {
  const dictionary = standardDictionary();
  return {
    name,
    updateType: UpdateType.QUOTE,
    exponent: CENTS,
    fids: fields.map((field) => dictionary.fid(field)),
    bytesMax: 8 + NUMBER_BYTES_MAX * fields.length,
  };
}

function drawValue(field: string, random: Random): number {
  if (field.endsWith('_NS')) return 48_600_000_000_000 + random.below(23_400_000) * 1_000_000;
  if (field.endsWith('_MS')) return 48_600_000 + random.below(23_400_000);
  if (field.endsWith('_DATE')) return 17_357;
  if (field === 'PRCTCK_1') return 1 + random.below(2);
  if (field === 'ACVOL_1') return 100_000 + random.below(10_000_000);
  if (field.startsWith('NUM_')) return 1 + random.below(200);
  if (field.endsWith('SIZE') || field.endsWith('VOL_1') || field.endsWith('VOL')) return 100 * (1 + random.below(9));
  return 1_000 + random.below(40_000);
}
