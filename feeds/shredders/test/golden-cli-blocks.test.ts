// Blocks of lines as network devices print them: sentences, and values behind labels.
import t from 'tap';
import { checkOutput, type Output, skip, testShredder } from './cli/outputs.ts';

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
];

for (const output of OUTPUTS) {
  t.test(output.plan.name, { skip }, (t) => {
    checkOutput(t, output);
    t.end();
  });
}
