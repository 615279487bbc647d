import { TickerError } from '@tickerplant/core';
import t from 'tap';
import { type Duty, doDuty, fetchState, proofOf, proofOfPart, StateServer } from '../src/index.ts';
import { serve } from './sockets.ts';

const KEY = new TextEncoder().encode('the key of the floor');
const BOOT = 0xb007n;
const about = { boot: BOOT, nonce: 5n };

t.test('a state comes whole, and only to and from who has the key', async (t) => {
  const rest = Buffer.alloc(3_000_000, 'state of a member ');
  const pieces = ['what', 'stays', 'as it is'].map((text) => Buffer.from(text));
  let failing = false;
  const states = new StateServer(KEY, BOOT);
  const { port } = await serve(t, {
    onRequest: (connection, request) => {
      if (request.kind !== 'state-request') return;
      states.send(connection, request.proof, () => {
        const left = [...pieces];
        return {
          settled: () => left.shift(),
          rest: () => {
            if (failing) throw new TickerError('TOY_NONE', 'expected a state, there is none any more');
            return rest;
          },
        };
      });
    },
    onDrain: (connection) => states.pump(connection),
    onClose: (connection) => states.forget(connection),
  });
  const source = { address: '127.0.0.1', port, key: KEY, client: 'other' };
  const got: string[] = [];
  t.ok((await fetchState(source, (piece) => got.push(piece.toString()))).equals(rest));
  t.same(got, ['what', 'stays', 'as it is']);
  t.ok((await fetchState(source)).equals(rest), 'who does not look at the pieces has the rest');
  const other = new TextEncoder().encode('the key of another floor');
  await t.rejects(fetchState({ ...source, key: other }), { code: 'CONTROL_BAD_PROOF' });
  await t.rejects(fetchState({ ...source, bytesMax: 1_000_000 }), {
    code: 'CONTROL_NO_STATE',
    message: /at most 1000000/,
  });
  failing = true;
  await t.rejects(fetchState(source), { code: 'TOY_NONE' });
});

t.test('a state that never comes is given up; one that is not under the key is refused', async (t) => {
  const silent = await serve(t);
  const source = { address: '127.0.0.1', key: KEY, client: 'other', timeoutMs: 200 };
  await t.rejects(fetchState({ ...source, port: silent.port }), { code: 'CONTROL_NO_STATE', message: /within 200 ms/ });
  // What a part is, its place and its bytes: nothing of it may be another one's.
  const part = { index: 0, settled: false, last: true, blob: Uint8Array.of(1) };
  for (const said of [
    part,
    { ...part, index: 1 },
    { ...part, settled: true },
    { ...part, last: false },
    { ...part, blob: Uint8Array.of(2) },
  ]) {
    const liar = await serve(t, {
      onRequest: (connection) => {
        const welcome = { boot: BOOT, nonce: connection.nonce };
        const proof = said === part ? new Uint8Array(32) : proofOfPart(KEY, welcome, part);
        connection.send({ kind: 'state', ...said, proof });
      },
    });
    await t.rejects(fetchState({ ...source, port: liar.port }), { code: 'CONTROL_NO_STATE', message: /floor's key/ });
  }
});

t.test('planned work: only with the key, and only where somebody can go on', async (t) => {
  const calls: string[] = [];
  let successor: string | undefined = 'p2';
  const member = {
    pair: { state: 'primary' },
    handOver: () => successor,
    setDrained: (drained: boolean) => calls.push(`drained ${drained}`),
  };
  const duty = (what: Duty, proof = proofOf(KEY, what, about)): string =>
    doDuty(member, { kind: 'duty', duty: what, proof }, KEY, about, 0, () => calls.push('ends'));
  t.throws(() => duty('drain', proofOf(KEY, 'join', about)), { code: 'CONTROL_BAD_PROOF' });
  t.throws(() => duty('drain', proofOf(KEY, 'drain', { ...about, nonce: 6n })), { code: 'CONTROL_BAD_PROOF' });
  t.equal(duty('hand-over'), 'handed over to p2');
  successor = undefined;
  t.throws(() => duty('drain'), { code: 'CONTROL_NO_STANDBY' });
  t.throws(() => duty('restart'), { code: 'CONTROL_NO_STANDBY' });
  t.same(calls, [], 'nothing has been done');
  member.pair.state = 'standby';
  t.throws(() => duty('hand-over'), { code: 'CONTROL_NOT_PRIMARY' });
  t.equal(duty('drain'), 'was standby, nobody has to take over');
  t.equal(duty('join'), 'takes part again');
  t.match(duty('restart'), /ends to be started anew/);
  t.same(calls, ['drained true', 'drained false', 'drained true', 'ends']);
});
