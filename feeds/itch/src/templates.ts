import { type TemplateSpec, tradeTemplates } from '@tickerplant/feed-runtime';
import { standardDictionary, UpdateType } from '@tickerplant/records';

/** Prices are in 1/10,000 dollar. */
const EXPONENT = -4;
/** Levels of a depth item on each side. */
export const DEPTH_LEVELS = 10;

const dictionary = standardDictionary();

function template(
  name: string,
  updateType: UpdateType,
  bytesMax: number,
  fields: string,
  exponent = EXPONENT,
): TemplateSpec {
  return { name, updateType, exponent, fids: fields.split(' ').map((field) => dictionary.fid(field)), bytesMax };
}

/** Fields of some levels of one side: time, then price, size and number of orders of each. */
function depthFields(side: 'BID' | 'ASK', from: number, to: number): string {
  const letter = side[0]!;
  const fields = ['LV_TIM_NS'];
  for (let level = from; level <= to; level++) {
    const size = level < 10 ? `BEST_${letter}SIZ${level}` : `BEST_${letter}SZ${level}`;
    fields.push(`BEST_${side}${level}`, size, `${side}_NORD${level}`);
  }
  return fields.join(' ');
}

/** A change that moves levels is sent from one of these levels on, so that one message is the whole change. */
export const DEPTH_RUNS: readonly number[] = [1, 4, 7];
/** A change of one level's size, nine of ten, is sent alone down to this level: 18 bytes in place of a hundred. */
export const DEPTH_SINGLES = 6;

function depthTemplates(side: 'BID' | 'ASK'): TemplateSpec[] {
  const runs = DEPTH_RUNS.map((from) =>
    template(`${side}S_FROM_${from}`, UpdateType.DEPTH, 320, depthFields(side, from, DEPTH_LEVELS)),
  );
  const singles = Array.from({ length: DEPTH_SINGLES }, (_, index) =>
    template(`${side}_LEVEL_${index + 1}`, UpdateType.DEPTH, 60, depthFields(side, index + 1, index + 1)),
  );
  return [...runs, ...singles];
}

const { trade, correction } = tradeTemplates(EXPONENT);

/** The templates of every channel that carries ITCH records or depth; a template's number is its place here. */
export const ITCH_TEMPLATES: readonly TemplateSpec[] = [
  template('QUOTE', UpdateType.QUOTE, 80, 'BID BIDSIZE NUM_BIDS ASK ASKSIZE NUM_ASKS QUOTIM_NS QUOTE_DATE'),
  trade,
  correction,
  template('STATUS', UpdateType.STATUS, 80, 'TRD_STATUS HALT_REASN OPER_HALT SHORT_TEST RETAIL_INT'),
  template('INSTRUMENT', UpdateType.REFERENCE, 80, 'DSPLY_NAME RDN_EXCHD2 CURRENCY'),
  template('DIRECTORY', UpdateType.REFERENCE, 80, 'LOT_SIZE MKT_SEGMNT LULD_TIER TEST_SEC'),
  template('IMBALANCE', UpdateType.STATUS, 100, 'AUC_TYPE AUC_PAIRED AUC_REF AUC_FAR AUC_NEAR IND_AUC IMB_SH IMB_SIDE'),
  template('CROSS', UpdateType.REFERENCE, 100, 'OPN_AUC OPN_AUCVOL CLS_AUC CLS_AUCVOL OFF_CLOSE CRSS_VOL'),
  template('COLLAR', UpdateType.STATUS, 80, 'COLLAR_REF COLLAR_LOW COLLAR_HI'),
  template('OFFERING', UpdateType.STATUS, 80, 'AUC_TIME IPO_PRC'),
  template('LISTING', UpdateType.STATUS, 80, 'PRC_MIN PRC_MAX AUC_NEAR COLLAR_LOW COLLAR_HI'),
  template('MARKET', UpdateType.STATUS, 80, 'PERIOD_CD2 INST_PHASE MWCB_HIT TIMACT_NS ACTIV_DATE'),
  template('BREAKERS', UpdateType.REFERENCE, 80, 'MWCB_LVL1 MWCB_LVL2 MWCB_LVL3', -8),
  ...depthTemplates('BID'),
  ...depthTemplates('ASK'),
];
export const QUOTE = 0;
export const TRADES = 1;
export const CORRECTION = 2;
export const STATUS = 3;
export const INSTRUMENT = 4;
export const DIRECTORY = 5;
export const IMBALANCE = 6;
export const CROSS = 7;
export const COLLAR = 8;
export const OFFERING = 9;
export const LISTING = 10;
export const MARKET = 11;
export const BREAKERS = 12;
export const BIDS = 13;
export const ASKS: number = BIDS + DEPTH_RUNS.length + DEPTH_SINGLES;
