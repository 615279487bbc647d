import {
  type DirectListing,
  encodeAddOrder,
  encodeAddOrderMpid,
  encodeBrokenTrade,
  encodeCrossTrade,
  encodeDirectListing,
  encodeIpoQuotingPeriod,
  encodeLuldCollar,
  encodeMwcbDeclineLevel,
  encodeNetOrderImbalance,
  encodeOperationalHalt,
  encodeOrderCancel,
  encodeOrderDelete,
  encodeOrderExecuted,
  encodeOrderExecutedWithPrice,
  encodeOrderReplace,
  encodeParticipantPosition,
  encodeRegShoRestriction,
  encodeRetailInterest,
  encodeStockDirectory,
  encodeSystemEvent,
  encodeTrade,
  encodeTradingAction,
  type NetOrderImbalance,
} from '../encoder.ts';
import { type CrossType, type EventCode, MESSAGE_LENGTH_MAX, type Side, type TradingState } from '../messages.ts';
import type { SimulatedInstrument } from './instruments.ts';

/** Takes one ITCH message. The bytes are borrowed: overwritten by the next one. */
export type EmitMessage = (bytes: Uint8Array, start: number, length: number) => void;

// Tracking numbers tell apart nothing a consumer needs; these are those seen most in recordings.
const PLAIN = 0;
const CROSS = 1;
const EXECUTION = 2;
const BREAK = 4;

/** Writes messages stamped with the simulated time, all into one buffer, and counts them. */
export class MessageWriter {
  /** Time of day, ns since midnight in New York. */
  nowNs = 0;
  messages = 0;
  private readonly buffer = new Uint8Array(MESSAGE_LENGTH_MAX);
  private readonly emit: EmitMessage;

  constructor(emit: EmitMessage) {
    this.emit = emit;
  }

  systemEvent(event: EventCode): void {
    this.send(encodeSystemEvent(this.buffer, 0, PLAIN, this.nowNs, event));
  }

  directory(of: SimulatedInstrument): void {
    this.send(encodeStockDirectory(this.buffer, 0, of.locate, PLAIN, this.nowNs, of.directory));
  }

  tradingAction(of: SimulatedInstrument, state: TradingState, reason: string): void {
    this.send(encodeTradingAction(this.buffer, 0, of.locate, PLAIN, this.nowNs, of.stock, state, reason));
  }

  regSho(of: SimulatedInstrument, action: '0' | '1' | '2'): void {
    this.send(encodeRegShoRestriction(this.buffer, 0, of.locate, PLAIN, this.nowNs, of.stock, action));
  }

  participant(of: SimulatedInstrument, mpid: string, primary: boolean, state: string): void {
    const { locate, stock } = of;
    this.send(encodeParticipantPosition(this.buffer, 0, locate, PLAIN, this.nowNs, mpid, stock, primary, 'N', state));
  }

  /** @param level1 of the index, in 1/100,000,000 points; the others likewise. */
  breakerLevels(level1: number, level2: number, level3: number): void {
    this.send(encodeMwcbDeclineLevel(this.buffer, 0, PLAIN, this.nowNs, level1, level2, level3));
  }

  ipoQuoting(of: SimulatedInstrument, releaseSeconds: number, price: number): void {
    const { stock } = of;
    // Always locate 0, says the specification (4.2.6): the symbol tells.
    this.send(encodeIpoQuotingPeriod(this.buffer, 0, 0, PLAIN, this.nowNs, stock, releaseSeconds, 'A', price));
  }

  collar(of: SimulatedInstrument, reference: number, upper: number, lower: number): void {
    const { locate, stock } = of;
    this.send(encodeLuldCollar(this.buffer, 0, locate, PLAIN, this.nowNs, stock, reference, upper, lower, 0));
  }

  operationalHalt(of: SimulatedInstrument, action: 'H' | 'T'): void {
    this.send(encodeOperationalHalt(this.buffer, 0, of.locate, PLAIN, this.nowNs, of.stock, 'Q', action));
  }

  retailInterest(of: SimulatedInstrument, interest: 'B' | 'S' | 'A' | 'N'): void {
    this.send(encodeRetailInterest(this.buffer, 0, of.locate, PLAIN, this.nowNs, of.stock, interest));
  }

  directListing(of: SimulatedInstrument, listing: Readonly<DirectListing>): void {
    this.send(encodeDirectListing(this.buffer, 0, of.locate, PLAIN, this.nowNs, listing));
  }

  imbalance(of: SimulatedInstrument, imbalance: Readonly<NetOrderImbalance>): void {
    this.send(encodeNetOrderImbalance(this.buffer, 0, of.locate, PLAIN, this.nowNs, imbalance));
  }

  /** @param mpid `''` for an order without attribution. */
  add(of: SimulatedInstrument, reference: number, side: Side, shares: number, price: number, mpid: string): void {
    const { locate, stock } = of;
    const now = this.nowNs;
    this.send(
      mpid === ''
        ? encodeAddOrder(this.buffer, 0, locate, PLAIN, now, reference, side, shares, stock, price)
        : encodeAddOrderMpid(this.buffer, 0, locate, PLAIN, now, reference, side, shares, stock, price, mpid),
    );
  }

  execute(of: SimulatedInstrument, reference: number, shares: number, match: number): void {
    this.send(encodeOrderExecuted(this.buffer, 0, of.locate, EXECUTION, this.nowNs, reference, shares, match));
  }

  executeWithPrice(
    of: SimulatedInstrument,
    reference: number,
    shares: number,
    match: number,
    printable: boolean,
    price: number,
  ): void {
    const { locate } = of;
    const now = this.nowNs;
    this.send(
      encodeOrderExecutedWithPrice(this.buffer, 0, locate, EXECUTION, now, reference, shares, match, printable, price),
    );
  }

  cancel(of: SimulatedInstrument, reference: number, shares: number): void {
    this.send(encodeOrderCancel(this.buffer, 0, of.locate, PLAIN, this.nowNs, reference, shares));
  }

  delete(of: SimulatedInstrument, reference: number): void {
    this.send(encodeOrderDelete(this.buffer, 0, of.locate, PLAIN, this.nowNs, reference));
  }

  replace(of: SimulatedInstrument, reference: number, newReference: number, shares: number, price: number): void {
    const { locate } = of;
    this.send(encodeOrderReplace(this.buffer, 0, locate, PLAIN, this.nowNs, reference, newReference, shares, price));
  }

  /** A trade of hidden orders: reference 0, and always a buy, as since 2014. */
  trade(of: SimulatedInstrument, shares: number, price: number, match: number): void {
    const { locate, stock } = of;
    this.send(encodeTrade(this.buffer, 0, locate, EXECUTION, this.nowNs, 0, 'B', shares, stock, price, match));
  }

  cross(of: SimulatedInstrument, shares: number, price: number, match: number, type: CrossType): void {
    const { locate, stock } = of;
    this.send(encodeCrossTrade(this.buffer, 0, locate, CROSS, this.nowNs, shares, stock, price, match, type));
  }

  brokenTrade(of: SimulatedInstrument, match: number): void {
    this.send(encodeBrokenTrade(this.buffer, 0, of.locate, BREAK, this.nowNs, match));
  }

  private send(length: number): void {
    this.messages++;
    this.emit(this.buffer, 0, length);
  }
}
