// Routes with flags in four columns, of which the blank one means something too, a remark that pushes the rest into the next line, and pairs of names and values
// in which values have blanks.
import { type CustomItem, compile, defineShredder, type Plan, type RegionView } from '@tickerplant/shredder';
import { behind, digits, type Line, linesOf, unknownLine } from './block-lines.ts';

const LEGEND =
  'Flags: X - disabled, A - active, D - dynamic, C - connect, S - static, r - rip, b - bgp, o - ospf, m - mme, B - blackhole, U - unreachable, P - prohibit';
/** Where pairs begin, or the remark before them. */
const DETAILS = 8;
/** The columns of the flags, and what may stand in them. */
const FLAGS: readonly (readonly [name: string, column: number, letters: string])[] = [
  ['active', 3, 'XA '],
  ['dynamic', 4, 'D '],
  ['protocol', 5, 'CSrbom'],
  ['discard', 6, 'BUP '],
];
/** What routes with a flag in the last column are, as their details say it. */
const DISCARDS: ReadonlyMap<string, string> = new Map([
  ['B', 'blackhole'],
  ['U', 'unreachable'],
  ['P', 'prohibit'],
]);
const NAMES: ReadonlySet<string> = new Set([
  ...['dst-address', 'pref-src', 'type', 'gateway', 'gateway-status', 'check-gateway'],
  ...['distance', 'scope', 'target-scope', 'vrf-interface', 'routing-mark'],
]);

/** `a=1 b=2 and more c=3`: a value goes on up to the next word with a name. */
function pairsOf(text: string, line: Line): Map<string, string> {
  const pairs = new Map<string, string>();
  let last: string | undefined;
  for (const word of text.split(' ')) {
    const at = word.indexOf('=');
    const name = at < 0 ? last : word.slice(0, at);
    if (name === undefined || !NAMES.has(name) || (at >= 0 && pairs.has(name))) throw unknownLine(line);
    pairs.set(name, at < 0 ? `${pairs.get(name)} ${word}` : word.slice(at + 1));
    last = name;
  }
  return pairs;
}

function routeOf(view: RegionView, line: Line, remark: string | undefined, details: string): CustomItem {
  const number = digits(view.text(line.row, 0, 2) ?? '');
  const isRuled = view.text(line.row, 2, 3) === '' && view.text(line.row, 7, DETAILS) === '';
  if (number === undefined || !isRuled) throw unknownLine(line);
  const fields: Record<string, string | null> = { number, remark: remark ?? null };
  for (const [name, column, letters] of FLAGS) {
    const flag = view.text(line.row, column, column + 1) || ' ';
    if (!letters.includes(flag)) throw unknownLine(line);
    fields[name] = flag;
  }
  const pairs = pairsOf(details, line);
  const [network, mask, ...more] = (pairs.get('dst-address') ?? '').split('/');
  if (digits(mask ?? '') === undefined || more.length > 0) throw unknownLine(line);
  for (const name of NAMES) fields[name] = pairs.get(name)?.trim() ?? null;
  // A flag says it too, and must say the same: then only the flag is shown.
  const discards = DISCARDS.get(fields.discard!);
  if (discards !== undefined) {
    if (fields.type !== discards) throw unknownLine(line);
    fields.type = null;
  }
  return { key: number, fields: { ...fields, network: network!, mask: mask! } };
}

function read(view: RegionView): readonly CustomItem[] {
  const [legend, ...lines] = linesOf(view);
  if (legend?.text !== LEGEND) throw new Error('expected the legend of the flags');
  const items: CustomItem[] = [];
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at]!;
    const text = view.text(line.row, DETAILS, view.columns)!;
    const remark = behind(text, ';;; ');
    if (remark === undefined) items.push(routeOf(view, line, undefined, text));
    else {
      const next = lines[++at];
      if (next?.row !== line.row + 1 || next.indent !== DETAILS) throw unknownLine(line);
      items.push(routeOf(view, line, remark, next.text));
    }
  }
  return items;
}

export const ROUTE_DETAILS: Plan = compile(
  defineShredder({
    shredder: 'route-details',
    page: 'CLI-ROUTES',
    size: '300x250',
    version: 1,
    anchors: { legend: { text: LEGEND, row: 0, column: 0 } },
    custom: { routes: { rows: '0..299', read } },
  }),
);
