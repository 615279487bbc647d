import { existsSync, readFileSync } from 'node:fs';
import { TickerError } from '@tickerplant/core';
import type { Page } from '@tickerplant/pages';
import { type PageAttributes, type Plan, pageFromText } from '@tickerplant/shredder';

/** A page file, with the colours beside it. @throws TickerError `SHRED_UNREADABLE`, `SHRED_BAD_PAGE` */
export function readPage(plan: Plan, path: string, attrs: string | undefined): Page {
  const beside = besidePage(path);
  const attributesPath = attrs ?? (existsSync(beside) ? beside : undefined);
  const text = readText(path, 'a page');
  if (attributesPath === undefined) return pageFromText(text, plan.rows, plan.columns);
  let attributes: PageAttributes;
  try {
    attributes = JSON.parse(readText(attributesPath, 'attributes'));
  } catch (error) {
    if (error instanceof TickerError) throw error;
    throw new TickerError('SHRED_BAD_PAGE', `expected JSON with runs in ${attributesPath}, got ${String(error)}`);
  }
  if (!Array.isArray(attributes?.runs)) {
    throw new TickerError('SHRED_BAD_PAGE', `expected {"runs": […]} in ${attributesPath}`);
  }
  return pageFromText(text, plan.rows, plan.columns, attributes);
}

/** Where a page's colours stand. */
export function besidePage(path: string): string {
  return path.endsWith('.txt') ? `${path.slice(0, -'.txt'.length)}.attrs.json` : `${path}.attrs.json`;
}

/** A text file, or standard input where the path is `-`. @throws TickerError `SHRED_UNREADABLE` */
export function readText(path: string, what: string): string {
  try {
    return readFileSync(path === '-' ? 0 : path, 'utf8');
  } catch (error) {
    const got = error instanceof Error ? error.message : String(error);
    throw new TickerError('SHRED_UNREADABLE', `expected ${what} at ${path}, got ${got}`, {}, { cause: error });
  }
}
