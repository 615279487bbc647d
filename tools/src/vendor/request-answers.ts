import { type ErrorContext, systemClock, type TickerError } from '@tickerplant/core';
import { openGapFillServer } from '@tickerplant/feed-iex';
import { formatSession, openRequestServer } from '@tickerplant/moldudp64';
import { createPacketHeader, type Framing, MessageRing } from '@tickerplant/sequence';
import { Quarantine } from '@tickerplant/telemetry';

/** The vendor's request server, as a replayed or simulated vendor has one. */
export interface RequestAnswers {
  /** Takes note of a packet that went out: from now on its messages can be asked for. */
  published(packet: Uint8Array, length: number): void;
  close(): Promise<void>;
}

/** Where it listens, and how much it remembers. */
export interface RequestAnswersOptions {
  readonly address: string;
  readonly port: number;
  /** @default 256 MiB: a good part of a day */
  readonly bytesMax?: number;
  readonly onError: (error: TickerError) => void;
}

const BYTES_DEFAULT = 256 << 20;
/** A vendor's budgets are generous towards the handlers of a whole street; one handler in trouble needs a lot. */
const BUDGET = { bytesPerSecond: 256 << 20, burstBytes: 64 << 20 };

/** Opens a request server of the feed's own kind: IEX-TP gap fill, or MoldUDP64 requests. */
export function openRequestAnswers(
  feed: string,
  framing: Framing,
  options: RequestAnswersOptions,
): Promise<RequestAnswers> {
  return feed === 'iex-tops' ? openGapFill(options) : openMold(framing, options);
}

async function openGapFill({ address, port, onError }: RequestAnswersOptions): Promise<RequestAnswers> {
  const socket = await openGapFillServer({
    address,
    port,
    clock: systemClock,
    quarantine: new Quarantine(),
    onError,
    clientMessagesPerSecond: 5_000_000,
    totalMessagesPerSecond: 5_000_000,
  });
  return {
    published: (packet, length) => {
      socket.server.published(packet, length);
    },
    close: () => socket.close(),
  };
}

async function openMold(framing: Framing, options: RequestAnswersOptions): Promise<RequestAnswers> {
  const { address, port, onError, bytesMax = BYTES_DEFAULT } = options;
  const service = await openRequestServer({
    address,
    port,
    clientBudget: BUDGET,
    totalBudget: BUDGET,
    receiveBufferBytes: 4 << 20,
    quarantine: (_code: string, _message: string, _bytes: Uint8Array, _context: ErrorContext) => {},
    onError,
  });
  const ring = new MessageRing(bytesMax);
  const header = createPacketHeader();
  let session = '';
  return {
    published: (packet, length) => {
      if (framing.parse(packet, length, header) !== undefined || header.count === 0) return;
      const name = formatSession(packet, 0);
      if (name !== session) {
        if (session !== '') service.server.closeChannel(session);
        session = name;
        ring.clear(header.seq);
        service.server.openChannel(session, ring);
      }
      // A capture of two lines has everything twice.
      if (header.seq < ring.nextSeq) return;
      ring.append(packet, header.blocksStart, header.blocksEnd, header.seq, header.count);
    },
    close: () => service.close(),
  };
}
