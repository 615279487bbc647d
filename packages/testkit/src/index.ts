export { FakeClock } from './fake-clock.ts';
export { type LossyLink, lossyLink } from './lossy-link.ts';
export { testPorts } from './ports.ts';
export { sharedDir } from './shared.ts';
export { SlowCache, type SlowItem } from './slow-cache.ts';
