import { type CounterSet, counterSet } from '@tickerplant/telemetry';

const DESCRIPTIONS = {
  promotions: 'Times that this member became primary.',
  stepDowns: 'Times that this member ceased to be primary while it ran.',
  needless: 'Takeovers from a primary that was alive after all: it had been held up for longer than the limit.',
  strangers: "Heartbeats with this member's own rank, or one that the floor file does not name.",
  outdated: 'Heartbeats of a primary whose term was over.',
  stalls: 'Times that this process was held up for longer than two heartbeats.',
  rebroadcast: 'Messages sent again after promotions.',
  diverged: "Times that this member's messages were not the primary's.",
  transfers: "Times that this member took over another one's state.",
  earlyDropped: "What came while another one's state was on its way and could not be kept: it is asked for.",
} as const;

/** What is counted by a member of a pair. */
export const PAIR_COUNTERS: CounterSet<typeof DESCRIPTIONS> = counterSet('pair', DESCRIPTIONS);
