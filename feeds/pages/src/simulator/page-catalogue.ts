import { baseMetals } from './base-metals.ts';
import { brokerBonds } from './broker-bonds.ts';
import { depositRates } from './deposit-rates.ts';
import { equityIndices } from './equity-indices.ts';
import { fxComposite } from './fx-composite.ts';
import { headlines } from './headlines.ts';
import { type Layout, SimulatedPage, type StyleFactory } from './simulated-page.ts';
import { swapFixings } from './swap-fixings.ts';
import { treasuries } from './treasuries.ts';

/** What the names of a style's pages begin with. */
export type StyleName = 'FXSP' | 'DEPO' | 'TSYS' | 'SWAP' | 'BOND' | 'METL' | 'NEWS' | 'INDX';

const STYLES: Readonly<Record<StyleName, StyleFactory>> = {
  FXSP: fxComposite,
  DEPO: depositRates,
  TSYS: treasuries,
  SWAP: swapFixings,
  BOND: brokerBonds,
  METL: baseMetals,
  NEWS: headlines,
  INDX: equityIndices,
};

const NAMES = Object.keys(STYLES) as StyleName[];

/**
 * The pages of a simulated service: number n is of style n mod 8, and is called by its style and number, `FXSP0001`. A
 * page comes into being when somebody asks for it, so that a service of many pages costs what is looked at.
 */
export class PageCatalogue {
  readonly names: readonly string[];
  readonly #indexes: ReadonlyMap<string, number>;
  readonly #seed: number;
  readonly #pages = new Map<number, SimulatedPage>();
  /** Layouts that were set, by what they were set for, in the order of their setting. */
  readonly #layouts = new Map<string, Layout>();

  /** @param count how many pages, 1 to 1,000,000 */
  constructor(count: number, seed: number) {
    this.names = Array.from({ length: count }, (_, i) => {
      const number = Math.floor(i / NAMES.length) + 1;
      return `${NAMES[i % NAMES.length]!}${String(number).padStart(4, '0')}`;
    });
    this.#indexes = new Map(this.names.map((name, index) => [name, index]));
    this.#seed = seed;
  }

  /** The number of a page; -1: there is no such page. */
  indexOf(name: string): number {
    return this.#indexes.get(name) ?? -1;
  }

  /** The page with this number. */
  page(index: number, secondOfDay: number): SimulatedPage {
    let page = this.#pages.get(index);
    if (page === undefined) {
      const style = STYLES[NAMES[index % NAMES.length]!];
      page = new SimulatedPage(this.names[index]!, style, this.#seed + 7_919 * index, secondOfDay);
      for (const [which, layout] of this.#layouts) if (isMeant(which, page.name)) page.setLayout(layout);
      this.#pages.set(index, page);
    }
    return page;
  }

  /**
   * Sets the layout of pages that don't exist yet.
   *
   * @param which a page, the beginning of pages' names (`FXSP`), or `*`
   * @returns the pages that exist and are meant; theirs is the caller's to set
   */
  setLayout(which: string, layout: Layout): SimulatedPage[] {
    this.#layouts.delete(which);
    this.#layouts.set(which, layout);
    return [...this.#pages.values()].filter(({ name }) => isMeant(which, name));
  }

  /** The style of a page, by what its name begins with. */
  styleOf(index: number): StyleName {
    return NAMES[index % NAMES.length]!;
  }
}

function isMeant(which: string, name: string): boolean {
  return which === '*' || name.startsWith(which);
}
