import { type Clock, errorMessage, type TickerError } from '@tickerplant/core';
import { MarketSimulator } from '@tickerplant/feed-itch';
import { MOLD_FRAMING, MoldSender } from '@tickerplant/moldudp64';
import type { Logger } from '@tickerplant/telemetry';
import type { Running } from '../process.ts';
import { openRequestAnswers, type RequestAnswers } from './request-answers.ts';
import { openVendorLines, type VendorLine, type VendorLines } from './vendor-lines.ts';

export interface ItchVendorOptions {
  readonly lines: readonly VendorLine[];
  readonly loss: Readonly<Record<string, number>>;
  readonly requestServer: { readonly address: string; readonly port: number } | undefined;
  readonly ttl: number;
  readonly seed: number;
  readonly symbols: number;
  /** Messages a second. */
  readonly rate: number;
  /** Messages of a whole trading day; the next day begins as a new session. */
  readonly messagesADay: number;
  /** Trading day, days since 1970-01-01. */
  readonly day: number;
  readonly clock: Clock;
  readonly logger: Logger;
}

const TICK_MS = 2;
/** A tick that comes late makes up for it, but never with more than this much at once. */
const CATCH_UP_NS = 100_000_000;

/** A simulated Nasdaq on real sockets: sends its day at a steady rate on all lines, answers requests. */
export class ItchVendor implements Running {
  readonly #options: ItchVendorOptions;
  readonly #lines: VendorLines;
  readonly #answers: RequestAnswers | undefined;
  readonly #timer: NodeJS.Timeout;
  #mold: MoldSender;
  #simulator: MarketSimulator;
  #days = 0;
  #owed = 0;
  #lastNs: number;

  private constructor(options: ItchVendorOptions, lines: VendorLines, answers: RequestAnswers | undefined) {
    this.#options = options;
    this.#lines = lines;
    this.#answers = answers;
    this.#mold = this.#newSession();
    this.#simulator = this.#newDay();
    this.#lastNs = options.clock.monotonicNs();
    this.#timer = setInterval(() => this.#tick(), TICK_MS);
  }

  /** @throws TickerError `MULTICAST_…` */
  static async open(options: ItchVendorOptions): Promise<ItchVendor> {
    const { logger, loss, seed, ttl, requestServer } = options;
    const onError = (error: TickerError): void => logger.error({ code: error.code }, errorMessage(error));
    const lines = await openVendorLines(options.lines, { loss, seed, ttl, onError });
    try {
      const answers =
        requestServer === undefined
          ? undefined
          : await openRequestAnswers('itch50', MOLD_FRAMING, { ...requestServer, onError });
      return new ItchVendor(options, lines, answers);
    } catch (error) {
      await lines.close();
      throw error;
    }
  }

  /** Cuts a line, or joins it again. */
  toggleLine(index: number): void {
    const counts = this.#lines.counts[index];
    if (counts === undefined) return;
    this.#lines.cut(index, !counts.cut);
    this.#options.logger.warn({ line: counts.name, cut: counts.cut }, counts.cut ? 'line cut' : 'line joined again');
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    this.#mold.end(this.#options.clock.monotonicNs());
    await this.#answers?.close();
    await this.#lines.close();
  }

  #newSession(): MoldSender {
    // Sessions must not repeat over restarts: seconds since 1970 and the number of the day in this run.
    const seconds = Math.floor(Number(this.#options.clock.wallNs() / 1_000_000_000n));
    const session = `V${seconds.toString(36).toUpperCase().padStart(7, '0')}${String(this.#days % 100).padStart(2, '0')}`;
    return new MoldSender({
      session,
      emit: (buffer, length) => {
        this.#answers?.published(buffer, length);
        return this.#lines.send(buffer, length);
      },
    });
  }

  #newDay(): MarketSimulator {
    const { seed, symbols, messagesADay, day } = this.#options;
    this.#days++;
    const simulator = new MarketSimulator(
      { seed, symbols, messages: messagesADay, day: day + this.#days - 1 },
      (bytes, start, length) => {
        this.#mold.append(bytes, start, start + length);
      },
    );
    this.#options.logger.info({ symbols, messages: messagesADay, day: this.#days }, 'trading day begins');
    return simulator;
  }

  #tick(): void {
    const now = this.#options.clock.monotonicNs();
    const elapsed = Math.min(now - this.#lastNs, CATCH_UP_NS);
    this.#lastNs = now;
    this.#owed += (elapsed * this.#options.rate) / 1e9;
    const whole = Math.floor(this.#owed);
    if (whole > 0) {
      this.#owed -= this.#simulator.run(whole);
      if (this.#simulator.finished) {
        this.#mold.end(now);
        this.#mold = this.#newSession();
        this.#simulator = this.#newDay();
      }
    }
    this.#mold.tick(now);
  }
}
