// Networks of a node with their ports: names, tunnels and ports each go on in as many lines as they need, and a row may begin one column
// further left than the others.
import { phrase, text } from '@tickerplant/page-values';
import { type CustomItem, compile, defineShredder, type Plan, type RegionView } from '@tickerplant/shredder';

const NODE = phrase({
  forms: 'Node {node} ({name})',
  pieces: { node: text({ charset: '0-9' }), name: text({ charset: 'A-Za-z0-9_.-' }) },
});
const NAMES = 'VLAN Name                             Encap            Ports';
const RULER = '---- -------------------------------- ---------------- ------------------------';
const NUMBER = { first: 1, end: 5 };
const COLUMNS = {
  name: { first: 6, end: 38, type: text({ charset: 'A-Za-z0-9:_.-' }) },
  encap: { first: 39, end: 55, type: text({ charset: 'a-z0-9,-' }) },
  ports: { first: 56, end: 80, type: text({ charset: 'A-Za-z0-9/, ' }) },
};

/** Text of a row's cells, none of them damaged. */
type Look = (row: number, first: number, end: number) => string;
type Field = keyof typeof COLUMNS;
type Lines = Record<Field, string[]>;

/** Reads the rows below a line of dashes; the row behind them. */
function readNetworks(look: Look, from: number, rows: number, take: (id: string, lines: Lines) => void) {
  let lines: Lines | undefined;
  let row = from;
  for (; row < rows; row++) {
    const line = look(row, 0, 100);
    if (line === '' || line.startsWith('----')) break;
    const shift = look(row, 0, 1) === '' ? 0 : -1;
    const cell = ({ first, end }: { first: number; end: number }) => look(row, first + shift, end + shift);
    const isBetween = [5, 38, 55, 80].some((column) => cell({ first: column, end: column + 1 }) !== '');
    const id = cell(NUMBER);
    if (isBetween || ![...id].every((letter) => letter >= '0' && letter <= '9')) {
      throw new Error(`expected a network in row ${row}`);
    }
    if (id !== '') {
      lines = { name: [], encap: [], ports: [] };
      take(id, lines);
    }
    for (const [field, at] of Object.entries(COLUMNS)) {
      const part = cell(at);
      if (part === '') continue;
      if (lines === undefined || at.type.read(part, {}).outcome !== 'value') {
        throw new Error(`expected a network's ${field} in row ${row}`);
      }
      lines[field as Field].push(part);
    }
  }
  return row;
}

function readNodes(view: RegionView): CustomItem[] {
  const look: Look = (row, first, end) => {
    const shown = view.text(row, first, end);
    if (shown === undefined) throw new Error(`expected an undamaged row ${row}`);
    return shown;
  };
  const found: { node: string; name: string; id: string; lines: Lines }[] = [];
  let at: { node: string; name: string } | undefined;
  for (let row = 0; row < view.rows; row++) {
    const line = look(row, 0, view.columns);
    const reading = line === '' ? undefined : NODE.read(line, {});
    if (reading?.outcome === 'value') {
      const [node, name] = reading.parts.map((part) => String(part?.value));
      at = { node: node!, name: name! };
    } else if (line === NAMES) {
      const node = at;
      if (node === undefined || look(row + 1, 1, view.columns) !== RULER)
        throw new Error(`expected a node above ${row}`);
      row = readNetworks(look, row + 2, view.rows, (id, lines) => found.push({ ...node, id, lines }));
      at = undefined;
    }
  }
  return found.map(({ node, name, id, lines }) => {
    // A list goes on in the next line after a comma, and only there.
    const isWhole = [lines.encap, lines.ports].every((parts) =>
      parts.every((part, index) => part.endsWith(',') === index < parts.length - 1),
    );
    if (!isWhole) throw new Error(`expected whole lists of network ${id}`);
    const texts = Object.entries(lines).map(([field, parts]) => [field, parts.join('\n')]);
    return { key: `${node}.${id}`, fields: { node, nodeName: name, id, ...Object.fromEntries(texts) } };
  });
}

/** Lines of one text are parted by line feeds. */
export const vlanPorts: Plan = compile(
  defineShredder({
    shredder: 'vlan-ports',
    page: 'VLAN-PORTS',
    size: '500x100',
    version: 1,
    anchors: {
      node: { text: 'Node', row: '0..3', column: 1 },
      names: { text: NAMES, row: '3..6', column: 1 },
    },
    custom: { networks: { rows: '0..499', read: readNodes } },
  }),
);
