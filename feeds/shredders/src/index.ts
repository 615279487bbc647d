export { type Fixture, fixturesOf } from './fixtures.ts';
export { loadShredder, shredderNames, shredderPath } from './shipped.ts';
