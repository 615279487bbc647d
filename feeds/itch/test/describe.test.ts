import t from 'tap';
import { describeMessage, encodeMessage } from '../src/index.ts';
import { EXAMPLES } from './examples.ts';

/** What a field looks like after a change to the worked example of the type. */
function shown(type: string, name: string, value: unknown): unknown {
  const bytes = encodeMessage(type, { ...EXAMPLES.find((example) => example.type === type)!.fields, [name]: value });
  return describeMessage(bytes, 0, bytes.length).fields[name];
}

t.test('prices are exact decimals without zeros at the end, whole ones numbers', (t) => {
  t.equal(shown('A', 'price', '0.0001'), '0.0001');
  t.equal(shown('A', 'price', '80.5000'), '80.5');
  t.equal(shown('A', 'price', '199999.9999'), '199999.9999');
  t.equal(shown('A', 'price', '200000.0000'), 200000);
  t.equal(shown('A', 'price', '429496.7295'), '429496.7295');
  t.equal(shown('A', 'price', 0), 0);
  t.equal(shown('V', 'level1', '4078.49000000'), '4078.49');
  t.equal(shown('V', 'level1', '0.00000001'), '0.00000001');
  t.equal(shown('V', 'level1', '184467440737.09551615'), '184467440737.09551615');
  t.equal(shown('V', 'level1', '4000'), 4000);
  t.end();
});

t.test('whole numbers are numbers up to 2^53, strings beyond', (t) => {
  t.equal(shown('D', 'orderReferenceNumber', '9007199254740991'), 9007199254740991);
  t.equal(shown('D', 'orderReferenceNumber', '9007199254740992'), 9007199254740992);
  t.equal(shown('D', 'orderReferenceNumber', '9007199254740993'), '9007199254740993');
  t.equal(shown('D', 'orderReferenceNumber', '18446744073709551615'), '18446744073709551615');
  t.equal(shown('D', 'timestamp', 2 ** 48 - 1), 2 ** 48 - 1);
  t.end();
});

t.test('text loses its padding; figures become numbers only where nothing is lost', (t) => {
  t.equal(shown('A', 'stock', 'BRK.A'), 'BRK.A');
  t.equal(shown('A', 'stock', ''), '');
  t.equal(shown('A', 'stock', ' X'), ' X');
  t.equal(shown('A', 'stock', '7203'), 7203);
  t.equal(shown('A', 'stock', '007'), '007');
  t.equal(shown('A', 'stock', '-5'), '-5');
  t.equal(shown('A', 'stock', '1e3'), '1e3');
  t.equal(shown('I', 'priceVariationIndicator', '1'), 1);
  t.equal(shown('I', 'priceVariationIndicator', ''), '');
  t.equal(shown('I', 'priceVariationIndicator', 'L'), 'L');
  t.equal(shown('R', 'luldReferencePriceTier', '2'), 2);
  t.equal(shown('W', 'breachedLevel', '3'), 3);
  t.end();
});

t.test('reserved bytes are left out, whatever they hold', (t) => {
  const { hex, fields } = EXAMPLES.find((example) => example.type === 'H')!;
  const bytes = Buffer.from(hex.replaceAll(' ', ''), 'hex');
  bytes[20] = 0x58;
  t.same(describeMessage(bytes, 0, bytes.length).fields, fields);
  t.end();
});
