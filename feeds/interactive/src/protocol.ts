import type { InteractiveProtocol } from '@tickerplant/feed-runtime';
import { FIDS } from './normaliser.ts';
import { InteractiveSession } from './session.ts';

/** The simulated interactive vendor's protocol, as handlers and tools see it. */
export const INTERACTIVE: InteractiveProtocol = {
  name: 'interactive',
  roles: ['records'],
  timeZone: 'UTC',
  fids: FIDS,
  createSession: (context) => new InteractiveSession(context),
};
