// What is proposed for the columns of pages: the right type first, whatever the column.
import { cellType, proposeTypes } from '@tickerplant/page-values';
import fc from 'fast-check';
import t from 'tap';

const COLUMNS: readonly (readonly [samples: readonly string[], first: unknown])[] = [
  [['1.0841/43', '1.2698/02', '0.8789/92'], { fxQuote: { decimals: 4 } }],
  [['1.0841/43', '149.98/03', '-', '10.4385/15'], { fxQuote: { marks: { '-': 'not-quoted' }, decimals: '2..4' } }],
  [['5.235/225', '5.115/105', '4.785/775'], { quote: { order: 'bid-offer', discount: true, decimals: 3 } }],
  [['8512.50/13.50', '8598.0/99.0', '2218/2219', '17760/770'], { quote: { order: 'bid-offer', decimals: '0..2' } }],
  [['5 1/2-3/8', '3 7/16-5/16', '1/2-3/8'], { fractionQuote: { order: 'offer-bid' } }],
  [['100-03+', '99-16+', '98-086'], 'thirtySeconds'],
  [['100-03+   04', '99-312    00'], { thirtySecondsQuote: { order: 'bid-offer', separator: ' ' } }],
  [['67.2/66.6', '16.1/16.3'], { points: { signs: 'leftHigherIsDiscount', decimals: 1 } }],
  [['+00+', '+01', '-02'], { change: { of: '32nds' } }],
  [['-1,250', 'UNCH', '+402'], { change: { grouping: ',', unchanged: ['UNCH'], decimals: 0 } }],
  [['- 1¾', '+10', '+ ¼'], { change: { of: 'fraction', signGap: true } }],
  [['45¾', '137', '½'], 'fraction'],
  [['3.412', '2.981', '*'], { price: { marks: { '*': 'not-available' }, decimals: 3 } }],
  [['3005,43', '11178,99'], { price: { point: ',', decimals: 2 } }],
  [['+12,9%', '-8,0%'], { percent: { suffix: '%', sign: 'required', point: ',', decimals: 1 } }],
  [['114,875', '571,400', '5,430'], { integer: { grouping: ',' } }],
  [['2.5MM', '10', '750K'], { size: { multipliers: { K: 3, MM: 6, BN: 9 } } }],
  [['28FEB26', '15FEB27'], { date: { form: 'DDMMMYY', years: '1970..2069' } }],
  [['14:32', '09:15'], { time: { form: 'hh:mm' } }],
  [['3MO', '1 WK', 'O/N'], { tenor: { tenors: ['O/N', '1W', '3M'], units: { WK: 'W', MO: 'M' } } }],
  [['EUR', 'GBP', 'JPY'], { enum: { values: ['EUR', 'GBP', 'JPY'] } }],
  [['T4Q31', 'T4Q28', 'SON3M'], { code: { pattern: ['A9A99', 'AAA9A'] } }],
  [['FED', 'FED', 'FED'], { label: { values: ['FED'] } }],
  [['NORTHGATE', 'HARBOUR BK'], { text: { length: '1..10' } }],
  [['Zürich', 'Wien'], { text: { length: '1..6', also: 'ü' } }],
  [
    ['99.10', '97-00', '88.00', '98.75', 'WNTD'],
    {
      anyOf: [{ price: { marks: { WNTD: 'wanted' }, decimals: 2 } }, { thirtySeconds: { marks: { WNTD: 'wanted' } } }],
    },
  ],
];

t.test('the first proposal for a column', (t) => {
  for (const [samples, first] of COLUMNS) {
    const proposals = proposeTypes([...samples, '', '  ']);
    const best = proposals[0];
    t.same(best?.declaration, first, samples.join(' | '));
    t.equal(best?.share, 1);
  }
  t.end();
});

t.test('damage in a column does not hide its type', (t) => {
  const samples = ['1.0841', '1.2698', '0.8789', '0.6571', '1.3512', '0-6317', '1.2731'];
  const [best] = proposeTypes(samples);
  t.same(best?.declaration, { price: { decimals: 4 } });
  t.equal(best?.share, 6 / 7);
  t.same(proposeTypes(['', ' ']), []);
  t.end();
});

t.test('proposals are declarations that read their share, best first', (t) => {
  const cell = fc.oneof(
    fc.constantFrom(...COLUMNS.flatMap(([samples]) => samples)),
    fc.string({ unit: 'binary', maxLength: 12 }),
    fc.stringMatching(/^[0-9.,/+-]{1,8}$/),
  );
  fc.assert(
    fc.property(fc.array(cell, { maxLength: 12 }), (samples) => {
      const tried = samples.map((sample) => sample.trim()).filter((sample) => sample !== '');
      for (const { declaration, share } of proposeTypes(samples)) {
        const type = cellType(declaration);
        const read = tried.filter((sample) => type.read(sample, { today: 20_000 }).outcome !== 'reject');
        if (Math.abs(read.length / tried.length - share) > 1e-9)
          throw new Error(`${JSON.stringify(declaration)}: ${share}`);
      }
    }),
    { numRuns: 200 },
  );
  t.pass('any column');
  t.end();
});
