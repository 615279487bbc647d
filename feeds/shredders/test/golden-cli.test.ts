// Tables as network devices print them: five layouts of the forty-two.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pageFromText, type ShreddedItem, shredPage } from '@tickerplant/shredder';
import { loadShredder } from '@tickerplant/shredders';
import { sharedDir } from '@tickerplant/testkit';
import t from 'tap';

const pages = sharedDir('pages');
const skip = pages === undefined && 'no ../shared/pages';
const read = (file: string): string => readFileSync(join(pages!, 'cli-tables', file), 'utf8');

/** The records of a list of plain keys and quoted texts, in order. */
function records(file: string): Record<string, string>[] {
  const found: Record<string, string>[] = [];
  for (const line of read(file).split('\n')) {
    const [, begins, key, value] = /^ {2}(- | {2})(\w+): "(.*)"$/.exec(line) ?? [];
    if (key === undefined) continue;
    if (begins === '- ') found.push({});
    found[found.length - 1]![key] = value!;
  }
  return found;
}

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

function items(shredder: string, file: string): readonly ShreddedItem[] {
  const plan = loadShredder(shredder);
  return shredPage(plan, pageFromText(read(`${file}.raw`), plan.rows, plan.columns)).items;
}

for (const [shredder, [file, count, keys]] of Object.entries(OUTPUTS)) {
  t.test(shredder, { skip }, (t) => {
    const found = items(shredder, file);
    t.strictSame(
      found.filter(({ quality }) => quality !== 'LIVE').map(({ subject, reason }) => `${subject} ${reason}`),
      [],
    );
    const got = found.map(({ fields }) =>
      Object.fromEntries(
        // A text that stands for no value is a mark of its own; what isn't there is an empty text there.
        Object.entries(keys).map(([field, key]) => [key, String(fields[field] ?? fields[`${field}Mark`] ?? '')]),
      ),
    );
    const want = records(`${file}.yml`);
    t.same(got, want, 'every record, in order');
    t.equal(want.length, count);
    for (const [, [other]] of Object.entries(OUTPUTS)) {
      if (other === file) continue;
      const live = items(shredder, other).filter(({ quality }) => quality === 'LIVE');
      t.strictSame(live, [], `${other} is another page`);
    }
    t.end();
  });
}
