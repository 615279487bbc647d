import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Runner } from '../bench/runner.ts';
import { readFloor } from '../floors.ts';
import { cutCables } from './cable-cuts.ts';
import { Cabling } from './cabling.ts';
import { drillFloorTexts, loopbackPlaces } from './drill-floor.ts';
import { Fleet } from './fleet.ts';
import { cutLines } from './line-cuts.ts';
import type { DrillOptions, DrillReport } from './report.ts';
import type { LineRelayRole } from './roles/line-relay.ts';
import { openShow } from './show.ts';
import { Stage } from './stage.ts';
import { strikePrimary } from './strikes.ts';
import { PairWatch } from './watch.ts';

/** Updates of records and depth for each vendor message of the simulator. */
const UPDATES_A_MESSAGE = 1.27;
const LOSSY_SOCKETS = pathToFileURL(join(import.meta.dirname, 'lossy-sockets.js')).href;
const ROLES = new URL('./roles/', import.meta.url);
/** Silence of a line: as by default, where lines aren't what is cut. */
const LINE_SILENT_MS = 3_000;
const CUT_LINE_SILENT_MS = 500;

/**
 * Runs a floor of pairs as real processes, does something to it again and again, and tells what a subscriber noticed.
 * For `network` this process must run in the namespaces (see `runInNamespaces`).
 *
 * @throws TickerError `DRILL_NOT_READY`: the floor did not come up, or a pair did not recover.
 */
export async function drill(options: DrillOptions): Promise<DrillReport> {
  const { what, rate, heartbeatMs, takeoverAfterMs, symbols, loss, liveLive } = options;
  const folder = mkdtempSync(join(tmpdir(), 'ticker-drill-'));
  const [path, vendorPath] = [join(folder, 'floor.yaml'), join(folder, 'vendor.yaml')];
  const cabling = what === 'network' ? Cabling.inside() : undefined;
  const texts = drillFloorTexts(
    {
      rate: Math.round(rate / UPDATES_A_MESSAGE),
      heartbeatMs,
      takeoverAfterMs,
      lineSilentAfterMs: what === 'line' || what === 'network' ? CUT_LINE_SILENT_MS : LINE_SILENT_MS,
      symbols,
      liveLive,
      relayed: what === 'line',
    },
    cabling ?? (await loopbackPlaces()),
  );
  writeFileSync(path, texts.floor);
  writeFileSync(vendorPath, texts.vendor);
  // Stopped by hand, it leaves nothing behind either; what failed is kept, for nobody could find out why without.
  const remove = (): void => rmSync(folder, { recursive: true, force: true });
  let keep = options.keep;
  if (!keep) process.on('exit', remove);
  const lossy = loss > 0 ? ['--import', LOSSY_SOCKETS] : [];
  const env = { TICKER_DRILL_LOSS: String(loss) };
  const fleet = new Fleet(join(folder, 'processes.log'), lossy, env);
  Object.assign(process.env, env);
  const runner = new Runner(lossy, ROLES, cabling?.launcher('client'));
  const relays = new Runner([], ROLES);
  const watch = new PairWatch();
  const show = options.board ? openShow() : undefined;
  const shown = show === undefined ? options : { ...options, say: show.say };
  const floor = readFloor(path);
  const stage = new Stage({ options: shown, floor, path, vendorPath, fleet, runner, watch, cabling });
  try {
    const relay = what === 'line' ? await relays.start<LineRelayRole>('line-relay') : undefined;
    await relay?.call('open', { vendor: vendorPath, floor: path });
    await stage.open();
    await show?.follow(stage);
    if (relay !== undefined) await cutLines(stage, relay);
    else if (cabling !== undefined) await cutCables(stage, cabling);
    else await strikePrimary(stage, what === 'handler' ? 'handler' : 'plant');
    const report = await stage.finish(options.kills);
    keep ||= report.failures.length > 0;
    return report;
  } catch (error) {
    keep = true;
    throw error;
  } finally {
    await show?.close();
    await Promise.all([runner.close(), relays.close(), watch.close(), fleet.close()]);
    process.off('exit', remove);
    if (keep) options.say(`the floor files and the logs are in ${folder}`);
    else remove();
  }
}
