import { type Random, seededRandom } from '@tickerplant/core';
import { MessageRing, type ReceiverOptions, type SequencedListener, SequencedReceiver } from '@tickerplant/sequence';
import { encodeRequest, MOLD_FRAMING, MoldSender, RequestServer, type RequestServerOptions } from '../../src/index.ts';

/** How bad a link is: chances from 0 to 1, delays in ns. */
export interface Link {
  readonly loss: number;
  readonly duplication: number;
  /** Every packet takes between `delayNs` and `delayNs + jitterNs`: so they overtake each other. */
  readonly delayNs: number;
  readonly jitterNs: number;
}

export interface Simulation {
  readonly seed: number;
  readonly messages: number;
  /** Packet size limit of each line: different ones cut differently. */
  readonly packetBytesMax: readonly number[];
  readonly lines: readonly Link[];
  /** Link to the request server, both ways; undefined: there is none. */
  readonly repair: Link | undefined;
  readonly ringBytes?: number;
  readonly receiver?: Partial<ReceiverOptions>;
  readonly server?: Partial<RequestServerOptions>;
}

export interface Outcome {
  /** Numbers delivered, in the order of delivery, with whether the bytes were right. */
  readonly delivered: number[];
  readonly lost: { from: number; to: number; reason: string }[];
  /** What was wrong: empty if every number was delivered or lost once, in order, with the right bytes. */
  readonly wrong: string[];
  readonly ended: boolean;
  readonly receiver: SequencedReceiver;
  readonly server: RequestServer | undefined;
}

/** Events in the order of their time. */
class Agenda {
  readonly #events: { at: number; order: number; run: (nowNs: number) => void }[] = [];
  #order = 0;

  add(at: number, run: (nowNs: number) => void): void {
    const events = this.#events;
    const event = { at, order: this.#order++, run };
    let index = events.push(event) - 1;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (before(events[parent]!, event)) break;
      events[index] = events[parent]!;
      index = parent;
    }
    events[index] = event;
  }

  /** Runs all events up to a time. */
  run(untilNs: number): void {
    for (let event = this.#take(untilNs); event !== undefined; event = this.#take(untilNs)) event.run(event.at);
  }

  #take(untilNs: number) {
    const events = this.#events;
    const first = events[0];
    if (first === undefined || first.at > untilNs) return undefined;
    const last = events.pop()!;
    if (events.length === 0) return first;
    let index = 0;
    for (;;) {
      let child = 2 * index + 1;
      if (child >= events.length) break;
      if (child + 1 < events.length && before(events[child + 1]!, events[child]!)) child++;
      if (before(last, events[child]!)) break;
      events[index] = events[child]!;
      index = child;
    }
    events[index] = last;
    return first;
  }
}

function before(a: { at: number; order: number }, b: { at: number; order: number }): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order);
}

/** A message's bytes follow from its number and the seed. */
function message(seed: number, seq: number): Buffer {
  const length = ((seq * 2_654_435_761 + seed) >>> 7) % 60;
  const bytes = Buffer.alloc(length, seq & 0xff);
  if (length >= 4) bytes.writeUInt32BE(seq);
  return bytes;
}

const US = 1000;
const INTERVAL_NS = 20 * US;

/** Sends messages on bad lines to a receiver that can ask, and says what became of each number. */
export function simulate(simulation: Simulation): Outcome {
  const { seed, messages } = simulation;
  const random = seededRandom(seed);
  const agenda = new Agenda();
  const session = 'SIM0000001';

  const delivered: number[] = [];
  const lost: Outcome['lost'] = [];
  const wrong: string[] = [];
  let covered = 1;
  let ended = false;

  const store = new MessageRing(simulation.ringBytes ?? 1 << 22);
  const { repair } = simulation;
  const server =
    repair &&
    new RequestServer({
      ...simulation.server,
      answer(packet, length) {
        travel(agenda, random, repair, now, Buffer.from(packet.subarray(0, length)), (bytes, at) => {
          receiver.packet(simulation.lines.length, bytes, bytes.length, at);
        });
        return true;
      },
    });
  server?.openChannel(session, store);
  let now = 0;

  const listener: SequencedListener = {
    onRun(bytes, start, end, seq, count) {
      if (seq !== covered) wrong.push(`run from ${seq}, expected ${covered}`);
      covered = seq + count;
      let at = start;
      for (let i = 0; i < count; i++) {
        const length = (bytes[at]! << 8) | bytes[at + 1]!;
        const data = bytes.subarray(at + 2, at + 2 + length);
        if (Buffer.compare(data, message(seed, seq + i)) !== 0) wrong.push(`bytes of ${seq + i}`);
        delivered.push(seq + i);
        at += 2 + length;
      }
      if (at !== end) wrong.push(`run of ${count} from ${seq} ends at ${at}, said ${end}`);
    },
    onLost(from, to, reason) {
      if (from !== covered || to <= from) wrong.push(`lost ${from}-${to}, expected ${covered}`);
      covered = to;
      lost.push({ from, to, reason });
    },
    onSession(name, previous, next) {
      if (name !== session || previous !== undefined || next !== 1) wrong.push(`session ${name} from ${next}`);
    },
    onEnd(next) {
      if (ended || next !== messages + 1 || covered !== next) wrong.push(`end at ${next} when ${covered}`);
      ended = true;
    },
    onRequest(bytes, from, count) {
      if (repair === undefined || server === undefined) return;
      const request = Buffer.alloc(20);
      encodeRequest(bytes, from, count, request);
      travel(agenda, random, repair, now, request, (packet, at) => {
        now = at;
        server.packet(packet, packet.length, 1, 'client', at);
      });
    },
  };
  const receiver = new SequencedReceiver(MOLD_FRAMING, listener, {
    lines: [...simulation.lines.map((_, index) => `line ${index}`), 'repair'],
    repairLine: simulation.lines.length,
    start: 1,
    gapWaitNs: 200 * US,
    requestTimeoutNs: 2000 * US,
    requestAttemptsMax: 40,
    lostAfterNs: 200_000 * US,
    ...simulation.receiver,
    ...(repair === undefined ? { requestAttemptsMax: 0 } : {}),
    quarantine: (code, text) => wrong.push(`${code} ${text}`),
  });

  const senders = simulation.lines.map((link, line) => {
    return new MoldSender({
      session,
      packetBytesMax: simulation.packetBytesMax[line]!,
      heartbeatNs: 1000 * US,
      ...(line === 0 ? { onData: (bytes, start, end, seq, count) => store.append(bytes, start, end, seq, count) } : {}),
      emit(buffer, length) {
        const packet = Buffer.from(buffer.subarray(0, length));
        travel(agenda, random, link, now, packet, (bytes, at) => {
          now = at;
          receiver.packet(line, bytes, bytes.length, at);
          bytes.fill(0xdb); // The receiver must not rely on them any more.
        });
        return true;
      },
    });
  });
  const flushes = senders.map(() => 1 + random.below(8));
  for (let seq = 1; seq <= messages; seq++) {
    agenda.add(seq * INTERVAL_NS, (at) => {
      now = at;
      const bytes = message(seed, seq);
      senders.forEach((sender, line) => {
        sender.append(bytes, 0, bytes.length);
        if (seq % flushes[line]! === 0) sender.flush(at);
      });
    });
  }
  const endNs = messages * INTERVAL_NS;
  agenda.add(endNs, (at) => {
    now = at;
    for (const sender of senders) sender.end(at);
  });
  // Time goes on until long after the last wait can have ended.
  const quietNs = endNs + 2_000_000 * US;
  let untilNs = 0;
  while (untilNs < quietNs && !(ended && untilNs > endNs)) {
    untilNs += 500 * US;
    agenda.run(untilNs);
    now = untilNs;
    for (const sender of senders) sender.tick(untilNs);
    receiver.tick(untilNs);
  }
  if (covered !== messages + 1) wrong.push(`told of numbers below ${covered} only`);
  return { delivered, lost, wrong, ended, receiver, server };
}

/** Lets a packet through a bad link. */
function travel(
  agenda: Agenda,
  random: Random,
  link: Link,
  nowNs: number,
  packet: Buffer,
  arrive: (packet: Buffer, nowNs: number) => void,
): void {
  if (random.next() < link.loss) return;
  const copies = random.next() < link.duplication ? 2 : 1;
  for (let copy = 0; copy < copies; copy++) {
    const bytes = Buffer.from(packet);
    agenda.add(nowNs + link.delayNs + random.below(link.jitterNs + 1), (at) => arrive(bytes, at));
  }
}
