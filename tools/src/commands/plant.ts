import { createLogger } from '@tickerplant/telemetry';
import { startPlant } from '@tickerplant/tickerplant';
import type { Command } from 'commander';
import { readFloor } from '../floors.ts';
import { runUntilStopped } from '../process.ts';

/** `ticker plant FLOOR NAME` */
export function addPlant(program: Command): void {
  program
    .command('plant')
    .description('run one ticker plant')
    .argument('<floor>', 'floor file')
    .argument('<name>', 'name of the plant')
    .addHelpText('after', '\nExample:\n  ticker plant examples/simulated.yaml p1\n')
    .action(async (path: string, name: string) => {
      const floor = readFloor(path);
      const logger = createLogger(`plant/${name}`);
      await runUntilStopped(logger, (onEnd) => startPlant(floor, name, { logger, onEnd }));
    });
}
