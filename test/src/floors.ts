import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { testPorts } from '@tickerplant/testkit';

export const KEY = 'the-key-of-a-test-floor';

/** A floor file of a test's own: nobody else uses its ports. */
export interface TestFloor {
  readonly path: string;
  /** `group:port` of the trading network's status group. */
  readonly status: string;
  readonly lines: readonly string[];
  readonly tradingGroups: readonly string[];
  readonly requestServer: string;
  readonly ports: Readonly<Record<string, number>>;
}

/**
 * Writes a floor with one feed (lines A and B), two record channels, for ITCH a depth channel, and a plant.
 *
 * @param folder where the file goes.
 * @param options `simulator`: lines of YAML for a simulator entry (`seed`, `rate`, …); `limits`, `journal`: those blocks.
 */
export function writeFloor(
  folder: string,
  protocol: 'iex-tops' | 'itch50',
  options: {
    readonly day?: string;
    readonly simulator?: string;
    readonly limits?: string;
    /** A standby for the handler and for the plant. */
    readonly pairs?: true;
    /** Two plants, each of which publishes on groups of its own. */
    readonly liveLive?: true;
    readonly journal?: string;
    /** The vendor repeats nothing. */
    readonly mute?: true;
  } = {},
): TestFloor {
  const ports = testPorts(22) as number[];
  const [sf, st, fa, ta, fb, tb, fd, td, la, lb, vendor, hr, hc, pc, pr, hr2, hc2, pc2, pr2, ...second] = ports;
  const group = (net: number, host: number, port: number | undefined): string => `239.255.${net}.${host}:${port}`;
  const depth = protocol === 'itch50';
  const trading = (host: number, port: number | undefined): string => {
    const first = `"${group(220, host, port)}"`;
    return options.liveLive === true ? `[${first}, "${group(221, host, second[host - 1])}"]` : first;
  };
  const channels = [
    `  - { name: C1, id: 1, feed: "${group(210, 1, fa)}", trading: ${trading(1, ta)} }`,
    `  - { name: C2, id: 2, feed: "${group(210, 2, fb)}", trading: ${trading(2, tb)} }`,
    ...(depth ? [`  - { name: D1, id: 3, feed: "${group(210, 3, fd)}", trading: ${trading(3, td)} }`] : []),
  ];
  const text = `
floor: test
key: ${KEY}
day: ${options.day ?? 'today'}
networks:
  feed: { interface: 127.0.0.1, ttl: 0, status: "${group(210, 9, sf)}" }
  trading: { interface: 127.0.0.1, ttl: 0, status: "${group(220, 9, st)}" }
${options.limits === undefined ? '' : `limits: ${options.limits}`}
channels:
${channels.join('\n')}
feeds:
  - name: f
    protocol: ${protocol}
    services: { records: T${depth ? ', depth: T-L2' : ''} }
    timeZone: America/New_York
    lines:
      - { name: A, group: "${group(201, 1, la)}", interface: 127.0.0.1 }
      - { name: B, group: "${group(201, 2, lb)}", interface: 127.0.0.1 }
    requestServers: ["127.0.0.1:${vendor}"]
    firstSequence: 1
    channels:
      records: { hash: [C1, C2] }
${depth ? '      depth: { channel: D1 }' : ''}
    repair: 127.0.0.1:${hr}
    control: 127.0.0.1:${hc}
${options.pairs === true ? `    standbys: [{ repair: "127.0.0.1:${hr2}", control: "127.0.0.1:${hc2}" }]` : ''}
plants:
  - { name: p1, control: "127.0.0.1:${pc}", repair: "127.0.0.1:${pr}", ringBytes: 64MiB }
${options.pairs === true || options.liveLive === true ? `  - { name: p2, control: "127.0.0.1:${pc2}", repair: "127.0.0.1:${pr2}", ringBytes: 64MiB }` : ''}
${options.simulator === undefined ? '' : `simulators:\n  - { name: v, feed: f, ${options.mute === true ? '' : `requestServer: "127.0.0.1:${vendor}", `}${options.simulator} }`}
${options.journal === undefined ? '' : `journal: ${options.journal}`}
`;
  const path = join(folder, 'floor.yaml');
  writeFileSync(path, text);
  return {
    path,
    status: group(220, 9, st),
    lines: [group(201, 1, la), group(201, 2, lb)],
    tradingGroups: [group(220, 1, ta), group(220, 2, tb), ...(depth ? [group(220, 3, td)] : [])],
    requestServer: `127.0.0.1:${vendor}`,
    ports: { vendor: vendor!, handlerRepair: hr!, handlerControl: hc!, plantControl: pc!, plantRepair: pr! },
  };
}

/** A floor with one feed. */
export interface SmallFloor {
  readonly folder: string;
  readonly path: string;
  /** `group:port` of the trading network's status group. */
  readonly status: string;
}

/**
 * Writes a floor with one feed, channels C1, C2, … and plants p1, p2, …
 *
 * @param net of its groups, 239.255.(210 + net) and 239.255.(220 + net): each kind of test has its own.
 * @param options `feed`: lines of YAML of the feed's entry, without the handlers' addresses.
 */
export function writeSmallFloor(
  folder: string,
  net: number,
  options: { readonly channels?: number; readonly plants?: number; readonly standby?: true; readonly feed: string },
): SmallFloor {
  const { channels = 1, plants = 1, standby = false, feed } = options;
  const port = (): number => testPorts(1)[0]!;
  const group = (base: number, host: number): string => `239.255.${base + net}.${host}:${port()}`;
  const own = (): string => `repair: "127.0.0.1:${port()}", control: "127.0.0.1:${port()}"`;
  const list = (count: number, entry: (number: number) => string): string =>
    Array.from({ length: count }, (_, i) => `  - { ${entry(i + 1)} }`).join('\n');
  const status = group(220, 9);
  const path = join(folder, 'floor.yaml');
  writeFileSync(
    path,
    `
floor: test
key: ${KEY}
networks:
  feed: { interface: 127.0.0.1, ttl: 0, status: "${group(210, 9)}" }
  trading: { interface: 127.0.0.1, ttl: 0, status: "${status}" }
limits: { heartbeatMs: 20, takeoverAfterMs: 300, silentAfterMs: 3000 }
channels:
${list(channels, (n) => `name: C${n}, id: ${n}, feed: "${group(210, n)}", trading: "${group(220, n)}"`)}
feeds:
  -
${feed.trim().replace(/^ */gm, (indent) => `    ${indent}`)}
    repair: 127.0.0.1:${port()}
    control: 127.0.0.1:${port()}
${standby ? `    standbys: [{ ${own()} }]` : ''}
plants:
${list(plants, (n) => `name: p${n}, ${own()}, ringBytes: 16MiB`)}
`,
  );
  return { folder, path, status };
}
