import { Decimal } from '@tickerplant/core';
import t from 'tap';
import { FieldDictionary, formatValue, jsonValue, standardDictionary, typedValue } from '../src/index.ts';

t.test('the standard dictionary has the fields of the trade under their public numbers', async (t) => {
  const dictionary = standardDictionary();
  for (const [name, fid, type] of [
    ['BID', 22, 'decimal'],
    ['ASK', 25, 'decimal'],
    ['BIDSIZE', 30, 'integer'],
    ['TRDPRC_1', 6, 'decimal'],
    ['QUOTIM_NS', 14265, 'time'],
    ['TRADE_DATE', 16, 'date'],
    ['TRD_STATUS', 6614, 'enum'],
    ['ROW80_1', 315, 'text'],
    ['ROW80_25', 339, 'text'],
    ['BEST_BID5', 440, 'decimal'],
  ] as const) {
    t.match(dictionary.byName(name), { fid, type }, name);
    t.equal(dictionary.byFid(fid)?.name, name);
  }
  t.equal(dictionary.byName('BID')?.ripplesTo, 23);
  t.equal(dictionary.nameOf(31999), '#31999');
  t.throws(() => dictionary.fid('NO_SUCH'), { code: 'RECORDS_NO_FIELD' });
  for (const field of dictionary.fields()) t.ok(field.name.length <= 10, field.name);
});

t.test('enumerated values have their display text, arrows included', async (t) => {
  const dictionary = standardDictionary();
  t.match(dictionary.enumValue(6614, 2), { display: 'H ', meaning: 'halted' });
  t.equal(dictionary.enumValue(14, 1)?.display, '⇧');
  t.equal(dictionary.enumValue(14, 9), undefined);
});

t.test('a user adds fields of his own, which may ripple to standard ones', async (t) => {
  const dictionary = new FieldDictionary()
    .addFields('BASE "BASE" 1 NULL PRICE 17 REAL64 7\n', 'base')
    .addFields('! mine\r\nMYFIELD "MY FIELD" -42 BASE ENUMERATED 3 ( 5 ) ENUM 1\r\n', 'mine');
  t.match(dictionary.byFid(-42), { name: 'MYFIELD', type: 'enum', ripplesTo: 1 });
  dictionary.addEnums('MYFIELD -42\n 0 "NO   " nothing\n 7 #20DE#\n', 'enums');
  t.equal(dictionary.enumValue(-42, 7)?.display, ' ⇧');
});

t.test('a faulty dictionary is refused with file and line', async (t) => {
  const good = 'A "A" 1 NULL PRICE 17 REAL64 7\n';
  for (const [text, message] of [
    [`${good}B "B" 1 NULL PRICE 17 REAL64 7`, 'f:2: field number 1 is taken'],
    [`${good}A "B" 2 NULL PRICE 17 REAL64 7`, 'f:2: acronym A is taken'],
    [
      `${good}B "B" 0 NULL PRICE 17 REAL64 7`,
      'f:2: expected a field number from -32768 to 32767 other than 0, found 0',
    ],
    [
      `${good}B "B" 40000 NULL PRICE 17 REAL64 7`,
      'f:2: expected a field number from -32768 to 32767 other than 0, found 40000',
    ],
    [`${good}B "B" 2 NULL PRIZE 17 REAL64 7`, 'f:2: unknown type PRIZE'],
    [`${good}B "B" 2 NULL PRICE 17 REEL 7`, 'f:2: unknown wire type REEL'],
    [`${good}B "B" 2 C PRICE 17 REAL64 7`, 'f:2: B ripples to C, which is no field'],
    [`${good}B 2 NULL`, 'f:2: expected ACRONYM "NAME" NUMBER …'],
    [`${good}B "B" 2 NULL PRICE 17`, 'f:2: expected 7 columns (8 with a display width), found 6'],
  ] as const) {
    const dictionary = new FieldDictionary();
    t.throws(() => dictionary.addFields(text, 'f'), { code: 'RECORDS_BAD_DICTIONARY', message });
    t.equal(dictionary.size, 0, 'nothing of a faulty file is kept');
  }
  const dictionary = new FieldDictionary().addFields(good, 'f');
  t.throws(() => dictionary.addEnums('B 2\n 0 "X"', 'e'), {
    message: 'e:1: expected a field of the dictionary, found B 2',
  });
  t.throws(() => dictionary.addEnums('A 1\n 0 "X"\n 0 "Y"', 'e'), {
    message: 'e:3: value 0 stands twice in its table',
  });
  t.doesNotThrow(() => dictionary.addEnums('B 2\n 0 "X"', 'e', true));
});

t.test('values are typed and shown as the dictionary says', async (t) => {
  const dictionary = standardDictionary();
  const show = (name: string, wire: null | number | string): string => {
    const field = dictionary.byName(name)!;
    return formatValue(dictionary, field, typedValue(field, wire, -4));
  };
  t.equal(show('BID', 990500), '99.0500');
  t.equal(show('BIDSIZE', 300), '300');
  t.equal(show('BID', null), '');
  t.equal(show('QUOTIM_NS', 52477643876560), '14:34:37.643876560');
  t.equal(show('QUOTE_DATE', 17357), '2017-07-10');
  t.equal(show('TRD_STATUS', 2), 'H');
  t.equal(jsonValue(dictionary, dictionary.byName('BID'), new Decimal(990500, -4)), '99.0500');
  t.equal(jsonValue(dictionary, dictionary.byName('BIDSIZE'), 300), 300);
});
