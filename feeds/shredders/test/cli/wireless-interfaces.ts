// Wireless interfaces: labels and values in an order of each driver's own, some left out, with a colon or a sign of equality between, several in a line. Interfaces
// that aren't wireless have no record.
import { type CustomItem, compile, defineShredder, type Plan, type RegionView } from '@tickerplant/shredder';
import { type Line, linesOf, unknownLine, words } from './block-lines.ts';

/** Labels, and the fields that they give. */
const FIELDS: ReadonlyMap<string, string> = new Map([
  ['ESSID', 'network'],
  ['Nickname', 'nickname'],
  ['Mode', 'mode'],
  ['Frequency', 'frequency'],
  ['Access Point', 'accessPoint'],
  ['Bit Rate', 'rate'],
  ['Tx-Power', 'power'],
  ['Sensitivity', 'sensitivity'],
  ['Retry short limit', 'retries'],
  ['Retry', 'retries'],
  ['RTS thr', 'sendThreshold'],
  ['Fragment thr', 'fragmentThreshold'],
  ['Encryption key', 'encryption'],
  ['Power Management', 'powerManagement'],
  ['Link Quality', 'quality'],
  ['Signal level', 'signal'],
  ['Noise level', 'noise'],
  ['Rx invalid nwid', 'invalidNetworks'],
  ['Rx invalid crypt', 'invalidEncryption'],
  ['Rx invalid frag', 'invalidFragments'],
  ['Tx excessive retries', 'excessiveRetries'],
  ['Invalid misc', 'invalidOther'],
  ['Missed beacon', 'missedBeacons'],
]);

/** Known, but the list of records has no sensitivity, and rate and power of some lines only: `withRate`. */
const NOT_SHOWN: ReadonlySet<string> = new Set(['rate', 'power', 'sensitivity']);

/** What stands between two blanks or more: a label with its value. */
function piecesOf(text: string): string[] {
  return text
    .split('  ')
    .map((piece) => piece.trim())
    .filter((piece) => piece !== '');
}

/** A label and its value. */
function pairOf(piece: string, line: Line): readonly [field: string, value: string] {
  const ends = [piece.indexOf(':'), piece.indexOf('=')].filter((at) => at >= 0);
  const at = Math.min(...ends);
  const field = ends.length === 0 ? undefined : FIELDS.get(piece.slice(0, at));
  if (field === undefined) throw unknownLine(line);
  return [field, piece.slice(at + 1).trim()];
}

/** A text in quotation marks, without them; undefined where there are none. */
function quoted(value: string | undefined): string | undefined {
  return value !== undefined && value.length > 2 && value.startsWith('"') && value.endsWith('"')
    ? value.slice(1, -1)
    : undefined;
}

/** Rate and power, as the list of records has them: only of lines whose rate has decimals. */
function withRate(pairs: ReadonlyMap<string, string>): Readonly<Record<string, string>> {
  const rate = pairs.get('rate');
  const power = pairs.get('power');
  return rate?.includes('.') === true && power !== undefined ? { rate, power } : {};
}

function read(view: RegionView): readonly CustomItem[] {
  const items: (CustomItem & { readonly fields: Record<string, string | null> })[] = [];
  let isWired = false;
  for (const line of linesOf(view)) {
    let pieces = piecesOf(line.text);
    if (line.indent === 0) {
      const [name, kind, ...more] = pieces;
      const [body] = words(kind ?? '');
      isWired = kind === 'no wireless extensions.';
      if (isWired && more.length === 0) continue;
      if (isWired || (body !== 'IEEE' && kind !== 'unassociated')) throw unknownLine(line);
      items.push({ key: name!, fields: { name: name! } });
      pieces = more;
    } else if (isWired || items.length === 0) throw unknownLine(line);
    const { fields } = items.at(-1)!;
    const pairs = new Map(pieces.map((piece) => pairOf(piece, line)));
    if (pairs.size < pieces.length) throw unknownLine(line);
    for (const [field, value] of pairs) {
      if (field in fields) throw unknownLine(line);
      if (field === 'network' || field === 'nickname') fields[field] = quoted(value) ?? null;
      else if (!NOT_SHOWN.has(field)) fields[field] = value;
    }
    Object.assign(fields, withRate(pairs));
  }
  return items;
}

export const WIRELESS_INTERFACES: Plan = compile(
  defineShredder({
    shredder: 'wireless-interfaces',
    page: 'CLI-WIRELESS',
    size: '300x100',
    version: 1,
    // The interface that all have is the first one.
    anchors: { first: { text: 'lo        no wireless extensions.', row: '0..2', column: 0 } },
    custom: { interfaces: { rows: '0..299', read } },
  }),
);
