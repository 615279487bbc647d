const LEVELS: Readonly<Record<number, string>> = { 20: 'debug', 40: 'WARN', 50: 'ERROR', 60: 'FATAL' };

/** A line of a process's JSON log for people: time, level if not ordinary, sentence, facts. Other lines as they are. */
export function readableLog(line: string): string {
  let entry: Record<string, unknown>;
  try {
    entry = JSON.parse(line) as Record<string, unknown>;
  } catch {
    return line;
  }
  const { level, time, name: _name, msg, ...facts } = entry;
  if (typeof level !== 'number' || typeof time !== 'number') return line;
  const clock = new Date(time).toISOString().slice(11, 23);
  const shown = Object.entries(facts).map(
    ([key, value]) => `${key}=${typeof value === 'string' ? value : JSON.stringify(value)}`,
  );
  return [clock, LEVELS[level], msg, ...shown].filter((part) => part !== undefined && part !== '').join(' ');
}
