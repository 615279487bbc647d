export type { VendorValue } from './encoder.ts';
export { SimulatedMarket, type VendorRecord } from './market.ts';
export { FIDS } from './normaliser.ts';
export { INTERACTIVE } from './protocol.ts';
export { InteractiveVendor, type InteractiveVendorOptions } from './simulator.ts';
