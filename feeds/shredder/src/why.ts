import { TickerError } from '@tickerplant/core';
import type { Printed } from './fields.ts';
import type { ItemView } from './items.ts';
import type { Field, Plan } from './plan.ts';
import { reasonText } from './reasons.ts';
import type { Shredder } from './shredder.ts';

/** Text on the page that a field was made from. */
export interface Origin {
  /** `spot.quote` */
  readonly rule: string;
  readonly row: number;
  /** Columns of the page: those of the text; of the window where it is blank. */
  readonly columns: readonly [first: number, last: number];
  readonly raw: string;
  readonly type: string;
  /** Parts of what was read, by name. */
  readonly parts: Readonly<Record<string, string>>;
}

/** Where a field's value comes from. */
export interface FieldOrigin {
  readonly subject: string;
  readonly field: string;
  /** The dictionary's name of it; undefined: it is for people only. */
  readonly dictionary: string | undefined;
  /** Null where it has none, or none that is believed. */
  readonly value: Printed;
  readonly quality: string;
  readonly reasons: readonly string[];
  /** Empty: the shredder sets it, or the item isn't on the page now. */
  readonly from: readonly Origin[];
}

/**
 * Says where a field's value comes from, as of the shredder's last run.
 *
 * @param item of the shredder
 * @param name the shredder's name of the field, or the dictionary's
 * @throws TickerError `SHRED_NO_FIELD`
 */
export function whyField(shredder: Shredder, item: ItemView, name: string): FieldOrigin {
  const table = shredder.plan.tables.find((one) => one.name === item.table);
  const fields = [...(table?.fields ?? []), ...(table?.statusFields ?? [])];
  const field = fields.find((one) => one.name === name) ?? fields.find((one) => one.dictionary === name);
  if (field === undefined && !item.fields.has(name)) {
    const known = fields.map((one) => (one.dictionary === undefined ? one.name : `${one.name} (${one.dictionary})`));
    const names = [...new Set(known)].join(', ');
    throw new TickerError('SHRED_NO_FIELD', `expected a field of ${item.subject}, got ${name}; it has ${names}`);
  }
  const found = field?.name ?? name;
  return {
    subject: item.subject,
    field: found,
    dictionary: field?.dictionary,
    value: item.quality === 'LIVE' ? (item.fields.get(found)?.text ?? null) : null,
    quality: item.quality,
    reasons: item.reasons.map(reasonText),
    from: field === undefined || table === undefined ? [] : originsOf(shredder, item, table.index, field),
  };
}

function originsOf(shredder: Shredder, item: ItemView, tableIndex: number, field: Field): Origin[] {
  const { plan } = shredder;
  const table = plan.tables[tableIndex]!;
  const readings = [...shredder.reader.tables[tableIndex]!.readings()];
  const reading = readings.find((one) => one.state === 'item' && `${plan.service}.${one.symbol}` === item.subject);
  if (reading === undefined) return [];
  return columnsOf(plan, tableIndex, field).flatMap((column): Origin[] => {
    const cell = reading.cells[column];
    if (cell === undefined) return [];
    const { row, token, at, first, end, type } = cell;
    const parts: Record<string, string> = cell.mark === undefined ? {} : { mark: cell.mark };
    type?.parts.forEach(({ name }, index) => {
      const part = cell.parts[index];
      if (part !== undefined && part !== null) parts[name] = String(part.value);
    });
    const columns = token === '' ? ([first, end - 1] as const) : ([at, at + [...token].length - 1] as const);
    return [
      { rule: `${table.name}.${table.columns[column]!.name}`, row, columns, raw: token, type: type?.name ?? '', parts },
    ];
  });
}

/** The columns of the page that a field of a record comes from, by position; those of a joined column one by one. */
export function columnsOf(plan: Plan, tableIndex: number, { rule }: Field): number[] {
  const table = plan.tables[tableIndex]!;
  const direct =
    rule.kind === 'value' || rule.kind === 'raw' || rule.kind === 'mark' || rule.kind === 'status'
      ? [rule.column]
      : rule.kind === 'when'
        ? [rule.when.column]
        : rule.kind === 'first' || rule.kind === 'all'
          ? rule.cases.flatMap(({ when }) => (when === undefined ? [] : [when.column]))
          : [];
  const all = direct.flatMap((column) => [column, ...table.columns[column]!.joins]);
  return [...new Set(all)].filter((column) => table.columns[column]!.joins.length === 0);
}
