import { type BenchFloor, makeFloor, readBenchFloor } from '../bench-floor.ts';
import type { BenchContext, Benchmark, BenchResult } from '../benchmark.ts';
import { QUOTE_FIELDS } from '../channel-round.ts';
import { highestRate } from '../ramp.ts';
import type { Usage } from '../role.ts';
import type { SentReport, StandInRole } from '../roles/handler-stand-in.ts';
import type { ListenerRole } from '../roles/listener.ts';
import type { PlantRole } from '../roles/plant.ts';
import type { RelayRole } from '../roles/relay.ts';
import { pinApart, type Role } from '../runner.ts';

const ITEMS = 5_000;
/** Updates in a round: some seconds' worth would not fit a processor's cache, nor do these. */
const ROUND_UPDATES = 300_000;
const DAY = '2026-01-05';
/** Definitions are sent slowly: they are not what is measured. */
const DEFINITION_PACKETS_PER_SECOND = 2_000;
const FROM = 200_000;
const TO = 6_000_000;
/** How much of the highest rate of short probes is asked for in the long run. */
const SUSTAINED = 0.95;
const ATTEMPTS = 8;
/** At half the rate, before each long run: compilers need that. */
const WARM_UP_SECONDS = 2;
const LESS = 0.94;
/** A rate counts as kept when no more than this share had to be repaired, */
const REPAIRED_MAX = 0.001;
/** when the sender could send on schedule, */
const LATE_MAX_MS = 150;
/** and when the last update had arrived so soon after it was sent: a backlog grows with time. */
const DRAIN_MAX_MS = 60;
const DRAIN_MAX_MS_SUSTAINED = 250;
/** So long may repairs take after too high a rate; the next trial begins when they are done. */
const SETTLE_MS = 30_000;

/** What came of sending at one rate. */
interface Trial extends SentReport {
  readonly repaired: number;
  readonly lost: number;
  readonly drainMs: number;
  readonly kept: boolean;
}

/** Pre-encoded packets through a plant to a subscriber, each in a process of its own. */
export const plant: Benchmark = {
  name: 'plant',
  title: 'Plant: channel in over UDP, cached, republished over UDP, received and counted (three processes)',

  async run(context) {
    const { quick, seconds } = context;
    const open = async (): Promise<Run> => PlantRun.open(context, await newFloor());
    const { highest, run, trial, rate, cpu } = await measure(open, quick, seconds);
    const openBare = async (): Promise<Run> => RelayRun.open(context, await newFloor());
    const { rate: bareRate } = await measure(openBare, quick, quick ? 1 : 5);
    return report(run, { trial, rate, highest, bareRate, cpu });
  },
};

const newFloor = (): Promise<BenchFloor> => makeFloor({ protocol: 'iex-tops', day: DAY });

interface Measured {
  readonly run: Run;
  readonly trial: Trial;
  readonly rate: number;
  readonly highest: number;
  readonly cpu: string;
}

/**
 * Looks for the highest rate with short probes, and then for one that is kept for long: each long run in processes of
 * its own, so that none suffers from the overload before it.
 */
async function measure(open: () => Promise<Run>, quick: boolean, seconds: number): Promise<Measured> {
  const probes = await open();
  const highest = await probes.highest(quick ? 1 : 2, quick ? 1.12 : 1.05);
  await probes.close();
  for (let rate = highest * SUSTAINED, attempt = 1; ; rate *= LESS, attempt++) {
    const run = await open();
    await run.trial(rate / 2, WARM_UP_SECONDS);
    const trial = await run.trial(rate, seconds, DRAIN_MAX_MS_SUSTAINED);
    const cpu = await run.cpu();
    await run.close();
    if (!trial.kept && attempt < ATTEMPTS) continue;
    // What was late still came: the rate is what was sent in the time that it took.
    const took = trial.seconds + Math.max(0, trial.drainMs - DRAIN_MAX_MS_SUSTAINED) / 1000;
    return { run, trial, rate: trial.messages / took, highest, cpu };
  }
}

function report(
  run: Run,
  found: { trial: Trial; rate: number; highest: number; bareRate: number; cpu: string },
): BenchResult {
  const { trial, rate, highest, bareRate, cpu } = found;
  return {
    figures: [
      { name: 'updates, sustained', value: rate, unit: '/s', target: { least: 1_400_000 } },
      { name: 'packets, sustained', value: trial.packets / trial.seconds, unit: '/s' },
      { name: 'repaired', value: trial.repaired, unit: 'updates' },
      { name: 'lost', value: trial.lost, unit: 'updates' },
      { name: 'highest rate of a short probe', value: highest, unit: '/s' },
      { name: 'baseline: bare relay, no cache', value: bareRate, unit: '/s' },
    ],
    ratios: [{ name: 'to the baseline', value: rate / bareRate }],
    sizes: {
      items: ITEMS,
      fields: QUOTE_FIELDS.length,
      'bytes an update': run.updateBytes,
      'updates a packet': run.packetUpdates,
      seconds: trial.seconds,
      updates: trial.messages,
      'processor time': cpu,
    },
    failures: trial.lost === 0 && rate > 0 ? [] : [rate > 0 ? `${trial.lost} updates were lost` : 'no rate was kept'],
  };
}

/** Sender and listener, and between them what the subclasses put there. */
abstract class Run {
  protected readonly context: BenchContext;
  protected readonly sender: Role<StandInRole>;
  protected readonly listener: Role<ListenerRole>;
  packetUpdates = 0;
  updateBytes = 0;

  protected constructor(context: BenchContext, sender: Role<StandInRole>, listener: Role<ListenerRole>) {
    this.context = context;
    this.sender = sender;
    this.listener = listener;
  }

  /** Messages repaired and lost in between, so far. */
  protected abstract between(): Promise<{ repaired: number; lost: number }>;

  protected roles(): Record<string, { usage(): Promise<Usage> }> {
    return { sender: this.sender, subscriber: this.listener };
  }

  async begin(floor: BenchFloor): Promise<void> {
    const { packetUpdates, updateBytes } = await this.sender.call('open', {
      floor: floor.text,
      items: ITEMS,
      templates: [QUOTE_FIELDS],
      updates: ROUND_UPDATES,
    });
    this.packetUpdates = packetUpdates;
    this.updateBytes = updateBytes;
    const { next } = await this.sender.call('define', { packetsPerSecond: DEFINITION_PACKETS_PER_SECOND });
    await this.listener.call('reached', { next, withinMs: 5_000 });
  }

  async trial(rate: number, seconds: number, drainMaxMs = DRAIN_MAX_MS): Promise<Trial> {
    const heard = await this.listener.call('report');
    const passed = await this.between();
    const options = { messagesPerSecond: rate, messages: rate * seconds };
    const sent = await this.sender.call('send', options, seconds * 4_000 + 20_000);
    const { reached, waitedMs } = await this.listener.call('reached', { next: sent.next, withinMs: SETTLE_MS });
    const heardNow = await this.listener.call('report');
    const passedNow = await this.between();
    const repaired = heardNow.repaired - heard.repaired + passedNow.repaired - passed.repaired;
    const lost = heardNow.lost - heard.lost + passedNow.lost - passed.lost + (reached ? 0 : sent.next - heardNow.next);
    const kept =
      lost === 0 && repaired <= REPAIRED_MAX * sent.messages && sent.lateMs <= LATE_MAX_MS && waitedMs <= drainMaxMs;
    const facts = `${sent.lateMs.toFixed(0)} ms late, ${waitedMs.toFixed(0)} ms to drain, ${repaired} repaired, ${lost} lost`;
    this.context.say(`${Math.round(rate)}/s for ${seconds} s: ${kept ? 'kept' : 'not kept'} (${facts})`);
    return { ...sent, repaired, lost, drainMs: waitedMs, kept };
  }

  highest(seconds: number, precision: number): Promise<number> {
    return highestRate({
      from: FROM,
      to: TO,
      precision,
      probe: async (rate) => (await this.trial(rate, seconds)).kept,
    });
  }

  /** Processor time of each process, as a text. */
  async cpu(): Promise<string> {
    const times = Object.entries(this.roles()).map(async ([name, role]) => {
      const { cpuMs } = await role.usage();
      return `${name} ${(cpuMs / 1000).toFixed(1)} s`;
    });
    return (await Promise.all(times)).join(', ');
  }

  async close(): Promise<void> {
    await this.context.runner.close();
  }
}

class PlantRun extends Run {
  private readonly plant: Role<PlantRole>;

  private constructor(
    context: BenchContext,
    sender: Role<StandInRole>,
    listener: Role<ListenerRole>,
    plant: Role<PlantRole>,
  ) {
    super(context, sender, listener);
    this.plant = plant;
  }

  static async open(context: BenchContext, floor: BenchFloor): Promise<PlantRun> {
    const { runner } = context;
    const { channels, plants } = readBenchFloor(floor.text);
    const plantRole = await runner.start<PlantRole>('plant');
    await plantRole.call('open', { floor: floor.text });
    const listener = await runner.start<ListenerRole>('listener');
    const { group, port } = channels[0]!.trading[0]!;
    await listener.call('open', { group, port, requestServer: plants[0]!.repair });
    const sender = await runner.start<StandInRole>('handler-stand-in');
    pinApart(plantRole, [sender, listener]);
    const run = new PlantRun(context, sender, listener, plantRole);
    await run.begin(floor);
    return run;
  }

  protected between(): Promise<{ repaired: number; lost: number }> {
    return this.plant.call('report');
  }

  protected override roles(): Record<string, { usage(): Promise<Usage> }> {
    return { ...super.roles(), plant: this.plant };
  }
}

class RelayRun extends Run {
  static async open(context: BenchContext, floor: BenchFloor): Promise<RelayRun> {
    const { runner } = context;
    const { channels, feeds } = readBenchFloor(floor.text);
    const { feed } = channels[0]!;
    const trading = channels[0]!.trading[0]!;
    const relay = await runner.start<RelayRole>('relay');
    await relay.call('open', { from: feed, to: trading });
    const listener = await runner.start<ListenerRole>('listener');
    // What the relay lost, the sender repairs itself, so that a failed probe does not spoil the next.
    await listener.call('open', {
      group: trading.group,
      port: trading.port,
      requestServer: feeds[0]!.members[0]!.repair,
    });
    const sender = await runner.start<StandInRole>('handler-stand-in');
    pinApart(relay, [sender, listener]);
    const run = new RelayRun(context, sender, listener);
    await run.begin(floor);
    return run;
  }

  protected between(): Promise<{ repaired: number; lost: number }> {
    return Promise.resolve({ repaired: 0, lost: 0 });
  }
}
