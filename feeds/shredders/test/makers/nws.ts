// Weather bulletins: stations of nobody's, figures of no day.
import type { Random } from '@tickerplant/core';
import { decimal, type Fields, good, type Made, none, pad, Sheet } from '../making.ts';

type Page = Pick<Made, 'rows' | 'live'>;
type Live = { subject: string; fields: Fields }[];

interface Style {
  readonly page: string;
  /** How far temperatures stand to the right. */
  readonly right: number;
  /** Of estimates, behind the figure. */
  readonly flag: string;
}
const PLAIN: Style = { page: 'NWS-CLI', right: 0, flag: ' E' };
const ESTIMATED: Style = { page: 'NWS-CLI-ESTIMATED', right: 1, flag: '(E)' };

/** @param above blank lines below the heading. */
function climate(random: Random, { page, right, flag }: Style, above = 1, isToday = false): Page {
  const sheet = new Sheet(60, 80);
  const live: Live = [];
  const title = `...THE ${['ASHBY HEATH', 'CORAL BAY'][random.below(2)]} OH CLIMATE SUMMARY FOR MAY ${1 + random.below(28)} 2019...`;
  live.push({ subject: `${page}.REPORT`, fields: { title } });
  sheet.put(0, 0, '417').put(1, 0, 'CDUS41 KXXX 160547').put(2, 0, 'CLIXXX').put(4, 0, 'CLIMATE REPORT');
  sheet.put(5, 0, 'NATIONAL WEATHER SERVICE ASHBY OH').put(6, 0, '147 AM EDT THU MAY 16 2019');
  let row = 8 + above;
  sheet.put(row, 0, title);
  if (isToday) sheet.put(++row, 0, 'VALID TODAY AS OF 0500 PM LOCAL TIME.');
  row += 2;
  sheet.put(row, 0, 'CLIMATE NORMAL PERIOD 1981 TO 2010').put(row + 1, 0, 'CLIMATE RECORD PERIOD 1869 TO 2019');
  row += 3;
  sheet.put(row, 0, 'WEATHER ITEM   OBSERVED TIME   RECORD YEAR NORMAL DEPARTURE LAST');
  sheet.put(row + 1, 16, 'VALUE   (LST)  VALUE       VALUE  FROM      YEAR').put(row + 2, 50, 'NORMAL');
  sheet
    .put(row + 3, 0, '.'.repeat(66))
    .put(row + 4, 0, 'TEMPERATURE (F)')
    .put(row + 5, 1, isToday ? 'TODAY' : 'YESTERDAY');
  row += 6;
  const end = (at: number, text: string, last: number): void => {
    sheet.put(at, last + 1 - text.length, text);
  };
  for (const [item, normal] of [
    ['MAXIMUM', 60 + random.below(20)],
    ['MINIMUM', 30 + random.below(20)],
    ['AVERAGE', 50 + random.below(10)],
  ] as const) {
    const observed = normal + random.below(30) - 15;
    const lastYear = normal + random.below(30) - 15;
    const isEstimated = item !== 'AVERAGE' && random.below(3) === 0;
    const fields: Fields = { observed: String(observed) };
    sheet.put(row, 2, item).put(row, 18, `${observed}${isEstimated ? flag : ''}`);
    fields.flag = isEstimated ? 'estimated' : null;
    if (item !== 'AVERAGE') {
      const time = `${1 + random.below(12)}${pad(random.below(60), 2)} ${random.below(2) === 0 ? 'AM' : 'PM'}`;
      const record = item === 'MAXIMUM' ? normal + 20 + random.below(9) : normal - 20 - random.below(9);
      const year = 1880 + random.below(130);
      end(row, time, 29 + right);
      end(row, String(record), 33 + right);
      sheet.put(row, 38 + right, String(year));
      Object.assign(fields, { time, record: String(record), recordYear: String(year) });
    }
    end(row, String(normal), 45 + right);
    end(row, String(observed - normal), 52 + right);
    end(row, String(lastYear), 61 + right);
    Object.assign(fields, {
      normal: String(normal),
      departure: String(observed - normal),
      lastYear: String(lastYear),
    });
    live.push({ subject: `${page}.${item.toLowerCase()}`, fields });
    row++;
    // A record of two years.
    if (item === 'MAXIMUM' && random.below(2) === 0) sheet.put(row++, 38 + right, String(1880 + random.below(130)));
  }
  row++;
  sheet.put(row++, 0, 'PRECIPITATION (IN)');
  for (const [label, item, isDay] of [
    [isToday ? 'TODAY' : 'YESTERDAY', isToday ? 'precip_today' : 'precip_yesterday', true],
    ['MONTH TO DATE', 'precip_month_to_date', false],
  ] as const) {
    const isTrace = isDay && random.below(2) === 0;
    const observed = isTrace ? 0 : random.below(90);
    const normal = 9 + random.below(30);
    const wasTrace = isDay && random.below(3) === 0;
    const lastYear = random.below(99);
    const fields: Fields = { observed: isTrace ? null : decimal(observed, 2) };
    sheet.put(row, 2, label);
    if (isTrace) {
      sheet.put(row, 19, 'T');
      fields.observedMark = 'T';
    } else end(row, decimal(observed, 2), 22);
    if (isDay) {
      const record = 100 + random.below(200);
      const year = 1880 + random.below(130);
      end(row, decimal(record, 2), 36);
      sheet.put(row, 38, String(year));
      Object.assign(fields, { record: decimal(record, 2), recordYear: String(year) });
    }
    end(row, decimal(normal, 2), 48);
    end(row, decimal(observed - normal, 2), 55);
    Object.assign(fields, { normal: decimal(normal, 2), departure: decimal(observed - normal, 2) });
    if (wasTrace) {
      sheet.put(row, 62, 'T');
      Object.assign(fields, { lastYear: null, lastYearMark: 'T' });
    } else {
      end(row, decimal(lastYear, 2), 64);
      fields.lastYear = decimal(lastYear, 2);
    }
    live.push({ subject: `${page}.${item}`, fields });
    row++;
  }
  sheet.put(row, 2, 'SINCE JAN 1     22.56                     22.73  -0.17    16.39');
  sheet
    .put(row + 2, 0, 'SNOWFALL (IN)')
    .put(row + 3, 2, 'YESTERDAY        0.0          MM      MM   0.0    0.0      0.0');
  return { rows: sheet.rows, live };
}

const replaced = ({ rows }: Page, from: string, to: string): Page => ({
  rows: rows.map((row) => row.replace(from, to)),
  live: [],
});

/** Temperatures as the other layout has them: of the rest nothing has changed. */
function flagWidened(random: Random): Page {
  const { rows, live } = climate(random, { ...ESTIMATED, page: PLAIN.page });
  return { rows, live: live.filter(({ subject }) => /REPORT|precip/.test(subject)) };
}

const HOURS = Array.from({ length: 23 }, (_, index) => 6 + 3 * index);
const ROWS: readonly (readonly [element: string, every: number, least: number, most: number])[] = [
  ['TXN', 4, 30, 90],
  ['XND', 4, 1, 9],
  ['TMP', 1, 20, 99],
  ['TSD', 1, 1, 9],
  ['DPT', 1, -9, 70],
  ['DSD', 1, 1, 9],
  ['SKY', 1, 0, 100],
  ['SSD', 1, 1, 40],
  ['WDR', 1, 0, 36],
  ['WSP', 1, 0, 40],
  ['WSD', 1, 0, 9],
  ['GST', 1, 0, 60],
  ['GSD', 1, 0, 9],
  ['P06', 2, 0, 100],
  ['P12', 4, 0, 100],
  ['Q06', 2, 0, 50],
  ['Q12', 4, 0, 50],
  ['DUR', 4, 0, 9],
  ['T03', 1, 0, 60],
  ['T06', 2, 0, 60],
  ['T12', 4, 0, 60],
  ['PZR', 1, 0, 100],
  ['PSN', 1, 0, 100],
  ['PPL', 1, 0, 100],
  ['PRA', 1, 90, 100],
  ['S06', 2, 0, 9],
  ['SLV', 1, 40, 100],
  ['I06', 2, 0, 9],
  ['CIG', 1, 1, 99],
  ['IFC', 1, 0, 100],
  ['LCB', 1, 1, 99],
  ['VIS', 1, 10, 100],
  ['IFV', 1, 0, 100],
  ['MHT', 1, 5, 50],
  ['TWD', 1, 0, 36],
  ['TWS', 1, 0, 60],
  ['HID', 2, 1, 6],
  ['SOL', 1, 0, 99],
];

/** @param day of June 2022. */
function grid(random: Random, day = 5): Page {
  const rows: string[] = ['000', `FOUS16 KWNO ${pad(day, 2)}1200`, 'NBSUSA'];
  rows.push(`KQQQ    NBM V4.0 NBS GUIDANCE    6/${pad(day, 2)}/2022  1200 UTC`);
  rows.push(`DT /JUNE ${day}`);
  const live: Live = [
    {
      subject: 'NWS-MOS-NBS.REPORT',
      fields: { station: 'KQQQ', date: `2022-06-${pad(day, 2)}`, time: '12:00' },
    },
  ];
  const name = (hour: number): string => `h${pad(hour, 2)}`;
  const add = (element: string, values: readonly (number | undefined)[], width: number): void => {
    const cells = values.map((value) => (value === undefined ? '' : width === 2 ? pad(value, 2) : String(value)));
    rows.push(`${element} ${cells.map((cell) => cell.padStart(3)).join('')}`);
    const fields: Fields = {};
    values.forEach((value, index) => {
      if (value !== undefined) fields[name(HOURS[index]!)] = String(value);
    });
    live.push({ subject: `NWS-MOS-NBS.${element}`, fields });
  };
  add(
    'UTC',
    HOURS.map((hour) => (12 + hour) % 24),
    2,
  );
  add('FHR', HOURS, 2);
  for (const [element, every, least, most] of ROWS) {
    add(
      element,
      HOURS.map((_, index) => {
        // Every six hours from the first on, every twelve from the third on.
        const isGiven = every === 1 || (every === 2 ? index % 2 === 0 : index % 4 === 2);
        if (!isGiven) return undefined;
        // No clouds, no ceiling.
        return element === 'CIG' && random.below(4) === 0 ? -88 : least + random.below(most - least + 1);
      }),
      3,
    );
  }
  return { rows, live };
}

const STATIONS: readonly (readonly [string, string])[] = [
  ['WHKM4', 'White Pond'],
  ['ADG', 'Aldersby Airport'],
  ['ARB', 'Arborfield Airport'],
  ['BAX', 'Baxter Airport'],
  ['CFS', 'Caxton Airport-Tull'],
  ['DET', 'Deering City Airport'],
  ['DTW', 'Deering Metro Airprt'],
  ['FNT', 'Fenton Airport'],
  ['ONZ', 'Ozney Isle Airport'],
  ['OZW', 'Howe Airport'],
  ['DUH', 'Lambury Airport'],
  ['D95', 'Lapis Airprt'],
  ['IKW', 'Mid Airport'],
  ['TTF', 'Monk Airport'],
  ['MTC', 'Mt Clover Field'],
  ['RNP', 'Owls Airport'],
  ['PTK', 'Ponty Airport'],
  ['P58', 'Port Hope'],
  ['PHN', 'Port Hurst Airport'],
  ['MBS', 'Sago - Tri Cities'],
  ['HYX', 'Sago-Harry Brown'],
  ['VLL', 'Oaks/Troy Airport'],
];

function stations(random: Random): Page {
  const rows = [
    '261',
    'ASUS63 KDTX 200003',
    'RTPDTX',
    'EVENING TEMPERATURE AND PRECIPITATION SUMMARY',
    'NATIONAL WEATHER SERVICE DETROIT/PONTIAC MI',
    '803 PM EDT Tue Jun 7 2022',
    '',
    'Values represent 18 hour high...low over the last 18 hours',
    'and precipitation over the last 24 hours since 8 PM EDT.',
    '',
    '',
    '.BR DTX  0607  ES DH19/TAIRZS/TAIRZI/TA/PPDRZZ',
    '',
    '',
    ':SOUTHEAST MICHIGAN -- TEMPERATURE AND PRECIPITATION STATIONS',
    `:${'.'.repeat(56)}`,
    ':       STATION              MAX  / MIN  / 8 PM / 24-HR',
    ':        NAME                TEMP / TEMP / TEMP / PRECIP',
    `:${'.'.repeat(56)}`,
  ];
  const live: Live = [];
  for (const [station, name] of STATIONS) {
    const min = 40 + random.below(15);
    const now = min + random.below(20);
    const max = now + random.below(20);
    const manual = random.below(2) === 0;
    const isMissing = random.below(8) === 0;
    const precip = manual ? '' : random.below(4) === 0 ? 'T' : decimal(random.below(150), 2);
    const cells = [String(min), isMissing ? 'M' : String(now)].map((cell) => `/${cell.padStart(4)}  `);
    rows.push(
      `${station.padEnd(5)}:${manual ? '*' : ' '}${name.padEnd(20)}:${String(max).padStart(5)} ${cells.join('')}/ ${precip}`,
    );
    const fields: Fields = { station, name, manual, max: String(max), min: String(min) };
    fields.at8pm = isMissing ? null : String(now);
    if (isMissing) fields.at8pmMark = 'M';
    fields.precip24 = precip === '' || precip === 'T' ? null : precip;
    live.push({ subject: `NWS-RTPDTX.${station}`, fields });
  }
  rows.push('.END', '', '*The temperature data for these sites represent the highest and');
  return { rows, live };
}

export const NWS: Readonly<Record<string, readonly Made[]>> = {
  'nws-cli': [
    good('yesterday', (random) => climate(random, PLAIN), 301),
    good('today', (random) => climate(random, PLAIN, 2, true), 302),
    none('columns-moved', (random) => replaced(climate(random, PLAIN), 'RECORD YEAR', ' RECORD YEAR'), 303),
    { ...good('flag-widened', (random) => flagWidened(random), 304), drifted: true },
  ],
  'nws-cli-estimated': [
    good('yesterday', (random) => climate(random, ESTIMATED), 311),
    good('today', (random) => climate(random, ESTIMATED, 2, true), 312),
    none('columns-moved', (random) => replaced(climate(random, ESTIMATED), 'RECORD YEAR', ' RECORD YEAR'), 313),
  ],
  'nws-mos-nbs': [
    good('fifth', (random) => grid(random), 321),
    good('sixth', (random) => grid(random, 6), 322),
    none('other-version', (random) => replaced(grid(random), 'NBM V4.0', 'NBM V5.0'), 323),
  ],
  'nws-rtp-dtx': [
    good('evening', stations, 331),
    good('another-evening', stations, 332),
    none('columns-renamed', (random) => replaced(stations(random), 'MAX  / MIN', 'MIN  / MAX'), 333),
  ],
};
