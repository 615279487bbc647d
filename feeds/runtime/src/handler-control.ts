import {
  type ControlServer,
  type DutyRequest,
  openControlServer,
  type StateGiver,
  type StateServer,
} from '@tickerplant/control';
import { type Clock, TickerError } from '@tickerplant/core';
import type { UnicastAddress } from '@tickerplant/floor';
import { type CounterRegistry, type Quarantine, quarantineJson } from '@tickerplant/telemetry';

export interface HandlerControlOptions {
  readonly member: string;
  readonly floor: string;
  readonly boot: bigint;
  /** What `ticker status` shows. */
  readonly report: () => unknown;
  /** Does planned work; answers what has been done. */
  readonly duty: (request: DutyRequest, nonce: bigint) => string;
  /** Gives other members this one's state; left out: there is none to give. */
  readonly states?: { readonly server: StateServer; readonly give: () => StateGiver };
  /** Says where an item's field comes from; left out: nobody can ask. */
  readonly why?: (subject: string, field: string) => unknown;
  readonly quarantine: Quarantine;
  readonly registry: CounterRegistry;
  readonly clock: Clock;
  readonly onError: (error: TickerError) => void;
}

/**
 * Answers `ticker status` and `ticker ctl`, and the other members of a pair, in the plants' own language.
 *
 * @throws whatever the socket says
 */
export function openHandlerControl(
  { address, port }: UnicastAddress,
  options: HandlerControlOptions,
): Promise<ControlServer> {
  const { member, floor, boot, report, duty, states, why, quarantine, registry, clock, onError } = options;
  return openControlServer({
    address,
    port,
    plant: `handler/${member}`,
    floor,
    boot,
    handler: {
      onRequest: (connection, request) => {
        switch (request.kind) {
          case 'status':
            connection.send({ kind: 'status-reply', json: JSON.stringify(report()) });
            break;
          case 'quarantine':
            connection.send({ kind: 'quarantine-reply', json: quarantineJson(quarantine) });
            break;
          case 'state-request':
            if (states === undefined) {
              throw new TickerError(
                'FEED_NO_STATE',
                'expected a handler of a feed with positions, this one has no state',
              );
            }
            states.server.send(connection, request.proof, states.give);
            break;
          case 'why':
            if (why === undefined) throw new TickerError('FEED_NO_ELEMENTS', 'expected a handler of pages');
            connection.send({ kind: 'why-reply', json: JSON.stringify(why(request.subject, request.field)) });
            break;
          case 'duty':
            connection.send({ kind: 'done', text: duty(request, connection.nonce) });
            break;
          default:
            throw new TickerError('FEED_NO_ITEMS', 'expected a request of a plant, handlers serve no items');
        }
      },
      onDrain: (connection) => states?.server.pump(connection),
      onClose: (connection) => states?.server.forget(connection),
    },
    onError,
    registry,
    quarantine,
    clock,
  });
}
