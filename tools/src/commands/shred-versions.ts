import type { Command } from 'commander';
import { LineOutput } from '../output.ts';
import { STORE_DEFAULT } from '../shred/source.ts';
import { runAccept, runApprove, runPropose, runRollback, runShadow, runVersions } from '../shred/versions.ts';

const STORE = 'the file with the versions';

interface Decided {
  readonly by: string;
  readonly note?: string;
  readonly store: string;
  readonly json?: true;
}

/** `ticker shred propose|approve|shadow|accept|rollback|versions` */
export function addVersions(shred: Command): void {
  shred
    .command('propose')
    .description('store a version of a shredder; nothing becomes current')
    .argument('<name>', 'a shipped shredder, or a YAML file')
    .requiredOption('--by <who>', 'who wrote it')
    .option('--note <text>', 'what it is about')
    .option('--store <file>', STORE, STORE_DEFAULT)
    .option('--json', 'a JSON object')
    .addHelpText('after', '\nExamples:\n  ticker shred propose ./mine.yaml --by ann --note "new column WI"\n')
    .action((name: string, options: Decided) => print((output) => runPropose(name, options, output)));
  shred
    .command('approve')
    .description('test a shredder, and make it the version that holds from a date on')
    .argument('<name>', 'a shipped shredder, a YAML file, or a stored version as NAME@NUMBER')
    .requiredOption('--by <who>', 'who decides')
    .option('--from <day>', 'business date from which it holds, YYYY-MM-DD (default: today)')
    .option('--note <text>', 'why')
    .option('--force', 'though its tests fail; needs --note')
    .option('--store <file>', STORE, STORE_DEFAULT)
    .option('--json', 'a JSON object: the version, what its tests say')
    .addHelpText(
      'after',
      `
Examples:
  ticker shred approve fx-spot-composite --by bob
  ticker shred approve ./mine.yaml --by bob --from 2026-12-01 --note "column WI moves that day"
  ticker shred approve mine@2 --by bob --note "as good as before"

Its fixtures must be read as expected, and of hundreds of changed pages made from them no wrong value may be LIVE: else it is
refused. Of approved versions whose date has come the one with the latest date holds.
`,
    )
    .action((name: string, options: Decided & { from?: string; force?: true }) =>
      print((output) => runApprove(name, options, output)),
    );
  shred
    .command('shadow')
    .description('let a version run beside the current one in handlers, unpublished, to be compared')
    .argument('<name>', 'a shipped shredder, a YAML file, or a stored version as NAME@NUMBER')
    .requiredOption('--by <who>', 'who decides')
    .option('--off', 'no longer')
    .option('--note <text>', 'why')
    .option('--store <file>', STORE, STORE_DEFAULT)
    .option('--json', 'a JSON object')
    .addHelpText(
      'after',
      `
Examples:
  ticker shred shadow ./mine.yaml --by ann --note "new column WI"
  ticker shred shadow mine@2 --by ann --off

What it makes of the pages, and where that differs from what is published, is in the handlers' status: ticker status FLOOR.
`,
    )
    .action((name: string, options: Decided & { off?: true }) => print((output) => runShadow(name, options, output)));
  shred
    .command('accept')
    .description('say that what running handlers hold back on a shredder’s pages is right: somebody has looked')
    .argument('<name>', 'the name of a shredder')
    .requiredOption('--by <who>', 'who has looked')
    .option('--page <page>', 'of this page only (default: all that it reads)')
    .option('--note <text>', 'why')
    .option('--store <file>', STORE, STORE_DEFAULT)
    .option('--json', 'a JSON object')
    .addHelpText(
      'after',
      `
Examples:
  ticker shred accept offshore-deposits --page DEPO0001 --by bob --note "the bank rate was changed"

For what waits for a person: moves beyond their limits (MOVE_LIMIT, MOVED_TOGETHER), keys that are new, tables that drifted too often (FLAPPING). What doesn't
read stays as it is. It takes effect two seconds later, on all members of a pair.
`,
    )
    .action((name: string, options: Decided & { page?: string }) =>
      print((output) => runAccept(name, options, output)),
    );
  shred
    .command('rollback')
    .description('withdraw the version that holds today: the one before it holds again')
    .argument('<name>', 'the name of a shredder')
    .requiredOption('--by <who>', 'who decides')
    .option('--note <text>', 'why')
    .option('--store <file>', STORE, STORE_DEFAULT)
    .option('--json', 'a JSON object')
    .addHelpText(
      'after',
      '\nExamples:\n  ticker shred rollback fx-spot-composite --by bob --note "asks of SEK wrong"\n',
    )
    .action((name: string, options: Decided) => print((output) => runRollback(name, options, output)));
  shred
    .command('versions')
    .description('list versions: how each stands, who decided what, and which holds today (*)')
    .argument('[name]', 'the name of a shredder (default: all)')
    .option('--store <file>', STORE, STORE_DEFAULT)
    .option('--json', 'one JSON object a version')
    .addHelpText('after', '\nExamples:\n  ticker shred versions\n  ticker shred versions fx-spot-composite --json\n')
    .action((name: string | undefined, options: { store: string; json?: true }) =>
      print((output) => runVersions(name, options, output)),
    );
}

async function print(run: (output: LineOutput) => void): Promise<void> {
  const output = new LineOutput();
  try {
    run(output);
  } finally {
    await output.flush();
  }
}
