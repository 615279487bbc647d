import type { Parameters } from './sgr.ts';

/** What the parser finds. */
export interface ControlSink {
  /** A control character, 00 to 1F. */
  control(byte: number): void;
  /** ESC, perhaps an intermediate byte (0 for none), and a final one. */
  escape(intermediate: number, final: number): void;
  /** A control sequence; prefix and intermediate are 0 for none. The parameters are borrowed. */
  sequence(prefix: number, intermediate: number, final: number, parameters: Parameters): void;
}

const PARAMETERS_MAX = 32;
const PARAMETER_MAX = 65_535;
const ESC = 0x1b;
const BEL = 0x07;
const CAN = 0x18;
const SUB = 0x1a;

type State = 'text' | 'escape' | 'escape-intermediate' | 'sequence' | 'ignored' | 'string' | 'string-escape';

/**
 * Takes control characters, escape and control sequences apart, as terminals do: controls act in the middle of a
 * sequence, strings (window titles, device strings) are passed over, a sequence too long is too.
 */
export class ControlParser {
  readonly #sink: ControlSink;
  readonly #values = new Int32Array(PARAMETERS_MAX);
  readonly #isPart = new Uint8Array(PARAMETERS_MAX);
  readonly #parameters: { count: number; values: Int32Array; isPart: Uint8Array } = {
    count: 0,
    values: this.#values,
    isPart: this.#isPart,
  };
  #state: State = 'text';
  #prefix = 0;
  #intermediate = 0;

  constructor(sink: ControlSink) {
    this.#sink = sink;
  }

  /** Whether bytes that come now are text. */
  get isIdle(): boolean {
    return this.#state === 'text';
  }

  /** Takes a byte: a control while idle, any one else. */
  push(byte: number): void {
    if (this.#state === 'string' || this.#state === 'string-escape') {
      this.#stringByte(byte);
      return;
    }
    if (byte === ESC) {
      this.#state = 'escape';
      this.#intermediate = 0;
    } else if (byte === CAN || byte === SUB) this.#state = 'text';
    else if (byte < 0x20) this.#sink.control(byte);
    else if (byte !== 0x7f) this.#sequenceByte(byte);
  }

  #stringByte(byte: number): void {
    if (this.#state === 'string-escape' && byte !== 0x5c) {
      // The string was cut off by another sequence.
      this.#state = 'escape';
      this.#intermediate = 0;
      this.push(byte);
    } else if (this.#state === 'string-escape' || byte === BEL || byte === CAN || byte === SUB) this.#state = 'text';
    else if (byte === ESC) this.#state = 'string-escape';
  }

  #sequenceByte(byte: number): void {
    switch (this.#state) {
      case 'escape':
        this.#escape(byte);
        return;
      case 'escape-intermediate':
        if (byte < 0x30) return;
        this.#state = 'text';
        this.#sink.escape(this.#intermediate, byte);
        return;
      case 'sequence':
        this.#parameterByte(byte);
        return;
      case 'ignored':
        if (byte >= 0x40) this.#state = 'text';
    }
  }

  #escape(byte: number): void {
    switch (byte) {
      case 0x5b: // [
        this.#state = 'sequence';
        this.#prefix = 0;
        this.#parameters.count = 0;
        return;
      case 0x50: // P, X, ], ^, _
      case 0x58:
      case 0x5d:
      case 0x5e:
      case 0x5f:
        this.#state = 'string';
        return;
    }
    if (byte < 0x30) {
      this.#state = 'escape-intermediate';
      this.#intermediate = byte;
      return;
    }
    this.#state = 'text';
    if (byte !== 0x5c) this.#sink.escape(0, byte);
  }

  #parameterByte(byte: number): void {
    const parameters = this.#parameters;
    if (byte >= 0x40) {
      this.#state = 'text';
      if (byte < 0x7f) this.#sink.sequence(this.#prefix, this.#intermediate, byte, parameters);
    } else if (byte < 0x30) this.#intermediate = byte;
    else if (this.#intermediate !== 0) this.#state = 'ignored';
    else if (byte <= 0x39) {
      if (parameters.count === 0) this.#next(0);
      const index = parameters.count - 1;
      this.#values[index] = Math.min(PARAMETER_MAX, Math.max(0, this.#values[index]!) * 10 + byte - 0x30);
    } else if (byte <= 0x3b) {
      if (parameters.count === 0) this.#next(0);
      this.#next(byte === 0x3a ? 1 : 0);
    } else if (parameters.count === 0 && this.#prefix === 0) this.#prefix = byte;
    else this.#state = 'ignored';
  }

  #next(isPart: number): void {
    const parameters = this.#parameters;
    if (parameters.count === PARAMETERS_MAX) {
      this.#state = 'ignored';
      return;
    }
    this.#values[parameters.count] = -1;
    this.#isPart[parameters.count++] = isPart;
  }
}
