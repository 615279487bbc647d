// The JSON form against the decodes of a third-party dissector (the captures' ground truth).

import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { sharedDir } from '@tickerplant/testkit';
import t from 'tap';
import { describeMessage, encodeMessage, messageTypeCode } from '../src/index.ts';

const captures = sharedDir('captures');

const jsonLines = (file: string): Record<string, unknown>[] =>
  readFileSync(file, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));

/** The message blocks of `bytes` from `start`: 2 bytes of length, message. */
function* blocks(bytes: Buffer, start: number): Generator<Buffer> {
  for (let at = start; at < bytes.length; ) {
    const length = bytes.readUInt16BE(at);
    yield bytes.subarray(at + 2, at + 2 + length);
    at += 2 + length;
  }
}

function bytesOf(type: string, fields: Record<string, unknown>): string {
  return Buffer.from(encodeMessage(type, fields)).toString('hex');
}

if (captures === undefined) {
  t.test('ground truth', { skip: 'needs shared captures' }, (t) => t.end());
} else {
  for (const part of ['first200', 'bytype']) {
    t.test(`start of day, ${part}: type and fields equal the ground truth; the bytes come back`, (t) => {
      const truth = jsonLines(join(captures, `nasdaq-itch50-start-of-day.${part}.jsonl`));
      t.ok(truth.length > 0);
      for (const { n, type, fields, raw } of truth) {
        const block = Buffer.from(raw as string, 'hex');
        const described = describeMessage(block, 2, block.readUInt16BE(0));
        t.strictSame(described, { type, fields }, `message ${n}`);
        t.same(Object.keys(described.fields), Object.keys(fields as object), `message ${n}: order of the fields`);
        t.equal(bytesOf(messageTypeCode(block, 2), described.fields), (raw as string).slice(4), `message ${n}: bytes`);
      }
      t.end();
    });
  }

  t.test('start of day: the whole file adds up', (t) => {
    const name = 'nasdaq-itch50-start-of-day';
    const truth = JSON.parse(readFileSync(join(captures, `${name}.truth.json`), 'utf8'));
    const counts: Record<string, number> = {};
    const stocks = new Set<unknown>();
    const times: number[] = [];
    let roundLots = 0;
    const messages = [...blocks(readFileSync(join(captures, `${name}.itch`)), 0)];
    for (const message of messages) {
      const { type, fields, fault } = describeMessage(message, 0, message.length);
      t.equal(fault, undefined);
      t.equal(bytesOf(messageTypeCode(message, 0), fields), message.toString('hex'));
      counts[type] = (counts[type] ?? 0) + 1;
      roundLots += Number(fields.roundLotSize ?? 0);
      if (fields.stock !== undefined) stocks.add(fields.stock);
      times.push(Number(fields.timestamp));
    }
    t.equal(messages.length, truth.messages);
    t.same(counts, truth.messagesByType);
    t.equal(roundLots, truth.sumsByType['Stock Directory Message (R)'].roundlotsize);
    t.same([...stocks].sort(), truth.symbols.stock.list);
    t.equal(
      createHash('sha256')
        .update([...stocks].sort().join('\n'))
        .digest('hex'),
      truth.symbols.stock.sha256,
    );
    t.equal(String(times[0]), truth.firstTimestampNs);
    t.equal(String(times.at(-1)), truth.lastTimestampNs);
    t.end();
  });

  t.test('single messages: type and fields equal the ground truth; the bytes come back', (t) => {
    const MOLD_HEADER = 20;
    let checked = 0;
    for (const { file, pkt, payload, decoded } of jsonLines(join(captures, 'single-messages', 'truth.jsonl'))) {
      if (!(file as string).includes('Equities.TotalView.Itch.v5.0')) continue;
      const entries = [(decoded as { message: Entry | Entry[] }).message].flat();
      const messages = [...blocks(Buffer.from(payload as string, 'hex'), MOLD_HEADER)];
      t.equal(messages.length, entries.length);
      for (const [index, message] of messages.entries()) {
        const { messageIndex, messageHeader, ...body } = entries[index]!;
        const [[key, fields] = ['', {}]] = Object.entries(body as Record<string, Record<string, unknown>>);
        const where = `${file} packet ${pkt} message ${messageIndex}`;
        const described = describeMessage(message, 0, message.length);
        t.strictSame(described.fields, fields, where);
        t.same(Object.keys(described.fields), Object.keys(fields), `${where}: order of the fields`);
        t.equal(described.type, `${nameOf(key)} (${messageHeader.messageType})`, `${where}: name`);
        t.equal(messageTypeCode(message, 0), messageHeader.messageType);
        t.equal(message.length, messageHeader.messageLength);
        t.equal(bytesOf(messageTypeCode(message, 0), described.fields), message.toString('hex'), `${where}: bytes`);
        checked++;
      }
    }
    t.equal(checked, 120);
    t.end();
  });
}

interface Entry {
  readonly messageIndex: number;
  readonly messageHeader: { readonly messageLength: number; readonly messageType: string };
  readonly [name: string]: unknown;
}

/** `addOrderNoMpidAttributionMessage` → `Add Order No Mpid Attribution Message`. */
function nameOf(key: string): string {
  return key.replace(/^./, (letter) => letter.toUpperCase()).replace(/(?<=.)([A-Z])/g, ' $1');
}
