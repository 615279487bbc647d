/** What `Reach` must know of a receiver. */
interface Receiver {
  /** Undefined: it has none yet. */
  readonly session: string | undefined;
  /** The number that comes next. */
  readonly expected: number;
  readonly recovering: boolean;
}

/**
 * Whether a receiver has all that the stream's publisher speaks of, after trouble. Packets that were lost last leave no gap to
 * be seen: when a publisher says that all is well again after hours that it had to make good, what has come of them may
 * still be old, and its word how far it has come (in every heartbeat) is to be waited for.
 */
export class Reach {
  private session = '';
  private next = 0;
  private passOver = 0;
  /** Whether there was trouble, and `reached` has not found it over yet. */
  doubtful = false;

  /**
   * There is trouble: what has been said until now does not count, values may be old.
   *
   * @param passOver so many words more don't count either: they may have been on their way, and been overtaken by the news that
   *   the trouble is over.
   */
  doubt(passOver: number): void {
    this.doubtful = true;
    this.session = '';
    this.next = 0;
    this.passOver = passOver;
  }

  /** The publisher was silent: its next word, which ends that, is the one that counts. */
  silence(): void {
    this.doubtful = true;
  }

  /** A publisher's word: the session, and the number that it will use next. Of several the farthest counts. */
  told(session: string, next: number): void {
    if (this.passOver > 0) {
      this.passOver--;
    } else if (session > this.session || (session === this.session && next > this.next)) {
      this.session = session;
      this.next = next;
    }
  }

  /** Whether nothing is in doubt (any more). */
  reached(receiver: Receiver): boolean {
    if (this.doubtful && this.hasAll(receiver)) this.doubtful = false;
    return !this.doubtful;
  }

  /** Whether something has been said, and all of it has come. */
  hasAll({ session, expected, recovering }: Receiver): boolean {
    return this.session !== '' && this.session === session && !recovering && expected >= this.next;
  }
}
