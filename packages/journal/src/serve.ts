import { parentPort, workerData } from 'node:worker_threads';
import type { JournalNews } from './keeper.ts';

/** What writes a journal, in a thread of its own. Times are wall clock, milliseconds since 1970. */
export interface JournalWriter<Request, Contents> {
  /** Opens the file; its contents, as far as they are good. */
  open(nowMs: number): Contents;
  request(request: Request, nowMs: number): void;
  /** Lets time pass, once a second. */
  tick(nowMs: number): void;
  close(): void;
}

/** From the process's thread to the writer's. */
export type ToWriter<Request> =
  | { readonly kind: 'request'; readonly request: Request; readonly bytes: number }
  | { readonly kind: 'close' };

/** From the writer's thread. */
export type FromWriter<Contents> =
  | JournalNews
  | { readonly kind: 'opened'; readonly contents: Contents }
  /** So many of the bytes handed over have been dealt with. */
  | { readonly kind: 'done'; readonly bytes: number }
  | { readonly kind: 'closed' };

const TICK_MS = 1_000;

/** The whole of a writer's thread, called by its file: its other end is a `JournalThread`. */
export function serveJournal<Place, Request, Contents>(
  make: (place: Place, tell: (news: JournalNews) => void) => JournalWriter<Request, Contents>,
): void {
  const port = parentPort!;
  const tell = (message: FromWriter<Contents>): void => port.postMessage(message);
  const writer = make(workerData as Place, tell);
  tell({ kind: 'opened', contents: writer.open(Date.now()) });
  const timer = setInterval(() => writer.tick(Date.now()), TICK_MS);
  port.on('message', (message: ToWriter<Request>) => {
    if (message.kind === 'request') {
      writer.request(message.request, Date.now());
      tell({ kind: 'done', bytes: message.bytes });
      return;
    }
    clearInterval(timer);
    writer.close();
    tell({ kind: 'closed' });
    port.close();
  });
}
