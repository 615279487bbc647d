/** Where and what: the facts that a reader of an error needs, by name. */
export type ErrorContext = Readonly<Record<string, string | number | bigint | boolean | undefined>>;

/**
 * The suite's error: a stable `code`, a sentence that says what was expected and what came, and the place
 * (file, packet, offset, row, column) in `context`.
 */
export class TickerError extends Error {
  override readonly name = 'TickerError';
  readonly code: string;
  readonly context: ErrorContext;

  /**
   * @param code stable, upper case with underscores, beginning with the package: `MOLD_TRUNCATED`.
   * @param message what was expected and what came.
   */
  constructor(code: string, message: string, context: ErrorContext = {}, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.context = context;
  }
}

/** Whether an error is one of the operating system's (it has `code` and `syscall`). */
export function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && typeof (error as NodeJS.ErrnoException).code === 'string' && 'syscall' in error;
}

/** One line for a person: message, code and context. */
export function errorMessage(error: unknown): string {
  if (error instanceof TickerError) {
    const facts = Object.entries(error.context)
      .filter(([, value]) => value !== undefined)
      .map(([key, value]) => `${key} ${String(value)}`)
      .join(', ');
    return `${error.message}${facts === '' ? '' : ` (${facts})`} [${error.code}]`;
  }
  return error instanceof Error ? error.message : String(error);
}
