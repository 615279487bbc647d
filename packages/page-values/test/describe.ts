import { type CellValue, cellType, type Reading } from '@tickerplant/page-values';

// Readings in words, as docs/feeds/page-values.md has them.

const NS_PER_MINUTE = 60_000_000_000;

/** The business date of the examples in the documentation: 2024-03-11. */
export const TODAY: number = Date.UTC(2024, 2, 11) / 86_400_000;

function clock(ns: number): string {
  const two = (count: number) => String(count).padStart(2, '0');
  const seconds = (ns % NS_PER_MINUTE) / 1e9;
  const minutes = Math.floor(ns / NS_PER_MINUTE);
  return `${two(Math.floor(minutes / 60))}:${two(minutes % 60)}:${two(seconds)}`;
}

/** A value as text: decimals exactly, days as dates, times as clocks. */
function valueText(value: CellValue | null): string {
  if (value === null) return 'null';
  switch (value.kind) {
    case 'decimal':
      return value.value.toString();
    case 'date':
      return new Date(value.value * 86_400_000).toISOString().slice(0, 10);
    case 'time':
      return clock(value.value);
    case 'direction':
      return value.value > 0 ? 'up' : value.value < 0 ? 'down' : 'level';
    default:
      return value.value;
  }
}

/** A reading by part name; undefined where it is no value. */
export function valuesOf(declaration: unknown, reading: Reading): Record<string, string> | undefined {
  if (reading.outcome !== 'value') return undefined;
  const { parts } = cellType(declaration);
  return Object.fromEntries(parts.map(({ name }, i) => [name, valueText(reading.parts[i] ?? null)]));
}

/** What a text reads as, in words. */
export function describe(declaration: unknown, token: string, key?: string): string {
  const reading = cellType(declaration).read(token, { key, today: TODAY });
  if (reading.outcome === 'mark') return `mark \`${reading.mark}\``;
  if (reading.outcome === 'reject') return `**\`${reading.code}\`** at ${reading.offset}: ${reading.expected}`;
  return Object.entries(valuesOf(declaration, reading)!)
    .map(([name, value]) => `${name} \`${value}\``)
    .join(', ');
}
