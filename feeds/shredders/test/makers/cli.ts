// Tables as network devices print them: addresses and boards of nobody's.
import type { Random } from '@tickerplant/core';
import { type Fields, good, type Made, none, pad } from '../making.ts';

type Page = Pick<Made, 'rows' | 'live'>;
type Live = { subject: string; fields: Fields }[];

const hex = (random: Random, digits: number): string =>
  Array.from({ length: digits }, () => '0123456789abcdef'[random.below(16)]).join('');
const address = (random: Random): string => Array.from({ length: 6 }, () => hex(random, 2)).join(':');
const pick = <T>(random: Random, values: readonly T[]): T => values[random.below(values.length)]!;
const centred = (text: string, width: number): string =>
  `${' '.repeat(Math.floor((width - text.length) / 2))}${text}`.padEnd(width);

function linkagg(random: Random): Page {
  const rows = [
    '',
    'Chassis/Slot/Port  Aggregate   SNMP Id   Status    Agg  Oper   Link Prim',
    '-------------------+----------+--------+----------+----+-----+-----+----',
  ];
  const live: Live = [];
  for (let index = 0; index < 6; index++) {
    const port = `1/1/${10 + index}`;
    const isAttached = random.below(3) > 0;
    const fields: Fields = {
      port,
      kind: pick(random, ['Dynamic', 'Static']),
      snmpId: String(1000 + random.below(900)),
    };
    const aggregate = String(1 + random.below(30));
    const [oper, link] = [pick(random, ['UP', 'DOWN']), pick(random, ['UP', 'DOWN'])];
    Object.assign(fields, { status: isAttached ? 'ATTACHED' : 'CONFIGURED', aggregate: isAttached ? aggregate : null });
    if (!isAttached) fields.aggregateMark = 'NONE';
    const primary = isAttached ? pick(random, ['YES', 'NO']) : 'UNK';
    Object.assign(fields, { operational: oper, link, primary });
    const left = `${' '.repeat(9)}${port.padEnd(11)}${String(fields.kind).padEnd(13)}${fields.snmpId}   `;
    const group = (isAttached ? aggregate : 'NONE').padStart(4);
    rows.push(`${left}${String(fields.status).padEnd(11)}${group}  ${oper.padEnd(5)}${link.padEnd(6)}${primary}`);
    live.push({ subject: `CLI-LINKAGG.${port}`, fields });
  }
  return { rows, live };
}

function bridge(random: Random): Page {
  const rows = [
    'Aging time is 300 sec',
    '',
    '  Vlan        Mac Address       Port     Type',
    '-------- --------------------- ------ ----------',
  ];
  const live: Live = [];
  for (const vlan of ['5', '5', '12', '12', '220', '220', '220', '1001']) {
    const fields = { vlan, address: address(random), port: `g${1 + random.below(48)}`, kind: 'dynamic' };
    const right = `${fields.port.padStart(3).padEnd(7)}${fields.kind}`;
    rows.push(`${centred(vlan, 8)}   ${fields.address}    ${right}`);
    live.push({ subject: `CLI-BRIDGE.${vlan}.${fields.address}`, fields });
  }
  return { rows, live };
}

function macs(random: Random): Page {
  const rows = [
    'MAC age-time            : 300 seconds',
    'Number of MAC addresses : 7',
    '',
    'MAC Address          VLAN     Type                      Port',
    '-'.repeat(62),
  ];
  const live: Live = [];
  const twice = address(random);
  for (let index = 0; index < 7; index++) {
    const vlan = String(10 + 40 * index + random.below(30));
    const own = index < 2 ? twice : address(random);
    const port = pick(random, ['lag12', 'lag120', `1/1/${1 + random.below(40)}`]);
    const kind = pick(random, ['dynamic', 'static', 'port-access-security']);
    rows.push(`${own}    ${vlan.padEnd(9)}${kind.padEnd(26)}${port}`);
    live.push({ subject: `CLI-MAC.${vlan}.${own}`, fields: { vlan, address: own, port, kind } });
  }
  return { rows, live };
}

function roots(random: Random): Page {
  const rows = [
    '                                        Root  Hello Max Fwd',
    'Vlan                   Root ID          Cost  Time  Age Dly  Root Port',
    '---------------- -------------------- ------- ----- --- ---  ----------------',
  ];
  const live: Live = [];
  for (let index = 1; index < 8; index++) {
    const vlan = `VLAN${pad(index * 10 + random.below(9), 4)}`;
    const isRoot = random.below(3) === 0;
    const root = `${hex(random, 4)}.${hex(random, 4)}.${hex(random, 4)}`;
    const [priority, cost] = [String(1 + random.below(32_000)), String(isRoot ? 0 : 1 + random.below(2000))];
    const port = isRoot ? 'This bridge is root' : `port-channel${1 + random.below(98)}`;
    const times = { hello: '2', maxAge: String(16 + random.below(20)), forwardDelay: String(10 + random.below(15)) };
    const left = `${vlan.padEnd(17)}${priority.padStart(5)} ${root} ${cost.padStart(7)}    2`;
    rows.push(`${left}  ${times.maxAge.padStart(3)} ${times.forwardDelay.padStart(3)}  ${centred(port, 19).trimEnd()}`);
    live.push({ subject: `CLI-STP-ROOT.${vlan}`, fields: { vlan, priority, root, cost, ...times, port } });
  }
  return { rows, live };
}

function boards(random: Random): Page {
  const rule = `  ${'-'.repeat(73)}`;
  const rows = [rule, '  SlotID  BoardName  Status          SubType0 SubType1    Online/Offline', rule];
  const live: Live = [];
  for (let index = 0; index < 9; index++) {
    const slot = String(index);
    if (index === 1 || random.below(4) === 0) {
      rows.push(`  ${slot}`);
      live.push({ subject: `CLI-BOARDS.${slot}`, fields: { slot, status: 'empty' } });
      continue;
    }
    const board = `H${800 + random.below(99)}GPBD`;
    const state = pick(random, ['Normal', 'Active_normal', 'Standby_failed']);
    const fields: Fields = { slot, board, state };
    const first = random.below(2) === 0 ? '' : 'CPCF';
    const line = random.below(3) === 0 ? 'Offline' : '';
    if (first !== '') fields.first = first;
    if (line !== '') fields.line = line;
    rows.push(`  ${slot.padEnd(8)}${board.padEnd(11)}${state.padEnd(16)}${first.padEnd(21)}${line}`.trimEnd());
    live.push({ subject: `CLI-BOARDS.${slot}`, fields });
  }
  rows.push(rule);
  return { rows, live };
}

const changed = ({ rows }: Page, from: string, to: string): Page => ({
  rows: rows.map((row) => row.replace(from, to)),
  live: [],
});

const made = (make: (random: Random) => Page, from: string, to: string, seed: number): readonly Made[] => [
  good('one', make, seed),
  good('another', make, seed + 1),
  none('header-changed', (random) => changed(make(random), from, to), seed + 2),
];

export const CLI: Readonly<Record<string, readonly Made[]>> = {
  'cli-linkagg-ports': made(linkagg, 'Oper   Link', 'Link   Oper', 401),
  'cli-bridge-addresses': made(bridge, 'Mac Address', 'MAC address', 411),
  'cli-mac-addresses': made(macs, 'VLAN     Type', 'Type     VLAN', 421),
  'cli-spanning-tree-root': made(roots, 'Max Fwd', 'Fwd Max', 431),
  'cli-boards': made(boards, 'SubType0 SubType1', 'SubType1 SubType0', 441),
};
