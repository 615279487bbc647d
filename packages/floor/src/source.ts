import { type Document, isAlias, isMap, isScalar, isSeq, LineCounter, parseDocument } from 'yaml';
import { type FloorProblem, formatPath, type PathStep } from './problems.ts';

/** Anchors may not blow a file up beyond this. */
const NODES_MAX = 200_000;
const DEPTH_MAX = 32;

type YamlNode = Document['contents'];

/** A YAML document as plain values, knowing where each one stands. */
export class FloorSource {
  /** What the document says; blocks have no prototype. */
  readonly value: unknown;
  readonly #places = new Map<string, number>();
  readonly #keyPlaces = new Map<string, number>();
  readonly #lines = new LineCounter();
  readonly #problems: FloorProblem[] = [];
  readonly #document: Document;
  #nodes = 0;
  #readable = true;

  constructor(text: string) {
    this.#document = parseDocument(text, { lineCounter: this.#lines, prettyErrors: false, uniqueKeys: false });
    // After the first mistake a YAML parser guesses; what it says then would only mislead.
    const error = this.#document.errors[0] ?? this.#document.warnings[0];
    if (error !== undefined) this.#broken(error.pos[0], [], sentenceOf(error.code, error.message));
    this.#places.set(identity([]), 0);
    this.value = this.#readable ? this.#read(this.#document.contents, [], 0) : undefined;
  }

  /** Whether the text is YAML enough to look at what it says. */
  get readable(): boolean {
    return this.#readable;
  }

  /** What is wrong with the document as YAML. */
  get problems(): readonly FloorProblem[] {
    return this.#problems;
  }

  /** Whether the document has something at a path. */
  has(path: readonly PathStep[]): boolean {
    return this.#places.has(identity(path));
  }

  /** A problem with the value at a path; if there is none, it points at the innermost block around it. */
  problem(path: readonly PathStep[], message: string): FloorProblem {
    let offset: number | undefined;
    for (let length = path.length; offset === undefined && length >= 0; length--) {
      offset = this.#places.get(identity(path.slice(0, length)));
    }
    return this.#problemAt(offset ?? 0, path, message);
  }

  /** A problem with a key itself, not with its value. */
  keyProblem(path: readonly PathStep[], message: string): FloorProblem {
    const offset = this.#keyPlaces.get(identity(path));
    return offset === undefined ? this.problem(path, message) : this.#problemAt(offset, path, message);
  }

  #broken(offset: number, path: readonly PathStep[], message: string): void {
    this.#readable = false;
    this.#problems.push(this.#problemAt(offset, path, message));
  }

  #problemAt(offset: number, path: readonly PathStep[], message: string): FloorProblem {
    const { line, col } = this.#lines.linePos(offset);
    return { line: Math.max(1, line), column: Math.max(1, col), key: formatPath(path), message };
  }

  #read(node: YamlNode, path: readonly PathStep[], depth: number): unknown {
    if (node === null) return null;
    const offset = node.range?.[0] ?? 0;
    this.#places.set(identity(path), offset);
    if (!this.#readable) return null;
    if (++this.#nodes > NODES_MAX || depth > DEPTH_MAX) {
      this.#broken(offset, [], `expected at most ${NODES_MAX} values, nested at most ${DEPTH_MAX} deep`);
      return null;
    }
    if (isAlias(node)) {
      const target = node.resolve(this.#document);
      if (target === undefined) {
        this.#broken(offset, path, `expected an anchor &${node.source} before the alias *${node.source}, found none`);
        return null;
      }
      return this.#read(target as YamlNode, path, depth + 1);
    }
    if (isScalar(node)) return node.value;
    if (isSeq(node)) {
      return node.items.map((item, index) => this.#read(item as YamlNode, [...path, index], depth + 1));
    }
    if (isMap(node)) {
      const block: Record<string, unknown> = Object.create(null);
      for (const { key, value } of node.items) {
        if (!isScalar(key)) {
          this.#broken((key as YamlNode)?.range?.[0] ?? offset, path, 'expected a plain key, got a list or block');
          continue;
        }
        const name = String(key.value);
        const inner = [...path, name];
        const keyOffset = key.range?.[0] ?? offset;
        if (name in block) {
          this.#problems.push(this.#problemAt(keyOffset, inner, 'expected each key once in its block, got this again'));
        }
        this.#keyPlaces.set(identity(inner), keyOffset);
        block[name] = this.#read(value as YamlNode, inner, depth + 1);
        // `key:` with nothing behind it stands where the key stands.
        const range = (value as YamlNode)?.range;
        if (range === undefined || range === null || range[0] === range[1])
          this.#places.set(identity(inner), keyOffset);
      }
      return block;
    }
    return null;
  }
}

function identity(path: readonly PathStep[]): string {
  return JSON.stringify(path);
}

function sentenceOf(code: string, message: string): string {
  if (code === 'MULTIPLE_DOCS') return "expected one YAML document, got a second one behind '---'";
  return `not valid YAML: ${message.charAt(0).toLowerCase()}${message.slice(1)}`;
}
