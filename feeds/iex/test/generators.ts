import fc from 'fast-check';
import { type DescribedMessage, type FieldLayout, MESSAGES, type MessageLayout } from '../src/index.ts';

/** Digits of a price in 1/10,000 dollar as the description has them: whole dollars are a number. */
function describedPrice(mantissa: bigint): number | string {
  const negative = mantissa < 0n;
  const digits = String(negative ? -mantissa : mantissa).padStart(5, '0');
  const text = `${negative ? '-' : ''}${digits.slice(0, -4)}.${digits.slice(-4)}`.replace(/\.?0+$/, '');
  return text.includes('.') || !Number.isSafeInteger(Number(text)) ? text : Number(text);
}

const int64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
const safe = fc.bigInt({ min: -(2n ** 53n) + 1n, max: 2n ** 53n - 1n });
const text = (length: number): fc.Arbitrary<string> =>
  fc.string({ unit: fc.constantFrom(...'ABCXYZ019.-= '), maxLength: length }).map((s) => s.trimEnd());

function anyValue(field: FieldLayout): fc.Arbitrary<unknown> {
  switch (field.kind) {
    case 'text':
      return text(field.length);
    case 'unsigned':
      return fc.integer({ min: 0, max: 256 ** field.length - 1 });
    case 'extension':
      return fc.integer({ min: 0, max: 255 }).map((n) => (n === 0 ? '' : n));
    case 'flags':
      return fc.tuple(...field.flags.map(() => fc.boolean())).map((set) => {
        const names = field.flags.filter((_, i) => set[i]).map(({ label }) => label);
        const bits = field.flags.map(({ name }, i) => [name, set[i] ? 1 : 0]);
        return { ...(names.length === 0 ? {} : { _: names.join('|') }), ...Object.fromEntries(bits) };
      });
    case 'price':
      return safe.map(describedPrice);
    case 'id':
      return safe.map(Number);
    case 'time':
      return int64.map(String);
  }
}

/** Any message of a layout that `IexMessage` accepts. */
export function anyOf(layout: MessageLayout): fc.Arbitrary<DescribedMessage> {
  const fields = Object.fromEntries(layout.fields.map((field) => [field.name, anyValue(field)]));
  return fc
    .record(fields, { noNullPrototype: true })
    .map((values) => ({ type: layout.type, fields: values as DescribedMessage['fields'] }));
}

/** Any message. */
export const anyMessage: fc.Arbitrary<DescribedMessage> = fc.oneof(...MESSAGES.map(anyOf));
