import { reject } from './characters.ts';
import type { KeyedRule } from './declaring.ts';
import type { SideStyle } from './sides.ts';
import type { ReadContext, Rejection } from './types.ts';

/** A spread limit in parts, and how it was declared. */
export interface PartLimit {
  readonly parts: number;
  readonly text: string;
}

/**
 * Works out the second side of quotes in whole numbers and parts (32nds, fractions). A side abbreviated to its parts has the whole
 * number of the first side, or the next one up (or down) where it would be on the wrong side of it.
 */
export class PartCarry {
  /** The second side in parts. */
  chosen = 0;
  private readonly whole: number;
  private readonly maxSpread: KeyedRule<PartLimit> | undefined;

  /** @param whole how many parts make one. */
  constructor(whole: number, maxSpread: KeyedRule<PartLimit> | undefined) {
    this.whole = whole;
    this.maxSpread = maxSpread;
  }

  /**
   * @param first the first side in parts. @param read what was printed for the second. @param full whether it was printed in full.
   * @param from where it stands. @param rising whether it is at least, or at most, the first.
   */
  choose(
    first: number,
    read: number,
    full: boolean,
    from: number,
    context: ReadContext,
    rising: boolean,
  ): SideStyle | Rejection {
    const plain = full ? read : first - (first % this.whole) + read;
    const step = rising ? this.whole : -this.whole;
    const ordered = rising ? plain >= first : plain <= first;
    if (full && !ordered) return reject('ORDER', 'sides that are not crossed', from);
    this.chosen = ordered ? plain : plain + step;
    if (this.chosen < 0) return reject('ORDER', 'a second side that is not below zero', from);
    const refused =
      this.maxSpread === undefined
        ? undefined
        : this.checkSpread(first, full ? undefined : this.chosen + step, from, context);
    return refused ?? (full ? 'full' : ordered ? 'abbreviated' : 'carry');
  }

  /** @param other the next reading that an abbreviated side could have. */
  private checkSpread(
    first: number,
    other: number | undefined,
    from: number,
    context: ReadContext,
  ): Rejection | undefined {
    const limit = this.maxSpread!.for(context.key);
    if (limit === undefined)
      return reject('CONTEXT', `maxSpread declared for ${context.key ?? 'rows without a key'}`, 0);
    if (Math.abs(this.chosen - first) > limit.parts) {
      return reject('SPREAD', `a spread of at most ${limit.text}${this.maxSpread!.suffix(context.key)}`, from);
    }
    if (other !== undefined && other >= 0 && Math.abs(other - first) <= limit.parts) {
      return reject('AMBIGUOUS', `one reading within the spread limit of ${limit.text}; several are`, from);
    }
    return undefined;
  }
}
