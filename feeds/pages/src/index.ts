export { type ClientLink, PageServer, type PageServerOptions } from './interactive/page-server.ts';
export { type PageHandlerOptions, startPageHandler } from './interactive-page-shell.ts';
export type { PageWatcher, PageWatcherFactory } from './page-watcher.ts';
export { PageFormat } from './payload.ts';
export { PAGE_ROLES, PAGES } from './protocol.ts';
export { PageCatalogue, type StyleName } from './simulator/page-catalogue.ts';
export { type Layout, SimulatedPage, type TrueRecord, type TrueValue } from './simulator/simulated-page.ts';
export { doVendorCommand, VENDOR_COMMANDS, type VendorControls } from './simulator/vendor-commands.ts';
