import { TickerError } from '@tickerplant/core';
import type { Speed } from './replay/pacer.ts';

// Values of command-line options that more than one command takes.

/** `127.0.0.1:20100`. @throws TickerError `TOOLS_BAD_OPTION` */
export function parseUnicast(text: string | undefined): { address: string; port: number } | undefined {
  if (text === undefined) return undefined;
  const match = /^(\d+\.\d+\.\d+\.\d+):(\d+)$/.exec(text);
  if (match === null) {
    throw new TickerError('TOOLS_BAD_OPTION', `expected --request-server as address:port, got '${text}'`);
  }
  return { address: match[1]!, port: Number(match[2]) };
}

/** `max`, or a factor above 0. @throws TickerError `TOOLS_BAD_OPTION` */
export function parseSpeed(text: string): Speed {
  const speed = text === 'max' ? 'max' : Number(text);
  if (speed !== 'max' && !(speed > 0 && Number.isFinite(speed))) {
    throw new TickerError('TOOLS_BAD_OPTION', `expected --speed to be a number above 0 or max, got '${text}'`);
  }
  return speed;
}

/** `A=0.2,B=0.1`: line name to share. @throws TickerError `TOOLS_BAD_OPTION` */
export function parseLoss(text: string | undefined): Record<string, number> {
  const loss: Record<string, number> = {};
  for (const part of text?.split(',') ?? []) {
    const match = /^(\w+)=([\d.]+)$/.exec(part);
    const share = Number(match?.[2]);
    if (match === null || !(share >= 0 && share <= 1)) {
      throw new TickerError('TOOLS_BAD_OPTION', `expected --loss as A=share,B=share with 0 to 1, got '${text}'`);
    }
    loss[match[1]!] = share;
  }
  return loss;
}

/** A whole number within bounds. @param name `kills`, of `--kills`. @throws TickerError `TOOLS_BAD_OPTION` */
export function parseWhole(name: string, text: string, least: number, most: number = Number.MAX_SAFE_INTEGER): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  const bounds = most === Number.MAX_SAFE_INTEGER ? `from ${least} up` : `from ${least} to ${most}`;
  throw new TickerError('TOOLS_BAD_OPTION', `expected --${name} to be a whole number ${bounds}, got '${text}'`);
}

/** A share, 0 to 1. @param name of the option. @throws TickerError `TOOLS_BAD_OPTION` */
export function parseShare(name: string, text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && value >= 0 && value <= 1) return value;
  throw new TickerError('TOOLS_BAD_OPTION', `expected --${name} to be a share from 0 to 1, got '${text}'`);
}
