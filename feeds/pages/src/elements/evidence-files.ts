import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type AttributeRun, attributeRuns, type Page } from '@tickerplant/pages';
import { type Alert, type PageAttributes, type Plan, reasonText } from '@tickerplant/shredder';
import { type CounterRegistry, type Counters, counterSet } from '@tickerplant/telemetry';

const EVIDENCE_COUNTERS = counterSet('evidence', {
  kept: 'Pages kept as evidence.',
  left: 'Pages that were not kept: there were too many, or they could not be written.',
});

export interface EvidenceFilesOptions {
  /** A folder; it is made. */
  readonly folder: string;
  /** Whose evidence it is: members of a pair may share the folder. */
  readonly member: string;
  readonly registry: CounterRegistry;
  readonly onError: (error: unknown) => void;
}

/** Files of one run. A layout that goes to and fro must not fill the disk. */
const KEPT_MAX = 1_000;
/** Pages that wait to be written. */
const WAITING_MAX = 20;

interface Evidence {
  readonly name: string;
  readonly text: string;
  readonly attributes: PageAttributes;
  readonly facts: unknown;
}

/**
 * Keeps pages that weren't as their shredder knows them, as files that `ticker shred` takes: `TIME-PAGE-MEMBER.txt` with the text,
 * `….attrs.json` with the colours, `….json` with what was wrong.
 */
export class EvidenceFiles {
  readonly #options: EvidenceFilesOptions;
  readonly #counters: Counters<typeof EVIDENCE_COUNTERS.descriptions>;
  readonly #waiting: Evidence[] = [];
  #writing: Promise<void> = Promise.resolve();
  #kept = 0;

  constructor(options: EvidenceFilesOptions) {
    this.#options = options;
    this.#counters = options.registry.create(EVIDENCE_COUNTERS);
  }

  /** Keeps the page of an alert that has one. @param wallMs milliseconds since 1970 */
  keep(page: string, { kind, about, reasons, evidence }: Alert, plan: Plan, wallMs: number): void {
    if (evidence === undefined) return;
    if (this.#kept >= KEPT_MAX || this.#waiting.length >= WAITING_MAX) {
      this.#counters.left++;
      return;
    }
    this.#kept++;
    const time = new Date(wallMs).toISOString();
    this.#waiting.push({
      name: `${time.replaceAll(/[-:.]/g, '')}-${page.replaceAll(/[^\w.-]/g, '_')}-${this.#options.member}`,
      text: textOf(evidence),
      attributes: attributesOf(evidence),
      facts: { time, page, kind, about, shredder: plan.name, version: plan.version, reasons: reasons.map(reasonText) },
    });
    if (this.#waiting.length === 1) this.#writing = this.#write();
  }

  /** When all is written. */
  async close(): Promise<void> {
    await this.#writing;
  }

  async #write(): Promise<void> {
    const { folder, onError } = this.#options;
    // The first one stays in the list until it is written: who adds one then knows that somebody writes.
    for (let next = this.#waiting[0]; next !== undefined; next = this.#waiting[0]) {
      try {
        await mkdir(folder, { recursive: true });
        const path = join(folder, next.name);
        await writeFile(`${path}.txt`, next.text);
        await writeFile(`${path}.attrs.json`, JSON.stringify(next.attributes));
        await writeFile(`${path}.json`, `${JSON.stringify(next.facts, null, 2)}\n`);
        this.#counters.kept++;
      } catch (error) {
        this.#counters.left++;
        onError(error);
      }
      this.#waiting.shift();
    }
  }
}

function textOf(page: Page): string {
  return Array.from({ length: page.rows }, (_, row) => page.rowText(row).trimEnd()).join('\n');
}

/** As `pageFromText` reads them. */
function attributesOf(page: Page): PageAttributes {
  const run = (row: number, [column, length, foreground, background, flags]: AttributeRun) =>
    [row, column, length, colour(foreground), colour(background), flags] as const;
  return {
    runs: Array.from({ length: page.rows }, (_, row) => attributeRuns(page, row).map((one) => run(row, one))).flat(),
  };
}

/** `BrightRed` as `bright-red`. */
function colour(name: string | number): string {
  return String(name)
    .replace(/^Bright(?=[A-Z])/, 'bright-')
    .toLowerCase();
}
