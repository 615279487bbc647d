// Forms of tokens, and damage in free text.
import t from 'tap';
import { hasShape, proseFault } from '../src/shape.ts';

t.test('forms', async (t) => {
  for (const [token, shape, fits] of [
    ['04+', '99+', true],
    ['04', '99+', false],
    ['T4Q31', 'A9A99', true],
    ['T4Q3I', 'A9A99', false],
    ['', '', true],
    ['9', '', false],
  ] as const) {
    t.equal(hasShape(token, shape), fits, `${token} as ${shape}`);
  }
});

t.test('what people write', async (t) => {
  for (const text of [
    'MERIDIAN TO BUY BACK 200 MLN OF ITS SHARES',
    'ASTER CPI +2.9 PCT Y/Y (VS 3.1), EX-FOOD -0.2; IS IT OVER?',
    'Q3 SALES $4,085.50 A TONNE, 10-YR AT 4.085 %, "A350" AND 5G, 3.5BLN, 1990S',
    "KESTREL & CO'S 11-DAY STRIKE: 7-2",
    '1,234,567 BARRELS',
  ]) {
    t.equal(proseFault(text), -1, text);
  }
});

t.test('what lines do to it', async (t) => {
  for (const [text, at] of [
    ['RATE AT 4.5O PCT', 11],
    ['SALES  0.6 PCT', 5],
    ['CLAIMS 20X,000', 9],
    ['CLAIMS 2O9,000', 8],
    ['CLAIMS 2X9,000', 8],
    ['RATE 4.X5', 7],
    ['0,6 PCT', 1],
    ['VS 4218,000', 7],
    ['DEMAND4 PCT', 6],
    ['SALE% UP', -1],
    ['S%ALES', 1],
    ['HA?BOUR', 2],
    ['NORTH\u{fffd}ATE', 5],
    ['SMEL#ER', 4],
  ] as const) {
    t.equal(proseFault(text), at, text);
  }
});
