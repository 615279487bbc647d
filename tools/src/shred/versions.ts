import { formatDay, TickerError } from '@tickerplant/core';
import { type Decision, type Version, VersionStore, versionStates } from '@tickerplant/shredder-versions';
import type { LineOutput } from '../output.ts';
import { type Check, checkShredder, isSound } from './check-shredder.ts';
import { learnedFingerprint } from './fingerprint.ts';
import { type NamedSource, readSource } from './source.ts';

interface StoreOptions {
  readonly store: string;
  readonly json?: true;
}

interface DecisionOptions extends StoreOptions {
  readonly by: string;
  readonly note?: string;
}

interface ShadowOptions extends DecisionOptions {
  readonly off?: true;
}

interface AcceptOptions extends DecisionOptions {
  readonly page?: string;
}

interface ApproveOptions extends DecisionOptions {
  readonly from?: string;
  readonly force?: true;
}

/** Today's date by UTC, `YYYY-MM-DD`. */
function today(): string {
  return formatDay(Math.floor(Date.now() / 86_400_000));
}

/** Stores a version, and makes nothing current. */
export function runPropose(name: string, options: DecisionOptions, output: LineOutput): void {
  const source = readSource(name, options.store);
  const version = withStore(options.store, (store) => store.propose(proposal(source, options), Date.now()));
  if (options.json === true) output.line(JSON.stringify(versionJson(version)));
  else output.line(`proposed  ${source.title}  ${version.hash.slice(0, 12)}  by ${version.author}`);
}

/**
 * Tests a shredder and makes it the one that holds from a date on.
 *
 * @throws TickerError `SHRED_TEST_FAILED`, `SHRED_NO_FIXTURES` where a test fails and nobody insists; `VERSIONS_…`
 */
export function runApprove(name: string, options: ApproveOptions, output: LineOutput): void {
  const source = readSource(name, options.store);
  const { plan } = source;
  const from = options.from ?? today();
  if (options.force === true && (options.note ?? '') === '') {
    throw new TickerError('TOOLS_BAD_OPTION', 'expected --note with --force: why is it approved against its tests?');
  }
  const check = checkShredder(plan, source.fixtures);
  if (options.json !== true) printCheck(check, output);
  if (!isSound(check) && options.force !== true) throw refusal(check, source, output, options);
  const note = isSound(check) ? (options.note ?? '') : `forced: ${options.note}`;
  const approved = withStore(options.store, (store) => {
    const version = store.propose(proposal(source, options), Date.now());
    store.approve({ name: plan.name, number: plan.version, by: options.by, from, note }, Date.now());
    return { version, current: store.current(plan.name, today())?.version.number };
  });
  if (options.json === true) {
    const { version, current } = approved;
    output.line(
      JSON.stringify({
        ...versionJson(version),
        state: 'approved',
        from,
        approvedBy: options.by,
        note,
        current: current ?? null,
        check,
      }),
    );
    return;
  }
  output.line(`approved  ${source.title}  ${approved.version.hash.slice(0, 12)}  from ${from}  by ${options.by}`);
  output.line(approved.current === undefined ? 'today none holds' : `today version ${approved.current} holds`);
}

function refusal(check: Check, source: NamedSource, output: LineOutput, { json }: ApproveOptions): TickerError {
  if (json === true)
    output.line(JSON.stringify({ name: source.plan.name, number: source.plan.version, state: 'refused', check }));
  if (check.fixtures === 0) {
    const where =
      source.path === undefined ? `fixtures of ${source.plan.name}` : `pages in fixtures/NAME beside ${source.path}`;
    return new TickerError(
      'SHRED_NO_FIXTURES',
      `expected ${where} to test it with (ticker shred keep makes them), got none; --force with --note approves it all the same`,
    );
  }
  const got = `${check.differences.length} differences from its fixtures, ${check.wrongCount} wrong values LIVE on changed pages`;
  return new TickerError(
    'SHRED_TEST_FAILED',
    `expected its tests to pass, got ${got}; --force with --note approves it all the same`,
  );
}

function printCheck(check: Check, output: LineOutput): void {
  output.line(`${check.differences.length === 0 ? 'ok    ' : 'not ok'}  ${check.fixtures} fixtures`);
  for (const difference of check.differences) output.line(`        ${difference}`);
  const kept = `${(100 * check.kept).toFixed(0)} % of the right values kept`;
  output.line(
    `${check.wrongCount === 0 ? 'ok    ' : 'not ok'}  ${check.changedPages} changed pages, ${check.wrongCount} wrong values LIVE, ${kept}`,
  );
  for (const wrong of check.wrong) output.line(`        ${wrong}`);
}

/** Lets a version run beside the current one in handlers, unpublished; or no longer. */
export function runShadow(name: string, options: ShadowOptions, output: LineOutput): void {
  const source = readSource(name, options.store);
  const { name: shredder, version: number } = source.plan;
  const { by, note = '', off, json } = options;
  withStore(options.store, (store) => {
    const decision = { name: shredder, number, by, note };
    if (off === true) {
      store.withdraw(decision, Date.now());
      return;
    }
    store.propose(proposal(source, options), Date.now());
    store.shadow(decision, Date.now());
  });
  if (json === true) output.line(JSON.stringify({ name: shredder, number, shadow: off !== true, by, note }));
  else output.line(`${off === true ? 'no longer in shadow' : 'in shadow'}  ${source.title}  by ${by}`);
}

/** What handlers hold back on pages of a shredder is right: somebody has looked. */
export function runAccept(name: string, options: AcceptOptions, output: LineOutput): void {
  const { by, note = '', page, json } = options;
  withStore(options.store, (store) => store.accept({ name, by, note, page }, Date.now()));
  if (json === true) output.line(JSON.stringify({ name, page: page ?? null, by, note }));
  else output.line(`accepted  ${name}  ${page ?? 'all pages'}  by ${by}`);
}

/** Withdraws the version that holds today. */
export function runRollback(name: string, options: DecisionOptions, output: LineOutput): void {
  const day = today();
  const { from, to } = withStore(options.store, (store) =>
    store.rollback({ name, day, by: options.by, note: options.note ?? '' }, Date.now()),
  );
  if (options.json === true)
    output.line(
      JSON.stringify({ name, withdrawn: from.number, current: to.number, by: options.by, note: options.note ?? '' }),
    );
  else output.line(`withdrawn  ${name} ${from.number}  by ${options.by}\ntoday version ${to.number} holds`);
}

/** Prints what is known of versions: of one shredder, or of all. */
export function runVersions(
  name: string | undefined,
  options: StoreOptions & { readonly text?: string },
  output: LineOutput,
): void {
  const store = new VersionStore(options.store, 'read');
  try {
    const names = name === undefined ? store.names : [name];
    if (name !== undefined && store.versions(name).length === 0) {
      const known = store.names.length === 0 ? 'none' : store.names.join(', ');
      throw new TickerError(
        'SHRED_UNKNOWN',
        `expected versions of ${name} in ${options.store}, got none; there are versions of ${known}`,
      );
    }
    for (const one of names) printVersions(store, one, options.json === true, output);
    if (names.length === 0 && options.json !== true) output.line(`no versions in ${options.store}`);
  } finally {
    store.close();
  }
}

function printVersions(store: VersionStore, name: string, json: boolean, output: LineOutput): void {
  const current = store.current(name, today())?.version.number;
  for (const { version, state, decision } of versionStates(store.versions(name), store.decisions(name))) {
    if (json) {
      const history = store.decisions(name).filter((one) => one.number === version.number);
      output.line(
        JSON.stringify({
          ...versionJson(version),
          state,
          current: version.number === current,
          history: history.map(decisionJson),
        }),
      );
      continue;
    }
    const holds = version.number === current ? '*' : ' ';
    const from = state === 'approved' ? `from ${decision!.from}` : '';
    output.line(
      `${holds} ${name} ${version.number}  ${state.padEnd(9)}  ${from.padEnd(15)}  ${version.hash.slice(0, 12)}  written ${stamp(version.writtenMs)} by ${version.author}${noteText(version.note)}`,
    );
    for (const one of store.decisions(name)) {
      if (one.number !== version.number) continue;
      output.line(
        `      ${stamp(one.atMs)}  ${one.action}${one.from === '' ? '' : ` from ${one.from}`}  by ${one.by}${noteText(one.note)}`,
      );
    }
  }
}

function noteText(note: string): string {
  return note === '' ? '' : `  “${note}”`;
}

function stamp(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`;
}

function versionJson({ name, number, hash, author, writtenMs, note }: Version): Record<string, unknown> {
  return { name, number, hash, author, written: stamp(writtenMs), note };
}

function decisionJson({ action, by, atMs, from, note }: Decision): Record<string, unknown> {
  return { action, by, at: stamp(atMs), ...(from === '' ? {} : { from }), note };
}

function proposal({ plan, text, fixtures }: NamedSource, { by, note }: DecisionOptions) {
  const learned = learnedFingerprint(plan, fixtures);
  return {
    name: plan.name,
    number: plan.version,
    text,
    author: by,
    fingerprint: learned === undefined ? '' : JSON.stringify(learned),
    note: note ?? '',
  };
}

function withStore<T>(path: string, work: (store: VersionStore) => T): T {
  const store = new VersionStore(path, 'write');
  try {
    return work(store);
  } finally {
    store.close();
  }
}
