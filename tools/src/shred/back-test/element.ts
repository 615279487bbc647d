import type { QualityName } from '@tickerplant/records';
import type { Printed } from '@tickerplant/shredder';

/** What is known of an element; `UNKNOWN`: packets that its page depends on are not in the captures. */
export type ElementQuality = QualityName | 'UNKNOWN';

/** An element of a page as it is at a moment. */
export interface Element {
  readonly subject: string;
  readonly table: string;
  readonly quality: ElementQuality;
  /** Why it isn't LIVE, or why fields of it are missing; empty where there is nothing to say. */
  readonly reason: string;
  /** Its fields; none of one that isn't LIVE. */
  readonly fields: Readonly<Record<string, Printed>>;
}

/** Whether two values are printed alike. */
export function samePrinted(a: Printed | undefined, b: Printed | undefined): boolean {
  return a === b || (Array.isArray(a) && Array.isArray(b) && JSON.stringify(a) === JSON.stringify(b));
}

/** A value as people read it. */
export function printedText(value: Printed | undefined): string {
  if (value === undefined) return 'no such field';
  if (value === null) return 'no value';
  return Array.isArray(value) ? value.join(', ') : String(value);
}
