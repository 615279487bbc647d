import { parseDay } from '@tickerplant/core';
import type { GroupAddress, UnicastAddress } from './floor.ts';

// Readers of single values. Each answers the value in the form the processes use, or what it expected.

/** Why a value was refused: what should have stood there. */
export class Expected {
  readonly what: string;

  constructor(what: string) {
    this.what = what;
  }
}

/** Reads one value of the file. */
export type Reader<T> = (value: unknown) => T | Expected;

const BAD_GROUP = new Expected('a multicast address 224.0.0.0–239.255.255.255');
const BAD_PORT = new Expected('a port from 1 to 65535 behind the colon');

function isAddress(text: string): boolean {
  return /^\d{1,3}(\.\d{1,3}){3}$/.test(text) && text.split('.').every((part) => Number(part) <= 255);
}

function isGroup(text: string): boolean {
  const first = Number(text.split('.', 1)[0]);
  return isAddress(text) && first >= 224 && first <= 239;
}

function splitPort(value: unknown): { host: string; port: number | undefined } | undefined {
  const parts = typeof value === 'string' ? /^([^:\s]*):([^:\s]*)$/.exec(value) : null;
  if (parts === null) return undefined;
  const port = /^\d{1,5}$/.test(parts[2]!) ? Number(parts[2]) : 0;
  return { host: parts[1]!, port: port >= 1 && port <= 65_535 ? port : undefined };
}

/** `239.255.1.1:20001`, any source. */
export const readGroup: Reader<GroupAddress> = (value) => {
  const parts = splitPort(value);
  if (parts === undefined) {
    return typeof value === 'string' && !value.includes(':') && !isGroup(value)
      ? BAD_GROUP
      : new Expected('a multicast group and port such as 239.255.1.1:20001');
  }
  if (!isGroup(parts.host)) return BAD_GROUP;
  return parts.port === undefined ? BAD_PORT : { group: parts.host, port: parts.port, sources: [] };
};

/** `127.0.0.1:32001`; a multicast address is refused. */
export const readUnicast: Reader<UnicastAddress> = (value) => {
  const parts = splitPort(value);
  if (parts === undefined) return new Expected('an IPv4 address and port such as 127.0.0.1:32001');
  if (!isAddress(parts.host) || isGroup(parts.host)) return new Expected('an IPv4 address of a host before the colon');
  return parts.port === undefined ? BAD_PORT : { address: parts.host, port: parts.port };
};

/** An IPv4 address of a host, as in a list of sources. */
export const readHost: Reader<string> = (value) =>
  typeof value === 'string' && isAddress(value) && !isGroup(value) ? value : new Expected('an IPv4 address of a host');

/** `127.0.0.1`, `eth0`: whether this machine has it is seen when it is opened. */
export const readInterface: Reader<string> = (value) => {
  const named = typeof value === 'string' && /^[A-Za-z][\w.:@-]{0,63}$/.test(value);
  const addressed = typeof value === 'string' && isAddress(value) && !isGroup(value);
  return named || addressed ? (value as string) : new Expected('a network interface by name or IPv4 address');
};

/** A whole number within bounds, both inclusive. */
export function readWhole(least: number, most: number): Reader<number> {
  const expected = new Expected(`a whole number from ${least} to ${most}`);
  return (value) => (Number.isInteger(value) && inside(value, least, most) ? (value as number) : expected);
}

/** Milliseconds, fractions allowed. */
export function readMs(least: number, most: number): Reader<number> {
  const expected = new Expected(`milliseconds from ${least} to ${most}`);
  return (value) => (inside(value, least, most) ? (value as number) : expected);
}

/** A share: 0.2 is 20 %. */
export const readShare: Reader<number> = (value) =>
  inside(value, 0, 1) && value !== 1 ? (value as number) : new Expected('a share from 0 to below 1');

function inside(value: unknown, least: number, most: number): boolean {
  return typeof value === 'number' && value >= least && value <= most;
}

const UNITS: Readonly<Record<string, number>> = { B: 1, KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30 };

/** `64MiB`, or a number of bytes. */
export function readBytes(least: string, most: string): Reader<number> {
  const parse = (text: string): number | undefined => {
    const parts = /^(\d{1,12})\s?(B|KiB|MiB|GiB)$/.exec(text);
    return parts === null ? undefined : Number(parts[1]) * UNITS[parts[2]!]!;
  };
  const expected = new Expected(`a size from ${least} to ${most}, such as ${least} or ${parse(least)!}`);
  const leastBytes = parse(least)!;
  const mostBytes = parse(most)!;
  return (value) => {
    const bytes = typeof value === 'string' ? parse(value) : value;
    return Number.isInteger(bytes) && inside(bytes, leastBytes, mostBytes) ? (bytes as number) : expected;
  };
}

/** Text of a certain shape; anything YAML took for a number, truth value or nothing must be quoted. */
export function readText(shape: RegExp, what: string): Reader<string> {
  const expected = new Expected(what);
  const quoted = new Expected(`${what}; put it in quotes`);
  return (value) => {
    if (typeof value === 'string') return shape.test(value) ? value : expected;
    return typeof value === 'number' || typeof value === 'boolean' ? quoted : expected;
  };
}

/** One of a few words. */
export function readOne<const T extends string>(words: readonly T[]): Reader<T> {
  const expected = new Expected(words.join(' or '));
  return (value) => (words.includes(value as T) ? (value as T) : expected);
}

/** `true` or `false`. */
export const readTruth: Reader<boolean> = (value) =>
  typeof value === 'boolean' ? value : new Expected('true or false');

/** A trading day in days since 1970, or `today`. */
export const readDay: Reader<number | 'today'> = (value) => {
  if (value === 'today') return value;
  try {
    const day = parseDay(String(value));
    // The session name has two digits for the year.
    if (day >= parseDay('2000-01-01') && day <= parseDay('2099-12-31')) return day;
  } catch {
    // Reported below, with what is allowed besides a date.
  }
  return new Expected("a date YYYY-MM-DD from 2000 to 2099, or 'today'");
};

/** An IANA time zone that this Node knows. */
export const readTimeZone: Reader<string> = (value) => {
  try {
    if (typeof value === 'string') return new Intl.DateTimeFormat('en-US', { timeZone: value }) && value;
  } catch {
    // Reported below.
  }
  return new Expected('a time zone such as America/New_York');
};

/** A vendor sequence number, or `first-seen`. */
export const readFirstSequence: Reader<number | 'first-seen'> = (value) => {
  if (value === 'first-seen') return value;
  const whole = Number.isSafeInteger(value) && (value as number) >= 1;
  return whole ? (value as number) : new Expected("a sequence number from 1, or 'first-seen'");
};
