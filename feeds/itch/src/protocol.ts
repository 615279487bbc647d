import type { FeedProtocol } from '@tickerplant/feed-runtime';
import { encodeRequest, MOLD_FRAMING } from '@tickerplant/moldudp64';
import { ItchNormaliser } from './normaliser.ts';
import { ITCH_TEMPLATES } from './templates.ts';

/** Most messages in one request: about what an answer, one packet, can hold of ITCH's shortest. */
const REQUEST_MESSAGES_MAX = 60;

/** Nasdaq TotalView-ITCH 5.0 over MoldUDP64, as handlers and tools see it. */
export const ITCH_50: FeedProtocol = {
  name: 'itch50',
  roles: ['records', 'depth'],
  templates: ITCH_TEMPLATES,
  timeZone: 'America/New_York',
  requestMessagesMax: REQUEST_MESSAGES_MAX,
  singlePacketAnswers: true,
  createFraming: () => MOLD_FRAMING,
  encodeRequest,
  createNormaliser: (context) => new ItchNormaliser(context),
};
