import type { SubjectPattern } from '@tickerplant/records';

/** Hears of what begins and ceases to be wanted by name. */
export interface InterestListener {
  wanted(subject: string): void;
  unwanted(subject: string): void;
}

/** Who wants what: how many subscriptions there are to each subject and to each pattern. */
export class Interest {
  private readonly exact = new Map<string, number>();
  private readonly wild = new Map<string, { readonly pattern: SubjectPattern; count: number }>();

  private readonly listener: InterestListener | undefined;

  constructor(listener?: InterestListener) {
    this.listener = listener;
  }

  add(pattern: SubjectPattern): void {
    if (pattern.exact !== undefined) {
      if (!this.exact.has(pattern.exact)) this.listener?.wanted(pattern.exact);
      this.exact.set(pattern.exact, (this.exact.get(pattern.exact) ?? 0) + 1);
      return;
    }
    const known = this.wild.get(pattern.text);
    if (known === undefined) this.wild.set(pattern.text, { pattern, count: 1 });
    else known.count++;
  }

  remove(pattern: SubjectPattern): void {
    if (pattern.exact !== undefined) {
      const left = (this.exact.get(pattern.exact) ?? 0) - 1;
      if (left > 0) {
        this.exact.set(pattern.exact, left);
      } else if (this.exact.delete(pattern.exact)) {
        this.listener?.unwanted(pattern.exact);
      }
      return;
    }
    const known = this.wild.get(pattern.text);
    if (known !== undefined && --known.count === 0) this.wild.delete(pattern.text);
  }

  /** Subscriptions to exactly this subject. */
  subscribers(subject: string): number {
    return this.exact.get(subject) ?? 0;
  }

  /** Whether anybody wants the subject, by name or by pattern. */
  wants(subject: string): boolean {
    if (this.exact.has(subject)) return true;
    for (const { pattern } of this.wild.values()) if (pattern.matches(subject)) return true;
    return false;
  }

  /** How many different subjects and patterns are wanted. */
  get size(): { readonly subjects: number; readonly patterns: number } {
    return { subjects: this.exact.size, patterns: this.wild.size };
  }
}
