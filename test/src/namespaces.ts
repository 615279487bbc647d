import { spawnSync } from 'node:child_process';

/** Why a test that makes network namespaces has to be skipped; false: it need not. */
export function skipWithoutNamespaces(): string | false {
  const name = 'ticker-0-try';
  const made = process.getuid?.() === 0 && spawnSync('ip', ['netns', 'add', name]).status === 0;
  if (made) spawnSync('ip', ['netns', 'delete', name]);
  return made ? false : 'it takes root and ip to make network namespaces';
}

/** Names of the namespaces that a drill with this process id has made. */
export function namespacesOf(pid: number): string[] {
  const { stdout } = spawnSync('ip', ['netns', 'list'], { encoding: 'utf8' });
  return stdout.split('\n').filter((line) => line.startsWith(`ticker-${pid}-`));
}
