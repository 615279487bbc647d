import type { LineOutput } from '../../output.ts';
import { parseKeys } from '../../watch/keys.ts';
import type { PaintName } from '../../watch/paint.ts';
import { Terminal } from '../../watch/terminal.ts';
import type { Inspectable } from './inspectable.ts';
import { follow, moveTo, pressInspectKey } from './keys.ts';
import { newView, printout, screen, sight } from './screen.ts';
import { SourceWatch } from './source-watch.ts';

/** Prints a page as a shredder sees it. */
export function printInspection(page: Inspectable, isJson: boolean, output: LineOutput): void {
  const inspection = page.inspect(page.first);
  if (isJson) output.line(JSON.stringify(inspection));
  else for (const line of printout(inspection, process.stdout.isTTY === true ? paintName() : 'text')) output.line(line);
}

function paintName(): PaintName {
  const { NO_COLOR, TERM } = process.env;
  return (NO_COLOR !== undefined && NO_COLOR !== '') || TERM === 'dumb' ? 'mono' : 'colour';
}

/** Shows a page on the terminal until somebody leaves; files that change are read again. */
export function showInspection(page: Inspectable): Promise<void> {
  const paint = paintName();
  const view = newView();
  return new Promise((resolve) => {
    const repaint = (): void => {
      if (terminal.congested) return;
      const { inspection } = watch;
      view.problem = watch.problem;
      moveTo(inspection, view, view.row, view.column);
      const room = sight(inspection, terminal.width, terminal.height);
      follow(view, room.rows, room.columns);
      terminal.show(screen(inspection, view, terminal.width, terminal.height, paint));
    };
    const watch = new SourceWatch(page, () => repaint());
    const onKeys = (text: string): void => {
      for (const key of parseKeys(text)) {
        if (pressInspectKey(watch.inspection, view, key)) {
          watch.close();
          terminal.close();
          resolve();
          return;
        }
        if (view.moment !== undefined) watch.look(view.moment);
        view.moment = undefined;
      }
      repaint();
    };
    const terminal = new Terminal(process.stdin, process.stdout, onKeys, repaint);
    repaint();
  });
}
