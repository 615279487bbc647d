import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The recorded IEX TOPS session of 2017-07-10. */
const RECORDED_IEX = 'shared/captures/iex-tops16-2017-07-10.pcapng.gz';
/** From tools/build/src/bench to the folder that the repository lies in. */
const ABOVE_REPOSITORY = '../../../../../';

/** The path of the recorded IEX session beside the repository; undefined where there is none. */
export function recordedIex(): string | undefined {
  const path = fileURLToPath(new URL(ABOVE_REPOSITORY + RECORDED_IEX, import.meta.url));
  return existsSync(path) ? path : undefined;
}
