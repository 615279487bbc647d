import { type MemberReport, PairMember, type Promotion } from '../src/index.ts';

const MS = 1_000_000;
export const HEARTBEAT_MS = 5;
export const TAKEOVER_MS = 15;
export const COLD_START_MS = 20;
export const UNFIT_MS = 200;

interface Node {
  member: PairMember;
  running: boolean;
  paused: boolean;
  beatDueMs: number;
  readonly promotions: Promotion[];
  readonly stepDowns: { to: number; term: number; atMs: number }[];
}

interface Flight {
  readonly to: number;
  readonly atMs: number;
  readonly report: MemberReport;
}

/** Members on a network that loses, delays and is cut: in steps of a millisecond. */
export class ToyFloor {
  readonly nodes: Node[];
  nowMs = 1_000;
  /** [from, to]: nothing gets through that way. */
  readonly cuts: Set<string> = new Set();
  lossOf: () => boolean = () => false;
  delayMsOf: () => number = () => 0;
  private flights: Flight[] = [];

  constructor(members: number) {
    this.nodes = Array.from({ length: members }, (_, rank) => ({
      member: this.make(rank, members),
      running: true,
      paused: false,
      beatDueMs: this.nowMs + rank,
      promotions: [],
      stepDowns: [],
    }));
  }

  private make(rank: number, members: number): PairMember {
    return new PairMember(
      {
        rank,
        members,
        heartbeatNs: HEARTBEAT_MS * MS,
        takeoverAfterNs: TAKEOVER_MS * MS,
        coldStartNs: COLD_START_MS * MS,
        unfitAfterNs: () => UNFIT_MS * MS,
        nowNs: this.nowMs * MS,
      },
      {
        onPromotion: (promotion) => {
          this.nodes[rank]!.promotions.push(promotion);
          this.beat(rank);
        },
        onStepDown: (to, term) => {
          this.nodes[rank]!.stepDowns.push({ to, term, atMs: this.nowMs });
        },
      },
    );
  }

  get primaries(): number[] {
    return this.nodes.flatMap(({ member, running }, rank) => (running && member.state === 'primary' ? [rank] : []));
  }

  member(rank: number): PairMember {
    return this.nodes[rank]!.member;
  }

  beat(rank: number): void {
    const { member } = this.nodes[rank]!;
    const report = member.report();
    this.nodes.forEach((_, to) => {
      if (to === rank || this.cuts.has(`${rank} ${to}`) || this.lossOf()) return;
      this.flights.push({ to, atMs: this.nowMs + this.delayMsOf(), report });
    });
  }

  kill(rank: number): void {
    this.nodes[rank]!.running = false;
  }

  /** Starts a member anew: it knows nothing. */
  restart(rank: number): void {
    const node = this.nodes[rank]!;
    node.member = this.make(rank, this.nodes.length);
    node.running = true;
    node.paused = false;
    node.beatDueMs = this.nowMs;
  }

  run(ms: number, each: () => void = () => undefined): void {
    for (const endMs = this.nowMs + ms; this.nowMs < endMs; ) {
      this.nowMs++;
      const due = this.flights.filter(({ atMs }) => atMs <= this.nowMs);
      this.flights = this.flights.filter(({ atMs }) => atMs > this.nowMs);
      const late: Flight[] = [];
      for (const flight of due) {
        const { running, paused, member } = this.nodes[flight.to]!;
        // A paused process hears, when it goes on, what waits in its sockets.
        if (paused) late.push(flight);
        else if (running) member.heard(flight.report, this.nowMs * MS);
      }
      this.flights.push(...late);
      this.nodes.forEach((node, rank) => {
        if (!node.running || node.paused) return;
        node.member.tick(this.nowMs * MS);
        if (this.nowMs < node.beatDueMs) return;
        node.beatDueMs = this.nowMs + HEARTBEAT_MS;
        this.beat(rank);
      });
      each();
    }
  }

  /** Until somebody is primary and everybody else has become a fit standby. */
  settle(): void {
    this.run(100);
    for (const rank of this.nodes.keys()) this.member(rank).setFit(true);
    this.run(20);
  }
}
