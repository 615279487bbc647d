import type { FloorFeed } from './floor.ts';

/**
 * The service whose items are asked of the vendor when somebody wants them: pages on request. Undefined: all that the feed has
 * comes by itself, or is made of what comes.
 */
export function askedService({ servers, services }: FloorFeed): string | undefined {
  return servers.length > 0 ? services.pages : undefined;
}
