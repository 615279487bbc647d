// Tables of network devices in which rows are out of line, belong to headings, or go on in lines below.
import type { ShreddedItem } from '@tickerplant/shredder';
import t from 'tap';
import { neighbours } from './cli/neighbours.ts';
import { checkOutput, type Output, type OutputRecord, shownField, skip, testShredder } from './cli/outputs.ts';
import { vlanPorts } from './cli/vlan-ports.ts';

/** Links by aggregator. */
function aggregators(items: readonly ShreddedItem[]): OutputRecord[] {
  const ports = new Map<string, string[]>();
  for (const { fields } of items) {
    const aggregator = shownField(fields, 'aggregator');
    ports.set(aggregator, [...(ports.get(aggregator) ?? []), shownField(fields, 'port')]);
  }
  return [...ports].map(([aggregator, interfaces]) => ({ po_name: aggregator, interfaces }));
}

/** Texts of several lines as lists; of the blanks behind ports the list of records has one. */
function networks(items: readonly ShreddedItem[]): OutputRecord[] {
  return items.map(({ fields }) => {
    const lines = (field: string): string[] => shownField(fields, field).split('\n').filter(Boolean);
    return {
      vlan_id: shownField(fields, 'id'),
      vlan_name: lines('name'),
      vlan_encap: lines('encap'),
      vlan_ports: lines('ports').map((line) => `${line} `),
      node_number: shownField(fields, 'node'),
      node_name: shownField(fields, 'nodeName'),
    };
  });
}

/** The names that the list of records has for parts. */
const PARTS: Readonly<Record<string, string>> = { System: 'sys', Inline: 'inline', Backplane: 'backplane' };

/** One record of all rows. */
function power(items: readonly ShreddedItem[]): OutputRecord[] {
  const record: Record<string, string> = {};
  for (const { fields } of items) {
    const part = PARTS[shownField(fields, 'part')];
    record[`${part ?? 'total'}_used_watts`] = shownField(fields, 'used');
    if (part === undefined) record.max_avail_watts = shownField(fields, 'limit');
    else record[`${part}_avail_watts`] = shownField(fields, 'available');
  }
  return [record];
}

const OUTPUTS: readonly Output[] = [
  {
    file: 'allied_telesis_awplus_show_etherchannel_summary',
    plan: testShredder('aggregator-links'),
    count: 2,
    records: aggregators,
  },
  { file: 'cisco_apic_fabric_show_vlan_extended1', plan: vlanPorts, count: 4, records: networks },
  {
    file: 'cisco_asa_show_crypto_ikev1_sa_detail',
    plan: testShredder('key-exchange-peers'),
    count: 4,
    records: {
      sequence: 'sequence',
      address: 'peer',
      type: 'type',
      direction: 'dir',
      rekey: 'rekey',
      state: 'state',
      encryption: 'encryption',
      hash: 'hash',
      authentication: 'authentication',
      lifetime: 'lifetime',
    },
  },
  {
    file: 'cisco_ios_show_cdp_neighbors_3',
    plan: neighbours,
    count: 22,
    records: {
      device: 'neighbor_name',
      interface: 'local_interface',
      capabilities: 'capabilities',
      platform: 'platform',
      port: 'neighbor_interface',
    },
  },
  { file: 'cisco_ios_show_power_available', plan: testShredder('power-summary'), count: 1, records: power },
  {
    file: 'cisco_nxos_show_ip_bgp_summary2',
    plan: testShredder('bgp-summary'),
    count: 9,
    records: {
      router: 'router_id',
      localAs: 'local_as',
      // Not named in this output.
      network: 'vrf',
      address: 'bgp_neigh',
      as: 'neigh_as',
      received: 'msg_rcvd',
      sent: 'msg_sent',
      in: 'in_queue',
      out: 'out_queue',
      up: 'up_down',
      state: 'state_pfxrcd',
    },
  },
  {
    file: 'ericsson_ipos_show_arp_all-context',
    plan: testShredder('arp-contexts'),
    count: 16,
    records: {
      context: 'context',
      contextId: 'context_id',
      host: 'host',
      address: 'mac_address',
      ttl: 'ttl',
      kind: 'type',
      circuit: 'circuit',
    },
  },
  {
    file: 'extreme_exos_show_ports_information',
    plan: testShredder('port-information'),
    count: 48,
    records: {
      port: 'interface',
      flags: 'flags',
      link: 'link_state',
      elsm: 'elsm',
      oam: 'oam',
      ups: 'link_ups',
      trees: 'num_stp',
      vlans: 'num_vlan',
      protocols: 'num_proto',
      jumbo: 'jumbo_size',
      profile: 'qos_profile',
      master: 'load_master',
    },
  },
  {
    file: 'fortinet_get_router_info_bgp_summary',
    plan: testShredder('bgp-neighbours'),
    count: 4,
    records: { address: 'bgp_neigh', as: 'neigh_as', up: 'up_down', state: 'state_pfxrcd' },
  },
  {
    file: 'hp_procurve_show_interfaces',
    plan: testShredder('port-counters'),
    count: 24,
    records: {
      port: 'port',
      bytes: 'total_bytes',
      frames: 'total_frames',
      errors: 'errors_rx',
      drops: 'drops_tx',
      flow: 'flow_ctrl',
      limit: 'bcast_limit',
    },
  },
];

for (const output of OUTPUTS) {
  t.test(output.file, { skip }, (t) => {
    checkOutput(t, output);
    t.end();
  });
}
