import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The recorded IEX TOPS session of 2017-07-10. */
const RECORDED_IEX = 'shared/captures/iex-tops16-2017-07-10.pcapng.gz';
/** A week of two teletext pages: packets of 42 bytes. */
const RECORDED_TELETEXT = 'shared/pages/teefax/teefax-week.t42';
/** What programs sent to terminals, each with the size of its screen. */
const RECORDED_TERMINALS = 'shared/pages/ansi-terminal';
/** From tools/build/src/bench to the folder that the repository lies in. */
const ABOVE_REPOSITORY = '../../../../../';

/** The path of the recorded IEX session beside the repository; undefined where there is none. */
export function recordedIex(): string | undefined {
  return beside(RECORDED_IEX);
}

/** The path of the recorded teletext packets beside the repository; undefined where there are none. */
export function recordedTeletext(): string | undefined {
  return beside(RECORDED_TELETEXT);
}

/** The folder of the recorded terminal sessions beside the repository; undefined where there is none. */
export function recordedTerminals(): string | undefined {
  return beside(RECORDED_TERMINALS);
}

function beside(name: string): string | undefined {
  const path = fileURLToPath(new URL(ABOVE_REPOSITORY + name, import.meta.url));
  return existsSync(path) ? path : undefined;
}
