import { readFileSync } from 'node:fs';
import type { ClientOptions } from '@tickerplant/client';
import { TickerError } from '@tickerplant/core';
import { parseEndpoint } from '@tickerplant/multicast';
import type { Command } from 'commander';
import { readFloor } from './floors.ts';

/** How a command reaches a floor as its subscriber. */
export type Connection = Pick<ClientOptions, 'interface' | 'key' | 'sources'> & { readonly status: string };

/** The options that say so, as they were typed. */
export interface ConnectionOptions {
  readonly floor?: string;
  readonly status?: string;
  readonly interface?: string;
  readonly key?: string;
  readonly keyFile?: string;
}

/** Gives a command these options. */
export function addConnectionOptions(command: Command): Command {
  return command
    .option('--floor <file>', "floor file: takes the trading network's status group and the key from it")
    .option('--status <group:port>', 'without a floor file: the status group')
    .option('--interface <name>', 'its network interface, by name or address', '127.0.0.1')
    .option('--key <text>', "the floor's shared key")
    .option('--key-file <file>', 'a file with the key');
}

/** @throws TickerError `TOOLS_BAD_OPTION`, `FLOOR_…` */
export function connectionOf(options: ConnectionOptions): Connection {
  const { status, key, keyFile } = options;
  if (options.floor !== undefined) {
    const floor = readFloor(options.floor);
    const { trading } = floor.networks;
    const { group, port, sources } = trading.status;
    return { status: `${group}:${port}`, interface: trading.interface, key: floor.key, sources };
  }
  if (status === undefined) throw new TickerError('TOOLS_BAD_OPTION', 'expected --floor FILE, or --status GROUP:PORT');
  if ((key === undefined) === (keyFile === undefined)) {
    throw new TickerError('TOOLS_BAD_OPTION', 'expected with --status either --key TEXT or --key-file FILE');
  }
  parseEndpoint(status);
  return { status, interface: options.interface ?? '127.0.0.1', key: key ?? readFileSync(keyFile!, 'utf8').trimEnd() };
}

/** A number above 0; undefined where nothing was typed. @throws TickerError `TOOLS_BAD_OPTION` */
export function positive(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const number = Number(text);
  if (number > 0 && Number.isFinite(number)) return number;
  throw new TickerError('TOOLS_BAD_OPTION', `expected ${name} to be a number above 0, got '${text}'`);
}
