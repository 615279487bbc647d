import type { Made } from '../making.ts';
import { AGTEXT } from './agtext.ts';
import { CEEFAX } from './ceefax.ts';
import { CLI } from './cli.ts';
import { FXFX } from './fxfx.ts';
import { NTV } from './ntv.ts';
import { NWS } from './nws.ts';
import { TEEFAX } from './teefax.ts';
import { TREASURY } from './treasury.ts';

/** Fixtures in the layouts of real pages. */
export const FAMILIES: Readonly<Record<string, readonly Made[]>> = {
  fxfx: FXFX,
  ...AGTEXT,
  ...CEEFAX,
  ...CLI,
  ...NTV,
  ...NWS,
  ...TEEFAX,
  ...TREASURY,
};
