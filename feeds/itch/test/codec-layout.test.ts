import t from 'tap';
import { MESSAGE_LENGTH_MAX, MESSAGES, messageLayout } from '../src/index.ts';

// From the tables of the specification (section 4), where a type's length is its last offset and length.
const LENGTHS = {
  S: 12,
  R: 39,
  H: 25,
  Y: 20,
  L: 26,
  V: 35,
  W: 12,
  K: 28,
  J: 35,
  h: 21,
  A: 36,
  F: 40,
  E: 31,
  C: 36,
  X: 23,
  D: 19,
  U: 35,
  P: 44,
  Q: 40,
  B: 19,
  I: 50,
  N: 20,
  O: 48,
};

t.test('the table has the 23 message types with the lengths of the specification', (t) => {
  t.same(Object.fromEntries(MESSAGES.map((layout) => [layout.type, layout.length])), LENGTHS);
  t.equal(MESSAGES.length, 23);
  t.equal(MESSAGE_LENGTH_MAX, Math.max(...Object.values(LENGTHS)));
  t.end();
});

t.test('the fields of every type follow each other without gap or overlap to its last byte', (t) => {
  for (const layout of MESSAGES) {
    let at = 1;
    for (const field of layout.fields) {
      t.equal(field.offset, at, `${layout.type}: ${field.name}`);
      at += field.length;
    }
    t.equal(at, layout.length, `${layout.type}: length`);
    t.equal(new Set(layout.fields.map((field) => field.name)).size, layout.fields.length, `${layout.type}: names`);
  }
  t.end();
});

t.test('a layout is found by the byte of its letter, case counting', (t) => {
  t.equal(messageLayout(0x48)?.name, 'Stock Trading Action Message');
  t.equal(messageLayout(0x68)?.name, 'Operational Halt Message');
  let known = 0;
  for (let code = 0; code < 256; code++) if (messageLayout(code) !== undefined) known++;
  t.equal(known, 23);
  t.equal(messageLayout(-1), undefined);
  t.equal(messageLayout(256), undefined);
  t.end();
});
