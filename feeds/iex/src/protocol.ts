import type { FeedProtocol } from '@tickerplant/feed-runtime';
import { IexTpFraming } from './framing.ts';
import { encodeGapFillRequest, GAP_FILL_MESSAGES_MAX } from './gap-fill-request.ts';
import { Protocol } from './messages.ts';
import { IEX_TEMPLATES, IexNormaliser } from './normaliser.ts';

/** IEX TOPS 1.5 and 1.6, as handlers and tools see it. */
export const IEX_TOPS: FeedProtocol = {
  name: 'iex-tops',
  roles: ['records'],
  templates: IEX_TEMPLATES,
  // All its times are UTC; the trading day is New York's.
  timeZone: 'America/New_York',
  requestMessagesMax: GAP_FILL_MESSAGES_MAX,
  singlePacketAnswers: false,
  createFraming: () => new IexTpFraming({ protocols: [Protocol.TOPS_1_5, Protocol.TOPS_1_6] }),
  encodeRequest: encodeGapFillRequest,
  createNormaliser: (context) => new IexNormaliser(context),
};
