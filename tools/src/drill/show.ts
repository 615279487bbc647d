import { type Client, connect } from '@tickerplant/client';
import { Board, bodyHeight, type FloorFacts } from '../watch/board.ts';
import { BOARD_COLUMNS } from '../watch/columns.ts';
import { parseKeys, pressKey } from '../watch/keys.ts';
import { BoardModel } from '../watch/model.ts';
import { Notes } from '../watch/notes.ts';
import { cut, type Paint, paintFor } from '../watch/paint.ts';
import { Terminal } from '../watch/terminal.ts';
import type { ObserverGlance } from './roles/observer.ts';
import type { Stage } from './stage.ts';

/** A drill on the terminal: what it does above, a quote board of the floor beneath. */
export interface DrillShow {
  /** What is going on. */
  readonly say: (text: string) => void;
  /** Shows a floor that is up. @throws TickerError what `connect` throws */
  follow(stage: Stage): Promise<void>;
  close(): Promise<void>;
}

const ITEMS = 12;
const REPAINT_MS = 200;
const GLANCE_MS = 500;
/** Of what was said, so many lines are shown. */
const TEXTS = 3;
/** Beside them. */
const PANEL_LINES = 4;

/** Takes over the terminal. Leaving the board (q, Ctrl-C) ends the process by SIGTERM. */
export function openShow(): DrillShow {
  return new Show();
}

class Show implements DrillShow {
  readonly #paint: Paint = paintFor(process.env);
  readonly #model = new BoardModel(BOARD_COLUMNS, Date.now());
  readonly #board = new Board(this.#model, this.#paint);
  readonly #notes = new Notes();
  readonly #texts: string[] = ['starting two handlers, two plants, an exchange and a subscriber'];
  readonly #terminal: Terminal;
  readonly #timers: NodeJS.Timeout[] = [];
  #stage: Stage | undefined;
  #client: Client | undefined;
  #subjects: readonly string[] = [];
  #glance: ObserverGlance = { lost: 0, duplicated: 0, outOfOrder: 0, doubtful: 0 };

  constructor() {
    this.#terminal = new Terminal(
      process.stdin,
      process.stdout,
      (text) => this.#keys(text),
      () => this.#repaint(),
    );
    this.#timers.push(setInterval(() => this.#repaint(), REPAINT_MS));
    this.#repaint();
  }

  readonly say = (text: string): void => {
    this.#texts.push(text);
    if (this.#texts.length > TEXTS) this.#texts.shift();
  };

  async follow(stage: Stage): Promise<void> {
    const { trading } = stage.floor.networks;
    this.#subjects = await stage.observer.call('subjects', { count: ITEMS });
    this.#client = await connect({
      status: trading.status,
      interface: trading.interface,
      key: stage.floor.key,
      logger: this.#notes.logger,
    });
    this.#client.subscribe(this.#subjects, {
      listener: {
        onItem: (item) => this.#model.item(item),
        onImage: (item) => this.#model.image(item),
        onUpdate: ({ item }) => this.#model.update(item),
      },
    });
    this.#stage = stage;
    const look = async (): Promise<void> => {
      this.#glance = await stage.observer.call('glance');
    };
    // One that is gone will not answer: the drill itself complains of that.
    this.#timers.push(setInterval(() => void look().catch(() => undefined), GLANCE_MS));
  }

  async close(): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer);
    this.#terminal.close();
    await this.#client?.close();
  }

  #keys(text: string): void {
    for (const key of parseKeys(text)) {
      if (pressKey(this.#model, key, bodyHeight(this.#boardHeight()) - 1)) process.kill(process.pid, 'SIGTERM');
    }
    this.#repaint();
  }

  #boardHeight(): number {
    return Math.max(6, this.#terminal.height - TEXTS - PANEL_LINES);
  }

  #repaint(): void {
    const { width, height, congested } = this.#terminal;
    if (congested) return;
    const nowMs = Date.now();
    const board = this.#board.screen(this.#facts(nowMs), nowMs, width, this.#boardHeight());
    this.#terminal.show([...this.#panel(width), ...board].slice(0, height));
  }

  #panel(width: number): string[] {
    const paint = this.#paint;
    const { lost, duplicated, outOfOrder, doubtful } = this.#glance;
    const bad = lost + duplicated + outOfOrder > 0;
    const lines = [
      paint(cut(` drill   ${this.#title()}`, width).padEnd(width), 'bar'),
      paint(
        cut(
          ` lost ${lost}   delivered twice ${duplicated}   out of order ${outOfOrder}   not LIVE ${doubtful}` +
            `   widest gap ${widest(this.#stage)}`,
          width,
        ),
        bad ? 'bad' : 'good',
      ),
      cut(` ${this.#primaries()}`, width),
      cut(` ${this.#lastReceipt()}`, width),
    ];
    const texts = this.#texts.map((text) => paint(cut(` ${text}`, width), 'dim'));
    return [...lines, ...texts, ...Array.from({ length: TEXTS - texts.length }, () => '')];
  }

  #title(): string {
    if (this.#stage === undefined) return 'a floor is being started';
    const { options, round } = this.#stage;
    const { what, blow, kills } = options;
    const deed = what === 'line' || what === 'network' ? 'cut' : blow;
    const object = what === 'line' ? 'of vendor lines' : what === 'network' ? 'of cables' : `of the primary ${what}`;
    return `${deed} ${object}   ${round} of ${kills} so far`;
  }

  #primaries(): string {
    if (this.#stage === undefined) return '';
    const { watch } = this.#stage;
    const parts = (['plant', 'handler'] as const).map((role) => {
      const name = watch.primary(role);
      return name === undefined ? `no primary ${role}` : `primary ${name} (term ${watch.of(name)?.term})`;
    });
    return parts.join('   ');
  }

  #lastReceipt(): string {
    const last = this.#stage?.receipts.at(-1);
    if (last === undefined) return '';
    const gap = last.gapMs === null ? '' : `, ${last.gapMs.toFixed(1)} ms after the last heartbeat`;
    return `last receipt: ${last.member} for ${last.from ?? 'nobody'} (${last.reason})${gap}`;
  }

  #facts(nowMs: number): FloorFacts {
    const patterns = this.#subjects;
    const note = this.#notes.current(nowMs);
    if (this.#client === undefined) {
      const unknown = { floor: '', plant: undefined, primary: undefined, channels: [] };
      return { ...unknown, status: "the drill's own groups", patterns, note };
    }
    const { floor, serving, channels } = this.#client;
    return { floor, plant: serving.images, primary: serving.primary, channels, status: '', patterns, note };
  }
}

function widest(stage: Stage | undefined): string {
  const spread = stage?.gap.spread();
  return spread === undefined ? '–' : `${spread.max.toFixed(1)} ms`;
}
