export { type ClientLink, PageServer, type PageServerOptions } from './interactive/page-server.ts';
export { PageCatalogue, type StyleName } from './simulator/page-catalogue.ts';
export { type Layout, SimulatedPage, type TrueRecord, type TrueValue } from './simulator/simulated-page.ts';
