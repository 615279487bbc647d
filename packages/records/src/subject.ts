import { TickerError } from '@tickerplant/core';

/** `SERVICE.SYMBOL`. */
export function subjectOf(service: string, symbol: string): string {
  return `${service}.${symbol}`;
}

/** The part before the first point. */
export function serviceOf(subject: string): string {
  const point = subject.indexOf('.');
  return point < 0 ? subject : subject.slice(0, point);
}

/** A compiled subscription pattern. */
export interface SubjectPattern {
  readonly text: string;
  /** The service, when the pattern names one; undefined when any may match. */
  readonly service: string | undefined;
  /** The one subject that matches, when there is no wildcard. */
  readonly exact: string | undefined;
  matches(subject: string): boolean;
}

/**
 * Compiles a pattern: names separated by points, where `*` stands for exactly one name and `>`, only at the
 * end, for one or more. `IEX.*` matches `IEX.AAPL` but not `IEX.BRK.A`; `IEX.>` matches both.
 *
 * @throws TickerError `RECORDS_BAD_PATTERN`
 */
export function compilePattern(text: string): SubjectPattern {
  const names = text.split('.');
  const bad = (why: string): never => {
    throw new TickerError('RECORDS_BAD_PATTERN', `expected SERVICE.SYMBOL with * or > as wildcards, ${why}`, {
      pattern: text,
    });
  };
  if (text.length > 255) bad('got more than 255 characters');
  names.forEach((name, index) => {
    if (name === '') bad('got an empty name');
    if (name === '>' && index < names.length - 1) bad('got > before the end');
    if (name.length > 1 && /[*>]/.test(name)) bad(`got a wildcard inside the name '${name}'`);
  });
  const first = names[0]!;
  const wild = names.includes('*') || names.at(-1) === '>';
  return {
    text,
    service: first === '*' || first === '>' ? undefined : first,
    exact: wild ? undefined : text,
    matches: matcher(names, wild),
  };
}

/** A plant tries all of its items: the usual patterns are matched without taking each subject apart. */
function matcher(names: readonly string[], wild: boolean): (subject: string) => boolean {
  const text = names.join('.');
  if (!wild) return (subject) => subject === text;
  const last = names.at(-1)!;
  if (names.indexOf('*') >= 0 && names.indexOf('*') < names.length - 1) {
    return (subject) => matchNames(names, subject.split('.'));
  }
  const prefix = text.slice(0, -1);
  if (last === '>') return (subject) => subject.startsWith(prefix);
  return (subject) => subject.startsWith(prefix) && !subject.includes('.', prefix.length);
}

function matchNames(pattern: readonly string[], names: readonly string[]): boolean {
  for (let i = 0; i < pattern.length; i++) {
    const wanted = pattern[i]!;
    if (wanted === '>') return names.length > i;
    if (i >= names.length || (wanted !== '*' && wanted !== names[i])) return false;
  }
  return pattern.length === names.length;
}
