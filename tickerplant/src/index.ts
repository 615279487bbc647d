export { CurrentValues, type ImageSink, type MessageFault } from './cache.ts';
