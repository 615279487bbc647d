import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * The folder `../shared/NAME` beside the repository, where real captures and pages with their ground truth
 * lie; undefined where they are absent. A test that needs them skips itself, saying so.
 */
export function sharedDir(name: string): string | undefined {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'tsconfig.json')) || !existsSync(join(folder, 'tickerplant'))) {
    const parent = dirname(folder);
    if (parent === folder) return undefined;
    folder = parent;
  }
  const shared = join(folder, '..', 'shared', name);
  return existsSync(shared) ? shared : undefined;
}
