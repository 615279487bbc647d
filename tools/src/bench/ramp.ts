/** How to look for the highest rate that something can stand. */
export interface RampOptions {
  readonly from: number;
  readonly to: number;
  /** How fine: 1.05 means to within five in a hundred. */
  readonly precision: number;
  /** Whether it can stand a rate. */
  readonly probe: (rate: number) => Promise<boolean>;
}

const STEP = 1.3;

/** The highest rate found; 0 when not even `from` works. A rate is given up only when it has failed twice. */
export async function highestRate({ from, to, precision, probe }: RampOptions): Promise<number> {
  const stands = async (rate: number): Promise<boolean> => (await probe(rate)) || probe(rate);
  let good = 0;
  let bad = Number.POSITIVE_INFINITY;
  for (let rate = from; rate <= to && bad === Number.POSITIVE_INFINITY; rate *= STEP) {
    if (await stands(rate)) good = rate;
    else bad = rate;
  }
  while (good > 0 && bad < Number.POSITIVE_INFINITY && bad / good > precision) {
    const rate = Math.sqrt(good * bad);
    if (await stands(rate)) good = rate;
    else bad = rate;
  }
  return good;
}
