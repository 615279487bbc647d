import { DUTIES, type Duty } from '@tickerplant/control';
import { TickerError } from '@tickerplant/core';
import type { Floor } from '@tickerplant/floor';
import { Argument, type Command } from 'commander';
import { askDuty } from '../control.ts';
import { readFloor } from '../floors.ts';

/** `ticker ctl DUTY FLOOR PROCESS` */
export function addCtl(program: Command): void {
  program
    .command('ctl')
    .description('planned work on a member of a pair')
    .addArgument(
      new Argument('<duty>', 'hand over; hand over and stay out of it; take part again').choices([...DUTIES]),
    )
    .argument('<floor>', 'floor file')
    .argument('<process>', 'plant/p1, feed/itch, feed/itch-2')
    .addHelpText(
      'after',
      `
Examples:
  ticker ctl hand-over examples/paired.yaml plant/p1
  ticker ctl drain examples/paired.yaml feed/itch
  ticker ctl join examples/paired.yaml feed/itch

A member that is drained does not take over; restart it, or let it join again. Refused where nobody could go on.
`,
    )
    .action(async (duty: Duty, path: string, name: string) => {
      const floor = readFloor(path);
      console.log(`${name} ${await askDuty(controlOf(floor, name), floor.key, duty)}`);
    });
}

/** @throws TickerError `TOOLS_NO_PROCESS` */
function controlOf(floor: Floor, process: string): { readonly address: string; readonly port: number } {
  const members = floor.feeds.flatMap((feed) => feed.members);
  const known = new Map<string, { readonly address: string; readonly port: number } | undefined>([
    ...floor.plants.map(({ name, control }) => [`plant/${name}`, control] as const),
    ...members.map(({ name, control }) => [`feed/${name}`, control] as const),
  ]);
  const control = known.get(process);
  if (control !== undefined) return control;
  throw new TickerError(
    'TOOLS_NO_PROCESS',
    `expected a process of the floor (${[...known.keys()].join(', ')}), got '${process}'`,
  );
}
