// A published log of a live page, against its rows after each message.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { RowPage, type RowValues, rowFieldOfName } from '@tickerplant/pages';
import { sharedDir } from '@tickerplant/testkit';
import t from 'tap';

interface Message {
  readonly seq: number;
  readonly kind: 'refresh' | 'update';
  readonly fields: Readonly<Record<string, string>>;
}

const pages = sharedDir('pages');
const skip = pages === undefined ? 'no ../shared/pages' : false;

function lines<T>(name: string): T[] {
  const text = readFileSync(join(pages!, 'reuters-fxfx', name), 'utf8');
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as T);
}

/** The values of a message; with `csi`, ESC [ in another form. */
function values(message: Message, csi?: string): RowValues {
  return Object.entries(message.fields).map(([name, value]) => {
    const text = csi === undefined ? value : value.replaceAll('\x1b[', csi);
    return [rowFieldOfName(name)!.row, Buffer.from(text, 'latin1')];
  });
}

function rowsOf({ page }: RowPage): string[] {
  return Array.from({ length: page.rows }, (_, row) => page.rowText(row));
}

t.test('the live page after each message', { skip }, (t) => {
  const messages = lines<Message>('fxfx-live.messages.jsonl');
  const expected = lines<{ seq: number; page: string[] }>('fxfx-live.expected.jsonl');
  t.equal(messages.length, 8);
  for (const csi of [undefined, '\x9b']) {
    const page = new RowPage('ROW64', { eightBitCsi: csi !== undefined });
    for (const [i, message] of messages.entries()) {
      const before = rowsOf(page);
      const shown = before.map((row) => [...row]);
      const onChange = (row: number, first: number, end: number): void => {
        for (let column = first; column < end; column++) shown[row]![column] = page.page.rowText(row)[column]!;
      };
      if (message.kind === 'refresh') page.image(values(message, csi), onChange);
      else page.update(values(message, csi), onChange);
      t.same(rowsOf(page), expected[i]!.page, `message ${message.seq}, CSI ${csi === undefined ? 'ESC [' : '9B'}`);
      t.same(
        shown.map((row) => row.join('')),
        rowsOf(page),
        'the changes told lead from the screen before to the one after',
      );
    }
    t.equal(page.faults.total, 0);
  }
  t.end();
});

t.test('updates before the image are refused', { skip }, (t) => {
  const page = new RowPage('ROW64');
  const messages = lines<Message>('fxfx-live.messages.jsonl');
  for (const message of messages.slice(1, 4)) t.equal(page.update(values(message)), 0);
  t.same(rowsOf(page), Array(14).fill(' '.repeat(64)));
  t.equal(page.faults.counts['no-image'], 3);
  t.end();
});
