// Declarations that cannot be, and what their authors are told.
import { TickerError } from '@tickerplant/core';
import {
  anyOf,
  cellType,
  change,
  code,
  date,
  dateTime,
  decimal,
  enumeration,
  fraction,
  fractionQuote,
  fxQuote,
  integer,
  label,
  percent,
  phrase,
  points,
  price,
  quote,
  size,
  tenor,
  text,
  thirtySeconds,
  thirtySecondsQuote,
  time,
  yieldRate,
} from '@tickerplant/page-values';
import t from 'tap';

function messageOf(declaration: unknown): string {
  try {
    cellType(declaration);
    return 'accepted';
  } catch (error) {
    return error instanceof TickerError && error.code === 'SHRED_BAD_TYPE' ? error.message : `wrong error: ${error}`;
  }
}

const REFUSED: readonly (readonly [declaration: unknown, message: string])[] = [
  [7, 'type: expected the name of a type'],
  [null, 'type: expected the name of a type'],
  ['pryce', "type: unknown type 'pryce'; there are price,"],
  [{}, 'type: expected one type, got none'],
  [{ price: 4, marks: {} }, 'type: expected one type, got price, marks'],
  [{ price: { decimal: 4 } }, "price: unknown option 'decimal'; there are decimals, point"],
  [{ price: { decimals: { JPY: 'x' } } }, 'price.decimals.JPY: expected a whole number or a range from 0 to 12'],
  [{ price: { decimals: '4..2' } }, 'price.decimals: expected'],
  [{ price: { decimals: 2.5 } }, 'price.decimals: expected'],
  [{ price: { decimals: [1] } }, 'price.decimals: expected one value, or values by key'],
  [{ price: true }, 'price.decimals: expected'],
  [{ price: { point: 'x' } }, 'price.point: expected one character'],
  [{ price: { grouping: '.' } }, 'price.grouping: expected another character than the decimal separator'],
  [{ price: { groupingOptional: true } }, 'price.groupingOptional: expected grouping to be declared too'],
  [{ price: { marks: { '': 'blank' } } }, 'price.marks.: expected printed texts with names'],
  [{ price: { marks: { '-': 'Not Quoted' } } }, 'price.marks.-: expected a name of lower-case letters'],
  [{ price: { marks: { ' - ': 'not-quoted' } } }, 'price.marks: expected a text without blanks around it'],
  [{ price: { flagRequired: true } }, 'price.flagRequired: expected flags to be declared too'],
  [{ integer: { decimals: 2 } }, 'integer.decimals: expected none'],
  [{ fxQuote: { order: 'bid-offer' } }, "fxQuote: unknown option 'order'"],
  [{ fxQuote: { maxSpread: { EUR: 1.5 } } }, 'fxQuote.maxSpread: expected a whole number of last places'],
  [{ fxQuote: { maxSpread: { EUR: 'x' } } }, "fxQuote.maxSpread.EUR: expected a number that isn't negative"],
  [{ fxQuote: { spreadIn: 'price' } }, 'fxQuote.spreadIn: expected maxSpread with it'],
  [{ fxQuote: { crossed: true } }, 'fxQuote.crossed: expected maxSpread with it'],
  [{ fxQuote: { missingSide: ['/'] } }, 'fxQuote.missingSide: expected texts without the separator'],
  [
    'quote',
    'quote.order: expected bid-offer, offer-bid, low-high or high-low: which side stands first is never guessed',
  ],
  [{ quote: 'bid-ask' }, 'quote.order: expected bid-offer'],
  [{ quote: { order: 'bid-offer', separator: '.' } }, 'quote.separator: expected another character'],
  [{ quote: { order: 'low-high', discount: true } }, 'quote.discount: expected an order of bid and offer'],
  ['thirtySecondsQuote', 'thirtySecondsQuote.order: expected'],
  [{ thirtySecondsQuote: { order: 'bid-offer', separator: '-' } }, 'thirtySecondsQuote.separator: expected another'],
  [
    { fractionQuote: { order: 'offer-bid', maxSpread: '1/3' } },
    'fractionQuote.maxSpread: expected a number or a fraction',
  ],
  [{ fractionQuote: { order: 'offer-bid', separator: '/' } }, 'fractionQuote.separator: expected another character'],
  [{ fraction: 3 }, 'fraction.denominator: expected 2, 4, 8, 16, 32 or 64'],
  ['points', 'points.signs: expected printed or leftHigherIsDiscount'],
  [{ points: { signs: 'leftHigherIsDiscount', sign: 'minus' } }, 'points.sign: expected none'],
  [{ change: { of: '32nds', decimals: 2 } }, 'change.decimals: expected none with changes of 32nds'],
  [{ change: { up: ['+'] } }, "change: expected arrows or words for up, down and level, got '+'"],
  ['date', 'date.form: expected a form such as DDMMMYY'],
  [{ date: 'DDMMMYY' }, "date.years: expected a range such as '1970..2069'"],
  [{ date: { form: 'DDMMMYY', years: '1900..2100' } }, 'date.years: expected at most a hundred years'],
  [{ date: { form: 'DDMMMYY', years: 'always' } }, 'date.years: expected at most a hundred years'],
  [{ date: 'hh:mm' }, "date.form: expected a month and no hour, got 'hh:mm'"],
  [{ time: 'DDMMM' }, "time.form: expected an hour and no month, got 'DDMMM'"],
  [{ time: 'mm:ss' }, 'time.form: expected an hour and no month'],
  [{ time: 'hh:ss' }, 'time.form: expected a form with minute where it has second'],
  [
    { date: 'DD of MMM' },
    "date.form: expected YYYY YY MMMM MMM MM M DD D WWWW WWW hh h mm ss f AM Z th, blanks and punctuation, got 'o'",
  ],
  [{ date: 'MMM' }, "date.form: expected a day or a year, got 'MMM'"],
  [{ date: 'DDDD MMM' }, 'date.form: expected each of year, month, day … once'],
  [{ date: 'YYYYMD' }, 'date.form: expected a fixed number of digits inside a run of them'],
  [{ date: { form: "DD 'MMM" } }, 'date.form: expected a text between two apostrophes'],
  [{ time: { form: 'hh:mm Z' } }, 'time.zones: expected zones to be declared'],
  [{ enum: [] }, 'enum.values: expected one text at least'],
  [{ enum: [1] }, 'enum.values: expected a list of texts'],
  [{ enum: { values: { A: ['x'], B: ['x'] } } }, "enum.values: expected each text once, got 'x' for A and B"],
  [{ enum: { EUR: 'EURO' } }, "enum: unknown option 'EUR'; there are marks, values"],
  ['tenor', 'tenor.tenors: expected a list of the texts there are'],
  [{ tenor: { tenors: ['1W'], units: { WK: 3 } } }, 'tenor.units.WK: expected a text'],
  [{ code: 'A\\' }, 'code.pattern: expected a character behind the last backslash'],
  [{ text: { charset: 'Z-A' } }, "text.charset: expected ranges that go up, got 'Z-A'"],
  ['phrase', 'phrase.forms: expected words and pieces'],
  [{ phrase: 'Model' }, "phrase.forms: expected a piece in braces, got 'Model'"],
  [{ phrase: '{a}{b}' }, 'phrase.forms: expected words between {a} and the next piece'],
  [{ phrase: '{a}/{a}' }, 'phrase.forms: expected each piece once'],
  [{ phrase: '{a' }, "phrase.forms: expected names in braces, such as {date}, got '{a'"],
  [{ phrase: { forms: '{a}', pieces: { b: 'integer' } } }, 'phrase.pieces.b: expected one of a'],
  [{ phrase: { forms: '{a}', pieces: { a: 'number' } } }, 'phrase.pieces.a: type: unknown type'],
  [{ text: '0..5' }, 'text.length: expected'],
  [{ size: { multipliers: { K: '3' } } }, 'size.multipliers.K: expected a power of ten'],
  [{ size: { multiplierRequired: true } }, 'size.multiplierRequired: expected multipliers to be declared too'],
  [{ anyOf: ['price'] }, 'anyOf: expected a list of two types at least'],
  [{ anyOf: ['price', 'fxQuote'] }, 'anyOf: expected types that give the same parts, got price with value (decimal)'],
  [{ anyOf: ['price', { quote: {} }] }, 'anyOf.1: quote.order: expected'],
];

t.test('declarations that cannot be say where and why', (t) => {
  for (const [declaration, message] of REFUSED) {
    const got = messageOf(declaration);
    t.equal(got.slice(0, message.length), message, `${JSON.stringify(declaration)}: ${got}`);
  }
  t.end();
});

t.test('factories make what declarations make', (t) => {
  const pairs = [
    [price({ decimals: 4 }), { price: 4 }, '1.0841'],
    [decimal(), 'decimal', '-1.5'],
    [yieldRate({ decimals: 3 }), { yield: 3 }, '4.571'],
    [percent({ suffix: '%' }), { percent: { suffix: '%' } }, '5.4%'],
    [integer({ grouping: ',' }), { integer: { grouping: ',' } }, '114,875'],
    [size({ flagsBefore: { '*': 'trading' } }), { size: { flagsBefore: { '*': 'trading' } } }, '*2'],
    [fxQuote({ decimals: { default: 4, JPY: 2 } }), { fxQuote: { decimals: { default: 4, JPY: 2 } } }, '1.0841/43'],
    [quote({ order: 'bid-offer' }), { quote: 'bid-offer' }, '17760/770'],
    [thirtySeconds(), 'thirtySeconds', '99-16+'],
    [thirtySecondsQuote({ order: 'bid-offer' }), { thirtySecondsQuote: 'bid-offer' }, '99-312/00'],
    [fraction({ denominator: 4 }), { fraction: 4 }, '45¾'],
    [fractionQuote({ order: 'offer-bid' }), { fractionQuote: 'offer-bid' }, '5 1/2-3/8'],
    [phrase({ forms: '{a}/{b}' }), { phrase: '{a}/{b}' }, '192.0.2.1/25'],
    [points({ signs: 'printed' }), { points: 'printed' }, '-67.2/-66.6'],
    [change({ of: '32nds' }), { change: '32nds' }, '+03+'],
    [date({ form: 'YYYY-MM-DD' }), { date: 'YYYY-MM-DD' }, '2024-03-11'],
    [time({ form: 'hh:mm', zone: 'Europe/London' }), { time: { form: 'hh:mm', zone: 'Europe/London' } }, '14:32'],
    [dateTime({ form: 'DDMMM hh:mm' }), { dateTime: 'DDMMM hh:mm' }, '14MAR 14:04'],
    [tenor({ tenors: ['O/N'] }), { tenor: ['O/N'] }, 'O/N'],
    [enumeration({ values: ['EUR'] }), { enum: ['EUR'] }, 'EUR'],
    [label({ values: ['FED'] }), { label: 'FED' }, 'FED'],
    [text({ length: 3 }), { text: 3 }, 'LON'],
    [code({ pattern: 'AAAA' }), { code: 'AAAA' }, 'NGMM'],
    [anyOf(price(), thirtySeconds()), { anyOf: ['price', 'thirtySeconds'] }, '99-16'],
  ] as const;
  for (const [made, declaration, token] of pairs) {
    const declared = cellType(declaration);
    t.equal(made.name, declared.name);
    t.same(made.parts, declared.parts);
    t.same(made.info, declared.info);
    const reading = made.read(token, { today: 19_793 });
    t.equal(reading.outcome, 'value', `${made.name} reads '${token}'`);
    t.same(reading, declared.read(token, { today: 19_793 }));
    t.equal(cellType(made), made, 'a type stays what it is');
  }
  t.throws(() => fxQuote({ decimals: 'x' }), { code: 'SHRED_BAD_TYPE', message: /^fxQuote\.decimals: / });
  t.throws(() => price({ ['decimal' as 'decimals']: 4 }), { code: 'SHRED_BAD_TYPE' });
  t.end();
});

t.test('the zone and the unit are handed on', (t) => {
  t.same(cellType({ time: { form: 'hh:mm', zone: 'Europe/London' } }).info, { zone: 'Europe/London' });
  t.same(cellType({ price: { unit: 'USD/t' } }).info, { unit: 'USD/t' });
  t.same(cellType('yield').info, { unit: 'percent' });
  t.end();
});

t.test('what a type needs of its context and does not get', (t) => {
  const code = (declaration: unknown, token: string) => {
    const reading = cellType(declaration).read(token, {});
    return reading.outcome === 'reject' ? reading.code : reading.outcome;
  };
  t.equal(code({ date: 'DDMMM' }, '11MAR'), 'CONTEXT');
  t.equal(code({ date: { form: 'DDMMMYY', years: '-20..+79' } }, '11MAR24'), 'CONTEXT');
  t.equal(code({ date: { form: 'DDMMMYY', years: '1970..2069' } }, '11MAR24'), 'value');
  t.equal(code({ price: { decimals: { EUR: 4 } } }, '1.0841'), 'CONTEXT');
  t.equal(code({ fxQuote: { maxSpread: { EUR: 4 } } }, '1.0841/43'), 'CONTEXT');
  t.equal(code({ thirtySecondsQuote: { order: 'bid-offer', maxSpread: { '2YR': 4 } } }, '99-16/17'), 'CONTEXT');
  t.equal(code({ price: 4 }, ''), 'ENDED');
  t.end();
});
