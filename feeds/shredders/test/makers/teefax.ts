// Pages of a weather service that never was.
import type { Random } from '@tickerplant/core';
import { decimal, type Fields, good, type Made, none, pad, Sheet } from '../making.ts';

type Page = Pick<Made, 'rows' | 'live' | 'today'>;

/** 13 September 2019, a Friday. */
const TODAY = 18_152;
const DIRECTIONS = ['N', 'NE', 'ESE', 'S', 'SSW', 'W', 'NNW'];
const TRENDS = ['steady', 'rising slowly', 'rising', 'falling quickly'];
const FORECASTS = ['Fine, later cloudy.', 'Rain at first.', 'Showery, then settled.'];

function weather(random: Random, hasForecast = true): Page {
  const sheet = new Sheet(25, 40);
  const hour = 9 + random.below(8);
  const pageTime = `Fri, 13 Sep at ${pad(hour)}:47 BST`;
  const forecastTime = `Fri, 13 Sep at ${pad(hour - 2)}:47 BST`;
  const temperatureC = decimal(50 + random.below(200), 1);
  const humidityPct = String(40 + random.below(60));
  const wind = DIRECTIONS[random.below(DIRECTIONS.length)]!;
  const windMph = String(random.below(30));
  const rainMm = decimal(random.below(30), 1);
  const pressureHpa = String(990 + random.below(50));
  const trend = TRENDS[random.below(TRENDS.length)]!;
  const cloudBaseM = String(100 + random.below(1200));
  const forecast = FORECASTS[random.below(FORECASTS.length)]!;
  sheet.put(1, 1, 'somewhere weather').put(5, 0, pageTime).put(6, 0, `Temperature: ${temperatureC}C`);
  sheet.put(7, 0, `Humidity:    ${humidityPct}%`).put(8, 0, `Wind: ${wind}, ${windMph} mph`);
  sheet.put(9, 0, `Rain: ${rainMm} mm`).put(10, 0, `Pressure: ${pressureHpa} hPa, ${trend}`);
  sheet.put(11, 0, `Cloud base: ${cloudBaseM} m`).put(12, 0, '12 hour weather forecast, computed on');
  if (hasForecast) sheet.put(13, 0, `${forecastTime}:`).put(14, 0, forecast);
  const fields: Fields = {
    pageTime,
    temperatureC,
    humidityPct,
    windDir: wind.toLowerCase(),
    windMph,
    rainMm,
    pressureHpa,
  };
  Object.assign(fields, { pressureTrend: trend.replaceAll(' ', '-'), cloudBaseM });
  if (hasForecast) Object.assign(fields, { forecastTime, forecast });
  return { rows: sheet.rows, live: [{ subject: 'TEEFAX-531.STATION', fields }], today: TODAY };
}

/** Where temperatures stand, from the north to the south. */
const PLACES: readonly (readonly [row: number, column: number])[] = [
  ...([
    [3, 18],
    [6, 19],
    [9, 20],
    [11, 11],
    [11, 21],
    [14, 24],
    [16, 22],
    [17, 27],
    [18, 21],
    [20, 26],
    [21, 18],
  ] as const),
];

/** @param shift columns that the map has moved. */
function map(random: Random, shift = 0): Page {
  const sheet = new Sheet(25, 40);
  sheet
    .put(1, 14, ['Today', 'Tomorrow', 'Friday Evening'][random.below(3)]!)
    .put(2, 36, '1/2')
    .put(23, 11, 'From the Met Office');
  const title = sheet.rows[1]!.trim();
  const fields: Fields = { title };
  let temperature = 8 + random.below(8);
  for (const [row, column] of PLACES) {
    temperature = Math.max(1, temperature + random.below(5) - 2);
    sheet
      .put(row, column - 4 + shift, 'o~s')
      .put(row, column + shift, pad(temperature))
      .put(row, column + 3 + shift, 'ww');
    fields[`t${row}_${column}`] = String(temperature);
  }
  sheet.put(8, 30, 'Cloudy').put(13, 30, 'Light Rain');
  return { rows: sheet.rows, live: [{ subject: 'TEEFAX-401.MAP', fields }] };
}

const renamed = (page: Page, from: string, to: string): Page => ({
  ...page,
  rows: page.rows.map((row) => row.replace(from, to)),
});

export const TEEFAX: Readonly<Record<string, readonly Made[]>> = {
  'teefax-weather': [
    good('morning', weather, 131),
    good('without-forecast', (random) => weather(random, false), 132),
    none('fahrenheit', (random) => renamed(weather(random), 'C  ', 'F  '), 133),
    // The day of the week is not that of the date.
    none('wrong-day', (random) => renamed(weather(random), 'Fri, 13', 'Thu, 13'), 134),
  ],
  'teefax-map': [good('evening', map, 141), good('next-day', map, 142), none('moved', (random) => map(random, 1), 143)],
};
