import { Decimal } from '@tickerplant/core';
import type { Page } from '@tickerplant/pages';
import type { StyleName, TrueValue } from '../src/index.ts';

// Readers of the simulated pages in their usual layout, written from what the pages look like and not from the program that
// draws them.

type Values = Record<string, TrueValue>;

const cell = (line: string, first: number, end: number): string | null => line.slice(first, end).trim() || null;

/** The ask that is meant by a bid in full and the last characters of an ask: the next one up. */
function completeAsk(bid: string, suffix: string): string {
  if (suffix.length >= bid.length) return suffix;
  const kept = bid.slice(0, bid.length - suffix.length);
  const ask = kept + suffix;
  if (Number(ask) >= Number(bid)) return ask;
  const places = kept.includes('.') ? kept.length - kept.indexOf('.') - 1 : 0;
  return (Number(kept) + 10 ** -places).toFixed(places) + (kept.endsWith('.') ? '.' : '') + suffix;
}

function sides(text: string): [bid: string, ask: string] {
  const [bid, suffix] = text.split('/');
  return [bid!, completeAsk(bid!, suffix!)];
}

/** Exact decimal of `5 3/8`, `3/8` or `5`. */
function mixed(text: string): string {
  let sum = 0;
  for (const part of text.split(' ')) {
    const [over, under = '1'] = part.split('/');
    sum += Number(over) / Number(under);
  }
  return String(sum);
}

/** Points of `98-086` or, with the points of the bid, of `09+`. */
function points32(text: string): number {
  const [whole, rest] = text.split('-');
  const eighths = rest!.length === 2 ? 0 : rest!.endsWith('+') ? 4 : Number(rest![2]);
  return Number(whole) + Number(rest!.slice(0, 2)) / 32 + eighths / 256;
}

function fx(lines: readonly string[]): Values[] {
  const records: Values[] = [];
  for (const line of lines.slice(4, 14)) {
    const quote = cell(line, 38, 56)!;
    const [bid, ask] = quote === '-' ? [null, null] : sides(quote);
    records.push({
      ccy: cell(line, 6, 9),
      bid,
      ask,
      time: cell(line, 0, 5),
      code: cell(line, 11, 16),
      contributor: cell(line, 17, 33),
      loc: cell(line, 33, 37),
      high: cell(line, 56, 66),
      low: cell(line, 66, 76),
    });
  }
  for (const at of [0, 32]) {
    const [ccy, code, quote] = lines[16]!
      .slice(at, at + 32)
      .trim()
      .split(/\s+/);
    const [bid, ask] = quote!.split('/');
    records.push({ ccy: ccy!, code: code!, bid: bid!, ask: ask! });
  }
  return records;
}

function depositRates(lines: readonly string[]): Values[] {
  return lines.slice(5, 14).flatMap((line) =>
    [10, 28, 46, 64].map((at) => {
      const [offer, bid] = line
        .slice(at, at + 18)
        .trim()
        .split('-');
      const whole = offer!.includes(' ') ? `${offer!.split(' ')[0]!} ` : '';
      const ccy = lines[2]!.slice(at, at + 3);
      return { tenor: line.slice(0, 10).replaceAll(' ', ''), ccy, offer: mixed(offer!), bid: mixed(whole + bid!) };
    }),
  );
}

function bondsIn32nds(lines: readonly string[]): Values[] {
  const bonds = lines.slice(5, 13).map((line) => {
    const bid = points32(cell(line, 28, 38)!);
    const sameePoint = points32(`${Math.floor(bid)}-${cell(line, 38, 47)!}`);
    const change = cell(line, 47, 55)!;
    const size = Number(change.slice(1, 3)) / 32 + (change.endsWith('+') ? 1 / 64 : 0);
    return {
      issue: cell(line, 0, 8),
      coupon: cell(line, 8, 15),
      maturity: cell(line, 15, 28),
      bid: String(bid),
      ask: String(sameePoint < bid ? sameePoint + 1 : sameePoint),
      change: String(change.startsWith('-') ? -size : size),
      bidYield: cell(line, 55, 65),
    };
  });
  const bills = [10, 32, 54].map((at) => {
    const [bill, quote] = lines[14]!
      .slice(at, at + 22)
      .trim()
      .split(/\s+/);
    const [bid, suffix] = quote!.split('/');
    return { bill: bill!, bid: bid!, ask: bid!.slice(0, -3) + suffix! };
  });
  return [...bonds, ...bills];
}

function swaps(lines: readonly string[]): Values[] {
  return [4, 44].flatMap((at) =>
    lines.slice(5, 13).map((line) => {
      const previous = cell(line, at + 24, at + 34);
      return {
        term: cell(line, at, at + 10),
        fixing: cell(line, at + 10, at + 24),
        previous: previous === '*' ? null : previous,
      };
    }),
  );
}

function brokerBonds(lines: readonly string[]): Values[] {
  const price = (text: string | null): string | null =>
    text === null || text === 'WNTD' ? null : text.includes('-') ? String(points32(text)) : text;
  const size = (text: string | null): string | null => (text === 'WNTD' ? null : text);
  return lines.slice(4, 12).map((line) => {
    const spread = cell(line, 60, 68);
    return {
      bond: cell(line, 0, 24),
      bid: price(cell(line, 32, 42)),
      offer: price(cell(line, 42, 52)),
      bidSize: size(cell(line, 24, 32)),
      offerSize: size(cell(line, 52, 60)),
      spread: spread === 'N/A' ? null : spread,
      benchmark: cell(line, 68, 75),
      last: cell(line, 75, 80),
    };
  });
}

function metals(lines: readonly string[]): Values[] {
  return lines.slice(5, 11).map((line) => {
    const [cashBid, cashAsk] = sides(cell(line, 14, 32)!);
    const [threeMonthBid, threeMonthAsk] = sides(cell(line, 32, 52)!);
    const spread = cell(line, 52, 64)!;
    const change = cell(line, 73, 80)!;
    return {
      metal: cell(line, 0, 14),
      cashBid,
      cashAsk,
      threeMonthBid,
      threeMonthAsk,
      spread: spread.slice(0, -1),
      spreadKind: spread.endsWith('C') ? 'contango' : 'backwardation',
      stocksTonnes: cell(line, 64, 73)!.replaceAll(',', ''),
      stockChange: change === 'UNCH' ? '0' : change.replace('+', '').replaceAll(',', ''),
    };
  });
}

function news(lines: readonly string[], page: Page): Values[] {
  return lines.slice(4, 13).map((line, i) => ({
    time: cell(line, 0, 7),
    code: cell(line, 7, 16),
    headline: cell(line, 16, 80),
    // Red, as the basic colours are counted.
    flash: (page.style[(4 + i) * 80 + 16]! & 0x3ff) === 2,
  }));
}

function indices(lines: readonly string[]): Values[] {
  return lines.slice(4, 13).map((line) => {
    const index = cell(line, 0, 18);
    const last = cell(line, 18, 30)!.replaceAll(',', '');
    if (last === 'HOL') return { index, status: 'holiday' };
    const net = cell(line, 30, 40)!.replaceAll(',', '').replace('+', '');
    return {
      index,
      last: last.replace('C', ''),
      closing: last.endsWith('C'),
      net: net === 'UNCH' ? '0.00' : net,
      pct: cell(line, 40, 50)!.replace('+', ''),
      high: cell(line, 50, 62)!.replaceAll(',', ''),
      low: cell(line, 62, 73)!.replaceAll(',', ''),
      time: cell(line, 73, 80),
    };
  });
}

const READERS: Readonly<Record<StyleName, (lines: readonly string[], page: Page) => Values[]>> = {
  FXSP: fx,
  DEPO: depositRates,
  TSYS: bondsIn32nds,
  SWAP: swaps,
  BOND: brokerBonds,
  METL: metals,
  NEWS: news,
  INDX: indices,
};

export function linesOf(page: Page): string[] {
  return Array.from({ length: page.rows }, (_, row) => page.rowText(row));
}

/** What stands on a page of a style. */
export function readPage(style: StyleName, page: Page): Values[] {
  return READERS[style](linesOf(page), page);
}

/** Whether two values mean the same: numbers may have other zeros at their end. */
export function sameValue(a: TrueValue | undefined, b: TrueValue | undefined): boolean {
  if (a === b) return true;
  const isNumber = (value: unknown): value is string => typeof value === 'string' && /^-?\d+(\.\d+)?$/.test(value);
  return isNumber(a) && isNumber(b) && Decimal.parse(a).equals(Decimal.parse(b));
}
