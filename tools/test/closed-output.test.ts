import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import t from 'tap';

// A reader that has seen enough closes the pipe: `ticker … | head -1`.

const MAIN = fileURLToPath(new URL('../src/main.js', import.meta.url));
const SIGPIPE_ENDED_IT = 141;

t.setTimeout(120_000);

/** Runs a command whose output nobody reads. */
async function unread(args: readonly string[]): Promise<{ code: number; stderr: string }> {
  const child = spawn(process.execPath, [MAIN, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  // Long before it has anything to say.
  child.stdout.destroy();
  let stderr = '';
  child.stderr.on('data', (piece: Buffer) => {
    stderr += piece.toString();
  });
  const [code] = (await once(child, 'close')) as [number];
  return { code, stderr };
}

for (const [what, args] of [
  ['its help', ['--help']],
  ['the help of a command', ['watch', '--help']],
  ['lines', ['shred', 'test', 'fxfx']],
  ['a result', ['simulate', '--seconds', '1', '--seeds', '1']],
] as const) {
  t.test(`a command that prints ${what} ends without a word when nobody reads it`, async (t) => {
    t.same(await unread(args), { code: SIGPIPE_ENDED_IT, stderr: '' });
  });
}
