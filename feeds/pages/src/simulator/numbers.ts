/** A whole number of units of 10^-places as text: `fixed(10841, 4)` is `1.0841`. */
export function fixed(units: number, places: number): string {
  const digits = String(Math.abs(units)).padStart(places + 1, '0');
  const sign = units < 0 ? '-' : '';
  return places === 0 ? sign + digits : `${sign}${digits.slice(0, -places)}.${digits.slice(-places)}`;
}

/** As `fixed`, with a comma behind each thousand. */
export function grouped(units: number, places: number): string {
  const [whole, rest] = fixed(units, places).split('.');
  const text = whole!.replace(/\B(?=(\d{3})+$)/g, ',');
  return rest === undefined ? text : `${text}.${rest}`;
}

/** As `fixed`, always with its sign. */
export function signed(units: number, places: number): string {
  return units < 0 ? fixed(units, places) : `+${fixed(units, places)}`;
}

/** A number of 2^-power units as an exact decimal, without zeros at its end: `binary(25628, 8)` is `100.109375`. */
export function binary(units: number, power: number): string {
  // Each halving is one decimal place more: n / 2^p = n * 5^p / 10^p, exact up to 2^53.
  return fixed(units * 5 ** power, power).replace(/\.?0+$/, '');
}

/** A fraction of 32nds in its lowest terms: 12 is `3/8`. */
export function fractionOf32(units: number): string {
  let numerator = units;
  let denominator = 32;
  while (numerator % 2 === 0) {
    numerator /= 2;
    denominator /= 2;
  }
  return `${numerator}/${denominator}`;
}

/** A move of a market that doesn't leave its page behind: one that would lead further than `most` from its beginning leads back. */
export function staying(move: number, away: number, most: number): number {
  return Math.abs(away + move) > most ? -move : move;
}

/** Time of day as `14:32`. */
export function hoursAndMinutes(secondOfDay: number): string {
  const minutes = Math.floor(secondOfDay / 60) % 1440;
  return `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`;
}
