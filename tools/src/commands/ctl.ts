import { DUTIES, type Duty } from '@tickerplant/control';
import { TickerError } from '@tickerplant/core';
import type { Floor } from '@tickerplant/floor';
import { Argument, type Command } from 'commander';
import { askDuty } from '../control.ts';
import { readFloor } from '../floors.ts';
import { type Member, rollingRestart } from '../rolling-restart.ts';

/** `ticker ctl DUTY FLOOR [PROCESS]` */
export function addCtl(program: Command): void {
  program
    .command('ctl')
    .description('planned work on members of pairs')
    .addArgument(
      new Argument(
        '<duty>',
        'hand over; hand over and stay out of it; take part again; hand over, end and be started anew',
      ).choices([...DUTIES]),
    )
    .argument('<floor>', 'floor file')
    .argument('[process]', 'plant/p1, feed/itch, feed/itch-2; for restart: left out, one after the other')
    .addHelpText(
      'after',
      `
Examples:
  ticker ctl hand-over examples/paired.yaml plant/p1
  ticker ctl drain examples/paired.yaml feed/itch
  ticker ctl join examples/paired.yaml feed/itch
  ticker ctl restart examples/paired.yaml            the whole floor, and nobody notices
  ticker ctl restart examples/paired.yaml plant/p2

A member that is drained does not take over; restart it, or let it join again. Refused where nobody could go on.
A member that is told to restart ends; whoever watches over it (ticker up, systemd) starts it again.
`,
    )
    .action(async (duty: Duty, path: string, name: string | undefined) => {
      const floor = readFloor(path);
      if (duty === 'restart') {
        const members = membersOf(floor);
        const chosen = name === undefined ? members : [find(members, name)];
        await rollingRestart(chosen, floor.key, (text) => console.log(text));
        return;
      }
      if (name === undefined) throw new TickerError('TOOLS_NO_PROCESS', `expected a process to ${duty}, got none`);
      console.log(`${name} ${await askDuty(find(membersOf(floor), name).control, floor.key, duty)}`);
    });
}

/** Who can be told something, plants first. */
function membersOf(floor: Floor): Member[] {
  const handlers = floor.feeds.flatMap((feed) => feed.members);
  return [
    ...floor.plants.map(({ name, control }) => ({ name: `plant/${name}`, control })),
    ...handlers.flatMap(({ name, control }) => (control === undefined ? [] : [{ name: `feed/${name}`, control }])),
  ];
}

/** @throws TickerError `TOOLS_NO_PROCESS` */
function find(members: readonly Member[], name: string): Member {
  const member = members.find((each) => each.name === name);
  if (member !== undefined) return member;
  const names = members.map((each) => each.name).join(', ');
  throw new TickerError('TOOLS_NO_PROCESS', `expected a process of the floor (${names}), got '${name}'`);
}
