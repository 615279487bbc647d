// What holds for all texts: what is printed is read back; a damaged text is refused; nothing throws; and, for numbers, quotes, 32nds
// and fractions, exactly those texts are read that a grammar written down here another way allows.
import { Decimal } from '@tickerplant/core';
import { cellType, type Reading } from '@tickerplant/page-values';
import fc from 'fast-check';
import t from 'tap';
import { TODAY, valuesOf } from './describe.ts';

/** A text that a type must read, and what it says. */
interface Printed {
  readonly token: string;
  readonly values: Readonly<Record<string, string>>;
}

interface Subject {
  readonly declaration: unknown;
  readonly printed: fc.Arbitrary<Printed>;
  /** Characters that, put for any other, cannot make another text of the type. */
  readonly foreign?: string;
}

const FOREIGN = 'OolIQSBZxh@■?!#_→٣０−\u00a0';
/** Where capitals have a meaning. */
const FOREIGN_TO_LETTERS = '@■?!#_→٣０−';

const digits = (min: number, max: number): fc.Arbitrary<string> =>
  fc.array(fc.integer({ min: 0, max: 9 }), { minLength: min, maxLength: max }).map((all) => all.join(''));
const whole = (max: number): fc.Arbitrary<string> => fc.integer({ min: 0, max }).map(String);
const fixed = (max: number, decimals: number): fc.Arbitrary<string> =>
  fc.tuple(whole(max), digits(decimals, decimals)).map(([a, b]) => `${a}.${b}`);

function grouped(text: string, separator: string): string {
  return text.replace(/\B(?=(\d{3})+(?!\d))/g, separator);
}

/** `n / 2^bits`, reduced, as a decimal: by long division, unlike the package. */
function exact(numerator: number, bits: number): string {
  const denominator = 2 ** bits;
  let text = `${Math.floor(numerator / denominator)}`;
  let rest = numerator % denominator;
  if (rest > 0) text += '.';
  for (; rest > 0; rest = (rest * 10) % denominator) text += Math.floor((rest * 10) / denominator);
  return text;
}

const two = (count: number) => String(count).padStart(2, '0');

const SUBJECTS: Readonly<Record<string, Subject>> = {
  phrase: {
    declaration: {
      phrase: {
        forms: ['{host}/{bits}', '{host} is up'],
        pieces: { host: { text: { charset: '0-9.' } }, bits: 'integer' },
      },
    },
    printed: fc.tuple(fixed(999, 3), fc.option(whole(128))).map(([host, bits]) => ({
      token: bits === null ? `${host} is up` : `${host}/${bits}`,
      values: { host, bits: String(bits) },
    })),
  },
  price: { declaration: 'price', printed: fixed(99_999, 4).map((token) => ({ token, values: { value: token } })) },
  'grouped price': {
    declaration: { price: { grouping: '.', point: ',', decimals: 2 } },
    printed: fc
      .tuple(whole(1e12), digits(2, 2))
      .map(([a, b]) => ({ token: `${grouped(a, '.')},${b}`, values: { value: `${a}.${b}` } })),
  },
  'long decimal': {
    declaration: 'decimal',
    printed: fc
      .tuple(fc.constantFrom('-', ''), fc.bigInt({ min: 1n, max: 10n ** 14n }), digits(1, 9))
      .filter(([, a, b]) => a > 0n || /[1-9]/.test(b))
      .map(([sign, a, b]) => ({ token: `${sign}${a}.${b}`, values: { value: `${sign}${a}.${b}` } })),
  },
  percent: {
    declaration: { percent: { sign: 'required', suffix: '%' } },
    printed: fc
      .tuple(fc.constantFrom('+', '-'), fc.integer({ min: 1, max: 999 }), digits(2, 2))
      .map(([sign, a, b]) => ({
        token: `${sign}${a}.${b}%`,
        values: { value: `${sign === '-' ? '-' : ''}${a}.${b}` },
      })),
  },
  integer: {
    declaration: { integer: { grouping: ',' } },
    printed: whole(1e9).map((value) => ({ token: grouped(value, ','), values: { value } })),
  },
  size: {
    declaration: { size: { multipliers: { K: 3, MM: 6 }, flagsBefore: { '*': 'trading' } } },
    printed: fc
      .tuple(
        fc.constantFrom('', '*'),
        fc.integer({ min: 1, max: 9999 }),
        fc.constantFrom(['', ''], ['K', '000'], ['MM', '000000']),
      )
      .map(([flag, count, [letters, zeros]]) => ({
        token: `${flag}${count}${letters}`,
        values: { value: `${count}${zeros}`, flag: flag === '' ? 'null' : 'trading' },
      })),
  },
  fxQuote: {
    declaration: { fxQuote: { decimals: 4, maxSpread: 50 } },
    printed: fc.tuple(fc.integer({ min: 1, max: 9_999_999 }), fc.integer({ min: 0, max: 49 })).map(([bid, spread]) => {
      const ask = bid + spread;
      const text = (price: number) => new Decimal(price, -4).toString();
      const carry = Math.floor(ask / 100) !== Math.floor(bid / 100);
      return {
        token: `${text(bid)}/${two(ask % 100)}`,
        values: { bid: text(bid), ask: text(ask), style: carry ? 'carry' : 'abbreviated' },
      };
    }),
  },
  quote: {
    declaration: { quote: { order: 'offer-bid', separator: '-', sides: 'full', decimals: 4 } },
    printed: fc.tuple(fc.integer({ min: 1, max: 999_999 }), fc.integer({ min: 0, max: 9999 })).map(([bid, spread]) => {
      const [low, high] = [new Decimal(bid, -4).toString(), new Decimal(bid + spread, -4).toString()];
      return { token: `${high}-${low}`, values: { bid: low, ask: high, style: 'full' } };
    }),
  },
  thirtySeconds: {
    declaration: 'thirtySeconds',
    printed: fc
      .tuple(
        fc.integer({ min: 0, max: 199 }),
        fc.integer({ min: 0, max: 31 }),
        fc.constantFrom(['', 0], ['+', 4], ['2', 2], ['7', 7]),
      )
      .map(([points, parts, [third, eighths]]) => ({
        token: `${points}-${two(parts)}${third}`,
        values: { value: exact(points * 256 + parts * 8 + (eighths as number), 8) },
      })),
  },
  thirtySecondsQuote: {
    declaration: { thirtySecondsQuote: { order: 'bid-offer', separator: ' ', maxSpread: 8 } },
    printed: fc.tuple(fc.integer({ min: 0, max: 199 * 256 }), fc.integer({ min: 0, max: 64 })).map(([bid, spread]) => {
      const ask = bid + spread;
      const parts = (n: number) => `${two(Math.floor((n % 256) / 8))}${n % 8}`;
      const carry = Math.floor(ask / 256) !== Math.floor(bid / 256);
      return {
        token: `${Math.floor(bid / 256)}-${parts(bid)}   ${parts(ask)}`,
        values: { bid: exact(bid, 8), ask: exact(ask, 8), style: carry ? 'carry' : 'abbreviated' },
      };
    }),
  },
  fraction: {
    declaration: { fraction: { sign: 'optional' } },
    printed: fc
      .tuple(
        fc.constantFrom('', '-', '+'),
        fc.integer({ min: 0, max: 9999 }),
        fc.integer({ min: 1, max: 6 }),
        fc.nat(63),
      )
      .map(([sign, number, bits, n]) => {
        const denominator = 2 ** bits;
        const numerator = 1 + (n % (denominator - 1 || 1));
        const value = exact(number * denominator + numerator, bits);
        const token = number === 0 ? `${numerator}/${denominator}` : `${number} ${numerator}/${denominator}`;
        return { token: `${sign}${token}`, values: { value: sign === '-' ? `-${value}` : value } };
      }),
  },
  fractionQuote: {
    declaration: { fractionQuote: { order: 'offer-bid', maxSpread: '1/2' } },
    printed: fc.tuple(fc.integer({ min: 33, max: 64 * 20 }), fc.integer({ min: 1, max: 32 })).map(([offer, spread]) => {
      const bid = offer - spread;
      const part = (n: number) => (n % 64 === 0 ? '' : `${n % 64}/64`);
      const side = (n: number) =>
        [n < 64 ? '' : `${Math.floor(n / 64)}`, part(n)].filter((text) => text !== '').join(' ');
      // Abbreviated where that can be: a whole number before, and a fraction to print.
      const short = offer >= 64 && bid % 64 !== 0;
      const carry = Math.floor(offer / 64) !== Math.floor(bid / 64);
      return {
        token: `${side(offer)}-${short ? part(bid) : side(bid)}`,
        values: { bid: exact(bid, 6), ask: exact(offer, 6), style: short ? (carry ? 'carry' : 'abbreviated') : 'full' },
      };
    }),
  },
  points: {
    declaration: { points: 'leftHigherIsDiscount' },
    printed: fc
      .tuple(fc.integer({ min: 1, max: 9999 }), fc.integer({ min: 1, max: 99 }), fc.boolean())
      .map(([near, spread, discount]) => {
        const [low, high] = [new Decimal(near, -2).toString(), new Decimal(near + spread, -2).toString()];
        return discount
          ? { token: `${high}/${low}`, values: { bid: `-${high}`, ask: `-${low}` } }
          : { token: `${low}/${high}`, values: { bid: low, ask: high } };
      }),
  },
  change: {
    declaration: { change: { grouping: ',', unchanged: ['UNCH'], up: ['▲'], down: ['▼'] } },
    printed: fc
      .tuple(fc.constantFrom('+', '-', '▲ ', '▼ '), fc.integer({ min: 1, max: 99_999 }), digits(2, 2))
      .map(([sign, a, b]) => {
        const down = sign === '-' || sign === '▼ ';
        return {
          token: `${sign}${grouped(String(a), ',')}.${b}`,
          values: { value: `${down ? '-' : ''}${a}.${b}`, direction: down ? 'down' : 'up' },
        };
      }),
  },
  'change in 32nds': {
    declaration: { change: '32nds' },
    printed: fc
      .tuple(fc.constantFrom('+', '-'), fc.integer({ min: 1, max: 31 }), fc.constantFrom('', '+'))
      .map(([sign, parts, plus]) => ({
        token: `${sign}${two(parts)}${plus}`,
        values: {
          value: `${sign === '-' ? '-' : ''}${exact(parts * 2 + (plus === '' ? 0 : 1), 6)}`,
          direction: sign === '-' ? 'down' : 'up',
        },
      })),
  },
  date: {
    declaration: { date: { form: 'WWW DDMMMYY', years: '1970..2069' } },
    printed: fc.integer({ min: 0, max: 36_000 }).map((day) => {
      const [weekday, date, month, year] = new Date(day * 86_400_000)
        .toUTCString()
        .replace(',', '')
        .toUpperCase()
        .split(' ');
      return {
        token: `${weekday} ${date}${month}${year!.slice(2)}`,
        values: { value: new Date(day * 86_400_000).toISOString().slice(0, 10) },
      };
    }),
    foreign: FOREIGN_TO_LETTERS,
  },
  'date without year': {
    declaration: { date: 'D MMM' },
    printed: fc.integer({ min: TODAY - 150, max: TODAY + 150 }).map((day) => {
      const [, date, month] = new Date(day * 86_400_000).toUTCString().split(' ');
      return {
        token: `${Number(date)} ${month}`,
        values: { value: new Date(day * 86_400_000).toISOString().slice(0, 10) },
      };
    }),
    foreign: FOREIGN_TO_LETTERS,
  },
  time: {
    declaration: { time: 'h:mm AM' },
    printed: fc.tuple(fc.integer({ min: 0, max: 23 }), fc.integer({ min: 0, max: 59 })).map(([hour, minute]) => ({
      token: `${hour % 12 === 0 ? 12 : hour % 12}:${two(minute)} ${hour < 12 ? 'AM' : 'PM'}`,
      values: { value: `${two(hour)}:${two(minute)}:00` },
    })),
  },
  tenor: {
    declaration: { tenor: { tenors: ['O/N', '1W', '3M', '18M'], units: { WK: 'W', MO: 'M' } } },
    printed: fc
      .constantFrom(['O/N', 'O/N'], ['1 WK', '1W'], ['1W', '1W'], ['3MO', '3M'], ['18 MO', '18M'])
      .map(([token, value]) => ({ token: token!, values: { value: value! } })),
  },
  enum: {
    declaration: { enum: ['EUR', 'GBP', 'JPY'] },
    printed: fc.constantFrom('EUR', 'GBP', 'JPY').map((token) => ({ token, values: { value: token } })),
  },
  label: { declaration: { label: 'FED' }, printed: fc.constant({ token: 'FED', values: { value: 'FED' } }) },
  code: {
    declaration: { code: 'A9A99' },
    printed: fc.stringMatching(/^[A-Z]\d[A-Z]\d\d$/).map((token) => ({ token, values: { value: token } })),
    foreign: FOREIGN_TO_LETTERS,
  },
  text: {
    declaration: { text: { charset: 'A-Z ', length: '1..20' } },
    printed: fc.stringMatching(/^[A-Z]([A-Z ]{0,10}[A-Z])?$/).map((token) => ({ token, values: { value: token } })),
    foreign: FOREIGN_TO_LETTERS,
  },
  anyOf: {
    declaration: { anyOf: [{ price: 2 }, 'thirtySeconds'] },
    printed: fc.oneof(
      fixed(199, 2).map((token) => ({ token, values: { value: token, alternative: 'price' } })),
      fc.tuple(fc.integer({ min: 0, max: 199 }), fc.integer({ min: 0, max: 31 })).map(([points, parts]) => ({
        token: `${points}-${two(parts)}`,
        values: { value: exact(points * 32 + parts, 5), alternative: 'thirtySeconds' },
      })),
    ),
  },
};

t.test('what is printed is read back', (t) => {
  for (const [name, { declaration, printed }] of Object.entries(SUBJECTS)) {
    const type = cellType(declaration);
    fc.assert(
      fc.property(printed, ({ token, values }) => {
        const reading = type.read(token, { today: TODAY });
        const got = valuesOf(declaration, reading);
        if (got === undefined) throw new Error(`'${token}': ${JSON.stringify(reading)}`);
        for (const [part, value] of Object.entries(values)) {
          if (got[part] !== value) throw new Error(`'${token}': expected ${part} ${value}, got ${got[part]}`);
        }
        return Object.keys(got).length === Object.keys(values).length;
      }),
      { numRuns: 300 },
    );
    t.pass(name);
  }
  t.end();
});

t.test('a character that is damaged is refused, or changes nothing', (t) => {
  for (const [name, { declaration, printed, foreign }] of Object.entries(SUBJECTS)) {
    const type = cellType(declaration);
    fc.assert(
      fc.property(printed, fc.nat(), fc.constantFrom(...(foreign ?? FOREIGN)), ({ token, values }, where, damage) => {
        const at = where % token.length;
        const damaged = token.slice(0, at) + damage + token.slice(at + 1);
        const reading = type.read(damaged, { today: TODAY });
        if (reading.outcome === 'reject') return;
        const got = valuesOf(declaration, reading) ?? {};
        for (const [part, value] of Object.entries(values)) {
          if (got[part] !== value) throw new Error(`'${token}' damaged to '${damaged}' reads ${JSON.stringify(got)}`);
        }
      }),
      { numRuns: 500 },
    );
    t.pass(name);
  }
  t.end();
});

const DECLARATIONS: readonly unknown[] = [
  ...Object.values(SUBJECTS).map(({ declaration }) => declaration),
  ...[
    { decimal: { sign: 'trailing' } },
    { decimal: { sign: 'parentheses' } },
    { decimal: { sign: 'optional', signGap: true } },
  ],
  ...[
    {
      price: {
        decimals: { EUR: 4 },
        prefix: '$',
        suffix: '%',
        flagsAfter: { C: 'closing' },
        flagsBefore: { '*': 'now' },
      },
    },
  ],
  ...[{ quote: { order: 'bid-offer', missingSide: ['-', ''], separatorGap: true } }],
  ...[{ quote: { order: 'bid-offer', maxSpread: 150, crossed: true, sign: 'optional' } }],
  ...[
    { quote: { order: 'low-high', separator: ' ', single: true, grouping: ',' } },
    { points: { signs: 'printed', par: 'P' } },
  ],
  ...[
    { change: { of: 'fraction', signGap: true } },
    { dateTime: { form: "WWW, DD MMM 'at' hh:mm Z", zones: ['GMT'] } },
  ],
  ...[
    { time: 'hmm' },
    { date: ['MM-DD', 'DDMMM', 'WWWW, MMMM Dth'] },
    { time: 'hh:mm:ss.fff' },
    { text: { also: '日本😀' } },
  ],
];

const PIECES = fc.constantFrom(
  ...[
    '0',
    '1',
    '5',
    '9',
    '12',
    '99',
    '123456789',
    '.',
    ',',
    '/',
    '-',
    '+',
    ' ',
    '*',
    '(',
    ')',
    '%',
    '$',
    'C',
    'P',
    ':',
    "'",
  ],
  ...[
    '½',
    '¼',
    '⅜',
    '3/8',
    '1.08',
    'UNCH',
    'AM',
    'PM',
    'MAR',
    'Mon',
    'GMT',
    'at',
    'th',
    '😀',
    '\ud83d',
    '\u0000',
    '٣',
    'O',
    'l',
    '■',
  ],
);
const HOSTILE = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.array(PIECES, { minLength: 1, maxLength: 12 }).map((pieces) => pieces.join('')),
  fc.integer({ min: 1, max: 3000 }).map((length) => '9'.repeat(length)),
);

function checkShape(reading: Reading, token: string, parts: readonly { kind: string }[]): void {
  if (reading.outcome === 'reject') {
    if (reading.offset < 0 || reading.offset > token.length || reading.expected === '')
      throw new Error(JSON.stringify(reading));
  } else if (reading.outcome === 'value') {
    if (reading.parts.length !== parts.length)
      throw new Error(`${reading.parts.length} parts instead of ${parts.length}`);
    for (const [i, part] of reading.parts.entries()) {
      if (part !== null && part.kind !== parts[i]!.kind) throw new Error(`part ${i} is ${part.kind}`);
    }
  }
}

t.test('no text throws; offsets lie in the text; the same text reads the same', (t) => {
  for (const declaration of DECLARATIONS) {
    const type = cellType(declaration);
    fc.assert(
      fc.property(HOSTILE, (token) => {
        const reading = type.read(token, { today: TODAY, key: 'EUR' });
        checkShape(reading, token, type.parts);
        type.read('1.0841/43', { today: TODAY });
        return fc.stringify(type.read(token, { today: TODAY, key: 'EUR' })) === fc.stringify(reading);
      }),
      { numRuns: 250 },
    );
    t.pass(JSON.stringify(declaration));
  }
  t.end();
});

/** Texts of few characters, so that many of them mean something. */
function texts(characters: string, max: number): fc.Arbitrary<string> {
  return fc.array(fc.constantFrom(...characters), { minLength: 1, maxLength: max }).map((all) => all.join(''));
}

/** Checks a type against a model that gives the value of a text, or undefined where it must be refused. */
function against(
  declaration: unknown,
  tokens: fc.Arbitrary<string>,
  model: (token: string) => string | undefined,
): void {
  const type = cellType(declaration);
  fc.assert(
    fc.property(tokens, (token) => {
      const got = valuesOf(declaration, type.read(token, {}))?.value;
      const want = model(token);
      if (got !== want) throw new Error(`'${token}': expected ${want}, got ${got}`);
    }),
    { numRuns: 6000 },
  );
}

t.test('numbers: exactly those that a grammar allows', (t) => {
  against({ decimal: { sign: 'optional' } }, texts('00123.+- ', 7), (token) => {
    const match = /^([+-]?)(0|[1-9]\d*)(\.\d+)?$/.exec(token);
    return match === null ? undefined : Decimal.parse(token).toString();
  });
  against({ price: { grouping: ',', decimals: '0..2' } }, texts('0012,,.', 10), (token) => {
    const match = /^(0|[1-9]\d{0,2}(?:,\d{3})*)(\.\d{1,2})?$/.exec(token);
    return match === null ? undefined : token.replaceAll(',', '');
  });
  t.pass('signed and grouped numbers');
  t.end();
});

t.test('32nds and fractions: exactly those that a grammar allows', (t) => {
  against('thirtySeconds', texts('0123789+-.', 7), (token) => {
    const match = /^(0|[1-9]\d{0,3})-([0-2]\d|3[01])(\+|[0-7])?$/.exec(token);
    if (match === null) return undefined;
    const third = match[3] === undefined ? 0 : match[3] === '+' ? 4 : Number(match[3]);
    return exact(Number(match[1]) * 256 + Number(match[2]) * 8 + third, 8);
  });
  against('fraction', texts('123468/ ½', 7), (token) => {
    const glyph = /^([1-9]\d*)?½$/.exec(token);
    if (glyph !== null) return exact(Number(glyph[1] ?? '0') * 2 + 1, 1);
    const match = /^(?:([1-9]\d*)(?: (?=[^/ ]+\/)|$))?(?:([1-9]\d?)\/(2|4|8|16|32|64))?$/.exec(token);
    if (match === null || token === '') return undefined;
    const [, number, numerator, denominator] = match;
    if (numerator === undefined) return number;
    if (Number(numerator) >= Number(denominator)) return undefined;
    return exact(Number(number ?? '0') * Number(denominator) + Number(numerator), Math.log2(Number(denominator)));
  });
  t.pass('32nds and fractions');
  t.end();
});

t.test('abbreviated quotes: the nearest ask above that ends so, if one alone is within the limit', (t) => {
  const limit = 120;
  const declaration = { fxQuote: { decimals: 2, maxSpread: limit } };
  const type = cellType(declaration);
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 99_999 }), digits(2, 2), (bid, suffix) => {
      const token = `${new Decimal(bid, -2)}/${suffix}`;
      const asks: number[] = [];
      for (let ask = bid; ask <= bid + limit; ask++) if (two(ask % 100) === suffix) asks.push(ask);
      const reading = type.read(token, {});
      const got = valuesOf(declaration, reading)?.ask;
      if (asks.length === 1) return got === new Decimal(asks[0]!, -2).toString();
      return reading.outcome === 'reject' && reading.code === (asks.length === 0 ? 'SPREAD' : 'AMBIGUOUS');
    }),
    { numRuns: 6000 },
  );
  t.pass('all suffixes');
  t.end();
});

t.test('quotes abbreviated to 32nds or fractions: the same, by trying all', (t) => {
  const limit = 34;
  const quotes = { thirtySecondsQuote: { order: 'bid-offer', maxSpread: limit } };
  const parts = (n: number) => `${two(Math.floor((n % 256) / 8))}${n % 8}`;
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 256 * 150 }), fc.nat(255), (bid, end) => {
      const token = `${Math.floor(bid / 256)}-${parts(bid)}/${parts(end)}`;
      const asks: number[] = [];
      for (let ask = bid; ask <= bid + limit * 8; ask++) if (ask % 256 === end) asks.push(ask);
      const reading = cellType(quotes).read(token, {});
      if (asks.length === 1) return valuesOf(quotes, reading)?.ask === exact(asks[0]!, 8);
      return reading.outcome === 'reject' && reading.code === (asks.length === 0 ? 'SPREAD' : 'AMBIGUOUS');
    }),
    { numRuns: 3000 },
  );
  const rates = { fractionQuote: { order: 'offer-bid', maxSpread: '1 1/8' } };
  fc.assert(
    fc.property(fc.integer({ min: 64 * 3, max: 64 * 20 }), fc.integer({ min: 1, max: 63 }), (offer, end) => {
      const part = offer % 64 === 0 ? '' : ` ${offer % 64}/64`;
      const token = `${Math.floor(offer / 64)}${part}-${end}/64`;
      const bids: number[] = [];
      for (let bid = offer; bid >= offer - 72; bid--) if (bid % 64 === end) bids.push(bid);
      const reading = cellType(rates).read(token, {});
      if (bids.length === 1) return valuesOf(rates, reading)?.bid === exact(bids[0]!, 6);
      return reading.outcome === 'reject' && reading.code === (bids.length === 0 ? 'SPREAD' : 'AMBIGUOUS');
    }),
    { numRuns: 3000 },
  );
  t.pass('all parts');
  t.end();
});
