import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import t, { type Test } from 'tap';
import { writeFloor } from '../src/floors.ts';

// A plant as systemd starts it. A `systemd-notify` of ours stands on the path and writes down what it is called with.

const TICKER = fileURLToPath(new URL('../../../tools/bin/ticker.mjs', import.meta.url));
const INTERVAL_MS = 300;
const WAIT_MS = 30_000;

interface Service {
  readonly child: ChildProcess;
  readonly stderr: () => string;
  /** What systemd was told. */
  readonly told: () => string[];
}

/** @param notify the script that is `systemd-notify`. */
function startPlant(t: Test, notify: string): Service {
  const folder = t.testdir({
    bin: { 'systemd-notify': `#!/bin/sh\n${notify}\n` },
    told: '',
    // Stands for whatever may keep a process busy for ever.
    'block.mjs': "process.on('SIGUSR2', () => { for (;;); });\n",
  });
  chmodSync(join(folder, 'bin', 'systemd-notify'), 0o755);
  const floor = writeFloor(folder, 'itch50');
  const child = spawn(process.execPath, ['--import', join(folder, 'block.mjs'), TICKER, 'plant', floor.path, 'p1'], {
    env: {
      ...process.env,
      PATH: `${join(folder, 'bin')}:${process.env.PATH}`,
      TOLD: join(folder, 'told'),
      NOTIFY_SOCKET: join(folder, 'socket'),
      WATCHDOG_USEC: String(INTERVAL_MS * 1_000),
    },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let text = '';
  child.stderr!.on('data', (piece: Buffer) => {
    text += piece.toString();
  });
  t.teardown(() => child.kill('SIGKILL'));
  const told = (): string[] => readFileSync(join(folder, 'told'), 'utf8').split('\n').filter(Boolean);
  return { child, stderr: () => text, told };
}

const WRITE_DOWN = 'echo "$1" >> "$TOLD"';

async function until(holds: () => boolean, what: string): Promise<void> {
  for (const endMs = Date.now() + WAIT_MS; !holds(); await sleep(20)) {
    if (Date.now() > endMs) throw new Error(`expected ${what} within ${WAIT_MS} ms`);
  }
}

const beats = (told: readonly string[]): number => told.filter((state) => state === 'WATCHDOG=1').length;

t.test('a plant says that it is up, that it is alive, and that it stops', async (t) => {
  const { child, told } = startPlant(t, WRITE_DOWN);
  await until(() => beats(told()) >= 4, 'four signs of life');
  t.equal(told()[0], 'READY=1');
  child.kill('SIGTERM');
  await once(child, 'exit');
  await until(() => told().includes('STOPPING=1'), 'word of the end');
  t.equal(told().at(-1), 'STOPPING=1');
});

t.test('one that is stuck falls silent', async (t) => {
  const { child, told } = startPlant(t, WRITE_DOWN);
  await until(() => beats(told()) >= 2, 'two signs of life');
  child.kill('SIGUSR2');
  // What it wrote before may still be on its way.
  await sleep(2 * INTERVAL_MS);
  const before = told();
  await sleep(4 * INTERVAL_MS);
  t.same(told(), before);
  t.equal(child.exitCode, null, 'it runs, and does nothing');
});

t.test('where systemd-notify does not work the plant says so once, and runs', async (t) => {
  const { child, stderr } = startPlant(t, 'echo "no bus" >&2; exit 1');
  await until(() => stderr().includes('TOOLS_NOT_NOTIFIED'), 'a warning');
  await until(() => stderr().includes('plant is up'), 'the plant to be up');
  await sleep(3 * INTERVAL_MS);
  t.equal(stderr().split('TOOLS_NOT_NOTIFIED').length - 1, 1);
  t.match(stderr(), /no bus/);
  t.equal(child.exitCode, null);
});
