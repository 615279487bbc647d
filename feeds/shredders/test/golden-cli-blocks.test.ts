// Blocks of lines as network devices print them: sentences, and values behind labels.
import t from 'tap';
import { checkOutput, type Output, type OutputRecord, shownField, skip, testShredder } from './cli/outputs.ts';
import { ROUTE_DETAILS } from './cli/route-details.ts';
import { VLAN_CONFIGURATION } from './cli/vlan-configuration.ts';
import { VLAN_COUNTERS } from './cli/vlan-counters.ts';
import { WIRELESS_INTERFACES } from './cli/wireless-interfaces.ts';

/** The records' names of what a network's rings say, by field. */
const RINGS: Readonly<Record<string, string>> = Object.fromEntries(
  [1, 2, 3, 4].flatMap((ring) => [
    [`ring${ring}`, `metroid${ring}`],
    [`ring${ring}Name`, `metroname${ring}`],
    [`ring${ring}Ports`, `metrointerfaces${ring}`],
    [`ring${ring}Enabled`, `metroconfenable${ring}`],
    [`ring${ring}Master`, `metroconfmaster${ring}`],
    [`ring${ring}Diagnostics`, `metroconfdiag${ring}`],
  ]),
);

const listOf = (text: string): readonly string[] => (text === '' ? [] : text.split(', '));

const OUTPUTS: readonly Output[] = [
  {
    file: 'show_vrrp_interface.lbb320',
    plan: testShredder('router-redundancy'),
    count: 4,
    records: {
      port: 'interface',
      group: 'group',
      state: 'state',
      version: 'version',
      address: 'virtual_ip',
      mask: 'virtual_netmask',
      hardware: 'virtual_mac',
      interval: 'advertise_interval',
      preemption: 'preempt',
      delay: 'preempt_min_delay',
      priority: 'priority',
      master: 'master_ip',
      masterPriority: 'master_priority',
      masterState: 'master_state',
    },
  },
  {
    file: 'vmware_nsxv_show_ip_bgp_neighbors',
    plan: testShredder('bgp-neighbors'),
    count: 2,
    records: {
      address: 'neighbor_id',
      system: 'remote_as',
      state: 'state',
      hold: 'hold_interval',
      alive: 'keepalive_interval',
      received: 'pfx_recv',
      sent: 'pfx_sent',
      advertised: 'pfx_adv',
    },
  },
  {
    file: 'cisco_xr_show_inventory_01',
    plan: testShredder('inventory'),
    count: 14,
    records: { name: 'name', text: 'descr', product: 'pid', version: 'vid', serial: 'sn' },
  },
  {
    file: 'fsas_sir_show_ether',
    plan: testShredder('ethernet-ports'),
    count: 5,
    records: {
      group: 'ether_group',
      port: 'ether_port',
      description: 'description',
      status: 'status',
      speed: 'status_speed',
      duplex: 'status_duplex',
      crossing: 'status_mdi',
      media: 'media',
      send: 'flow_control_send',
      receive: 'flow_control_receive',
      kind: 'type',
      since: 'since',
      mode: 'config_mode',
      setCrossing: 'config_mdi',
      setMedia: 'config_media',
    },
  },
  {
    file: 'linux_iwconfig',
    plan: WIRELESS_INTERFACES,
    count: 7,
    records: {
      name: 'interface',
      network: 'essid',
      nickname: 'nickname',
      mode: 'mode',
      frequency: 'frequency',
      accessPoint: 'access_point',
      rate: 'bit_rate',
      power: 'tx_power',
      sensitivity: 'sensitivity',
      retries: 'retry_short_limit',
      sendThreshold: 'rts_thr',
      fragmentThreshold: 'fragment_thr',
      encryption: 'encryption_key',
      powerManagement: 'power_management',
      quality: 'link_quality',
      signal: 'signal_level',
      noise: 'noise_level',
      invalidNetworks: 'rx_invalid_nwid',
      invalidEncryption: 'rx_invalid_crypt',
      invalidFragments: 'rx_invalid_frag',
      excessiveRetries: 'tx_excessive_retries',
      invalidOther: 'invalid_misc',
      missedBeacons: 'missed_beacon',
    },
  },
  {
    file: 'mikrotik_routeros_ip_route_print_detail',
    plan: ROUTE_DETAILS,
    count: 7,
    records: {
      number: 'number',
      active: 'active',
      dynamic: 'dynamic',
      protocol: 'protocol',
      discard: 'discard_packet',
      remark: 'comment',
      network: 'network',
      mask: 'mask',
      'pref-src': 'pref_src',
      gateway: 'gateway',
      'gateway-status': 'gateway_status',
      'check-gateway': 'check_gateway',
      distance: 'distance',
      type: 'type',
    },
  },
  {
    file: 'cisco_ios_show_vlans_08',
    plan: VLAN_COUNTERS,
    count: 3,
    records: (items) =>
      items.map(
        ({ fields }): OutputRecord => ({
          vlan_id: shownField(fields, 'id'),
          interfaces: listOf(shownField(fields, 'interfaces')),
          ip_addresses: listOf(shownField(fields, 'addresses')),
          ipv6_addresses: listOf(shownField(fields, 'addresses6')),
          inner_vlans: listOf(shownField(fields, 'innerNetworks')),
        }),
      ),
  },
  {
    file: 'brocade_netiron_show_running-config_vlan',
    plan: VLAN_CONFIGURATION,
    count: 18,
    hasEndBlanks: true,
    records: {
      id: 'vlan_id',
      name: 'vlan_name',
      tagged: 'taggedports',
      untagged: 'untaggedports',
      router: 'associatedve',
      ...RINGS,
    },
  },
];

for (const output of OUTPUTS) {
  t.test(output.plan.name, { skip }, (t) => {
    checkOutput(t, output);
    t.end();
  });
}
