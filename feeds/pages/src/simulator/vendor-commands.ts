import type { Layout } from './simulated-page.ts';

/** What the one at a simulated vendor's controls may do. Those that concern pages say how many, or whether there is such a page. */
export interface VendorControls {
  setLayout(which: string, layout: Layout, nowNs: number): number;
  setRate(changesPerSecond: number): void;
  garble(name: string, nowNs: number): boolean;
  /** Not every kind of service can: */
  setStale?(name: string, reason: string | undefined, nowNs: number): boolean;
  closePage?(name: string, reason: string, nowNs: number): boolean;
  setMute?(mute: boolean): void;
  /** Says goodbye to everybody, or begins anew. */
  restart(nowNs: number): void;
}

const RATE_MAX = 10_000_000;

/** What can be said, for people. */
export const VENDOR_COMMANDS: readonly string[] = [
  'layout changed|usual PAGE|STYLE|*   change the layout without announcing it, or change it back',
  'rate N                              changes a second',
  'garble PAGE                         send bytes that are none of it',
  'stale PAGE [REASON]                 lose sight of a page',
  'fresh PAGE                          see it again',
  'close PAGE [REASON]                 close everybody’s request of a page',
  'mute on|off                         answer no requests',
  'restart                             log everybody out; broadcast: begin a new session',
];

/**
 * Does what a line says.
 *
 * @returns the answer: it begins with `ok` or `error`.
 */
export function doVendorCommand(line: string, controls: VendorControls, nowNs: number): string {
  const [command = '', first = '', ...rest] = line.trim().split(/\s+/);
  const words = rest.join(' ');
  const known = (found: boolean | undefined): string =>
    found === undefined
      ? `error: expected a command of this kind of service, got '${command}'`
      : found
        ? 'ok'
        : `error: expected a page, got '${first}'`;
  switch (command) {
    case 'layout': {
      if ((first !== 'changed' && first !== 'usual') || words === '') {
        return `error: expected 'layout changed PAGE' or 'layout usual PAGE', got '${line.trim()}'`;
      }
      return `ok: pages changed at once: ${controls.setLayout(words, first, nowNs)}`;
    }
    case 'rate': {
      const rate = Number(first);
      if (first === '' || !(rate >= 0 && rate <= RATE_MAX)) {
        return `error: expected a rate from 0 to ${RATE_MAX}, got '${first}'`;
      }
      controls.setRate(rate);
      return 'ok';
    }
    case 'garble':
      return known(controls.garble(first, nowNs));
    case 'stale':
      return known(controls.setStale?.(first, words === '' ? 'source lost' : words, nowNs));
    case 'fresh':
      return known(controls.setStale?.(first, undefined, nowNs));
    case 'close':
      return known(controls.closePage?.(first, words === '' ? 'closed' : words, nowNs));
    case 'mute':
      if (first !== 'on' && first !== 'off') return `error: expected on or off, got '${first}'`;
      controls.setMute?.(first === 'on');
      return known(controls.setMute === undefined ? undefined : true);
    case 'restart':
      controls.restart(nowNs);
      return 'ok';
    default:
      return `error: expected one of layout, rate, garble, stale, fresh, close, mute, restart, got '${command}'`;
  }
}
