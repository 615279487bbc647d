#!/usr/bin/env node
// The command's door. Kept as plain JavaScript so that npm can link it before anything is built.
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const main = new URL('../build/src/main.js', import.meta.url);
if (!existsSync(fileURLToPath(main))) {
  console.error('ticker: not built yet; run "npm run setup" in the repository first');
  process.exit(2);
}
await import(main.href);
