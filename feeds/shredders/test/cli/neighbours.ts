// Neighbours of a switch, printed without columns: names of platforms and ports are one word or two, and a long name of a device has a line
// of its own. Words are told apart by what they are.
import { text } from '@tickerplant/page-values';
import { type CustomItem, compile, defineShredder, type Plan, type RegionView } from '@tickerplant/shredder';

const NAMES = 'Device ID Local Intrfce Holdtme Capability Platform Port ID';
/** What words are made of. */
const WORD = text({ charset: 'A-Za-z0-9.:/()_-' });
const CAPABILITIES: ReadonlySet<string> = new Set('RTBSHIrPDCM');

const isDigit = (letter: string): boolean => letter >= '0' && letter <= '9';
const areAll = (word: string, allowed: string): boolean =>
  [...word].every((letter) => isDigit(letter) || allowed.includes(letter));

function readNeighbour(words: readonly string[]): CustomItem {
  const [device, kind, number, holdTime, ...others] = words;
  const count = others.findIndex((word) => !CAPABILITIES.has(word));
  // A port is a word, or a word and a number.
  const ports = isDigit(others.at(-1)?.[0] ?? '') ? 2 : 1;
  const isNeighbour = holdTime !== undefined && areAll(number!, '/.') && areAll(holdTime, '');
  const areWords = words.every((word) => WORD.read(word, {}).outcome === 'value');
  if (!isNeighbour || !areWords || isDigit(kind![0]!) || count < 1 || others.length - count <= ports) {
    throw new Error(`expected a neighbour, got ${words.join(' ')}`);
  }
  return {
    key: `${device}.${kind}_${number}`,
    fields: {
      device: device!,
      interface: `${kind} ${number}`,
      holdTime,
      capabilities: others.slice(0, count).join(' '),
      platform: others.slice(count, -ports).join(' '),
      port: others.slice(-ports).join(' '),
    },
  };
}

function readNeighbours(view: RegionView): CustomItem[] {
  const lineAt = (row: number): string => {
    const line = view.text(row, 0, view.columns);
    if (line === undefined) throw new Error(`expected an undamaged line ${row}`);
    return line;
  };
  const items: CustomItem[] = [];
  let row = 0;
  while (lineAt(row) !== NAMES) row++;
  let device: string[] = [];
  for (row++; row < view.rows && lineAt(row) !== ''; row++) {
    const words = [...device, ...lineAt(row).split(' ').filter(Boolean)];
    device = words.length === 1 ? words : [];
    if (words.length > 1) items.push(readNeighbour(words));
  }
  if (device.length > 0) throw new Error(`expected a line below ${device}`);
  return items;
}

export const neighbours: Plan = compile(
  defineShredder({
    shredder: 'neighbours',
    page: 'NEIGHBOURS',
    size: '400x100',
    version: 1,
    anchors: {
      codes: { text: 'Capability Codes:', row: '0..3', column: 0 },
      names: { text: NAMES, row: '2..9', column: 0 },
    },
    custom: { neighbours: { rows: '0..399', read: readNeighbours } },
  }),
);
