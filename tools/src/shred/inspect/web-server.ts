import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { TickerError } from '@tickerplant/core';
import type { Inspectable } from './inspectable.ts';
import { SourceWatch } from './source-watch.ts';
import { INSPECT_CSS, INSPECT_HTML, INSPECT_JS } from './web-page.ts';

/** Browsers that are told of changes: one person's tabs. */
const LISTENERS_MAX = 20;
const HOST = '127.0.0.1';

const HEADERS = {
  'cache-control': 'no-store',
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:",
  'x-content-type-options': 'nosniff',
};

const FILES: Readonly<Record<string, readonly [type: string, text: string]>> = {
  '/': ['text/html; charset=utf-8', INSPECT_HTML],
  '/inspect.css': ['text/css; charset=utf-8', INSPECT_CSS],
  '/inspect.js': ['text/javascript; charset=utf-8', INSPECT_JS],
};

/** What there is to see, as it is or at another moment of a captured page. */
const MOMENT_URL = /^\/inspection\.json(?:\?moment=(\d{1,9}))?$/;

/** A server of the inspector, on loopback only. */
export interface InspectServer {
  /** `http://127.0.0.1:8080/` */
  readonly url: string;
  close(): Promise<void>;
}

/**
 * Serves the inspector of a page; browsers are told when the files change.
 *
 * @param port 0: any that is free.
 * @throws TickerError `SHRED_SERVE_FAILED`; those of the page and the shredder
 */
export async function serveInspection(page: Inspectable, port: number): Promise<InspectServer> {
  const listeners = new Set<ServerResponse>();
  const watch = new SourceWatch(page, () => {
    for (const listener of listeners) listener.write('data: changed\n\n');
  });
  const server = createServer((request, response) => answer(request, response, watch, listeners));
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, HOST, resolve);
    });
  } catch (error) {
    watch.close();
    const got = error instanceof Error ? error.message : String(error);
    throw new TickerError(
      'SHRED_SERVE_FAILED',
      `expected to serve on ${HOST}:${port}, got ${got}`,
      {},
      { cause: error },
    );
  }
  return {
    url: `http://${HOST}:${(server.address() as AddressInfo).port}/`,
    close: () =>
      new Promise((resolve) => {
        watch.close();
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function answer(
  request: IncomingMessage,
  response: ServerResponse,
  watch: SourceWatch,
  listeners: Set<ServerResponse>,
): void {
  // A page elsewhere that calls itself by another name for this address must not read what is inspected.
  if (!/^(127\.0\.0\.1|localhost)(:\d+)?$/.test(request.headers.host ?? '')) {
    response.writeHead(403, HEADERS).end('expected to be asked as 127.0.0.1\n');
    return;
  }
  const file = FILES[request.url ?? ''];
  const moment = MOMENT_URL.exec(request.url ?? '');
  if (request.method !== 'GET') response.writeHead(405, HEADERS).end();
  else if (file !== undefined) response.writeHead(200, { ...HEADERS, 'content-type': file[0] }).end(file[1]);
  else if (moment !== null) {
    if (moment[1] !== undefined) watch.look(Number(moment[1]));
    const { inspection, problem } = watch;
    response
      .writeHead(200, { ...HEADERS, 'content-type': 'application/json' })
      .end(JSON.stringify({ inspection, problem }));
  } else if (request.url === '/events' && listeners.size < LISTENERS_MAX) {
    listeners.add(response);
    response.on('close', () => listeners.delete(response));
    // The first event makes the browser load what there is; after a lost connection too.
    response
      .writeHead(200, { ...HEADERS, 'content-type': 'text/event-stream' })
      .write('retry: 1000\n\ndata: hello\n\n');
  } else response.writeHead(request.url === '/events' ? 503 : 404, HEADERS).end();
}
