import type { UdpDatagram } from './udp-datagram.ts';

/** Bytes that a datagram's data can have: 65,535 less the smallest IP header, in whole 8-byte units. */
const DATA_BYTES_MAX = 65_515;
const UNITS_MAX = Math.ceil(DATA_BYTES_MAX / 8);
const UDP_HEADER_BYTES = 8;

/** The limits of a reassembler. */
export interface FragmentReassemblerOptions {
  /** How many unfinished datagrams to hold, at 72 KiB each; the oldest is given up for a new one. Default 64. */
  readonly datagramsMax?: number;
  /** How long to wait for the rest of a datagram, in nanoseconds of capture time. Default 30 s. */
  readonly timeoutNs?: number;
}

/** One unfinished datagram: which 8-byte units have come, and their bytes. */
class Assembly {
  readonly data: Uint8Array = new Uint8Array(UNITS_MAX * 8);
  readonly hasUnit: Uint8Array = new Uint8Array(UNITS_MAX);
  startedNs = 0;
  units = 0;
  /** Bytes of the whole, known when its last fragment is there; -1 until then. */
  total = -1;
  /** End of the data that has come so far. */
  end = 0;

  restart(startedNs: number): void {
    this.hasUnit.fill(0);
    this.startedNs = startedNs;
    this.units = 0;
    this.total = -1;
    this.end = 0;
  }
}

/**
 * Puts fragmented IPv4 UDP datagrams together again (pcap sheet, section 6): keyed by source, destination and
 * identification; of overlaps the first copy stays; bounded in number and in time. Reads no clock: the time of
 * each packet is passed in.
 *
 * IPv6 fragments are not put together; they count as `unsupported`.
 */
export class FragmentReassembler {
  /** Fragments taken in. */
  fragments = 0;
  /** Datagrams made whole. */
  completed = 0;
  /** Unfinished datagrams given up because the time was over … */
  timedOut = 0;
  /** … or because there were too many. */
  evicted = 0;
  /** Fragments refused: cut by the snap length, of impossible length or position. */
  refused = 0;
  /** IPv6 fragments, passed over. */
  unsupported = 0;

  readonly #datagramsMax: number;
  readonly #timeoutNs: number;
  readonly #assemblies = new Map<string, Assembly>(); // in order of their start
  readonly #free: Assembly[] = [];

  constructor(options: FragmentReassemblerOptions = {}) {
    this.#datagramsMax = options.datagramsMax ?? 64;
    this.#timeoutNs = options.timeoutNs ?? 30_000_000_000;
  }

  /** Datagrams of which parts are missing still. */
  get unfinished(): number {
    return this.#assemblies.size;
  }

  /**
   * Takes a packet that `decodeUdp` called a `fragment`. When it completes its datagram, `udp` is changed to
   * the whole: outcome `udp`, its payload in a buffer of the reassembler, borrowed until the next call.
   *
   * @param nowNs the packet's time; only differences count, so rounding epoch times to numbers is fine.
   * @returns whether `udp` now is a whole datagram.
   */
  add(udp: UdpDatagram, nowNs: number): boolean {
    if (udp.ipVersion !== 4) {
      this.unsupported++;
      return false;
    }
    this.#expire(nowNs);
    const length = udp.ipEnd - udp.fragmentStart;
    const end = udp.fragmentOffset + length;
    if (udp.isIpCut || length <= 0 || end > DATA_BYTES_MAX || (udp.hasMoreFragments && length % 8 !== 0)) {
      this.refused++;
      return false;
    }
    const key = `${udp.source} ${udp.destination} ${udp.identification}`;
    const assembly = this.#assemblies.get(key) ?? this.#start(key, nowNs);
    if (!accept(assembly, udp, end)) {
      this.refused++;
      return false;
    }
    this.fragments++;
    if (assembly.total < 0 || assembly.units < Math.ceil(assembly.total / 8)) return false;
    this.#assemblies.delete(key);
    this.#free.push(assembly);
    if (!finish(assembly, udp)) return false;
    this.completed++;
    return true;
  }

  #start(key: string, nowNs: number): Assembly {
    if (this.#assemblies.size >= this.#datagramsMax) {
      const [oldest] = this.#assemblies.keys();
      this.#giveUp(oldest!);
      this.evicted++;
    }
    const assembly = this.#free.pop() ?? new Assembly();
    assembly.restart(nowNs);
    this.#assemblies.set(key, assembly);
    return assembly;
  }

  #expire(nowNs: number): void {
    for (const [key, assembly] of this.#assemblies) {
      if (nowNs - assembly.startedNs <= this.#timeoutNs) return;
      this.#giveUp(key);
      this.timedOut++;
    }
  }

  #giveUp(key: string): void {
    const assembly = this.#assemblies.get(key)!;
    this.#assemblies.delete(key);
    this.#free.push(assembly);
  }
}

/** Copies what is new; false if the fragment contradicts what is known of the datagram's length. */
function accept(assembly: Assembly, udp: UdpDatagram, end: number): boolean {
  if (udp.hasMoreFragments) {
    if (assembly.total >= 0 && end > assembly.total) return false;
  } else {
    if (assembly.total >= 0 ? end !== assembly.total : end < assembly.end) return false;
    assembly.total = end;
  }
  if (end > assembly.end) assembly.end = end;
  const { bytes, fragmentStart, fragmentOffset } = udp;
  for (let at = fragmentOffset; at < end; at += 8) {
    const unit = at / 8;
    if (assembly.hasUnit[unit] === 1) continue;
    assembly.hasUnit[unit] = 1;
    assembly.units++;
    const stop = Math.min(at + 8, end);
    for (let i = at; i < stop; i++) assembly.data[i] = bytes[fragmentStart + i - fragmentOffset]!;
  }
  return true;
}

function finish(assembly: Assembly, udp: UdpDatagram): boolean {
  const { data, total } = assembly;
  const length = (data[4]! << 8) | data[5]!;
  if (total < UDP_HEADER_BYTES || length < UDP_HEADER_BYTES || length > total) {
    udp.outcome = 'bad-udp-length';
    return false;
  }
  udp.outcome = 'udp';
  udp.bytes = data;
  udp.sourcePort = (data[0]! << 8) | data[1]!;
  udp.destinationPort = (data[2]! << 8) | data[3]!;
  udp.payloadStart = UDP_HEADER_BYTES;
  udp.payloadEnd = length;
  udp.payloadLength = length - UDP_HEADER_BYTES;
  return true;
}
