// The configuration of virtual networks: commands of which each network has some, below it rings of its own, each with some commands again. It is the same
// text at other indents that says what belongs to what.
import { type CustomItem, compile, defineShredder, type Plan, type RegionView } from '@tickerplant/shredder';
import { behind, digits, type Line, linesOf, unknownLine } from './block-lines.ts';

const RINGS_MAX = 4;
/** Commands that say nothing of a network's ports and rings. */
const OTHERS: ReadonlySet<string> = new Set(['!', 'no spanning-tree', 'spanning-tree', 'no dual-mode-default-vlan']);

class Network {
  readonly id: string;
  readonly fields: Record<string, string | null>;
  rings = 0;

  constructor(id: string, name: string | null) {
    this.id = id;
    this.fields = { id, name };
  }

  /** Each command once. */
  set(field: string, value: string, line: Line): void {
    if (value === '' || field in this.fields) throw unknownLine(line);
    this.fields[field] = value;
  }
}

/** `vlan 60 name CORE_Master`: of the name what stands before the first underscore. */
function networkOf(line: Line): Network {
  const head = behind(line.text, 'vlan ');
  const [id, kind, name, ...more] = (head ?? '').split(' ');
  const isNamed = kind === 'name' && name !== undefined;
  if (digits(id!) === undefined || (kind !== undefined && !isNamed) || more.length > 0) throw unknownLine(line);
  return new Network(id!, isNamed ? name.split('_')[0]! : null);
}

/** A command of a network. */
function takeCommand(network: Network, line: Line): void {
  const { text } = line;
  const ring = behind(text, 'metro-ring ');
  const router = behind(text, 'router-interface ve ');
  const tagged = behind(text, 'tagged ');
  const untagged = behind(text, 'untagged ');
  if (ring !== undefined) {
    network.rings++;
    if (network.rings > RINGS_MAX || digits(ring) === undefined) throw unknownLine(line);
    network.set(`ring${network.rings}`, ring, line);
  } else if (router !== undefined) network.set('router', digits(router) ?? '', line);
  else if (tagged !== undefined) network.set('tagged', tagged, line);
  else if (untagged !== undefined) network.set('untagged', untagged, line);
  // What is taken away from a network is not in it.
  else if (!text.startsWith('no untagged ') && !OTHERS.has(text)) throw unknownLine(line);
}

/** A command of the ring above it. */
function takeRing(network: Network, line: Line): void {
  const { text } = line;
  const ring = `ring${network.rings}`;
  const ports = behind(text, 'ring-interfaces ');
  const name = behind(text, 'name ');
  if (ports !== undefined) network.set(`${ring}Ports`, ports, line);
  else if (name !== undefined) network.set(`${ring}Name`, name, line);
  else if (text === 'enable') network.set(`${ring}Enabled`, text, line);
  else if (text === 'master') network.set(`${ring}Master`, text, line);
  else if (text === 'diagnostics') network.set(`${ring}Diagnostics`, text, line);
  else throw unknownLine(line);
}

function read(view: RegionView): readonly CustomItem[] {
  const networks: Network[] = [];
  for (const line of linesOf(view)) {
    if (line.indent === 0) {
      if (!OTHERS.has(line.text)) networks.push(networkOf(line));
      continue;
    }
    const network = networks.at(-1);
    if (network !== undefined && line.indent === 1) takeCommand(network, line);
    else if (network !== undefined && line.indent === 2 && network.rings > 0) takeRing(network, line);
    else throw unknownLine(line);
  }
  return networks.map(({ id, fields }) => ({ key: id, fields }));
}

export const VLAN_CONFIGURATION: Plan = compile(
  defineShredder({
    shredder: 'vlan-configuration',
    page: 'CLI-VLAN-CONFIGURATION',
    size: '500x200',
    version: 1,
    anchors: { first: { text: 'vlan 1 name DEFAULT-VLAN', row: '0..20', column: 0 } },
    custom: { networks: { rows: '0..499', read } },
  }),
);
