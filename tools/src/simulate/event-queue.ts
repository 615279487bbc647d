/** Room at first; it grows. */
const ROOM = 256;

/**
 * What happens when: a binary heap. Times lie in an array of numbers, beside the events: as a field of theirs each would be an
 * object of its own.
 */
export class EventQueue<Event> {
  #times = new Float64Array(ROOM);
  /** Of two at the same time the one that was added first comes first. */
  #orders = new Float64Array(ROOM);
  readonly #events: Event[] = [];
  #added = 0;

  /** When the next one is due; infinite: there is none. */
  get nextNs(): number {
    return this.#events.length === 0 ? Number.POSITIVE_INFINITY : this.#times[0]!;
  }

  add(atNs: number, event: Event): void {
    const events = this.#events;
    let at = events.length;
    if (at === this.#times.length) this.#grow();
    const times = this.#times;
    const orders = this.#orders;
    events.push(event);
    // It is the last one added: it stays behind all of the same time.
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (times[parent]! <= atNs) break;
      times[at] = times[parent]!;
      orders[at] = orders[parent]!;
      events[at] = events[parent]!;
      at = parent;
    }
    times[at] = atNs;
    orders[at] = this.#added++;
    events[at] = event;
  }

  /** Takes out the next one; there must be one. */
  take(): Event {
    const events = this.#events;
    const times = this.#times;
    const orders = this.#orders;
    const first = events[0]!;
    const last = events.pop()!;
    const length = events.length;
    if (length === 0) return first;
    const lastNs = times[length]!;
    const lastOrder = orders[length]!;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= length) break;
      let childNs = times[child]!;
      if (child + 1 < length) {
        const otherNs = times[child + 1]!;
        if (otherNs < childNs || (otherNs === childNs && orders[child + 1]! < orders[child]!)) {
          child++;
          childNs = otherNs;
        }
      }
      if (lastNs < childNs || (lastNs === childNs && lastOrder < orders[child]!)) break;
      times[at] = childNs;
      orders[at] = orders[child]!;
      events[at] = events[child]!;
      at = child;
    }
    times[at] = lastNs;
    orders[at] = lastOrder;
    events[at] = last;
    return first;
  }

  #grow(): void {
    const times = new Float64Array(2 * this.#times.length);
    times.set(this.#times);
    this.#times = times;
    const orders = new Float64Array(times.length);
    orders.set(this.#orders);
    this.#orders = orders;
  }
}
