export { orAborted, SharedTask, throwIfAborted, within } from './abort';
export { crc32, crc32c } from './crc';
export {
  BioImageError,
  ERROR_CODES,
  isAbort,
  isBioImageError,
  isErrorCode,
  messageAndHint,
  toBioImageError
} from './errors';
export type { ErrorCode } from './errors';
export { MAX_SILENCE, readFrames } from './frames';
export type { IFrame } from './frames';
export { InflateError, inflateExactly, inflateWithin } from './inflate';
export { invalid } from './invalid';
export {
  asArray,
  asBoolean,
  asInteger,
  asNumber,
  asObject,
  asString,
  MAX_DOCUMENT_BYTES,
  optional,
  parseJson,
  parseJsonExact
} from './json';
export { ByteLru } from './lru';
export { isOffline, OFFLINE } from './online';
export { formatQuantity, scaleBar, unitRatio } from './quantity';
export { Registry } from './registry';
export type { IDisposableLike } from './registry';
export { heard, localised, Said, saidTogether, say } from './say';
export type { ISpeaker, SaidPart } from './say';
export { cleanText, showUnseen } from './text';
export { Turns } from './turns';
