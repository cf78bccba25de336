export { DECODED, OTHERS } from './compression';
export type { Compression } from './compression';
export { decodeTiff } from './decode/decode';
export type { IDecodeTools, ITiffDocument, ITiffMore } from './decode/spec';
export { openTiff } from './open';
