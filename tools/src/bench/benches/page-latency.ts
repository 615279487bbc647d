import type { LatencySummary } from '@tickerplant/telemetry';
import type { BenchContext, Benchmark } from '../benchmark.ts';
import { nowNs } from '../clock.ts';
import { makePageFloor } from '../page-floor.ts';
import type { PageDeskReport, PageDeskRole, PageSentReport } from '../roles/page-desk.ts';
import type { PageSenderRole } from '../roles/page-sender.ts';
import { pinApart } from '../runner.ts';

/** Of each of the simulated service's eight styles a hundred, or ten. */
const PAGES = 800;
const PAGES_QUICK = 80;
/** Five of the eight styles have a shredder: of every eight changes five concern pages that are shredded. */
const SHREDDED_PER_SECOND = 5_000;
const CHANGES_PER_SECOND = (SHREDDED_PER_SECOND * 8) / 5;
const MEDIAN_MOST = 200;
const RING = '64MiB';
const WARM_UP_SECONDS = 5;
const WARM_UP_SECONDS_QUICK = 2;
/** Compilers come first: a handler that has just been started keeps up with fewer changes, and a socket's buffer holds a second's. */
const WARM_UP_SHARES: readonly number[] = [0.25, 0.5, 1];
const START_PACKETS_PER_SECOND = 2_000;
/** The first change is due so long after the sender is told. */
const LEAD_NS = 100_000_000;
/** Until what was handed over last is published. */
const LINGER_MS = 300;
const CALL_MS = 300_000;

/** From a page's change to its elements. */
export const pageLatency: Benchmark = {
  name: 'page-latency',
  title: "Page latency: from when a page's change is due at the handler until its elements are given to the socket",

  async run(context) {
    const elements = await inOneProcess(context, true);
    const pagesOnly = await inOneProcess(context, false);
    const socket = await throughSocket(context);
    const { latencyNs } = elements.report;
    return {
      figures: [
        { name: 'median', value: us(latencyNs.p50), unit: 'µs', target: { most: MEDIAN_MOST } },
        { name: '90 in 100', value: us(latencyNs.p90), unit: 'µs' },
        { name: '99 in 100', value: us(latencyNs.p99), unit: 'µs' },
        { name: '999 in 1000', value: us(latencyNs.p999), unit: 'µs' },
        { name: 'worst', value: us(latencyNs.max), unit: 'µs' },
        { name: 'changes', value: elements.rate, unit: '/s' },
        { name: '· of which elements came', value: elements.publishedRate, unit: '/s' },
        { name: '· got late: median', value: us(elements.lateNs.p50), unit: 'µs' },
        { name: '· got late: 99 in 100', value: us(elements.lateNs.p99), unit: 'µs' },
        {
          name: 'baseline: pages published, nothing shredded: median',
          value: us(pagesOnly.report.latencyNs.p50),
          unit: 'µs',
        },
        { name: '· 99 in 100', value: us(pagesOnly.report.latencyNs.p99), unit: 'µs' },
        { name: 'from the vendor, through a UDP socket: median', value: us(socket.report.latencyNs.p50), unit: 'µs' },
        { name: '· 99 in 100', value: us(socket.report.latencyNs.p99), unit: 'µs' },
        { name: '· of it the vendor was late: median', value: us(socket.lateNs.p50), unit: 'µs' },
        { name: '· 99 in 100', value: us(socket.lateNs.p99), unit: 'µs' },
      ],
      ratios: [{ name: 'median to the baseline', value: latencyNs.p50 / pagesOnly.report.latencyNs.p50 }],
      sizes: {
        pages: pagesOf(context),
        elements: elements.report.elements,
        'of them SUSPECT in the end': elements.report.suspect,
        'changes measured': latencyNs.count,
        seconds: context.seconds,
        path: 'handed over in the same process, polling; and two processes that sleep, on loopback',
        "the socket's buffer": `${(socket.receiveBufferBytes / 2 ** 20).toFixed(1)} MiB`,
        'settle time': 'none: what a shredder waits on purpose comes on top',
      },
      failures: [...elements.failures, ...pagesOnly.failures, ...socket.failures],
    };
  },
};

interface Measured {
  readonly report: PageDeskReport;
  readonly lateNs: LatencySummary;
  readonly rate: number;
  /** Changes of which something was published, a second. */
  readonly publishedRate: number;
  readonly failures: readonly string[];
}

/** Packets are handed to the receiver when they are due. */
async function inOneProcess(context: BenchContext, shreds: boolean): Promise<Measured> {
  const { runner, quick, seconds } = context;
  const pages = pagesOf(context);
  const { text: floor } = await makePageFloor({ pages, ring: RING });
  const desk = await runner.start<PageDeskRole>('page-desk');
  await desk.call('open', { floor, pages, shreds });
  await desk.call('begin', undefined, CALL_MS);
  const hand = (forSeconds: number): Promise<PageSentReport> =>
    desk.call('hand', { perSecond: CHANGES_PER_SECOND, count: CHANGES_PER_SECOND * forSeconds }, CALL_MS);
  await hand(quick ? WARM_UP_SECONDS_QUICK : WARM_UP_SECONDS);
  await desk.call('reset');
  const sent = await hand(seconds);
  await linger();
  const report = await desk.call('report');
  await runner.stop(desk);
  return measured(context, shreds ? 'elements' : 'pages only', report, sent);
}

/** Vendor and handler in a process each, both sleep when they have nothing to do. */
async function throughSocket(context: BenchContext): Promise<Measured & { readonly receiveBufferBytes: number }> {
  const { runner, quick, seconds } = context;
  const pages = pagesOf(context);
  const { text: floor } = await makePageFloor({ pages, ring: RING });
  const desk = await runner.start<PageDeskRole>('page-desk');
  const sender = await runner.start<PageSenderRole>('page-sender');
  pinApart(desk, [sender]);
  await desk.call('open', { floor, pages, shreds: true });
  const receiveBufferBytes = await desk.call('listen');
  await sender.call('open', { floor, pages }, CALL_MS);
  // As services do again and again: what the socket lost is right from then on.
  const sendWhole = async (): Promise<void> => {
    await sender.call('begin', { packetsPerSecond: START_PACKETS_PER_SECOND }, CALL_MS);
    await desk.call('quiet', undefined, CALL_MS);
    await desk.call('up', undefined, CALL_MS);
  };
  const send = async (perSecond: number, forSeconds: number): Promise<PageSentReport> => {
    const first = await sender.call('make', { count: perSecond * forSeconds }, CALL_MS);
    const due = { startNs: nowNs() + LEAD_NS, perSecond };
    await desk.call('expect', { first, ...due });
    const sent = await sender.call('send', due, CALL_MS);
    await desk.call('quiet', undefined, CALL_MS);
    return sent;
  };
  await sendWhole();
  for (const share of WARM_UP_SHARES) {
    await send(share * CHANGES_PER_SECOND, quick ? WARM_UP_SECONDS_QUICK : WARM_UP_SECONDS);
    await sendWhole();
  }
  await desk.call('reset');
  const sent = await send(CHANGES_PER_SECOND, seconds);
  const report = await desk.call('report');
  await runner.close();
  return { ...measured(context, 'through a socket', report, sent), receiveBufferBytes };
}

function measured(context: BenchContext, what: string, report: PageDeskReport, sent: PageSentReport): Measured {
  const pages = pagesOf(context);
  const rate = sent.changes / sent.seconds;
  const publishedRate = report.published / sent.seconds;
  const lost = sent.changes - report.came;
  context.say(
    `${what}: ${Math.round(publishedRate)} changes published a second, ${report.live} pages LIVE, ${lost} lost`,
  );
  const failures = [
    ...(lost === 0 ? [] : [`${what}: ${lost} of ${sent.changes} changes were lost on the way to the handler`]),
    ...(report.live === pages ? [] : [`${what}: ${report.live} of ${pages} pages are LIVE`]),
    ...(report.latencyNs.count === report.published ? [] : [`${what}: something was not sent`]),
  ];
  return { report, lateNs: sent.lateNs, rate, publishedRate, failures };
}

const pagesOf = ({ quick }: BenchContext): number => (quick ? PAGES_QUICK : PAGES);

const linger = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, LINGER_MS));

const us = (ns: number): number => ns / 1000;
