import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { errorMessage, TickerError } from '@tickerplant/core';
import type { DrillNetwork, DrillPlaces } from './drill-floor.ts';

// Hosts and networks of a drill, as network namespaces of this machine: each host has one, and so has the machine room,
// where the bridges are that all cables lead to. Nothing of it is connected with the machine's own network.

/** Each host's cables. `ops` is where the drill itself is: it sees all networks, and is never cut. */
const HOSTS: Readonly<Record<string, readonly DrillNetwork[]>> = {
  exchange: ['lines'],
  itch: ['lines', 'feed'],
  'itch-2': ['lines', 'feed'],
  p1: ['feed', 'trading'],
  p2: ['feed', 'trading'],
  client: ['trading'],
  ops: ['feed', 'trading'],
};
const NETWORKS: readonly DrillNetwork[] = ['lines', 'feed', 'trading'];
const ROOM = 'room';
/** Tells the drill that it is inside, and what its namespaces' names begin with. */
const VARIABLE = 'TICKER_DRILL_CABLING';
const PREFIX = /^ticker-(\d+)-/;
const FIRST_PORT = 20_000;

/** How a connection is cut: the far end is unplugged (the host's interface loses its carrier), or the host's interface is shut. */
export type CutKind = 'cable' | 'interface';

/** Pulls and plugs cables. */
export class Cabling implements DrillPlaces {
  readonly groups = 1;
  /** Bridges are no routers. */
  readonly ttl = 1;
  readonly #prefix: string;
  #port = FIRST_PORT;

  constructor(prefix: string) {
    this.#prefix = prefix;
  }

  /** The namespaces that this process runs in; undefined: in none. */
  static inside(): Cabling | undefined {
    const prefix = process.env[VARIABLE];
    return prefix === undefined ? undefined : new Cabling(prefix);
  }

  /** What a command line on a host begins with. */
  launcher(host: string): readonly string[] {
    return ['ip', 'netns', 'exec', this.#space(host)];
  }

  /** Interfaces are called as their network, on every host. */
  interface(network: DrillNetwork): string {
    return network;
  }

  address(host: string, network: DrillNetwork): string {
    return `10.77.${NETWORKS.indexOf(network)}.${1 + Object.keys(HOSTS).indexOf(host)}`;
  }

  port(): number {
    return this.#port++;
  }

  /** Cuts a host off a network, or joins it again. @throws TickerError `DRILL_NETWORK_FAILED` */
  set(host: string, network: DrillNetwork, kind: CutKind, state: 'up' | 'down'): void {
    const [space, link] = kind === 'cable' ? [ROOM, `${host}-${network}`] : [host, network];
    ip('-n', this.#space(space), 'link', 'set', 'dev', link, state);
  }

  /** Makes all hosts and networks. @throws TickerError `DRILL_NETWORK_FAILED` */
  create(): void {
    for (const host of [ROOM, ...Object.keys(HOSTS)]) {
      ip('netns', 'add', this.#space(host));
      ip('-n', this.#space(host), 'link', 'set', 'dev', 'lo', 'up');
    }
    const room = this.#space(ROOM);
    for (const network of NETWORKS) {
      // A bridge without a multicast router would forget who has joined what.
      ip('-n', room, 'link', 'add', 'name', network, 'type', 'bridge', 'mcast_snooping', '0');
      ip('-n', room, 'link', 'set', 'dev', network, 'up');
    }
    for (const [host, networks] of Object.entries(HOSTS)) {
      const space = this.#space(host);
      for (const network of networks) {
        const far = `${host}-${network}`;
        ip('-n', room, 'link', 'add', 'name', far, 'type', 'veth', 'peer', 'name', network, 'netns', space);
        ip('-n', room, 'link', 'set', 'dev', far, 'master', network, 'up');
        ip('-n', space, 'address', 'add', `${this.address(host, network)}/24`, 'dev', network);
        ip('-n', space, 'link', 'set', 'dev', network, 'up');
      }
    }
  }

  /** Takes all of it away; what is not there is passed over. */
  remove(): void {
    removeSpaces((name) => name.startsWith(`${this.#prefix}-`));
  }

  #space(host: string): string {
    return `${this.#prefix}-${host}`;
  }
}

/**
 * Runs this very command again on the host `ops` of a network that is made for it and taken away afterwards, however it
 * ends.
 *
 * @returns its exit code.
 * @throws TickerError `DRILL_NO_NAMESPACES`: this machine has none, or this user may not make them.
 */
export async function runInNamespaces(): Promise<number> {
  if (process.getuid?.() !== 0) {
    throw new TickerError('DRILL_NO_NAMESPACES', 'expected to be root: only root may make network namespaces');
  }
  try {
    execFileSync('ip', ['-V'], { stdio: 'ignore' });
  } catch (cause) {
    const why = `expected the command ip (of iproute2), which makes network namespaces: ${errorMessage(cause)}`;
    throw new TickerError('DRILL_NO_NAMESPACES', why, {}, { cause });
  }
  // What a drill that was killed has left.
  removeSpaces((_name, pid) => !isAlive(pid));
  const prefix = `ticker-${process.pid}`;
  const cabling = new Cabling(prefix);
  const remove = (): void => cabling.remove();
  process.on('exit', remove);
  let stopped: NodeJS.Signals | undefined;
  let stop = (signal: NodeJS.Signals): void => {
    stopped = signal;
  };
  // From a terminal they reach the drill as well; from elsewhere they must be passed on.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => stop(signal));
  try {
    try {
      cabling.create();
    } catch (cause) {
      throw new TickerError('DRILL_NO_NAMESPACES', errorMessage(cause), {}, { cause });
    }
    const [command, ...args] = cabling.launcher('ops');
    const own = [process.execPath, ...process.execArgv, ...process.argv.slice(1)];
    const child = spawn(command!, [...args, ...own], { stdio: 'inherit', env: { ...process.env, [VARIABLE]: prefix } });
    stop = (signal) => void child.kill(signal === 'SIGINT' ? 'SIGTERM' : signal);
    if (stopped !== undefined) stop(stopped);
    const [code] = (await once(child, 'exit')) as [number | null];
    return code ?? 1;
  } finally {
    remove();
    process.off('exit', remove);
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function removeSpaces(which: (name: string, pid: number) => boolean): void {
  for (const line of ip('netns', 'list').split('\n')) {
    const name = line.split(' ')[0]!;
    const pid = Number(PREFIX.exec(name)?.[1]);
    if (!Number.isNaN(pid) && which(name, pid)) ip('netns', 'delete', name);
  }
}

/** @throws TickerError `DRILL_NETWORK_FAILED` */
function ip(...args: string[]): string {
  try {
    return execFileSync('ip', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  } catch (cause) {
    const why = String((cause as { stderr?: string }).stderr ?? errorMessage(cause)).trim();
    throw new TickerError('DRILL_NETWORK_FAILED', `expected 'ip ${args.join(' ')}' to succeed: ${why}`, {}, { cause });
  }
}
