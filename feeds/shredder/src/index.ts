export { compile, compileYaml } from './declare.ts';
export { PageReader } from './page-reader.ts';
export { reasonText, type Reason, type ReasonCode } from './reasons.ts';
export { Shredder } from './shredder.ts';
