// Virtual networks with their interfaces and addresses: blocks of varying length, lists that go on in lines of their own, the same names in three parts of a
// block with another meaning in each.
import { type CustomItem, compile, defineShredder, type Plan, type RegionView } from '@tickerplant/shredder';
import { behind, digits, type Line, linesOf, unknownLine, words } from './block-lines.ts';

const TRUNKS = ['vLAN Trunk Interfaces:', 'vLAN Trunk Interface:'];
const PROTOCOLS = 'Protocols Configured:   Address:              Received:        Transmitted:';
const NATIVE = 'This is configured as native Vlan for the following interface(s) :';
const TAGS = ' (IEEE 802.1Q Encapsulation)';

class Network {
  readonly interfaces: string[] = [];
  readonly addresses: string[] = [];
  readonly addresses6: string[] = [];
  /** What lines that name an interface are about. */
  part: 'trunks' | 'native' | 'protocols' | undefined;
  readonly id: string;

  constructor(id: string) {
    this.id = id;
  }

  get item(): CustomItem {
    const { id, interfaces, addresses, addresses6 } = this;
    return {
      key: id,
      fields: {
        id,
        interfaces: interfaces.join(', '),
        addresses: addresses.join(', '),
        addresses6: addresses6.join(', '),
      },
    };
  }
}

/** The network that a line begins. */
function networkOf(line: Line): Network | undefined {
  const head = behind(line.text, 'Virtual LAN ID:')?.trimStart();
  if (head === undefined) return undefined;
  const id = head.endsWith(TAGS) ? digits(head.slice(0, -TAGS.length)) : undefined;
  if (id === undefined || line.indent > 0) throw unknownLine(line);
  return new Network(id);
}

function areCounts(counts: readonly string[]): boolean {
  return counts.every((count) => digits(count) !== undefined);
}

/** `896616646 packets, 110232659966 bytes input`: how much went through the interface above it. */
function isTraffic([packets, ofPackets, bytes, ofBytes, way, ...more]: readonly string[]): boolean {
  const areWords = ofPackets === 'packets,' && ofBytes === 'bytes' && (way === 'input' || way === 'output');
  return areWords && more.length === 0 && areCounts([packets!, bytes!]);
}

/** A line that names an interface, each part in its own way. */
function takeInterface(network: Network, line: Line): void {
  const [name, second, ...more] = words(line.text);
  if (network.part === 'trunks' && second === undefined) network.interfaces.push(name!);
  else if (network.part === 'protocols' && second === `(${network.id})` && more.length === 0)
    network.interfaces.push(name!);
  else if (network.part !== 'native' || second !== 'Native-vlan') throw unknownLine(line);
}

/** A protocol of an interface, with its address and counts, or without them. */
function takeProtocol(network: Network, line: Line): void {
  const [protocol, ...values] = words(line.text);
  const address = values.length === 1 || values.length === 3 ? values[0] : undefined;
  if (!areCounts(values.slice(-2)) && values.length !== 1) throw unknownLine(line);
  if (protocol === 'IP' && address !== undefined) network.addresses.push(address);
  else if (protocol === 'IPv6' && address !== undefined) network.addresses6.push(address);
  else if (protocol !== 'Other' || values.length !== 2) throw unknownLine(line);
}

function take(network: Network, line: Line): void {
  const { text } = line;
  const label = TRUNKS.find((begin) => text.startsWith(begin));
  if (label !== undefined) {
    network.part = 'trunks';
    network.interfaces.push(text.slice(label.length).trim());
  } else if (text === NATIVE) network.part = 'native';
  else if (text === PROTOCOLS) network.part = 'protocols';
  else if (line.indent === 0) takeInterface(network, line);
  else if (network.part !== 'protocols') throw unknownLine(line);
  else if (!isTraffic(words(text))) takeProtocol(network, line);
}

function read(view: RegionView): readonly CustomItem[] {
  const networks: Network[] = [];
  for (const line of linesOf(view)) {
    const begun = networkOf(line);
    if (begun !== undefined) networks.push(begun);
    else if (networks.length > 0) take(networks.at(-1)!, line);
    else throw unknownLine(line);
  }
  return networks.map(({ item }) => item);
}

export const VLAN_COUNTERS: Plan = compile(
  defineShredder({
    shredder: 'vlan-counters',
    page: 'CLI-VLAN-COUNTERS',
    size: '500x80',
    version: 1,
    anchors: { id: { text: 'Virtual LAN ID:', row: '0..1', column: 0 } },
    custom: { networks: { rows: '0..499', read } },
  }),
);
