// Tables as network devices print them: the outputs that shipped shredders read.
import { loadShredder } from '@tickerplant/shredders';
import t from 'tap';
import { checkOutput, skip } from './cli/outputs.ts';

/** By shredder: the output, the number of records, and their keys by field. */
const OUTPUTS: Readonly<
  Record<string, readonly [file: string, count: number, keys: Readonly<Record<string, string>>]>
> = {
  'cli-linkagg-ports': [
    'alcatel_aos_show_linkagg_port_R8',
    3,
    {
      port: 'interface',
      kind: 'aggregate_type',
      snmpId: 'snmp_id',
      status: 'status',
      aggregate: 'aggregate',
      operational: 'operational_status',
      link: 'link_status',
      primary: 'primary',
    },
  ],
  'cli-bridge-addresses': [
    'dell_powerconnect_show_bridge_address_table',
    26,
    { vlan: 'vlan_id', address: 'destination_address', port: 'destination_port', kind: 'type' },
  ],
  'cli-mac-addresses': [
    'show_mac-address-table',
    6,
    { vlan: 'vlan_id', address: 'mac_address', port: 'port', kind: 'type' },
  ],
  'cli-spanning-tree-root': [
    'cisco_nxos_show_spanning-tree_root',
    4,
    {
      vlan: 'vlan_id',
      priority: 'priority',
      root: 'root_id',
      cost: 'root_cost',
      hello: 'hello_time',
      maxAge: 'max_age',
      forwardDelay: 'fwd_dly',
      port: 'root_port',
    },
  ],
  'cli-boards': [
    'huawei_smartax_display_board',
    6,
    {
      slot: 'slot_id',
      board: 'boardname',
      state: 'status',
      first: 'subtype_0',
      second: 'subtype_1',
      line: 'online_offline',
    },
  ],
};

for (const [shredder, [file, count, records]] of Object.entries(OUTPUTS)) {
  t.test(shredder, { skip }, (t) => {
    checkOutput(t, { file, plan: loadShredder(shredder), count, records });
    t.end();
  });
}
