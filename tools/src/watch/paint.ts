/** What a piece of the screen means; a paint says how that looks. */
export type Style =
  | 'plain'
  | 'bar'
  | 'head'
  | 'strong'
  | 'dim'
  | 'good'
  | 'bad'
  | 'alarm'
  | 'up'
  | 'down'
  | 'changed'
  | 'up-new'
  | 'down-new'
  | 'changed-new';

/** Colours; attributes such as bold only (NO_COLOR on a terminal); nothing but the text (a file, a pipe). */
export type PaintName = 'colour' | 'mono' | 'text';

/** Gives text its looks. */
export type Paint = (text: string, style: Style) => string;

/** Parameters of the SGR escape sequence (ECMA-48, 8.3.117). The sixteen basic colours suit any terminal theme. */
const CODES: Readonly<Record<Exclude<PaintName, 'text'>, Readonly<Record<Style, string>>>> = {
  colour: {
    plain: '',
    bar: '7',
    head: '1;4',
    strong: '1',
    dim: '2',
    good: '32',
    bad: '1;33',
    alarm: '1;30;43',
    up: '32',
    down: '31',
    changed: '33',
    'up-new': '30;42',
    'down-new': '97;41',
    'changed-new': '30;43',
  },
  mono: {
    plain: '',
    bar: '7',
    head: '1;4',
    strong: '1',
    dim: '2',
    good: '',
    bad: '1',
    alarm: '1;7',
    up: '1',
    down: '1',
    changed: '1',
    'up-new': '7',
    'down-new': '7',
    'changed-new': '7',
  },
};

/** The paint of that name. */
export function paintOf(name: PaintName): Paint {
  if (name === 'text') return (text) => text;
  const codes = CODES[name];
  return (text, style) => {
    const code = codes[style];
    return code === '' || text === '' ? text : `\x1b[${code}m${text}\x1b[0m`;
  };
}

/** The paint for a terminal in this environment. */
export function paintFor({ NO_COLOR, TERM }: NodeJS.ProcessEnv): Paint {
  return paintOf((NO_COLOR !== undefined && NO_COLOR !== '') || TERM === 'dumb' ? 'mono' : 'colour');
}

/** Text without control characters: what comes from the network must not command the terminal. */
export function printable(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  return text.replace(/[\x00-\x1f\x7f-\x9f]/g, '?');
}

/** Text cut to a width, with … where something is missing. */
export function cut(text: string, width: number): string {
  if (text.length <= width) return text;
  return width <= 0 ? '' : `${text.slice(0, width - 1)}…`;
}
