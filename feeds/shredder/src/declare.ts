import { DocumentSource, formatPath, show, suggestion } from '@tickerplant/floor';
import { compileSource } from './compile.ts';
import type { Plan } from './plan.ts';
import { type PathStep, type Report, ShredderError, type SourceProblem } from './problems.ts';
import { shredderSchema, type UnknownKey } from './schema.ts';
import type { ShredderSource } from './source.ts';

/**
 * Reads a shredder in YAML and makes its plan.
 *
 * @param file its name, for messages.
 * @throws ShredderError `SHRED_INVALID` with every problem: a line `file:line:column key: message` each.
 */
export function compileYaml(text: string, file: string): Plan {
  const document = new DocumentSource(text);
  const problems: SourceProblem[] = [...document.problems];
  if (!document.readable) throw new ShredderError(file, inOrder(problems));
  return checked(document.value, file, problems, {
    has: (path) => document.has(path),
    problem: (path, message) => document.problem(path, message),
    keyProblem: (path, message) => document.keyProblem(path, message),
  });
}

/**
 * Makes the plan of a shredder in TypeScript.
 *
 * @throws ShredderError `SHRED_INVALID` with every problem.
 */
export function compile(source: ShredderSource): Plan {
  const problem = (path: readonly PathStep[], message: string): SourceProblem => ({
    line: 0,
    column: 0,
    key: formatPath(path),
    message,
  });
  const has = (path: readonly PathStep[]): boolean => valueAt(source, path) !== undefined;
  return checked(source, source.shredder, [], { has, problem, keyProblem: problem });
}

interface Places {
  has(path: readonly PathStep[]): boolean;
  problem(path: readonly PathStep[], message: string): SourceProblem;
  keyProblem(path: readonly PathStep[], message: string): SourceProblem;
}

function checked(value: unknown, file: string, problems: SourceProblem[], places: Places): Plan {
  const result = shredderSchema.safeParse(value);
  if (!result.success) problems.push(...schemaProblems(value, places, result.error.issues));
  if (problems.length > 0) throw new ShredderError(file, inOrder(problems));
  const report: Report = (path, message) => problems.push(places.problem(path, message));
  const plan = compileSource(value as ShredderSource, report);
  if (problems.length > 0) throw new ShredderError(file, inOrder(problems));
  return plan;
}

type Issue = { readonly path: readonly PropertyKey[]; readonly message: string; readonly params?: unknown };

function schemaProblems(value: unknown, places: Places, issues: readonly Issue[]): SourceProblem[] {
  const problems: SourceProblem[] = [];
  // A misspelt key also looks like a missing one: said once, as misspelt.
  const meant = new Set<string>();
  for (const issue of issues) {
    const known = (issue.params as UnknownKey | undefined)?.known;
    if (known === undefined) continue;
    const path = issue.path as PathStep[];
    const near = suggestion(
      String(path.at(-1)),
      known.filter((candidate) => !places.has([...path.slice(0, -1), candidate])),
    );
    if (near !== undefined) meant.add(formatPath([...path.slice(0, -1), near]));
    const hint = near === undefined ? `expected one of ${known.join(', ')}` : `did you mean ${near}?`;
    problems.push(places.keyProblem(path, `unknown key: ${hint}`));
  }
  for (const issue of issues) {
    if ((issue.params as UnknownKey | undefined)?.known !== undefined) continue;
    const path = issue.path as PathStep[];
    if (places.has(path)) {
      problems.push(places.problem(path, `${issue.message}, got ${show(valueAt(value, path))}`));
    } else if (!meant.has(formatPath(path))) {
      problems.push(places.problem(path, `missing: ${issue.message}`));
    }
  }
  return problems;
}

function valueAt(value: unknown, path: readonly PathStep[]): unknown {
  let found = value;
  for (const step of path) {
    if (typeof found !== 'object' || found === null) return undefined;
    found = (found as Record<PathStep, unknown>)[step];
  }
  return found;
}

function inOrder(problems: readonly SourceProblem[]): SourceProblem[] {
  return [...problems].sort((a, b) => a.line - b.line || a.column - b.column);
}
