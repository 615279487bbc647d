// Lists as network devices print them: files, interfaces, routes, rules, jobs. What is hard about each is said in its shredder.
import type { ShreddedItem } from '@tickerplant/shredder';
import t from 'tap';
import { checkOutput, type Output, type OutputRecord, shownField, skip, testShredder } from './cli/outputs.ts';

type Keys = Readonly<Record<string, string>>;

function renamed({ fields }: ShreddedItem, keys: Keys): OutputRecord {
  return Object.fromEntries(Object.entries(keys).map(([field, key]) => [key, shownField(fields, field)]));
}

/** What is said once for the whole disk is in the record of every file. */
function files(items: readonly ShreddedItem[]): readonly OutputRecord[] {
  const disk = items.find(({ fields }) => 'free' in fields)!;
  const ofDisk = renamed(disk, { total: 'total_size', free: 'total_free' });
  const ofFile = { index: 'idx', attributes: 'attr', size: 'size', written: 'date_time', file: 'file_name' };
  return items.filter((item) => item !== disk).map((item) => ({ ...renamed(item, ofFile), ...ofDisk }));
}

/** Descriptions are lists of lines there, and modes are printed by other models only. */
function sections(items: readonly ShreddedItem[]): readonly OutputRecord[] {
  return items.map((item) => ({
    ...renamed(item, { interface: 'interface', admin: 'admin_state', link: 'link_state', mode: 'interface_mode' }),
    description: [shownField(item.fields, 'description')],
  }));
}

/** By shredder: the output, the number of records, and their keys by field. */
const OUTPUTS: Readonly<Record<string, readonly [file: string, count: number, records: Output['records']]>> = {
  directory: ['huawei_vrp_dir', 10, files],
  'interface-legend': [
    'huawei_vrp_display_interface_description',
    30,
    { interface: 'interface', physical: 'phy', protocol: 'protocol', description: 'description' },
  ],
  'routes-by-router': [
    'juniper_screenos_get_route',
    4,
    {
      router: 'vr',
      best: 'best',
      id: 'id',
      address: 'ip_address',
      length: 'prefix_length',
      interface: 'outinterface',
      gateway: 'nexthop',
      protocol: 'protocol',
      preference: 'pref',
      metric: 'metric',
      system: 'vsys',
    },
  ],
  jobs: [
    'paloalto_panos_show_jobs_all2',
    7,
    {
      enqueued: 'enqueued',
      dequeued: 'dequeued',
      id: 'id',
      kind: 'type',
      status: 'status',
      result: 'result',
      completed: 'completed',
    },
  ],
  'arp-all': [
    'show_arp_all-vrfs',
    2,
    {
      address: 'ip_address',
      mac: 'mac_address',
      port: 'port_id',
      physical: 'physical_port',
      state: 'state',
      vrf: 'vrf',
    },
  ],
  'interface-sections': ['show_interfaces_description_1', 46, sections],
  'address-translation': [
    'show_nat_rules',
    8,
    {
      rule: 'rule',
      kind: 'type',
      interface: 'interface',
      outside: 'src_address',
      inside: 'dest_address',
      protocol: 'protocol',
      outsidePort: 'src_port',
      insidePort: 'dest_port',
    },
  ],
  'clock-peers': [
    'show_ntp_associations',
    3,
    {
      id: 'id',
      name: 'name',
      remote: 'remote',
      reference: 'ref_id',
      stratum: 'stratum',
      last: 'last',
      poll: 'poll',
      reach: 'reach',
    },
  ],
  'routes-by-interface': [
    'yamaha_show_ip_route',
    10,
    {
      network: 'network',
      length: 'prefix_length',
      gateway: 'nexthop_ip',
      interface: 'nexthop_if',
      kind: 'protocol',
      more: 'additional_info',
    },
  ],
  'address-mapping': [
    'zyxel_os_cfg_nat_addr_map_get',
    3,
    {
      index: 'index',
      name: 'name',
      interface: 'interface',
      kind: 'type',
      localStart: 'local_start_ip',
      localEnd: 'local_end_ip',
      globalStart: 'global_start_ip',
      globalEnd: 'global_end_ip',
    },
  ],
};

for (const [shredder, [file, count, records]] of Object.entries(OUTPUTS)) {
  t.test(shredder, { skip }, (t) => {
    checkOutput(t, { file, plan: testShredder(shredder), count, records });
    t.end();
  });
}
